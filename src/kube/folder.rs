//! JSON schemas as other validators keep them in folders, made into the form that custom
//! resources are checked with.
//!
//! Such files know `type` lists with null, `$ref`, and objects that are open unless they say
//! otherwise. Blind to disks: the caller reads files.

use std::sync::Arc;

use crate::doc::{Doc, DocMap, Node};

/// Reads the definitions that `$ref`s of a file lead to: the part before `#`, empty for the file
/// itself.
pub type Files<'a> = &'a dyn Fn(&str) -> Option<Doc>;

/// A schema without references, closed where it is told to be and open elsewhere.
pub fn structural(schema: &Doc, files: Files<'_>) -> Doc {
    convert(schema, schema, files, &mut Vec::new())
}

fn open() -> Doc {
    Doc::map(DocMap::from_iter([("x-kubernetes-preserve-unknown-fields".into(), yes())]))
}

/// `open_refs` are the references that lead here; one that leads to itself takes anything.
fn convert(schema: &Doc, file: &Doc, files: Files<'_>, open_refs: &mut Vec<String>) -> Doc {
    let Some(map) = schema.as_map() else {
        return schema.clone();
    };
    if let Some(reference) = map.get("$ref").and_then(Doc::as_str) {
        let (name, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        if open_refs.iter().any(|other| other == pointer) {
            return open();
        }
        let other = if name.is_empty() { Some(file.clone()) } else { files(name) };
        let Some(other) = other else { return open() };
        let Some(found) = point(&other, pointer) else { return open() };
        open_refs.push(pointer.to_owned());
        let converted = convert(found, &other, files, open_refs);
        open_refs.pop();
        return converted;
    }
    let mut inner = |doc: &Doc| convert(doc, file, files, open_refs);
    let mut out = DocMap::default();
    for (key, value) in map {
        let value = match &**key {
            "properties" | "patternProperties" => {
                let members = value.as_map().into_iter().flatten();
                Doc::map(members.map(|(name, doc)| (Arc::clone(name), inner(doc))).collect())
            }
            "items" | "not" | "additionalProperties" if value.as_map().is_some() => inner(value),
            "allOf" | "anyOf" | "oneOf" => {
                let list = value.as_list().unwrap_or_default();
                Doc::list(list.iter().map(&mut inner).collect())
            }
            "type" => match types(value) {
                Some((Some(name), nullable)) => {
                    if nullable {
                        out.insert("nullable".into(), yes());
                    }
                    Doc::str(name)
                }
                Some((None, _)) => {
                    out.insert("x-kubernetes-int-or-string".into(), yes());
                    continue;
                }
                None => continue,
            },
            _ => value.clone(),
        };
        out.insert(Arc::clone(key), value);
    }
    let closed = out.get("additionalProperties").and_then(Doc::as_bool) == Some(false);
    if closed {
        out.shift_remove("additionalProperties");
    } else if !out.contains_key("additionalProperties") {
        out.insert("x-kubernetes-preserve-unknown-fields".into(), yes());
    }
    Doc::map(out)
}

fn yes() -> Doc {
    Doc::new(Node::Bool(true), crate::source::Span::NONE)
}

/// The one type of a list of types besides null, and whether null is among them; a whole number
/// or a text is no one type. None when the list says nothing that can be checked.
fn types(value: &Doc) -> Option<(Option<&str>, bool)> {
    let Some(list) = value.as_list() else { return Some((Some(value.as_str()?), false)) };
    let names: Vec<&str> = list.iter().filter_map(Doc::as_str).collect();
    let nullable = names.contains(&"null");
    let mut others: Vec<&str> = names.into_iter().filter(|name| *name != "null").collect();
    others.sort_unstable();
    match others.as_slice() {
        [only] => Some((Some(only), nullable)),
        ["integer", "string"] => Some((None, nullable)),
        _ => None,
    }
}

/// What a JSON pointer leads to.
fn point<'d>(doc: &'d Doc, pointer: &str) -> Option<&'d Doc> {
    let steps = pointer.split('/').filter(|step| !step.is_empty());
    steps.into_iter().try_fold(doc, |doc, step| {
        let step = step.replace("~1", "/").replace("~0", "~");
        doc.get(&step)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn read(text: &str) -> Doc {
        crate::json::read::parse(text.as_bytes(), SourceId::NONE).expect("JSON")
    }

    #[test]
    fn references_and_type_lists_go_away() {
        let definitions = r##"{"definitions":{"Port":{"type":["integer","null"]},
            "Self":{"properties":{"again":{"$ref":"#/definitions/Self"}}}}}"##;
        let files = |name: &str| (name == "_definitions.json").then(|| read(definitions));
        let schema = read(
            r#"{"type":"object","additionalProperties":false,"properties":{
                "port":{"$ref":"_definitions.json#/definitions/Port"},
                "target":{"type":["string","integer","null"]},
                "self":{"$ref":"_definitions.json#/definitions/Self"},
                "lost":{"$ref":"nowhere.json#/x"}}}"#,
        );
        let out = structural(&schema, &files);
        let property = |name: &str| out.get("properties").and_then(|all| all.get(name)).cloned();
        let port = property("port").expect("port");
        assert_eq!(port.get("type").and_then(Doc::as_str), Some("integer"));
        assert_eq!(port.get("nullable").and_then(Doc::as_bool), Some(true));
        assert!(
            property("target").is_some_and(|it| it.get("x-kubernetes-int-or-string").is_some())
        );
        assert!(property("self").is_some() && out.get("additionalProperties").is_none());
        assert!(out.get("x-kubernetes-preserve-unknown-fields").is_none());
        assert_eq!(property("lost"), Some(open()));
    }
}
