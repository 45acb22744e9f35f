//! Label selectors: their syntax, and what they match.

use super::super::cursor::At;
use super::super::finding::Finding;
use super::super::structure::invalid_enum;
use super::meta;
use crate::doc::Doc;

/// Checks a `LabelSelector`.
pub(super) fn check(at: At<'_>) {
    if let Some(map) = at.get("matchLabels") {
        meta::labels(map);
    }
    for expression in at.each("matchExpressions") {
        requirement(expression, &["In", "NotIn", "Exists", "DoesNotExist"]);
    }
}

/// Checks one expression: key, operator and whether it has values.
pub(super) fn requirement(at: At<'_>, operators: &[&str]) {
    if let Some(key) = at.get("key")
        && let Some(text) = key.doc.as_str()
        && !super::super::formats::is_qualified_name(text)
    {
        super::super::formats::bad(key, "qualified-name", "is no label key");
    }
    let Some(operator) = at.get("operator") else { return };
    let Some(text) = operator.doc.as_str() else { return };
    let values = at.get("values").and_then(|values| values.doc.as_list()).unwrap_or_default().len();
    match text {
        _ if !operators.contains(&text) => {
            operator.report(invalid_enum(text, operators.iter().copied()));
        }
        "In" | "NotIn" if values == 0 => {
            at.report_missing("values", needs(&format!("{text} needs values")));
        }
        "Gt" | "Lt" if values != 1 => {
            at.report_missing("values", needs(&format!("{text} needs exactly one value")));
        }
        "Exists" | "DoesNotExist" if values > 0 => {
            let message = format!("{text} takes no values");
            let finding = Finding::new("exclusive-fields", message).rule("selector-values");
            at.child_of("values").report(finding);
        }
        _ => {}
    }
}

fn needs(message: &str) -> Finding {
    Finding::new("missing-required", message).rule("selector-values")
}

/// Whether a `LabelSelector` matches labels.
pub fn matches(selector: &Doc, labels: Option<&Doc>) -> bool {
    let label = |key: &str| labels.and_then(|labels| labels.get(key)).and_then(Doc::as_str);
    let pairs = selector.get("matchLabels").and_then(Doc::as_map);
    let all = pairs.is_none_or(|pairs| {
        pairs.iter().all(|(key, value)| label(key) == Some(value.as_str().unwrap_or_default()))
    });
    let list = selector.get("matchExpressions").and_then(Doc::as_list).unwrap_or_default();
    all && list.iter().all(|expression| {
        let text = |key: &str| expression.get(key).and_then(Doc::as_str).unwrap_or_default();
        let values = expression.get("values").and_then(Doc::as_list).unwrap_or_default();
        let value = label(text("key"));
        let within = value.is_some_and(|value| values.iter().any(|it| it.as_str() == Some(value)));
        match text("operator") {
            "In" => within,
            "NotIn" => !within,
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => true,
        }
    })
}
