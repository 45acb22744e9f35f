//! `greaterOrEqual`, `lessOrEqual`.

use super::walk::{each_document, each_value};
use super::{Verdict, View};
use crate::unittest::info::{self, Section, expected};
use crate::yaml::any::Any;

pub(super) fn order(view: &View<'_>, path: &str, wanted: &Any, greater: bool) -> Verdict {
    let word = if greater { "greater" } else { "less" };
    let complain = |text: &str, index, at| {
        let what = format!(" to be {word} then or equal to, got");
        info::lines(index, at, &[Section::Path(path), expected(view.negative, &what, text)])
    };
    each_document(
        view,
        || complain("no manifests found", None, None),
        |document, index| {
            each_value(view, document, index, path, true, |found, at| {
                let (found_type, wanted_type) = (go_type(found), go_type(wanted));
                if found_type != wanted_type {
                    let why = format!(
                        "actual '{found_type}' and expected '{wanted_type}' types do not match"
                    );
                    return Err(info::error(Some(index), Some(at), &why));
                }
                let Some(order) = compare(found, wanted) else {
                    let why = format!("unsupported type '{wanted_type}'");
                    return Err(complain(&why, Some(index), Some(at)));
                };
                // The opposite of "greater or equal" holds for all values in helm-unittest, and
                // suites have come to rely on it.
                let good = if greater {
                    order.is_ge() || view.negative
                } else {
                    order.is_le() != view.negative
                };
                if good {
                    return Ok(());
                }
                let (found, wanted) = (shown(found), shown(wanted));
                let why = format!(
                    "the actual '{found}' is not {word} or equal to the expected '{wanted}'"
                );
                Err(complain(&why, Some(index), Some(at)))
            })
        },
    )
}

fn go_type(value: &Any) -> &'static str {
    match value {
        Any::Null => "%!s(<nil>)",
        other => other.type_name(),
    }
}

fn shown(value: &Any) -> String {
    value.scalar_text().unwrap_or_default().into_owned()
}

fn compare(found: &Any, wanted: &Any) -> Option<std::cmp::Ordering> {
    match (found, wanted) {
        (Any::Str(found), Any::Str(wanted)) => Some(found.cmp(wanted)),
        (Any::Int(found), Any::Int(wanted)) => Some(found.cmp(wanted)),
        (Any::Float(found), Any::Float(wanted)) => found.partial_cmp(wanted),
        _ => None,
    }
}
