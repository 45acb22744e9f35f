//! `values.schema.json`: checks on composed values.
//!
//! An evaluator of our own: Helm prints the tree of failures that its validator builds, with
//! the validator's sentences, and no other library builds the same tree.

mod compile;
mod draft;
mod eval;
mod format;
mod json;
mod message;
mod url;

use crate::chart::Chart;
use crate::diag::log::field;
use crate::diag::{Fault, FaultKind, Result};
use crate::doc::Doc;

use compile::Compiler;
use json::Json;

const ADDRESS: &str = "file:///values.schema.json";

/// Checks the values of a chart and of all charts below against their schemas. `log` receives
/// ready records.
pub fn validate(chart: &Chart, values: &Doc, log: &mut Vec<String>) -> Result<()> {
    let mut report = String::new();
    check_chart(chart, values, &mut report, log);
    if report.is_empty() {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::Values,
        format!(
            "values don't meet the specifications of the schema(s) in the following \
             chart(s):\n{report}"
        ),
    ))
}

/// Checks values against the text of one schema; the error is Helm's report.
pub fn validate_one(
    schema: &[u8],
    values: &Doc,
    log: &mut Vec<String>,
) -> std::result::Result<(), String> {
    let schema = json::parse(schema)?;
    let mut compiler = Compiler::default();
    let compiled = compiler.compile(ADDRESS, schema);
    for urn in &compiler.urns {
        log.push(format!(
            "level=WARN msg=\"unresolved URN reference ignored; using permissive schema\" urn={}",
            field(urn)
        ));
    }
    let root = compiled?;
    eval::validate(&compiler.schemas, root, &Json::from_doc(values), None).map_err(|report| {
        let head = format!("jsonschema validation failed with '{ADDRESS}#'\n");
        let report = report.strip_prefix(&head).unwrap_or(&report);
        format!("{report}\n")
    })
}

fn check_chart(chart: &Chart, values: &Doc, report: &mut String, log: &mut Vec<String>) {
    if let Some(schema) = &chart.schema
        && let Err(message) = validate_one(schema, values, log)
    {
        report.push_str(chart.name());
        report.push_str(":\n");
        report.push_str(&message);
    }
    for child in &chart.dependencies {
        match values.get(child.name()) {
            Some(own) if own.as_map().is_some() => check_chart(child, own, report, log),
            // Composition has refused anything else but null.
            _ => {}
        }
    }
}
