//! What a render reads of the values it was given, and what it would have read.
//!
//! A renderer has a watch only when a check asks for one. Maps are known by their address, so
//! a value is recognised however it came to where it is read: through variables, `with`, `dict`
//! and `include`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::diag::Frame;
use crate::doc::uses::{Seg, Uses, Way};
use crate::source::Span;
use crate::value::{Map, Value, print};

/// Whole numbers from here on are printed with an exponent when they are floats.
const LARGE: f64 = 1e6;

/// Depth to which arguments are searched for maps of the values.
const MAX_DEPTH: u32 = 40;

/// A key that a template reads and no value has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The name.
    pub name: String,
    /// The map's path among the values, if it is one of them.
    pub path: Option<Vec<Seg>>,
    /// Where it is read.
    pub place: Frame,
}

/// A large whole number that a template writes with an exponent.
#[derive(Clone, Debug, PartialEq)]
pub struct Exponent {
    /// The number.
    pub number: f64,
    /// As it is written.
    pub text: String,
    /// Its path among the values and what supplied it, if it is one of them.
    pub value: Option<(Vec<Seg>, Span)>,
    /// Where it is written.
    pub place: Frame,
}

/// What has been noted.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Reads.
    pub uses: Uses,
    /// Keys that were not there where one was needed.
    pub missing: Vec<Missing>,
    /// Numbers that came out with an exponent.
    pub exponents: Vec<Exponent>,
}

/// A number that was read, where it stands and what supplied it.
type Number = (f64, Vec<Seg>, Span);

/// The state of a watch during a render.
#[derive(Default)]
pub struct Watch {
    /// Maps of the values by address; held, so that no other map gets their address.
    maps: HashMap<usize, (Map, Vec<Seg>)>,
    notes: Notes,
    /// Large numbers among the values, then those that were read, the latest last.
    numbers: Vec<Number>,
}

impl Watch {
    /// A watch over values. `prefixes` are the paths of the values of the charts below.
    pub fn new(values: &Map, prefixes: &HashSet<Vec<Seg>>) -> Self {
        let mut watch = Watch::default();
        watch.register(values, &mut Vec::new(), prefixes);
        watch
    }

    fn register(&mut self, map: &Map, path: &mut Vec<Seg>, prefixes: &HashSet<Vec<Seg>>) {
        if self.maps.contains_key(&map.address()) || path.len() > 200 {
            return;
        }
        self.maps.insert(map.address(), (map.clone(), path.clone()));
        for (key, slot) in map.entries() {
            let key: Arc<str> = key.to_str_lossy().into();
            if &*key == "global" && prefixes.contains(path) {
                // A chart's globals are the root's.
                self.register_value(&slot.value, slot.origin, &mut vec![Some(key)], prefixes);
                continue;
            }
            path.push(Some(key));
            self.register_value(&slot.value, slot.origin, path, prefixes);
            path.pop();
        }
    }

    fn register_value(
        &mut self,
        value: &Value,
        origin: Span,
        path: &mut Vec<Seg>,
        prefixes: &HashSet<Vec<Seg>>,
    ) {
        match value {
            Value::Map(map) => self.register(map, path, prefixes),
            Value::List(list) => {
                path.push(None);
                for item in list.items() {
                    self.register_value(item, origin, path, prefixes);
                }
                path.pop();
            }
            Value::Float(number) if is_large(*number) => {
                self.numbers.push((*number, path.clone(), origin));
            }
            _ => {}
        }
    }

    /// Ends the watch.
    pub fn into_notes(self) -> Notes {
        self.notes
    }

    /// How many keys were missing so far.
    pub(super) fn mark(&self) -> usize {
        self.notes.missing.len()
    }

    /// Forgets the keys that were missing since a mark: the template is prepared for that.
    pub(super) fn forgive(&mut self, mark: usize) {
        self.notes.missing.truncate(mark);
    }

    /// Notes that a key is read.
    pub(super) fn key(&mut self, map: &Map, name: &str) {
        let Some((_, path)) = self.maps.get(&map.address()) else { return };
        let mut path = path.clone();
        path.push(Some(name.into()));
        self.notes.uses.note(&path, None, None);
        if let Some(slot) = map.slot(name)
            && let Value::Float(number) = slot.value
            && is_large(number)
        {
            self.numbers.push((number, path, slot.origin));
        }
    }

    /// Notes a key that is not there.
    pub(super) fn missing(&mut self, map: &Map, name: &str, place: Frame) {
        let path = self.maps.get(&map.address()).map(|(_, path)| path.clone());
        let missing = Missing { name: name.to_owned(), path, place };
        if !self.notes.missing.contains(&missing) {
            self.notes.missing.push(missing);
        }
    }

    /// Notes that every member of a map is read, though not what is below them.
    pub(super) fn members(&mut self, map: &Map) {
        if let Some((_, path)) = self.maps.get(&map.address()) {
            let mut path = path.clone();
            path.push(None);
            self.notes.uses.note(&path, Some(Way::Tested), None);
        }
    }

    /// Notes that a value is read whole.
    pub(super) fn whole(&mut self, value: &Value) {
        self.whole_below(value, 0);
    }

    fn whole_below(&mut self, value: &Value, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        match value {
            Value::Map(map) => match self.maps.get(&map.address()) {
                Some((_, path)) => {
                    let path = path.clone();
                    self.notes.uses.note(&path, Some(Way::Whole), None);
                }
                None => {
                    for (_, slot) in map.entries() {
                        self.whole_below(&slot.value, depth + 1);
                    }
                }
            },
            Value::List(list) => {
                for item in list.items() {
                    self.whole_below(item, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// Notes a number that a function has written with an exponent into the text that it made.
    pub(super) fn made(&mut self, args: &[Value], text: &[u8], place: impl FnOnce() -> Frame) {
        let found = args.iter().find_map(|arg| match arg {
            Value::Float(number) => exponent(*number, text),
            Value::List(list) => list.items().iter().find_map(|item| match item {
                Value::Float(number) => exponent(*number, text),
                _ => None,
            }),
            _ => None,
        });
        if let Some((number, shown)) = found {
            self.exponent(number, shown, place());
        }
    }

    /// Notes what a function that has been called reads of its arguments.
    pub(super) fn arguments(&mut self, function: &str, args: &[Value]) {
        match function {
            _ if args.is_empty() => {}
            "index" | "get" | "hasKey" | "unset" => self.path(&args[..1], &args[1..]),
            "dig" => {
                if let Some((base, keys)) = args.split_last() {
                    let keys = &keys[..keys.len().saturating_sub(1)];
                    self.path(std::slice::from_ref(base), keys);
                }
            }
            "pluck" => self.path(&args[1..], &args[..1]),
            "pick" => {
                for key in &args[1..] {
                    self.path(&args[..1], std::slice::from_ref(key));
                }
            }
            "keys" | "values" => args.iter().filter_map(Value::as_map).for_each(|map| {
                self.members(map);
            }),
            name if PASSES_ON.contains(&name) => {}
            _ => args.iter().for_each(|value| self.whole(value)),
        }
    }

    fn path(&mut self, maps: &[Value], keys: &[Value]) {
        for map in maps {
            let mut value = map.clone();
            for key in keys {
                let (Some(map), Some(key)) = (value.as_map().cloned(), key.as_str()) else { break };
                let name = key.to_str_lossy();
                self.key(&map, &name);
                value = map.get(&*name).unwrap_or_default();
            }
        }
    }

    /// Notes a number that is written with an exponent.
    pub(super) fn exponent(&mut self, number: f64, text: String, place: Frame) {
        let known =
            self.numbers.iter().rev().find(|(other, ..)| other.to_bits() == number.to_bits());
        let value = known.map(|(_, path, span)| (path.clone(), *span));
        let found = Exponent { number, text, value, place };
        if !self.notes.exponents.contains(&found) {
            self.notes.exponents.push(found);
        }
    }

    /// Numbers that were written so far.
    pub(super) fn exponents(&self) -> usize {
        self.notes.exponents.len()
    }

    /// Forgets the numbers since a mark whose exponent form is not in the text of the file.
    pub(super) fn keep_exponents(&mut self, mark: usize, text: &[u8]) {
        let tail = self.notes.exponents.split_off(mark);
        self.notes.exponents.extend(
            tail.into_iter()
                .filter(|exponent| memchr::memmem::find(text, exponent.text.as_bytes()).is_some()),
        );
    }
}

/// Functions that hand their arguments on, or look no further than whether they are empty.
const PASSES_ON: &[&str] = &[
    "and",
    "append",
    "coalesce",
    "compact",
    "concat",
    "default",
    "dict",
    "empty",
    "eq",
    "fail",
    "first",
    "ge",
    "gt",
    "include",
    "initial",
    "kindIs",
    "kindOf",
    "last",
    "le",
    "len",
    "list",
    "lt",
    "mustAppend",
    "mustCompact",
    "mustFirst",
    "mustInitial",
    "mustLast",
    "mustPrepend",
    "mustRest",
    "mustReverse",
    "mustSlice",
    "ne",
    "not",
    "or",
    "prepend",
    "required",
    "rest",
    "reverse",
    "set",
    "slice",
    "ternary",
    "tpl",
    "tuple",
    "typeIs",
    "typeIsLike",
    "typeOf",
];

/// Functions that are meant for values that may be absent.
const FORGIVING: &[&str] = &[
    "and",
    "coalesce",
    "default",
    "dict",
    "dig",
    "empty",
    "get",
    "hasKey",
    "kindIs",
    "kindOf",
    "list",
    "not",
    "or",
    "required",
    "set",
    "ternary",
    "tuple",
    "typeIs",
    "typeIsLike",
    "typeOf",
];

/// Whether a function is meant for values that may be absent.
pub(super) fn is_forgiving(function: &str) -> bool {
    FORGIVING.contains(&function)
}

fn is_large(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() >= LARGE
}

/// The exponent form of a number, if a text has it.
pub(super) fn exponent(number: f64, text: &[u8]) -> Option<(f64, String)> {
    if !is_large(number) {
        return None;
    }
    let shown = print::sprint(&Value::Float(number));
    let shown = shown.to_str_lossy().into_owned();
    let is_there = shown.contains('e') && memchr::memmem::find(text, shown.as_bytes()).is_some();
    is_there.then_some((number, shown))
}
