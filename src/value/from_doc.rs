//! `Doc` to `Value` and back.

use super::{List, ListType, Map, MapType, Slot, Str, Value};
use crate::doc::{Doc, Node};

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
        Node::Map(map) => {
            let slots = map.iter().map(|(key, item)| {
                (Str::from(&**key), Slot { value: from_doc(item), origin: item.span })
            });
            Value::Map(Map::from_slots(MapType::Interface, slots))
        }
    }
}
