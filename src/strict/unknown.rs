//! Values of the user that nothing knows: no default, no schema, no template.

use std::fmt::Write as _;

use super::known::{Known, Schemas};
use super::{Case, Finding};
use crate::diag::nearest::nearest;
use crate::doc::decode::push_key;
use crate::doc::{Doc, Node};

/// Checks every layer of the user.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    if case.uses.is_none() {
        return Vec::new();
    }
    let schemas = Schemas::new(case.chart);
    let known = Known::root(case, &schemas);
    let mut walk = Walk { case, schemas: &schemas, findings: Vec::new() };
    for layer in case.layers {
        walk.check(&layer.values, &known, &mut String::new());
    }
    walk.findings
}

struct Walk<'a> {
    case: &'a Case<'a>,
    schemas: &'a Schemas,
    findings: Vec<Finding>,
}

impl<'a> Walk<'a> {
    fn check(&mut self, doc: &Doc, known: &Known<'a>, path: &mut String) {
        let length = path.len();
        match &doc.node {
            Node::Map(map) => {
                for (key, item) in map.iter() {
                    push_key(path, key);
                    match known.key(key, self.schemas, self.case.chart) {
                        _ if self.is_elsewhere(path) => {}
                        Some(known) => self.check(item, &known, path),
                        None if self.leads_to_switch(path) => {
                            self.check(item, &Known::default(), path);
                        }
                        None => self.report(key, item, known, path),
                    }
                    path.truncate(length);
                }
            }
            Node::List(items) => {
                let known = known.items();
                for (at, item) in items.iter().enumerate() {
                    let _ = write!(path, "[{at}]");
                    self.check(item, &known, path);
                    path.truncate(length);
                }
            }
            _ => {}
        }
    }

    /// Whether a path belongs to something outside the templates: a chart that is disabled, a
    /// tag or condition of a dependency.
    fn is_elsewhere(&self, path: &str) -> bool {
        let is_loaded =
            |name: &str| self.case.chart.dependencies.iter().any(|child| child.name() == name);
        let first = path.split(['.', '[']).next().unwrap_or_default();
        let declared = self.case.declared;
        if declared.names.iter().any(|name| name == first) && !is_loaded(first) {
            return true;
        }
        declared.switches.iter().any(|switch| switch == path)
    }

    /// Whether a value below this path switches a subchart.
    fn leads_to_switch(&self, path: &str) -> bool {
        let mut switches = self.case.declared.switches.iter();
        switches.any(|it| it.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
    }

    fn report(&mut self, key: &str, item: &Doc, known: &Known<'_>, path: &str) {
        let sources = self.case.sources;
        let place = super::place(sources, sources.key_span(item.span, key));
        let hint = nearest(key, known.names()).map(|near| format!("did you mean {near:?}?"));
        let finding = Finding {
            name: "unknown-value",
            place,
            message: format!("{path}: no template, schema or default knows it"),
            hint,
        };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
}
