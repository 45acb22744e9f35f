//! What a scalar without quotes means: the rules of YAML 1.1 as go-yaml v2 applies them.

use std::borrow::Cow;

use base64::Engine as _;

use super::events::CORE_TAG;

/// What a scalar means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar<'t> {
    Null,
    Bool(bool),
    Int(i64),
    /// A whole number beyond `i64`.
    Uint(u64),
    Float(f64),
    /// A date or time, which stays a text.
    Timestamp,
    Str(Cow<'t, str>),
}

impl Scalar<'_> {
    fn short_tag(&self) -> &'static str {
        match self {
            Scalar::Null => "!!null",
            Scalar::Bool(_) => "!!bool",
            Scalar::Int(_) | Scalar::Uint(_) => "!!int",
            Scalar::Float(_) => "!!float",
            Scalar::Timestamp => "!!timestamp",
            Scalar::Str(_) => "!!str",
        }
    }
}

/// The meaning of a text by itself; none when it is just a text.
pub(crate) fn resolve_plain(text: &str) -> Option<Scalar<'static>> {
    resolve_hinted(text, true)
}

fn resolve_hinted(text: &str, timestamps: bool) -> Option<Scalar<'static>> {
    let Some(&first) = text.as_bytes().first() else { return Some(Scalar::Null) };
    match first {
        b'0'..=b'9' | b'+' | b'-' => {
            resolve_word(text).or_else(|| resolve_number(text, timestamps))
        }
        b'.' => resolve_word(text).or_else(|| resolve_fraction(text)),
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => {
            resolve_word(text)
        }
        _ => None,
    }
}

fn resolve_word(text: &str) -> Option<Scalar<'static>> {
    if text.len() > 5 {
        return None;
    }
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

/// Whether every underscore stands between two digits.
fn has_fair_underscores(text: &str) -> bool {
    let bytes = text.as_bytes();
    (0..bytes.len()).filter(|&at| bytes[at] == b'_').all(|at| {
        at > 0
            && bytes[at - 1].is_ascii_digit()
            && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
    })
}

fn without_underscores(text: &str) -> Cow<'_, str> {
    if text.contains('_') { text.replace('_', "").into() } else { text.into() }
}

/// A text that starts with a point.
fn resolve_fraction(text: &str) -> Option<Scalar<'static>> {
    if !has_fair_underscores(text) {
        return None;
    }
    finite(&without_underscores(text))
}

fn finite(text: &str) -> Option<Scalar<'static>> {
    if !text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E')) {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite()).map(Scalar::Float)
}

/// Digits of a Go integer literal without its sign: a base prefix, or octal behind a zero.
fn radix(digits: &str) -> (&str, u32) {
    let bytes = digits.as_bytes();
    if bytes.len() >= 3 && bytes[0] == b'0' {
        match bytes[1] {
            b'x' | b'X' => return (&digits[2..], 16),
            b'o' | b'O' => return (&digits[2..], 8),
            b'b' | b'B' => return (&digits[2..], 2),
            _ => {}
        }
    }
    if bytes.len() > 1 && bytes[0] == b'0' { (&digits[1..], 8) } else { (digits, 10) }
}

fn parse_signed(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let magnitude = i128::from(parse_unsigned(digits)?);
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

fn parse_unsigned(text: &str) -> Option<u64> {
    let (digits, radix) = radix(text);
    // Rust's parser would take a second sign.
    if !digits.as_bytes().first()?.is_ascii_alphanumeric() {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}

/// The shape `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`.
fn looks_like_float(text: &str) -> bool {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction),
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    mantissa_fits && exponent_fits
}

fn resolve_number(text: &str, timestamps: bool) -> Option<Scalar<'static>> {
    if timestamps && is_timestamp(text) {
        return Some(Scalar::Timestamp);
    }
    let plain = without_underscores(text);
    if let Some(value) = parse_signed(&plain) {
        return Some(Scalar::Int(value));
    }
    if let Some(value) = parse_unsigned(&plain) {
        return Some(Scalar::Uint(value));
    }
    if looks_like_float(&plain)
        && let Some(value) = finite(&plain)
    {
        return Some(value);
    }
    // A sign behind the prefix is what is left to the second look at binary numbers.
    let digits = plain.strip_prefix("0b")?;
    i64::from_str_radix(digits, 2).ok().map(Scalar::Int)
}

fn number(text: &mut &str) -> Option<u32> {
    let width = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let value = text[..width].parse().ok()?;
    *text = &text[width..];
    Some(value)
}

fn expect(text: &mut &str, separator: &[char]) -> Option<char> {
    let found = text.chars().next().filter(|found| separator.contains(found))?;
    *text = &text[found.len_utf8()..];
    Some(found)
}

/// Whether go-yaml takes a text for a date, with or without a time.
pub(crate) fn is_timestamp(text: &str) -> bool {
    timestamp(text).is_some()
}

fn timestamp(text: &str) -> Option<()> {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let year: u32 = text[..4].parse().ok()?;
    let mut rest = &text[5..];
    let month = number(&mut rest)?;
    expect(&mut rest, &['-'])?;
    let day = number(&mut rest)?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return None,
    };
    if !(1..=days).contains(&day) {
        return None;
    }
    if rest.is_empty() {
        return Some(());
    }
    let separator = expect(&mut rest, &['T', 't', ' '])?;
    let hour = number(&mut rest)?;
    expect(&mut rest, &[':'])?;
    let minute = number(&mut rest)?;
    expect(&mut rest, &[':'])?;
    let second = number(&mut rest)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    if rest.starts_with(['.', ',']) {
        let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            rest = &rest[1 + digits..];
        }
    }
    if separator == ' ' {
        return rest.is_empty().then_some(());
    }
    if rest == "Z" {
        return Some(());
    }
    expect(&mut rest, &['+', '-'])?;
    let bytes = rest.as_bytes();
    if bytes.len() != 5 || bytes[2] != b':' {
        return None;
    }
    let hours = number(&mut rest)?;
    expect(&mut rest, &[':'])?;
    let minutes = number(&mut rest)?;
    (rest.is_empty() && hours <= 24 && minutes <= 60).then_some(())
}

/// The meaning of a scalar with a tag (written out in full).
pub(crate) fn resolve_tagged<'t>(tag: &str, text: Cow<'t, str>) -> Result<Scalar<'t>, String> {
    let Some(kind) = tag.strip_prefix(CORE_TAG) else { return Ok(Scalar::Str(text)) };
    if kind == "binary" {
        let packed: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(packed)
            .map_err(|_| "!!binary value contains invalid base64 data".to_owned())?;
        let text = crate::value::Str::from(bytes).to_str_lossy().into_owned();
        return Ok(Scalar::Str(text.into()));
    }
    if !matches!(kind, "bool" | "int" | "float" | "null" | "timestamp") {
        return Ok(Scalar::Str(text));
    }
    let meaning =
        resolve_hinted(&text, kind == "timestamp").unwrap_or_else(|| Scalar::Str(text.clone()));
    if meaning.short_tag().strip_prefix("!!") == Some(kind) {
        return Ok(meaning);
    }
    if let ("float", Scalar::Int(value)) = (kind, &meaning) {
        return Ok(Scalar::Float(*value as f64));
    }
    Err(format!("cannot decode {} `{text}` as a !!{kind}", meaning.short_tag()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers() {
        let int = |value| Some(Scalar::Int(value));
        for (text, want) in [
            ("007", int(7)),
            ("010", int(8)),
            ("0o17", int(15)),
            ("0x1F", int(31)),
            ("-0b11", int(-3)),
            ("0b-11", int(-3)),
            ("1_000", int(1000)),
            ("1_", int(1)),
            ("+1", int(1)),
            ("08", Some(Scalar::Float(8.0))),
            ("18446744073709551615", Some(Scalar::Uint(u64::MAX))),
            (".5", Some(Scalar::Float(0.5))),
            (".5_0", Some(Scalar::Float(0.5))),
            ("1.", Some(Scalar::Float(1.0))),
            ("12e03", Some(Scalar::Float(12000.0))),
            ("1e1000", None),
            ("0x", None),
            ("0o8", None),
            ("--1", None),
            ("1e", None),
            ("1:30", None),
            ("_1", None),
            ("nan", None),
        ] {
            assert_eq!(resolve_plain(text), want, "{text}");
        }
    }

    #[test]
    fn timestamps() {
        for text in [
            "2001-12-14",
            "2001-1-2",
            "2024-01-01T00:00:00Z",
            "2001-1-1t1:2:3.5+01:00",
            "2001-01-01 00:00:00",
        ] {
            assert!(is_timestamp(text), "{text}");
        }
        for text in ["2001-13-01", "2001-02-30", "2001-01-01T00:00:00", "01-01-2001", "2001-01-01 "]
        {
            assert!(!is_timestamp(text), "{text}");
        }
    }

    #[test]
    fn tags() {
        let tagged = |kind: &str, text: &'static str| {
            resolve_tagged(&format!("{CORE_TAG}{kind}"), Cow::Borrowed(text))
        };
        assert_eq!(tagged("str", "1"), Ok(Scalar::Str("1".into())));
        assert_eq!(tagged("int", "5"), Ok(Scalar::Int(5)));
        assert_eq!(tagged("float", "5"), Ok(Scalar::Float(5.0)));
        assert_eq!(tagged("binary", "aGk="), Ok(Scalar::Str("hi".into())));
        assert_eq!(tagged("null", "x").unwrap_err(), "cannot decode !!str `x` as a !!null");
    }
}
