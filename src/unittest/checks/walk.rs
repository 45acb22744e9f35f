//! The walk that most checks share: every selected document, every match of a path.

use super::super::info;
use super::{Verdict, View};
use crate::unittest::document::Document;
use crate::yaml::any::Any;

/// Judges each document; all must pass. Without documents only the opposite holds, and
/// `nothing` says so.
pub(super) fn each_document(
    view: &View<'_>,
    nothing: impl FnOnce() -> Vec<String>,
    mut judge: impl FnMut(&Document, usize) -> Verdict,
) -> Verdict {
    if view.selected.is_empty() {
        return if view.negative { Verdict::passed() } else { Verdict::failed(nothing()) };
    }
    let mut verdict = Verdict::passed();
    for (index, document) in view.selected.iter().enumerate() {
        let found = judge(document, index);
        verdict.passed &= found.passed;
        verdict.info.extend(found.info);
        if !verdict.passed && view.fail_fast {
            break;
        }
    }
    verdict
}

/// Judges each match of a path in a document; all must pass, and `quoted` decides how a path
/// without match is shown. Without matches only the opposite holds.
pub(super) fn each_value(
    view: &View<'_>,
    document: &Document,
    index: usize,
    path: &str,
    quoted: bool,
    mut judge: impl FnMut(&Any, usize) -> Result<(), Vec<String>>,
) -> Verdict {
    let values = match document.values(path) {
        Ok(values) => values,
        Err(error) => return Verdict::failed(info::error(Some(index), None, &error)),
    };
    if values.is_empty() && !view.negative {
        let text =
            if quoted { format!("unknown path '{path}'") } else { format!("unknown path {path}") };
        return Verdict::failed(info::error(Some(index), None, &text));
    }
    let mut verdict = Verdict::passed();
    for (at, value) in values.into_iter().enumerate() {
        if let Err(info) = judge(value, at) {
            verdict.passed = false;
            verdict.info.extend(info);
            if view.fail_fast {
                break;
            }
        }
    }
    verdict
}
