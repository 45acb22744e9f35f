//! `Any`: what yaml v3 reads into an untyped Go value.
//!
//! Unlike a [`Doc`](crate::doc::Doc) it tells whole numbers from decimals, keeps keys that are
//! no texts, and has times. Maps are held in the order in which yaml v3 writes them.

use std::sync::Arc;

use super::order::sort_entries;
use crate::golang::number::format_float;

/// An untyped value.
#[derive(Clone, Debug, Default)]
pub enum Any {
    /// `nil`.
    #[default]
    Null,
    /// `bool`.
    Bool(bool),
    /// `int`.
    Int(i64),
    /// `uint64`: a whole number beyond `int`.
    Uint(u64),
    /// `float64`.
    Float(f64),
    /// `time.Time`, as it was written.
    Time(Arc<str>),
    /// `string`.
    Str(Arc<str>),
    /// `[]interface {}`.
    List(Arc<Vec<Any>>),
    /// A map.
    Map(Arc<AnyMap>),
}

/// A key of a map with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key; never a list or a map.
    pub key: Any,
    /// One-based line of the key in its text; 0 for what no text says.
    pub line: usize,
    /// The value.
    pub value: Any,
}

/// `map[string]interface {}`, or `map[interface {}]interface {}` when a key is no text.
#[derive(Clone, Debug, Default)]
pub struct AnyMap {
    entries: Vec<Entry>,
}

impl AnyMap {
    /// A map of entries whose keys differ.
    pub fn new(entries: Vec<Entry>) -> Self {
        if entries.iter().all(|entry| matches!(entry.key, Any::Str(_))) {
            return AnyMap { entries: sorted(entries) };
        }
        let (texts, mut others): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| matches!(entry.key, Any::Str(_)));
        others.sort_by(|a, b| a.key.order().total_cmp(&b.key.order()));
        others.extend(sorted(texts));
        AnyMap { entries: others }
    }

    /// The entries in the order of writing.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The value of a text key.
    pub fn get(&self, key: &str) -> Option<&Any> {
        self.entries.iter().find(|entry| entry.key.as_str() == Some(key)).map(|entry| &entry.value)
    }

    /// Whether all keys are texts, which decides the Go type.
    pub fn has_text_keys(&self) -> bool {
        self.entries.iter().all(|entry| matches!(entry.key, Any::Str(_)))
    }

    fn value_of(&self, key: &Any) -> Option<&Any> {
        self.entries.iter().find(|entry| entry.key == *key).map(|entry| &entry.value)
    }
}

fn sorted(entries: Vec<Entry>) -> Vec<Entry> {
    let names: Vec<Arc<str>> = entries
        .iter()
        .map(|entry| match &entry.key {
            Any::Str(text) => Arc::clone(text),
            _ => Arc::from(""),
        })
        .collect();
    let named = names.iter().map(|name| &**name).zip(entries).collect();
    sort_entries(named, true).into_iter().map(|(_, entry)| entry).collect()
}

/// As Go's `reflect.DeepEqual`: types count.
impl PartialEq for Any {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Any::Null, Any::Null) => true,
            (Any::Bool(a), Any::Bool(b)) => a == b,
            (Any::Int(a), Any::Int(b)) => a == b,
            (Any::Uint(a), Any::Uint(b)) => a == b,
            (Any::Float(a), Any::Float(b)) => a == b,
            (Any::Time(a), Any::Time(b)) | (Any::Str(a), Any::Str(b)) => a == b,
            (Any::List(a), Any::List(b)) => a == b,
            (Any::Map(a), Any::Map(b)) => {
                a.entries.len() == b.entries.len()
                    && a.entries.iter().all(|entry| b.value_of(&entry.key) == Some(&entry.value))
            }
            _ => false,
        }
    }
}

impl From<&str> for Any {
    fn from(text: &str) -> Self {
        Any::Str(Arc::from(text))
    }
}

impl Any {
    /// A map of text keys.
    pub fn map<'k>(entries: impl IntoIterator<Item = (&'k str, Any)>) -> Self {
        let entries = entries.into_iter();
        let entries = entries.map(|(key, value)| Entry { key: Any::from(key), line: 0, value });
        Any::Map(Arc::new(AnyMap::new(entries.collect())))
    }

    /// A list.
    pub fn list(items: Vec<Any>) -> Self {
        Any::List(Arc::new(items))
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Any::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&[Any]> {
        match self {
            Any::List(items) => Some(items),
            _ => None,
        }
    }

    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&AnyMap> {
        match self {
            Any::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The map, if it is one of text keys, which Go calls `map[string]interface {}`.
    pub fn as_text_map(&self) -> Option<&AnyMap> {
        self.as_map().filter(|map| map.has_text_keys())
    }

    /// The member of a map.
    pub fn get(&self, key: &str) -> Option<&Any> {
        self.as_map()?.get(key)
    }

    /// The Go type's name; empty for null.
    pub fn type_name(&self) -> &'static str {
        match self {
            Any::Null => "",
            Any::Bool(_) => "bool",
            Any::Int(_) => "int",
            Any::Uint(_) => "uint64",
            Any::Float(_) => "float64",
            Any::Time(_) => "time.Time",
            Any::Str(_) => "string",
            Any::List(_) => "[]interface {}",
            Any::Map(map) if map.has_text_keys() => "map[string]interface {}",
            Any::Map(_) => "map[interface {}]interface {}",
        }
    }

    /// A scalar as yaml v3 writes it between quotes, if it needs some; none for lists and maps.
    pub fn scalar_text(&self) -> Option<std::borrow::Cow<'_, str>> {
        Some(match self {
            Any::Null => "null".into(),
            Any::Bool(value) => if *value { "true" } else { "false" }.into(),
            Any::Int(value) => value.to_string().into(),
            Any::Uint(value) => value.to_string().into(),
            Any::Float(value) => float_text(*value).into(),
            Any::Time(text) | Any::Str(text) => (&**text).into(),
            Any::List(_) | Any::Map(_) => return None,
        })
    }

    /// What writing and reading again makes of it: a decimal without a fraction becomes a whole
    /// number. None when nothing changes.
    pub fn reread(&self) -> Option<Any> {
        match self {
            Any::Float(value) => {
                let whole = float_text(*value).parse().ok()?;
                Some(Any::Int(whole))
            }
            Any::List(items) => {
                let changed: Vec<_> = items.iter().map(Any::reread).collect();
                changed.iter().any(Option::is_some).then(|| {
                    let pairs = items.iter().zip(changed);
                    Any::list(pairs.map(|(old, new)| new.unwrap_or_else(|| old.clone())).collect())
                })
            }
            Any::Map(map) => {
                let entries = map.entries.iter();
                let changed: Vec<_> = entries.map(|entry| entry.value.reread()).collect();
                changed.iter().any(Option::is_some).then(|| {
                    let pairs = map.entries.iter().zip(changed);
                    let entries = pairs.map(|(old, new)| Entry {
                        value: new.unwrap_or_else(|| old.value.clone()),
                        ..old.clone()
                    });
                    Any::Map(Arc::new(AnyMap { entries: entries.collect() }))
                })
            }
            _ => None,
        }
    }

    /// Where a key that is no text stands among others.
    fn order(&self) -> f64 {
        match self {
            Any::Bool(value) => f64::from(u8::from(*value)),
            Any::Int(value) => *value as f64,
            Any::Uint(value) => *value as f64,
            Any::Float(value) => *value,
            _ => f64::NEG_INFINITY,
        }
    }
}

/// A decimal as yaml v3 writes it.
pub(super) fn float_text(value: f64) -> String {
    match value {
        f64::INFINITY => ".inf".into(),
        f64::NEG_INFINITY => "-.inf".into(),
        value if value.is_nan() => ".nan".into(),
        value => format_float(value, b'g', -1),
    }
}
