//! `strconv`: numbers to text and back.

pub use super::parse::{NumError, NumErrorKind, atoi, parse_float, parse_int, parse_uint};

/// More decimals than any float64 has; what is asked beyond is zeros.
const MAX_DECIMALS: usize = 1100;

/// The decimal digits of a finite, non-negative float: `0.d₁d₂d₃… × 10^point`, without zeros
/// at either end.
struct Digits {
    digits: Vec<u8>,
    point: i32,
}

impl Digits {
    /// The fewest digits that read back as the same float.
    fn shortest(value: f64) -> Self {
        let text = format!("{value:e}");
        let digits = Self::from_exponent_form(&text);
        // Two candidates can be equally near, with 16 digits or more; Go takes the even one
        // as exact rounding does, Rust the larger one.
        let after_first = digits.digits.len().max(1) - 1;
        if after_first >= 14 {
            let rounded = format!("{value:.after_first$e}");
            if rounded != text && rounded.parse() == Ok(value) {
                return Self::from_exponent_form(&rounded);
            }
        }
        digits
    }

    /// From text of the form `d.ddde±x`.
    fn from_exponent_form(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        Self::trimmed(mantissa.bytes().filter(u8::is_ascii_digit).collect(), exponent + 1)
    }

    /// From text of the form `ddd.ddd`.
    fn from_plain_form(text: &str) -> Self {
        let whole = text.find('.').unwrap_or(text.len());
        Self::trimmed(text.bytes().filter(u8::is_ascii_digit).collect(), whole as i32)
    }

    fn trimmed(mut digits: Vec<u8>, mut point: i32) -> Self {
        let leading = digits.iter().take_while(|&&digit| digit == b'0').count();
        digits.drain(..leading);
        point -= leading as i32;
        let used = digits.iter().rposition(|&digit| digit != b'0').map_or(0, |last| last + 1);
        digits.truncate(used);
        if digits.is_empty() {
            point = 0;
        }
        Digits { digits, point }
    }

    fn len(&self) -> i32 {
        self.digits.len() as i32
    }

    /// `count` digits from position `start` on, zeros where there are none.
    fn push_range(&self, start: i32, count: i32, out: &mut String) {
        for position in start..start + count {
            let digit = usize::try_from(position).ok().and_then(|at| self.digits.get(at));
            out.push(char::from(digit.copied().unwrap_or(b'0')));
        }
    }
}

/// Formats a float as `strconv.FormatFloat(value, format, precision, 64)`: formats `e`, `E`,
/// `f`, `g`, `G`, `x`, `X`, `b`. Precision -1 is the shortest text that reads back exactly.
pub fn format_float(value: f64, format: u8, precision: i32) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let mut out = String::new();
    if value.is_sign_negative() {
        out.push('-');
    }
    let value = value.abs();
    match format {
        b'b' => push_binary(value, &mut out),
        b'x' | b'X' => push_hex(value, format, precision, &mut out),
        b'e' | b'E' | b'f' | b'g' | b'G' => push_decimal(value, format, precision, &mut out),
        other => {
            out.push('%');
            out.push(char::from(other));
        }
    }
    out
}

fn push_decimal(value: f64, format: u8, precision: i32, out: &mut String) {
    let shortest = precision < 0;
    let clamped = usize::try_from(precision).unwrap_or(0).min(MAX_DECIMALS);
    let (digits, mut precision) = match format {
        _ if shortest => {
            let digits = Digits::shortest(value);
            let precision = match format {
                b'e' | b'E' => digits.len() - 1,
                b'f' => digits.len() - digits.point,
                _ => digits.len(),
            };
            (digits, precision.max(0))
        }
        b'e' | b'E' => (Digits::from_exponent_form(&format!("{value:.clamped$e}")), precision),
        b'f' => (Digits::from_plain_form(&format!("{value:.clamped$}")), precision),
        _ => {
            let after_first = clamped.max(1) - 1;
            let digits = Digits::from_exponent_form(&format!("{value:.after_first$e}"));
            (digits, precision.max(1))
        }
    };
    let mut exponent_form = format.eq_ignore_ascii_case(&b'e');
    let letter = if format.is_ascii_lowercase() { 'e' } else { 'E' };
    if format.eq_ignore_ascii_case(&b'g') {
        // The choice depends on the digits asked for, unless these are more than the number
        // has; the shortest form decides as if six had been asked for.
        let threshold = if shortest {
            6
        } else if precision > digits.len() && digits.len() >= digits.point {
            digits.len()
        } else {
            precision
        };
        let exponent = digits.point - 1;
        exponent_form = exponent < -4 || exponent >= threshold;
        if exponent_form {
            precision = precision.min(digits.len()) - 1;
        } else {
            if precision > digits.point {
                precision = digits.len();
            }
            precision = (precision - digits.point).max(0);
        }
    }
    if exponent_form {
        push_exponent_form(&digits, precision, letter, out);
    } else {
        push_plain_form(&digits, precision, out);
    }
}

fn push_exponent_form(digits: &Digits, precision: i32, letter: char, out: &mut String) {
    digits.push_range(0, 1, out);
    if precision > 0 {
        out.push('.');
        digits.push_range(1, precision, out);
    }
    let exponent = if digits.digits.is_empty() { 0 } else { digits.point - 1 };
    out.push(letter);
    push_exponent(exponent, out);
}

fn push_plain_form(digits: &Digits, precision: i32, out: &mut String) {
    if digits.point > 0 {
        digits.push_range(0, digits.point, out);
    } else {
        out.push('0');
    }
    if precision > 0 {
        out.push('.');
        digits.push_range(digits.point, precision, out);
    }
}

/// A sign and at least two digits.
fn push_exponent(exponent: i32, out: &mut String) {
    out.push(if exponent < 0 { '-' } else { '+' });
    let exponent = exponent.unsigned_abs();
    if exponent < 10 {
        out.push('0');
    }
    out.push_str(&exponent.to_string());
}

/// The mantissa as an integer and its binary exponent; the hidden bit included.
fn decompose(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32;
    let mantissa = bits & ((1 << 52) - 1);
    if exponent == 0 { (mantissa, -1074) } else { (mantissa | 1 << 52, exponent - 1075) }
}

fn push_binary(value: f64, out: &mut String) {
    let (mantissa, exponent) = decompose(value);
    out.push_str(&mantissa.to_string());
    out.push('p');
    if exponent >= 0 {
        out.push('+');
    }
    out.push_str(&exponent.to_string());
}

fn push_hex(value: f64, format: u8, precision: i32, out: &mut String) {
    let (mut mantissa, mut exponent) = decompose(value);
    // The leading one moves to bit 60, which leaves fifteen hexadecimal digits below it.
    if mantissa == 0 {
        exponent = 0;
    } else {
        let shift = mantissa.leading_zeros() as i32 - 3;
        mantissa <<= shift;
        exponent += 60 - shift;
    }
    if (0..15).contains(&precision) {
        let dropped = 60 - precision * 4;
        let rest = mantissa & ((1 << dropped) - 1);
        let half = 1 << (dropped - 1);
        mantissa >>= dropped;
        if rest > half || rest == half && mantissa & 1 == 1 {
            mantissa += 1;
        }
        mantissa <<= dropped;
        if mantissa >> 61 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let upper = format == b'X';
    out.push('0');
    out.push(char::from(format));
    out.push(if mantissa >> 60 == 0 { '0' } else { '1' });
    let fraction = mantissa << 4;
    let fraction = if upper { format!("{fraction:016X}") } else { format!("{fraction:016x}") };
    let fraction = if precision < 0 {
        fraction.trim_end_matches('0').to_owned()
    } else {
        let precision = precision as usize;
        let kept = precision.min(fraction.len());
        format!("{}{}", &fraction[..kept], "0".repeat(precision - kept))
    };
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(&fraction);
    }
    out.push(if upper { 'P' } else { 'p' });
    push_exponent(exponent, out);
}

/// A float as `%v` prints it: shortest digits, exponent form iff the decimal exponent is below
/// -4 or above 5, so 1e+06 but 999999.
pub fn format_v(value: f64) -> String {
    format_float(value, b'g', -1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_as_go() {
        for (value, format, precision, want) in [
            (1e6, b'g', -1, "1e+06"),
            (999_999.0, b'g', -1, "999999"),
            (0.0001, b'g', -1, "0.0001"),
            (1e-5, b'g', -1, "1e-05"),
            (1e21, b'f', -1, "1000000000000000000000"),
            (787_397_163_746_053.25, b'f', -1, "787397163746053.2"),
            (100.0, b'g', 2, "1e+02"),
            (100.0, b'g', 17, "100"),
            (0.5, b'f', 0, "0"),
            (2.5, b'f', 0, "2"),
            (1.25, b'e', 1, "1.2e+00"),
            (-0.0, b'G', 3, "-0"),
            (5e-324, b'E', -1, "5E-324"),
            (6.0, b'b', -1, "6755399441055744p-50"),
            (1.0, b'x', -1, "0x1p+00"),
            (0.1, b'X', 3, "0X1.99AP-04"),
            (1.99, b'x', 0, "0x1p+01"),
            (f64::INFINITY, b'f', 2, "+Inf"),
            (f64::NAN, b'x', 2, "NaN"),
        ] {
            assert_eq!(format_float(value, format, precision), want, "{value} {precision}");
        }
        assert_eq!(format_float(1.0, b'f', 70_000).len(), 70_002);
    }
}
