//! Frees nested lists and maps without recursion, however deep they are.
//!
//! A template can nest values a million deep in a loop. Rust would free them level by level on
//! the stack; here, what lies below a few levels waits until the levels above are gone.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::{Slot, Str, Value};

/// Levels that are freed on the stack.
const LEVELS: u32 = 64;

/// The contents of a list or map that nothing refers to any more.
pub(super) enum Contents {
    /// Of a list.
    List(Vec<Value>),
    /// Of a map.
    Map(BTreeMap<Str, Slot>),
}

impl Contents {
    fn free(self) {
        match self {
            Contents::List(items) => drop(items),
            Contents::Map(entries) => drop(entries),
        }
    }
}

thread_local! {
    static LEVEL: Cell<u32> = const { Cell::new(0) };
    static WAITING: RefCell<Vec<Contents>> = const { RefCell::new(Vec::new()) };
}

/// Frees contents, now or when the values around them are freed.
pub(super) fn release(contents: Contents) {
    let level = LEVEL.get();
    if level >= LEVELS {
        WAITING.with_borrow_mut(|waiting| waiting.push(contents));
        return;
    }
    LEVEL.set(level + 1);
    contents.free();
    if level == 0 {
        // Each of these may add to the queue again, so it is not borrowed meanwhile.
        while let Some(contents) = WAITING.with_borrow_mut(Vec::pop) {
            contents.free();
        }
    }
    LEVEL.set(level);
}

#[cfg(test)]
mod tests {
    use crate::value::{Map, Value};

    #[test]
    fn deep_values_are_freed() {
        let mut value = Value::Nil;
        for level in 0..1_000_000 {
            value = if level % 2 == 0 {
                Value::list(vec![value])
            } else {
                let map = Map::new();
                map.insert("k", value);
                Value::Map(map)
            };
        }
        drop(value);
    }
}
