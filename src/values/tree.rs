//! Values while they are being coalesced: tables that several places may share.
//!
//! Helm works on Go maps, which are references. Some of its steps put one map into two places
//! and later write through one of them (globals of a child below the second level, imported
//! tables), and the result shows in output. So the working form is shared and mutable, and turns
//! back into a [`Doc`] at the end; tables shared here share their `Arc` there.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use crate::doc::{Doc, DocMap, Node};
use crate::source::Span;

type Items = IndexMap<Arc<str>, Tree, RandomState>;
type Done = HashMap<*const RefCell<Items>, Arc<DocMap>, RandomState>;

/// Deeper than any text can nest: a table that contains itself. Helm dies of it.
pub(super) const MAX_DEPTH: usize = 2_000;

/// A table was found to contain itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Endless;

/// A value under work.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    /// Anything but a map: never changed in place.
    Leaf(Doc),
    /// A map.
    Table(Table),
}

/// A shared map.
#[derive(Clone, Debug)]
pub(super) struct Table {
    items: Rc<RefCell<Items>>,
    span: Span,
}

impl Tree {
    /// A deep copy of a document.
    pub(super) fn from_doc(doc: &Doc) -> Self {
        match &doc.node {
            Node::Map(map) => Tree::Table(Table::from_map(map, doc.span)),
            _ => Tree::Leaf(unshared(doc)),
        }
    }

    /// Whether it is null.
    pub(super) fn is_null(&self) -> bool {
        matches!(self, Tree::Leaf(doc) if doc.is_null())
    }

    /// The table, if it is one.
    pub(super) fn as_table(&self) -> Option<&Table> {
        match self {
            Tree::Table(table) => Some(table),
            Tree::Leaf(_) => None,
        }
    }

    /// As a document.
    pub(super) fn to_doc(&self) -> Result<Doc, Endless> {
        self.convert(&mut Done::default(), 0)
    }

    fn convert(&self, done: &mut Done, depth: usize) -> Result<Doc, Endless> {
        match self {
            Tree::Leaf(doc) => Ok(doc.clone()),
            Tree::Table(table) => table.convert(done, depth),
        }
    }
}

/// A copy of a document in which an anchor and its aliases no longer share a container.
fn unshared(doc: &Doc) -> Doc {
    let node = match &doc.node {
        Node::List(items) => Node::List(Arc::new(items.iter().map(unshared).collect())),
        Node::Map(map) => Node::Map(Arc::new(
            map.iter().map(|(key, item)| (key.clone(), unshared(item))).collect(),
        )),
        scalar => scalar.clone(),
    };
    Doc::new(node, doc.span)
}

impl Table {
    /// An empty table.
    pub(super) fn new() -> Self {
        Table { items: Rc::default(), span: Span::NONE }
    }

    fn from_map(map: &DocMap, span: Span) -> Self {
        let items = map.iter().map(|(key, item)| (key.clone(), Tree::from_doc(item))).collect();
        Table { items: Rc::new(RefCell::new(items)), span }
    }

    /// A deep copy of a document; empty unless it is a map.
    pub(super) fn from_doc(doc: &Doc) -> Self {
        doc.as_map().map_or_else(Table::new, |map| Table::from_map(map, doc.span))
    }

    /// A deep copy, which shares nothing with the original.
    pub(super) fn deep_copy(&self) -> Result<Self, Endless> {
        self.copy_from(0)
    }

    fn copy_from(&self, depth: usize) -> Result<Self, Endless> {
        if depth > MAX_DEPTH {
            return Err(Endless);
        }
        let own = self.items.borrow();
        let mut items = Items::with_capacity_and_hasher(own.len(), RandomState::default());
        for (key, item) in &*own {
            let item = match item {
                Tree::Leaf(doc) => Tree::Leaf(doc.clone()),
                Tree::Table(table) => Tree::Table(table.copy_from(depth + 1)?),
            };
            items.insert(key.clone(), item);
        }
        Ok(Table { items: Rc::new(RefCell::new(items)), span: self.span })
    }

    /// A copy of this level; tables below stay shared.
    pub(super) fn shallow_copy(&self) -> Self {
        Table { items: Rc::new(RefCell::new(self.items.borrow().clone())), span: self.span }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<Tree> {
        self.items.borrow().get(key).cloned()
    }

    /// Sets a key.
    pub(super) fn insert(&self, key: &Arc<str>, item: Tree) {
        self.items.borrow_mut().insert(key.clone(), item);
    }

    /// Removes a key.
    pub(super) fn remove(&self, key: &str) {
        self.items.borrow_mut().shift_remove(key);
    }

    /// The entries as they are now; changing the table meanwhile is safe.
    pub(super) fn entries(&self) -> Vec<(Arc<str>, Tree)> {
        self.items.borrow().iter().map(|(key, item)| (key.clone(), item.clone())).collect()
    }

    /// As a document.
    pub(super) fn to_doc(&self) -> Result<Doc, Endless> {
        self.convert(&mut Done::default(), 0)
    }

    fn convert(&self, done: &mut Done, depth: usize) -> Result<Doc, Endless> {
        if depth > MAX_DEPTH {
            return Err(Endless);
        }
        let at = Rc::as_ptr(&self.items);
        if let Some(map) = done.get(&at) {
            return Ok(Doc::new(Node::Map(map.clone()), self.span));
        }
        let own = self.items.borrow();
        let mut map = DocMap::with_capacity_and_hasher(own.len(), RandomState::default());
        for (key, item) in &*own {
            map.insert(key.clone(), item.convert(done, depth + 1)?);
        }
        let map = Arc::new(map);
        done.insert(at, map.clone());
        Ok(Doc::new(Node::Map(map), self.span))
    }
}
