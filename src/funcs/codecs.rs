//! YAML, JSON and TOML.

use super::{Def, Runtime, def};
use crate::diag::{Fault, Result};
use crate::doc::{Doc, Node};
use crate::golang::time::Zone;
use crate::json::write::{Options, to_json as write_json};
use crate::source::SourceId;
use crate::value::from_doc::from_doc;
use crate::value::{List, ListType, Map, Str, Value};
use crate::yaml::emit::to_yaml as write_yaml;
use crate::{json, toml, yaml};

pub(super) const FUNCS: &[Def] = &[
    def!("fromJson" => from_json(text: &Str)),
    def!("fromJsonArray" => from_json_array(text: &Str)),
    def!("fromToml" => from_toml(cx; text: &Str)),
    def!("fromYaml" => from_yaml(text: &Str)),
    def!("fromYamlArray" => from_yaml_array(text: &Str)),
    def!("mustFromJson" => must_from_json(text: &Str)),
    def!("mustToJson" => must_to_json(value: &Value)),
    def!("mustToPrettyJson" => must_to_pretty_json(value: &Value)),
    def!("mustToRawJson" => must_to_raw_json(value: &Value)),
    def!("mustToToml" => must_to_toml(value: &Value)),
    def!("mustToYaml" => must_to_yaml(value: &Value)),
    def!("toJson" => to_json(value: &Value)),
    def!("toPrettyJson" => to_pretty_json(value: &Value)),
    def!("toRawJson" => must_to_raw_json(value: &Value)),
    def!("toToml" => to_toml(value: &Value)),
    def!("toYaml" => to_yaml(value: &Value)),
    def!("toYamlPretty" => to_yaml_pretty(value: &Value)),
];

const ESCAPED: Options = Options { escape_html: true, indent: false };
const PRETTY: Options = Options { escape_html: true, indent: true };
const RAW: Options = Options { escape_html: false, indent: false };

/// Bytes without one final newline.
fn trimmed(mut text: Vec<u8>) -> Str {
    if text.last() == Some(&b'\n') {
        text.pop();
    }
    Str::from(text)
}

/// A map that tells of an error, as the `from…` functions give it.
fn error_map(map: &Map, message: &str) -> Map {
    map.insert("Error", message);
    map.clone()
}

/// A list that tells of an error.
fn error_list(message: &str) -> List {
    List::grown(vec![Value::str(message)], ListType::Interface)
}

/// Writes a value as YAML, without a final newline.
///
/// Takes: value (any). Returns: string.
/// Errors: none; "" for what YAML cannot hold (NaN, cycles, control characters).
/// Source: Helm `toYaml`.
fn to_yaml(value: &Value) -> Str {
    write_yaml(value).map_or_else(|_| Str::from(""), trimmed)
}

/// Writes a value as YAML, without a final newline, and fails where `toYaml` gives "".
///
/// Takes: value (any). Returns: string.
/// Errors: NaN, cycles, control characters.
/// Source: Helm `mustToYaml`.
fn must_to_yaml(value: &Value) -> Result<Str> {
    write_yaml(value).map(trimmed)
}

/// Writes a value as YAML with lists indented below their keys and without folding, and without
/// a final newline.
///
/// Takes: value (any). Returns: string.
/// Errors: values with cycles, complex numbers. Source: Helm `toYamlPretty`.
fn to_yaml_pretty(value: &Value) -> Result<Str> {
    yaml::emit_pretty::to_yaml_pretty(value).map(trimmed)
}

/// Reads the first document of a YAML text that is a map.
///
/// Takes: text (string). Returns: map; with the key `Error` alone when the text is no such map.
/// Errors: none. Source: Helm `fromYaml`.
fn from_yaml(text: &Str) -> Map {
    match yaml::read::parse_map(text.as_bytes(), SourceId::NONE) {
        Ok(doc) => to_map(&doc),
        Err(fault) => error_map(&Map::new(), fault.message()),
    }
}

/// Reads the first document of a YAML text that is a list.
///
/// Takes: text (string). Returns: list; with the error's text alone when the text is no list.
/// Errors: none. Source: Helm `fromYamlArray`.
fn from_yaml_array(text: &Str) -> List {
    match yaml::read::parse(text.as_bytes(), SourceId::NONE) {
        Ok(Doc { node: Node::Null, .. }) => List::new(Vec::new()),
        Ok(doc) => to_list(&doc).unwrap_or_else(|| {
            let mismatch = json::read::mismatch(&doc, "[]interface {}");
            error_list(&format!("error unmarshaling JSON: while decoding JSON: {mismatch}"))
        }),
        Err(fault) => error_list(fault.context("error converting YAML to JSON").message()),
    }
}

/// The map of a document; a new one for null.
fn to_map(doc: &Doc) -> Map {
    match from_doc(doc) {
        Value::Map(map) => map,
        _ => Map::new(),
    }
}

fn to_list(doc: &Doc) -> Option<List> {
    match from_doc(doc) {
        Value::List(list) => Some(list),
        _ => None,
    }
}

/// Writes a value as JSON on one line, with `<`, `>` and `&` escaped.
///
/// Takes: value (any). Returns: string.
/// Errors: none; "" for what JSON cannot hold (NaN, cycles).
/// Source: Helm `toJson`.
fn to_json(value: &Value) -> Str {
    write_json(value, ESCAPED).map_or_else(|_| Str::from(""), Str::from)
}

/// Writes a value as JSON on one line, and fails where `toJson` gives "".
///
/// Takes: value (any). Returns: string.
/// Errors: NaN, cycles. Source: Helm `mustToJson`.
fn must_to_json(value: &Value) -> Result<Str> {
    write_json(value, ESCAPED).map(Str::from)
}

/// Writes a value as JSON, one entry a line, indented by two blanks.
///
/// Takes: value (any). Returns: string.
/// Errors: none; "" for what JSON cannot hold.
/// Source: sprig `toPrettyJson`.
fn to_pretty_json(value: &Value) -> Str {
    write_json(value, PRETTY).map_or_else(|_| Str::from(""), Str::from)
}

/// Writes a value as indented JSON, and fails where `toPrettyJson` gives "".
///
/// Takes: value (any). Returns: string.
/// Errors: NaN, cycles. Source: sprig `mustToPrettyJson`.
fn must_to_pretty_json(value: &Value) -> Result<Str> {
    write_json(value, PRETTY).map(Str::from)
}

/// Writes a value as JSON on one line, with `<`, `>` and `&` as they are.
///
/// Takes: value (any). Returns: string.
/// Errors: NaN, cycles. Source: sprig `toRawJson`, `mustToRawJson`.
fn must_to_raw_json(value: &Value) -> Result<Str> {
    write_json(value, RAW).map(Str::from)
}

/// Reads a JSON object.
///
/// Takes: text (string). Returns: map, nil for `null`; with the key `Error` when the text is
/// no object.
/// Errors: none. Source: Helm `fromJson`.
fn from_json(text: &Str) -> Map {
    let map = Map::new();
    let (doc, overflow) = match json::read::parse_leniently(text.as_bytes(), SourceId::NONE) {
        Ok(read) => read,
        Err(fault) => return error_map(&map, fault.message()),
    };
    match &doc.node {
        Node::Null => Map::nil(map.ty()),
        Node::Map(_) => {
            let map = to_map(&doc);
            match overflow {
                Some(fault) => error_map(&map, fault.message()),
                None => map,
            }
        }
        _ => error_map(&map, &json::read::mismatch(&doc, "map[string]interface {}")),
    }
}

/// Reads a JSON array.
///
/// Takes: text (string). Returns: list, nil for `null`; with the error's text alone when the
/// text is no array.
/// Errors: none. Source: Helm `fromJsonArray`.
fn from_json_array(text: &Str) -> List {
    let (doc, overflow) = match json::read::parse_leniently(text.as_bytes(), SourceId::NONE) {
        Ok(read) => read,
        Err(fault) => return error_list(fault.message()),
    };
    match (&doc.node, overflow) {
        (Node::Null, _) => List::nil(ListType::Interface),
        (Node::List(_), Some(fault)) => error_list(fault.message()),
        _ => to_list(&doc)
            .unwrap_or_else(|| error_list(&json::read::mismatch(&doc, "[]interface {}"))),
    }
}

/// Reads any JSON value, and fails where the text is not JSON.
///
/// Takes: text (string). Returns: any.
/// Errors: a text that is not JSON, numbers beyond float64.
/// Source: sprig `mustFromJson`.
fn must_from_json(text: &Str) -> Result<Value> {
    let doc = json::read::parse(text.as_bytes(), SourceId::NONE)
        .map_err(|fault| Fault::function(fault.message()))?;
    Ok(from_doc(&doc))
}

/// Writes a value as TOML; where TOML cannot hold it, the error's text.
///
/// Takes: value (any). Returns: string.
/// Errors: nil. Source: Helm `toToml`.
fn to_toml(value: &Value) -> Result<Str> {
    match toml::to_toml(value) {
        Err(fault) if !matches!(value, Value::Nil) => Ok(Str::from(fault.message())),
        result => result.map(Str::from),
    }
}

/// Writes a value as TOML, and fails where `toToml` gives the error's text.
///
/// Takes: value (any). Returns: string.
/// Errors: nil, nil in lists, a list of tables by itself.
/// Source: Helm `mustToToml`.
fn must_to_toml(value: &Value) -> Result<Str> {
    toml::to_toml(value).map(Str::from)
}

/// Reads a TOML text: whole numbers become int64, dates times.
///
/// Takes: text (string). Returns: map; with the key `Error` alone when the text is not TOML.
/// Errors: none. Source: Helm `fromToml`.
fn from_toml(cx: &mut dyn Runtime, text: &Str) -> Map {
    let host = cx.host();
    match toml::parse(text.as_bytes(), Zone::local(host), host.now().0) {
        Ok(map) => map,
        Err(fault) => error_map(&Map::new(), fault.message()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json_of(value: impl Into<Value>) -> String {
        to_json(&value.into()).to_string()
    }

    #[test]
    fn errors_become_values() {
        let text = |text: &str| Str::from(text);
        assert_eq!(
            json_of(from_json(&text("{a"))),
            r#"{"Error":"invalid character 'a' looking for beginning of object key string"}"#
        );
        assert_eq!(json_of(from_json(&text("null"))), "null");
        assert_eq!(json_of(from_yaml(&text("null"))), "{}");
        assert_eq!(json_of(from_yaml_array(&text("null"))), "[]");
        assert_eq!(
            json_of(from_yaml(&text("- 1"))),
            "{\"Error\":\"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal \
             array into Go value of type map[string]interface {}\"}"
        );
        assert_eq!(
            json_of(from_yaml_array(&text("a: 1"))),
            "[\"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object into \
             Go value of type []interface {}\"]"
        );
        assert_eq!(
            json_of(from_yaml(&text("[1"))),
            "{\"Error\":\"error converting YAML to JSON: yaml: line 1: did not find expected ',' \
             or ']'\"}"
        );
    }
}
