//! Numbers, dates and escapes of TOML.

use super::lex::Shape;
use crate::golang::quote::quote;
use crate::golang::time::Zone;
use crate::golang::time::parse_in;
use crate::value::Value;

/// The zones that stand for dates and times without one, by the machine's present offset.
pub(super) struct Zones {
    local: Zone,
    datetime: Zone,
    date: Zone,
    time: Zone,
}

impl Zones {
    pub(super) fn new(local: Zone, now: i64) -> Self {
        let offset = local.at(now).seconds;
        let fixed = |name| Zone::fixed(name, offset);
        Zones {
            local,
            datetime: fixed("datetime-local"),
            date: fixed("date-local"),
            time: fixed("time-local"),
        }
    }

    fn read(&self, text: &str) -> Result<Value, String> {
        let text = text.trim_matches(' ').replace('z', "Z").replace(['t', ' '], "T");
        let layouts = [
            ("2006-01-02T15:04:05.999999999Z07:00", &self.local),
            ("2006-01-02T15:04:05.999999999", &self.datetime),
            ("2006-01-02", &self.date),
            ("15:04:05.999999999", &self.time),
            ("2006-01-02T15:04Z07:00", &self.local),
            ("2006-01-02T15:04", &self.datetime),
            ("15:04", &self.time),
        ];
        for (layout, zone) in layouts {
            if let Ok(time) = parse_in(layout.as_bytes(), text.as_bytes(), zone) {
                if lacks_zero(&text, layout) {
                    break;
                }
                return Ok(Value::from(time));
            }
        }
        Err(format!("invalid datetime: {}", quote(text.as_bytes())))
    }
}

/// Whether a number of a date has fewer digits than its layout; Go would read it all the same.
fn lacks_zero(text: &str, layout: &str) -> bool {
    let separators = layout.bytes().take_while(|byte| !matches!(byte, b'.' | b'Z')).enumerate();
    let text = text.as_bytes();
    separators
        .filter(|(_, byte)| !byte.is_ascii_digit())
        .any(|(at, byte)| text.get(at) != Some(&byte))
}

/// The value of a number or date, or what is wrong with it.
pub(super) fn number(shape: Shape, text: &str, zones: &Zones) -> Result<Value, String> {
    match shape {
        Shape::Integer => integer(text),
        Shape::Float => float(text),
        Shape::Datetime => zones.read(text),
    }
}

fn has_leading_zero(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes {
        [b'0', second, ..] => !matches!(second, b'b' | b'o' | b'x'),
        [b'-' | b'+', b'0', _, ..] => true,
        _ => false,
    }
}

/// Whether each underscore stands between digits.
fn has_fair_underscores(text: &str) -> bool {
    if matches!(text, "nan" | "+nan" | "-nan" | "inf" | "-inf" | "+inf") {
        return true;
    }
    let mut after_digit = false;
    for byte in text.bytes() {
        if byte == b'_' && !after_digit {
            return false;
        }
        after_digit = byte.is_ascii_hexdigit();
    }
    after_digit
}

fn integer(text: &str) -> Result<Value, String> {
    let shown = quote(text.as_bytes());
    if !has_fair_underscores(text) {
        return Err(format!("Invalid integer {shown}: underscores must be surrounded by digits"));
    }
    if has_leading_zero(text) {
        return Err(format!("Invalid integer {shown}: cannot have leading zeroes"));
    }
    let digits = text.replace('_', "");
    let parsed = match digits.get(..2) {
        Some("0x") => i64::from_str_radix(&digits[2..], 16),
        Some("0o") => i64::from_str_radix(&digits[2..], 8),
        Some("0b") => i64::from_str_radix(&digits[2..], 2),
        _ => digits.parse(),
    };
    parsed.map(Value::int64).map_err(|_| format!("{text} is out of range for int64"))
}

fn float(text: &str) -> Result<Value, String> {
    let shown = quote(text.as_bytes());
    let mut parts = text.split(['.', 'e', 'E']).filter(|part| !part.is_empty()).peekable();
    let leading_zero = parts.peek().is_some_and(|first| has_leading_zero(first));
    if !parts.all(has_fair_underscores) {
        return Err(format!("Invalid float {shown}: underscores must be surrounded by digits"));
    }
    if leading_zero {
        return Err(format!("Invalid float {shown}: cannot have leading zeroes"));
    }
    let after_points = text.split('.').skip(1);
    if !after_points.into_iter().all(|part| part.starts_with(|c: char| c.is_ascii_digit())) {
        return Err(format!("Invalid float {shown}: '.' must be followed by one or more digits"));
    }
    let plain = text.replace('_', "");
    let value: f64 = plain.parse().map_err(|_| format!("Invalid float value: {shown}"))?;
    if value.is_infinite() && !plain.ends_with("inf") {
        return Err(format!("{text} is out of range for float64"));
    }
    Ok(Value::Float(if plain == "-nan" { -f64::NAN } else { value }))
}

/// The text of a string between its quotes.
pub(super) fn string(text: &str, quote: char, triple: bool) -> Result<String, String> {
    let body = if triple {
        text.strip_prefix('\n').or_else(|| text.strip_prefix("\r\n")).unwrap_or(text)
    } else {
        text
    };
    if quote == '\'' {
        return Ok(body.to_owned());
    }
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if triple {
            // A backslash at the end of a line joins it to the next text.
            let after = rest.trim_start_matches([' ', '\t', '\r', '\n']);
            if rest[..rest.len() - after.len()].contains('\n') {
                rest = after;
                continue;
            }
        }
        let Some(kind) = rest.chars().next() else { break };
        rest = &rest[kind.len_utf8()..];
        out.push(match kind {
            'b' => '\x08',
            't' => '\t',
            'n' => '\n',
            'f' => '\x0c',
            'r' => '\r',
            'e' => '\x1b',
            'x' => take_hex(&mut rest, 2)?,
            'u' => take_hex(&mut rest, 4)?,
            'U' => take_hex(&mut rest, 8)?,
            ' ' | '\t' => return Err(format!("invalid escape: '\\{kind}'")),
            other => other,
        });
    }
    out.push_str(rest);
    Ok(out)
}

fn take_hex(rest: &mut &str, count: usize) -> Result<char, String> {
    let (digits, after) = rest.split_at(count);
    *rest = after;
    u32::from_str_radix(digits, 16)
        .ok()
        .and_then(char::from_u32)
        .ok_or_else(|| format!("Escaped character '\\u{digits}' is not valid UTF-8."))
}
