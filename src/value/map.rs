//! Go's `map[string]…`: shared, mutable, iterated in byte order of its keys.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::release::{Contents, release};
use super::{Str, Value};
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

#[derive(Debug, Default)]
struct Entries(RefCell<BTreeMap<Str, Slot>>);

impl From<BTreeMap<Str, Slot>> for Entries {
    fn from(entries: BTreeMap<Str, Slot>) -> Self {
        Entries(RefCell::new(entries))
    }
}

impl Drop for Entries {
    fn drop(&mut self) {
        let entries = std::mem::take(self.0.get_mut());
        if !entries.is_empty() {
            release(Contents::Map(entries));
        }
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
        self.entries.0.borrow().len()
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.0.borrow().is_empty()
    }

    /// The value of a key.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.entries.0.borrow().get(key.as_ref()).map(|slot| slot.value.clone())
    }

    /// The value of a key and its place.
    pub fn slot(&self, key: impl AsRef<[u8]>) -> Option<Slot> {
        self.entries.0.borrow().get(key.as_ref()).cloned()
    }

    /// Whether a key is present.
    pub fn contains(&self, key: impl AsRef<[u8]>) -> bool {
        self.entries.0.borrow().contains_key(key.as_ref())
    }

    /// Sets a key. The caller has made sure that the map is not nil.
    pub fn insert(&self, key: impl Into<Str>, value: impl Into<Value>) {
        self.insert_slot(key, Slot { value: value.into(), origin: Span::NONE });
    }

    /// Sets a key with the place that supplied it.
    pub fn insert_slot(&self, key: impl Into<Str>, slot: Slot) {
        debug_assert!(!self.nil, "assignment to entry in nil map");
        // The replaced slot is dropped after the guard: its drop may free nested maps.
        let old = self.entries.0.borrow_mut().insert(key.into(), slot);
        drop(old);
    }

    /// Removes a key.
    pub fn remove(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.entries.0.borrow_mut().remove(key.as_ref()).map(|slot| slot.value)
    }

    /// A snapshot of the entries in byte order of the keys.
    pub fn entries(&self) -> Vec<(Str, Slot)> {
        let entries = self.entries.0.borrow();
        entries.iter().map(|(key, slot)| (key.clone(), slot.clone())).collect()
    }

    /// A snapshot of the keys in byte order.
    pub fn keys(&self) -> Vec<Str> {
        self.entries.0.borrow().keys().cloned().collect()
    }

    /// A shallow copy: a new map with the same values.
    #[must_use]
    pub fn shallow_copy(&self) -> Map {
        let entries = self.entries.0.borrow().clone();
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
        let entries = self.entries.0.borrow();
        let copied = entries.iter().map(|(key, slot)| {
            (key.clone(), Slot { value: slot.value.deep_copy(), origin: slot.origin })
        });
        let copied: BTreeMap<_, _> = copied.collect();
        Map { entries: Rc::new(Entries::from(copied)), ty: self.ty, nil: self.nil }
    }
}
