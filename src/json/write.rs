//! Writing JSON: `toJson`, `toPrettyJson`, `toRawJson`, and what `toYaml` passes through.

use crate::diag::{Fault, Result};
use crate::doc::{Doc, Node};
use crate::golang::number::format_float;
use crate::value::{IntType, Map, Value, work};

/// How to write.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether `<`, `>` and `&` are written as `\u003c` and so on.
    pub escape_html: bool,
    /// Whether to write one entry a line, indented by two blanks.
    pub indent: bool,
}

/// A value as `json.Marshal` writes it: keys in byte order, structs by their JSON fields, bytes
/// as base64.
pub fn to_json(value: &Value, options: Options) -> Result<Vec<u8>> {
    let mut writer = Writer { out: Vec::new(), options, depth: 0, path: Path::default() };
    writer.value(value)?;
    Ok(writer.out)
}

/// A document as `json.Marshal` writes a struct: members in their own order, `<`, `>` and `&`
/// escaped. What no JSON can hold (NaN) is `null`.
pub fn doc_to_json(doc: &Doc) -> Vec<u8> {
    let mut out = Vec::new();
    write_doc(&mut out, doc);
    out
}

fn write_doc(out: &mut Vec<u8>, doc: &Doc) {
    match &doc.node {
        Node::Null => out.extend_from_slice(b"null"),
        Node::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Node::Int(value) | Node::Int64(value) => {
            out.extend_from_slice(value.to_string().as_bytes());
        }
        Node::Float(value) => {
            let text = float_text(*value);
            out.extend_from_slice(text.as_deref().unwrap_or("null").as_bytes());
        }
        Node::Str(text) => write_string(out, text.as_bytes(), true),
        Node::List(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_doc(out, item);
            }
            out.push(b']');
        }
        Node::Map(map) => {
            out.push(b'{');
            for (index, (key, item)) in map.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_string(out, key.as_bytes(), true);
                out.push(b':');
                write_doc(out, item);
            }
            out.push(b'}');
        }
    }
}

/// A float as JSON has it: plain digits between 1e-6 and 1e21, else an exponent of at least one
/// digit.
pub fn float_text(value: f64) -> Result<String> {
    if !value.is_finite() {
        let name = if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        };
        return Err(Fault::function(format!("json: unsupported value: {name}")));
    }
    let magnitude = value.abs();
    if magnitude < 9e15 && magnitude.fract() == 0.0 && (value != 0.0 || value.is_sign_positive()) {
        return Ok((value as i64).to_string());
    }
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let text = format_float(value, b'e', -1);
        // Go's exponents have two digits at least, JSON's negative ones lose the zero.
        return Ok(text.replace("e-0", "e-"));
    }
    Ok(format_float(value, b'f', -1))
}

/// Guards a walk over values against maps that contain themselves.
#[derive(Debug, Default)]
pub(crate) struct Path {
    maps: Vec<usize>,
}

/// Go looks for cycles only below this depth.
const CYCLE_DEPTH: usize = 1_000;

/// Deeper values would need more stack than a thread has.
const MAX_DEPTH: usize = 4_000;

impl Path {
    /// Enters a list or map at a depth; fails when a map is its own ancestor.
    pub(crate) fn enter(&mut self, map: Option<&Map>, depth: usize) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(Fault::function("json: unsupported value: exceeded max depth"));
        }
        if depth <= CYCLE_DEPTH {
            return Ok(());
        }
        if let Some(map) = map.filter(|map| self.maps.contains(&map.address())) {
            let name = map.ty().name();
            return Err(Fault::function(format!(
                "json: unsupported value: encountered a cycle via {name}"
            )));
        }
        // Anything but a map has an address that no map has.
        self.maps.push(map.map_or(0, Map::address));
        Ok(())
    }

    /// Leaves it again.
    pub(crate) fn leave(&mut self, depth: usize) {
        if depth > CYCLE_DEPTH {
            self.maps.pop();
        }
    }
}

struct Writer {
    out: Vec<u8>,
    options: Options,
    depth: usize,
    path: Path,
}

impl Writer {
    fn value(&mut self, value: &Value) -> Result<()> {
        // Deep values are indented far.
        work::pay(1 + self.depth)?;
        match value {
            Value::Nil => self.out.extend_from_slice(b"null"),
            Value::Bool(value) => {
                self.out.extend_from_slice(if *value { b"true" } else { b"false" });
            }
            Value::Int(value, ty) => {
                let text = int_text(*value, *ty);
                self.out.extend_from_slice(text.as_bytes());
            }
            Value::Float(value) => self.out.extend_from_slice(float_text(*value)?.as_bytes()),
            Value::Complex(..) => {
                return Err(Fault::function("json: unsupported type: complex128"));
            }
            Value::Str(text) => {
                write_string(&mut self.out, text.as_bytes(), self.options.escape_html);
            }
            Value::Bytes(bytes) => {
                self.out.push(b'"');
                self.out.extend_from_slice(base64_text(bytes.as_bytes()).as_bytes());
                self.out.push(b'"');
            }
            Value::List(list) if list.is_nil() => self.out.extend_from_slice(b"null"),
            Value::List(list) => {
                self.open(b'[', None)?;
                for (index, item) in list.items().iter().enumerate() {
                    self.separate(index);
                    self.value(item)?;
                }
                self.close(b']', list.items().is_empty());
            }
            Value::Map(map) if map.is_nil() => self.out.extend_from_slice(b"null"),
            Value::Map(map) => {
                self.open(b'{', Some(map))?;
                let entries = map.entries();
                for (index, (key, slot)) in entries.iter().enumerate() {
                    self.entry(index, key.as_bytes(), &slot.value)?;
                }
                self.close(b'}', entries.is_empty());
            }
            Value::Object(object) => match object.json_fields() {
                Some(fields) => {
                    self.open(b'{', None)?;
                    for (index, (name, field)) in fields.iter().enumerate() {
                        self.entry(index, name.as_bytes(), field)?;
                    }
                    self.close(b'}', fields.is_empty());
                }
                None => self.value(&object.to_json())?,
            },
        }
        Ok(())
    }

    fn entry(&mut self, index: usize, key: &[u8], value: &Value) -> Result<()> {
        self.separate(index);
        write_string(&mut self.out, key, self.options.escape_html);
        self.out.push(b':');
        if self.options.indent {
            self.out.push(b' ');
        }
        self.value(value)
    }

    fn open(&mut self, bracket: u8, map: Option<&Map>) -> Result<()> {
        self.depth += 1;
        self.path.enter(map, self.depth)?;
        self.out.push(bracket);
        Ok(())
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.out.push(b',');
        }
        self.line_break();
    }

    fn close(&mut self, bracket: u8, empty: bool) {
        self.path.leave(self.depth);
        self.depth -= 1;
        if !empty {
            self.line_break();
        }
        self.out.push(bracket);
    }

    fn line_break(&mut self) {
        if self.options.indent {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + 2 * self.depth, b' ');
        }
    }
}

/// Bytes as JSON has them: standard base64.
pub(crate) fn base64_text(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// An integer of a Go type in decimal.
pub(crate) fn int_text(value: i64, ty: IntType) -> String {
    if ty.is_signed() { value.to_string() } else { value.cast_unsigned().to_string() }
}

/// Bytes that a JSON string writes as they are, outside HTML escaping.
const PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0x20;
    while byte < 0x80 {
        table[byte] = true;
        byte += 1;
    }
    table[b'"' as usize] = false;
    table[b'\\' as usize] = false;
    table
};

/// A string in quotes; a byte that is not part of UTF-8 becomes U+FFFD.
pub(crate) fn write_string(out: &mut Vec<u8>, bytes: &[u8], escape_html: bool) {
    out.push(b'"');
    for chunk in bytes.utf8_chunks() {
        write_text(out, chunk.valid(), escape_html);
        for _ in chunk.invalid() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    out.push(b'"');
}

fn write_text(out: &mut Vec<u8>, text: &str, escape_html: bool) {
    let bytes = text.as_bytes();
    let mut start = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let html = escape_html && matches!(byte, b'<' | b'>' | b'&');
        if PLAIN[usize::from(byte)] && !html {
            continue;
        }
        if byte >= 0x80 {
            // Only the line and paragraph separators are escaped: E2 80 A8 and A9.
            if byte == 0xe2 && bytes[at + 1] == 0x80 && matches!(bytes[at + 2], 0xa8 | 0xa9) {
                out.extend_from_slice(&bytes[start..at]);
                out.extend_from_slice(if bytes[at + 2] == 0xa8 { b"\\u2028" } else { b"\\u2029" });
                start = at + 3;
            }
            continue;
        }
        out.extend_from_slice(&bytes[start..at]);
        start = at + 1;
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&digits);
            }
        }
    }
    out.extend_from_slice(&bytes[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{List, ListType, MapType};

    fn json(value: &Value, options: Options) -> String {
        String::from_utf8(to_json(value, options).unwrap()).unwrap()
    }

    #[test]
    fn strings() {
        let html = Options { escape_html: true, indent: false };
        let text = Value::Str((&b"<a>&\"\\\n\x01\x7f\xff\xe2\x80\xa8\xc3\xa9"[..]).into());
        let want = "\"\\u003ca\\u003e\\u0026\\\"\\\\\\n\\u0001\u{7f}\u{fffd}\\u2028é\"";
        assert_eq!(json(&text, html), want);
        assert_eq!(json(&Value::str("<&>"), Options::default()), "\"<&>\"");
    }

    #[test]
    fn containers() {
        let map = Map::new();
        map.insert("b", Value::list(vec![Value::int(1), Value::Nil]));
        map.insert("a", Value::Map(Map::new()));
        map.insert("c", Value::List(List::nil(ListType::Interface)));
        map.insert("d", Value::Map(Map::nil(MapType::Interface)));
        map.insert("e", Value::Bytes((&b"hi"[..]).into()));
        map.insert("f", Value::list(vec![]));
        let value = Value::Map(map);
        assert_eq!(
            json(&value, Options::default()),
            r#"{"a":{},"b":[1,null],"c":null,"d":null,"e":"aGk=","f":[]}"#
        );
        let pretty = Options { indent: true, ..Options::default() };
        assert_eq!(
            json(&value, pretty),
            "{\n  \"a\": {},\n  \"b\": [\n    1,\n    null\n  ],\n  \"c\": null,\n  \"d\": null,\n  \
             \"e\": \"aGk=\",\n  \"f\": []\n}"
        );
    }

    #[test]
    fn cycles_and_nan() {
        let map = Map::new();
        map.insert("me", map.clone());
        let message = to_json(&Value::Map(map.clone()), Options::default()).unwrap_err();
        assert_eq!(
            message.message(),
            "json: unsupported value: encountered a cycle via map[string]interface {}"
        );
        map.remove("me");
        let message = to_json(&Value::Float(f64::NAN), Options::default()).unwrap_err();
        assert_eq!(message.message(), "json: unsupported value: NaN");
    }

    #[test]
    fn numbers() {
        for (value, want) in [
            (1e6, "1000000"),
            (-0.0, "-0"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1e-7, "1e-7"),
            (0.1, "0.1"),
            (1.5e300, "1.5e+300"),
            (123_456_789.5, "123456789.5"),
        ] {
            assert_eq!(float_text(value).unwrap(), want);
        }
        assert_eq!(int_text(-1, IntType::Uint64), "18446744073709551615");
    }
}
