//! Maps put together member by member, as Go's encoder does with a struct.

use super::{Doc, DocMap, Node};
use crate::source::Span;

/// Members of a map in the order given. `text`, `texts`, `list` and `flag` leave out what Go's
/// `omitempty` does.
#[derive(Debug, Default)]
pub struct Members(DocMap);

impl Members {
    /// A member, whatever it holds.
    pub fn put(&mut self, name: &str, value: Doc) {
        self.0.insert(name.into(), value);
    }

    /// A text, even an empty one.
    pub fn put_text(&mut self, name: &str, text: &str) {
        self.put(name, Doc::str(text));
    }

    /// A boolean, even `false`.
    pub fn put_flag(&mut self, name: &str, on: bool) {
        self.put(name, Doc::new(Node::Bool(on), Span::NONE));
    }

    /// A text, unless it is empty.
    pub fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.put_text(name, text);
        }
    }

    /// Texts, unless there is none.
    pub fn texts(&mut self, name: &str, texts: &[String]) {
        self.list(name, texts.iter().map(|text| Doc::str(text.as_str())).collect());
    }

    /// A list, unless it is empty.
    pub fn list(&mut self, name: &str, items: Vec<Doc>) {
        if !items.is_empty() {
            self.put(name, Doc::list(items));
        }
    }

    /// `true`, or nothing.
    pub fn flag(&mut self, name: &str, on: bool) {
        if on {
            self.put_flag(name, on);
        }
    }

    /// The map.
    pub fn doc(self) -> Doc {
        Doc::map(self.0)
    }
}

/// The same with the keys of all maps in byte order, as Go writes maps.
pub fn sorted(doc: &Doc) -> Doc {
    match &doc.node {
        Node::Map(map) => {
            let members = map.iter().map(|(key, item)| (key.clone(), sorted(item)));
            let mut map: DocMap = members.collect();
            map.sort_keys();
            Doc::map(map)
        }
        Node::List(items) => Doc::list(items.iter().map(sorted).collect()),
        _ => doc.clone(),
    }
}
