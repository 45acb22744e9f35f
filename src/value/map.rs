//! Go's `map[string]…`: shared, mutable, iterated in byte order of its keys.

use std::cell::{RefCell, RefMut};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::from_doc::from_doc;
use super::release::{Contents, release};
use super::{Str, Value};
use crate::doc::{DocMap, Node};
use crate::source::Span;

/// Concrete type of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MapType {
    /// `map[string]interface {}`
    Interface,
    /// `map[string]string`
    String,
    /// `common.Values`, with methods of its own
    Values,
}

impl MapType {
    /// Go's name of the map type.
    pub fn name(self) -> &'static str {
        match self {
            MapType::Interface => "map[string]interface {}",
            MapType::String => "map[string]string",
            MapType::Values => "common.Values",
        }
    }
}

/// A value in a map and the place that supplied it.
#[derive(Clone, Debug, Default)]
pub struct Slot {
    /// The value.
    pub value: Value,
    /// Its place; [`Span::NONE`] for what a template made.
    pub origin: Span,
}

/// The contents of a map.
#[derive(Debug)]
enum State {
    /// As in a document, until a template looks further than at a scalar in it: most of a chart's
    /// values are never read.
    Unread(Arc<DocMap>),
    /// Entries of its own.
    Open(BTreeMap<Str, Slot>),
}

#[derive(Debug)]
struct Entries(RefCell<State>);

impl Default for Entries {
    fn default() -> Self {
        Entries::from(BTreeMap::new())
    }
}

impl From<BTreeMap<Str, Slot>> for Entries {
    fn from(entries: BTreeMap<Str, Slot>) -> Self {
        Entries(RefCell::new(State::Open(entries)))
    }
}

impl Drop for Entries {
    fn drop(&mut self) {
        if let State::Open(entries) = self.0.get_mut()
            && !entries.is_empty()
        {
            release(Contents::Map(std::mem::take(entries)));
        }
    }
}

impl Entries {
    /// The entries, after making them the map's own.
    fn open(&self) -> RefMut<'_, BTreeMap<Str, Slot>> {
        let mut state = self.0.borrow_mut();
        if let State::Unread(map) = &*state {
            let entries = map.iter().map(|(key, item)| {
                (Str::from(&**key), Slot { value: from_doc(item), origin: item.span })
            });
            *state = State::Open(entries.collect());
        }
        RefMut::map(state, |state| match state {
            State::Open(entries) => entries,
            State::Unread(_) => unreachable!("was opened above"),
        })
    }

    /// What `of_entry` makes of an entry, or `None` without one. Opens the map only for an entry
    /// that must be the same list or map the next time.
    fn find<R>(&self, key: &[u8], of_entry: impl FnOnce(&Value, Span) -> R) -> Option<R> {
        match &*self.0.borrow() {
            State::Open(entries) => {
                return entries.get(key).map(|slot| of_entry(&slot.value, slot.origin));
            }
            State::Unread(map) => {
                let item = map.get(std::str::from_utf8(key).ok()?)?;
                if !matches!(item.node, Node::List(_) | Node::Map(_)) {
                    return Some(of_entry(&from_doc(item), item.span));
                }
            }
        }
        self.open().get(key).map(|slot| of_entry(&slot.value, slot.origin))
    }
}

/// A shared map: clones are aliases, as in Go.
///
/// The type belongs to the handle, so that a Go conversion between map types (`.AsMap`) stays
/// an alias. No borrow of the contents outlives a call: template code may run between any two.
#[derive(Clone, Debug)]
pub struct Map {
    entries: Rc<Entries>,
    ty: MapType,
    nil: bool,
}

impl Default for Map {
    fn default() -> Self {
        Map::new()
    }
}

impl Map {
    /// An empty `map[string]interface {}`.
    pub fn new() -> Self {
        Self::typed(MapType::Interface)
    }

    /// An empty map of a given type.
    pub fn typed(ty: MapType) -> Self {
        Map { entries: Rc::default(), ty, nil: false }
    }

    /// A nil map: empty, and writing to it is Go's panic `assignment to entry in nil map`.
    pub fn nil(ty: MapType) -> Self {
        Map { entries: Rc::default(), ty, nil: true }
    }

    /// A map of a given type from slots.
    pub fn from_slots(ty: MapType, slots: impl IntoIterator<Item = (Str, Slot)>) -> Self {
        let entries = Rc::new(Entries::from(slots.into_iter().collect::<BTreeMap<_, _>>()));
        Map { entries, ty, nil: false }
    }

    /// A `map[string]interface {}` with the entries of a document's map.
    pub fn from_doc_map(map: &Arc<DocMap>) -> Self {
        let entries = Entries(RefCell::new(State::Unread(map.clone())));
        Map { entries: Rc::new(entries), ty: MapType::Interface, nil: false }
    }

    /// Its type.
    pub fn ty(&self) -> MapType {
        self.ty
    }

    /// Whether it is Go's nil map.
    pub fn is_nil(&self) -> bool {
        self.nil
    }

    /// Whether two handles are one map.
    pub fn is_same(&self, other: &Map) -> bool {
        Rc::ptr_eq(&self.entries, &other.entries)
    }

    /// Address of the shared map, for cycle detection.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.entries).cast::<()>() as usize
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        match &*self.entries.0.borrow() {
            State::Unread(map) => map.len(),
            State::Open(entries) => entries.len(),
        }
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.entries.find(key.as_ref(), |value, _| value.clone())
    }

    /// The value of a key and its place.
    pub fn slot(&self, key: impl AsRef<[u8]>) -> Option<Slot> {
        self.entries.find(key.as_ref(), |value, origin| Slot { value: value.clone(), origin })
    }

    /// Whether a key is present.
    pub fn contains(&self, key: impl AsRef<[u8]>) -> bool {
        match &*self.entries.0.borrow() {
            State::Unread(map) => {
                std::str::from_utf8(key.as_ref()).is_ok_and(|key| map.contains_key(key))
            }
            State::Open(entries) => entries.contains_key(key.as_ref()),
        }
    }

    /// Sets a key. The caller has made sure that the map is not nil.
    pub fn insert(&self, key: impl Into<Str>, value: impl Into<Value>) {
        self.insert_slot(key, Slot { value: value.into(), origin: Span::NONE });
    }

    /// Sets a key with the place that supplied it.
    pub fn insert_slot(&self, key: impl Into<Str>, slot: Slot) {
        debug_assert!(!self.nil, "assignment to entry in nil map");
        // The replaced slot is dropped after the guard: its drop may free nested maps.
        let old = self.entries.open().insert(key.into(), slot);
        drop(old);
    }

    /// Removes a key.
    pub fn remove(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.entries.open().remove(key.as_ref()).map(|slot| slot.value)
    }

    /// A snapshot of the entries in byte order of the keys.
    pub fn entries(&self) -> Vec<(Str, Slot)> {
        let entries = self.entries.open();
        entries.iter().map(|(key, slot)| (key.clone(), slot.clone())).collect()
    }

    /// A snapshot of the keys in byte order.
    pub fn keys(&self) -> Vec<Str> {
        self.entries.open().keys().cloned().collect()
    }

    /// A shallow copy: a new map with the same values.
    #[must_use]
    pub fn shallow_copy(&self) -> Map {
        let entries = self.entries.open().clone();
        Map { entries: Rc::new(Entries::from(entries)), ty: self.ty, nil: self.nil }
    }

    /// The same entries seen as another type: an alias.
    #[must_use]
    pub fn with_type(&self, ty: MapType) -> Map {
        Map { entries: Rc::clone(&self.entries), ty, nil: self.nil }
    }

    /// A copy that shares nothing with the original.
    #[must_use]
    pub fn deep_copy(&self) -> Map {
        if let State::Unread(map) = &*self.entries.0.borrow() {
            return Map { ty: self.ty, ..Map::from_doc_map(map) };
        }
        let entries = self.entries.open();
        let copied = entries.iter().map(|(key, slot)| {
            (key.clone(), Slot { value: slot.value.deep_copy(), origin: slot.origin })
        });
        let copied: BTreeMap<_, _> = copied.collect();
        Map { entries: Rc::new(Entries::from(copied)), ty: self.ty, nil: self.nil }
    }
}
