//! YAML to [`Doc`], by the way Helm takes: go-yaml v2 to untyped data, its keys made strings,
//! JSON, and back.
//!
//! A [`Doc`] is built straight from events, with the errors of each of those steps in the order
//! in which the steps would have met them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use indexmap::map::Entry;

use super::documents::{from_utf16, split_documents};
use super::events::{CORE_TAG, Event, Events, Place, Properties};
use super::from_lines;
use super::scalar::{Scalar, resolve_plain, resolve_tagged};
use super::scan::Problem;
use crate::diag::{Fault, FaultKind, Result};
use crate::doc::{Doc, DocMap, Node, Text};
use crate::golang::number::format_float;
use crate::golang::quote::quote;
use crate::source::{SourceId, Span};

/// Deepest tree that is built; go-yaml's own limit is ten times as high, but every later step
/// would need the stack for it.
pub const MAX_DEPTH: usize = 1_000;

/// A key that a mapping sets twice; the second value wins.
#[derive(Clone, Debug, PartialEq)]
pub struct Duplicate {
    /// The key.
    pub key: String,
    /// The value that lost.
    pub first: Span,
    /// The value that won.
    pub second: Span,
}

/// Reads the first document of a text; an empty text is null.
///
/// Errors are what Helm prints behind `error converting YAML to JSON: `.
pub fn parse(text: &[u8], source: SourceId) -> Result<Doc> {
    parse_noting_duplicates(text, source).map(|(doc, _)| doc)
}

/// Like [`parse`], and tells which keys were set more than once.
pub fn parse_noting_duplicates(text: &[u8], source: SourceId) -> Result<(Doc, Vec<Duplicate>)> {
    parse_part(text, source, 0)
}

/// Reads the first document as `sigs.k8s.io/yaml` reads into a Go map: a map or null.
///
/// Errors are whole: `error converting YAML to JSON: …` or `error unmarshaling JSON: …`.
pub fn parse_map(text: &[u8], source: SourceId) -> Result<Doc> {
    require_map(parse(text, source))
}

/// Reads every document of a values file, maps or null, split as Kubernetes' `YAMLReader`
/// splits. Errors are whole: `cannot unmarshal yaml document: …` or `error reading yaml
/// document: …`; line numbers count from the document's start.
pub fn parse_all(text: &[u8], source: SourceId) -> Result<Vec<Doc>> {
    let mut docs = Vec::new();
    // Helm ends the last line if the file does not; a block text at the end shows it.
    let mut text = Cow::Borrowed(text);
    if text.last().is_some_and(|&byte| byte != b'\n') {
        text.to_mut().push(b'\n');
    }
    let (parts, odd) = split_documents(&text);
    for (start, end) in parts {
        let doc = parse_part(&text[start..end], source, start).map(|(doc, _)| doc);
        let doc = require_map(doc);
        docs.push(doc.map_err(|fault| fault.context("cannot unmarshal yaml document"))?);
    }
    let Some((start, end)) = odd else { return Ok(docs) };
    let separator = String::from_utf8_lossy(&text[start..end]);
    let message =
        format!("error reading yaml document: invalid Yaml document separator: {separator}");
    Err(Fault::new(FaultKind::Values, message).at(Span::new(source, start, end)))
}

/// The keys that the documents of a values file set more than once; nothing for a text that
/// [`parse_all`] refuses.
pub fn duplicates(text: &[u8], source: SourceId) -> Vec<Duplicate> {
    let (parts, _) = split_documents(text);
    let read = parts.iter().map(|&(start, end)| parse_part(&text[start..end], source, start));
    read.flatten().flat_map(|(_, duplicates)| duplicates).collect()
}

fn require_map(doc: Result<Doc>) -> Result<Doc> {
    let doc = doc.map_err(|fault| fault.context("error converting YAML to JSON"))?;
    match doc.node {
        Node::Map(_) | Node::Null => Ok(doc),
        _ => Err(Fault::new(FaultKind::Values, not_a_map(&doc)).at(doc.span)),
    }
}

/// What `sigs.k8s.io/yaml` says when it should read anything but a map into a Go map.
pub fn not_a_map(doc: &Doc) -> String {
    let kind = match doc.kind() {
        "boolean" => "bool",
        kind => kind,
    };
    format!(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {kind} into Go \
         value of type map[string]interface {{}}"
    )
}

/// Reads a text that stands at byte `base` of its source: [`parse_noting_duplicates`] of a part.
pub fn parse_part(text: &[u8], source: SourceId, base: usize) -> Result<(Doc, Vec<Duplicate>)> {
    if let Some(text) = from_utf16(text) {
        return parse_part(&text?, SourceId::NONE, 0);
    }
    match from_lines::read(text, source, base) {
        Some(doc) => Ok((doc, Vec::new())),
        None => compose(text, source, base),
    }
}

/// [`parse_part`] by the scanner, which understands every text.
pub(super) fn compose(text: &[u8], source: SourceId, base: usize) -> Result<(Doc, Vec<Duplicate>)> {
    let mut composer = Composer {
        source,
        base,
        anchors: HashMap::new(),
        stack: Vec::new(),
        root: None,
        decoded: 1,
        aliased: 0,
        decode_fault: None,
        key_faults: Vec::new(),
        value_faults: Vec::new(),
        duplicates: Vec::new(),
    };
    composer.run(text)
}

/// An anchored node.
enum Anchored {
    /// Still being read, as the node that starts at this byte.
    Open(usize),
    /// Its value, and how many decoding steps it stands for.
    Done(Doc, u64),
}

enum Content {
    List(Vec<Doc>),
    Map { map: DocMap, key: Key },
}

/// The key that waits for its value.
enum Key {
    None,
    Named(Arc<str>),
    Merge,
    /// Its entry is dropped: the key was faulty.
    Faulty,
}

struct Frame<'t> {
    content: Content,
    anchor: Option<&'t str>,
    start: usize,
    decoded_before: u64,
}

struct Composer<'t> {
    source: SourceId,
    base: usize,
    anchors: HashMap<&'t str, Anchored>,
    stack: Vec<Frame<'t>>,
    root: Option<Doc>,
    /// Steps that go-yaml's decoder would have taken, and how many of them inside aliases.
    decoded: u64,
    aliased: u64,
    /// Faults of each later step; the first is reported, and only when the text itself is sound.
    /// Keys and values count only where they end up in the tree.
    decode_fault: Option<Fault>,
    key_faults: Vec<Fault>,
    value_faults: Vec<Fault>,
    duplicates: Vec<Duplicate>,
}

/// Share of decoding steps that may come from aliases, as go-yaml has it: 99% for small
/// documents, 10% for large ones.
fn allowed_alias_ratio(decoded: u64) -> f64 {
    const LOW: u64 = 400_000;
    const HIGH: u64 = 4_000_000;
    match decoded {
        0..=LOW => 0.99,
        HIGH.. => 0.10,
        _ => 0.99 - 0.89 * ((decoded - LOW) as f64 / (HIGH - LOW) as f64),
    }
}

/// A scalar key as text; none for keys that JSON cannot have.
pub(super) fn key_text(key: &Scalar<'_>) -> Option<Arc<str>> {
    Some(match key {
        Scalar::Str(text) => Arc::from(&**text),
        Scalar::Int(value) => Arc::from(value.to_string()),
        Scalar::Float(value) => Arc::from(float_key(*value)),
        Scalar::Bool(value) => Arc::from(if *value { "true" } else { "false" }),
        Scalar::Null | Scalar::Uint(_) | Scalar::Timestamp => return None,
    })
}

/// A float as a key.
fn float_key(value: f64) -> String {
    match value {
        f64::INFINITY => ".inf".into(),
        f64::NEG_INFINITY => "-.inf".into(),
        value if value.is_nan() => ".nan".into(),
        value => float32_text(value),
    }
}

/// A float in the shortest text that a float32 needs: what it is as a key, or where a Go struct
/// has a string.
pub(super) fn float32_text(value: f64) -> String {
    let narrow = value as f32;
    if narrow.is_nan() {
        return "NaN".into();
    }
    if narrow.is_infinite() {
        return if narrow > 0.0 { "+Inf" } else { "-Inf" }.into();
    }
    format_float(narrow.to_string().parse().unwrap_or(value), b'g', -1)
}

/// A value as `%#v` prints it, for the sentences about keys.
fn go_syntax(doc: &Doc, nested: bool) -> String {
    match &doc.node {
        Node::Null if nested => "interface {}(nil)".into(),
        Node::Null => "<nil>".into(),
        Node::Bool(value) => value.to_string(),
        Node::Int(value) | Node::Int64(value) => value.to_string(),
        Node::Float(value) => format_float(*value, b'g', -1),
        Node::Str(text) => quote(text.as_bytes()),
        Node::List(items) => {
            let items: Vec<_> = items.iter().map(|item| go_syntax(item, true)).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Node::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(b.0));
            let entries: Vec<_> = entries
                .iter()
                .map(|(key, value)| format!("{}:{}", quote(key.as_bytes()), go_syntax(value, true)))
                .collect();
            format!("map[interface {{}}]interface {{}}{{{}}}", entries.join(", "))
        }
    }
}

impl<'t> Composer<'t> {
    fn run(&mut self, text: &'t [u8]) -> Result<(Doc, Vec<Duplicate>)> {
        let mut events = Events::new(text);
        loop {
            let (event, place) = events.next().map_err(|problem| self.syntax_fault(&problem))?;
            match event {
                Event::StreamEnd | Event::DocumentEnd => break,
                Event::DocumentStart => {}
                Event::Alias(name) => self.alias(name, place)?,
                Event::Scalar { properties, value, implicit } => {
                    self.scalar(&properties, value, implicit, place);
                }
                Event::SequenceStart(properties) => {
                    self.open(Content::List(Vec::new()), &properties, place)?;
                }
                Event::MappingStart(properties) => {
                    let content = Content::Map { map: DocMap::default(), key: Key::None };
                    self.open(content, &properties, place)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(place),
            }
        }
        let faults = self.decode_fault.iter().chain(&self.key_faults).chain(&self.value_faults);
        if let Some(fault) = faults.into_iter().next() {
            return Err(fault.clone());
        }
        let nothing = || Doc::new(Node::Null, Span::new(self.source, self.base, self.base));
        let root = self.root.take().unwrap_or_else(nothing);
        Ok((root, std::mem::take(&mut self.duplicates)))
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, self.base + start, self.base + end)
    }

    fn syntax_fault(&self, problem: &Problem) -> Fault {
        let place = self.span(problem.at, problem.at);
        Fault::new(FaultKind::Values, syntax_message(problem)).at(place)
    }

    fn fault(&self, message: String, place: Place) -> Fault {
        Fault::new(FaultKind::Values, message).at(self.span(place.start, place.end))
    }

    fn decode_fault(&mut self, message: &str, place: Place) {
        if self.decode_fault.is_none() {
            self.decode_fault = Some(self.fault(format!("yaml: {message}"), place));
        }
    }

    fn open(&mut self, content: Content, properties: &Properties<'t>, place: Place) -> Result<()> {
        if self.stack.len() == MAX_DEPTH {
            let fault = self.fault("exceeded max depth".to_owned(), place);
            return Err(fault.with_kind(FaultKind::Limit));
        }
        if let Some(name) = properties.anchor {
            self.anchors.insert(name, Anchored::Open(place.start));
        }
        self.stack.push(Frame {
            content,
            anchor: properties.anchor,
            start: place.start,
            decoded_before: self.decoded,
        });
        self.decoded += 1;
        Ok(())
    }

    fn close(&mut self, place: Place) {
        let frame = self.stack.pop().expect("events are balanced");
        let span = self.span(frame.start, place.end.max(frame.start));
        let node = match frame.content {
            Content::List(items) => Node::List(Arc::new(items)),
            Content::Map { map, .. } => Node::Map(Arc::new(map)),
        };
        let doc = Doc::new(node, span);
        // A node within this one may have taken the name.
        if let Some(name) = frame.anchor
            && matches!(self.anchors.get(name), Some(Anchored::Open(start)) if *start == frame.start)
        {
            let steps = self.decoded - frame.decoded_before;
            self.anchors.insert(name, Anchored::Done(doc.clone(), steps));
        }
        self.add(doc, place, false);
    }

    fn alias(&mut self, name: &str, place: Place) -> Result<()> {
        let (doc, steps) = match self.anchors.get(name) {
            Some(Anchored::Done(doc, steps)) => (doc.clone(), *steps),
            Some(Anchored::Open(_)) => {
                self.decode_fault(&format!("anchor '{name}' value contains itself"), place);
                (Doc::null(), 0)
            }
            None => {
                return Err(self.fault(format!("yaml: unknown anchor '{name}' referenced"), place));
            }
        };
        self.decoded += 1 + steps;
        self.aliased += steps;
        let ratio = self.aliased as f64 / self.decoded as f64;
        if self.aliased > 100 && self.decoded > 1000 && ratio > allowed_alias_ratio(self.decoded) {
            self.decode_fault("document contains excessive aliasing", place);
        }
        self.add(doc, place, true);
        Ok(())
    }

    fn scalar(
        &mut self,
        properties: &Properties<'t>,
        value: Cow<'t, str>,
        implicit: bool,
        place: Place,
    ) {
        let tag = properties.tag.as_deref();
        let is_key = matches!(
            self.stack.last(),
            Some(Frame { content: Content::Map { key: Key::None, .. }, .. })
        );
        if is_key && value == "<<" && (implicit || tag.is_some_and(is_merge_tag)) {
            if let Some(name) = properties.anchor {
                let text = Node::Str(Text::from(&*value));
                let doc = Doc::new(text, self.span(place.start, place.end));
                self.anchors.insert(name, Anchored::Done(doc, 1));
            }
            self.set_key(Key::Merge);
            return;
        }
        if matches!(
            self.stack.last(),
            Some(Frame { content: Content::Map { key: Key::Merge, .. }, .. })
        ) {
            // Not looked at any further, so its tag may be wrong.
            self.add(Doc::null(), place, false);
            return;
        }
        self.decoded += 1;
        let scalar = match tag {
            None if !implicit => Scalar::Str(value),
            None => match resolve_plain(&value) {
                None | Some(Scalar::Timestamp) => Scalar::Str(value),
                Some(scalar) => scalar,
            },
            Some(tag) => match resolve_tagged(tag, value.clone()) {
                Ok(Scalar::Timestamp) => Scalar::Str(value),
                Ok(scalar) => scalar,
                Err(message) => {
                    self.decode_fault(&message, place);
                    Scalar::Null
                }
            },
        };
        if is_key
            && properties.anchor.is_none()
            && let Some(key) = key_text(&scalar)
        {
            self.set_key(Key::Named(key));
            return;
        }
        if let Scalar::Float(value) = scalar
            && !value.is_finite()
            && !is_key
        {
            let name = if value.is_nan() {
                "NaN"
            } else if value > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            };
            self.value_faults.push(self.fault(format!("json: unsupported value: {name}"), place));
        }
        let beyond = if let Scalar::Uint(value) = scalar { Some(value) } else { None };
        let node = match scalar {
            Scalar::Null | Scalar::Timestamp => Node::Null,
            Scalar::Bool(value) => Node::Bool(value),
            Scalar::Int(value) => Node::Int(value),
            Scalar::Uint(value) => Node::Float(value as f64),
            Scalar::Float(value) => Node::Float(value),
            Scalar::Str(text) => Node::Str(Text::from(text.as_bytes())),
        };
        let doc = Doc::new(node, self.span(place.start, place.end));
        if let Some(name) = properties.anchor {
            self.anchors.insert(name, Anchored::Done(doc.clone(), 1));
        }
        if let (true, Some(value)) = (is_key, beyond) {
            self.key_fault_later(&format!("uint64, key: {value:#x}"), place);
            return;
        }
        self.add(doc, place, false);
    }

    fn set_key(&mut self, new: Key) {
        if let Some(Frame { content: Content::Map { key, .. }, .. }) = self.stack.last_mut() {
            *key = new;
        }
    }

    /// Notes a key that JSON cannot have; the sentence also shows the value, which has not been
    /// read yet, so it is completed by [`Composer::add`].
    fn key_fault_later(&mut self, what: &str, place: Place) {
        let message = format!("unsupported map key of type: {what}, value: ");
        self.key_faults.push(self.fault(message, place));
        self.set_key(Key::Faulty);
    }

    /// Hands a finished node to the collection it belongs to.
    fn add(&mut self, doc: Doc, place: Place, is_alias: bool) {
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(doc);
            return;
        };
        let (map, key) = match &mut frame.content {
            Content::List(items) => return items.push(doc),
            Content::Map { map, key } => (map, key),
        };
        match std::mem::replace(key, Key::None) {
            Key::None => self.add_key(&doc, place),
            Key::Named(name) => match map.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(doc);
                }
                Entry::Occupied(mut entry) => {
                    let duplicate = Duplicate {
                        key: entry.key().to_string(),
                        first: entry.get().span,
                        second: doc.span,
                    };
                    entry.insert(doc);
                    // Nobody looks at what was replaced.
                    let lost = duplicate.first;
                    let stays = |fault: &Fault| !lost.contains(fault.span());
                    self.key_faults.retain(stays);
                    self.value_faults.retain(stays);
                    self.duplicates.push(duplicate);
                }
            },
            Key::Merge => {
                if !merge(map, &doc, is_alias) {
                    self.decode_fault(
                        "map merge requires map or sequence of maps as the value",
                        place,
                    );
                }
            }
            Key::Faulty => {
                let waits = |fault: &&mut Fault| fault.message().ends_with("value: ");
                if let Some(fault) = self.key_faults.iter_mut().rev().find(waits) {
                    let message = format!("{}{}", fault.message(), go_syntax(&doc, false));
                    *fault = Fault::new(FaultKind::Values, message).at(fault.span());
                }
            }
        }
    }

    /// A key that is not a plain scalar: an anchored or aliased one, null, or a collection.
    fn add_key(&mut self, doc: &Doc, place: Place) {
        let scalar = match &doc.node {
            Node::Null => {
                self.key_fault_later("%!s(<nil>), key: <nil>", place);
                return;
            }
            Node::List(_) | Node::Map(_) => {
                self.decode_fault(&format!("invalid map key: {}", go_syntax(doc, false)), place);
                self.set_key(Key::Faulty);
                return;
            }
            Node::Bool(value) => Scalar::Bool(*value),
            Node::Int(value) | Node::Int64(value) => Scalar::Int(*value),
            Node::Float(value) => Scalar::Float(*value),
            Node::Str(text) => Scalar::Str(text.to_str_lossy()),
        };
        let key = key_text(&scalar).map_or(Key::Faulty, Key::Named);
        self.set_key(key);
    }
}

fn is_merge_tag(tag: &str) -> bool {
    tag.strip_prefix(CORE_TAG) == Some("merge")
}

/// Sets the keys of a merged map, or of a list of them; whether it was that.
///
/// go-yaml merges at the place where the key stands: what follows in the mapping wins over it,
/// what came before does not. The first map of a list wins over the others.
fn merge(map: &mut DocMap, value: &Doc, is_alias: bool) -> bool {
    let sources: Vec<&DocMap> = match &value.node {
        Node::Map(source) => vec![source],
        Node::List(items) if !is_alias => {
            let Some(sources) = items.iter().map(Doc::as_map).collect() else { return false };
            sources
        }
        _ => return false,
    };
    for source in sources.into_iter().rev() {
        for (key, item) in source {
            map.insert(Arc::clone(key), item.clone());
        }
    }
    true
}

/// go-yaml's sentence about a text that is not YAML.
pub(crate) fn syntax_message(problem: &Problem) -> String {
    match problem.line {
        0 => format!("yaml: {}", problem.text),
        line => format!("yaml: line {line}: {}", problem.text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        parse(text.as_bytes(), SourceId::NONE).unwrap_err().message().to_owned()
    }

    #[test]
    fn values_and_places() {
        let sources = crate::source::Sources::new();
        let text = "a: {b: [1, 'x']}\nc: |\n  hi\nyes: 010\n1e3: ~\n";
        let source = sources.add(crate::source::SourceKind::File, "f", text.as_bytes());
        let doc = parse(text.as_bytes(), source).unwrap();
        let keys: Vec<_> = doc.as_map().unwrap().keys().map(|key| &**key).collect();
        assert_eq!(keys, ["a", "c", "true", "1000"]);
        assert_eq!(doc.get("c").unwrap().as_str(), Some("hi\n"));
        let item = &doc.get("a").unwrap().get("b").unwrap().as_list().unwrap()[1];
        assert_eq!((item.span.start, item.span.end), (11, 14));
        assert_eq!(sources.describe(item.span), "f:1:12");
        assert!(parse(b"", source).unwrap().is_null());
    }

    #[test]
    fn errors() {
        for (text, want) in [
            ("a: 1\n b: 2\n", "yaml: line 2: mapping values are not allowed in this context"),
            ("a:\n  b: 1\n c: 2\n", "yaml: line 2: did not find expected key"),
            ("a: [1, 2\nb: 3\n", "yaml: line 1: did not find expected ',' or ']'"),
            ("a: *x\n", "yaml: unknown anchor 'x' referenced"),
            ("a: &x [*x]\n", "yaml: anchor 'x' value contains itself"),
            ("a:\n\t- b\n", "yaml: line 2: found character that cannot start any token"),
            ("a: .inf\n", "json: unsupported value: +Inf"),
            ("a: \"\\/\"\n", "yaml: found unknown escape character"),
            ("a: \x01\n", "yaml: control characters are not allowed"),
            (
                "a: {{ .Values.x }}\n",
                "yaml: invalid map key: map[interface {}]interface {}{\".Values.x\":interface {}(nil)}",
            ),
            ("a: {<<: 1}", "yaml: map merge requires map or sequence of maps as the value"),
            ("~: 1", "unsupported map key of type: %!s(<nil>), key: <nil>, value: 1"),
            (
                "a: {~: x}\na: {~: 2}",
                "unsupported map key of type: %!s(<nil>), key: <nil>, value: 2",
            ),
        ] {
            assert_eq!(message(text), want, "{text:?}");
        }
        assert!(parse(b"a: {~: x, b: .nan}\na: 1\n", SourceId::NONE).is_ok());
    }

    #[test]
    fn merges_stand_where_they_are_written() {
        let doc = parse(b"b: &b {x: 1, z: 2}\na: {x: 3, <<: *b, z: 4}\n", SourceId::NONE).unwrap();
        let a = doc.get("a").unwrap();
        assert_eq!(a.get("x"), Some(&Doc::new(Node::Int(1), Span::NONE)));
        assert_eq!(a.get("z"), Some(&Doc::new(Node::Int(4), Span::NONE)));
    }

    #[test]
    fn bounded() {
        let mut bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
        for level in 1..12 {
            let alias = format!("*a{}", level - 1);
            let list = vec![alias; 10].join(",");
            bomb = format!("{bomb}a{level}: &a{level} [{list}]\n");
        }
        assert_eq!(message(&bomb), "yaml: document contains excessive aliasing");
        assert_eq!(message(&"[".repeat(5000)), "exceeded max depth");
        assert_eq!(message(&"- ".repeat(5000)), "exceeded max depth");
    }

    #[test]
    fn documents() {
        let fault = parse_all(b"a: 1\n---- b \n", SourceId::NONE).unwrap_err();
        assert_eq!(
            fault.message(),
            "error reading yaml document: invalid Yaml document separator: - b"
        );
        let docs = parse_all(b"a: 1\n---\nb: 2\n---\n", SourceId::NONE).unwrap();
        assert_eq!(docs.len(), 2);
        let twice = parse(b"a: &x {b: &x 1}\nc: *x\n", SourceId::NONE).unwrap();
        assert_eq!(twice.get("c"), Some(&Doc::new(Node::Int(1), Span::NONE)));
        let block = parse_all(b"a: |\n  b", SourceId::NONE).unwrap();
        assert_eq!(block[0].get("a").unwrap().as_str(), Some("b\n"));
        let fault = parse_all(b"- a\n", SourceId::NONE).unwrap_err();
        assert!(fault.message().ends_with(
            "json: cannot unmarshal array into Go value of type map[string]interface {}"
        ));
    }

    #[test]
    fn duplicates() {
        let (doc, twice) = parse_noting_duplicates(b"a: 1\na: 2\n", SourceId::NONE).unwrap();
        assert_eq!(doc.get("a"), Some(&Doc::new(Node::Int(2), Span::NONE)));
        assert_eq!(twice.len(), 1);
    }
}
