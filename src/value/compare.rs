//! Equality and order: `reflect.DeepEqual`, `eq`, `lt`.

use super::verbs::sprintf;
use super::{Kind, Map, Str, Value, work};
use crate::diag::{Fault, Result};

/// `reflect.DeepEqual`: same types, same contents.
pub fn deep_equal(a: &Value, b: &Value) -> bool {
    deep_equal_within(a, b, &mut Vec::new())
}

/// Go's `==` of interface values where both can be compared: same type, same value.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.type_name() == b.type_name()
                && match a.kind() {
                    Kind::Ptr | Kind::Func => std::ptr::addr_eq(&raw const **a, &raw const **b),
                    _ => a.equals(&**b),
                }
        }
        _ => deep_equal(a, b),
    }
}

/// `open` holds the pairs of maps under comparison: meeting one again proves nothing new.
#[expect(clippy::float_cmp, reason = "Go compares floats exactly")]
fn deep_equal_within(a: &Value, b: &Value, open: &mut Vec<(usize, usize)>) -> bool {
    if !work::spend(1) {
        return false;
    }
    match (a, b) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a, a_type), Value::Int(b, b_type)) => a == b && a_type == b_type,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Complex(re, im), Value::Complex(other_re, other_im)) => {
            re == other_re && im == other_im
        }
        (Value::Str(a), Value::Str(b)) | (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            a.ty() == b.ty()
                && a.is_nil() == b.is_nil()
                && a.items().len() == b.items().len()
                && (a.items().as_ptr() == b.items().as_ptr()
                    || a.items().iter().zip(b.items()).all(|(a, b)| deep_equal_within(a, b, open)))
        }
        (Value::Map(a), Value::Map(b)) => deep_equal_maps(a, b, open),
        (Value::Object(a), Value::Object(b)) => {
            a.type_name() == b.type_name()
                && (std::ptr::addr_eq(&raw const **a, &raw const **b) || a.equals(&**b))
        }
        _ => false,
    }
}

fn deep_equal_maps(a: &Map, b: &Map, open: &mut Vec<(usize, usize)>) -> bool {
    if a.ty() != b.ty() || a.is_nil() != b.is_nil() || a.len() != b.len() {
        return false;
    }
    let pair = (a.address(), b.address());
    if a.is_same(b) || open.contains(&pair) {
        return true;
    }
    open.push(pair);
    let equal = a.entries().into_iter().all(|(key, slot)| {
        b.get(&key).is_some_and(|other| deep_equal_within(&slot.value, &other, open))
    });
    open.pop();
    equal
}

/// A value of a kind that has an order or at least plain equality.
enum Basic {
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Complex(f64, f64),
    Str(Str),
}

fn basic(value: &Value) -> Option<Basic> {
    Some(match value {
        Value::Bool(value) => Basic::Bool(*value),
        Value::Int(value, ty) if ty.is_signed() => Basic::Int(*value),
        Value::Int(value, _) => Basic::Uint(*value as u64),
        Value::Float(value) => Basic::Float(*value),
        Value::Complex(re, im) => Basic::Complex(*re, *im),
        Value::Str(text) => Basic::Str(text.clone()),
        Value::Object(object) => match object.kind() {
            Kind::Bool | Kind::Int(_) | Kind::Float64 | Kind::String => {
                return basic(&object.to_json());
            }
            _ => return None,
        },
        Value::Nil | Value::Bytes(_) | Value::List(_) | Value::Map(_) => return None,
    })
}

fn incompatible(a: &Value, b: &Value) -> Fault {
    let (a, b) = (a.type_name(), b.type_name());
    Fault::function(format!("incompatible types for comparison: {a} and {b}"))
}

/// Text/template's `eq`: whether `first` equals any of `others`, looking no further than the
/// first that does.
///
/// Errors: no others; kinds that differ (integers of all types are one kind); lists and maps.
pub fn eq(first: &Value, others: &[Value]) -> Result<bool> {
    if others.is_empty() {
        return Err(Fault::function("missing argument for comparison"));
    }
    for other in others {
        if eq_one(first, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn eq_one(a: &Value, b: &Value) -> Result<bool> {
    Ok(match (basic(a), basic(b)) {
        (Some(Basic::Bool(a)), Some(Basic::Bool(b))) => a == b,
        (Some(Basic::Int(a)), Some(Basic::Int(b))) => a == b,
        (Some(Basic::Uint(a)), Some(Basic::Uint(b))) => a == b,
        (Some(Basic::Float(a)), Some(Basic::Float(b))) => a == b,
        (Some(Basic::Complex(re, im)), Some(Basic::Complex(other_re, other_im))) => {
            re == other_re && im == other_im
        }
        (Some(Basic::Str(a)), Some(Basic::Str(b))) => a == b,
        (Some(Basic::Int(int)), Some(Basic::Uint(uint)))
        | (Some(Basic::Uint(uint)), Some(Basic::Int(int))) => u64::try_from(int) == Ok(uint),
        (None, None) => return eq_others(a, b),
        _ if matches!(a, Value::Nil) || matches!(b, Value::Nil) => false,
        _ => return Err(incompatible(a, b)),
    })
}

/// Values of no basic kind: all can be compared with nil, few with each other.
fn eq_others(a: &Value, b: &Value) -> Result<bool> {
    let nil = (matches!(a, Value::Nil), matches!(b, Value::Nil));
    if a.kind() != b.kind() && nil == (false, false) {
        let shown = sprintf(b"%s: %T, %T: %v", &[a.clone(), a.clone(), b.clone(), b.clone()]);
        return Err(Fault::function(format!("non-comparable types {shown}")));
    }
    match (is_nil(a), is_nil(b)) {
        (false, false) => {}
        (a, b) => return Ok(a == b),
    }
    match b.kind() {
        Kind::Slice | Kind::Map | Kind::Func => {
            let shown = sprintf(b"%s: %T", &[b.clone(), b.clone()]);
            Err(Fault::function(format!("non-comparable type {shown}")))
        }
        _ => Ok(same(a, b)),
    }
}

/// Nil itself, or a nil list or map.
fn is_nil(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::List(list) => list.is_nil(),
        Value::Map(map) => map.is_nil(),
        _ => false,
    }
}

/// Text/template's `lt`: numbers of one kind, strings by bytes.
///
/// Errors: kinds that differ (integers of all types are one kind) or have no order.
pub fn lt(a: &Value, b: &Value) -> Result<bool> {
    let no_order = || Fault::function("invalid type for comparison");
    let (left, right) = (basic(a).ok_or_else(no_order)?, basic(b).ok_or_else(no_order)?);
    Ok(match (left, right) {
        (Basic::Int(a), Basic::Int(b)) => a < b,
        (Basic::Uint(a), Basic::Uint(b)) => a < b,
        (Basic::Int(a), Basic::Uint(b)) => i128::from(a) < i128::from(b),
        (Basic::Uint(a), Basic::Int(b)) => i128::from(a) < i128::from(b),
        (Basic::Float(a), Basic::Float(b)) => a < b,
        (Basic::Str(a), Basic::Str(b)) => a < b,
        (Basic::Bool(_), Basic::Bool(_)) | (Basic::Complex(..), Basic::Complex(..)) => {
            return Err(no_order());
        }
        _ => return Err(incompatible(a, b)),
    })
}

/// Text/template's `le`: `lt` or `eq`. Errors: as `lt`.
pub fn le(a: &Value, b: &Value) -> Result<bool> {
    Ok(lt(a, b)? || eq_one(a, b)?)
}
