//! Literals of the template language: numbers, characters and quoted strings.
//!
//! Follows Go's `strconv` on what it is to accept: base prefixes, underscores, hexadecimal
//! floats, escapes. Blind to the lexer and the tree.

use std::borrow::Cow;

/// A numeric constant with every type it can take.
///
/// Which one it takes is decided by the parameter it is passed to, or by [`Number::ideal`].
#[derive(Debug)]
pub(super) struct Number {
    /// As written.
    pub(super) text: Box<str>,
    /// Its value where an integer is wanted.
    pub(super) int: Option<i64>,
    /// Its value where a float is wanted.
    pub(super) float: Option<f64>,
    /// Its type where anything will do.
    pub(super) ideal: Ideal,
}

/// The type that a numeric constant has when its context does not ask for one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Ideal {
    /// `int`
    Int(i64),
    /// `float64`
    Float(f64),
    /// `complex128`
    Complex(f64, f64),
    /// An unsigned number that no `int` holds.
    Overflow,
}

/// How a number was written, which decides how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `'a'`
    Char,
    /// `1+2i`
    Complex,
    /// Everything else.
    Plain,
}

/// Go's `strconv.ErrSyntax`.
const SYNTAX: &str = "invalid syntax";

impl Number {
    /// Reads a numeric constant; the error is Go's text.
    pub(super) fn parse(text: &[u8], form: Form) -> Result<Number, String> {
        let shown: Box<str> = String::from_utf8_lossy(text).into();
        match form {
            Form::Char => {
                let value = i64::from(character(text)?);
                let float = Some(value as f64);
                return Ok(Number {
                    text: shown,
                    int: Some(value),
                    float,
                    ideal: Ideal::Int(value),
                });
            }
            Form::Complex => {
                let (re, im) = complex(&shown)?;
                return Ok(Self::from_complex(shown, re, im));
            }
            Form::Plain => {}
        }
        if let Some(imaginary) = shown.strip_suffix('i')
            && let Some(im) = parse_float(imaginary)
        {
            return Ok(Self::from_complex(shown, 0.0, im));
        }
        if let Some(int) = parse_int(&shown) {
            return Ok(Number {
                int: Some(int),
                float: Some(int as f64),
                ideal: if has_float_mark(&shown) && !is_hex(&shown) {
                    Ideal::Float(int as f64)
                } else {
                    Ideal::Int(int)
                },
                text: shown,
            });
        }
        if let Some(uint) = parse_uint(&shown) {
            let float = Some(uint as f64);
            return Ok(Number { text: shown, int: None, float, ideal: Ideal::Overflow });
        }
        let quoted = || crate::golang::quote::quote(text);
        let Some(float) = parse_float(&shown) else {
            return Err(format!("illegal number syntax: {}", quoted()));
        };
        if !has_float_mark(&shown) {
            return Err(format!("integer overflow: {}", quoted()));
        }
        Ok(Number {
            text: shown,
            int: whole(float),
            float: Some(float),
            ideal: Ideal::Float(float),
        })
    }

    fn from_complex(text: Box<str>, re: f64, im: f64) -> Number {
        let float = (im == 0.0).then_some(re);
        Number { text, int: float.and_then(whole), float, ideal: Ideal::Complex(re, im) }
    }
}

fn has_float_mark(text: &str) -> bool {
    text.contains(['.', 'e', 'E', 'p', 'P'])
}

fn is_hex(text: &str) -> bool {
    (text.starts_with("0x") || text.starts_with("0X")) && !text.contains(['p', 'P'])
}

/// The integer that a float is, if it is one in range.
fn whole(value: f64) -> Option<i64> {
    let limit = 9_223_372_036_854_775_808.0;
    (value.fract() == 0.0 && value >= -limit && value < limit).then_some(value as i64)
}

fn split_base(text: &str) -> (u32, &str) {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'0') {
        return (10, text);
    }
    match bytes.get(1) {
        Some(b'x' | b'X') if bytes.len() > 2 => (16, &text[2..]),
        Some(b'o' | b'O') if bytes.len() > 2 => (8, &text[2..]),
        Some(b'b' | b'B') if bytes.len() > 2 => (2, &text[2..]),
        _ => (8, &text[1..]),
    }
}

/// `strconv.ParseUint(text, 0, 64)`.
fn parse_uint(text: &str) -> Option<u64> {
    if text == "0" {
        return Some(0);
    }
    let (base, digits) = split_base(text);
    if digits.is_empty() || (digits.contains('_') && !underscores_ok(text)) {
        return None;
    }
    let mut value: u64 = 0;
    for digit in digits.chars().filter(|&c| c != '_') {
        let digit = digit.to_digit(base)?;
        value = value.checked_mul(u64::from(base))?.checked_add(u64::from(digit))?;
    }
    Some(value)
}

/// `strconv.ParseInt(text, 0, 64)`.
fn parse_int(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let value = parse_uint(digits)?;
    if negative { 0i64.checked_sub_unsigned(value) } else { i64::try_from(value).ok() }
}

/// Whether underscores stand only between digits, or between a base prefix and a digit.
fn underscores_ok(text: &str) -> bool {
    #[derive(PartialEq)]
    enum Saw {
        Digit,
        Underscore,
        Other,
    }
    let text = text.strip_prefix(['+', '-']).unwrap_or(text).as_bytes();
    let mut saw = Saw::Other;
    let mut at = 0;
    let mut hex = false;
    if let [b'0', mark @ (b'b' | b'B' | b'o' | b'O' | b'x' | b'X'), ..] = text {
        (at, saw, hex) = (2, Saw::Digit, matches!(mark, b'x' | b'X'));
    }
    for &byte in &text[at..] {
        if byte.is_ascii_digit() || (hex && byte.is_ascii_hexdigit()) {
            saw = Saw::Digit;
        } else if byte == b'_' {
            if saw != Saw::Digit {
                return false;
            }
            saw = Saw::Underscore;
        } else if saw == Saw::Underscore {
            return false;
        } else {
            saw = Saw::Other;
        }
    }
    saw != Saw::Underscore
}

/// `strconv.ParseFloat(text, 64)` for texts that the lexer lets through.
fn parse_float(text: &str) -> Option<f64> {
    if text.contains('_') && !underscores_ok(text) {
        return None;
    }
    let text: String = text.chars().filter(|&c| c != '_').collect();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
    let value = if let [b'0', b'x' | b'X', ..] = unsigned.as_bytes() {
        hex_float(&unsigned[2..])?
    } else if unsigned.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
    {
        unsigned.parse().ok().filter(|value: &f64| value.is_finite())?
    } else {
        return None;
    };
    Some(if text.starts_with('-') { -value } else { value })
}

/// A hexadecimal float behind its `0x`; the exponent is required.
fn hex_float(text: &str) -> Option<f64> {
    let (digits, exponent) = text.split_once(['p', 'P'])?;
    // No digit beyond the fifth matters: the value is zero or out of range by then.
    let (sign, power) = match exponent.as_bytes() {
        [b'-', ..] => (-1, &exponent[1..]),
        [b'+', ..] => (1, &exponent[1..]),
        _ => (1, exponent),
    };
    if power.is_empty() || !power.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let power = power.trim_start_matches('0');
    let power = if power.len() > 5 { 99_999 } else { power.parse().unwrap_or(0) };
    let mut exponent: i32 = sign * power;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    // 60 bits are kept and the rest is folded into the lowest, which rounds as Go does.
    let mut mantissa: u64 = 0;
    for (index, digit) in whole.chars().chain(fraction.chars()).enumerate() {
        let digit = u64::from(digit.to_digit(16)?);
        if mantissa >> 56 == 0 {
            mantissa = mantissa << 4 | digit;
            exponent -= if index >= whole.len() { 4 } else { 0 };
        } else {
            mantissa |= u64::from(digit != 0);
            exponent += if index >= whole.len() { 0 } else { 4 };
        }
    }
    let mut value = mantissa as f64;
    while exponent > 0 && value.is_finite() && value != 0.0 {
        let step = exponent.min(1000);
        value *= 2f64.powi(step);
        exponent -= step;
    }
    while exponent < 0 && value != 0.0 {
        let step = exponent.max(-1000);
        value *= 2f64.powi(step);
        exponent -= step;
    }
    value.is_finite().then_some(value)
}

/// The parts of `re±imi`; the error is that of reading the part.
fn complex(text: &str) -> Result<(f64, f64), String> {
    let body = text.strip_suffix('i').unwrap_or(text);
    let bytes = body.as_bytes();
    let hex = body.contains(['x', 'X']);
    if !hex && body.contains(['o', 'O', 'b', 'B']) {
        return Err("syntax error scanning complex number".to_owned());
    }
    let is_split = |&at: &usize| {
        matches!(bytes[at], b'+' | b'-')
            && !matches!(bytes[at - 1], b'p' | b'P')
            && (hex || !matches!(bytes[at - 1], b'e' | b'E'))
    };
    let at = (1..bytes.len()).rev().find(is_split).unwrap_or(0);
    let part = |text: &str| {
        parse_float(text).ok_or_else(|| {
            let decimal = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
            let parsed = if decimal { text.parse::<f64>() } else { "".parse() };
            let why = if parsed.is_ok() { "value out of range" } else { SYNTAX };
            let quoted = crate::golang::quote::quote(text.as_bytes());
            format!("strconv.ParseFloat: parsing {quoted}: {why}")
        })
    };
    Ok((part(&body[..at])?, part(&body[at..])?))
}

/// The code point of a character constant, quotes included.
fn character(text: &[u8]) -> Result<u32, String> {
    let (unit, rest) = unquote_unit(&text[1..], b'\'').ok_or(SYNTAX)?;
    if rest != b"'" {
        return Err(format!("malformed character constant: {}", String::from_utf8_lossy(text)));
    }
    Ok(match unit {
        Unit::Byte(byte) => u32::from(byte),
        Unit::Rune(rune) => u32::from(rune),
    })
}

enum Unit {
    Byte(u8),
    Rune(char),
}

/// Decodes the first character of UTF-8; U+FFFD and one byte for anything else.
pub(super) fn decode(bytes: &[u8]) -> Option<(char, usize)> {
    let first = *bytes.first()?;
    let width = match first {
        0..=0x7f => return Some((char::from(first), 1)),
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Some((char::REPLACEMENT_CHARACTER, 1)),
    };
    let decoded = bytes.get(..width).and_then(|bytes| std::str::from_utf8(bytes).ok());
    Some(match decoded.and_then(|text| text.chars().next()) {
        Some(c) => (c, width),
        None => (char::REPLACEMENT_CHARACTER, 1),
    })
}

/// One character or escape of a quoted text, and what follows it; none for bad syntax.
fn unquote_unit(text: &[u8], quote: u8) -> Option<(Unit, &[u8])> {
    let first = *text.first()?;
    if first == quote {
        return None;
    }
    if first >= 0x80 {
        let (c, width) = decode(text)?;
        return Some((Unit::Rune(c), &text[width..]));
    }
    if first != b'\\' {
        return Some((Unit::Byte(first), &text[1..]));
    }
    let (&escape, rest) = text[1..].split_first()?;
    let hex = |digits: usize| -> Option<(u32, &[u8])> {
        let text = std::str::from_utf8(rest.get(..digits)?).ok()?;
        let plain = text.bytes().all(|b| b.is_ascii_hexdigit());
        Some((u32::from_str_radix(text, 16).ok().filter(|_| plain)?, &rest[digits..]))
    };
    let simple = |byte: u8| Some((Unit::Byte(byte), rest));
    match escape {
        b'a' => simple(7),
        b'b' => simple(8),
        b'f' => simple(12),
        b'n' => simple(b'\n'),
        b'r' => simple(b'\r'),
        b't' => simple(b'\t'),
        b'v' => simple(11),
        b'\\' => simple(b'\\'),
        b'\'' | b'"' if escape == quote => simple(escape),
        b'x' => hex(2).map(|(value, rest)| (Unit::Byte(value as u8), rest)),
        b'u' | b'U' => {
            let (value, rest) = hex(if escape == b'u' { 4 } else { 8 })?;
            Some((Unit::Rune(char::from_u32(value)?), rest))
        }
        b'0'..=b'7' => {
            let digits = text.get(1..4)?;
            let mut value: u32 = 0;
            for digit in digits {
                value = value * 8 + char::from(*digit).to_digit(8)?;
            }
            Some((Unit::Byte(u8::try_from(value).ok()?), &text[4..]))
        }
        _ => None,
    }
}

/// `strconv.Unquote` of a double-quoted or raw string, quotes included; borrowed when it is just
/// what stands between the quotes.
pub(super) fn unquote(text: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    let inner = &text[1..text.len() - 1];
    if text[0] == b'`' {
        // A raw string loses its carriage returns, whatever the file's line ends.
        if memchr::memchr(b'\r', inner).is_none() {
            return Ok(Cow::Borrowed(inner));
        }
        return Ok(inner.iter().copied().filter(|&b| b != b'\r').collect());
    }
    if memchr::memchr(b'\\', inner).is_none() && std::str::from_utf8(inner).is_ok() {
        return Ok(Cow::Borrowed(inner));
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while !rest.is_empty() {
        let (unit, after) = unquote_unit(rest, b'"').ok_or(SYNTAX)?;
        match unit {
            Unit::Byte(byte) => out.push(byte),
            Unit::Rune(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = after;
    }
    Ok(Cow::Owned(out))
}

#[cfg(test)]
mod tests {

    use super::*;

    fn ideal(text: &str) -> Result<Ideal, String> {
        let form = if text.starts_with('\'') { Form::Char } else { Form::Plain };
        Number::parse(text.as_bytes(), form).map(|number| number.ideal)
    }

    #[test]
    fn numbers_as_go_reads_them() {
        for (text, want) in [
            ("0", Ideal::Int(0)),
            ("-0", Ideal::Int(0)),
            ("017", Ideal::Int(15)),
            ("0o17", Ideal::Int(15)),
            ("0b11", Ideal::Int(3)),
            ("0x1E", Ideal::Int(30)),
            ("1_000", Ideal::Int(1000)),
            ("0x_1", Ideal::Int(1)),
            ("1e3", Ideal::Float(1000.0)),
            ("-1.5", Ideal::Float(-1.5)),
            (".5", Ideal::Float(0.5)),
            ("5.", Ideal::Float(5.0)),
            ("0x1p4", Ideal::Float(16.0)),
            ("0x.8p0", Ideal::Float(0.5)),
            ("1_0.5", Ideal::Float(10.5)),
            ("1i", Ideal::Complex(0.0, 1.0)),
            ("'a'", Ideal::Int(97)),
            ("'\\n'", Ideal::Int(10)),
            ("'é'", Ideal::Int(233)),
            ("18446744073709551615", Ideal::Overflow),
            ("-9223372036854775808", Ideal::Int(i64::MIN)),
        ] {
            assert_eq!(ideal(text), Ok(want), "{text}");
        }
    }

    #[test]
    fn refused_numbers() {
        for (text, want) in [
            ("08", "integer overflow: \"08\""),
            ("1e400", "illegal number syntax: \"1e400\""),
            ("1__0", "illegal number syntax: \"1__0\""),
            ("0x", "illegal number syntax: \"0x\""),
            (".", "illegal number syntax: \".\""),
            ("''", "invalid syntax"),
            ("'ab'", "malformed character constant: 'ab'"),
        ] {
            assert_eq!(ideal(text), Err(want.to_owned()), "{text}");
        }
    }

    #[test]
    fn quoted_strings() {
        assert_eq!(unquote(br#""a\x41\102\u00e9\"""#), Ok("aAB\u{e9}\"".as_bytes().into()));
        assert_eq!(unquote(br#""\xff""#), Ok(vec![0xff].into()));
        assert_eq!(unquote(b"`a\r\n`"), Ok(b"a\n"[..].into()));
        for bad in [br#""\'""#.as_slice(), br#""\ud800""#, br#""\400""#, br#""\q""#] {
            assert_eq!(unquote(bad), Err("invalid syntax".to_owned()));
        }
    }
}
