//! `values.schema.json`: checks on composed values.
//!
//! An evaluator of our own: Helm prints the tree of failures that its validator builds, with
//! the validator's sentences, and no other library builds the same tree.

mod compile;
mod draft;
mod eval;
mod format;
mod json;
mod keywords;
mod message;
mod outcome;
mod plain;
mod url;

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use bytes::Bytes;

use crate::chart::Chart;
use crate::diag::log::{debug, field};
use crate::diag::{Fault, FaultKind, Result};
use crate::doc::Doc;

use compile::{Compiler, Id, Schema};
use json::Json;
pub use url::file_path;

const ADDRESS: &str = "file:///values.schema.json";

/// Documents that schemas refer to and that stand elsewhere.
pub trait Foreign {
    /// The text at an address without fragment, or why it is refused; none for an address that
    /// is not served.
    fn load(&self, address: &str) -> Option<std::result::Result<Vec<u8>, String>>;
    /// What is meant by a reference, if that is another one.
    fn rewrite(&self, reference: &str) -> Option<String>;
}

/// Checks the values of a chart and of all charts below against their schemas. `log` receives
/// ready records.
pub fn validate(
    chart: &Chart,
    values: &Doc,
    foreign: &dyn Foreign,
    log: &mut Vec<String>,
) -> Result<()> {
    validate_again(chart, values, foreign, &Schemas::default(), log)
}

/// The records of Helm's walk over the charts: how many charts each has below it.
pub fn records(chart: &Chart, log: &mut Vec<String>) {
    let (name, count) = (chart.name(), chart.dependencies.len());
    let what = "number of dependencies in the chart";
    log.push(debug(what, &[("chart", &name), ("dependencies", &count)]));
    for child in &chart.dependencies {
        records(child, log);
    }
}

/// Like [`validate`], and compiles only what no check before it has compiled. `foreign` must be
/// the same every time.
pub fn validate_again(
    chart: &Chart,
    values: &Doc,
    foreign: &dyn Foreign,
    known: &Schemas,
    log: &mut Vec<String>,
) -> Result<()> {
    let mut report = String::new();
    check_chart(chart, values, foreign, known, &mut report, log);
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
    foreign: Option<&dyn Foreign>,
    log: &mut Vec<String>,
) -> std::result::Result<(), String> {
    let schema = json::parse(schema)?;
    if plain::is_whole(&schema) && plain::accepts(&schema, values) {
        return Ok(());
    }
    Compiled::new(schema, foreign).check(values, log)
}

/// A schema compiled, or why it cannot be, and what was noticed on the way.
struct Compiled {
    schemas: Vec<Schema>,
    root: std::result::Result<Id, String>,
    urns: Vec<String>,
}

impl Compiled {
    fn new(mut schema: Json, foreign: Option<&dyn Foreign>) -> Self {
        if let Some(foreign) = foreign {
            rewrite(&mut schema, foreign);
        }
        let mut compiler = Compiler::default();
        compiler.foreign = foreign;
        let root = compiler.compile(ADDRESS, schema);
        Compiled { schemas: compiler.schemas, root, urns: compiler.urns }
    }

    fn check(&self, values: &Doc, log: &mut Vec<String>) -> std::result::Result<(), String> {
        for urn in &self.urns {
            log.push(format!(
                "level=WARN msg=\"unresolved URN reference ignored; using permissive schema\" urn={}",
                field(urn)
            ));
        }
        let root = self.root.clone()?;
        eval::validate(&self.schemas, root, &Json::from_doc(values), None).map_err(|report| {
            let head = format!("jsonschema validation failed with '{ADDRESS}#'\n");
            let report = report.strip_prefix(&head).unwrap_or(&report);
            format!("{report}\n")
        })
    }
}

/// A schema that was read, and compiled as soon as that was needed.
struct Known {
    schema: Json,
    is_plain: bool,
    compiled: OnceCell<Compiled>,
}

/// Schemas read and compiled once, for many checks on one thread, by the addresses of their
/// texts.
#[derive(Default)]
pub struct Schemas(RefCell<HashMap<usize, Entry>>);

type Entry = (Bytes, std::result::Result<Rc<Known>, String>);

impl Schemas {
    fn check(
        &self,
        schema: &Bytes,
        values: &Doc,
        foreign: &dyn Foreign,
        log: &mut Vec<String>,
    ) -> std::result::Result<(), String> {
        let read = || {
            let schema = json::parse(schema)?;
            let is_plain = plain::is_whole(&schema);
            Ok(Rc::new(Known { schema, is_plain, compiled: OnceCell::new() }))
        };
        let mut all = self.0.borrow_mut();
        let (_, known) =
            all.entry(schema.as_ptr().addr()).or_insert_with(|| (schema.clone(), read()));
        let known = known.clone()?;
        drop(all);
        if known.is_plain && plain::accepts(&known.schema, values) {
            return Ok(());
        }
        let compile = || Compiled::new(known.schema.clone(), Some(foreign));
        known.compiled.get_or_init(compile).check(values, log)
    }
}

/// Replaces references that mean other ones.
fn rewrite(schema: &mut Json, foreign: &dyn Foreign) {
    match schema {
        Json::Object(map) => {
            for (key, item) in map {
                match item {
                    Json::String(reference) if key == "$ref" => {
                        if let Some(other) = foreign.rewrite(reference) {
                            *reference = other;
                        }
                    }
                    item => rewrite(item, foreign),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| rewrite(item, foreign)),
        _ => {}
    }
}

fn check_chart(
    chart: &Chart,
    values: &Doc,
    foreign: &dyn Foreign,
    known: &Schemas,
    report: &mut String,
    log: &mut Vec<String>,
) {
    if let Some(schema) = &chart.schema
        && let Err(message) = known.check(schema, values, foreign, log)
    {
        report.push_str(chart.name());
        report.push_str(":\n");
        report.push_str(&message);
    }
    for child in &chart.dependencies {
        match values.get(child.name()) {
            Some(own) if own.as_map().is_some() => {
                check_chart(child, own, foreign, known, report, log);
            }
            // Composition has refused anything else but null.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    #[test]
    fn reports_as_helm() {
        let cases = [
            (
                r#"{"properties": {"x": {"multipleOf": 7e+22}}}"#,
                r#"{"x": 1.5}"#,
                "- at '/x': multipleOf: got 1.5, want 7×10²²\n",
            ),
            (
                r#"{"properties": {"x": {"multipleOf": 7e+22}}}"#,
                r#"{"x": 1e+21}"#,
                "- at '/x': multipleOf: got 1×10²¹, want 7×10²²\n",
            ),
            (
                r#"{"properties": {"x": {"minLength": 1200}}}"#,
                r#"{"x": "é"}"#,
                "- at '/x': minLength: got 1, want 1,200\n",
            ),
            (
                r#"{"properties": {"x": {"enum": [[1]]}}}"#,
                r#"{"x": 7}"#,
                "- at '/x': 'enum' failed\n",
            ),
            (
                r#"{"properties": {"x": {"const": null}}}"#,
                r#"{"x": 7}"#,
                "- at '/x': value must be <nil>\n",
            ),
            (
                r#"{"properties":{"x":{"const":1.50}}}"#,
                r#"{"x": 7}"#,
                "- at '/x': value must be 1.50\n",
            ),
            (
                r#"{"properties": {"x": {"const": {"a": 1}}}}"#,
                r#"{"x": 7}"#,
                "- at '/x': 'const' failed\n",
            ),
            (r#"{"properties": {"x": {"not": {}}}}"#, r#"{"x": 7}"#, "- at '/x': 'not' failed\n"),
            (
                r#"{"properties": {"x": {"allOf": [false, {"type": "string"}]}}}"#,
                r#"{"x": 7}"#,
                "- at '/x': 'allOf' failed\n  - at '/x': false schema\n  - at '/x': got number, want string\n",
            ),
            (
                r#"{"properties": {"x": {"anyOf": [{"minimum": 8}, {"type": "string"}], "oneOf": [{"minimum": 8}, {"type": "string"}]}}}"#,
                r#"{"x": 7}"#,
                "- at '/x': 'anyOf' failed\n  - at '/x': minimum: got 7, want 8\n  - at '/x': got number, want string\n- at '/x': 'oneOf' failed, none matched\n  - at '/x': minimum: got 7, want 8\n  - at '/x': got number, want string\n",
            ),
            (
                "{\"properties\": {\"x\": {\"$ref\": \"#/$defs/a\"}}, \"$defs\": {\"a\": {\"type\": \"string\"}}}",
                r#"{"x": 7}"#,
                "- at '/x': got number, want string\n",
            ),
            (
                "{\"properties\": {\"x\": {\"$ref\": \"#/$defs/a\", \"maximum\": 1}}, \"$defs\": {\"a\": {\"minimum\": 8, \"multipleOf\": 2}}}",
                r#"{"x": 7}"#,
                "- at '/x': validation failed\n  - at '/x': minimum: got 7, want 8\n  - at '/x': multipleOf: got 7, want 2\n- at '/x': maximum: got 7, want 1\n",
            ),
            (
                "{\"properties\": {\"x\": {\"$ref\": \"#nope\"}}}",
                r#"{"x": 7}"#,
                r#"anchor in "file:///values.schema.json#nope" not found in schema "file:///values.schema.json""#,
            ),
            (
                r#"{"properties": {"x": {"$ref": "other.json"}}}"#,
                r#"{"x": 7}"#,
                r#"failing loading "file:///other.json": open /other.json: no such file or directory"#,
            ),
            (
                r#"{"properties": {"x": {"$ref": "file://../a%20b.json?q#/x"}}}"#,
                r#"{"x": 7}"#,
                r#"failing loading "file://../a%20b.json?q": open /a b.json: no such file or directory"#,
            ),
            (
                r#"{"properties": {"x": {"$ref": "file:a.json"}}}"#,
                r#"{"x": 7}"#,
                r#"failing loading "file:a.json": open : no such file or directory"#,
            ),
            (r#"{"properties": {"x": {"$ref": "urn:a:b"}}}"#, r#"{"x": 7}"#, ""),
            (
                r#"{"properties": {"x": {"$ref": ":x"}}}"#,
                r#"{"x": 7}"#,
                "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n- at '': 'allOf' failed\n  - at '/properties/x': 'allOf' failed\n    - at '/properties/x/$ref': ':x' is not valid uri-reference: parse \":x\": missing protocol scheme",
            ),
            (
                r#"{"properties": {"x": {"if": {"minimum": 1}, "then": {"maximum": 2}, "else": {"type": "string"}}}}"#,
                r#"{"x": 7}"#,
                "- at '/x': maximum: got 7, want 2\n",
            ),
            (
                r#"{"properties": {"x": {"propertyNames": {"pattern": "^a"}}}}"#,
                r#"{"x": {"b": 1}}"#,
                "- at '/x': invalid propertyName 'b'\n  - at '': 'b' does not match pattern '^a'\n",
            ),
            (
                r#"{"properties": {"x": {"dependentSchemas": {"a": {"required": ["z"]}}}}}"#,
                r#"{"x": {"a": 1}}"#,
                "- at '/x': missing property 'z'\n",
            ),
            (
                r#"{"properties": {"x": {"dependencies": {"a": ["z", "y"]}}}}"#,
                r#"{"x": {"a": 1}}"#,
                "- at '/x': properties 'z', 'y' required, if 'a' exists\n",
            ),
            (
                r#"{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"x": {"dependencies": {"a": {"required": ["q"]}}}}}"#,
                r#"{"x": {"a": 1}}"#,
                "- at '/x': missing property 'q'\n",
            ),
            (
                r#"{"properties": {"x": {"contains": {"const": 1}, "minContains": 2}}}"#,
                r#"{"x": [2, 3]}"#,
                "- at '/x': min 2 items required to match contains schema, but none matched\n  - at '/x/0': value must be 1\n  - at '/x/1': value must be 1\n",
            ),
            (
                r#"{"properties": {"x": {"contains": {"const": 1}}}}"#,
                r#"{"x": []}"#,
                "- at '/x': no items match contains schema\n",
            ),
            (
                r#"{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"x": {"items": [{"type": "string"}], "additionalItems": false}}}"#,
                r#"{"x": ["a", 2, 3]}"#,
                "- at '/x': last 2 additionalItem(s) not allowed\n",
            ),
            (
                r#"{"properties": {"x": {"unevaluatedProperties": false, "properties": {"a": {}}}}}"#,
                r#"{"x": {"a": 1, "b": 2}}"#,
                "- at '/x/b': false schema\n",
            ),
            (
                r#"{"properties": {"x": {"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": {"type": "string"}}}}"#,
                r#"{"x": {"a": 1, "b": 2}}"#,
                "- at '/x/b': got number, want string\n",
            ),
            (r#"{"properties": {"x": {"type": "integer"}}}"#, r#"{"x": 1.0}"#, ""),
            (
                r#"{"properties": {"x": {"type": ["integer", "number"]}}}"#,
                r#"{"x": "a"}"#,
                "- at '/x': got string, want number or integer\n",
            ),
            (
                r#"{"properties": {"x": {"pattern": "(?!a)"}}}"#,
                r#"{"x": "b"}"#,
                "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n- at '': 'allOf' failed\n  - at '/properties/x': 'allOf' failed\n    - at '/properties/x/pattern': '(?!a)' is not valid regex: error parsing regexp: invalid or unsupported Perl syntax: `(?!`",
            ),
            (
                r#"{"properties": {"x": {"patternProperties": {"^a": {"type": "string"}}, "additionalProperties": {"type": "boolean"}}}}"#,
                r#"{"x": {"ab": 1, "c": 1}}"#,
                "- at '/x/c': got number, want boolean\n- at '/x/ab': got number, want string\n",
            ),
            (
                r#"{"properties": {"x": {"uniqueItems": true}}}"#,
                r#"{"x": [{"a": 1}, {"a": 1.0}]}"#,
                "- at '/x': items at 0 and 1 are equal\n",
            ),
            (
                r#"{"properties": {"x": {"properties": {"a/b~c'": {"type": "string"}}}}}"#,
                r#"{"x": {"a/b~c'": 1}}"#,
                "- at '/x/a~1b~0c\\'': got number, want string\n",
            ),
            (
                r#"{"$schema": "http://json-schema.org/draft-04/schema#", "properties": {"x": {"exclusiveMinimum": 5}}}"#,
                r#"{"x": 5}"#,
                "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with 'http://json-schema.org/draft-04/schema#'\n- at '/properties/x': validation failed\n  - at '/properties/x': properties 'minimum' required, if 'exclusiveMinimum' exists\n  - at '/properties/x/exclusiveMinimum': got number, want boolean",
            ),
            (
                r#"{"$schema": "http://json-schema.org/draft-04/schema#", "properties": {"x": {"properties": {"a": true}}}}"#,
                r#"{"x": 6}"#,
                "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with 'http://json-schema.org/draft-04/schema#'\n- at '/properties/x/properties/a': got boolean, want object",
            ),
            (
                "{\"$schema\": \"https://json-schema.org/draft/2019-09/schema\", \"properties\": {\"x\": {\"$recursiveRef\": \"#\"}}}",
                r#"{"x": {"x": 5}}"#,
                "",
            ),
            (
                "{\"$dynamicAnchor\": \"n\", \"type\": \"object\", \"properties\": {\"x\": {\"$dynamicRef\": \"#n\"}}}",
                r#"{"x": 5}"#,
                "- at '/x': got number, want object\n",
            ),
            ("", "{}", "EOF"),
            (r#"{"a":}"#, "{}", "invalid character '}' looking for beginning of value"),
            ("{'a':1}", "{}", "invalid character '\\'' looking for beginning of object key string"),
            (r#"{"a":01}"#, "{}", "invalid character '1' after object key:value pair"),
            (r#"{"a":"\x"}"#, "{}", "invalid escape sequence `\\x` in string"),
            (r#"{"a""#, "{}", "unexpected EOF"),
            ("[1,2", "{}", "unexpected EOF"),
            (r#""abc"#, "{}", "unexpected EOF"),
            ("-", "{}", "unexpected EOF"),
            ("// c\n{}", "{}", "invalid character '/' looking for beginning of value"),
            (r#"{"a":"\u12"}"#, "{}", r#"invalid escape sequence `\u12"}` in string"#),
            (
                r#"{"minimum":"a"}"#,
                "{}",
                "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n- at '': 'allOf' failed\n  - at '/minimum': got string, want number",
            ),
            (
                r#"{"properties":[]}"#,
                "{}",
                "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n- at '': 'allOf' failed\n  - at '/properties': got array, want object",
            ),
            (
                r#"{"pattern":"["}"#,
                "{}",
                "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n- at '': 'allOf' failed\n  - at '/pattern': '[' is not valid regex: error parsing regexp: missing closing ]: `[`",
            ),
            (r#"{"$id":"http://a/b"}"#, "{}", ""),
            (
                r#"{"$schema":"file:///values.schema.json"}"#,
                "{}",
                r#"draft "file:///values.schema.json" is not supported"#,
            ),
            (
                r#"{"$schema":"http://json-schema.org/draft-07/schema#","type":"foo"}"#,
                "{}",
                "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with 'http://json-schema.org/draft-07/schema#'\n- at '/type': 'anyOf' failed\n  - at '/type': value must be one of 'array', 'boolean', 'integer', 'null', 'number', 'object', 'string'\n  - at '/type': got string, want array",
            ),
            (r#"{"$schema":"urn:x"}"#, "{}", ""),
            (
                r#"{"$defs":{"a":{"$anchor":"q"},"b":{"$anchor":"q"}}}"#,
                "{}",
                r#"duplicate anchor "q" in "file:///values.schema.json" at "/$defs/a" and "/$defs/b""#,
            ),
            (
                r#"{"items":[{}]}"#,
                "{}",
                "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n- at '': 'allOf' failed\n  - at '/items': got array, want boolean or object",
            ),
            (
                "{\"x-foo\":{\"type\":5},\"$ref\":\"#/x-foo\"}",
                "{}",
                "\"file:///values.schema.json#/x-foo\" is not valid against metaschema: jsonschema validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n- at '': 'allOf' failed\n  - at '/type': 'anyOf' failed\n    - at '/type': value must be one of 'array', 'boolean', 'integer', 'null', 'number', 'object', 'string'\n    - at '/type': got number, want array",
            ),
        ];
        for (schema, values, want) in cases {
            let values = crate::json::read::parse(values.as_bytes(), SourceId::NONE);
            let values = values.expect("good values");
            let mut log = Vec::new();
            let got =
                validate_one(schema.as_bytes(), &values, None, &mut log).err().unwrap_or_default();
            let sorted = |text: &str| {
                // Helm's own order of siblings is random.
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines.sort();
                lines
            };
            assert_eq!(sorted(&got), sorted(want), "{schema}");
        }
    }
}
