//! The head of a manifest: what Helm looks at in every rendered document.
//!
//! The whole text is checked, but only the few fields of the head are kept; texts with aliases,
//! merges, tags or odd keys take the long way through [`read::parse`].

use std::sync::Arc;

use super::events::{Event, Events};
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
    let doc = match skim(text) {
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
    /// What was kept of it, and the key that waits for its value.
    kept: DocMap,
    key: Option<Arc<str>>,
}

/// The parts of a text that matter to the head, as a document; none when only the long way can
/// tell.
fn skim(text: &[u8]) -> Option<Doc> {
    let mut events = Events::new(text);
    let mut stack: Vec<Open> = Vec::new();
    let mut root = Node::Null;
    loop {
        let (event, _) = events.next().ok()?;
        let (node, opens_map) = match event {
            Event::DocumentStart => continue,
            Event::DocumentEnd | Event::StreamEnd => {
                return Some(Doc::new(root, Span::NONE));
            }
            Event::Alias(_) => return None,
            Event::Scalar { properties, value, implicit } => {
                if properties.tag.is_some() {
                    return None;
                }
                let open = stack.last_mut();
                let wanted = open.as_ref().is_some_and(|open| open.is_wanted());
                if let Some(open) = open.filter(|open| open.at_key) {
                    open.key(&value, implicit)?;
                    continue;
                }
                let meaning = if implicit { resolve_plain(&value) } else { None };
                if !wanted {
                    // Such a number cannot become JSON.
                    if matches!(meaning, Some(Scalar::Float(number)) if !number.is_finite()) {
                        return None;
                    }
                    if !stack.is_empty() {
                        advance(&mut stack);
                        continue;
                    }
                }
                let node = match meaning {
                    None | Some(Scalar::Timestamp | Scalar::Str(_)) => {
                        Node::Str(Text::from(value.as_bytes()))
                    }
                    Some(Scalar::Null) => Node::Null,
                    Some(Scalar::Bool(value)) => Node::Bool(value),
                    Some(Scalar::Int(value)) => Node::Int(value),
                    Some(Scalar::Uint(value)) => Node::Str(value.to_string().into()),
                    Some(Scalar::Float(value)) => Node::Float(value),
                };
                (node, None)
            }
            Event::SequenceStart(_) => (Node::List(Arc::default()), Some(false)),
            Event::MappingStart(_) => (Node::Map(Arc::default()), Some(true)),
            Event::SequenceEnd | Event::MappingEnd => {
                let open = stack.pop()?;
                if open.interest != Interest::None {
                    store(&mut stack, &mut root, Node::Map(Arc::new(open.kept)));
                }
                advance(&mut stack);
                continue;
            }
        };
        let Some(is_map) = opens_map else {
            store(&mut stack, &mut root, node);
            advance(&mut stack);
            continue;
        };
        if stack.last().is_some_and(|open| open.at_key) {
            return None;
        }
        let interest = match stack.last() {
            _ if !is_map => Interest::None,
            None => Interest::Root,
            Some(open) => match (open.interest, open.key.as_deref()) {
                (Interest::Root, Some("metadata")) => Interest::Metadata,
                (Interest::Metadata, Some("annotations")) => Interest::Annotations,
                _ => Interest::None,
            },
        };
        if interest == Interest::None {
            store(&mut stack, &mut root, node);
        }
        stack.push(Open { interest, is_map, at_key: is_map, kept: DocMap::new(), key: None });
    }
}

impl Open {
    /// Whether the value that comes next is kept.
    fn is_wanted(&self) -> bool {
        self.key.is_some()
    }

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

/// Keeps a node that the open collection wants.
fn store(stack: &mut [Open], root: &mut Node, node: Node) {
    match stack.last_mut() {
        None => *root = node,
        Some(open) => {
            if let Some(key) = open.key.take() {
                open.kept.insert(key, Doc::new(node, Span::NONE));
            }
        }
    }
}

/// Goes on to the next key.
fn advance(stack: &mut [Open]) {
    if let Some(open) = stack.last_mut() {
        open.key = None;
        open.at_key = open.is_map;
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
