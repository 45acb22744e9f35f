//! Loose conversions that sprig borrows from `spf13/cast`.

use crate::value::Value;

/// `cast.ToInt64`: anything to an int64, 0 for what does not convert.
pub fn to_int64(value: &Value) -> i64 {
    match value {
        Value::Int(value, _) => *value,
        _ => 0,
    }
}

/// `cast.ToFloat64`: anything to a float64, 0 for what does not convert.
pub fn to_float64(value: &Value) -> f64 {
    match value {
        Value::Float(value) => *value,
        _ => 0.0,
    }
}
