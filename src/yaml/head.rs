//! The head of a manifest: what Helm looks at in every rendered document.
//!
//! The whole text is checked, but only the few fields of the head are kept; texts with aliases,
//! merges, tags or odd keys take the long way through [`read::parse`].

use std::sync::Arc;

use super::events::{Event, Events};
use super::lines::{self, Piece};
use super::read::{self, float32_text, key_text};
use super::scalar::{Scalar, resolve_plain};
use crate::diag::{Fault, FaultKind, Result};
use crate::doc::{Doc, DocMap, Node, Text};
use crate::json::read::{escape_pointer, go_place};
use crate::source::{SourceId, Span};

/// The fields that decide what a document is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// `apiVersion`, "" when absent.
    pub api_version: String,
    /// `kind`, "" when absent.
    pub kind: String,
    /// `metadata.name`, "" when absent.
    pub name: String,
    /// `metadata.annotations` by key; none when absent or null.
    pub annotations: Option<Vec<(String, String)>>,
    /// Whether there is a `metadata` that is not null.
    pub has_metadata: bool,
}

impl Head {
    /// The annotation of a name.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        let annotations = self.annotations.as_ref()?;
        annotations.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Reads the head of the first document of a text and checks the document's syntax.
///
/// Errors are what Helm prints behind `YAML parse error on <path>: `.
pub fn read(text: &[u8]) -> Result<Head> {
    let doc = match skim_lines(text).or_else(|| skim_events(text)) {
        Some(doc) => doc,
        None => read::parse(text, SourceId::NONE).map_err(|fault| {
            fault.context("error converting YAML to JSON").with_kind(FaultKind::Output)
        })?,
    };
    let mut head = Head::default();
    match decode(&doc, &mut head) {
        None => Ok(head),
        Some(mismatch) => Err(Fault::new(
            FaultKind::Output,
            format!(
                "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {mismatch}"
            ),
        )),
    }
}

/// What a collection means to the head.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Interest {
    Root,
    Metadata,
    Annotations,
    None,
}

/// An open collection.
struct Open {
    interest: Interest,
    is_map: bool,
    /// Whether a key comes next.
    at_key: bool,
    /// What was kept of it, if anything can be, and the key that waits for its value.
    kept: Option<DocMap>,
    key: Option<Arc<str>>,
}

/// The parts of a text that matter to the head, as they come.
#[derive(Default)]
struct Outline {
    root: Node,
    stack: Vec<Open>,
}

impl Outline {
    /// Whether the scalar that comes next is kept.
    fn wants(&self) -> bool {
        self.stack.last().is_none_or(|open| open.key.is_some())
    }

    /// Takes a scalar that is kept.
    fn keep(&mut self, node: Node) {
        match self.stack.last_mut() {
            None => self.root = node,
            Some(open) => {
                if let (Some(key), Some(kept)) = (open.key.take(), &mut open.kept) {
                    kept.insert(key, Doc::new(node, Span::NONE));
                }
            }
        }
        self.pass();
    }

    /// Goes on to the next key.
    fn pass(&mut self) {
        if let Some(open) = self.stack.last_mut() {
            open.key = None;
            open.at_key = open.is_map;
        }
    }

    /// Begins a collection.
    fn open(&mut self, is_map: bool) {
        let interest = match self.stack.last() {
            _ if !is_map => Interest::None,
            None => Interest::Root,
            Some(open) => match (open.interest, open.key.as_deref()) {
                (Interest::Root, Some("metadata")) => Interest::Metadata,
                (Interest::Metadata, Some("annotations")) => Interest::Annotations,
                _ => Interest::None,
            },
        };
        self.stack.push(Open {
            interest,
            is_map,
            at_key: is_map,
            kept: (interest != Interest::None).then(DocMap::default),
            key: None,
        });
    }

    /// Ends a collection; none when there is none.
    fn close(&mut self) -> Option<()> {
        let open = self.stack.pop()?;
        if self.wants() {
            self.keep(if open.is_map {
                Node::Map(Arc::new(open.kept.unwrap_or_default()))
            } else {
                Node::List(Arc::default())
            });
        } else {
            self.pass();
        }
        Some(())
    }

    fn finish(self) -> Doc {
        Doc::new(self.root, Span::NONE)
    }
}

/// What a scalar of this text is.
fn scalar(text: &str, plain: bool) -> Node {
    match if plain { resolve_plain(text) } else { None } {
        None | Some(Scalar::Timestamp | Scalar::Str(_)) => Node::Str(Text::from(text.as_bytes())),
        Some(Scalar::Null) => Node::Null,
        Some(Scalar::Bool(value)) => Node::Bool(value),
        Some(Scalar::Int(value)) => Node::Int(value),
        Some(Scalar::Uint(value)) => Node::Str(value.to_string().into()),
        Some(Scalar::Float(value)) => Node::Float(value),
    }
}

/// The parts of a text that matter to the head, as a document; none when [`lines`] does not
/// understand the text.
fn skim_lines(text: &[u8]) -> Option<Doc> {
    let mut outline = Outline::default();
    lines::read(text, |piece| {
        match piece {
            Piece::Key { text, plain } => {
                let open = outline.stack.last_mut()?;
                if open.interest == Interest::None {
                    open.at_key = false;
                } else {
                    open.key(text, plain)?;
                }
            }
            Piece::Open { map, .. } => outline.open(map),
            Piece::Close { .. } => outline.close()?,
            Piece::Flow { text, simple } => {
                if !simple {
                    read::compose(text.as_bytes(), SourceId::NONE, 0).ok()?;
                }
                let map = text.starts_with('{');
                // What is in it might matter.
                if map && text != "{}" && outline.wants() {
                    return None;
                }
                outline.open(map);
                outline.close()?;
            }
            _ if !outline.wants() => outline.pass(),
            Piece::Scalar { text, plain } => outline.keep(scalar(text, plain)),
            Piece::Nothing { .. } => outline.keep(Node::Null),
            Piece::Long { .. } => return None,
        }
        Some(())
    })?;
    Some(outline.finish())
}

/// As [`skim_lines`], by the scanner's events; none when only the long way can tell.
fn skim_events(text: &[u8]) -> Option<Doc> {
    let mut events = Events::new(text);
    let mut outline = Outline::default();
    loop {
        let (event, _) = events.next().ok()?;
        match event {
            Event::DocumentStart => {}
            Event::DocumentEnd | Event::StreamEnd => return Some(outline.finish()),
            Event::Alias(_) => return None,
            Event::Scalar { properties, value, implicit } => {
                if properties.tag.is_some() {
                    return None;
                }
                if let Some(open) = outline.stack.last_mut().filter(|open| open.at_key) {
                    open.key(&value, implicit)?;
                    continue;
                }
                let node = scalar(&value, implicit);
                let in_head = !outline.stack.is_empty() && outline.wants();
                // Such a number cannot become JSON.
                if !in_head && matches!(node, Node::Float(number) if !number.is_finite()) {
                    return None;
                }
                if outline.wants() { outline.keep(node) } else { outline.pass() }
            }
            Event::SequenceStart(_) | Event::MappingStart(_) => {
                if outline.stack.last().is_some_and(|open| open.at_key) {
                    return None;
                }
                outline.open(matches!(event, Event::MappingStart(_)));
            }
            Event::SequenceEnd | Event::MappingEnd => outline.close()?,
        }
    }
}

impl Open {
    /// Takes a key; none when it is not a plain name.
    fn key(&mut self, value: &str, implicit: bool) -> Option<()> {
        self.at_key = false;
        let scalar = match resolve_plain(value).filter(|_| implicit) {
            None | Some(Scalar::Timestamp) => Scalar::Str(value.into()),
            Some(scalar) => scalar,
        };
        if matches!(scalar, Scalar::Null | Scalar::Uint(_)) || implicit && value == "<<" {
            return None;
        }
        let names: &[&str] = match self.interest {
            Interest::Root => &["apiVersion", "kind", "metadata"],
            Interest::Metadata => &["name", "annotations"],
            Interest::Annotations => {
                self.key = key_text(&scalar);
                return Some(());
            }
            Interest::None => return Some(()),
        };
        let name = names.iter().find(|name| name.eq_ignore_ascii_case(value));
        self.key = match name {
            Some(name) if *name == value => Some(Arc::from(value)),
            // Go would take this for the field, too.
            Some(_) => return None,
            None => None,
        };
        Some(())
    }
}

/// Go's word for what a document is in JSON.
fn json_kind(doc: &Doc) -> &'static str {
    match doc.kind() {
        "boolean" => "bool",
        kind => kind,
    }
}

/// The entries of a map in the order in which JSON has them.
fn sorted(map: &DocMap) -> Vec<(&Arc<str>, &Doc)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by(|a, b| a.0.cmp(b.0));
    entries
}

/// A scalar where Go has a string; numbers and booleans become text. Some mismatch otherwise.
fn decode_string(doc: &Doc, path: &[&str], out: &mut String) -> Option<String> {
    *out = match &doc.node {
        Node::Null => return None,
        Node::Str(text) => text.to_str_lossy().into_owned(),
        Node::Bool(value) => value.to_string(),
        Node::Int(value) | Node::Int64(value) => value.to_string(),
        Node::Float(value) => float32_text(*value),
        Node::List(_) | Node::Map(_) => return Some(mismatch(doc, path, "string")),
    };
    None
}

fn mismatch(doc: &Doc, path: &[&str], go_type: &str) -> String {
    let path: Vec<_> = path.iter().map(|key| escape_pointer(key)).collect();
    format!("{} into {} of type {go_type}", json_kind(doc), go_place(&path))
}

/// Fills the head as `encoding/json` fills Helm's struct: field names match in any case, and
/// the first mismatch is told after everything else has been read.
fn decode(doc: &Doc, head: &mut Head) -> Option<String> {
    let map = match &doc.node {
        Node::Null => return None,
        Node::Map(map) => map,
        _ => return Some(format!("{} into Go value of type util.SimpleHead", json_kind(doc))),
    };
    let mut first = None;
    for (key, value) in sorted(map) {
        let fault = match key.to_ascii_lowercase().as_str() {
            "apiversion" => decode_string(value, &[key], &mut head.api_version),
            "kind" => decode_string(value, &[key], &mut head.kind),
            "metadata" => decode_metadata(key, value, head),
            _ => None,
        };
        first = first.or(fault);
    }
    first
}

fn decode_metadata(outer: &str, doc: &Doc, head: &mut Head) -> Option<String> {
    let map = match &doc.node {
        Node::Null => {
            head.has_metadata = false;
            return None;
        }
        Node::Map(map) => map,
        _ => {
            let go_type = "struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string \
                           \"json:\\\"annotations\\\"\" }";
            return Some(mismatch(doc, &[outer], go_type));
        }
    };
    head.has_metadata = true;
    let mut first = None;
    for (key, value) in sorted(map) {
        let fault = match (key.to_ascii_lowercase().as_str(), &value.node) {
            ("name", _) => decode_string(value, &[outer, key], &mut head.name),
            ("annotations", Node::Null) => {
                head.annotations = None;
                None
            }
            ("annotations", Node::Map(entries)) => {
                let mut fault = None;
                let annotations = head.annotations.get_or_insert_default();
                for (name, item) in sorted(entries) {
                    let mut text = String::new();
                    fault = fault.or(decode_string(item, &[outer, key, name], &mut text));
                    annotations.push((name.to_string(), text));
                }
                fault
            }
            ("annotations", _) => Some(mismatch(value, &[outer, key], "map[string]string")),
            _ => None,
        };
        first = first.or(fault);
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads() {
        let head = read(
            b"apiVersion: v1\nkind: Pod\nmetadata:\n  name: 0x10\n  labels: {a: {b: c}}\n  \
              annotations:\n    helm.sh/hook: pre-install\n    num: 1.50\n    yes: true\n    z:\n\
              spec:\n- a: b\n",
        )
        .unwrap();
        let annotations =
            [("helm.sh/hook", "pre-install"), ("num", "1.5"), ("true", "true"), ("z", "")];
        assert_eq!(head.name, "16");
        assert_eq!((head.api_version.as_str(), head.kind.as_str()), ("v1", "Pod"));
        assert!(head.has_metadata);
        let want = annotations.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(head.annotations.as_deref(), Some(&want[..]));
        for text in ["", "# only a comment\n", "null\n", "a: 1\n"] {
            assert_eq!(read(text.as_bytes()).unwrap(), Head::default(), "{text}");
        }
        let aliased = read(b"x: &x {name: nn}\nkind: &k K\nmetadata: {<<: *x}\n").unwrap();
        assert_eq!((aliased.kind.as_str(), aliased.name.as_str()), ("K", "nn"));
        assert_eq!(read(b"Kind: a\nkind: b\n").unwrap().kind, "b");
        assert_eq!(read(b"kind: .inf\n").unwrap().kind, "+Inf");
    }

    #[test]
    fn lines_say_what_events_say() {
        let understood = "\
apiVersion: v1
kind: 'Pod'  
# a comment
metadata:
  name: \"a b\"
  annotations:
    helm.sh/hook: pre-install

    \"quoted/key\": \"x: y # z\"
    empty:
  labels: {}
spec:
- a: b
  c:
  - d
  - - e
    - f: 'it''s'
      g: -1
-
  key: |
    text
      more

   
    \ttab
  next: >-
    folded
# comment
data:
  x: 1.5e3
  ü: ä
last: []
";
        for (text, by_lines) in [
            (understood.replace("ü", "u").as_str(), true),
            (understood, false),
            ("a: b\n  c\n", true),
            ("a: b\n c: d\n", false),
            ("a:\n - b\n- c\n", false),
            ("- a\nb: c\n", false),
            ("a: [b, 'c', \"d\"] # e\n", true),
            ("a: [b: c]\n", true),
            ("a: [{}]\n", true),
            ("a: [.inf]\n", false),
            ("a:\n  {}\n", true),
            ("a: b\n {}\n", true),
            ("a: b\n\n c - d\n  'e\nf: g # h\n", true),
            ("a: b # c\n  d\n", false),
            ("a: b\n c: d\n", false),
            ("a: b: c\n", false),
            ("a: 'b\n", false),
            ("a: 'b\n\n  c # d''\n  ' # e\nf: g\n", true),
            ("a:\n  b: \"c\n\n    d\\n\"\n", true),
            ("a:\n- 'b\n  c'\nd: e\n", true),
            ("a: 'b\nc'\n", false),
            ("a: 'b\n---\n c'\n", false),
            ("a: \"b\\\n  c\"\n", false),
            ("a: 'b\n  c' d\n", false),
            ("a: 'b\n  c': d\n", false),
            ("a: b #c\n", true),
            ("a: &b c\n", false),
            ("a: .inf\n", false),
            ("a: |\n  \n b\n", false),
            ("# c\n---\na: b\n", true),
            ("---\n---\na: b\n", false),
            ("a: b\r\n", false),
            ("a:\tb\n", false),
            ("null: b\n", false),
            ("kind: |\n  b\n", false),
            ("a: |\n  b\nc:\n", true),
            ("a:\n- b\nc: d", true),
            ("", true),
        ] {
            let lines = skim_lines(text.as_bytes());
            assert_eq!(lines.is_some(), by_lines, "{text}");
            if lines.is_some() {
                assert_eq!(lines, skim_events(text.as_bytes()), "{text}");
            }
        }
    }

    #[test]
    fn errors() {
        let json = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal";
        let yaml = "error converting YAML to JSON:";
        for (text, want) in [
            ("- a\n", format!("{json} array into Go value of type util.SimpleHead")),
            ("5", format!("{json} number into Go value of type util.SimpleHead")),
            (
                "kind: {a: b}\nmetadata: 5\n",
                format!("{json} object into Go struct field .kind of type string"),
            ),
            (
                "metadata: {annotations: {helm.sh/hook: [1]}, name: []}\n",
                format!(
                    "{json} array into Go struct field .metadata.annotations.helm.sh~1hook of type string"
                ),
            ),
            (
                "metadata: {annotations: {1: [1]}}\n",
                format!("{json} array into .metadata.annotations.1 of type string"),
            ),
            (
                "metadata: {Annotations: [a]}\n",
                format!(
                    "{json} array into Go struct field .metadata.Annotations of type map[string]string"
                ),
            ),
            (".inf", format!("{yaml} json: unsupported value: +Inf")),
            ("a: .inf\n", format!("{yaml} json: unsupported value: +Inf")),
            (
                "a: 1\na: 2\n  b: 3\n",
                format!("{yaml} yaml: line 3: mapping values are not allowed in this context"),
            ),
            (
                "a: {{ x }}\n",
                format!(
                    "{yaml} yaml: invalid map key: map[interface {{}}]interface {{}}{{\"x\":interface {{}}(nil)}}"
                ),
            ),
            (
                "~: 1\n",
                format!("{yaml} unsupported map key of type: %!s(<nil>), key: <nil>, value: 1"),
            ),
            ("a: *b\n", format!("{yaml} yaml: unknown anchor 'b' referenced")),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap_err().message(), want, "{text}");
        }
    }
}
