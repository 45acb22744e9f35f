//! JSON as a schema is written in it: numbers keep their text and their exact value.

use std::collections::BTreeMap;

use crate::doc::{Doc, Node};
use crate::golang::quote::quote;

/// A JSON value.
#[derive(Clone, Debug)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

/// A number: as written, and exactly.
#[derive(Clone, Debug)]
pub(super) struct Number {
    /// The text in the schema; messages repeat it.
    pub(super) text: String,
    /// Its value.
    pub(super) value: Decimal,
}

impl Json {
    /// The member of an object.
    pub(super) fn get(&self, key: &str) -> Option<&Json> {
        self.as_object()?.get(key)
    }

    /// The object, if it is one.
    pub(super) fn as_object(&self) -> Option<&BTreeMap<String, Json>> {
        match self {
            Json::Object(map) => Some(map),
            _ => None,
        }
    }

    /// The array, if it is one.
    pub(super) fn as_array(&self) -> Option<&[Json]> {
        match self {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub(super) fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Values as Helm hands them to the validator: numbers of YAML and JSON went through float64.
    pub(super) fn from_doc(doc: &Doc) -> Json {
        match &doc.node {
            Node::Null => Json::Null,
            Node::Bool(value) => Json::Bool(*value),
            Node::Int(value) => Json::Number(Number::from_float(*value as f64)),
            Node::Int64(value) => Json::Number(Number::parse(&value.to_string())),
            Node::Float(value) => Json::Number(Number::from_float(*value)),
            Node::Str(text) => Json::String(text.to_str_lossy().into_owned()),
            Node::List(items) => Json::Array(items.iter().map(Json::from_doc).collect()),
            Node::Map(map) => Json::Object(
                map.iter().map(|(key, item)| (key.to_string(), Json::from_doc(item))).collect(),
            ),
        }
    }

    /// Equality in the sense of JSON Schema: numbers by value.
    pub(super) fn equals(&self, other: &Json) -> bool {
        match (self, other) {
            (Json::Null, Json::Null) => true,
            (Json::Bool(a), Json::Bool(b)) => a == b,
            (Json::Number(a), Json::Number(b)) => a.value == b.value,
            (Json::String(a), Json::String(b)) => a == b,
            (Json::Array(a), Json::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b))
            }
            (Json::Object(a), Json::Object(b)) => {
                a.len() == b.len()
                    && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| a.equals(b)))
            }
            _ => false,
        }
    }
}

impl Number {
    fn from_float(value: f64) -> Self {
        // Shortest digits that read back exactly, as Go prints them before it compares.
        Number::parse(&format!("{value:e}"))
    }

    fn parse(text: &str) -> Self {
        Number { text: text.to_owned(), value: Decimal::parse(text) }
    }
}

/// An exact decimal number: digits without zeros at either end, times a power of ten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    is_negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    fn parse(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let mut exponent: i64 =
            exponent.parse().unwrap_or(if exponent.starts_with('-') { -1 << 40 } else { 1 << 40 });
        let (is_negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|b| b - b'0').collect();
        exponent -= fraction.len() as i64;
        while digits.last() == Some(&0) {
            digits.pop();
            exponent += 1;
        }
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        digits.drain(..zeros);
        if digits.is_empty() {
            return Decimal { is_negative: false, digits, exponent: 0 };
        }
        Decimal { is_negative, digits, exponent }
    }

    /// Whether there is nothing behind the point.
    pub(super) fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// The nearest float.
    pub(super) fn to_f64(&self) -> f64 {
        let digits: String = self.digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        let sign = if self.is_negative { "-" } else { "" };
        format!("{sign}{digits}0e{}", self.exponent - 1).parse().unwrap_or(0.0)
    }

    /// The value as a count, when it is a whole number.
    pub(super) fn to_i64(&self) -> Option<i64> {
        self.is_integer().then(|| self.to_f64() as i64)
    }

    /// Whether this is a whole number of times `step`.
    pub(super) fn is_multiple_of(&self, step: &Decimal) -> bool {
        let number = |digits: &[u8]| {
            digits
                .iter()
                .try_fold(0u128, |sum, digit| sum.checked_mul(10)?.checked_add(u128::from(*digit)))
        };
        if self.digits.is_empty() {
            return true;
        }
        let (Some(mut rest), Some(mut modulus)) = (number(&self.digits), number(&step.digits))
        else {
            let quotient = self.to_f64() / step.to_f64();
            return quotient.fract() == 0.0;
        };
        if modulus == 0 {
            return false;
        }
        let shift = self.exponent - step.exponent;
        if shift >= 0 {
            rest %= modulus;
            for _ in 0..shift.min(4096) {
                // Small enough in practice; a modulus this large has no room for another digit.
                let Some(next) = rest.checked_mul(10) else { return false };
                rest = next % modulus;
                if rest == 0 {
                    return true;
                }
            }
            return rest == 0;
        }
        for _ in 0..-shift {
            match modulus.checked_mul(10) {
                Some(next) if next <= rest => modulus = next,
                _ => return false,
            }
        }
        rest % modulus == 0
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let sign = |number: &Decimal| match (number.digits.is_empty(), number.is_negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let magnitude = |number: &Decimal| number.digits.len() as i64 + number.exponent;
        let size =
            magnitude(self).cmp(&magnitude(other)).then_with(|| self.digits.cmp(&other.digits));
        match (sign(self), sign(other)) {
            (1, 1) => size,
            (-1, -1) => size.reverse(),
            (a, b) => a.cmp(&b),
        }
    }
}

/// Reads one JSON text, with the complaints of Go's decoder.
pub(super) fn parse(text: &[u8]) -> Result<Json, String> {
    let mut parser = Parser { text, at: 0 };
    parser.skip_space();
    if parser.at == text.len() {
        return Err("EOF".into());
    }
    let value = parser.value(0)?;
    parser.skip_space();
    if parser.at < text.len() {
        return Err("invalid character after top-level value".into());
    }
    Ok(value)
}

/// As deep as Go's decoder goes.
const MAX_DEPTH: usize = 1000;

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The complaint about the character here, or about the early end.
    fn unexpected<T>(&self, context: &str) -> Result<T, String> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return Err("unexpected EOF".into());
        }
        let head = &rest[..rest.len().min(4)];
        let shown = match String::from_utf8_lossy(head).chars().next() {
            Some('\'') => "'\\''".to_owned(),
            Some('"') => "'\"'".to_owned(),
            Some(c) => {
                let quoted = quote(c.to_string().as_bytes());
                format!("'{}'", &quoted[1..quoted.len() - 1])
            }
            None => String::new(),
        };
        Err(format!("invalid character {shown} {context}"))
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > MAX_DEPTH {
            return Err("exceeded max depth".into());
        }
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Json::String(self.string()?)),
            Some(b't') => self.literal("true", Json::Bool(true)),
            Some(b'f') => self.literal("false", Json::Bool(false)),
            Some(b'n') => self.literal("null", Json::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.unexpected("looking for beginning of value"),
        }
    }

    fn literal(&mut self, word: &str, value: Json) -> Result<Json, String> {
        for wanted in word.bytes() {
            if self.peek() != Some(wanted) {
                let context = format!("in literal {word} (expecting '{}')", char::from(wanted));
                return self.unexpected(&context);
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn object(&mut self, depth: usize) -> Result<Json, String> {
        self.at += 1;
        let mut map = BTreeMap::new();
        loop {
            self.skip_space();
            match self.peek() {
                Some(b'"') => {}
                Some(b'}') if map.is_empty() => break,
                _ => return self.unexpected("looking for beginning of object key string"),
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return self.unexpected("after object key");
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            map.insert(key, value);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return self.unexpected("after object key:value pair"),
            }
        }
        self.at += 1;
        Ok(Json::Object(map))
    }

    fn array(&mut self, depth: usize) -> Result<Json, String> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return self.unexpected("after array element"),
            }
        }
        self.at += 1;
        Ok(Json::Array(items))
    }

    fn number(&mut self) -> Result<Json, String> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let text = String::from_utf8_lossy(&self.text[start..self.at]);
        Ok(Json::Number(Number::parse(&text)))
    }

    fn digits(&mut self) -> Result<(), String> {
        if !self.peek().is_some_and(|b| b.is_ascii_digit()) {
            return self.unexpected("in numeric literal");
        }
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut bytes = Vec::new();
        loop {
            match self.peek() {
                None => return Err("unexpected EOF".into()),
                Some(b'"') => break,
                Some(0..=0x1f) => return self.unexpected("in string"),
                Some(b'\\') => {
                    let c = self.escape()?;
                    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Some(byte) => {
                    bytes.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn escape(&mut self) -> Result<char, String> {
        let start = self.at;
        let invalid = |parser: &Self, len: usize| {
            let end = parser.text.len().min(start + len);
            if end < start + len {
                return "unexpected EOF".to_owned();
            }
            let shown = String::from_utf8_lossy(&parser.text[start..end]);
            format!("invalid escape sequence `{shown}` in string")
        };
        self.at += 2;
        let c = match self.text.get(start + 1) {
            None => return Err("unexpected EOF".into()),
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let Some(unit) = self.hex(start + 2) else { return Err(invalid(self, 6)) };
                self.at = start + 6;
                if !(0xd800..0xdc00).contains(&unit) {
                    return Ok(char::from_u32(unit).unwrap_or('\u{fffd}'));
                }
                let low = (self.text.get(self.at..self.at + 2) == Some(b"\\u"))
                    .then(|| self.hex(self.at + 2))
                    .flatten()
                    .filter(|low| (0xdc00..0xe000).contains(low));
                let Some(low) = low else { return Ok('\u{fffd}') };
                self.at += 6;
                let whole = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(whole).unwrap_or('\u{fffd}'));
            }
            Some(_) => return Err(invalid(self, 2)),
        };
        Ok(c)
    }

    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 4)?;
        digits.iter().try_fold(0, |sum, b| Some(sum * 16 + char::from(*b).to_digit(16)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complains_as_go() {
        let cases = [
            ("", "EOF"),
            ("{", "unexpected EOF"),
            ("{} {}", "invalid character after top-level value"),
            ("{\"a\":}", "invalid character '}' looking for beginning of value"),
            ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
            ("{'a':1}", "invalid character '\\'' looking for beginning of object key string"),
            ("{\"a\":tru}", "invalid character '}' in literal true (expecting 'e')"),
            ("{\"a\":01}", "invalid character '1' after object key:value pair"),
            ("{\"a\":\"\x01\"}", "invalid character '\\x01' in string"),
            ("{\"a\":\"\\x\"}", "invalid escape sequence `\\x` in string"),
            ("{\"a\":\"\\u12\"}", "invalid escape sequence `\\u12\"}` in string"),
            ("{\"a\":1e}", "invalid character '}' in numeric literal"),
            ("[1 2]", "invalid character '2' after array element"),
            ("1.", "unexpected EOF"),
        ];
        for (text, want) in cases {
            assert_eq!(parse(text.as_bytes()).expect_err(text), want);
        }
    }

    #[test]
    fn counts_exactly() {
        let multiple = |a: &str, b: &str| Decimal::parse(a).is_multiple_of(&Decimal::parse(b));
        assert!(multiple("0.3", "0.1"));
        assert!(multiple("1e300", "0.1"));
        assert!(!multiple("0.35", "0.1"));
        assert!(!multiple("7", "2"));
        assert!(multiple("-8", "2"));
        assert!(!multiple("1.5", "7e22"));
        assert!(Decimal::parse("-1e3") < Decimal::parse("0.1"));
        assert!(Decimal::parse("1.50") == Decimal::parse("15e-1"));
        assert!(Decimal::parse("9.99") < Decimal::parse("10"));
    }
}
