//! What a render has noted: keys that are missing, numbers that turn into exponents.

use super::Finding;
use crate::diag::Frame;
use crate::diag::nearest::nearest;
use crate::doc::Doc;
use crate::doc::decode::push_key;
use crate::doc::uses::Seg;
use crate::gotpl::watch::{Exponent, Missing, Notes};
use crate::source::Sources;

/// Findings of a render's notes.
pub(super) fn check(notes: &Notes, values: &Doc, sources: &Sources) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        notes.missing.iter().map(|missing| absent(missing, values)).collect();
    for exponent in &notes.exponents {
        let finding = with_exponent(exponent, sources);
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    findings
}

fn absent(missing: &Missing, values: &Doc) -> Finding {
    let place = place(&missing.place);
    let Some(parent) = &missing.path else {
        let message = format!("{:?} is in no map that the template has here", missing.name);
        return Finding { name: "missing-key", place, message, hint: None };
    };
    let mut path = shown(parent);
    push_key(&mut path, &missing.name);
    let table = parent.iter().try_fold(values, |doc, seg| match seg {
        Some(key) => doc.get(key),
        None => None,
    });
    let names = table.and_then(Doc::as_map).into_iter().flat_map(|map| map.keys());
    let hint = nearest(&missing.name, names.map(|key| &**key))
        .map(|near| format!("did you mean {near:?}?"));
    let message = format!("{path} is not set, and the template does not provide for that");
    Finding { name: "missing-key", place, message, hint }
}

fn with_exponent(exponent: &Exponent, sources: &Sources) -> Finding {
    let line = place(&exponent.place);
    let number = exponent.number as i64;
    let written = format!("is written as {}", exponent.text);
    let (place, message) = match &exponent.value {
        Some((path, span)) => {
            let path = shown(path);
            let place = super::place(sources, *span);
            let message = format!("{path}: {number} {written} by {line}");
            if place.is_empty() { (line, message) } else { (place, message) }
        }
        None => (line, format!("{number} {written}")),
    };
    let hint = "convert it with int64 in the template, or put the value in quotes";
    let hint = Some(hint.to_owned());
    Finding { name: "number-exponent", place, message, hint }
}

/// The place of a frame.
fn place(frame: &Frame) -> String {
    match frame {
        Frame::Exec { file, line, col, .. } => format!("{file}:{line}:{}", col + 1),
        Frame::Wrap(text) => text.clone(),
    }
}

fn shown(path: &[Seg]) -> String {
    let mut text = String::new();
    for seg in path {
        match seg {
            Some(key) => push_key(&mut text, key),
            None => text.push_str("[]"),
        }
    }
    text
}
