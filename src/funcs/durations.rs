//! Durations: sprig's three functions and Helm's family, which takes durations, texts such as
//! `1h30m` and numbers of seconds.

use super::times::{DurationValue, TimeValue, now};
use super::{Def, Runtime, def};
use crate::diag::{Fault, Result};
use crate::golang::number::{format_v, parse_float, parse_int};
use crate::golang::quote::quote;
use crate::golang::time::Duration;
use crate::golang::time::duration::{HOUR, MINUTE, SECOND};
use crate::golang::unicode::{is_space, runes};
use crate::value::{IntType, Value};

pub(super) const FUNCS: &[Def] = &[
    def!("duration" => duration(seconds: &Value)),
    def!("durationDays" => duration_days(duration: &Value)),
    def!("durationHours" => duration_hours(duration: &Value)),
    def!("durationMicroseconds" => duration_microseconds(duration: &Value)),
    def!("durationMilliseconds" => duration_milliseconds(duration: &Value)),
    def!("durationMinutes" => duration_minutes(duration: &Value)),
    def!("durationNanoseconds" => duration_nanoseconds(duration: &Value)),
    def!("durationRound" => duration_round(cx; duration: &Value)),
    def!("durationRoundTo" => duration_round_to(duration: &Value, multiple: &Value)),
    def!("durationSeconds" => duration_seconds(duration: &Value)),
    def!("durationTruncateTo" => duration_truncate_to(duration: &Value, multiple: &Value)),
    def!("durationWeeks" => duration_weeks(duration: &Value)),
    def!("mustToDuration" => must_to_duration(duration: &Value)),
];

/// Shows a number of seconds as a duration such as `1m35s`.
///
/// Takes: seconds (int64, or a string of digits; anything else, ints included, is 0).
/// Returns: string.
/// Errors: none. Source: sprig `duration`.
fn duration(seconds: &Value) -> String {
    let seconds = match seconds {
        Value::Int(seconds, IntType::Int64) => *seconds,
        Value::Str(text) => parse_int(text, 10, 64).unwrap_or_else(|error| error.clamped),
        _ => 0,
    };
    Duration(seconds.wrapping_mul(SECOND)).to_string()
}

/// A duration in days.
///
/// Takes: duration (time.Duration, string, or number of seconds). Returns: float64; 0 for
/// what is none.
/// Errors: none. Source: Helm `durationDays`.
fn duration_days(duration: &Value) -> f64 {
    lenient(duration).hours() / 24.0
}

/// A duration in hours.
///
/// Takes: duration (time.Duration, string, or number of seconds). Returns: float64; 0 for
/// what is none.
/// Errors: none. Source: Helm `durationHours`.
fn duration_hours(duration: &Value) -> f64 {
    lenient(duration).hours()
}

/// A duration in whole microseconds.
///
/// Takes: duration (time.Duration, string, or number of seconds). Returns: int64; 0 for what
/// is none.
/// Errors: none. Source: Helm `durationMicroseconds`.
fn duration_microseconds(duration: &Value) -> i64 {
    lenient(duration).0 / 1_000
}

/// A duration in whole milliseconds.
///
/// Takes: duration (time.Duration, string, or number of seconds). Returns: int64; 0 for what
/// is none.
/// Errors: none. Source: Helm `durationMilliseconds`.
fn duration_milliseconds(duration: &Value) -> i64 {
    lenient(duration).0 / 1_000_000
}

/// A duration in minutes.
///
/// Takes: duration (time.Duration, string, or number of seconds). Returns: float64; 0 for
/// what is none.
/// Errors: none. Source: Helm `durationMinutes`.
fn duration_minutes(duration: &Value) -> f64 {
    lenient(duration).minutes()
}

/// A duration in nanoseconds.
///
/// Takes: duration (time.Duration, string, or number of seconds). Returns: int64; 0 for what
/// is none.
/// Errors: none. Source: Helm `durationNanoseconds`.
fn duration_nanoseconds(duration: &Value) -> i64 {
    lenient(duration).0
}

/// A duration in its largest unit only, such as `3mo`; months have 30 days, years 365.
///
/// Takes: duration (string such as `730h`, int64 nanoseconds, or a time.Time for the span since
/// then; anything else is 0). Returns: string, without a sign.
/// Errors: none. Source: sprig `durationRound`.
fn duration_round(cx: &mut dyn Runtime, duration: &Value) -> String {
    let span = match duration {
        Value::Int(nanos, IntType::Int64) => Duration(*nanos),
        Value::Str(text) => Duration::parse(text.as_bytes()).unwrap_or_default(),
        _ => match duration.downcast::<TimeValue>() {
            Some(time) => now(cx).since(&time.0),
            None => Duration(0),
        },
    };
    let units = [
        (365 * 24 * HOUR, "y"),
        (30 * 24 * HOUR, "mo"),
        (24 * HOUR, "d"),
        (HOUR, "h"),
        (MINUTE, "m"),
        (SECOND, "s"),
    ];
    let nanos = span.0.unsigned_abs();
    // Exactly one unit is shown in the next smaller one.
    match units.into_iter().find(|(unit, _)| nanos > unit.unsigned_abs()) {
        Some((unit, name)) => format!("{}{name}", nanos / unit.unsigned_abs()),
        None => "0s".to_owned(),
    }
}

/// Rounds a duration to a multiple of another, halves away from zero.
///
/// Takes: duration, multiple (time.Duration, string, or number of seconds).
/// Returns: time.Duration; 0 for a first argument that is none, and the first unchanged when
/// the second is none.
/// Errors: none. Source: Helm `durationRoundTo`.
fn duration_round_to(duration: &Value, multiple: &Value) -> Duration {
    lenient(duration).round(lenient(multiple))
}

/// A duration in seconds.
///
/// Takes: duration (time.Duration, string, or number of seconds). Returns: float64; 0 for
/// what is none.
/// Errors: none. Source: Helm `durationSeconds`.
fn duration_seconds(duration: &Value) -> f64 {
    lenient(duration).seconds()
}

/// Cuts a duration to a multiple of another, towards zero.
///
/// Takes: duration, multiple (time.Duration, string, or number of seconds).
/// Returns: time.Duration; 0 for a first argument that is none, and the first unchanged when
/// the second is none.
/// Errors: none. Source: Helm `durationTruncateTo`.
fn duration_truncate_to(duration: &Value, multiple: &Value) -> Duration {
    lenient(duration).truncate(lenient(multiple))
}

/// A duration in weeks.
///
/// Takes: duration (time.Duration, string, or number of seconds). Returns: float64; 0 for
/// what is none.
/// Errors: none. Source: Helm `durationWeeks`.
fn duration_weeks(duration: &Value) -> f64 {
    lenient(duration).hours() / 24.0 / 7.0
}

/// Makes a duration.
///
/// Takes: duration (time.Duration, string, or number of seconds). Returns: time.Duration.
/// Errors: what is none, or is out of range. Source: Helm `mustToDuration`.
fn must_to_duration(value: &Value) -> Result<Duration> {
    as_duration(value).map_err(Fault::function)
}

/// A duration, or 0; as a multiple 0 changes nothing.
fn lenient(value: &Value) -> Duration {
    as_duration(value).unwrap_or_default()
}

fn as_duration(value: &Value) -> Result<Duration, String> {
    match value {
        Value::Nil => Err("invalid duration".to_owned()),
        Value::Str(text) => {
            let trimmed = trim_space(text.as_bytes());
            if trimmed.is_empty() {
                return Err("empty duration".to_owned());
            }
            if let Ok(duration) = Duration::parse(trimmed) {
                return Ok(duration);
            }
            match parse_float(trimmed) {
                Ok(seconds) => from_float(seconds),
                Err(_) => Err(format!("could not parse duration {}", quote(text.as_bytes()))),
            }
        }
        Value::Int(seconds, IntType::Uint64) if *seconds < 0 => {
            Err(format!("duration seconds overflow: {}", *seconds as u64))
        }
        Value::Int(seconds, _) => from_int(*seconds),
        Value::Float(seconds) => from_float(*seconds),
        Value::Object(object) => match (value.downcast::<DurationValue>(), object.to_json()) {
            (Some(duration), _) => Ok(duration.0),
            // A month or weekday.
            (None, Value::Int(seconds, _)) => from_int(seconds),
            (None, _) => Err(unsupported(value)),
        },
        _ => Err(unsupported(value)),
    }
}

fn unsupported(value: &Value) -> String {
    format!("unsupported duration type {}", value.type_name())
}

fn from_int(seconds: i64) -> Result<Duration, String> {
    match seconds.checked_mul(SECOND) {
        Some(nanos) => Ok(Duration(nanos)),
        None => Err(format!("duration seconds overflow: {seconds}")),
    }
}

fn from_float(seconds: f64) -> Result<Duration, String> {
    const LIMIT: f64 = i64::MAX as f64;
    if !seconds.is_finite() {
        return Err(format!("invalid duration seconds: {}", format_v(seconds)));
    }
    if seconds.abs() > LIMIT / SECOND as f64 {
        return Err(format!("duration seconds overflow: {}", format_v(seconds)));
    }
    let nanos = seconds * SECOND as f64;
    if nanos.abs() > LIMIT {
        return Err(format!("duration nanoseconds overflow: {}", format_v(nanos)));
    }
    // Go's conversion of 2^63 itself wraps around on amd64.
    Ok(Duration(if nanos < LIMIT { nanos as i64 } else { i64::MIN }))
}

/// `strings.TrimSpace`.
fn trim_space(text: &[u8]) -> &[u8] {
    let blank = |(c, _): &(char, &[u8])| is_space(*c);
    let lead: usize = runes(text).take_while(blank).map(|(_, bytes)| bytes.len()).sum();
    let text = &text[lead..];
    let mut kept = 0;
    let mut at = 0;
    for (c, bytes) in runes(text) {
        at += bytes.len();
        if !is_space(c) {
            kept = at;
        }
    }
    &text[..kept]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::funcs::testing::TestRuntime;

    #[test]
    fn durations_come_in_many_forms() {
        let cases = [
            (Value::str(" 1h30m "), Ok("1h30m0s")),
            (Value::str("2.5"), Ok("2.5s")),
            (Value::int(90), Ok("1m30s")),
            (Value::Float(0.1), Ok("100ms")),
            (Value::from(Duration(5)), Ok("5ns")),
            (Value::Nil, Err("invalid duration")),
            (Value::str(" "), Err("empty duration")),
            (Value::str("x"), Err("could not parse duration \"x\"")),
            (Value::str("nan"), Err("invalid duration seconds: NaN")),
            (Value::Float(1e300), Err("duration seconds overflow: 1e+300")),
            (Value::int(9_223_372_037), Err("duration seconds overflow: 9223372037")),
            (Value::Bool(true), Err("unsupported duration type bool")),
        ];
        for (value, expected) in cases {
            let got = as_duration(&value).map(|duration| duration.to_string());
            assert_eq!(got.as_deref().map_err(String::as_str), expected, "{value:?}");
        }
    }

    #[test]
    fn sprig_s_forms_differ() {
        assert_eq!(duration(&Value::str("95")), "1m35s");
        assert_eq!(duration(&Value::int64(95)), "1m35s");
        assert_eq!(duration(&Value::int(95)), "0s");
        let mut cx = TestRuntime::default();
        for (text, expected) in
            [("730h", "1mo"), ("720h", "30d"), ("-26h", "1d"), ("60s", "60s"), ("x", "0s")]
        {
            assert_eq!(duration_round(&mut cx, &Value::str(text)), expected);
        }
        assert_eq!(duration_round(&mut cx, &Value::int64(95_000_000_000)), "1m");
    }
}
