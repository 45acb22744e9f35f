//! `strconv`: text to numbers, with Go's errors.

use std::fmt;

use super::quote::quote;

/// Why a text is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumErrorKind {
    /// Not of the form of a number.
    Syntax,
    /// A number that the type does not hold.
    Range,
    /// A base that is neither 0 nor 2 to 36.
    Base(u32),
}

/// Go's `*strconv.NumError`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumError {
    /// Name of the function of `strconv`.
    pub func: &'static str,
    /// The text.
    pub text: Vec<u8>,
    /// The reason.
    pub kind: NumErrorKind,
    /// What Go returns beside the error, for callers that ignore it: the integer of the type
    /// nearest to a number out of range (unsigned ones in two's complement), else 0.
    pub clamped: i64,
}

impl fmt::Display for NumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "strconv.{}: parsing {}: ", self.func, quote(&self.text))?;
        match self.kind {
            NumErrorKind::Syntax => f.write_str("invalid syntax"),
            NumErrorKind::Range => f.write_str("value out of range"),
            NumErrorKind::Base(base) => write!(f, "invalid base {base}"),
        }
    }
}

impl std::error::Error for NumError {}

/// An error before it knows the function and the text.
type Bare<T, C> = Result<T, (NumErrorKind, C)>;

/// `strconv.ParseUint`; base 0 reads prefixes and underscores, `bits` 0 stands for 64.
pub fn parse_uint(text: impl AsRef<[u8]>, base: u32, bits: u32) -> Result<u64, NumError> {
    let text = text.as_ref();
    unsigned(text, base, bits).map_err(|(kind, clamped)| NumError {
        func: "ParseUint",
        text: text.to_vec(),
        kind,
        clamped: clamped as i64,
    })
}

/// `strconv.ParseInt`; base 0 reads prefixes and underscores, `bits` 0 stands for 64.
pub fn parse_int(text: impl AsRef<[u8]>, base: u32, bits: u32) -> Result<i64, NumError> {
    named_int("ParseInt", text.as_ref(), base, bits)
}

/// `strconv.Atoi`: decimal digits with an optional sign.
pub fn atoi(text: impl AsRef<[u8]>) -> Result<i64, NumError> {
    named_int("Atoi", text.as_ref(), 10, 0)
}

fn named_int(func: &'static str, text: &[u8], base: u32, bits: u32) -> Result<i64, NumError> {
    signed(text, base, bits).map_err(|(kind, clamped)| NumError {
        func,
        text: text.to_vec(),
        kind,
        clamped,
    })
}

fn signed(text: &[u8], base: u32, bits: u32) -> Bare<i64, i64> {
    let (negative, digits) = split_sign(text);
    let magnitude = match unsigned(digits, base, bits) {
        Ok(value) | Err((NumErrorKind::Range, value)) => value,
        Err((kind, _)) => return Err((kind, 0)),
    };
    let bits = if bits == 0 { 64 } else { bits };
    let limit = 1u64 << (bits - 1);
    if negative {
        let value = 0i64.wrapping_sub(magnitude.min(limit) as i64);
        if magnitude > limit { Err((NumErrorKind::Range, value)) } else { Ok(value) }
    } else if magnitude >= limit {
        Err((NumErrorKind::Range, (limit - 1) as i64))
    } else {
        Ok(magnitude as i64)
    }
}

fn unsigned(text: &[u8], base: u32, bits: u32) -> Bare<u64, u64> {
    const SYNTAX: (NumErrorKind, u64) = (NumErrorKind::Syntax, 0);
    let (radix, digits) = match (base, text) {
        (_, []) => return Err(SYNTAX),
        (2..=36, _) => (base, text),
        (0, [b'0', letter, rest @ ..]) if !rest.is_empty() => match letter.to_ascii_lowercase() {
            b'b' => (2, rest),
            b'o' => (8, rest),
            b'x' => (16, rest),
            _ => (8, &text[1..]),
        },
        (0, [b'0', rest @ ..]) => (8, rest),
        (0, _) => (10, text),
        _ => return Err((NumErrorKind::Base(base), 0)),
    };
    let max = if bits == 0 || bits >= 64 { u64::MAX } else { (1 << bits) - 1 };
    let mut value = 0u64;
    let mut underscores = false;
    for &byte in digits {
        if byte == b'_' && base == 0 {
            underscores = true;
            continue;
        }
        let digit = char::from(byte).to_digit(radix).ok_or(SYNTAX)?;
        value = value
            .checked_mul(u64::from(radix))
            .and_then(|value| value.checked_add(u64::from(digit)))
            .filter(|value| *value <= max)
            .ok_or((NumErrorKind::Range, max))?;
    }
    if underscores && !underscores_fit(text) { Err(SYNTAX) } else { Ok(value) }
}

fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// Whether each underscore stands between digits, or between a base prefix and a digit.
fn underscores_fit(text: &[u8]) -> bool {
    let (_, text) = split_sign(text);
    let (hex, mut after_digit, number) = match text {
        [b'0', letter @ (b'b' | b'B' | b'o' | b'O' | b'x' | b'X'), rest @ ..] => {
            (letter.eq_ignore_ascii_case(&b'x'), true, rest)
        }
        _ => (false, false, text),
    };
    let mut after_underscore = false;
    for &byte in number {
        let digit = byte.is_ascii_digit() || hex && byte.is_ascii_hexdigit();
        if byte == b'_' && !after_digit || after_underscore && !digit {
            return false;
        }
        after_underscore = byte == b'_';
        after_digit = digit;
    }
    !after_underscore
}

/// `strconv.ParseFloat(text, 64)`: decimal and hexadecimal floats, underscores, `inf`,
/// `infinity` and `nan` in any case. Beside a range error Go returns an infinity.
pub fn parse_float(text: impl AsRef<[u8]>) -> Result<f64, NumError> {
    let text = text.as_ref();
    float(text).map_err(|kind| NumError {
        func: "ParseFloat",
        text: text.to_vec(),
        kind,
        clamped: 0,
    })
}

fn float(text: &[u8]) -> Result<f64, NumErrorKind> {
    let (negative, magnitude) = split_sign(text);
    let value =
        if magnitude.eq_ignore_ascii_case(b"inf") || magnitude.eq_ignore_ascii_case(b"infinity") {
            f64::INFINITY
        } else if text.eq_ignore_ascii_case(b"nan") {
            f64::NAN
        } else {
            let parts = FloatParts::split(magnitude).ok_or(NumErrorKind::Syntax)?;
            if magnitude.contains(&b'_') && !underscores_fit(magnitude) {
                return Err(NumErrorKind::Syntax);
            }
            let value = if parts.hex { parts.hex_value() } else { decimal_value(magnitude) };
            if value.is_infinite() {
                return Err(NumErrorKind::Range);
            }
            value
        };
    Ok(if negative { -value } else { value })
}

/// The pieces of a float without its sign, checked for form; underscores are still inside.
struct FloatParts<'a> {
    hex: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i32,
}

impl<'a> FloatParts<'a> {
    fn split(text: &'a [u8]) -> Option<Self> {
        let (hex, body) = match text {
            [b'0', b'x' | b'X', rest @ ..] if !rest.is_empty() => (true, rest),
            _ => (false, text),
        };
        let marker = if hex { b'p' } else { b'e' };
        let at = body.iter().position(|byte| byte.to_ascii_lowercase() == marker);
        let (mantissa, exponent) = match at {
            Some(at) => (&body[..at], exponent(&body[at + 1..])?),
            None if hex => return None,
            None => (body, 0),
        };
        let point = mantissa.iter().position(|&byte| byte == b'.');
        let (whole, fraction) = match point {
            Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
            None => (mantissa, &[][..]),
        };
        let is_digit =
            |byte: u8| if hex { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
        let mut bytes = whole.iter().chain(fraction);
        let formed = bytes.clone().all(|&byte| byte == b'_' || is_digit(byte));
        (formed && bytes.any(|&byte| is_digit(byte))).then_some(FloatParts {
            hex,
            whole,
            fraction,
            exponent,
        })
    }

    /// The value of a hexadecimal float, rounded to even.
    fn hex_value(&self) -> f64 {
        let digits = |part: &'a [u8]| part.iter().filter_map(|&b| char::from(b).to_digit(16));
        let mut mantissa = 0u64;
        let mut exponent = i64::from(self.exponent);
        let mut sticky = false;
        for (digit, fractional) in
            digits(self.whole).map(|d| (d, false)).chain(digits(self.fraction).map(|d| (d, true)))
        {
            if mantissa >> 60 == 0 {
                mantissa = mantissa << 4 | u64::from(digit);
                exponent -= if fractional { 4 } else { 0 };
            } else {
                sticky |= digit != 0;
                exponent += if fractional { 0 } else { 4 };
            }
        }
        if mantissa == 0 {
            return 0.0;
        }
        let shift = mantissa.leading_zeros();
        mantissa <<= shift;
        // The number is 1.xxx times two to this power.
        let power = exponent - i64::from(shift) + 63;
        if power > 1023 {
            return f64::INFINITY;
        }
        let kept = if power >= -1022 { 53 } else { 53 - (-1022 - power) };
        if kept < 0 {
            return 0.0;
        }
        let dropped = 64 - kept as u32;
        let (quotient, rest) = if dropped == 64 {
            (0, mantissa)
        } else {
            (mantissa >> dropped, mantissa << (64 - dropped))
        };
        let half = 1 << 63;
        let up = rest > half || rest == half && (sticky || quotient & 1 == 1);
        let quotient = quotient + u64::from(up);
        let biased = if power >= -1022 { (power + 1022) as u64 } else { 0 };
        // A carry out of the mantissa lands in the exponent, where it belongs.
        f64::from_bits((biased << 52) + quotient)
    }
}

/// The digits after an exponent letter; far too large ones stop growing.
fn exponent(text: &[u8]) -> Option<i32> {
    let (negative, digits) = split_sign(text);
    if !digits.first()?.is_ascii_digit() {
        return None;
    }
    let mut value = 0i32;
    for &byte in digits {
        match byte {
            b'0'..=b'9' if value < 100_000 => value = value * 10 + i32::from(byte - b'0'),
            b'0'..=b'9' | b'_' => {}
            _ => return None,
        }
    }
    Some(if negative { -value } else { value })
}

/// The value of a decimal float whose form has been checked.
fn decimal_value(text: &[u8]) -> f64 {
    let text: String = text.iter().filter(|&&b| b != b'_').map(|&b| char::from(b)).collect();
    text.parse().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_integers_as_go() {
        for (text, base, want) in [
            ("012", 0, Ok(10)),
            ("0x_1F", 0, Ok(31)),
            ("-0b11", 0, Ok(-3)),
            ("1_000", 0, Ok(1000)),
            ("-9223372036854775808", 10, Ok(i64::MIN)),
            ("08", 0, Err(r#"strconv.ParseInt: parsing "08": invalid syntax"#)),
            ("1__0", 0, Err(r#"strconv.ParseInt: parsing "1__0": invalid syntax"#)),
            ("1_0", 10, Err(r#"strconv.ParseInt: parsing "1_0": invalid syntax"#)),
            ("é", 10, Err(r#"strconv.ParseInt: parsing "é": invalid syntax"#)),
            ("1", 37, Err(r#"strconv.ParseInt: parsing "1": invalid base 37"#)),
            (
                "9223372036854775808",
                10,
                Err(r#"strconv.ParseInt: parsing "9223372036854775808": value out of range"#),
            ),
        ] {
            let got = parse_int(text, base, 64).map_err(|error| error.to_string());
            assert_eq!(got, want.map_err(str::to_owned), "{text}");
        }
        assert_eq!(atoi("99999999999999999999").map_err(|error| error.clamped), Err(i64::MAX));
        assert_eq!(parse_uint("256", 10, 8).map_err(|error| error.clamped), Err(255));
    }

    #[test]
    fn reads_floats_as_go() {
        for (text, want) in [
            (".5", Ok(0.5)),
            ("1.", Ok(1.0)),
            ("1_0.5e1_0", Ok(105e9)),
            ("0x1.8p1", Ok(3.0)),
            ("0x1p-1074", Ok(5e-324)),
            ("-Inf", Ok(f64::NEG_INFINITY)),
            ("1e-500", Ok(0.0)),
            ("0x1", Err(NumErrorKind::Syntax)),
            ("1e", Err(NumErrorKind::Syntax)),
            ("-nan", Err(NumErrorKind::Syntax)),
            ("1e500", Err(NumErrorKind::Range)),
        ] {
            assert_eq!(parse_float(text).map_err(|error| error.kind), want, "{text}");
        }
    }
}
