//! `time.Duration`: nanoseconds, their text and their arithmetic.

use super::quote;

/// A span of time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(pub i64);

/// Nanoseconds of a microsecond.
pub const MICROSECOND: i64 = 1_000;
/// Nanoseconds of a millisecond.
pub const MILLISECOND: i64 = 1_000_000;
/// Nanoseconds of a second.
pub const SECOND: i64 = 1_000_000_000;
/// Nanoseconds of a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Nanoseconds of an hour.
pub const HOUR: i64 = 60 * MINUTE;

/// One past the largest duration, which is fine for a negative one.
const LIMIT: u64 = 1 << 63;

impl Duration {
    /// `time.ParseDuration`; the error is its sentence.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let invalid = || format!("time: invalid duration {}", quote(text));
        let (negative, mut rest) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        if rest == b"0" {
            return Ok(Duration(0));
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        let mut total = 0u64;
        while !rest.is_empty() {
            let (whole, after) = split_digits(rest);
            let (fraction, after) = match after {
                [b'.', after @ ..] => split_digits(after),
                _ => (&[][..], after),
            };
            if whole.is_empty() && fraction.is_empty() {
                return Err(invalid());
            }
            let end = after.iter().position(|&byte| byte == b'.' || byte.is_ascii_digit());
            let (unit_name, after) = after.split_at(end.unwrap_or(after.len()));
            rest = after;
            let value = leading_int(whole).ok_or_else(invalid)?;
            if unit_name.is_empty() {
                return Err(format!("time: missing unit in duration {}", quote(text)));
            }
            let unit = match unit_name {
                b"ns" => 1,
                // With the micro sign and with the Greek letter.
                b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => MICROSECOND,
                b"ms" => MILLISECOND,
                b"s" => SECOND,
                b"m" => MINUTE,
                b"h" => HOUR,
                _ => {
                    let (unit, text) = (quote(unit_name), quote(text));
                    return Err(format!("time: unknown unit {unit} in duration {text}"));
                }
            } as u64;
            if value > LIMIT / unit {
                return Err(invalid());
            }
            let part = value * unit + fraction_of(fraction, unit);
            total = total.checked_add(part).filter(|&total| total <= LIMIT).ok_or_else(invalid)?;
        }
        match (negative, total) {
            (true, _) => Ok(Duration((total as i64).wrapping_neg())),
            (false, LIMIT) => Err(invalid()),
            (false, _) => Ok(Duration(total as i64)),
        }
    }

    /// `Seconds()`.
    pub fn seconds(self) -> f64 {
        self.in_units(SECOND)
    }

    /// `Minutes()`.
    pub fn minutes(self) -> f64 {
        self.in_units(MINUTE)
    }

    /// `Hours()`.
    pub fn hours(self) -> f64 {
        self.in_units(HOUR)
    }

    fn in_units(self, unit: i64) -> f64 {
        (self.0 / unit) as f64 + (self.0 % unit) as f64 / unit as f64
    }

    /// `Truncate`: towards zero, to a multiple; a multiple that is not positive changes nothing.
    #[must_use]
    pub fn truncate(self, multiple: Self) -> Self {
        if multiple.0 <= 0 { self } else { Duration(self.0 - self.0 % multiple.0) }
    }

    /// `Round`: to the nearest multiple, halves away from zero; saturates.
    #[must_use]
    pub fn round(self, multiple: Self) -> Self {
        if multiple.0 <= 0 {
            return self;
        }
        let (value, multiple) = (i128::from(self.0), i128::from(multiple.0));
        let rest = value.abs() % multiple;
        let up = rest * 2 >= multiple;
        let rounded = value.abs() - rest + if up { multiple } else { 0 };
        let rounded = if value < 0 { -rounded } else { rounded };
        Duration(rounded.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
    }

    /// `Abs`; saturates.
    #[must_use]
    pub fn abs(self) -> Self {
        Duration(self.0.saturating_abs())
    }
}

/// The digits at the start and the rest.
fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

/// Digits as a number of at most 2^63.
fn leading_int(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0u64, |value, digit| {
        let value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
        (value <= LIMIT).then_some(value)
    })
}

/// The nanoseconds of decimals of a unit, computed in floats as Go does.
fn fraction_of(digits: &[u8], unit: u64) -> u64 {
    let mut value = 0u64;
    let mut scale = 1.0f64;
    for digit in digits {
        // Digits past the precision are dropped.
        let next = (value <= (i64::MAX / 10) as u64)
            .then(|| value * 10 + u64::from(digit - b'0'))
            .filter(|&next| next <= LIMIT);
        let Some(next) = next else { break };
        value = next;
        scale *= 10.0;
    }
    (value as f64 * (unit as f64 / scale)) as u64
}

impl std::fmt::Display for Duration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let nanos = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let (second, minute) = (SECOND as u64, 60);
        match nanos {
            0 => f.write_str("0s"),
            1..1_000 => write!(f, "{nanos}ns"),
            1_000..1_000_000 => write!(f, "{}µs", decimal(nanos, MICROSECOND as u64)),
            1_000_000..1_000_000_000 => write!(f, "{}ms", decimal(nanos, MILLISECOND as u64)),
            _ => {
                let minutes = nanos / (minute * second);
                let rest = decimal(nanos % (minute * second), second);
                match (minutes / 60, minutes % 60) {
                    (0, 0) => write!(f, "{rest}s"),
                    (0, minutes) => write!(f, "{minutes}m{rest}s"),
                    (hours, minutes) => write!(f, "{hours}h{minutes}m{rest}s"),
                }
            }
        }
    }
}

/// A number of parts of a unit as a decimal without trailing zeros.
fn decimal(value: u64, unit: u64) -> String {
    let (whole, part) = (value / unit, value % unit);
    if part == 0 {
        return whole.to_string();
    }
    let width = unit.ilog10() as usize;
    let part = format!("{part:0width$}");
    format!("{whole}.{}", part.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_print_as_in_go() {
        let cases = [
            ("0", "0s"),
            ("1h30m", "1h30m0s"),
            ("-1.5h", "-1h30m0s"),
            ("90s", "1m30s"),
            ("100ms", "100ms"),
            ("1.5us", "1.5µs"),
            ("1µs1ns", "1.001µs"),
            ("12ns", "12ns"),
            (".5s", "500ms"),
            ("1.s", "1s"),
            ("0.1h", "6m0s"),
            ("3.000000001s", "3.000000001s"),
            ("2562047h47m16.854775807s", "2562047h47m16.854775807s"),
            ("-2562047h47m16.854775808s", "-2562047h47m16.854775808s"),
        ];
        for (text, expected) in cases {
            assert_eq!(Duration::parse(text.as_bytes()).unwrap().to_string(), expected, "{text}");
        }
        let cases = [
            ("", "time: invalid duration \"\""),
            ("x", "time: invalid duration \"x\""),
            ("1", "time: missing unit in duration \"1\""),
            ("1d", "time: unknown unit \"d\" in duration \"1d\""),
            ("-.s", "time: invalid duration \"-.s\""),
            ("9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\""),
            ("1é", "time: unknown unit \"\\xc3\\xa9\" in duration \"1\\xc3\\xa9\""),
        ];
        for (text, error) in cases {
            assert_eq!(Duration::parse(text.as_bytes()).unwrap_err(), error);
        }
    }

    #[test]
    fn rounding_goes_away_from_zero() {
        let cases = [(150, 100, 200, 100), (-150, 100, -200, -100), (149, 100, 100, 100)];
        for (value, multiple, rounded, truncated) in cases {
            assert_eq!(Duration(value).round(Duration(multiple)).0, rounded);
            assert_eq!(Duration(value).truncate(Duration(multiple)).0, truncated);
        }
        assert_eq!(Duration(i64::MAX).round(Duration(HOUR)).0, i64::MAX);
        assert_eq!(Duration(7).round(Duration(0)).0, 7);
    }
}
