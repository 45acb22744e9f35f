//! A quick look: is a schema one that every draft's metaschema accepts, and are values such that
//! it accepts them?
//!
//! Both are the case nearly always, and evaluating the metaschema and compiling the schema cost
//! many times more than this look. What it cannot be sure of is left to the evaluator, which
//! also has the words for what is wrong.

use std::cell::Cell;
use std::collections::HashSet;

use super::compile::TYPES;
use super::draft::Draft;
use super::format::Format;
use super::json::Json;
use crate::doc::{Doc, DocMap, Node};
use crate::golang::regexp::Regexp;

/// References and collections deeper than this are for the evaluator.
const MAX_DEPTH: usize = 100;

/// How often one look holds a schema against a part of the values. Branches multiply; what takes
/// longer is for the evaluator.
const MAX_STEPS: u32 = 2_000_000;

/// Whether a schema is valid beyond doubt, in every draft.
pub(super) fn is_valid(schema: &Json) -> bool {
    schema.as_object().is_some_and(|members| {
        members.iter().all(|(keyword, value)| is_valid_member(keyword, value))
    })
}

fn is_valid_member(keyword: &str, value: &Json) -> bool {
    match keyword {
        "$schema" => is_address(value),
        "$comment" | "title" | "description" | "format" => value.as_str().is_some(),
        "$ref" => value.as_str().is_some_and(is_local_reference),
        "default" | "const" => true,
        "deprecated" | "readOnly" | "writeOnly" | "uniqueItems" => matches!(value, Json::Bool(_)),
        "examples" => matches!(value, Json::Array(_)),
        "type" => match value {
            Json::Array(types) => has_different_strings(types) && types.iter().all(is_type),
            one => is_type(one),
        },
        "required" => matches!(value, Json::Array(names) if has_different_strings(names)),
        "enum" => matches!(value, Json::Array(choices) if has_different_choices(choices)),
        "properties" | "definitions" | "$defs" => {
            value.as_object().is_some_and(|schemas| schemas.values().all(is_valid))
        }
        "patternProperties" => value.as_object().is_some_and(|schemas| {
            schemas.iter().all(|(pattern, schema)| is_pattern(pattern) && is_valid(schema))
        }),
        "additionalProperties" | "additionalItems" => {
            matches!(value, Json::Bool(_)) || is_valid(value)
        }
        "items" | "not" | "if" | "then" | "else" | "contains" | "propertyNames" => is_valid(value),
        "allOf" | "anyOf" | "oneOf" => {
            matches!(value, Json::Array(schemas) if !schemas.is_empty() && schemas.iter().all(is_valid))
        }
        "minimum" | "maximum" => matches!(value, Json::Number(_)),
        "multipleOf" => integer(value).is_some_and(|step| step > 0),
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
            is_count(value)
        }
        "pattern" => value.as_str().is_some_and(is_pattern),
        other => !CONSTRAINED.contains(&other),
    }
}

/// Keywords that a metaschema has something to say about, and that are too rare or too
/// different from draft to draft to be looked at here.
const CONSTRAINED: [&str; 21] = [
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
    "exclusiveMaximum",
    "exclusiveMinimum",
    "id",
    "maxContains",
    "minContains",
    "prefixItems",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Whether a schema is valid as [`is_valid`] says, and all that it refers to is there and valid,
/// too; the evaluator complains about a missing part even when no value leads to it. At the top
/// it may have a name.
pub(super) fn is_whole(root: &Json) -> bool {
    let Json::Object(members) = root else { return false };
    let mut seen = HashSet::from([std::ptr::from_ref(root).addr()]);
    members.iter().all(|(keyword, value)| match keyword.as_str() {
        "$id" => value.as_str().is_some_and(is_plain_name),
        keyword => is_valid_member(keyword, value),
    }) && has_targets(&Look::new(root), root, &mut seen)
}

/// Whether all references lead to valid schemas; `seen` are the addresses of those that do.
fn has_targets(look: &Look<'_>, schema: &Json, seen: &mut HashSet<usize>) -> bool {
    match schema {
        Json::Object(members) => members.iter().all(|(keyword, value)| match value.as_str() {
            Some(pointer) if keyword == "$ref" => look.look_up(pointer).is_some_and(|target| {
                !seen.insert(std::ptr::from_ref(target).addr()) || is_valid(target)
            }),
            _ => has_targets(look, value, seen),
        }),
        Json::Array(items) => items.iter().all(|item| has_targets(look, item, seen)),
        _ => true,
    }
}

/// Whether a schema, whole as [`is_whole`] says, accepts a document beyond doubt.
pub(super) fn accepts(root: &Json, doc: &Doc) -> bool {
    Look::new(root).verdict(root, doc, 0) == Verdict::Accepted
}

/// What a look makes of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Accepted,
    Refused,
    Unsure,
}

impl Verdict {
    fn of(is_good: bool) -> Verdict {
        if is_good { Verdict::Accepted } else { Verdict::Refused }
    }

    /// Where only the good case is beyond doubt.
    fn only_if(is_good: bool) -> Verdict {
        if is_good { Verdict::Accepted } else { Verdict::Unsure }
    }

    /// Where nothing follows from the bad case.
    fn doubted(self) -> Verdict {
        Verdict::only_if(self == Verdict::Accepted)
    }

    /// All must accept.
    fn all(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
        let mut all = Verdict::Accepted;
        for verdict in verdicts {
            match verdict {
                Verdict::Refused => return Verdict::Refused,
                Verdict::Unsure => all = Verdict::Unsure,
                Verdict::Accepted => {}
            }
        }
        all
    }

    /// One must accept.
    fn any(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
        !Verdict::all(verdicts.into_iter().map(|verdict| !verdict))
    }
}

impl std::ops::Not for Verdict {
    type Output = Verdict;

    fn not(self) -> Verdict {
        match self {
            Verdict::Accepted => Verdict::Refused,
            Verdict::Refused => Verdict::Accepted,
            Verdict::Unsure => Verdict::Unsure,
        }
    }
}

struct Look<'a> {
    root: &'a Json,
    draft: Draft,
    steps: Cell<u32>,
}

impl<'a> Look<'a> {
    fn new(root: &'a Json) -> Self {
        let named = root.get("$schema").and_then(Json::as_str).and_then(Draft::from_url);
        Look { root, draft: named.unwrap_or(Draft::LATEST), steps: Cell::new(0) }
    }

    fn verdict(&self, schema: &Json, doc: &Doc, depth: usize) -> Verdict {
        let Json::Object(members) = schema else {
            return schema.as_bool().map_or(Verdict::Unsure, Verdict::of);
        };
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if depth > MAX_DEPTH || steps > MAX_STEPS {
            return Verdict::Unsure;
        }
        // Old drafts ignore what stands beside a reference.
        let is_alone = !members.contains_key("$ref") || self.draft >= Draft::D2019;
        Verdict::all(members.iter().map(|(keyword, value)| {
            let verdict = self.member(schema, keyword, value, doc, depth + 1);
            if is_alone || keyword == "$ref" { verdict } else { verdict.doubted() }
        }))
    }

    /// What one keyword of a schema makes of a document.
    fn member(
        &self,
        schema: &Json,
        keyword: &str,
        value: &Json,
        doc: &Doc,
        depth: usize,
    ) -> Verdict {
        let below = |schema: &Json, doc: &Doc| self.verdict(schema, doc, depth);
        let each = || value.as_array().unwrap_or_default().iter().map(|schema| below(schema, doc));
        match (keyword, &doc.node) {
            ("$ref", _) => {
                let target = value.as_str().and_then(|pointer| self.look_up(pointer));
                target.map_or(Verdict::Unsure, |schema| below(schema, doc))
            }
            ("type", _) => match value {
                Json::Array(types) => Verdict::any(types.iter().map(|name| has_type(doc, name))),
                one => has_type(doc, one),
            },
            ("enum", _) => {
                let choices = value.as_array().unwrap_or_default();
                Verdict::any(choices.iter().map(|choice| is_same(doc, choice)))
            }
            ("const", _) => self.since_d7(is_same(doc, value)),
            ("allOf", _) => Verdict::all(each()),
            ("anyOf", _) => Verdict::any(each()),
            ("oneOf", _) => {
                let count = |wanted| each().filter(|verdict| *verdict == wanted).count();
                match (count(Verdict::Accepted), count(Verdict::Unsure)) {
                    (one, 0) => Verdict::of(one == 1),
                    _ => Verdict::Unsure,
                }
            }
            ("not", _) => !below(value, doc),
            ("if", _) => {
                let branch = match below(value, doc) {
                    Verdict::Accepted => schema.get("then"),
                    Verdict::Refused => schema.get("else"),
                    Verdict::Unsure => return Verdict::Unsure,
                };
                self.since_d7(branch.map_or(Verdict::Accepted, |schema| below(schema, doc)))
            }
            (_, Node::Map(map)) => self.object(schema, keyword, value, map, depth),
            ("items", Node::List(items)) => {
                Verdict::all(items.iter().map(|item| below(value, item)))
            }
            ("maxItems", Node::List(items)) => within(items.len(), value),
            ("minItems", Node::List(items)) => at_least(items.len(), value),
            ("contains", Node::List(items)) => {
                self.since_d7(Verdict::any(items.iter().map(|item| below(value, item))))
            }
            ("uniqueItems", Node::List(items)) => {
                Verdict::only_if(items.len() < 2 || value.as_bool() == Some(false))
            }
            ("maxLength" | "minLength" | "pattern" | "format", Node::Str(text)) => {
                match text.as_str() {
                    Some(text) => string(keyword, value, text),
                    None => Verdict::Unsure,
                }
            }
            ("maximum", Node::Int(number)) => {
                integer(value).map_or(Verdict::Unsure, |max| Verdict::of(*number <= max))
            }
            ("minimum", Node::Int(number)) => {
                integer(value).map_or(Verdict::Unsure, |min| Verdict::of(*number >= min))
            }
            ("maximum" | "minimum", Node::Int64(_) | Node::Float(_))
            | ("multipleOf", Node::Int(_) | Node::Int64(_) | Node::Float(_)) => Verdict::Unsure,
            _ => Verdict::Accepted,
        }
    }

    /// What a keyword about objects makes of one.
    fn object(
        &self,
        schema: &Json,
        keyword: &str,
        value: &Json,
        map: &DocMap,
        depth: usize,
    ) -> Verdict {
        let below = |schema: &Json, doc: &Doc| self.verdict(schema, doc, depth);
        match keyword {
            "properties" => {
                let Some(properties) = value.as_object() else { return Verdict::Unsure };
                Verdict::all(map.iter().filter_map(|(name, item)| {
                    properties.get(&**name).map(|schema| below(schema, item))
                }))
            }
            "patternProperties" => Verdict::all(value.as_object().into_iter().flatten().flat_map(
                |(pattern, schema)| {
                    let named = map.iter().filter(|(name, _)| is_match(pattern, name));
                    named.map(|(_, item)| below(schema, item))
                },
            )),
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Json::as_object);
                let patterns = schema.get("patternProperties").and_then(Json::as_object);
                let is_known = |name: &str| {
                    known.is_some_and(|properties| properties.contains_key(name))
                        || patterns.is_some_and(|patterns| {
                            patterns.keys().any(|pattern| is_match(pattern, name))
                        })
                };
                let others = map.iter().filter(|(name, _)| !is_known(name));
                Verdict::all(others.map(|(_, item)| below(value, item)))
            }
            "propertyNames" => self.since_d7(Verdict::all(map.keys().map(|name| {
                let name: &str = name;
                below(value, &Doc::str(name))
            }))),
            "required" => {
                let names = value.as_array().unwrap_or_default().iter();
                Verdict::of(names.filter_map(Json::as_str).all(|name| map.contains_key(name)))
            }
            "maxProperties" => within(map.len(), value),
            "minProperties" => at_least(map.len(), value),
            _ => Verdict::Accepted,
        }
    }

    /// What older drafts ignore they do not refuse.
    fn since_d7(&self, verdict: Verdict) -> Verdict {
        if self.draft >= Draft::D7 { verdict } else { verdict.doubted() }
    }

    /// The schema at a pointer such as `#/definitions/x`.
    fn look_up(&self, pointer: &str) -> Option<&'a Json> {
        let path = pointer.strip_prefix('#')?;
        path.split('/').skip(1).try_fold(self.root, |schema, name| schema.get(name))
    }
}

fn within(number: usize, value: &Json) -> Verdict {
    count(value).map_or(Verdict::Unsure, |max| Verdict::of(number <= max))
}

fn at_least(number: usize, value: &Json) -> Verdict {
    count(value).map_or(Verdict::Unsure, |min| Verdict::of(number >= min))
}

/// What a keyword about texts makes of one.
fn string(keyword: &str, value: &Json, text: &str) -> Verdict {
    match (keyword, value.as_str()) {
        ("maxLength", _) => within(text.chars().count(), value),
        ("minLength", _) => at_least(text.chars().count(), value),
        ("pattern", Some(pattern)) => Verdict::of(is_match(pattern, text)),
        // Newer drafts take a format for a remark.
        ("format", Some(name)) => {
            Verdict::only_if(Format::named(name).is_none_or(|format| format.check(text).is_ok()))
        }
        _ => Verdict::Unsure,
    }
}

fn has_type(doc: &Doc, name: &Json) -> Verdict {
    match (&doc.node, name.as_str()) {
        (Node::Null, Some("null"))
        | (Node::Bool(_), Some("boolean"))
        | (Node::Str(_), Some("string"))
        | (Node::List(_), Some("array"))
        | (Node::Map(_), Some("object"))
        | (Node::Int(_) | Node::Int64(_), Some("integer" | "number")) => Verdict::Accepted,
        (Node::Float(number), Some("number")) => Verdict::only_if(number.is_finite()),
        // A float may be whole.
        (Node::Float(_), Some("integer")) => Verdict::Unsure,
        _ => Verdict::Refused,
    }
}

/// Whether a document is a value of the schema.
fn is_same(doc: &Doc, value: &Json) -> Verdict {
    match (&doc.node, value) {
        (Node::Null, Json::Null) => Verdict::Accepted,
        (Node::Bool(one), Json::Bool(other)) => Verdict::of(one == other),
        (Node::Str(one), Json::String(other)) => {
            one.as_str().map_or(Verdict::Unsure, |one| Verdict::of(one == other))
        }
        (Node::Int(one), Json::Number(_)) => {
            integer(value).map_or(Verdict::Unsure, |other| Verdict::of(*one == other))
        }
        (Node::Int64(_) | Node::Float(_), Json::Number(_))
        | (Node::List(_), Json::Array(_))
        | (Node::Map(_), Json::Object(_)) => Verdict::Unsure,
        _ => Verdict::Refused,
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

/// An address for a schema, of characters that need no escape, and not that of a metaschema.
fn is_plain_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-.".contains(&byte);
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        rest.starts_with(|first: char| first.is_ascii_alphabetic())
            && rest.bytes().all(plain)
            && !rest.starts_with("json-schema.org")
    })
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
    has_different_choices(items) && items.iter().all(|item| item.as_str().is_some())
}

/// One scalar or more, none of them twice.
fn has_different_choices(items: &[Json]) -> bool {
    let is_scalar = |item: &Json| match item {
        Json::Number(_) => integer(item).is_some(),
        item => !matches!(item, Json::Array(_) | Json::Object(_)),
    };
    !items.is_empty()
        && items.len() < 50
        && items.iter().all(is_scalar)
        && items
            .iter()
            .enumerate()
            .all(|(at, item)| items[..at].iter().all(|earlier| !earlier.equals(item)))
}

fn is_count(value: &Json) -> bool {
    matches!(value, Json::Number(number)
        if !number.text.is_empty() && number.text.len() < 10
            && number.text.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_pattern(text: &str) -> bool {
    Regexp::compile(text.as_bytes()).is_ok()
}

fn is_match(pattern: &str, text: &str) -> bool {
    Regexp::compile(pattern.as_bytes()).is_ok_and(|pattern| pattern.is_match(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;
    use crate::source::Span;

    fn two() -> Doc {
        Doc::new(Node::Int(2), Span::NONE)
    }

    #[test]
    fn accepts_only_beyond_doubt() {
        let schema = r##"{
            "type": "object", "required": ["a"], "additionalProperties": false,
            "properties": {
                "a": {"type": ["integer", "null"], "minimum": 1, "maximum": 10},
                "b": {"enum": ["x", "y"]},
                "c": {"type": "array", "items": {"$ref": "#/definitions/name"}, "maxItems": 2},
                "d": {"anyOf": [{"type": "string", "pattern": "^a"}, {"type": "boolean"}]},
                "e": {"additionalProperties": {"type": "string"}},
                "f": {"const": "x"},
                "g": {"not": {"type": "string"}},
                "h": {"oneOf": [{"type": "string"}, {"type": "integer"}, {"minimum": 5}]},
                "i": {"if": {"required": ["x"]}, "then": {"required": ["w"]}, "else": {"maxProperties": 0}},
                "j": {"patternProperties": {"^x": {"type": "boolean"}}, "additionalProperties": false},
                "k": {"propertyNames": {"maxLength": 1}},
                "l": {"enum": [1, true, null, "a"]},
                "m": {"multipleOf": 2, "uniqueItems": true, "format": "ipv4"},
                "o": {"contains": {"const": 1}}
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
            ("{a: 1, d: abc}", true),
            ("{a: 1, d: bc}", false),
            ("{a: 1, e: {f: 1}}", false),
            ("{a: 1, f: x}", true),
            ("{a: 1, f: y}", false),
            ("{a: 1, g: 1}", true),
            ("{a: 1, g: x}", false),
            ("{a: 1, h: 1}", true),
            ("{a: 1, h: 7}", false),
            ("{a: 1, h: 1.5}", false),
            ("{a: 1, i: {x: 1, w: 1}}", true),
            ("{a: 1, i: {x: 1}}", false),
            ("{a: 1, i: {}}", true),
            ("{a: 1, i: {z: 1}}", false),
            ("{a: 1, j: {xa: true}}", true),
            ("{a: 1, j: {xa: 1}}", false),
            ("{a: 1, j: {w: true}}", false),
            ("{a: 1, k: {x: 1}}", true),
            ("{a: 1, k: {xy: 1}}", false),
            ("{a: 1, l: 1}", true),
            ("{a: 1, l: 1.0}", false),
            ("{a: 1, l: null}", true),
            ("{a: 1, l: b}", false),
            ("{a: 1, m: 2}", false),
            ("{a: 1, m: [1]}", true),
            ("{a: 1, m: [1, 1]}", false),
            ("{a: 1, m: 1.2.3.4}", true),
            ("{a: 1, m: x}", false),
            ("{a: 1, o: [2, 1]}", true),
            ("{a: 1, o: [2]}", false),
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
            (r##"{"$id": "https://a.b/c", "properties": {"a": {"$ref": "#"}}}"##, true),
            (r#"{"$id": "https://a.b/c#d"}"#, false),
            (r#"{"$id": "https://json-schema.org/draft/2020-12/schema"}"#, false),
            (r#"{"properties": {"a": {"$id": "https://a.b/c"}}}"#, false),
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
            (r#"{"pattern": "^[a-z]+(-[a-z]+)?$", "multipleOf": 2, "deprecated": true}"#, true),
            (r#"{"patternProperties": {"[": {}}}"#, false),
            (r#"{"enum": [1, 1]}"#, false),
            (r#"{"enum": [[1]]}"#, false),
            (r#"{"multipleOf": 0}"#, false),
            (r#"{"deprecated": "no"}"#, false),
            (r#"{"anyOf": []}"#, false),
        ] {
            assert_eq!(is_valid(&json::parse(schema.as_bytes()).unwrap()), plain, "{schema}");
        }
    }

    /// Drafts that do not know a keyword ignore it, and the older ones what stands by a reference.
    #[test]
    fn what_a_draft_ignores_refuses_nothing() {
        for (schema, sure) in [
            (r#"{"not": {"const": 1}}"#, true),
            (
                r#"{"$schema": "http://json-schema.org/draft-04/schema#", "not": {"const": 1}}"#,
                false,
            ),
            (r##"{"not": {"$ref": "#/$defs/any", "type": "string"}, "$defs": {"any": {}}}"##, true),
            (
                r##"{"$schema": "http://json-schema.org/draft-07/schema#", "not": {"$ref": "#/$defs/any", "type": "string"}, "$defs": {"any": {}}}"##,
                false,
            ),
        ] {
            let schema = json::parse(schema.as_bytes()).unwrap();
            assert!(is_whole(&schema));
            assert_eq!(accepts(&schema, &two()), sure, "{schema:?}");
        }
    }

    #[test]
    fn branches_that_multiply_end() {
        let schema = json::parse(br##"{"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}"##).unwrap();
        assert!(is_whole(&schema) && !accepts(&schema, &two()));
    }

    /// Numbers that look random and never change.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (self.0 >> 33) as usize % limit
        }

        fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
            all[self.below(all.len())]
        }

        fn value(&mut self, depth: usize) -> String {
            match self.below(if depth == 0 { 8 } else { 11 }) {
                0 => "null".into(),
                1 => "true".into(),
                2 => self.pick(&["1", "2", "-3", "100", "1.5", "2.0", "1e3"]).into(),
                3..8 => self.pick(&[r#""""#, r#""a""#, r#""ab""#, r#""1.2.3.4""#, r#""é""#]).into(),
                8 => format!("[{}, {}]", self.value(depth - 1), self.value(depth - 1)),
                9 => "{}".into(),
                _ => {
                    format!(r#"{{"a": {}, "b": {}}}"#, self.value(depth - 1), self.value(depth - 1))
                }
            }
        }

        fn member(&mut self, depth: usize) -> String {
            let below = depth.saturating_sub(1);
            let kind = self.below(if depth == 0 { 13 } else { 27 });
            let count = self.below(3);
            match kind {
                0 | 1 => {
                    let types =
                        ["null", "boolean", "number", "integer", "string", "array", "object"];
                    let (one, other) = (self.below(7), self.below(6));
                    let other = (one + 1 + other) % 7;
                    match count {
                        0 => format!(r#""type": ["{}", "{}"]"#, types[one], types[other]),
                        _ => format!(r#""type": "{}""#, types[one]),
                    }
                }
                2 => format!(
                    r#""enum": [{}]"#,
                    self.pick(&[r#""a", "b""#, "1, 2", r#"null, true, "ab""#])
                ),
                3 => format!(r#""const": {}"#, self.value(1)),
                4 => format!(r#""minLength": {count}"#),
                5 => format!(r#""maxLength": {count}"#),
                6 => format!(r#""minimum": {count}"#),
                7 => format!(r#""maximum": {count}.5"#),
                8 => format!(r#""pattern": "{}""#, self.pick(&["^a", "b$", "[0-9]+", "^.?$"])),
                9 => format!(r#""format": "{}""#, self.pick(&["ipv4", "date", "no-such"])),
                10 => format!(r#""required": ["{}"]"#, self.pick(&["a", "b", "c"])),
                11 => format!(r#""maxProperties": {count}, "minItems": {count}"#),
                12 => format!(r#""multipleOf": 2, "uniqueItems": true, "maxItems": {count}"#),
                13 | 14 => format!(r#""properties": {{"a": {}}}"#, self.schema(below)),
                15 => format!(r#""additionalProperties": {}"#, self.schema(below)),
                16 => r#""additionalProperties": false"#.into(),
                17 => format!(r#""patternProperties": {{"^b": {}}}"#, self.schema(below)),
                18 => format!(r#""propertyNames": {}"#, self.schema(below)),
                19 => format!(r#""items": {}"#, self.schema(below)),
                20 => format!(r#""contains": {}"#, self.schema(below)),
                21 => format!(r#""not": {}"#, self.schema(below)),
                22 => format!(r#""if": {}"#, self.schema(below)),
                23 => format!(r#""then": {}, "else": {}"#, self.schema(below), self.schema(below)),
                24 => r##""$ref": "#/definitions/x""##.into(),
                _ => {
                    let keyword = self.pick(&["allOf", "anyOf", "oneOf"]);
                    format!(r#""{keyword}": [{}, {}]"#, self.schema(below), self.schema(below))
                }
            }
        }

        /// A schema of a few keywords.
        fn schema(&mut self, depth: usize) -> String {
            let count = 1 + self.below(3);
            let members: Vec<String> = (0..count).map(|_| self.member(depth)).collect();
            format!("{{{}}}", members.join(", "))
        }
    }

    /// What a look is sure of the evaluator says, too: of made-up schemas in every draft.
    #[test]
    fn looks_agree_with_the_evaluator() {
        let drafts = ["draft-04/schema#", "draft-06/schema#", "draft-07/schema#"];
        let mut numbers = Numbers(1);
        let (mut accepted, mut refused) = (0, 0);
        for _ in 0..6_000 {
            let members = numbers.schema(3);
            let draft = match numbers.below(5) {
                at @ 0..3 => format!(r#""$schema": "http://json-schema.org/{}", "#, drafts[at]),
                3 => r#""$schema": "https://json-schema.org/draft/2019-09/schema", "#.into(),
                _ => String::new(),
            };
            let text = format!(
                r#"{{{draft}"definitions": {{"x": {}}}, {}"#,
                numbers.schema(1),
                &members[1..]
            );
            let value = numbers.value(2);
            let schema = json::parse(text.as_bytes()).expect("JSON");
            let doc = crate::json::read::parse(value.as_bytes(), crate::source::SourceId::NONE);
            let doc = doc.expect("JSON");
            if !is_whole(&schema) {
                continue;
            }
            let verdict = Look::new(&schema).verdict(&schema, &doc, 0);
            let compiled = super::super::Compiled::new(schema, None);
            let outcome = compiled.check(&doc, &mut Vec::new());
            match verdict {
                Verdict::Accepted => accepted += 1,
                Verdict::Refused => refused += 1,
                Verdict::Unsure => continue,
            }
            let agrees = outcome.is_ok() == (verdict == Verdict::Accepted);
            assert!(agrees, "{text}\n{value}\n{verdict:?}, but {outcome:?}");
        }
        assert!(accepted > 500 && refused > 500, "{accepted} {refused}");
    }
}
