//! Loose conversions that sprig borrows from `spf13/cast` 1.7.

use crate::golang::number::{parse_float, parse_int};
use crate::value::{IntType, Object, Value};

/// `cast.ToInt64`: anything to an int64, 0 for what does not convert.
///
/// Strings are read with base prefixes and underscores; `.0` at their end is ignored.
pub fn to_int64(value: &Value) -> i64 {
    match value {
        Value::Int(value, _) => *value,
        Value::Float(value) => float_to_int(*value),
        Value::Bool(value) => i64::from(*value),
        Value::Str(text) => parse_int(trim_zero_decimal(text.as_bytes()), 0, 0).unwrap_or(0),
        Value::Object(object) => calendar_number(&**object).unwrap_or(0),
        _ => 0,
    }
}

/// `cast.ToFloat64`: anything to a float64, 0 for what does not convert.
pub fn to_float64(value: &Value) -> f64 {
    match value {
        Value::Float(value) => *value,
        Value::Int(value, IntType::Uint64 | IntType::Uint) => *value as u64 as f64,
        Value::Int(value, _) => *value as f64,
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::Str(text) => parse_float(text.as_bytes()).unwrap_or(0.0),
        Value::Object(object) => calendar_number(&**object).unwrap_or(0) as f64,
        _ => 0.0,
    }
}

/// Go's conversion of a float to an int64: cut towards zero; what does not fit is the
/// smallest int64, as the processors give it.
pub fn float_to_int(value: f64) -> i64 {
    // 2⁶³ has an exact float, the largest int64 has none.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&value) { value as i64 } else { i64::MIN }
}

/// The number of a month or weekday: the only named integers that convert (durations do not).
fn calendar_number(object: &dyn Object) -> Option<i64> {
    match (object.type_name(), object.to_json()) {
        ("time.Month" | "time.Weekday", Value::Int(number, _)) => Some(number),
        _ => None,
    }
}

/// Cuts zeros at the end off together with the point before them, if one is there.
fn trim_zero_decimal(text: &[u8]) -> &[u8] {
    let kept = text.iter().rposition(|&byte| byte != b'0').map_or(0, |last| last + 1);
    match &text[..kept] {
        [whole @ .., b'.'] if kept < text.len() => whole,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_as_cast() {
        for (text, int, float) in [
            ("012", 10, 12.0),
            ("08", 0, 8.0),
            ("0x1F", 31, 0.0),
            ("0b11", 3, 0.0),
            ("1_000", 1000, 1000.0),
            ("1.0", 1, 1.0),
            ("1.000", 1, 1.0),
            ("1.", 0, 1.0),
            (".0", 0, 0.0),
            ("1.0.0", 0, 0.0),
            ("1.5", 0, 1.5),
            ("100", 100, 100.0),
            ("1e3", 0, 1000.0),
            (" 5", 0, 0.0),
            ("-0x10", -16, 0.0),
            ("", 0, 0.0),
            ("99999999999999999999", 0, 1e20),
        ] {
            assert_eq!(to_int64(&Value::str(text)), int, "{text}");
            assert!((to_float64(&Value::str(text)) - float).abs() < 1e-9, "{text}");
        }
        assert_eq!(to_int64(&Value::Float(-1.9)), -1);
        assert_eq!(to_int64(&Value::Float(1e19)), i64::MIN);
        assert_eq!(to_int64(&Value::Float(f64::NAN)), i64::MIN);
        assert_eq!(to_int64(&Value::Bool(true)), 1);
        assert_eq!(to_int64(&Value::Nil), 0);
        assert!((to_float64(&Value::Int(-1, IntType::Uint64)) - 1.844_674_407_370_955_2e19) < 1.0);
    }
}
