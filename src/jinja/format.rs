//! How a value becomes text: YAML spellings, quoting where YAML would misread, and refusals.
//!
//! Blind to templates; the engine calls in through the formatter and the place filters.

use std::fmt::Write as _;
use std::sync::Arc;

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::fault::hinted;
use super::view::to_doc;

/// One value as plain text: `true`, digits, the shortest float, the string itself.
///
/// Errors: null, lists, maps, NaN and infinities, each with the way out.
pub(super) fn scalar_text(value: &Value) -> Result<Arc<str>, Error> {
    match value.kind() {
        ValueKind::String => Ok(value.to_str().expect("a string is text")),
        ValueKind::Bool => Ok(if value.is_true() { "true".into() } else { "false".into() }),
        ValueKind::Number if value.is_integer() => Ok(value.to_string().into()),
        ValueKind::Number => {
            let float = f64::try_from(value.clone())?;
            float_text(float).map(Into::into)
        }
        ValueKind::Bytes => match value.as_bytes().map(std::str::from_utf8) {
            Some(Ok(text)) => Ok(text.into()),
            _ => Err(hinted("bytes that are not text cannot be printed", "use `| b64encode`")),
        },
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::None => Err(hinted(
            "null cannot be printed",
            "use `| default(…, true)`, or leave the key out with `{% if … is not none %}`",
        )),
        ValueKind::Seq | ValueKind::Iterable => Err(hinted(
            "a list cannot be printed here",
            "use `| toyaml`, or write the expression alone on its line",
        )),
        ValueKind::Map => Err(hinted(
            "a map cannot be printed here",
            "use `| toyaml`, or write the expression alone on its line",
        )),
        other => {
            Err(Error::new(ErrorKind::InvalidOperation, format!("a {other} cannot be printed")))
        }
    }
}

/// The shortest form that reads back as the same number; a whole one has no point, so that
/// `4 / 2` is a number of replicas.
fn float_text(float: f64) -> Result<String, Error> {
    crate::json::write::float_text(float).map_err(|_| {
        let message = format!("{float} is no number that YAML readers agree on");
        Error::new(ErrorKind::InvalidOperation, message)
    })
}

/// Whether a value is a list or map.
pub(super) fn is_container(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::Iterable)
}

/// YAML of a value with Helm's bytes, without the last line break.
pub(super) fn yaml_text(value: &Value, keep_order: bool) -> Result<String, Error> {
    let bytes = crate::yaml::emit::doc_to_yaml(&to_doc(value)?, keep_order);
    let mut text = String::from_utf8(bytes)
        .map_err(|_| Error::new(ErrorKind::InvalidOperation, "a value is not UTF-8"))?;
    text.truncate(text.trim_end_matches('\n').len());
    Ok(text)
}

/// A value alone on its line at `column`: every line is indented, and nothing at all is written
/// for the empty string.
pub(super) fn block(value: &Value, column: usize) -> Result<String, Error> {
    let text = if is_container(value) {
        yaml_text(value, false)?
    } else {
        scalar_text(value)?.trim_end_matches('\n').to_owned()
    };
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    // `nindent` has laid the text out already.
    if value.is_safe() && text.starts_with('\n') {
        return Ok(format!("{}\n", &text[1..]));
    }
    let mut out = indent(&text, column);
    out.push('\n');
    Ok(out)
}

/// A whole list item at `column`: the first line stays where it is.
pub(super) fn item(value: &Value, column: usize) -> Result<String, Error> {
    if !is_container(value) {
        return scalar(value, false);
    }
    let text = indent(&yaml_text(value, false)?, column);
    Ok(text.trim_start_matches(' ').to_owned())
}

/// Indents every line that is not empty.
pub(super) fn indent(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len() + columns * 8);
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', columns));
            out.push_str(line);
        }
    }
    out
}

/// A whole scalar: strings that YAML 1.1 or 1.2 would read as something else are quoted.
pub(super) fn scalar(value: &Value, flow: bool) -> Result<String, Error> {
    if flow && is_container(value) {
        return super::view::to_json(value);
    }
    let text = scalar_text(value)?;
    if value.kind() != ValueKind::String || value.is_safe() {
        return Ok(text.to_string());
    }
    Ok(if is_plain(&text, flow) { text.to_string() } else { double_quoted(&text) })
}

/// Part of a scalar: as it is, on one line.
pub(super) fn part(value: &Value) -> Result<Arc<str>, Error> {
    let text = scalar_text(value)?;
    if !value.is_safe() && text.contains('\n') {
        return Err(hinted(
            "a text with a line break cannot be part of a line",
            "write the expression alone on its line, or use `| tojson`",
        ));
    }
    Ok(text)
}

/// Inside double quotes.
pub(super) fn inside_double(value: &Value) -> Result<String, Error> {
    let quoted = double_quoted(&scalar_text(value)?);
    Ok(quoted[1..quoted.len() - 1].to_owned())
}

/// Inside single quotes.
pub(super) fn inside_single(value: &Value) -> Result<String, Error> {
    let text = scalar_text(value)?;
    if text.contains('\n') {
        return Err(hinted("a text with a line break cannot stand in single quotes", "use `\"`"));
    }
    Ok(text.replace('\'', "''"))
}

/// A string in YAML's double quotes, which are JSON's with more escapes.
pub(super) fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                write!(out, "\\u{:04x}", c as u32).expect("a string takes any text");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether a string can stand unquoted and still be read as that string, by YAML 1.1 and 1.2.
fn is_plain(text: &str, flow: bool) -> bool {
    let bytes = text.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return false };
    let indicator = match first {
        b'-' | b'?' | b':' => bytes.get(1).is_none_or(|next| *next == b' '),
        _ => b"!&*#|>@`\"'%{}[], ".contains(&first),
    };
    let flow_breaks = flow && (text.contains(['[', ']', '{', '}', ',']) || text.contains('"'));
    !indicator
        && !flow_breaks
        && !matches!(last, b' ' | b':')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text
            .chars()
            .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'))
        && !is_word(text)
        && !is_number(text)
        && !is_date(bytes)
}

/// Null, booleans and the special keys of YAML 1.1, in the spellings that count.
fn is_word(text: &str) -> bool {
    if matches!(text, "~" | "=" | "<<") {
        return true;
    }
    let spelled = |word: &str| {
        let title = text.len() == word.len()
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && text[1..] == word[1..];
        text == word
            || text == word.to_ascii_uppercase()
            || (title && text.eq_ignore_ascii_case(word))
    };
    ["null", "true", "false", "yes", "no", "on", "off", "y", "n"].into_iter().any(spelled)
}

/// Any number of either version: `1`, `1.20`, `1e3`, `0x1f`, `0o17`, `0b1`, `1_000`, `1:20`, `.inf`.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = unsigned.to_ascii_lowercase();
    if matches!(lower.as_str(), ".inf" | ".nan") {
        return true;
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = lower.strip_prefix(prefix) {
            return !digits.is_empty() && digits.chars().all(|c| c == '_' || c.is_digit(radix));
        }
    }
    if !lower.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    if let Some((head, tail)) = lower.split_once(':') {
        let sixty = |part: &str| {
            part.len() <= 2 && !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())
        };
        let tail = tail.split_once('.').map_or(tail, |(whole, _)| whole);
        return head.bytes().all(|b| b.is_ascii_digit() || b == b'_') && tail.split(':').all(sixty);
    }
    let (mantissa, exponent) =
        lower.split_once('e').map_or((lower.as_str(), None), |(m, e)| (m, Some(e)));
    let exponent_fits = exponent.is_none_or(|digits| {
        let digits = digits.strip_prefix(['+', '-']).unwrap_or(digits);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    });
    exponent_fits
        && mantissa.bytes().any(|b| b.is_ascii_digit())
        && mantissa.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'_'))
        && mantissa.bytes().filter(|&b| b == b'.').count() <= 1
}

/// A timestamp of YAML 1.1: `2001-12-14`, with or without a time.
fn is_date(bytes: &[u8]) -> bool {
    let digits = |from: usize, to: usize| bytes[from..to].iter().all(u8::is_ascii_digit);
    bytes.len() >= 8
        && digits(0, 4)
        && bytes[4] == b'-'
        && bytes[5].is_ascii_digit()
        && bytes[6..bytes.len().min(8)].contains(&b'-')
        && bytes.iter().all(|b| b.is_ascii_digit() || b"-:.+TtZz ".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_or_quoted() {
        let quoted = [
            "",
            "on",
            "Off",
            "YES",
            "n",
            "null",
            "~",
            "1",
            "1.20",
            "1e3",
            "0x1f",
            "0o17",
            "1_000",
            "12:30",
            "-1",
            "+.5",
            ".inf",
            "2001-12-14",
            "2001-1-1",
            "2024-01-01T00:00:00Z",
            "- a",
            "a: b",
            "a #b",
            "a:",
            "#a",
            "@a",
            " a",
            "a ",
            "*a",
            "{a",
            "\"a\"",
            "a\nb",
            "=",
        ];
        for text in quoted {
            assert!(!is_plain(text, false), "{text:?}");
        }
        let plain = [
            "a",
            "oN",
            "10.96.0.10",
            "10.0.0.0/8",
            "500m",
            "1Gi",
            "v1.2",
            "1.2.3",
            "a:b",
            "-a",
            "http://x:80/y",
            "0.1.0-beta",
            "yes-no",
            "1e",
            "nil",
            "a,b",
            "2001-12-14-x",
            "e3",
            "ojp-server",
            "::1a",
        ];
        for text in plain {
            assert!(is_plain(text, false), "{text:?}");
        }
        assert!(!is_plain("a,b", true));
    }

    #[test]
    fn scalars() {
        for (value, expected) in [
            (Value::from(true), "true"),
            (Value::from(4_194_304), "4194304"),
            (Value::from(0.5), "0.5"),
            (Value::from(2.0), "2"),
            (Value::from(1e30), "1e+30"),
            (Value::from("1.20"), "\"1.20\""),
            (Value::from_safe_string("\"x\"".into()), "\"x\""),
        ] {
            assert_eq!(scalar(&value, false).unwrap(), expected);
        }
        for value in [Value::from(()), Value::from(f64::NAN), Value::from(vec![1])] {
            assert!(scalar(&value, false).is_err(), "{value:?}");
        }
    }
}
