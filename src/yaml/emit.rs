//! Writing YAML as go-yaml v2 does: `toYaml`, and [`Doc`]s of our own.

use std::borrow::Cow;

use super::emit_scalar::{Role, Style, Writer};
use super::events::{Event, Events};
use super::order::sort_entries;
use super::read::syntax_message;
use crate::diag::{Fault, Result};
use crate::doc::{Doc, Node};
use crate::golang::number::format_float;
use crate::json::write::{Path, base64_text, float_text, int_text, write_string};
use crate::value::{Slot, Str, Value, work};

const STYLE: Style = Style { width: 80, indented_lists: false, tabs_in_blocks: false };

/// How far behind its start go-yaml looks for the `:` of a key.
const KEY_REACH: usize = 1024;

/// What a node belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parent {
    /// Nothing.
    Root,
    /// A list.
    List,
    /// A map.
    Map,
}

impl Writer {
    /// Starts a list; gives the indentation to go back to.
    pub(super) fn open_list(&mut self, parent: Parent) -> isize {
        let before = self.indent;
        let beside_key = parent == Parent::Map && !self.indention && !self.style.indented_lists;
        if before < 0 {
            self.indent = 0;
        } else if !beside_key {
            self.indent += 2;
        }
        before
    }

    /// Starts a map; gives the indentation to go back to.
    pub(super) fn open_map(&mut self) -> isize {
        let before = self.indent;
        self.indent = if before < 0 { 0 } else { before + 2 };
        before
    }

    /// Ends a list or map.
    pub(super) fn close(&mut self, before: isize) {
        self.indent = before;
    }

    /// Starts an item of a list.
    pub(super) fn write_item(&mut self) {
        self.write_indent();
        self.write_indicator("-", true, true);
    }

    /// Writes a key and what stands between it and its value.
    pub(super) fn write_key(&mut self, key: &str) {
        self.write_key_with(key.len(), key, |writer, role| writer.write_scalar(key, role));
    }

    /// Writes a key that needs no quotes: a number, a boolean, null.
    pub(super) fn write_word_key(&mut self, key: &str) {
        self.write_key_with(key.len(), key, |writer, _| writer.write_word(key));
    }

    /// Writes a key that a tag explains.
    pub(super) fn write_tagged_key(&mut self, tag: &str, key: &str) {
        let length = tag.len() + key.len();
        self.write_key_with(length, key, |writer, role| writer.write_tagged(tag, key, role));
    }

    fn write_key_with(&mut self, length: usize, key: &str, write: impl FnOnce(&mut Self, Role)) {
        self.write_indent();
        if Writer::is_simple_key(length, key) {
            write(self, Role::SimpleKey);
            self.write_indicator(":", false, false);
        } else {
            self.write_indicator("?", true, true);
            write(self, Role::Other);
            self.write_indent();
            self.write_indicator(":", true, true);
        }
    }

    /// Ends the document.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.indent = -1;
        self.write_indent();
        self.out
    }
}

/// A value as `toYaml` writes it, with its final newline: through JSON, so structs have their
/// JSON names and whole numbers no fraction. Fails where Go's encoder or the reader of its JSON
/// would: NaN, cycles, control characters.
pub fn to_yaml(value: &Value) -> Result<Vec<u8>> {
    let mut emitter =
        Emitter { writer: Writer::new(STYLE), depth: 0, path: Path::default(), unreadable: None };
    emitter.value(value, Parent::Root)?;
    match emitter.unreadable {
        Some(fault) => Err(fault),
        None => Ok(emitter.writer.finish()),
    }
}

/// A [`Doc`] as YAML, with its final newline; keys in their own order or in that of `toYaml`.
pub fn doc_to_yaml(doc: &Doc, keep_order: bool) -> Vec<u8> {
    let mut writer = Writer::new(STYLE);
    write_doc(&mut writer, doc, keep_order, Parent::Root);
    writer.finish()
}

fn write_doc(writer: &mut Writer, doc: &Doc, keep_order: bool, parent: Parent) {
    match &doc.node {
        Node::Null => writer.write_word("null"),
        Node::Bool(value) => writer.write_word(if *value { "true" } else { "false" }),
        Node::Int(value) | Node::Int64(value) => writer.write_word(&value.to_string()),
        Node::Float(value) => writer.write_word(&yaml_float(*value)),
        Node::Str(text) => writer.write_scalar(&text.to_str_lossy(), Role::Other),
        Node::List(items) if items.is_empty() => writer.write_empty("[]"),
        Node::List(items) => {
            let before = writer.open_list(parent);
            for item in items.iter() {
                writer.write_item();
                write_doc(writer, item, keep_order, Parent::List);
            }
            writer.close(before);
        }
        Node::Map(map) if map.is_empty() => writer.write_empty("{}"),
        Node::Map(map) => {
            let mut entries: Vec<(&str, &Doc)> =
                map.iter().map(|(key, item)| (&**key, item)).collect();
            if !keep_order {
                entries = sort_entries(entries, false);
            }
            let before = writer.open_map();
            for (key, item) in entries {
                writer.write_key(key);
                write_doc(writer, item, keep_order, Parent::Map);
            }
            writer.close(before);
        }
    }
}

fn yaml_float(value: f64) -> String {
    if value.is_nan() {
        ".nan".into()
    } else if value.is_infinite() {
        if value > 0.0 { ".inf" } else { "-.inf" }.into()
    } else {
        json_number(value, &float_text(value).unwrap_or_default())
    }
}

/// What becomes of a JSON number when go-yaml reads and writes it: whole numbers that fit 64
/// bits stay, all others are floats.
fn json_number(value: f64, json: &str) -> String {
    if json == "-0" {
        return "0".into();
    }
    let whole = !json.contains(['.', 'e']);
    if whole && (json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok()) {
        return json.into();
    }
    format_float(value, b'g', -1)
}

struct Emitter {
    writer: Writer,
    depth: usize,
    path: Path,
    /// The first text that go-yaml could not read back; an error of the JSON encoder, which
    /// comes first, takes its place.
    unreadable: Option<Fault>,
}

/// A text that JSON hands on unchanged, whatever it makes of broken characters.
fn is_safe(text: &str) -> bool {
    let suspicious = |byte: u8| byte == 0x7f || byte == 0xc2 || byte == 0xef;
    !text.bytes().any(suspicious) || !text.contains(is_unsafe_char)
}

fn is_unsafe_char(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

impl Emitter {
    fn value(&mut self, value: &Value, parent: Parent) -> Result<()> {
        // Deep values are indented far.
        work::pay(1 + self.depth)?;
        match value {
            Value::Nil => self.writer.write_word("null"),
            Value::Bool(value) => self.writer.write_word(if *value { "true" } else { "false" }),
            Value::Int(value, ty) => self.writer.write_word(&int_text(*value, *ty)),
            Value::Float(value) => {
                let text = float_text(*value).map_err(marshal_fault)?;
                self.writer.write_word(&json_number(*value, &text));
            }
            Value::Complex(..) => {
                return Err(marshal_fault(Fault::function("json: unsupported type: complex128")));
            }
            Value::Str(text) => {
                let text = self.readable(text, false);
                self.writer.write_scalar(&text, Role::Other);
            }
            Value::Bytes(bytes) => {
                self.writer.write_scalar(&base64_text(bytes.as_bytes()), Role::Other);
            }
            Value::List(list) if list.is_nil() => self.writer.write_word("null"),
            Value::List(list) if list.items().is_empty() => self.writer.write_empty("[]"),
            Value::List(list) => {
                self.depth += 1;
                self.path.enter(None, self.depth).map_err(marshal_fault)?;
                let before = self.writer.open_list(parent);
                for item in list.items() {
                    self.writer.write_item();
                    self.value(item, Parent::List)?;
                }
                self.writer.close(before);
                self.path.leave(self.depth);
                self.depth -= 1;
            }
            Value::Map(map) if map.is_nil() => self.writer.write_word("null"),
            Value::Map(map) if map.is_empty() => self.writer.write_empty("{}"),
            Value::Map(map) => {
                self.depth += 1;
                self.path.enter(Some(map), self.depth).map_err(marshal_fault)?;
                self.entries(&map.entries())?;
                self.path.leave(self.depth);
                self.depth -= 1;
            }
            Value::Object(object) => self.value(&object.to_json(), parent)?,
        }
        Ok(())
    }

    fn entries(&mut self, entries: &[(Str, Slot)]) -> Result<()> {
        let keys: Vec<Cow<'_, str>> =
            entries.iter().map(|(key, _)| self.readable(key, true)).collect();
        let unsorted = keys.iter().map(|key| &**key).zip(entries).collect();
        let before = self.writer.open_map();
        for (key, (_, slot)) in sort_entries(unsorted, false) {
            self.writer.write_key(key);
            self.value(&slot.value, Parent::Map)?;
        }
        self.writer.close(before);
        Ok(())
    }

    /// A text as go-yaml reads it back from JSON.
    fn readable<'a>(&mut self, text: &'a Str, key: bool) -> Cow<'a, str> {
        let lossy = text.to_str_lossy();
        if is_safe(&lossy) && !(key && text.len() > KEY_REACH / 6) {
            return lossy;
        }
        let mut json = Vec::new();
        if key {
            json.push(b'{');
        }
        write_string(&mut json, text.as_bytes(), true);
        if key {
            json.extend_from_slice(b":1}");
        }
        match first_scalar(&json) {
            Ok(text) => text.into(),
            Err(fault) => {
                self.unreadable.get_or_insert(fault);
                lossy
            }
        }
    }
}

/// The first scalar of a sound YAML text.
fn first_scalar(text: &[u8]) -> Result<String> {
    let mut events = Events::new(text);
    let mut found = None;
    loop {
        match events.next() {
            Ok((Event::StreamEnd, _)) => return Ok(found.unwrap_or_default()),
            Ok((Event::Scalar { value, .. }, _)) if found.is_none() => {
                found = Some(value.into_owned());
            }
            Ok(_) => {}
            Err(problem) => return Err(Fault::function(syntax_message(&problem))),
        }
    }
}

fn marshal_fault(fault: Fault) -> Fault {
    fault.context("error marshaling into JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Map;

    fn yaml(text: &str) -> String {
        String::from_utf8(to_yaml(&Value::str(text)).unwrap()).unwrap()
    }

    #[test]
    fn scalar_styles() {
        for (text, want) in [
            ("", "\"\""),
            ("a", "a"),
            ("yes", "\"yes\""),
            ("~", "\"~\""),
            ("1_000", "\"1_000\""),
            ("12:30", "\"12:30\""),
            ("2001-1-1", "\"2001-1-1\""),
            ("1e400", "1e400"),
            ("=", "="),
            ("<<", "<<"),
            ("a: b", "'a: b'"),
            ("a:b", "a:b"),
            ("a #b", "'a #b'"),
            ("- a", "'- a'"),
            ("-a", "-a"),
            ("it's", "it's"),
            ("'a'", "'''a'''"),
            (" a", "' a'"),
            ("@a", "'@a'"),
            ("---", "'---'"),
            ("a\tb", "\"a\\tb\""),
            ("😀", "\"\\U0001F600\""),
            ("a\nb\n", "|\n  a\n  b"),
            ("a\nb", "|-\n  a\n  b"),
            ("a\n\n", "|+\n  a\n"),
            (" a\n", "|2\n   a"),
            ("a \nb", "\"a \\nb\""),
        ] {
            assert_eq!(yaml(text).strip_suffix('\n'), Some(want), "{text:?}");
        }
    }

    #[test]
    fn structure() {
        let inner = Map::new();
        inner.insert("b", Value::list(vec![Value::list(vec![Value::int(1)]), Value::Nil]));
        inner.insert("a", Value::Map(Map::new()));
        let items = vec![Value::Map(inner), Value::str("x\ny\n")];
        let map = Map::new();
        map.insert("list", Value::list(items));
        map.insert("k10", true);
        map.insert("k9", Value::Float(1e6));
        map.insert("two\nlines", Value::list(vec![Value::int(1)]));
        let text = String::from_utf8(to_yaml(&Value::Map(map)).unwrap()).unwrap();
        assert_eq!(
            text,
            "k9: 1000000\nk10: true\nlist:\n- a: {}\n  b:\n  - - 1\n  - null\n- |\n  x\n  y\n\
             ? |-\n  two\n  lines\n: - 1\n"
        );
    }

    #[test]
    fn folding() {
        let words = "word ".repeat(20);
        let text = yaml(words.trim_end());
        assert_eq!(text.lines().next().unwrap().len(), 84);
        assert!(text.lines().nth(1).unwrap().starts_with("  word"));
    }

    #[test]
    fn unreadable() {
        assert_eq!(
            to_yaml(&Value::str("\x7f")).unwrap_err().message(),
            "yaml: control characters are not allowed"
        );
        assert_eq!(yaml("a\u{85}b"), "a b\n");
        let both = Value::list(vec![Value::str("\x7f"), Value::Float(f64::NAN)]);
        assert_eq!(
            to_yaml(&both).unwrap_err().message(),
            "error marshaling into JSON: json: unsupported value: NaN"
        );
        let map = Map::new();
        map.insert("k".repeat(1030), 1i64);
        assert!(to_yaml(&Value::Map(map)).is_err());
    }
}
