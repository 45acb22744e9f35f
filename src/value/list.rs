//! Go's slices: immutable lists that know their element type and capacity.
//!
//! Two effects of Go's shared backing arrays reach templates and are kept: `slice` may reach
//! past the length up to the capacity, and `sortAlpha` sorts a `[]string` in place.

use std::cell::OnceCell;
use std::rc::Rc;

use super::release::{Contents, release};
use super::{IntType, Str, Value, work};

/// Element type of a list, which shows in `typeOf`, in comparisons and in argument checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListType {
    /// `[]interface {}`
    Interface,
    /// `[]string`
    String,
    /// `[]int`
    Int,
    /// `[]map[string]interface {}`
    Map,
    /// `common.VersionSet`, a `[]string` with the method `Has`
    VersionSet,
    /// `[]interface {}` items of another concrete Go type, by name (`[]uint8` is
    /// [`Value::Bytes`] instead)
    Named(&'static str),
}

impl ListType {
    /// Go's name of the list type.
    pub fn name(self) -> &'static str {
        match self {
            ListType::Interface => "[]interface {}",
            ListType::String => "[]string",
            ListType::Int => "[]int",
            ListType::Map => "[]map[string]interface {}",
            ListType::VersionSet => "common.VersionSet",
            ListType::Named(name) => name,
        }
    }

    /// Size of an element in Go's memory and whether it holds pointers.
    fn element(self) -> (usize, bool) {
        match self {
            ListType::Interface | ListType::String | ListType::VersionSet => (16, true),
            ListType::Int => (8, false),
            ListType::Map => (8, true),
            ListType::Named(_) => (24, true),
        }
    }

    /// What an element that nothing was written to reads as.
    fn zero(self) -> Value {
        match self {
            ListType::String | ListType::VersionSet => Value::str(""),
            ListType::Int => Value::Int(0, IntType::Int),
            ListType::Interface | ListType::Map | ListType::Named(_) => Value::Nil,
        }
    }
}

#[derive(Debug)]
struct Inner {
    items: Vec<Value>,
    ty: ListType,
    nil: bool,
    /// Go's `cap`.
    capacity: usize,
    /// What the backing array holds behind the items; the rest up to the capacity is zero.
    hidden: Vec<Value>,
    /// The items after an in-place sort, which is idempotent and so happens once.
    sorted: OnceCell<Vec<Value>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        let sorted = self.sorted.take().unwrap_or_default();
        for items in [std::mem::take(&mut self.items), std::mem::take(&mut self.hidden), sorted] {
            if !items.is_empty() {
                release(Contents::List(items));
            }
        }
    }
}

/// An immutable list with an element type; a nil slice of Go is an empty list that says so.
#[derive(Clone, Debug)]
pub struct List(Rc<Inner>);

impl List {
    /// A `[]interface {}`.
    pub fn new(items: Vec<Value>) -> Self {
        Self::typed(items, ListType::Interface)
    }

    /// A list of a given type, with no room behind its items.
    pub fn typed(items: Vec<Value>, ty: ListType) -> Self {
        let capacity = items.len();
        Self::with_capacity(items, ty, capacity)
    }

    /// A list with a known capacity.
    pub fn with_capacity(items: Vec<Value>, ty: ListType, capacity: usize) -> Self {
        // Lists that double in a loop are caught by whoever called.
        work::spend(items.len());
        let capacity = capacity.max(items.len());
        let (hidden, sorted) = (Vec::new(), OnceCell::new());
        List(Rc::new(Inner { items, ty, nil: false, capacity, hidden, sorted }))
    }

    /// A list that Go built by appending one item after the other to an empty one, as its JSON
    /// and YAML readers do.
    pub fn grown(items: Vec<Value>, ty: ListType) -> Self {
        let mut capacity = 0;
        while capacity < items.len() {
            capacity = grow(capacity, capacity + 1, ty);
        }
        Self::with_capacity(items, ty, capacity)
    }

    /// A list that one `append` made of a slice with the given capacity.
    pub fn appended(capacity: usize, items: Vec<Value>, ty: ListType) -> Self {
        let capacity = grow(capacity, items.len(), ty);
        Self::with_capacity(items, ty, capacity)
    }

    /// A nil slice.
    pub fn nil(ty: ListType) -> Self {
        let (items, hidden, sorted) = (Vec::new(), Vec::new(), OnceCell::new());
        List(Rc::new(Inner { items, ty, nil: true, capacity: 0, hidden, sorted }))
    }

    /// A `[]string`.
    pub fn strings<S: Into<Str>>(items: impl IntoIterator<Item = S>) -> Self {
        let items = items.into_iter().map(|item| Value::Str(item.into())).collect();
        Self::typed(items, ListType::String)
    }

    /// Its items.
    pub fn items(&self) -> &[Value] {
        self.0.sorted.get().unwrap_or(&self.0.items)
    }

    /// Its type.
    pub fn ty(&self) -> ListType {
        self.0.ty
    }

    /// Whether it is Go's nil slice.
    pub fn is_nil(&self) -> bool {
        self.0.nil
    }

    /// Go's `cap`.
    pub fn capacity(&self) -> usize {
        self.0.capacity
    }

    /// Go's `list[start:end]`, which may reach past the length up to the capacity; none when
    /// the bounds are wrong.
    pub fn slice(&self, start: usize, end: usize) -> Option<List> {
        if start > end || end > self.0.capacity {
            return None;
        }
        let mut backing = self.items().to_vec();
        backing.extend_from_slice(&self.0.hidden);
        if backing.len() < end {
            backing.resize(end, self.0.ty.zero());
        }
        let hidden = backing.split_off(end);
        let items = backing.split_off(start);
        let (ty, capacity) = (self.0.ty, self.0.capacity - start);
        let inner = Inner { items, ty, nil: false, capacity, hidden, sorted: OnceCell::new() };
        Some(List(Rc::new(inner)))
    }

    /// Sorts a `[]string` in place: every holder of the list sees it sorted.
    pub fn sort_strings(&self) {
        self.0.sorted.get_or_init(|| {
            let mut items = self.0.items.clone();
            items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            items
        });
    }
}

/// Capacity that Go's `append` gives a slice of `old` capacity that must hold `length` items.
fn grow(old: usize, length: usize, ty: ListType) -> usize {
    if length <= old {
        return old;
    }
    let wanted = if length > 2 * old {
        length
    } else if old < 256 {
        2 * old
    } else {
        let mut wanted = old;
        while wanted < length {
            wanted += (wanted + 3 * 256) / 4;
        }
        wanted
    };
    let (size, pointers) = ty.element();
    round_up(wanted * size, pointers) / size
}

/// Size of the block that Go's allocator gives for a request.
fn round_up(bytes: usize, pointers: bool) -> usize {
    // The size classes of Go's runtime (internal/runtime/gc, sizeclasses.go).
    const CLASSES: [usize; 67] = [
        8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320,
        352, 384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792,
        2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864, 5120, 5376, 6144, 6528, 6784, 6912, 8192,
        9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576,
        27264, 28672,
    ];
    const LARGEST: usize = 32768;
    const PAGE: usize = 8192;
    // Larger blocks with pointers begin with a word that tells where the pointers are.
    let header = if pointers && bytes > 512 { 8 } else { 0 };
    let request = bytes + header;
    if request > LARGEST - 8 {
        return bytes.next_multiple_of(PAGE);
    }
    let class = CLASSES.iter().copied().find(|&class| class >= request).unwrap_or(LARGEST);
    class - header
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Capacities seen through `slice` in Helm 4.3.1.
    #[test]
    fn capacities_are_those_of_go() {
        let grown =
            |length: usize| List::grown(vec![Value::Nil; length], ListType::Interface).capacity();
        let table = [(1, 1), (3, 4), (5, 8), (17, 32), (33, 71), (129, 143), (257, 303)];
        for (length, capacity) in table {
            assert_eq!(grown(length), capacity, "{length} items");
        }
        for (length, capacity) in [(600, 1023), (900, 1023), (1300, 1535), (2000, 2560)] {
            assert_eq!(grown(length), capacity, "{length} items");
        }
        let ints = List::grown(vec![Value::int(1); 513], ListType::Int);
        assert_eq!(ints.capacity(), 848);
        for (old, capacity) in [(3, 6), (17, 35), (31, 63), (64, 143), (256, 591), (600, 1023)] {
            assert_eq!(grow(old, old + 1, ListType::Interface), capacity, "one more than {old}");
        }
    }

    #[test]
    fn slices_reach_into_the_backing_array() {
        let list = List::grown(vec![1.into(), 2.into(), 3.into()], ListType::Interface);
        let one = list.slice(0, 1).expect("within the length");
        assert_eq!(one.slice(0, 3).expect("within the capacity").items().len(), 3);
        assert_eq!(list.slice(1, 4).expect("within the capacity").items().len(), 3);
        assert!(list.slice(0, 5).is_none());
        assert!(list.slice(2, 1).is_none());
    }

    #[test]
    fn sorting_is_seen_by_every_holder() {
        let list = List::strings(["b", "a"]);
        let alias = list.clone();
        list.sort_strings();
        assert_eq!(alias.items()[0].as_str(), Some(&Str::from("a")));
    }
}
