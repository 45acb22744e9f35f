//! A document into a Rust type by serde, with every problem found in one run.
//!
//! Unknown keys, wrong types and unknown choices are noted with path and place, a stand-in takes
//! the wrong value's place, and decoding goes on. Blind to the types that are decoded, except
//! for three names: `Quantity` (Kubernetes reads numbers as quantities too), [`WHOLE`] and
//! [`HIDDEN`].

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, Deserialize, IntoDeserializer as _, Visitor};

use super::quantity::is_quantity;
use super::{Doc, DocMap, Node};
use crate::diag::nearest::nearest;
use crate::source::Span;

/// The way out for a number or boolean where a string belongs.
pub const IN_QUOTES: &str = "put it in quotes";

/// Name of a newtype over `i64` that also takes digits in quotes.
pub const WHOLE: &str = "Whole";

/// Name of a newtype over `String` whose contents no message may show.
pub const HIDDEN: &str = "Hidden";

/// Something wrong in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where in the document: `spec.containers[0].image`; empty for its root.
    pub path: String,
    /// What supplied the value.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub hint: Option<String>,
}

/// Decodes a document; all problems at once when there are any.
///
/// # Errors
/// Every unknown key, wrong type and unknown choice, in the order of the document.
pub fn decode<'de, T: Deserialize<'de>>(doc: &'de Doc) -> Result<T, Vec<Problem>> {
    let log = RefCell::new(Vec::new());
    let decoder = Decoder { doc, path: &Path::Root, log: &log };
    let result = T::deserialize(decoder);
    if let Err(Stop(Some(message))) = &result {
        decoder.note(message.clone(), None);
    }
    let problems = log.into_inner();
    match result {
        Ok(value) if problems.is_empty() => Ok(value),
        _ => Err(problems),
    }
}

/// Adds a step to a path: `a.b`, `a[0]`, `a["x.y/z"]`.
pub fn push_key(path: &mut String, key: &str) {
    use fmt::Write as _;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if key.is_empty() || !key.chars().all(is_name) {
        write!(path, "[{key:?}]").expect("a string takes any text");
    } else {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
    }
}

/// The way from the root, as a list on the stack.
#[derive(Clone, Copy)]
enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl Path<'_> {
    fn write(&self, out: &mut String) {
        use fmt::Write as _;
        match self {
            Path::Root => {}
            Path::Key(parent, key) => {
                parent.write(out);
                push_key(out, key);
            }
            Path::Index(parent, index) => {
                parent.write(out);
                write!(out, "[{index}]").expect("a string takes any text");
            }
        }
    }
}

/// Why decoding stopped: a message, or none when the problem has been noted.
#[derive(Debug)]
struct Stop(Option<String>);

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_deref().unwrap_or("invalid document"))
    }
}

impl std::error::Error for Stop {}

impl de::Error for Stop {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Stop(Some(message.to_string()))
    }
}

#[derive(Clone, Copy)]
struct Decoder<'a, 'de> {
    doc: &'de Doc,
    path: &'a Path<'a>,
    log: &'a RefCell<Vec<Problem>>,
}

impl Decoder<'_, '_> {
    fn note(&self, message: String, hint: Option<String>) {
        let mut path = String::new();
        self.path.write(&mut path);
        self.log.borrow_mut().push(Problem { path, span: self.doc.span, message, hint });
    }

    fn expected(&self, what: &str) {
        let found = match &self.doc.node {
            // What should be several values may be a secret among them.
            Node::Str(_) if what == "a map" => "a string".to_owned(),
            Node::Int(_) | Node::Int64(_) | Node::Float(_) if what == "a map" => {
                "a number".to_owned()
            }
            Node::Str(text) => format!("string {:?}", text.to_str_lossy()),
            Node::Int(number) | Node::Int64(number) => format!("number {number}"),
            Node::Float(number) => format!("number {number}"),
            Node::Bool(value) => format!("boolean {value}"),
            Node::Null => "null".to_owned(),
            Node::List(_) => "a list".to_owned(),
            Node::Map(_) => "a map".to_owned(),
        };
        let quotable =
            matches!(self.doc.node, Node::Int(_) | Node::Int64(_) | Node::Float(_) | Node::Bool(_));
        let hint = (what == "a string" && quotable).then(|| IN_QUOTES.to_owned());
        self.note(format!("expected {what}, found {found}"), hint);
    }

    /// A whole number in a range; 0 stands in for anything else.
    fn whole(&self, min: i64, max: i64) -> i64 {
        let number = match self.doc.node {
            Node::Int(number) | Node::Int64(number) => number,
            Node::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => number as i64,
            _ => {
                self.expected("a whole number");
                return 0;
            }
        };
        if number < min || number > max {
            self.note(format!("{number} is not between {min} and {max}"), None);
            return 0;
        }
        number
    }
}

macro_rules! whole {
    ($($method:ident $ty:ty),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
            let max = i64::try_from(<$ty>::MAX).unwrap_or(i64::MAX);
            let min = i64::try_from(<$ty>::MIN).unwrap_or(i64::MIN);
            visitor.visit_i64(self.whole(min, max))
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Decoder<'_, 'de> {
    type Error = Stop;

    whole!(
        deserialize_i8 i8, deserialize_i16 i16, deserialize_i32 i32, deserialize_i64 i64,
        deserialize_u8 u8, deserialize_u16 u16, deserialize_u32 u32, deserialize_u64 u64
    );

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match &self.doc.node {
            Node::Null => visitor.visit_unit(),
            Node::Bool(value) => visitor.visit_bool(*value),
            Node::Int(value) | Node::Int64(value) => visitor.visit_i64(*value),
            Node::Float(value) => visitor.visit_f64(*value),
            Node::Str(_) => self.deserialize_str(visitor),
            Node::List(items) => visitor.visit_seq(Items { of: self, docs: items, next: 0 }),
            Node::Map(map) => visitor.visit_map(Entries::new(self, map, None)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        if let Node::Bool(value) = self.doc.node {
            return visitor.visit_bool(value);
        }
        self.expected("true or false");
        visitor.visit_bool(false)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.doc.node {
            Node::Int(value) | Node::Int64(value) => visitor.visit_f64(value as f64),
            Node::Float(value) => visitor.visit_f64(value),
            _ => {
                self.expected("a number");
                visitor.visit_f64(0.0)
            }
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        if let Node::Str(text) = &self.doc.node {
            if let Some(text) = text.as_str() {
                return visitor.visit_borrowed_str(text);
            }
            self.note("is not UTF-8".to_owned(), None);
        } else {
            self.expected("a string");
        }
        visitor.visit_borrowed_str("")
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        if self.doc.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        match (name, &self.doc.node) {
            ("Quantity", Node::Int(_) | Node::Int64(_) | Node::Float(_)) => {
                let text = match self.doc.node {
                    Node::Float(number) => number.to_string(),
                    Node::Int(number) | Node::Int64(number) => number.to_string(),
                    _ => unreachable!("matched above"),
                };
                visitor.visit_newtype_struct(text.into_deserializer())
            }
            ("Quantity", Node::Str(text)) => {
                let quantity = text.to_str_lossy();
                if !is_quantity(&quantity) {
                    let hint = "a number with a unit such as 500m, 2, 512Mi or 1Gi";
                    self.note(format!("{quantity:?} is no quantity"), Some(hint.to_owned()));
                }
                visitor.visit_newtype_struct(self)
            }
            (HIDDEN, node) if !matches!(node, Node::Str(_)) => {
                self.note("expected a string in quotes".to_owned(), None);
                visitor.visit_newtype_struct("".into_deserializer())
            }
            (WHOLE, Node::Str(text)) => {
                let digits = text.to_str_lossy();
                let whole = digits.parse::<i64>().unwrap_or_else(|_| {
                    self.expected("a whole number");
                    0
                });
                visitor.visit_newtype_struct(whole.into_deserializer())
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let items: &[Doc] = match &self.doc.node {
            Node::List(items) => items,
            Node::Null => &[],
            _ => {
                self.expected("a list");
                &[]
            }
        };
        visitor.visit_seq(Items { of: self, docs: items, next: 0 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match &self.doc.node {
            Node::Map(map) => visitor.visit_map(Entries::new(self, map, None)),
            other => {
                if !matches!(other, Node::Null) {
                    self.expected("a map");
                }
                visitor.visit_map(Entries::none(self))
            }
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        match &self.doc.node {
            Node::Map(map) => visitor.visit_map(Entries::new(self, map, Some(fields))),
            other => {
                if !matches!(other, Node::Null) {
                    self.expected("a map");
                }
                visitor.visit_map(Entries::none(self))
            }
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let choice = match self.doc.as_str() {
            Some(text) if variants.contains(&text) => text,
            Some(text) => {
                let near = nearest(text, variants.iter().copied());
                let hint = near.map(|near| format!("did you mean {near:?}?"));
                let message = format!("{text:?} is none of {}", variants.join(", "));
                self.note(message, hint);
                variants[0]
            }
            None => {
                self.expected(&format!("one of {}", variants.join(", ")));
                variants[0]
            }
        };
        visitor.visit_enum(choice.into_deserializer())
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }
}

struct Items<'a, 'de> {
    of: Decoder<'a, 'de>,
    docs: &'de [Doc],
    next: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'_, 'de> {
    type Error = Stop;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Stop> {
        let Some(doc) = self.docs.get(self.next) else { return Ok(None) };
        let path = Path::Index(self.of.path, self.next);
        self.next += 1;
        at(Decoder { doc, path: &path, log: self.of.log }, seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.docs.len() - self.next)
    }
}

/// Decodes a member; a message becomes a problem where it arose.
fn at<'de, T: de::DeserializeSeed<'de>>(
    decoder: Decoder<'_, 'de>,
    seed: T,
) -> Result<T::Value, Stop> {
    seed.deserialize(decoder).map_err(|stop| {
        if let Stop(Some(message)) = stop {
            decoder.note(message, None);
        }
        Stop(None)
    })
}

struct Entries<'a, 'de> {
    of: Decoder<'a, 'de>,
    rest: Option<indexmap::map::Iter<'de, std::sync::Arc<str>, Doc>>,
    fields: Option<&'static [&'static str]>,
    current: Option<(&'de str, &'de Doc)>,
}

impl<'a, 'de> Entries<'a, 'de> {
    fn new(
        of: Decoder<'a, 'de>,
        map: &'de DocMap,
        fields: Option<&'static [&'static str]>,
    ) -> Self {
        Entries { of, rest: Some(map.iter()), fields, current: None }
    }

    fn none(of: Decoder<'a, 'de>) -> Self {
        Entries { of, rest: None, fields: None, current: None }
    }
}

impl<'de> de::MapAccess<'de> for Entries<'_, 'de> {
    type Error = Stop;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Stop> {
        for (key, doc) in self.rest.iter_mut().flatten() {
            let key: &'de str = key;
            if let Some(fields) = self.fields
                && !fields.contains(&key)
            {
                let path = Path::Key(self.of.path, key);
                let hint = nearest(key, fields.iter().copied())
                    .map(|near| format!("did you mean {near:?}?"));
                Decoder { doc, path: &path, log: self.of.log }.note("unknown key".to_owned(), hint);
                continue;
            }
            self.current = Some((key, doc));
            let key = de::value::BorrowedStrDeserializer::new(key);
            return seed.deserialize(key).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Stop> {
        let (key, doc) = self.current.take().expect("a value follows its key");
        let path = Path::Key(self.of.path, key);
        at(Decoder { doc, path: &path, log: self.of.log }, seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Sample {
        port: u16,
        level: Level,
        names: Vec<String>,
        inner: Option<Box<Sample>>,
    }

    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(rename_all = "UPPERCASE")]
    enum Level {
        #[default]
        Info,
        Debug,
    }

    #[test]
    fn all_problems_in_one_run() {
        let int = |number| Doc::new(Node::Int(number), Span::NONE);
        let map = |entries: Vec<(&str, Doc)>| {
            Doc::map(entries.into_iter().map(|(key, doc)| (key.into(), doc)).collect())
        };
        let doc = map(vec![
            ("port", int(70000)),
            ("prot", int(1)),
            ("level", Doc::str("DEBGU")),
            ("names", Doc::list(vec![Doc::str("a"), int(5)])),
            ("inner", map(vec![("port", Doc::str("80")), ("a.b", int(1))])),
        ]);
        let problems = decode::<Sample>(&doc).unwrap_err();
        let lines: Vec<_> = problems
            .iter()
            .map(|p| format!("{}: {} {}", p.path, p.message, p.hint.as_deref().unwrap_or("-")))
            .collect();
        assert_eq!(
            lines,
            [
                "port: 70000 is not between 0 and 65535 -",
                "prot: unknown key did you mean \"port\"?",
                "level: \"DEBGU\" is none of INFO, DEBUG did you mean \"DEBUG\"?",
                "names[1]: expected a string, found number 5 put it in quotes",
                "inner.port: expected a whole number, found string \"80\" -",
                "inner[\"a.b\"]: unknown key -",
            ]
        );
    }
}
