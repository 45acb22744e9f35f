//! The walk of a schema together with values: problems, defaults, conversions.

use std::fmt::Write as _;

use super::kubernetes;
use super::schema::{Meaning, Place};
use crate::diag::nearest::likely;
use crate::doc::decode::{IN_QUOTES, Problem, push_key};
use crate::doc::quantity::{is_quantity, seconds};
use crate::doc::{Doc, DocMap, Node};
use crate::golang::regexp::Regexp;
use crate::source::Span;

/// Format of a text of digits that counts as the number.
const WHOLE: &str = "whole";

/// Format of a text that no message shows.
const PASSWORD: &str = "password";

/// The values as the schema completes them, and every problem.
pub(super) fn fit(schema: &Doc, values: &Doc) -> (Doc, Vec<Problem>) {
    let mut walk = Walk { problems: Vec::new(), path: String::new() };
    let completed = walk.value(Place::root(schema), values);
    (completed, walk.problems)
}

/// The values with nulls of `user` put back where the schema allows null by name.
pub(super) fn with_nulls(schema: &Doc, values: &Doc, user: &Doc) -> Doc {
    restore(Place::root(schema), values, user)
}

fn restore(place: Place<'_>, values: &Doc, user: &Doc) -> Doc {
    let Meaning::Schema(place) = place.meaning() else { return values.clone() };
    let (Some(properties), Some(given)) = (place.map("properties"), user.as_map()) else {
        return values.clone();
    };
    let mut values = values.clone();
    let Some(map) = values.as_map_mut() else { return values };
    for (key, item) in given {
        let Some(property) = properties.get(key).map(|property| place.at(property)) else {
            continue;
        };
        match map.get(key) {
            None if item.is_null() && property.allows_null() => {
                map.insert(key.clone(), item.clone());
            }
            Some(own) if item.as_map().is_some() => {
                let restored = restore(property, own, item);
                map.insert(key.clone(), restored);
            }
            _ => {}
        }
    }
    values
}

/// A value as messages show it.
pub(super) fn found(doc: &Doc) -> String {
    match &doc.node {
        Node::Str(text) => format!("string {:?}", text.to_str_lossy()),
        Node::Int(number) | Node::Int64(number) => format!("number {number}"),
        Node::Float(number) => format!("number {number}"),
        Node::Bool(value) => format!("boolean {value}"),
        Node::Null => "null".to_owned(),
        Node::List(_) => "a list".to_owned(),
        Node::Map(_) => "a map".to_owned(),
    }
}

/// A value as a message shows it that wants something else: what should be several values may be
/// a secret among them.
pub(super) fn found_for(what: &str, doc: &Doc) -> String {
    match (what, doc.kind()) {
        ("a map", "string") => "a string".to_owned(),
        ("a map", "number") => "a number".to_owned(),
        _ => found(doc),
    }
}

/// A number as text; other values as they are.
pub(super) fn as_text(doc: &Doc) -> Doc {
    let text = match doc.node {
        Node::Int(number) | Node::Int64(number) => number.to_string(),
        Node::Float(number) => number.to_string(),
        _ => return doc.clone(),
    };
    Doc::new(Node::Str(text.into()), doc.span)
}

fn whole(doc: &Doc) -> Option<i64> {
    match doc.node {
        Node::Int(number) | Node::Int64(number) => Some(number),
        Node::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(number as i64),
        _ => None,
    }
}

struct Walk {
    problems: Vec<Problem>,
    path: String,
}

impl Walk {
    fn note(&mut self, span: Span, message: impl Into<String>, hint: Option<String>) {
        let path = self.path.clone();
        self.problems.push(Problem { path, span, message: message.into(), hint });
    }

    /// Walks one step further down.
    fn below<R>(&mut self, step: impl FnOnce(&mut String), walk: impl FnOnce(&mut Self) -> R) -> R {
        let length = self.path.len();
        step(&mut self.path);
        let result = walk(self);
        self.path.truncate(length);
        result
    }

    /// A value that is there; null where the schema has none counts as absent.
    fn value(&mut self, place: Place<'_>, doc: &Doc) -> Doc {
        if doc.is_null() && !place.allows_null() {
            return match self.absent(place) {
                Some(default) => default,
                None => {
                    let (_, what) = wanted(place);
                    self.note(doc.span, format!("expected {what}, found null"), None);
                    doc.clone()
                }
            };
        }
        match place.meaning() {
            Meaning::Anything => doc.clone(),
            Meaning::Kubernetes(name) => match plain_definition(name) {
                Some(format) => self.scalar_definition(format, doc),
                None => kubernetes::fit(name, doc, &self.path, &mut self.problems),
            },
            Meaning::Schema(place) => self.schema(place, doc),
        }
    }

    /// What stands where nothing is given.
    fn absent(&mut self, place: Place<'_>) -> Option<Doc> {
        let default = place.default()?;
        if default.is_null() {
            return Some(default.clone());
        }
        // A default is completed like what a user gives; its problems are the schema's.
        let before = self.problems.len();
        let completed = self.value(place, default);
        self.problems.truncate(before);
        Some(completed)
    }

    fn schema(&mut self, place: Place<'_>, doc: &Doc) -> Doc {
        let before = self.problems.len();
        let mut doc = self.typed(place, doc);
        if self.problems.len() > before {
            return doc;
        }
        for branch in place.branches("allOf") {
            doc = self.value(branch, &doc);
        }
        for keyword in ["anyOf", "oneOf"] {
            if place.branches(keyword).next().is_some() {
                doc = self.one_of(place, keyword, &doc);
            }
        }
        doc
    }

    /// The first branch that fits; where none does, the problems of the one that comes nearest.
    fn one_of(&mut self, place: Place<'_>, keyword: &str, doc: &Doc) -> Doc {
        let mut nearest: Option<(bool, Vec<Problem>)> = None;
        for branch in place.branches(keyword) {
            let mut walk = Walk { problems: Vec::new(), path: self.path.clone() };
            let completed = walk.value(branch, doc);
            if walk.problems.is_empty() {
                return completed;
            }
            // A branch of another type is further away than one whose details differ.
            let is_other = walk.problems.iter().any(|problem| {
                problem.path == self.path && problem.message.starts_with("expected ")
            });
            let is_nearer = nearest.as_ref().is_none_or(|(other, found)| {
                (is_other, walk.problems.len()) < (*other, found.len())
            });
            if is_nearer {
                nearest = Some((is_other, walk.problems));
            }
        }
        let Some((is_other, problems)) = nearest else { return doc.clone() };
        if is_other {
            let kinds = place.branches(keyword).map(|branch| wanted(branch).1);
            let kinds: Vec<String> = kinds.filter(|kind| !kind.is_empty()).collect();
            let what = kinds.join(" or ");
            let message = format!("expected {what}, found {}", found_for(&what, doc));
            self.note(doc.span, message, None);
        } else {
            self.problems.extend(problems);
        }
        doc.clone()
    }

    /// Type, choice and what belongs to each type.
    fn typed(&mut self, place: Place<'_>, doc: &Doc) -> Doc {
        if place.text("format") == Some(WHOLE)
            && let Node::Str(text) = &doc.node
        {
            return match text.as_str().and_then(|digits| digits.parse::<i64>().ok()) {
                Some(number) => {
                    let doc = Doc::new(Node::Int(number), doc.span);
                    self.number(place, &doc);
                    doc
                }
                None => {
                    self.wrong_type(place, doc, "a whole number");
                    doc.clone()
                }
            };
        }
        let (types, what) = wanted(place);
        let fits = types.is_empty() || types.iter().any(|name| is_a(doc, name));
        if !fits {
            self.wrong_type(place, doc, &what);
            return doc.clone();
        }
        if let Some(choices) = place.get("enum").and_then(Doc::as_list)
            && !choices.contains(doc)
        {
            self.no_choice(doc, choices);
            return doc.clone();
        }
        if let Some(constant) = place.get("const")
            && constant != doc
        {
            let (shown, wanted) = (found(doc), found(constant));
            self.note(doc.span, format!("expected {wanted}, found {shown}"), None);
            return doc.clone();
        }
        match &doc.node {
            Node::Map(map) => self.object(place, map, doc.span),
            Node::List(items) => self.list(place, items, doc.span),
            Node::Str(text) => {
                self.text(place, &text.to_str_lossy(), doc.span);
                doc.clone()
            }
            Node::Int(_) | Node::Int64(_) | Node::Float(_) => {
                self.number(place, doc);
                if place.text("format") == Some("quantity") { as_text(doc) } else { doc.clone() }
            }
            Node::Null | Node::Bool(_) => doc.clone(),
        }
    }

    fn wrong_type(&mut self, place: Place<'_>, doc: &Doc, what: &str) {
        if place.text("format") == Some(PASSWORD) {
            self.note(doc.span, "expected a string in quotes", None);
            return;
        }
        let hint = way_out(what, doc).or_else(|| {
            let keys = (what == "a map").then(|| keys_of(place)).flatten()?;
            Some(format!("its keys are {keys}"))
        });
        self.note(doc.span, format!("expected {what}, found {}", found_for(what, doc)), hint);
    }

    fn no_choice(&mut self, doc: &Doc, choices: &[Doc]) {
        let names: Vec<String> = choices
            .iter()
            .filter(|choice| !choice.is_null())
            .map(|choice| match &choice.node {
                Node::Str(text) => text.to_str_lossy().into_owned(),
                _ => found(choice),
            })
            .collect();
        let near = doc.as_str().and_then(|text| likely(text, names.iter().map(String::as_str)));
        let shown = match doc.as_str() {
            Some(text) => format!("{text:?}"),
            None => found(doc),
        };
        let hint = near.map(|near| format!("did you mean {near:?}?"));
        self.note(doc.span, format!("{shown} is none of {}", names.join(", ")), hint);
    }

    fn object(&mut self, place: Place<'_>, map: &DocMap, span: Span) -> Doc {
        let nothing = DocMap::default();
        let properties = place.map("properties").unwrap_or(&nothing);
        let mut values = DocMap::default();
        let mut meant = Vec::new();
        for (key, item) in map {
            let value = self.below(
                |path| push_key(path, key),
                |walk| match properties.get(key) {
                    Some(property) => Some(walk.value(place.at(property), item)),
                    None => walk.extra(place, key, item, properties, &mut meant),
                },
            );
            values.extend(value.map(|value| (key.clone(), value)));
        }
        // In the order of the schema; what it does not name stands behind.
        let mut ordered = DocMap::default();
        for (key, property) in properties {
            let value = values.shift_remove(key).or_else(|| {
                self.below(|path| push_key(path, key), |walk| walk.absent(place.at(property)))
            });
            ordered.extend(value.map(|value| (key.clone(), value)));
        }
        ordered.extend(values);
        for name in place.get("required").and_then(Doc::as_list).into_iter().flatten() {
            if let Some(name) = name.as_str()
                && !ordered.contains_key(name)
                // A misspelt key has been reported as such.
                && !meant.iter().any(|meant| meant == name && !properties.contains_key(name))
            {
                self.below(
                    |path| push_key(path, name),
                    |walk| walk.note(span, "is required", None),
                );
            }
        }
        Doc::new(Node::Map(ordered.into()), span)
    }

    /// A member that is not among the properties.
    fn extra(
        &mut self,
        place: Place<'_>,
        key: &str,
        item: &Doc,
        properties: &DocMap,
        meant: &mut Vec<String>,
    ) -> Option<Doc> {
        let mut patterns = place.map("patternProperties").into_iter().flatten();
        let fitting = patterns.find(|(pattern, _)| {
            Regexp::compile(pattern.as_bytes())
                .is_ok_and(|pattern| pattern.is_match(key.as_bytes()))
        });
        if let Some((_, schema)) = fitting {
            return Some(self.value(place.at(schema), item));
        }
        if place.is_closed() {
            let near = likely(key, properties.keys().map(|name| &**name));
            meant.extend(near.map(str::to_owned));
            let hint = near.map(|near| format!("did you mean {near:?}?"));
            let hint = hint.or_else(|| keys_of(place).map(|keys| format!("known here: {keys}")));
            self.note(item.span, "unknown key", hint);
            return None;
        }
        match place.get("additionalProperties") {
            Some(schema) if schema.as_map().is_some() => Some(self.value(place.at(schema), item)),
            _ => Some(item.clone()),
        }
    }

    fn list(&mut self, place: Place<'_>, items: &[Doc], span: Span) -> Doc {
        let schema = place.get("items").filter(|schema| schema.as_map().is_some());
        let walked = items.iter().enumerate().map(|(at, item)| match schema {
            Some(schema) => self.below(
                |path| {
                    let _ = write!(path, "[{at}]");
                },
                |walk| walk.value(place.at(schema), item),
            ),
            None => item.clone(),
        });
        let walked: Vec<Doc> = walked.collect();
        Doc::new(Node::List(walked.into()), span)
    }

    fn number(&mut self, place: Place<'_>, doc: &Doc) {
        let number = match doc.node {
            Node::Int(number) | Node::Int64(number) => number as f64,
            Node::Float(number) => number,
            _ => return,
        };
        let (least, most) = match place.text("format") {
            Some("int32") => (Some(f64::from(i32::MIN)), Some(f64::from(i32::MAX))),
            _ => (place.number("minimum"), place.number("maximum")),
        };
        let shown = whole(doc).map_or_else(|| number.to_string(), |whole| whole.to_string());
        let message = match (least, most) {
            (Some(least), Some(most)) if number < least || number > most => {
                format!("{shown} is not between {least} and {most}")
            }
            (Some(least), None) if number < least => format!("{shown} is less than {least}"),
            (None, Some(most)) if number > most => format!("{shown} is more than {most}"),
            _ => return,
        };
        self.note(doc.span, message, None);
    }

    fn text(&mut self, place: Place<'_>, text: &str, span: Span) {
        let shown = match place.text("format") {
            Some(PASSWORD) => "the text".to_owned(),
            _ => format!("{text:?}"),
        };
        let shortest = place.number("minLength").unwrap_or(0.0);
        if (text.chars().count() as f64) < shortest {
            let message = match text {
                "" => "must not be empty".to_owned(),
                _ => format!("{shown} has fewer than {shortest} characters"),
            };
            self.note(span, message, None);
            return;
        }
        if let Some(pattern) = place.text("pattern")
            && Regexp::compile(pattern.as_bytes()).is_ok_and(|it| !it.is_match(text.as_bytes()))
        {
            self.note(span, format!("{shown} does not match {pattern}"), None);
            return;
        }
        match place.text("format") {
            Some("quantity") if !is_quantity(text) => {
                let hint = "a number with a unit such as 500m, 2, 512Mi or 1Gi";
                self.note(span, format!("{shown} is no quantity"), Some(hint.to_owned()));
            }
            Some("duration") if seconds(text).is_none() => {
                self.note(span, format!("{shown} is no duration such as 90s or 5m"), None);
            }
            Some("cidr") if crate::kube::formats::cidr(text).is_none() => {
                self.note(span, format!("{shown} is no CIDR block such as 10.0.0.0/8"), None);
            }
            _ => {}
        }
    }

    /// A definition of Kubernetes that is a plain value.
    fn scalar_definition(&mut self, format: &str, doc: &Doc) -> Doc {
        match (&doc.node, format) {
            (Node::Str(text), "quantity") if !is_quantity(&text.to_str_lossy()) => {
                let hint = "a number with a unit such as 500m, 2, 512Mi or 1Gi";
                let message = format!("{:?} is no quantity", text.to_str_lossy());
                self.note(doc.span, message, Some(hint.to_owned()));
                doc.clone()
            }
            (Node::Int(_) | Node::Int64(_) | Node::Float(_), "quantity") => as_text(doc),
            (Node::Str(_) | Node::Int(_) | Node::Int64(_), _) => doc.clone(),
            _ => {
                self.note(
                    doc.span,
                    format!("expected a number or text, found {}", found(doc)),
                    None,
                );
                doc.clone()
            }
        }
    }
}

/// What to do about a value of the wrong type.
pub(super) fn way_out(what: &str, doc: &Doc) -> Option<String> {
    let text = doc.as_str();
    let is_plain = !matches!(doc.node, Node::Map(_) | Node::List(_) | Node::Null);
    match what {
        "a string" if is_plain => Some(IN_QUOTES.to_owned()),
        "true or false" if matches!(text, Some("true" | "false")) => {
            Some("write it without quotes".to_owned())
        }
        "a whole number" | "a number" => {
            let text = text?;
            if text.parse::<f64>().is_ok() {
                Some("write it without quotes".to_owned())
            } else {
                let digit = text.starts_with(|c: char| c.is_ascii_digit());
                digit.then(|| "write the number alone, without a unit".to_owned())
            }
        }
        "a list" if is_plain => Some("write it as a list: […]".to_owned()),
        "a list" if doc.as_map().is_some() => Some("write \"- \" before each item".to_owned()),
        _ => None,
    }
}

/// The first keys that a schema names.
fn keys_of(place: Place<'_>) -> Option<String> {
    let map = place.map("properties")?;
    let mut names: Vec<&str> = map.keys().map(|name| &**name).take(8).collect();
    if map.len() > names.len() {
        names.push("…");
    }
    (!names.is_empty()).then(|| names.join(", "))
}

/// Definitions that are no structs.
pub(super) fn plain_definition(name: &str) -> Option<&'static str> {
    match name.rsplit('.').next() {
        Some("Quantity") => Some("quantity"),
        Some("IntOrString") => Some("int-or-string"),
        _ => None,
    }
}

fn is_a(doc: &Doc, name: &str) -> bool {
    match name {
        "integer" => whole(doc).is_some(),
        name => doc.kind() == name,
    }
}

/// The types that a place allows, and what messages call them.
fn wanted(place: Place<'_>) -> (Vec<&str>, String) {
    let types = match place.meaning() {
        Meaning::Schema(place) => place.types(),
        Meaning::Kubernetes(name) => {
            let kind = if plain_definition(name).is_some() { "a number or text" } else { "a map" };
            return (Vec::new(), kind.to_owned());
        }
        Meaning::Anything => Vec::new(),
    };
    let names = types.iter().filter(|name| **name != "null").map(|name| match *name {
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a map",
        _ => "a string",
    });
    let mut names: Vec<&str> = names.collect();
    if matches!(place.meaning(), Meaning::Schema(place) if place.text("format") == Some(WHOLE)) {
        // Digits in quotes are let pass, not asked for.
        names.retain(|name| *name != "a string");
    }
    let what = match (types.is_empty(), names.is_empty()) {
        (true, _) => "a value".to_owned(),
        // Null alone.
        (false, true) => String::new(),
        (false, false) => names.join(" or "),
    };
    (types, what)
}
