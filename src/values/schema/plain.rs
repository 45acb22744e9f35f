//! A quick look at a schema: is it one that every draft's metaschema accepts?
//!
//! Charts' schemas are valid nearly always, and evaluating a metaschema costs more than
//! everything else that is done with them. What this look cannot be sure of is left to the
//! metaschema, which also has the words for what is wrong.

use super::compile::TYPES;
use super::json::Json;

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

fn is_address(value: &Json) -> bool {
    value.as_str().is_some_and(|text| text.starts_with("http"))
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
