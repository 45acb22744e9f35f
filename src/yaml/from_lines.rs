//! Documents of plain block YAML, built from [`lines`] without the scanner.
//!
//! Gives the very documents, places included, that [`read::compose`] would give, or none when it
//! cannot be sure of that: for texts with anchors, tags, keys set twice, or anything at fault.

use std::sync::Arc;

use super::lines::{self, Piece, offset};
use super::read::{self, key_text};
use super::scalar::{Scalar, resolve_plain};
use crate::doc::{Doc, DocMap, Node, Text};
use crate::source::{SourceId, Span};

/// Collections in collections that are read here; deeper ones are for the scanner.
const MAX_DEPTH: usize = 100;

/// Reads the first document of a text that stands at byte `base` of its source; none when that
/// takes the scanner.
pub(super) fn read(text: &[u8], source: SourceId, base: usize) -> Option<Doc> {
    let mut builder = Builder {
        text,
        source,
        base,
        open: Vec::new(),
        entries: Vec::new(),
        items: Vec::new(),
        root: None,
    };
    lines::read(text, |piece| builder.take(piece))?;
    builder.root
}

/// A collection that is being read.
struct Open {
    is_map: bool,
    start: usize,
    /// Where its entries or items begin among those of all open collections.
    first: usize,
    /// The key that waits for its value.
    key: Option<Arc<str>>,
}

struct Builder<'t> {
    text: &'t [u8],
    source: SourceId,
    base: usize,
    open: Vec<Open>,
    entries: Vec<(Arc<str>, Doc)>,
    items: Vec<Doc>,
    root: Option<Doc>,
}

impl Builder<'_> {
    fn take(&mut self, piece: Piece<'_>) -> Option<()> {
        match piece {
            Piece::Key { text, plain } => {
                let key = key(text, plain)?;
                self.open.last_mut()?.key = Some(key);
                Some(())
            }
            Piece::Scalar { text, plain } => {
                let node = scalar(text, plain)?;
                let start = offset(self.text, text);
                let quote = usize::from(!plain);
                let span = self.span(start - quote, start + text.len() + quote);
                self.add(Doc::new(node, span))
            }
            Piece::Nothing { at } => self.add(Doc::new(Node::Null, self.span(at, at))),
            Piece::Flow { text, .. } => self.flow(text),
            Piece::Long { text } => self.part(text),
            Piece::Open { map, at } => self.open(map, at),
            Piece::Close { at } => self.close(at),
        }
    }

    /// A collection in brackets: its pieces if they are plain enough, or else by the scanner.
    fn flow(&mut self, text: &str) -> Option<()> {
        let (open, entries, items) = (self.open.len(), self.entries.len(), self.items.len());
        if lines::read_flow(self.text, text, |piece| self.take(piece)).is_some() {
            return Some(());
        }
        self.open.truncate(open);
        self.entries.truncate(entries);
        self.items.truncate(items);
        self.part(text)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, self.base + start, self.base + end)
    }

    /// A value that takes the scanner, by itself.
    fn part(&mut self, part: &str) -> Option<()> {
        // By themselves, these would begin or end a document.
        if part.starts_with("---") || part.starts_with("...") {
            return None;
        }
        let base = self.base + offset(self.text, part);
        let (doc, duplicates) = read::compose(part.as_bytes(), self.source, base).ok()?;
        if !duplicates.is_empty() {
            return None;
        }
        self.add(doc)
    }

    /// Hands a finished node to the collection it belongs to.
    fn add(&mut self, doc: Doc) -> Option<()> {
        match self.open.last_mut() {
            None => self.root = Some(doc),
            Some(Open { is_map: true, key, .. }) => self.entries.push((key.take()?, doc)),
            Some(_) => self.items.push(doc),
        }
        Some(())
    }

    fn open(&mut self, is_map: bool, start: usize) -> Option<()> {
        if self.open.len() == MAX_DEPTH {
            return None;
        }
        let first = if is_map { self.entries.len() } else { self.items.len() };
        self.open.push(Open { is_map, start, first, key: None });
        Some(())
    }

    fn close(&mut self, at: usize) -> Option<()> {
        let open = self.open.pop()?;
        let span = self.span(open.start, at);
        let node = if open.is_map {
            let count = self.entries.len() - open.first;
            let map: DocMap = self.entries.drain(open.first..).collect();
            // A key that is set twice is worth a note.
            if map.len() < count {
                return None;
            }
            Node::Map(Arc::new(map))
        } else {
            Node::List(Arc::new(self.items.drain(open.first..).collect()))
        };
        self.add(Doc::new(node, span))
    }
}

fn key(text: &str, plain: bool) -> Option<Arc<str>> {
    match resolve_plain(text).filter(|_| plain) {
        None | Some(Scalar::Timestamp) => Some(Arc::from(text)),
        Some(scalar) => key_text(&scalar),
    }
}

/// What a scalar is; none for numbers that JSON cannot hold.
fn scalar(text: &str, plain: bool) -> Option<Node> {
    Some(match resolve_plain(text).filter(|_| plain) {
        None | Some(Scalar::Timestamp | Scalar::Str(_)) => Node::Str(Text::from(text)),
        Some(Scalar::Null) => Node::Null,
        Some(Scalar::Bool(value)) => Node::Bool(value),
        Some(Scalar::Int(value)) => Node::Int(value),
        Some(Scalar::Uint(value)) => Node::Float(value as f64),
        Some(Scalar::Float(value)) if value.is_finite() => Node::Float(value),
        Some(Scalar::Float(_)) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A document with the places of its nodes, in the order of the text.
    fn shown(doc: &Doc) -> String {
        let at = format!("{}..{}", doc.span.start, doc.span.end);
        match &doc.node {
            Node::List(items) => {
                let items: Vec<_> = items.iter().map(shown).collect();
                format!("{at}[{}]", items.join(", "))
            }
            Node::Map(map) => {
                let entries: Vec<_> =
                    map.iter().map(|(key, doc)| format!("{key}: {}", shown(doc))).collect();
                format!("{at}{{{}}}", entries.join(", "))
            }
            node => format!("{at} {node:?}"),
        }
    }

    /// Whether the lines of a text were understood; they must say what the scanner says.
    fn is_understood(text: &str) -> bool {
        let by_lines = read(text.as_bytes(), SourceId::NONE, 7);
        if let Some(doc) = &by_lines {
            let (other, duplicates) =
                read::compose(text.as_bytes(), SourceId::NONE, 7).expect("sound");
            assert_eq!(shown(doc), shown(&other), "{text}");
            assert_eq!(duplicates, [], "{text}");
        }
        by_lines.is_some()
    }

    #[test]
    fn lines_say_what_the_scanner_says() {
        for (text, by_lines) in [
            ("a: b\nc: 'd'\ne: \"f\" # g\nh: -1.5\ni: yes\n", true),
            ("a:\n  b:\n  - c\n  - d: 1\n    e: ~\n  -\n  - - f\n    - g\nh:\n\n# i\n", true),
            ("a:\n- b\n- c:\nd: {}\ne: [] # f\n", true),
            ("# a\n---\nb: 1\n", true),
            ("a: |\n  b\n   c\n\nd: |-\n  e\n\n\nf: >\n  g\n  h\n", true),
            ("a:\n  b: |+\n    c\n\n  d: 1\n", true),
            ("a: |\nb: 1\n", true),
            ("a: b\n  c\n\n  d\ne: 1\n", true),
            ("a: \"b\\n\\\"c\\\"\"\nd: 'e''f'\ng: 'h\n\n  i'\n", true),
            ("a: {b: c, d: [1, \"e, }\", 'f'], g: {}}\nh: [1, [2], {i: j}] # k\n", true),
            ("a:\n  {b: c}\nd: 1", true),
            ("a: { b: [ c , 1 ] , 'd': {} }\ne: [ ]\nf: [true, ~, -1.5]\n", true),
            ("a: {b: c, }\nd: [1, ]\ne: {f}\ng: {h: }\ni: [j: k]\nl: {m : n}\n", true),
            ("a: [b c, d:e, \"f\\n\", 'g''h', http://i/]\n", true),
            ("1: a\ntrue: b\n1.5: c\n\"d\": e\n0x10: f\n", true),
            ("a: 18446744073709551615\nb: 2001-01-01\nc: 1_000\nd: 0o17\ne: 1:20\n", true),
            ("ä: ö\nü: |\n  ß\n", false),
            ("a: ö\nb: |\n  ß\nc: 'ü'\n", true),
            ("a: ---\nb: ...\n", true),
            ("a: --- b\n  c\n", false),
            ("a: 1\na: 2\n", false),
            ("a: {b: 1, b: 2}\n", false),
            ("a: {b: .inf}\n", false),
            ("a: .nan\n", false),
            ("a: {b: c\n", false),
            ("a: {b: c}\n  d: e\n", false),
            ("a: {b: c} d\n", false),
            ("a: [b}\n", false),
            ("a: [it's]\n", false),
            ("a: {b: &c d}\n", false),
            ("a: &b c\n", false),
            ("a: *b\n", false),
            ("<<: {a: b}\n", false),
            ("a: !!str 1\n", false),
            ("? a\n: b\n", false),
            ("a\n", false),
            ("", false),
        ] {
            assert_eq!(is_understood(text), by_lines, "{text}");
        }
        for text in [
            include_str!("../../charts/ojp-server/values.yaml"),
            include_str!("../../charts/agdb/values.yaml"),
            include_str!("../../charts/openvox-server/values.yaml"),
            include_str!("../../charts/ojs-cluster/values.yaml"),
            include_str!("../../charts/ojs-worker/values.yaml"),
        ] {
            assert!(is_understood(text), "{text}");
        }
    }
}
