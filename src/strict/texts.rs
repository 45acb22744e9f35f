//! Keys that a text sets twice: values files and rendered documents.

use super::Finding;
use crate::source::{SourceId, SourceKind, Sources, Span, line_col};
use crate::yaml::read;

const NAME: &str = "duplicate-key";

/// Duplicate keys in every values file that was read.
pub(super) fn duplicates_in_values(sources: &Sources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, source) in sources.all() {
        let is_values = matches!(
            source.kind,
            SourceKind::ValuesFile | SourceKind::Stdin | SourceKind::ChartValues { .. }
        );
        if !is_values {
            continue;
        }
        for duplicate in read::duplicates(&source.text, id) {
            let first = sources.key_span(duplicate.first, &duplicate.key);
            let second = sources.key_span(duplicate.second, &duplicate.key);
            let line = source.line_col(first.start).line;
            findings.push(Finding {
                name: NAME,
                place: sources.describe(second),
                message: format!(
                    "{:?} is set a second time; the value of line {line} is lost",
                    duplicate.key
                ),
                hint: None,
            });
        }
    }
    findings
}

/// Duplicate keys in a rendered document.
pub(super) fn duplicates_in_document(path: &str, text: &[u8]) -> Vec<Finding> {
    let Ok((doc, duplicates)) = read::parse_noting_duplicates(text, SourceId::NONE) else {
        return Vec::new();
    };
    let word = |path: &[&str]| {
        let found = path.iter().try_fold(&doc, |doc, key| doc.get(key));
        found.and_then(|doc| doc.as_str()).unwrap_or_default().to_owned()
    };
    let object = format!("{}/{}", word(&["kind"]), word(&["metadata", "name"]));
    let line = |span: Span, key: &str| {
        let before = &text[..(span.start as usize).min(text.len())];
        let at = before.windows(key.len().max(1)).rposition(|window| window == key.as_bytes());
        line_col(text, at.unwrap_or(span.start as usize)).line
    };
    let findings = duplicates.into_iter().map(|duplicate| Finding {
        name: NAME,
        place: path.to_owned(),
        message: format!(
            "{:?} is set twice in {object}: lines {} and {} of the document",
            duplicate.key,
            line(duplicate.first, &duplicate.key),
            line(duplicate.second, &duplicate.key)
        ),
        hint: None,
    });
    findings.collect()
}
