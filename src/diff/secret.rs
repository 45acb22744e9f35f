//! Secrets: compared by their contents, shown by their lengths.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::fields::{Change, Field};
use super::objects::Object;
use super::path::Path;
use crate::doc::{Doc, DocMap, Node};

/// What `kubectl apply` leaves in objects: all that was applied.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Whether an object is a Secret.
pub(super) fn is_secret(object: &Object) -> bool {
    object.id.kind == "Secret"
}

/// An object as a server keeps it: `stringData` of a Secret is part of its `data`.
pub(super) fn normal(object: &Object) -> Doc {
    let mut doc = object.doc.clone();
    let texts = doc.get("stringData").and_then(Doc::as_map).cloned();
    let (Some(texts), true) = (texts, is_secret(object)) else { return doc };
    let mut data = doc.get("data").and_then(Doc::as_map).cloned().unwrap_or_default();
    for (key, value) in texts {
        let encoded = match &value.node {
            Node::Str(text) => {
                Doc::new(Node::Str(STANDARD.encode(text.as_bytes()).into()), value.span)
            }
            _ => value,
        };
        data.insert(key, encoded);
    }
    if let Some(map) = doc.as_map_mut() {
        map.shift_remove("stringData");
        map.insert("data".into(), Doc::map(data));
    }
    doc
}

/// An object as it may be shown.
pub(super) fn hidden(object: &Object) -> Doc {
    if is_secret(object) {
        hide_below(&normal(object), &mut Vec::new())
    } else {
        object.doc.clone()
    }
}

/// Takes the contents out of a field of a Secret.
pub(super) fn hide(field: &mut Field) {
    let way = keys(&field.path);
    let shown = |doc: &Doc| hide_below(doc, &mut way.clone());
    field.change = match &field.change {
        Change::Added(doc) => Change::Added(shown(doc)),
        Change::Removed(doc) => Change::Removed(shown(doc)),
        Change::Changed(a, b) => {
            let (a, b) = (shown(a), shown(b));
            let same_words = a.as_str().filter(|_| a == b);
            let other = same_words.map(|words| words.replace(')', ", other ones)"));
            Change::Changed(a.clone(), other.map_or(b, Doc::str))
        }
        Change::Moved(before, after) => Change::Moved(before.clone(), after.clone()),
    };
}

/// The names of the maps' members on a way; lists do not count.
fn keys(path: &Path) -> Vec<Arc<str>> {
    (0..path.0.len()).filter_map(|at| path.key(at)).map(Arc::from).collect()
}

fn is_hidden(way: &[Arc<str>]) -> bool {
    let way: Vec<&str> = way.iter().map(|key| &**key).collect();
    matches!(
        way.as_slice(),
        ["data" | "stringData", ..] | ["metadata", "annotations", LAST_APPLIED, ..]
    )
}

fn hide_below(doc: &Doc, way: &mut Vec<Arc<str>>) -> Doc {
    match &doc.node {
        Node::Map(map) => {
            let mut shown = DocMap::default();
            for (key, item) in map.iter() {
                way.push(key.clone());
                shown.insert(key.clone(), hide_below(item, way));
                way.pop();
            }
            Doc::map(shown)
        }
        Node::List(items) => Doc::list(items.iter().map(|item| hide_below(item, way)).collect()),
        Node::Null => doc.clone(),
        _ if !is_hidden(way) => doc.clone(),
        Node::Str(text) => {
            let length =
                STANDARD.decode(text.as_bytes()).map_or(text.as_bytes().len(), |it| it.len());
            let noun = if length == 1 { "byte" } else { "bytes" };
            Doc::str(format!("(hidden, {length} {noun})"))
        }
        _ => Doc::str("(hidden)"),
    }
}
