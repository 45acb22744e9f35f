//! Defaults and choices.

use super::{Def, def};
use crate::value::Value;

pub(super) const FUNCS: &[Def] = &[
    def!("all" => all(values: ..&Value)),
    def!("any" => any(values: ..&Value)),
    def!("coalesce" => coalesce(values: ..&Value)),
    def!("default" => default(fallback: &Value, given: ..&Value)),
    def!("empty" => empty(value: &Value)),
    def!("ternary" => ternary(yes: &Value, no: &Value, condition: bool)),
];

/// Whether no value is empty.
///
/// Takes: values (any…). Returns: bool; true without any values.
/// Errors: none. Source: sprig `all`.
fn all(values: &[Value]) -> bool {
    !values.iter().any(is_empty)
}

/// Whether some value is not empty.
///
/// Takes: values (any…). Returns: bool; false without any values.
/// Errors: none. Source: sprig `any`.
fn any(values: &[Value]) -> bool {
    !values.iter().all(is_empty)
}

/// The first value that is not empty.
///
/// Takes: values (any…). Returns: any; nil when all are empty.
/// Errors: none. Source: sprig `coalesce`.
fn coalesce(values: &[Value]) -> Value {
    values.iter().find(|value| !is_empty(value)).cloned().unwrap_or_default()
}

/// A value, or a default when it is empty.
///
/// Takes: default (any), value (any, optional). Returns: any.
/// Errors: none. Source: sprig `default`.
fn default(fallback: &Value, given: &[Value]) -> Value {
    given.first().filter(|given| !is_empty(given)).unwrap_or(fallback).clone()
}

/// Whether a value is empty: nil, false, 0, "", an empty list or map.
///
/// Takes: value (any). Returns: bool.
/// Errors: none. Source: sprig `empty`.
fn empty(value: &Value) -> bool {
    is_empty(value)
}

/// One of two values.
///
/// Takes: value if true (any), value if false (any), condition (bool). Returns: any.
/// Errors: none. Source: sprig `ternary`.
fn ternary(yes: &Value, no: &Value, condition: bool) -> Value {
    if condition { yes } else { no }.clone()
}

/// Sprig's notion of an empty value, the opposite of Go's truth.
pub(super) fn is_empty(value: &Value) -> bool {
    !value.truth()
}
