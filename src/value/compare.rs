//! Equality and order: `reflect.DeepEqual`, `eq`, `lt`.

use super::Value;

/// `reflect.DeepEqual`: same types, same contents.
pub fn deep_equal(a: &Value, b: &Value) -> bool {
    let _ = (a, b);
    false
}
