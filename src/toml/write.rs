//! Writing TOML: keys in byte order, values before tables, tables indented below their parents.

use super::{dotted, escape, key_part};
use crate::diag::{Fault, Result};
use crate::golang::number::format_float;
use crate::json::write::{Path, int_text};
use crate::value::{Kind, List, Object, Str, Value, work};

/// A value as TOML; scalars and plain lists stand alone.
pub fn to_toml(value: &Value) -> Result<Vec<u8>> {
    if matches!(value, Value::Nil) {
        return Err(Fault::function("reflect: call of reflect.Value.Type on zero Value"));
    }
    let mut writer = Writer { out: Vec::new(), key: Vec::new(), path: Path::default(), depth: 0 };
    writer.encode(value)?;
    Ok(writer.out)
}

/// What TOML makes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Nothing: nil, and nil maps and lists.
    Nil,
    Scalar,
    Array,
    /// A list of tables.
    Tables,
    Table,
}

struct Writer {
    out: Vec<u8>,
    /// Key of the table being written.
    key: Vec<Str>,
    path: Path,
    depth: usize,
}

fn nil_element() -> Fault {
    Fault::function("toml: cannot encode array with nil element")
}

/// What an object looks like to TOML.
enum Look {
    /// Text without quotes.
    Word(String),
    /// A text.
    Text(String),
    /// Another value.
    Value(Value),
    /// Entries in their own order.
    Table(Vec<(Str, Value)>),
}

fn look(object: &dyn Object) -> Look {
    match (object.type_name(), object.to_json()) {
        ("time.Time", Value::Str(text)) => Look::Word(time_text(object, text.to_string())),
        ("time.Duration", _) => Look::Text(object.display().unwrap_or_default()),
        (_, Value::Str(text)) => Look::Text(text.to_string()),
        (_, json) if matches!(object.kind(), Kind::Int(_)) => Look::Value(json),
        _ => match (object.entries(), object.kind()) {
            (Some(entries), Kind::Slice) => {
                Look::Value(Value::list(entries.into_iter().map(|(_, item)| item).collect()))
            }
            (Some(entries), _) => Look::Table(
                entries
                    .into_iter()
                    .filter_map(|(key, value)| Some((key.as_str()?.clone(), value)))
                    .collect(),
            ),
            (None, _) => Look::Table(
                object.fields().into_iter().map(|(name, value)| (Str::from(name), value)).collect(),
            ),
        },
    }
}

/// A time as TOML has it: those that `fromToml` read without a zone have none again.
fn time_text(object: &dyn Object, text: String) -> String {
    let shown = object.display().unwrap_or_default();
    let (date, time) = text.split_once('T').unwrap_or((&text, ""));
    let end = time.find(['Z', '+', '-']).unwrap_or(time.len());
    if shown.ends_with("date-local") {
        date.to_owned()
    } else if shown.ends_with("datetime-local") {
        format!("{date}T{}", &time[..end])
    } else if shown.ends_with("time-local") {
        time[..end].to_owned()
    } else {
        text
    }
}

fn classify(value: &Value) -> Result<Class> {
    Ok(match value {
        Value::Nil => Class::Nil,
        Value::Complex(..) => return Err(Fault::function("unsupported type: complex128")),
        Value::List(list) if list.is_nil() => Class::Nil,
        Value::List(list) => classify_list(list)?,
        Value::Bytes(_) => Class::Array,
        Value::Map(map) if map.is_nil() => Class::Nil,
        Value::Map(_) => Class::Table,
        Value::Object(object) => match look(&**object) {
            Look::Word(_) | Look::Text(_) => Class::Scalar,
            Look::Value(value) => classify(&value)?,
            Look::Table(_) => Class::Table,
        },
        Value::Bool(_) | Value::Int(..) | Value::Float(_) | Value::Str(_) => Class::Scalar,
    })
}

/// Every item is looked at, for nil may stand nowhere in a list.
fn classify_list(list: &List) -> Result<Class> {
    let mut tables = !list.items().is_empty();
    work::pay(list.items().len())?;
    for item in list.items() {
        match classify(item)? {
            Class::Nil => return Err(nil_element()),
            Class::Table => {}
            _ => tables = false,
        }
    }
    Ok(if tables { Class::Tables } else { Class::Array })
}

impl Writer {
    fn indent(&mut self) {
        let depth = self.key.len().saturating_sub(1);
        self.out.resize(self.out.len() + 2 * depth, b' ');
    }

    /// A line break, unless nothing has been written.
    fn newline(&mut self) {
        if !self.out.is_empty() {
            self.out.push(b'\n');
        }
    }

    /// Writes the value of the present key.
    fn encode(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Nil => return Ok(()),
            Value::Map(map) if map.is_nil() => return Ok(()),
            Value::Complex(..) => {
                let key = String::from_utf8_lossy(&dotted(&self.key)).into_owned();
                let message = format!("unsupported type for key '{key}': complex128");
                return Err(Fault::function(message));
            }
            Value::Object(object) => {
                if let Look::Value(value) = look(&**object) {
                    return self.encode(&value);
                }
            }
            _ => {}
        }
        match classify(value)? {
            Class::Table => self.table(value),
            Class::Tables => self.tables(value),
            _ => self.line(value),
        }
    }

    fn line(&mut self, value: &Value) -> Result<()> {
        let Some(last) = self.key.last() else { return self.element(value) };
        let last = key_part(last.as_bytes());
        self.indent();
        self.out.extend_from_slice(&last);
        self.out.extend_from_slice(b" = ");
        self.element(value)?;
        self.newline();
        Ok(())
    }

    fn header(&mut self, open: &str, close: &str) {
        self.indent();
        self.out.extend_from_slice(open.as_bytes());
        let key = dotted(&self.key);
        self.out.extend_from_slice(&key);
        self.out.extend_from_slice(close.as_bytes());
        self.newline();
    }

    fn table(&mut self, value: &Value) -> Result<()> {
        if self.key.len() == 1 {
            self.newline();
        }
        if !self.key.is_empty() {
            self.header("[", "]");
        }
        self.entries(value, false)
    }

    fn tables(&mut self, value: &Value) -> Result<()> {
        if self.key.is_empty() {
            return Err(Fault::function("toml: top-level values must be Go maps or structs"));
        }
        let Value::List(list) = value else { return Ok(()) };
        for item in list.items() {
            self.newline();
            self.header("[[", "]]");
            self.entries(item, false)?;
        }
        Ok(())
    }

    /// Writes the entries of a table: those that are no tables first.
    fn entries(&mut self, value: &Value, inline: bool) -> Result<()> {
        let map = value.as_map();
        let entries: Vec<(Str, Value)> = match value {
            Value::Map(map) => {
                map.entries().into_iter().map(|(key, slot)| (key, slot.value)).collect()
            }
            Value::Object(object) => match look(&**object) {
                Look::Table(entries) => entries,
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        self.depth += 1;
        work::pay(1 + entries.len())?;
        self.path.enter(map, self.depth)?;
        let mut direct = Vec::new();
        let mut nested = Vec::new();
        for (key, value) in entries {
            match classify(&value)? {
                Class::Table | Class::Tables => nested.push((key, value)),
                class => direct.push((key, value, class == Class::Nil)),
            }
        }
        let nested: Vec<_> = nested.into_iter().map(|(key, value)| (key, value, false)).collect();
        if inline {
            self.out.push(b'{');
        }
        self.group(&direct, inline, !nested.is_empty())?;
        self.group(&nested, inline, false)?;
        if inline {
            self.out.push(b'}');
        }
        self.path.leave(self.depth);
        self.depth -= 1;
        Ok(())
    }

    fn group(&mut self, entries: &[(Str, Value, bool)], inline: bool, more: bool) -> Result<()> {
        for (index, (key, value, nil)) in entries.iter().enumerate() {
            if *nil {
                continue;
            }
            if inline {
                self.out.extend_from_slice(&key_part(key.as_bytes()));
                self.out.extend_from_slice(b" = ");
                self.element(value)?;
                if more || index + 1 < entries.len() {
                    self.out.extend_from_slice(b", ");
                }
            } else {
                self.key.push(key.clone());
                self.encode(value)?;
                self.key.pop();
            }
        }
        Ok(())
    }

    fn quoted(&mut self, text: &[u8]) {
        self.out.push(b'"');
        self.out.extend_from_slice(&escape(text));
        self.out.push(b'"');
    }

    /// Writes a value on the line.
    fn element(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Nil | Value::Complex(..) => return Err(nil_element()),
            Value::Bool(value) => self.out.extend_from_slice(value.to_string().as_bytes()),
            Value::Int(value, ty) => self.out.extend_from_slice(int_text(*value, *ty).as_bytes()),
            Value::Float(value) => self.out.extend_from_slice(float_text(*value).as_bytes()),
            Value::Str(text) => self.quoted(text.as_bytes()),
            Value::Bytes(bytes) => {
                let bytes: Vec<_> =
                    bytes.as_bytes().iter().map(|&byte| Value::int(byte.into())).collect();
                self.array(&bytes)?;
            }
            Value::List(list) => self.array(list.items())?,
            Value::Map(_) => self.entries(value, true)?,
            Value::Object(object) => match look(&**object) {
                Look::Word(text) => self.out.extend_from_slice(text.as_bytes()),
                Look::Text(text) => self.quoted(text.as_bytes()),
                Look::Value(value) => self.element(&value)?,
                Look::Table(_) => self.entries(value, true)?,
            },
        }
        Ok(())
    }

    fn array(&mut self, items: &[Value]) -> Result<()> {
        self.depth += 1;
        work::pay(1 + items.len())?;
        self.path.enter(None, self.depth)?;
        self.out.push(b'[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.extend_from_slice(b", ");
            }
            self.element(item)?;
        }
        self.out.push(b']');
        self.path.leave(self.depth);
        self.depth -= 1;
        Ok(())
    }
}

fn float_text(value: f64) -> String {
    if value.is_nan() {
        return if value.is_sign_negative() { "-nan" } else { "nan" }.into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.into();
    }
    let text = format_float(value, b'g', -1);
    if text.contains(['.', 'e']) { text } else { text + ".0" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Map;

    fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
        let map = Map::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        Value::Map(map)
    }

    fn toml(value: &Value) -> String {
        match to_toml(value) {
            Ok(text) => String::from_utf8(text).unwrap(),
            Err(fault) => fault.message().to_owned(),
        }
    }

    #[test]
    fn documents() {
        let one = || Value::int(1);
        for (value, want) in [
            (
                map([("a b", one()), ("s", Value::str("q\"\\\t\x01"))]),
                "\"a b\" = 1\ns = \"q\\\"\\\\\\t\\u0001\"\n",
            ),
            (
                map([("b", one()), ("C", map([("z", Value::Float(1.0))]))]),
                "b = 1\n\n[C]\n  z = 1.0\n",
            ),
            (map([("m", map([("n", map([("o", one())]))]))]), "[m]\n  [m.n]\n    o = 1\n"),
            (
                map([("e", Value::list(vec![map([]), map([("a", one())])]))]),
                "[[e]]\n\n[[e]]\n  a = 1\n",
            ),
            (
                map([("a", Value::list(vec![map([("a", Value::Nil), ("b", one())]), one()]))]),
                "a = [{b = 1}, 1]\n",
            ),
            (map([("a", Value::Nil)]), ""),
            (Value::list(vec![one()]), "[1]"),
            (Value::list(vec![map([])]), "toml: top-level values must be Go maps or structs"),
            (Value::list(vec![Value::Nil]), "toml: cannot encode array with nil element"),
            (Value::Nil, "reflect: call of reflect.Value.Type on zero Value"),
            (Value::Complex(0.0, 1.0), "unsupported type for key '': complex128"),
        ] {
            assert_eq!(toml(&value), want, "{value:?}");
        }
    }
}
