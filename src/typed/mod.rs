//! Values of native charts, typed by their `values.schema.json`.
//!
//! One path for every native chart, shipped or not: the schema is walked together with the
//! values. Every problem is noted with its place, defaults fill in what is absent, digits in
//! quotes become numbers where the schema says so, and keys that the schema does not know are
//! errors. `$ref`s of the form `kubernetes:io.k8s.api.core.v1.Affinity` (and the widespread
//! addresses that end in `_definitions.json#/definitions/…`) lead to the API definitions of
//! [`crate::kube::catalog`]. Rules between values, which no schema can tell, stand in
//! [`crate::models`] for the shipped charts. Blind to templates.

mod definitions;
mod fit;
mod kubernetes;
mod schema;

use crate::chart::Chart;
use crate::diag::{Fault, FaultKind, Result};
use crate::doc::decode::Problem;
use crate::doc::{Doc, DocMap};
use crate::models;
use crate::render::native;
use crate::source::{SourceKind, Sources};

pub use definitions::Definitions;

/// The values of a native chart and of the native charts below it, checked and completed.
///
/// # Errors
/// One fault for every problem of the values, each with its place, path and nearest spelling; a
/// schema that is not JSON.
pub fn check(chart: &Chart, values: &Doc, sources: &Sources) -> Result<Doc> {
    complete(chart, values, sources)?.map_err(|problems| {
        models::report(&format!("values of {}", chart.name()), &problems, sources)
    })
}

/// Like [`check`]; the problems of the values as data.
///
/// # Errors
/// A schema that is not JSON.
pub fn complete(
    chart: &Chart,
    values: &Doc,
    sources: &Sources,
) -> Result<std::result::Result<Doc, Vec<Problem>>> {
    let mut values = values.clone();
    let mut problems = Vec::new();
    for child in chart.dependencies.iter().filter(|child| native::is_native(child)) {
        let Some(own) = values.get(child.name()) else { continue };
        match complete(child, own, sources)? {
            Ok(completed) => {
                if let Some(map) = values.as_map_mut() {
                    map.insert(child.name().into(), completed);
                }
            }
            Err(found) => {
                let below = |path: &str| format!("{}.{path}", child.name());
                problems
                    .extend(found.into_iter().map(|it| Problem { path: below(&it.path), ..it }));
            }
        }
    }
    let Some(schema) = schema_of(chart, sources)? else {
        return Ok(if problems.is_empty() { Ok(values) } else { Err(problems) });
    };
    Ok(match complete_by(&schema, chart, &values) {
        Ok(completed) if problems.is_empty() => Ok(completed),
        Ok(_) => Err(problems),
        Err(mut found) => {
            found.append(&mut problems);
            Err(found)
        }
    })
}

/// The values with the nulls of a user put back where the schema has a place for them: there
/// null says "none", while composition takes it for "no more than the chart has". Elsewhere they
/// have done their work.
///
/// # Errors
/// A schema that is not JSON.
pub fn with_nulls(chart: &Chart, values: &Doc, user: &Doc, sources: &Sources) -> Result<Doc> {
    Ok(match schema_of(chart, sources)? {
        Some(schema) => fit::with_nulls(&schema, values, user),
        None => values.clone(),
    })
}

fn schema_of(chart: &Chart, sources: &Sources) -> Result<Option<Doc>> {
    let Some(text) = &chart.schema else { return Ok(None) };
    let name = format!("{}/values.schema.json", chart.path);
    let source = sources.add(SourceKind::SchemaDefault, name.as_str(), text.clone());
    crate::json::read::parse(text, source).map(Some).map_err(|fault| {
        let place = sources.describe(fault.span());
        Fault::new(FaultKind::Values, format!("{place}: {}", fault.message()))
    })
}

fn complete_by(
    schema: &Doc,
    chart: &Chart,
    values: &Doc,
) -> std::result::Result<Doc, Vec<Problem>> {
    // What is not the chart's own: Helm's globals, and the values of the charts below.
    let mut own = values.clone();
    let mut others = DocMap::default();
    if let Some(map) = own.as_map_mut() {
        let below = chart.dependencies.iter().map(Chart::name);
        for name in below.chain(["global"]) {
            if schema::declares(schema, name) {
                continue;
            }
            if let Some(other) = map.shift_remove(name) {
                others.insert(name.into(), other);
            }
        }
    }
    let (completed, mut problems) = fit::fit(schema, &own);
    if problems.is_empty() {
        problems = models::rules(chart.name(), &completed);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut completed = completed;
    if let Some(map) = completed.as_map_mut() {
        map.extend(others);
    }
    Ok(completed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn lines(schema: &str, values: &str) -> Vec<String> {
        let schema = crate::json::read::parse(schema.as_bytes(), SourceId::NONE).expect("JSON");
        let values = crate::yaml::read::parse(values.as_bytes(), SourceId::NONE).expect("YAML");
        match complete_by(&schema, &Chart::default(), &values) {
            Ok(doc) => {
                let text = crate::yaml::emit::doc_to_yaml(&doc, true);
                vec![String::from_utf8(text).expect("text").trim_end().to_owned()]
            }
            Err(problems) => problems
                .iter()
                .map(|it| {
                    let hint = it.hint.as_ref().map(|hint| format!("; {hint}"));
                    format!("{}: {}{}", it.path, it.message, hint.unwrap_or_default())
                })
                .collect(),
        }
    }

    const SCHEMA: &str = r##"{
        "type": "object",
        "properties": {
            "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 80},
            "size": {"type": ["integer", "string"], "format": "whole"},
            "level": {"enum": ["INFO", "DEBUG"]},
            "names": {"type": "array", "items": {"type": "string"}},
            "deep": {"type": "object", "default": {}, "properties": {"on": {"type": "boolean", "default": true}}},
            "open": {"type": "object"},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "max": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[0-9]+%$"}]},
            "maybe": {"type": ["string", "null"], "default": null},
            "disk": {"$ref": "#/$defs/disk"},
            "affinity": {"$ref": "kubernetes:io.k8s.api.core.v1.Affinity", "default": {}},
            "probe": {"$ref": "https://x.org/v1/_definitions.json#/definitions/io.k8s.api.core.v1.Probe"}
        },
        "$defs": {"disk": {"type": "object", "required": ["size"], "properties": {"size": {"type": ["string", "number"], "format": "quantity"}}}}
    }"##;

    #[test]
    fn completes_what_is_sound() {
        assert_eq!(
            lines(SCHEMA, "size: \"12\"\nopen: {x: 1}\ndisk: {size: 5Gi}\nmax: 5%\nlevel: INFO"),
            [
                "port: 80\nsize: 12\nlevel: INFO\ndeep:\n  \"on\": true\nopen:\n  x: 1\nmax: 5%\nmaybe: null\ndisk:\n  size: 5Gi\naffinity: {}"
            ]
        );
        assert_eq!(lines("{}", "a: 1"), ["a: 1"]);
    }

    #[test]
    fn null_says_none_where_there_is_a_place_for_it() {
        let schema = r#"{"properties": {"a": {"type": ["integer", "null"], "default": 80}, "b": {"type": "integer", "default": 1}, "m": {"additionalProperties": {"type": "string"}}}}"#;
        let schema = crate::json::read::parse(schema.as_bytes(), SourceId::NONE).expect("JSON");
        let read =
            |text: &str| crate::yaml::read::parse(text.as_bytes(), SourceId::NONE).expect("YAML");
        let user = read("{a: null, b: null, m: {x: null}}");
        let values = fit::with_nulls(&schema, &read("m: {y: z}"), &user);
        let completed = complete_by(&schema, &Chart::default(), &values).expect("sound");
        assert_eq!(completed, read("{a: null, b: 1, m: {y: z}}"));
    }

    #[test]
    fn names_every_problem() {
        let values = "prot: 1\nport: 70000\nsize: x\nlevel: DEBGU\nnames: [a, 5]\ndeep: {off2: 1, \"on\": 3}\nlabels: {a: true}\nmax: lots\nmaybe: 1\ndisk: {sise: 1}\naffinity: {nodeAfinity: {}}\nprobe: {periodSeconds: \"5\"}\n";
        assert_eq!(
            lines(SCHEMA, values),
            [
                "prot: unknown key; did you mean \"port\"?",
                "port: 70000 is not between 1 and 65535",
                "size: expected a whole number, found string \"x\"",
                "level: \"DEBGU\" is none of INFO, DEBUG; did you mean \"DEBUG\"?",
                "names[1]: expected a string, found number 5; put it in quotes",
                "deep.off2: unknown key; known here: on",
                "deep.on: expected true or false, found number 3",
                "labels.a: expected a string, found boolean true; put it in quotes",
                "max: \"lots\" does not match ^[0-9]+%$",
                "maybe: expected a string, found number 1; put it in quotes",
                "disk.sise: unknown key; did you mean \"size\"?",
                "disk.size: is required",
                "affinity.nodeAfinity: unknown key; did you mean \"nodeAffinity\"?",
                "probe.periodSeconds: expected a whole number, found string \"5\"; write it without quotes",
            ]
        );
    }
}
