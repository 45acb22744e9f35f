//! Documents as Jinja sees them: lists and maps shared, not copied; and Jinja values as documents.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value, ValueKind};
use minijinja::{Error, ErrorKind};

use crate::doc::{Doc, DocMap, Node};

/// A document as a Jinja value; whole numbers stay whole.
pub(super) fn from_doc(doc: &Doc) -> Value {
    match &doc.node {
        Node::Null => Value::from(()),
        Node::Bool(value) => Value::from(*value),
        Node::Int(value) | Node::Int64(value) => Value::from(*value),
        Node::Float(value) => Value::from(*value),
        Node::Str(text) => match text.as_str() {
            Some(text) => Value::from(text),
            None => Value::from_bytes(text.as_bytes().to_vec()),
        },
        Node::List(items) => Value::from_object(ListView(Arc::clone(items))),
        Node::Map(map) => Value::from_object(MapView(Arc::clone(map))),
    }
}

/// A map of a document.
#[derive(Debug)]
struct MapView(Arc<DocMap>);

impl Object for MapView {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let doc = self.0.get(key)?;
        super::trace::read(Arc::as_ptr(&self.0).addr(), doc);
        super::coverage::key(&self.0, key);
        Some(from_doc(doc))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        super::coverage::members(&self.0);
        Enumerator::Values(self.0.keys().map(|key| Value::from(&**key)).collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.0.len())
    }
}

/// A list of a document.
#[derive(Debug)]
struct ListView(Arc<Vec<Doc>>);

impl Object for ListView {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let doc = self.0.get(key.as_usize()?)?;
        super::trace::read(Arc::as_ptr(&self.0).addr(), doc);
        Some(from_doc(doc))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.len())
    }
}

/// A Jinja value as a document.
///
/// Errors: keys that are no text, functions, undefined members.
pub(super) fn to_doc(value: &Value) -> Result<Doc, Error> {
    if let Some(map) = value.downcast_object_ref::<MapView>() {
        super::coverage::whole(&map.0);
        return Ok(Doc { node: Node::Map(Arc::clone(&map.0)), ..Doc::default() });
    }
    if let Some(list) = value.downcast_object_ref::<ListView>() {
        return Ok(Doc { node: Node::List(Arc::clone(&list.0)), ..Doc::default() });
    }
    let node = match value.kind() {
        ValueKind::None => Node::Null,
        ValueKind::Bool => Node::Bool(value.is_true()),
        ValueKind::Number if value.is_integer() => match value.as_i64() {
            Some(whole) => Node::Int(whole),
            None => Node::Float(f64::try_from(value.clone())?),
        },
        ValueKind::Number => Node::Float(f64::try_from(value.clone())?),
        ValueKind::String => return Ok(Doc::str(value.as_str().unwrap_or_default())),
        ValueKind::Bytes => return Ok(Doc::str(value.as_bytes().unwrap_or_default())),
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter()?.map(|item| to_doc(&item)).collect::<Result<_, _>>()?;
            Node::List(Arc::new(items))
        }
        ValueKind::Map => {
            let mut map = DocMap::default();
            for key in value.try_iter()? {
                let name = super::format::scalar_text(&key)?;
                map.insert(name, to_doc(&value.get_item(&key)?)?);
            }
            Node::Map(Arc::new(map))
        }
        ValueKind::Undefined => return Err(Error::from(ErrorKind::UndefinedError)),
        other => {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("a {other} has no YAML form"),
            ));
        }
    };
    Ok(Doc { node, ..Doc::default() })
}

/// A Jinja value as Helm's `toJson` writes it: keys sorted, no spaces.
pub(super) fn to_json(value: &Value) -> Result<String, Error> {
    let doc = to_doc(value)?;
    let mut out = String::new();
    write_json(&doc, &mut out)?;
    Ok(out)
}

fn write_json(doc: &Doc, out: &mut String) -> Result<(), Error> {
    let bad = |message: &'static str| Error::new(ErrorKind::InvalidOperation, message);
    match &doc.node {
        Node::Null => out.push_str("null"),
        Node::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Node::Int(value) | Node::Int64(value) => out.push_str(&value.to_string()),
        Node::Float(value) => {
            let text = crate::json::write::float_text(*value);
            out.push_str(&text.map_err(|_| bad("JSON has no NaN or infinity"))?);
        }
        Node::Str(text) => {
            let text = text.as_str().ok_or_else(|| bad("a text is not UTF-8"))?;
            write_text(text, out);
        }
        Node::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json(item, out)?;
            }
            out.push(']');
        }
        Node::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (index, (key, item)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write_json(item, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// A string with the escapes of Go's encoder, which keeps HTML's characters out.
fn write_text(text: &str, out: &mut String) {
    for c in serde_json::to_string(text).expect("text is always JSON").chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
}
