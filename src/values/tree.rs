//! Values while they are being coalesced: tables that several places may share.
//!
//! Helm works on Go maps, which are references. Some of its steps put one map into two places
//! and later write through one of them (globals of a child below the second level, imported
//! tables), and the result shows in output. So the working form is shared and mutable, and turns
//! back into a [`Doc`] at the end, with a list of the tables that were shared.
//!
//! Helm also copies whole value trees at every step. Here a copy is a reference to the document
//! until someone looks into it, and then one level of it: what no step touches is never copied.

use std::cell::{Ref, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use crate::doc::shared::Shared;
use crate::doc::{Doc, DocMap, Node};
use crate::source::Span;

type Items = IndexMap<Arc<str>, Tree, RandomState>;

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
    content: Rc<RefCell<Content>>,
    span: Span,
}

#[derive(Debug)]
enum Content {
    /// A copy of a document that nobody has looked into.
    Fresh(Arc<DocMap>),
    /// Entries of its own.
    Open(Items),
}

/// Turns tables into documents.
#[derive(Default)]
struct Conversion {
    done: HashMap<*const RefCell<Content>, Arc<DocMap>, RandomState>,
    shared: Shared,
}

impl Tree {
    fn from_doc(doc: &Doc) -> Self {
        match &doc.node {
            Node::Map(map) => Tree::Table(Table::from_map(map, doc.span)),
            _ => Tree::Leaf(doc.clone()),
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
        Conversion::default().tree(self, 0)
    }
}

impl Conversion {
    fn tree(&mut self, tree: &Tree, depth: usize) -> Result<Doc, Endless> {
        match tree {
            Tree::Leaf(doc) => Ok(doc.clone()),
            Tree::Table(table) => self.table(table, depth),
        }
    }

    fn table(&mut self, table: &Table, depth: usize) -> Result<Doc, Endless> {
        if depth > MAX_DEPTH {
            return Err(Endless);
        }
        let at = Rc::as_ptr(&table.content);
        let may_return = Rc::strong_count(&table.content) > 1;
        if may_return && let Some(map) = self.done.get(&at) {
            self.shared.insert(map);
            return Ok(Doc::new(Node::Map(map.clone()), table.span));
        }
        let map = match &*table.content.borrow() {
            Content::Fresh(map) if !may_return => map.clone(),
            // Of its own: its address tells it from other copies of the document.
            Content::Fresh(map) => Arc::new(DocMap::clone(map)),
            Content::Open(items) => {
                let mut map = DocMap::with_capacity_and_hasher(items.len(), RandomState::default());
                for (key, item) in items {
                    map.insert(key.clone(), self.tree(item, depth + 1)?);
                }
                Arc::new(map)
            }
        };
        if may_return {
            self.done.insert(at, map.clone());
        }
        Ok(Doc::new(Node::Map(map), table.span))
    }
}

impl Table {
    fn with(content: Content, span: Span) -> Self {
        Table { content: Rc::new(RefCell::new(content)), span }
    }

    /// An empty table.
    pub(super) fn new() -> Self {
        Self::with(Content::Open(Items::default()), Span::NONE)
    }

    fn from_map(map: &Arc<DocMap>, span: Span) -> Self {
        Self::with(Content::Fresh(map.clone()), span)
    }

    /// A deep copy of a document, in which an anchor and its aliases share nothing; empty unless
    /// it is a map.
    pub(super) fn from_doc(doc: &Doc) -> Self {
        match &doc.node {
            Node::Map(map) => Self::from_map(map, doc.span),
            _ => Table::new(),
        }
    }

    /// The entries, after making them the table's own.
    fn open(&self) -> std::cell::RefMut<'_, Items> {
        let mut content = self.content.borrow_mut();
        if let Content::Fresh(map) = &*content {
            let items = map.iter().map(|(key, item)| (key.clone(), Tree::from_doc(item)));
            *content = Content::Open(items.collect());
        }
        std::cell::RefMut::map(content, |content| match content {
            Content::Open(items) => items,
            Content::Fresh(_) => unreachable!("was opened above"),
        })
    }

    /// The entries, if they are the table's own; otherwise the document they are in.
    fn peek(&self) -> Ref<'_, Content> {
        self.content.borrow()
    }

    /// A deep copy, which shares nothing with the original.
    pub(super) fn deep_copy(&self) -> Result<Self, Endless> {
        self.copy_from(0)
    }

    fn copy_from(&self, depth: usize) -> Result<Self, Endless> {
        if depth > MAX_DEPTH {
            return Err(Endless);
        }
        let content = match &*self.peek() {
            Content::Fresh(map) => Content::Fresh(map.clone()),
            Content::Open(own) => {
                let mut items = Items::with_capacity_and_hasher(own.len(), RandomState::default());
                for (key, item) in own {
                    let item = match item {
                        Tree::Leaf(doc) => Tree::Leaf(doc.clone()),
                        Tree::Table(table) => Tree::Table(table.copy_from(depth + 1)?),
                    };
                    items.insert(key.clone(), item);
                }
                Content::Open(items)
            }
        };
        Ok(Self::with(content, self.span))
    }

    /// A copy of this level; tables below stay shared.
    pub(super) fn shallow_copy(&self) -> Self {
        let items = self.open().clone();
        Self::with(Content::Open(items), self.span)
    }

    /// Whether it has no entries.
    pub(super) fn is_empty(&self) -> bool {
        match &*self.peek() {
            Content::Fresh(map) => map.is_empty(),
            Content::Open(items) => items.is_empty(),
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<Tree> {
        if let Content::Fresh(map) = &*self.peek() {
            let item = map.get(key)?;
            // Only a table needs a place where it is the same one the next time.
            if item.as_map().is_none() {
                return Some(Tree::Leaf(item.clone()));
            }
        }
        self.open().get(key).cloned()
    }

    /// Sets a key.
    pub(super) fn insert(&self, key: &Arc<str>, item: Tree) {
        self.open().insert(key.clone(), item);
    }

    /// Removes a key.
    pub(super) fn remove(&self, key: &str) {
        self.open().shift_remove(key);
    }

    /// The entries as they are now; changing the table meanwhile is safe.
    pub(super) fn entries(&self) -> Vec<(Arc<str>, Tree)> {
        self.open().iter().map(|(key, item)| (key.clone(), item.clone())).collect()
    }

    /// The entries that are null.
    pub(super) fn nulls(&self) -> Vec<(Arc<str>, Tree)> {
        match &*self.peek() {
            Content::Fresh(map) => {
                let nulls = map.iter().filter(|(_, item)| item.is_null());
                nulls.map(|(key, item)| (key.clone(), Tree::Leaf(item.clone()))).collect()
            }
            Content::Open(items) => {
                let nulls = items.iter().filter(|(_, item)| item.is_null());
                nulls.map(|(key, item)| (key.clone(), item.clone())).collect()
            }
        }
    }

    /// Removes the nulls in this table and in those below.
    pub(super) fn drop_nulls(&self) {
        if let Content::Fresh(map) = &*self.peek()
            && !has_null(map)
        {
            return;
        }
        self.open().retain(|_, item| !item.is_null());
        // Not within a borrow: what lies below may be the same table.
        for (_, item) in self.entries() {
            if let Tree::Table(below) = item {
                below.drop_nulls();
            }
        }
    }

    /// As a document.
    pub(super) fn to_doc(&self) -> Result<Doc, Endless> {
        Conversion::default().table(self, 0)
    }

    /// As a document, and what it shares.
    pub(super) fn to_shared_doc(&self) -> Result<(Doc, Shared), Endless> {
        let mut conversion = Conversion::default();
        let doc = conversion.table(self, 0)?;
        Ok((doc, conversion.shared))
    }
}

/// Whether a null lies in a map or a map below; those in lists do not count.
fn has_null(map: &DocMap) -> bool {
    map.values().any(|item| match &item.node {
        Node::Null => true,
        Node::Map(below) => has_null(below),
        _ => false,
    })
}
