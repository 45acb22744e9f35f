//! A quick look: is a schema one that every draft's metaschema accepts, and are values such that
//! it accepts them?
//!
//! Both are the case nearly always, and evaluating the metaschema and compiling the schema cost
//! many times more than this look. What it cannot be sure of is left to the evaluator, which
//! also has the words for what is wrong.

use super::compile::TYPES;
use super::draft::Draft;
use super::json::Json;
use crate::doc::{Doc, Node};

/// References and collections deeper than this are for the evaluator.
const MAX_DEPTH: usize = 100;

/// Whether a schema is valid beyond doubt, in every draft.
pub(super) fn is_valid(schema: &Json) -> bool {
    let Json::Object(members) = schema else { return false };
    members.iter().all(|(keyword, value)| match keyword.as_str() {
        "$schema" => is_address(value),
        "$comment" | "title" | "description" | "format" => value.as_str().is_some(),
        "$ref" => value.as_str().is_some_and(is_local_reference),
        "default" | "const" => true,
        "examples" => matches!(value, Json::Array(_)),
        "type" => match value {
            Json::Array(types) => has_different_strings(types) && types.iter().all(is_type),
            one => is_type(one),
        },
        "required" => matches!(value, Json::Array(names) if has_different_strings(names)),
        "enum" => matches!(value, Json::Array(choices) if has_different_strings(choices)),
        "properties" | "definitions" | "$defs" => {
            value.as_object().is_some_and(|schemas| schemas.values().all(is_valid))
        }
        "additionalProperties" | "additionalItems" => {
            matches!(value, Json::Bool(_)) || is_valid(value)
        }
        "items" | "not" | "if" | "then" | "else" | "contains" | "propertyNames" => is_valid(value),
        "allOf" | "anyOf" | "oneOf" => {
            matches!(value, Json::Array(schemas) if !schemas.is_empty() && schemas.iter().all(is_valid))
        }
        "minimum" | "maximum" => matches!(value, Json::Number(_)),
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
            is_count(value)
        }
        "uniqueItems" => matches!(value, Json::Bool(_)),
        "pattern" => value.as_str().is_some_and(is_plain_pattern),
        other => !CONSTRAINED.contains(&other),
    })
}

/// Whether a schema is valid as [`is_valid`] says, and all that it refers to is there and valid,
/// too; the evaluator complains about a missing part even when no value leads to it.
pub(super) fn is_whole(root: &Json) -> bool {
    is_valid(root) && has_targets(&Look { root }, root)
}

fn has_targets(look: &Look<'_>, schema: &Json) -> bool {
    match schema {
        Json::Object(members) => members.iter().all(|(keyword, value)| match value.as_str() {
            Some(pointer) if keyword == "$ref" => look.look_up(pointer).is_some_and(is_valid),
            _ => has_targets(look, value),
        }),
        Json::Array(items) => items.iter().all(|item| has_targets(look, item)),
        _ => true,
    }
}

/// Keywords that a metaschema has something to say about, and that are too rare or too
/// different from draft to draft to be looked at here.
const CONSTRAINED: [&str; 26] = [
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$recursiveAnchor",
    "$recursiveRef",
    "$vocabulary",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "deprecated",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "id",
    "maxContains",
    "minContains",
    "multipleOf",
    "patternProperties",
    "prefixItems",
    "readOnly",
    "unevaluatedItems",
    "unevaluatedProperties",
    "writeOnly",
];

/// Whether a schema, whole as [`is_whole`] says, accepts a document beyond doubt.
pub(super) fn accepts(root: &Json, doc: &Doc) -> bool {
    Look { root }.accepts(root, doc, 0)
}

struct Look<'a> {
    root: &'a Json,
}

impl Look<'_> {
    fn accepts(&self, schema: &Json, doc: &Doc, depth: usize) -> bool {
        let Json::Object(members) = schema else { return false };
        if depth > MAX_DEPTH {
            return false;
        }
        let below = |schema: &Json, doc: &Doc| self.accepts(schema, doc, depth + 1);
        members.iter().all(|(keyword, value)| match (keyword.as_str(), &doc.node) {
            ("$ref", _) => value
                .as_str()
                .and_then(|pointer| self.look_up(pointer))
                .is_some_and(|schema| below(schema, doc)),
            ("type", _) => match value {
                Json::Array(types) => types.iter().any(|name| is_of_type(doc, name)),
                one => is_of_type(doc, one),
            },
            ("enum", _) => match (value, &doc.node) {
                (Json::Array(choices), Node::Str(text)) => {
                    choices.iter().any(|choice| choice.as_str() == text.as_str())
                }
                _ => false,
            },
            ("allOf", _) => {
                matches!(value, Json::Array(schemas) if schemas.iter().all(|it| below(it, doc)))
            }
            ("anyOf", _) => {
                matches!(value, Json::Array(schemas) if schemas.iter().any(|it| below(it, doc)))
            }
            ("const" | "not" | "if" | "oneOf", _)
            | ("format" | "pattern", Node::Str(_))
            | ("contains" | "uniqueItems", Node::List(_))
            | ("propertyNames", Node::Map(_)) => false,
            ("properties", Node::Map(map)) => value.as_object().is_some_and(|properties| {
                map.iter().all(|(name, item)| {
                    properties.get(&**name).is_none_or(|schema| below(schema, item))
                })
            }),
            ("additionalProperties", Node::Map(map)) if !matches!(value, Json::Bool(true)) => {
                let known = schema.get("properties").and_then(Json::as_object);
                let mut others = map.iter().filter(|(name, _)| {
                    known.is_none_or(|properties| !properties.contains_key(&***name))
                });
                others.all(|(_, item)| below(value, item))
            }
            ("required", Node::Map(map)) => matches!(value, Json::Array(names)
                if names.iter().all(|name| name.as_str().is_some_and(|name| map.contains_key(name)))),
            ("maxProperties", Node::Map(map)) => count(value).is_some_and(|max| map.len() <= max),
            ("minProperties", Node::Map(map)) => count(value).is_some_and(|min| map.len() >= min),
            ("items", Node::List(items)) => items.iter().all(|item| below(value, item)),
            ("maxItems", Node::List(items)) => count(value).is_some_and(|max| items.len() <= max),
            ("minItems", Node::List(items)) => count(value).is_some_and(|min| items.len() >= min),
            ("maxLength", Node::Str(text)) => {
                text.as_str().zip(count(value)).is_some_and(|(text, max)| text.len() <= max)
            }
            ("minLength", Node::Str(text)) => text
                .as_str()
                .zip(count(value))
                .is_some_and(|(text, min)| text.is_ascii() && text.len() >= min),
            ("maximum", Node::Int(number)) => integer(value).is_some_and(|max| *number <= max),
            ("minimum", Node::Int(number)) => integer(value).is_some_and(|min| *number >= min),
            ("maximum" | "minimum", Node::Int64(_) | Node::Float(_)) => false,
            _ => true,
        })
    }

    /// The schema at a pointer such as `#/definitions/x`.
    fn look_up(&self, pointer: &str) -> Option<&Json> {
        let path = pointer.strip_prefix('#')?;
        path.split('/').skip(1).try_fold(self.root, |schema, name| schema.get(name))
    }
}

fn is_of_type(doc: &Doc, name: &Json) -> bool {
    match (&doc.node, name.as_str()) {
        (Node::Null, Some("null"))
        | (Node::Bool(_), Some("boolean"))
        | (Node::Str(_), Some("string"))
        | (Node::List(_), Some("array"))
        | (Node::Map(_), Some("object"))
        | (Node::Int(_) | Node::Int64(_), Some("integer" | "number")) => true,
        (Node::Float(number), Some("number")) => number.is_finite(),
        _ => false,
    }
}

fn count(value: &Json) -> Option<usize> {
    integer(value).and_then(|number| usize::try_from(number).ok())
}

/// A whole number of the schema that float64 holds exactly.
fn integer(value: &Json) -> Option<i64> {
    match value {
        Json::Number(number) if number.text.len() < 15 => number.text.parse().ok(),
        _ => None,
    }
}

fn is_address(value: &Json) -> bool {
    value.as_str().is_some_and(|text| Draft::from_url(text).is_some())
}

/// A pointer into the same document, of characters that need no escape.
fn is_local_reference(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-.$".contains(&byte);
    text.strip_prefix('#').is_some_and(|pointer| {
        (pointer.is_empty() || pointer.starts_with('/')) && pointer.bytes().all(plain)
    })
}

fn is_type(value: &Json) -> bool {
    value.as_str().is_some_and(|name| TYPES.contains(&name))
}

/// One string or more, none of them twice.
fn has_different_strings(items: &[Json]) -> bool {
    !items.is_empty()
        && items.len() < 50
        && items.iter().enumerate().all(|(at, item)| {
            let Some(text) = item.as_str() else { return false };
            items[..at].iter().all(|earlier| earlier.as_str() != Some(text))
        })
}

fn is_count(value: &Json) -> bool {
    matches!(value, Json::Number(number)
        if !number.text.is_empty() && number.text.len() < 10
            && number.text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A pattern of literal characters and anchors.
fn is_plain_pattern(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"^$-_/ ".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;

    #[test]
    fn accepts_only_beyond_doubt() {
        let schema = r##"{
            "type": "object", "required": ["a"], "additionalProperties": false,
            "properties": {
                "a": {"type": ["integer", "null"], "minimum": 1, "maximum": 10},
                "b": {"enum": ["x", "y"]},
                "c": {"type": "array", "items": {"$ref": "#/definitions/name"}, "maxItems": 2},
                "d": {"anyOf": [{"type": "string", "pattern": "^a"}, {"type": "boolean"}]},
                "e": {"additionalProperties": {"type": "string"}}
            },
            "definitions": {"name": {"type": "string", "minLength": 2, "maxLength": 4}}
        }"##;
        let schema = json::parse(schema.as_bytes()).unwrap();
        assert!(is_whole(&schema));
        for (values, sure) in [
            ("a: 1", true),
            ("{a: null, b: x, c: [ab, abcd], d: true, e: {f: g}}", true),
            ("{}", false),
            ("a: 11", false),
            ("a: 0", false),
            ("a: 1.5", false),
            ("a: 2.0", false),
            ("{a: 1, z: 1}", false),
            ("{a: 1, b: z}", false),
            ("{a: 1, b: 1}", false),
            ("{a: 1, c: [abcde]}", false),
            ("{a: 1, c: [a]}", false),
            ("{a: 1, c: [ab, ab, ab]}", false),
            ("{a: 1, c: {}}", false),
            ("{a: 1, d: abc}", false),
            ("{a: 1, e: {f: 1}}", false),
        ] {
            let doc = crate::yaml::read::parse(values.as_bytes(), crate::source::SourceId::NONE);
            let doc = doc.unwrap();
            assert_eq!(accepts(&schema, &doc), sure, "{values}");
        }
    }

    #[test]
    fn references_lead_somewhere() {
        for (schema, whole) in [
            (r##"{"$ref": "#/definitions/x", "definitions": {"x": {"minLength": 1}}}"##, true),
            (r##"{"properties": {"a": {"$ref": "#"}}}"##, true),
            (r##"{"properties": {"a": {"$ref": "#/nope"}}}"##, false),
            (r##"{"$ref": "#/x-own", "x-own": {"type": "nope"}}"##, false),
        ] {
            assert_eq!(is_whole(&json::parse(schema.as_bytes()).unwrap()), whole, "{schema}");
        }
    }

    #[test]
    fn doubts_are_left_to_the_metaschema() {
        for (schema, plain) in [
            ("{}", true),
            (r#"{"type": "object", "properties": {"a": {"type": ["string", "null"]}}}"#, true),
            (r##"{"$ref": "#/definitions/x", "definitions": {"x": {"minLength": 1}}}"##, true),
            (r#"{"enum": ["a", "b"], "additionalProperties": false, "x-own": [1]}"#, true),
            ("true", false),
            (r#"{"type": "text"}"#, false),
            (r#"{"type": ["null", "null"]}"#, false),
            (r#"{"properties": {"a": 1}}"#, false),
            (r#"{"required": []}"#, false),
            (r#"{"required": ["a", 1]}"#, false),
            (r#"{"minLength": -1}"#, false),
            (r#"{"minLength": 1.5}"#, false),
            (r#"{"$ref": "other.json"}"#, false),
            (r#"{"$id": "x"}"#, false),
            (r#"{"pattern": "("}"#, false),
            (r#"{"anyOf": []}"#, false),
        ] {
            assert_eq!(is_valid(&json::parse(schema.as_bytes()).unwrap()), plain, "{schema}");
        }
    }
}
