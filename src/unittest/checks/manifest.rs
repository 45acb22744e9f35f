//! `isKind`, `isAPIVersion`, `containsDocument`, `hasDocuments`.

use super::walk::each_document;
use super::{Check, Verdict, View};
use crate::unittest::document::Document;
use crate::unittest::info::{self, actual, expected};
use crate::unittest::snapshot::snapshot_text;
use crate::yaml::any::Any;

pub(super) fn member(view: &View<'_>, key: &str, wanted: &str) -> Verdict {
    let complain = |found: &Any, index| {
        let found = snapshot_text(found);
        let mut sections = vec![expected(view.negative, &format!(" to be {key}"), wanted)];
        if !view.negative {
            sections.push(actual(&found));
        }
        info::lines(index, None, &sections)
    };
    each_document(
        view,
        || complain(&Any::from("no manifest found"), None),
        |document, index| {
            let found = document.get(key);
            if (found.as_str() == Some(wanted)) == view.negative {
                return Verdict::failed(complain(found, Some(index)));
            }
            Verdict::passed()
        },
    )
}

pub(super) fn documents(view: &View<'_>, count: i64, filter_aware: bool) -> Verdict {
    let documents = if filter_aware { view.selected } else { view.all };
    let found = documents.len() as i64;
    if (found == count) != view.negative {
        return Verdict::passed();
    }
    let (count, found) = (count.to_string(), found.to_string());
    let mut sections = vec![expected(view.negative, " documents count to be", &count)];
    if !view.negative {
        sections.push(actual(&found));
    }
    Verdict::failed(info::lines(None, None, &sections))
}

/// Whether a document fits; a kind or API version that it does not have is no obstacle.
fn fits(document: &Document, check: &Check) -> bool {
    let Check::Document { kind, api_version, name, namespace, .. } = check else { return false };
    let agrees = |key: &str, wanted: &str| document.get(key).as_str().is_none_or(|it| it == wanted);
    let has = |key: &str, wanted: &str| {
        let found = document.get("metadata").get(key);
        wanted.is_empty() || found.and_then(Any::as_str) == Some(wanted)
    };
    agrees("kind", kind)
        && agrees("apiVersion", api_version)
        && has("name", name)
        && has("namespace", namespace)
}

/// Without `any` every document must fit. Of the opposite one document that does not fit is
/// enough, unless `any` is set, too.
pub(super) fn document(view: &View<'_>, check: &Check) -> Verdict {
    let Check::Document { kind, api_version, name, namespace, any } = check else {
        return Verdict::passed();
    };
    let complain = |index| {
        let mut text = format!("Kind = {kind}, apiVersion = {api_version}");
        for (label, value) in [("Name", name), ("Namespace", namespace)] {
            if !value.is_empty() {
                text = format!("{text}, {label} = {value}");
            }
        }
        let what = expected(view.negative, " to contain document", &text);
        info::lines(Some(index), None, &[what])
    };
    if view.selected.is_empty() {
        return if view.negative { Verdict::passed() } else { Verdict::failed(complain(0)) };
    }
    let mut verdict = Verdict::passed();
    for (index, document) in view.selected.iter().enumerate() {
        let good = fits(document, check) != view.negative;
        if good && *any != view.negative {
            return Verdict::passed();
        }
        if !good {
            verdict.passed = false;
            verdict.info.extend(complain(index));
            if view.fail_fast {
                break;
            }
        }
    }
    verdict
}
