//! `Doc` to `Value` and back.

use std::collections::HashMap;
use std::sync::Arc;

use super::{List, ListType, Map, MapType, Slot, Str, Value};
use crate::doc::shared::Shared;
use crate::doc::{Doc, DocMap, Node};

/// A document as a Go template sees it: numbers of YAML and JSON are float64, those of `--set`
/// int64; every map slot keeps the place of its value.
pub fn from_doc(doc: &Doc) -> Value {
    match &doc.node {
        Node::Null => Value::Nil,
        Node::Bool(value) => Value::Bool(*value),
        Node::Int(value) => Value::Float(*value as f64),
        Node::Int64(value) => Value::int64(*value),
        Node::Float(value) => Value::Float(*value),
        Node::Str(text) => Value::Str(Str::from(text.as_bytes())),
        Node::List(items) => {
            Value::List(List::grown(items.iter().map(from_doc).collect(), ListType::Interface))
        }
        Node::Map(map) => Value::Map(Map::from_doc_map(map)),
    }
}

/// Composed values as Go templates see them: like [`from_doc`], but tables that composition left
/// shared (globals of parent and child below their second level, imported tables) become one map,
/// so that `set` on one shows in the other, as in Helm.
pub fn from_values(doc: &Doc, shared: &Shared) -> Value {
    if shared.is_empty() { from_doc(doc) } else { with_shared(doc, shared, &mut HashMap::new()) }
}

fn with_shared(doc: &Doc, shared: &Shared, known: &mut HashMap<*const DocMap, Map>) -> Value {
    let Node::Map(map) = &doc.node else {
        // What lies in a list is never shared.
        return from_doc(doc);
    };
    let at = Arc::as_ptr(map);
    if let Some(known) = known.get(&at) {
        return Value::Map(known.clone());
    }
    let slots: Vec<_> = map
        .iter()
        .map(|(key, item)| {
            let slot = Slot { value: with_shared(item, shared, known), origin: item.span };
            (Str::from(&**key), slot)
        })
        .collect();
    let made = Map::from_slots(MapType::Interface, slots);
    if shared.contains(map) {
        known.insert(at, made.clone());
    }
    Value::Map(made)
}
