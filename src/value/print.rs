//! Go's default printing: what `{{ x }}`, `print` and `%v` show.

use super::{Str, Value};

/// One value as `fmt.Sprint` (`%v`) prints it; nil is `<nil>`.
pub fn sprint(value: &Value) -> Str {
    Str::from(format!("{value:?}"))
}

/// One value as sprig's `strval` makes it: strings and bytes as they are, errors and
/// `String()` methods by their text, everything else by `%v`.
pub fn strval(value: &Value) -> Str {
    match value {
        Value::Str(text) | Value::Bytes(text) => text.clone(),
        other => sprint(other),
    }
}
