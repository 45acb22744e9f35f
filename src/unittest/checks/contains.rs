//! `contains` for lists, `isSubset` for maps.

use super::walk::{each_document, each_value};
use super::{Verdict, View};
use crate::unittest::info::{self, Section, actual, expected};
use crate::unittest::snapshot::snapshot_text;
use crate::yaml::any::{Any, AnyMap};

/// Whether every key of `part` has an equal value; a null matches a missing key.
fn holds(whole: &AnyMap, part: &AnyMap) -> bool {
    part.entries().iter().all(|entry| {
        let key = entry.key.as_str().unwrap_or_default();
        *whole.get(key).unwrap_or(&Any::Null) == entry.value
    })
}

fn complain(
    view: &View<'_>,
    path: &str,
    wanted: &Any,
    found: &Any,
    index: Option<usize>,
    at: Option<usize>,
) -> Vec<String> {
    let (wanted, found) = (snapshot_text(wanted), snapshot_text(found));
    let what = expected(view.negative, " to contain", &wanted);
    info::lines(index, at, &[Section::Path(path), what, actual(&found)])
}

pub(super) fn contains(
    view: &View<'_>,
    path: &str,
    content: &Any,
    count: Option<i64>,
    any: bool,
) -> Verdict {
    let wanted = Any::list(vec![content.clone()]);
    let nothing = || complain(view, path, &wanted, &Any::from("no manifest found"), Some(0), None);
    let is_hit = |item: &Any| match (item.as_text_map(), content.as_text_map()) {
        (Some(whole), Some(part)) if any => holds(whole, part),
        _ => item == content,
    };
    each_document(view, nothing, |document, index| {
        each_value(view, document, index, path, false, |value, at| {
            let place = (Some(index), Some(at));
            let Some(items) = value.as_list() else {
                let shown = snapshot_text(value);
                let why = format!("expect '{path}' to be an array, got:\n{shown}");
                return Err(info::error(place.0, place.1, &why));
            };
            let hits = items.iter().filter(|item| is_hit(item)).count() as i64;
            let good = hits > 0 && count.is_none_or(|count| count == hits);
            if good != view.negative {
                return Ok(());
            }
            match count {
                Some(count) if hits > 0 => {
                    let shown = snapshot_text(value);
                    let why = format!(
                        "expect count {count} in '{path}' to be in array, got {hits}:\n{shown}"
                    );
                    Err(info::error(place.0, place.1, &why))
                }
                _ => Err(complain(view, path, &wanted, value, place.0, place.1)),
            }
        })
    })
}

pub(super) fn subset(view: &View<'_>, path: &str, content: &Any) -> Verdict {
    let nothing = || complain(view, path, content, &Any::from("no manifest found"), None, None);
    each_document(view, nothing, |document, index| {
        each_value(view, document, index, path, false, |value, at| {
            let place = (Some(index), Some(at));
            let (Some(whole), Some(part)) = (value.as_text_map(), content.as_text_map()) else {
                let shown = snapshot_text(value);
                let why = format!("expect '{path}' to be an object, got:\n{shown}");
                return Err(info::error(place.0, place.1, &why));
            };
            if holds(whole, part) == view.negative {
                return Err(complain(view, path, content, value, place.0, place.1));
            }
            Ok(())
        })
    })
}
