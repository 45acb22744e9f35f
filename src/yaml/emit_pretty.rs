//! Writing YAML as yaml v3 does for `toYamlPretty`: values as they are, without the way through
//! JSON; lists deeper than their keys; no folding.

use super::any::{Any, float_text};
use super::emit::Parent;
use super::emit_scalar::{Role, Style, Writer};
use super::order::sort_entries;
use crate::diag::{Fault, Result};
use crate::json::write::{Path, base64_text, int_text};
use crate::value::{Kind, Object, Str, Value, work};

const STYLE: Style = Style { width: usize::MAX, indented_lists: true, tabs_in_blocks: true };

/// Length of a line of base64.
const BINARY_LINE: usize = 70;

/// A value as `toYamlPretty` writes it, with its final newline.
pub fn to_yaml_pretty(value: &Value) -> Result<Vec<u8>> {
    let mut emitter = Emitter { writer: Writer::new(STYLE), depth: 0, path: Path::default() };
    emitter.value(value, Parent::Root)?;
    Ok(emitter.writer.finish())
}

struct Emitter {
    writer: Writer,
    depth: usize,
    path: Path,
}

/// A text, or the base64 of bytes that are none.
enum Plain<'a> {
    Text(&'a str),
    Binary(String),
}

fn plain(text: &Str) -> Plain<'_> {
    if let Ok(text) = std::str::from_utf8(text.as_bytes()) {
        return Plain::Text(text);
    }
    let packed = base64_text(text.as_bytes());
    let mut lines = String::new();
    for line in packed.as_bytes().chunks(BINARY_LINE) {
        lines.extend(line.iter().map(|&byte| char::from(byte)));
        if packed.len() >= BINARY_LINE {
            lines.push('\n');
        }
    }
    Plain::Binary(lines)
}

impl Emitter {
    fn value(&mut self, value: &Value, parent: Parent) -> Result<()> {
        // Deep values are indented far.
        work::pay(1 + self.depth)?;
        match value {
            Value::Nil => self.writer.write_word("null"),
            Value::Bool(value) => self.writer.write_word(if *value { "true" } else { "false" }),
            Value::Int(value, ty) => self.writer.write_word(&int_text(*value, *ty)),
            Value::Float(value) => self.writer.write_word(&float_text(*value)),
            Value::Complex(..) => {
                return Err(Fault::function("cannot marshal type: complex128"));
            }
            Value::Str(text) => match plain(text) {
                Plain::Text(text) => self.writer.write_scalar(text, Role::Other),
                Plain::Binary(text) => self.writer.write_tagged("!!binary", &text, Role::Other),
            },
            Value::Bytes(bytes) => {
                let bytes = bytes.as_bytes().iter();
                let items: Vec<_> = bytes.map(|&byte| Value::int(byte.into())).collect();
                self.list(&items, parent)?;
            }
            Value::List(list) => self.list(list.items(), parent)?,
            Value::Map(map) => {
                let entries = map.entries();
                self.depth += 1;
                self.path.enter(Some(map), self.depth)?;
                let entries = entries.iter().map(|(key, slot)| (key, slot.value.clone()));
                self.map(&entries.collect::<Vec<_>>())?;
                self.path.leave(self.depth);
                self.depth -= 1;
            }
            Value::Object(object) => self.object(&**object, parent)?,
        }
        Ok(())
    }

    fn list(&mut self, items: &[Value], parent: Parent) -> Result<()> {
        if items.is_empty() {
            self.writer.write_empty("[]");
            return Ok(());
        }
        self.depth += 1;
        self.path.enter(None, self.depth)?;
        let before = self.writer.open_list(parent);
        for item in items {
            self.writer.write_item();
            self.value(item, Parent::List)?;
        }
        self.writer.close(before);
        self.path.leave(self.depth);
        self.depth -= 1;
        Ok(())
    }

    fn map(&mut self, entries: &[(&Str, Value)]) -> Result<()> {
        if entries.is_empty() {
            self.writer.write_empty("{}");
            return Ok(());
        }
        let names: Vec<_> = entries.iter().map(|(key, _)| key.to_str_lossy()).collect();
        let unsorted = names.iter().map(|name| &**name).zip(entries).collect();
        let before = self.writer.open_map();
        for (_, (key, value)) in sort_entries(unsorted, true) {
            match plain(key) {
                Plain::Text(key) => self.writer.write_key(key),
                Plain::Binary(key) => self.writer.write_tagged_key("!!binary", &key),
            }
            self.value(value, Parent::Map)?;
        }
        self.writer.close(before);
        Ok(())
    }

    /// Times and durations in their own notation, texts of types that have one, and structs
    /// with their field names in lower case.
    fn object(&mut self, object: &dyn Object, parent: Parent) -> Result<()> {
        match (object.type_name(), object.to_json()) {
            ("time.Time", Value::Str(text)) => self.writer.write_word(&text.to_str_lossy()),
            ("time.Duration", _) => {
                let text = object.display().unwrap_or_default();
                self.writer.write_scalar(&text, Role::Other);
            }
            (_, json @ Value::Str(_)) => self.value(&json, parent)?,
            (_, json) if matches!(object.kind(), Kind::Int(_)) => self.value(&json, parent)?,
            _ => match (object.entries(), object.kind()) {
                (Some(entries), Kind::Slice) => {
                    let items: Vec<_> = entries.into_iter().map(|(_, item)| item).collect();
                    self.list(&items, parent)?;
                }
                (Some(entries), _) => {
                    let entries: Vec<_> = entries
                        .iter()
                        .filter_map(|(key, value)| Some((key.as_str()?, value.clone())))
                        .collect();
                    self.map(&entries)?;
                }
                (None, _) => self.fields(object)?,
            },
        }
        Ok(())
    }

    fn fields(&mut self, object: &dyn Object) -> Result<()> {
        let fields = object.fields();
        if fields.is_empty() {
            self.writer.write_empty("{}");
            return Ok(());
        }
        self.depth += 1;
        self.path.enter(None, self.depth)?;
        let before = self.writer.open_map();
        for (name, value) in &fields {
            self.writer.write_key(&name.to_lowercase());
            self.value(value, Parent::Map)?;
        }
        self.writer.close(before);
        self.path.leave(self.depth);
        self.depth -= 1;
        Ok(())
    }
}

/// An untyped value as yaml v3 writes it with indentation 2, with its final newline.
pub fn any_to_yaml(any: &Any) -> String {
    let mut writer = Writer::new(STYLE);
    write_any(&mut writer, any, Parent::Root);
    String::from_utf8_lossy(&writer.finish()).into_owned()
}

fn write_any(writer: &mut Writer, any: &Any, parent: Parent) {
    match any {
        Any::Str(text) => writer.write_scalar(text, Role::Other),
        Any::List(items) if items.is_empty() => writer.write_empty("[]"),
        Any::List(items) => {
            let before = writer.open_list(parent);
            for item in items.iter() {
                writer.write_item();
                write_any(writer, item, Parent::List);
            }
            writer.close(before);
        }
        Any::Map(map) if map.entries().is_empty() => writer.write_empty("{}"),
        Any::Map(map) => {
            let before = writer.open_map();
            for entry in map.entries() {
                match &entry.key {
                    Any::Str(key) => writer.write_key(key),
                    key => writer.write_word_key(&key.scalar_text().unwrap_or_default()),
                }
                write_any(writer, &entry.value, Parent::Map);
            }
            writer.close(before);
        }
        scalar => writer.write_word(&scalar.scalar_text().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{List, ListType, Map, MapType};

    #[test]
    fn layout() {
        let map = Map::new();
        map.insert("l", Value::list(vec![Value::list(vec![Value::int(1)]), Value::Nil]));
        map.insert("f", Value::Float(1e6));
        map.insert("n", Value::Map(Map::nil(MapType::Interface)));
        map.insert("e", Value::List(List::nil(ListType::Interface)));
        map.insert("t", "a\tb\nc\n");
        map.insert("w", "word ".repeat(30).trim_end());
        map.insert("b", Value::Str((&b"\xff"[..]).into()));
        let text = String::from_utf8(to_yaml_pretty(&Value::Map(map)).unwrap()).unwrap();
        let long = "word ".repeat(30);
        assert_eq!(
            text,
            format!(
                "b: !!binary /w==\ne: []\nf: 1e+06\nl:\n  - - 1\n  - null\n\"n\": {{}}\nt: |\n  a\tb\n  c\nw: {}\n",
                long.trim_end()
            )
        );
    }
}
