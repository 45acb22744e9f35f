//! Reading JSON, with the sentences of Go's `encoding/json` (the one built on its version 2).

use std::sync::Arc;

use crate::diag::{Fault, FaultKind, Result};
use crate::doc::{Doc, DocMap, Node, Text};
use crate::golang::quote::{is_print, quote};
use crate::golang::unicode::is_space;
use crate::source::{SourceId, Span};
use crate::yaml::read::MAX_DEPTH;

/// Reads a whole JSON text.
pub fn parse(text: &[u8], source: SourceId) -> Result<Doc> {
    match parse_leniently(text, source)? {
        (doc, None) => Ok(doc),
        (_, Some(fault)) => Err(fault),
    }
}

/// Reads a whole JSON text; a number beyond float64 reads as 0 and is told of beside the tree,
/// as Go goes on after it.
pub fn parse_leniently(text: &[u8], source: SourceId) -> Result<(Doc, Option<Fault>)> {
    let mut reader = Reader { text, pos: 0, depth: 0, source, path: Vec::new(), overflow: None };
    reader.skip_space();
    let doc = reader.value()?;
    reader.skip_space();
    if reader.pos < text.len() {
        return Err(reader.unexpected("after top-level value"));
    }
    Ok((doc, reader.overflow))
}

/// Reads one value that begins at an offset, and tells where it ends; the rest is not looked at.
pub fn parse_prefix(text: &[u8], source: SourceId, start: usize) -> Result<(Doc, usize)> {
    let mut reader =
        Reader { text, pos: start, depth: 0, source, path: Vec::new(), overflow: None };
    reader.skip_space();
    let doc = reader.value()?;
    match reader.overflow {
        None => Ok((doc, reader.pos)),
        Some(fault) => Err(fault),
    }
}

/// What `json.Unmarshal` says when it should read a value into another Go type.
pub fn mismatch(doc: &Doc, go_type: &str) -> String {
    let kind = match doc.kind() {
        "boolean" => "bool",
        kind => kind,
    };
    format!("json: cannot unmarshal {kind} into Go value of type {go_type}")
}

/// A key as part of a JSON pointer.
pub(crate) fn escape_pointer(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A place in a JSON text in Go's words: `Go struct field .a.b`, or `.a.0` when the last part
/// looks like an index.
pub(crate) fn go_place(steps: &[String]) -> String {
    if steps.is_empty() {
        return "Go value".to_owned();
    }
    let path = steps.join(".");
    let last = path.rsplit('.').next().unwrap_or_default();
    let is_index = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    format!("{}.{path}", if is_index { "" } else { "Go struct field " })
}

enum Step {
    Key(Arc<str>),
    Index(usize),
}

struct Reader<'t> {
    text: &'t [u8],
    pos: usize,
    depth: usize,
    source: SourceId,
    /// The way to the present value, for the sentence about numbers out of range.
    path: Vec<Step>,
    overflow: Option<Fault>,
}

/// The first character of some bytes, as Go decodes it: one byte when it is not UTF-8.
fn first_char(bytes: &[u8]) -> (Option<char>, usize) {
    let head = &bytes[..bytes.len().min(4)];
    match head.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()) {
        Some(found) => (Some(found), found.len_utf8()),
        None => (None, 1),
    }
}

/// A character as `strconv.QuoteRune` writes it, or a byte that is none.
fn quote_char(bytes: &[u8]) -> String {
    let (found, width) = first_char(bytes);
    if found.is_none() {
        return format!("'\\x{:x}'", bytes[0]);
    }
    let quoted = quote(&bytes[..width]);
    let inner = &quoted[1..quoted.len() - 1];
    match inner {
        "'" => "'\\''".to_owned(),
        "\\\"" => "'\"'".to_owned(),
        _ => format!("'{inner}'"),
    }
}

impl Reader<'_> {
    fn byte(&self) -> Option<u8> {
        self.text.get(self.pos).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.pos += 1;
        }
    }

    fn fault(&self, message: String) -> Fault {
        let place = Span::new(self.source, self.pos, self.pos);
        Fault::new(FaultKind::Values, message).at(place)
    }

    fn end(&self) -> Fault {
        self.fault("unexpected end of JSON input".to_owned())
    }

    fn unexpected(&self, place: &str) -> Fault {
        match self.text.get(self.pos..) {
            None | Some([]) => self.end(),
            Some(rest) => self.fault(format!("invalid character {} {place}", quote_char(rest))),
        }
    }

    fn bad_escape(&self, start: usize, end: usize) -> Fault {
        let what = &self.text[start..end.min(self.text.len())];
        let odd = |c: char| c == '`' || c == '\u{fffd}' || is_space(c) || !is_print(c);
        let readable = std::str::from_utf8(what).ok().filter(|text| !text.contains(odd));
        let shown = match readable {
            Some(text) => format!("`{text}`"),
            None => quote(what),
        };
        self.fault(format!("invalid escape sequence {shown} in string"))
    }

    fn value(&mut self) -> Result<Doc> {
        let start = self.pos;
        let node = match self.byte() {
            None => return Err(self.end()),
            Some(b'n') => self.literal("null", Node::Null)?,
            Some(b't') => self.literal("true", Node::Bool(true))?,
            Some(b'f') => self.literal("false", Node::Bool(false))?,
            Some(b'"') => Node::Str(Text::from(self.string()?)),
            Some(b'[') => self.nested(Self::list)?,
            Some(b'{') => self.nested(Self::map)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => return Err(self.unexpected("looking for beginning of value")),
        };
        Ok(Doc::new(node, Span::new(self.source, start, self.pos)))
    }

    fn literal(&mut self, word: &str, node: Node) -> Result<Node> {
        for &expected in word.as_bytes() {
            match self.byte() {
                Some(byte) if byte == expected => self.pos += 1,
                _ => {
                    let expected = char::from(expected);
                    let place = format!("in literal {word} (expecting '{expected}')");
                    return Err(self.unexpected(&place));
                }
            }
        }
        Ok(node)
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Node>) -> Result<Node> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault("exceeded max depth".into()).with_kind(FaultKind::Limit));
        }
        self.pos += 1;
        self.skip_space();
        let node = read(self)?;
        self.depth -= 1;
        Ok(node)
    }

    fn list(&mut self) -> Result<Node> {
        let mut items = Vec::new();
        if self.byte() == Some(b']') {
            self.pos += 1;
            return Ok(Node::List(Arc::new(items)));
        }
        loop {
            self.path.push(Step::Index(items.len()));
            items.push(self.value()?);
            self.path.pop();
            self.skip_space();
            match self.byte() {
                Some(b',') => self.pos += 1,
                Some(b']') => break,
                _ => return Err(self.unexpected("after array element")),
            }
            self.skip_space();
        }
        self.pos += 1;
        Ok(Node::List(Arc::new(items)))
    }

    fn map(&mut self) -> Result<Node> {
        let mut map = DocMap::default();
        if self.byte() == Some(b'}') {
            self.pos += 1;
            return Ok(Node::Map(Arc::new(map)));
        }
        loop {
            if self.byte() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let key: Arc<str> = Arc::from(self.string()?);
            self.skip_space();
            if self.byte() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.pos += 1;
            self.skip_space();
            self.path.push(Step::Key(Arc::clone(&key)));
            let value = self.value()?;
            self.path.pop();
            map.insert(key, value);
            self.skip_space();
            match self.byte() {
                Some(b',') => self.pos += 1,
                Some(b'}') => break,
                _ => return Err(self.unexpected("after object key:value pair")),
            }
            self.skip_space();
        }
        self.pos += 1;
        Ok(Node::Map(Arc::new(map)))
    }

    fn digits(&mut self) -> Result<()> {
        if !matches!(self.byte(), Some(b'0'..=b'9')) {
            return Err(self.unexpected("in numeric literal"));
        }
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.pos += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Node> {
        let start = self.pos;
        if self.byte() == Some(b'-') {
            self.pos += 1;
        }
        if self.byte() == Some(b'0') {
            self.pos += 1;
        } else {
            self.digits()?;
        }
        let mut whole = true;
        if self.byte() == Some(b'.') {
            whole = false;
            self.pos += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            whole = false;
            self.pos += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.pos += 1;
            }
            self.digits()?;
        }
        let text = std::str::from_utf8(&self.text[start..self.pos]).expect("digits are ASCII");
        if whole
            && text != "-0"
            && let Ok(value) = text.parse()
        {
            return Ok(Node::Int(value));
        }
        let value: f64 = text.parse().expect("a JSON number is a Rust number");
        if value.is_finite() {
            return Ok(Node::Float(value));
        }
        if self.overflow.is_none() {
            let message = format!(
                "json: cannot unmarshal number {text} into {} of type float64",
                self.place()
            );
            self.overflow = Some(self.fault(message));
        }
        Ok(Node::Float(0.0))
    }

    /// The place of the present value in Go's words.
    fn place(&self) -> String {
        let steps = self.path.iter().map(|step| match step {
            Step::Key(key) => escape_pointer(key),
            Step::Index(index) => index.to_string(),
        });
        go_place(&steps.collect::<Vec<_>>())
    }

    /// A string, its quotes included in what is consumed. Bytes that are not UTF-8 and halves
    /// of surrogate pairs read as U+FFFD.
    fn string(&mut self) -> Result<String> {
        self.pos += 1;
        let mut out = String::new();
        loop {
            let start = self.pos;
            while let Some(byte) = self.byte() {
                if byte < 0x20 || byte == b'"' || byte == b'\\' {
                    break;
                }
                self.pos += 1;
            }
            for chunk in self.text[start..self.pos].utf8_chunks() {
                out.push_str(chunk.valid());
                out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
            }
            match self.byte() {
                None => return Err(self.end()),
                Some(b'"') => {
                    self.pos += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(_) => return Err(self.unexpected("in string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        let start = self.pos;
        let Some(&kind) = self.text.get(start + 1) else { return Err(self.end()) };
        let plain = match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(start),
            _ => return Err(self.bad_escape(start, start + 2)),
        };
        self.pos += 2;
        Ok(plain)
    }

    fn hex(&self, start: usize) -> Option<u32> {
        let digits = self.text.get(start + 2..start + 6)?;
        digits
            .iter()
            .try_fold(0, |value, &digit| Some(value << 4 | char::from(digit).to_digit(16)?))
    }

    fn unicode_escape(&mut self, start: usize) -> Result<char> {
        let Some(first) = self.hex(start) else {
            let rest = &self.text[start..];
            let cut_short = rest.len() < 6 && rest[2..].iter().all(u8::is_ascii_hexdigit);
            return Err(if cut_short { self.end() } else { self.bad_escape(start, start + 6) });
        };
        self.pos = start + 6;
        if (0xd800..0xdc00).contains(&first)
            && self.text[self.pos..].starts_with(b"\\u")
            && let Some(second @ 0xdc00..0xe000) = self.hex(self.pos)
        {
            self.pos += 6;
            let value = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return Ok(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors() {
        for (text, want) in [
            (&b""[..], "unexpected end of JSON input"),
            (b"{a", "invalid character 'a' looking for beginning of object key string"),
            (b"[1,]", "invalid character ']' looking for beginning of value"),
            (b"[1 2]", "invalid character '2' after array element"),
            (b"{\"a\" 1}", "invalid character '1' after object key"),
            (b"{\"a\":1]", "invalid character ']' after object key:value pair"),
            (b"tru3", "invalid character '3' in literal true (expecting 'e')"),
            (b"nul", "unexpected end of JSON input"),
            (b"1 2", "invalid character '2' after top-level value"),
            (b"01", "invalid character '1' after top-level value"),
            (b"- 1", "invalid character ' ' in numeric literal"),
            (b"1e", "unexpected end of JSON input"),
            (b"'a'", "invalid character '\\'' looking for beginning of value"),
            (b"\xff", "invalid character '\\xff' looking for beginning of value"),
            (b"\"\\x\"", "invalid escape sequence `\\x` in string"),
            (b"\"\\u12\"", "invalid escape sequence `\\u12\"` in string"),
            (b"\"\\uD8", "unexpected end of JSON input"),
            (
                b"[1,{\"a\":1e999}]",
                "json: cannot unmarshal number 1e999 into Go struct field .1.a of type float64",
            ),
        ] {
            let fault = parse(text, SourceId::NONE).unwrap_err();
            assert_eq!(fault.message(), want, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn values() {
        let text =
            b" {\"a\": [1, -0, 1.5, \"\\ud83d\\ude00\\ud800x\xff\"], \"b\": 12345678901234567890} ";
        let doc = parse(text, SourceId::NONE).unwrap();
        let items = doc.get("a").unwrap().as_list().unwrap();
        assert!(matches!(items[0].node, Node::Int(1)));
        assert!(matches!(items[1].node, Node::Float(zero) if zero.is_sign_negative()));
        assert_eq!(items[3].as_str(), Some("\u{1f600}\u{fffd}x\u{fffd}"));
        assert!(matches!(doc.get("b").unwrap().node, Node::Float(_)));
        assert!(parse(&b"[".repeat(100_000), SourceId::NONE).is_err());
    }
}
