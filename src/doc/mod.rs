//! `Doc`: the immutable tree that everything read becomes.
//!
//! Values files, flags, Chart.yaml and rendered manifests are Docs. Containers are shared
//! (`Arc`), so copies are cheap and threads may share them; every node knows its place.
//! Blind to text formats and templates.

pub mod decode;
pub mod members;
pub mod quantity;
pub mod shared;
pub mod uses;

use std::sync::Arc;

use indexmap::IndexMap;

use crate::source::Span;

/// A text value: bytes that nearly always are UTF-8 (`--set-file` may bring others).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(Arc<[u8]>);

impl Text {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text, if it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The text, with U+FFFD for what is not UTF-8.
    pub fn to_str_lossy(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text(Arc::from(text.as_bytes()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text(Arc::from(text.into_bytes()))
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        Text(Arc::from(bytes))
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Text(Arc::from(bytes))
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.to_str_lossy(), f)
    }
}

/// A map of a [`Doc`]: string keys in the order of the text.
pub type DocMap = IndexMap<Arc<str>, Doc, foldhash::fast::RandomState>;

/// What a node holds.
#[derive(Clone, Debug, Default)]
pub enum Node {
    /// Null.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number written in YAML or JSON. Go templates see a float64, native charts an
    /// integer.
    Int(i64),
    /// A whole number from `--set`; Go templates see an int64.
    Int64(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Str(Text),
    /// A list.
    List(Arc<Vec<Doc>>),
    /// A map.
    Map(Arc<DocMap>),
}

/// A node and its place.
#[derive(Clone, Debug, Default)]
pub struct Doc {
    /// What it holds.
    pub node: Node,
    /// What supplied it.
    pub span: Span,
}

impl Default for Span {
    fn default() -> Self {
        Span::NONE
    }
}

impl Doc {
    /// A node at a place.
    pub fn new(node: Node, span: Span) -> Self {
        Doc { node, span }
    }

    /// Null of no place.
    pub fn null() -> Self {
        Doc::default()
    }

    /// A map of no place.
    pub fn map(map: DocMap) -> Self {
        Doc::new(Node::Map(Arc::new(map)), Span::NONE)
    }

    /// A list of no place.
    pub fn list(items: Vec<Doc>) -> Self {
        Doc::new(Node::List(Arc::new(items)), Span::NONE)
    }

    /// A text of no place.
    pub fn str(text: impl Into<Text>) -> Self {
        Doc::new(Node::Str(text.into()), Span::NONE)
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.node, Node::Null)
    }

    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&DocMap> {
        match &self.node {
            Node::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The map for changing, if it is one; copied first when shared.
    pub fn as_map_mut(&mut self) -> Option<&mut DocMap> {
        match &mut self.node {
            Node::Map(map) => Some(Arc::make_mut(map)),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&[Doc]> {
        match &self.node {
            Node::List(items) => Some(items),
            _ => None,
        }
    }

    /// The list for changing, if it is one; copied first when shared.
    pub fn as_list_mut(&mut self) -> Option<&mut Vec<Doc>> {
        match &mut self.node {
            Node::List(items) => Some(Arc::make_mut(items)),
            _ => None,
        }
    }

    /// The text, if it is one and UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        match &self.node {
            Node::Str(text) => text.as_str(),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.node {
            Node::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The member of a map.
    pub fn get(&self, key: &str) -> Option<&Doc> {
        self.as_map()?.get(key)
    }

    /// What it is, in the words of JSON: `null`, `boolean`, `number`, `string`, `array`, `object`.
    pub fn kind(&self) -> &'static str {
        match self.node {
            Node::Null => "null",
            Node::Bool(_) => "boolean",
            Node::Int(_) | Node::Int64(_) | Node::Float(_) => "number",
            Node::Str(_) => "string",
            Node::List(_) => "array",
            Node::Map(_) => "object",
        }
    }
}

/// Equal contents; places do not count.
impl PartialEq for Doc {
    fn eq(&self, other: &Self) -> bool {
        match (&self.node, &other.node) {
            (Node::Null, Node::Null) => true,
            (Node::Bool(a), Node::Bool(b)) => a == b,
            (Node::Int(a) | Node::Int64(a), Node::Int(b) | Node::Int64(b)) => a == b,
            (Node::Float(a), Node::Float(b)) => a == b,
            (Node::Int(a) | Node::Int64(a), Node::Float(b))
            | (Node::Float(b), Node::Int(a) | Node::Int64(a)) => (*a as f64) == *b,
            (Node::Str(a), Node::Str(b)) => a == b,
            (Node::List(a), Node::List(b)) => a == b,
            (Node::Map(a), Node::Map(b)) => a == b,
            _ => false,
        }
    }
}
