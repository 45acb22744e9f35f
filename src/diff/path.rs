//! The way to a field: `spec.containers[name=web].args[1]`.

use std::fmt;
use std::sync::Arc;

use crate::doc::decode::push_key;

/// A step of the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a map.
    Key(Arc<str>),
    /// Into a list, to the item with these keys: `name=web`.
    Item(String),
    /// Into a list, to the item at this place.
    Index(usize),
}

/// A way from the root of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The name of a map's member that is the step at `index`, if it is one.
    pub fn key(&self, index: usize) -> Option<&str> {
        match self.0.get(index) {
            Some(Step::Key(key)) => Some(key),
            _ => None,
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for step in &self.0 {
            match step {
                Step::Key(key) => push_key(&mut text, key),
                Step::Item(keys) => text.extend(["[", keys, "]"]),
                Step::Index(index) => text.extend(["[", &index.to_string(), "]"]),
            }
        }
        f.write_str(if text.is_empty() { "(all of it)" } else { &text })
    }
}
