//! Values of the user against the defaults that they replace: kinds that differ, nulls that
//! remove nothing.

use super::known::{Known, Schemas};
use super::{Case, Finding};
use crate::doc::decode::push_key;
use crate::doc::{Doc, Node};

/// Checks every layer of the user.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let schemas = Schemas::new(case.chart);
    let mut findings = Vec::new();
    for at in 0..case.layers.len() {
        let below: Vec<&Doc> = case.layers[..at].iter().map(|layer| &layer.values).collect();
        let known = Known::root(case, &schemas);
        let mut walk = Walk { case, schemas: &schemas, findings: &mut findings };
        walk.check(&case.layers[at].values, &known, &below, &mut String::new());
    }
    findings
}

struct Walk<'a, 'f> {
    case: &'a Case<'a>,
    schemas: &'a Schemas,
    findings: &'f mut Vec<Finding>,
}

impl<'a> Walk<'a, '_> {
    /// `under` are the lower layers' words on the same path.
    fn check(&mut self, doc: &Doc, known: &Known<'a>, under: &[&Doc], path: &mut String) {
        let Some(map) = doc.as_map() else { return };
        let length = path.len();
        for (key, item) in map {
            push_key(path, key);
            let known = known.key(key, self.schemas, self.case.chart);
            // Unknown keys are reported as such.
            let is_known = known.is_some() || self.case.uses.is_none();
            // Where templates write out whatever they get, a null is part of the output.
            let is_written = known.as_ref().is_some_and(Known::is_open);
            let known = known.unwrap_or_default();
            let under: Vec<&Doc> = under.iter().filter_map(|doc| doc.get(key)).collect();
            let default = known.first_default();
            match (&item.node, default) {
                (Node::Null, None)
                    if is_known && !is_written && under.iter().all(|doc| doc.is_null()) =>
                {
                    let message = format!("{path}: there is no default that null could remove");
                    self.report("null-without-effect", item, message, None);
                }
                (Node::Null, _) => {}
                (_, Some(default)) if !known.schemas.iter().any(|place| place.is_typed()) => {
                    self.compare(item, default, path);
                }
                _ => {}
            }
            self.check(item, &known, &under, path);
            path.truncate(length);
        }
    }

    fn compare(&mut self, item: &Doc, default: &Doc, path: &str) {
        let (found, wanted) = (item.kind(), default.kind());
        if found == wanted {
            return;
        }
        // An empty text stands for "not set"; a number with a fraction was meant as a text.
        if default.as_str() == Some("") && !matches!(item.node, Node::Float(_)) {
            return;
        }
        let hint = match (&item.node, wanted) {
            (Node::Int(_) | Node::Int64(_) | Node::Float(_) | Node::Bool(_), "string") => {
                Some("put it in quotes, or use --set-string".to_owned())
            }
            (Node::Str(_), "number" | "boolean") => Some("write it without quotes".to_owned()),
            _ => None,
        };
        let place = self.case.sources.describe(default.span);
        let message = format!(
            "{path}: {} where the default is {} ({place})",
            article(found),
            article(wanted)
        );
        self.report("type-differs", item, message, hint);
    }

    fn report(&mut self, name: &'static str, item: &Doc, message: String, hint: Option<String>) {
        let place = super::place(self.case.sources, item.span);
        self.findings.push(Finding { name, place, message, hint });
    }
}

/// A kind with its article.
fn article(kind: &str) -> &'static str {
    match kind {
        "null" => "null",
        "boolean" => "a boolean",
        "number" => "a number",
        "string" => "a string",
        "array" => "a list",
        _ => "a map",
    }
}
