//! Which paths of values are read, how and where: plain data that template engines fill and
//! checks on values ask.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One step of a path: a key, or none for any item of a list or member of a map.
pub type Seg = Option<Arc<str>>;

/// Places kept of one value; more help nobody.
const MAX_PLACES: usize = 3;

/// In which way a value is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// As a condition.
    Tested,
    /// Where a boolean is wanted.
    Bool,
    /// Printed as it is.
    Printed,
    /// Where a text is wanted.
    Text,
    /// Where a number is wanted.
    Number,
    /// Item by item.
    Ranged,
    /// Where a list is wanted.
    List,
    /// Where a map is wanted.
    Map,
    /// Written out, whatever it holds.
    Whole,
    /// Refused when it is empty.
    Required,
}

/// A place in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsePlace {
    /// The template's name.
    pub file: String,
    /// One-based line.
    pub line: u32,
}

/// What is read of one value and of the values below it.
#[derive(Clone, Debug, Default)]
pub struct Uses {
    /// Whether everything below is read, by whatever names.
    pub whole: bool,
    /// The ways in which the value itself is read.
    pub ways: BTreeSet<Way>,
    /// The first places where it is read.
    pub places: Vec<UsePlace>,
    /// Keys that are read by name.
    pub keys: BTreeMap<Arc<str>, Uses>,
    /// What is read of every item or member.
    pub items: Option<Box<Uses>>,
}

impl Uses {
    /// The node of a path, made where it is missing.
    pub fn at(&mut self, path: &[Seg]) -> &mut Uses {
        path.iter().fold(self, |node, seg| match seg {
            Some(key) => node.keys.entry(key.clone()).or_default(),
            None => node.items.get_or_insert_default(),
        })
    }

    /// Notes a read.
    pub fn note(&mut self, path: &[Seg], way: Option<Way>, place: Option<UsePlace>) {
        let node = self.at(path);
        node.whole |= matches!(way, Some(Way::Whole | Way::Printed | Way::Text));
        node.ways.extend(way);
        if let Some(place) = place
            && node.places.len() < MAX_PLACES
            && !node.places.contains(&place)
        {
            node.places.push(place);
        }
    }

    /// The nodes that speak of a key or, without one, of an item.
    pub fn below<'a>(&'a self, seg: Option<&str>) -> impl Iterator<Item = &'a Uses> {
        let key = seg.and_then(|key| self.keys.get(key));
        key.into_iter().chain(self.items.as_deref())
    }

    /// Adds what another tree has.
    pub fn join(&mut self, other: Uses) {
        self.whole |= other.whole;
        self.ways.extend(other.ways);
        for place in other.places {
            if self.places.len() < MAX_PLACES && !self.places.contains(&place) {
                self.places.push(place);
            }
        }
        for (key, below) in other.keys {
            self.keys.entry(key).or_default().join(below);
        }
        if let Some(items) = other.items {
            self.items.get_or_insert_default().join(*items);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_grow_and_join() {
        let key = |name: &str| Some(Arc::from(name));
        let mut uses = Uses::default();
        uses.note(&[key("a"), None, key("b")], Some(Way::Tested), None);
        let mut other = Uses::default();
        other.note(&[key("a")], Some(Way::Whole), None);
        uses.join(other);
        let a = uses.below(Some("a")).next().expect("read");
        assert!(a.whole);
        let item = a.below(None).next().expect("read");
        assert!(!item.whole && item.below(Some("b")).next().is_some());
        assert_eq!(uses.below(Some("x")).count(), 0);
    }
}
