//! Kinds and types.

use super::{Def, def};
use crate::value::{Str, Value};

pub(super) const FUNCS: &[Def] = &[
    def!("kindIs" => kind_is(kind: &Str, value: &Value)),
    def!("kindOf" => kind_of(value: &Value)),
    def!("typeIs" => type_is(name: &Str, value: &Value)),
    def!("typeIsLike" => type_is_like(name: &Str, value: &Value)),
    def!("typeOf" => type_of(value: &Value)),
];

/// Whether a value is of a kind.
///
/// Takes: kind (string), value (any). Returns: bool.
/// Errors: none. Source: sprig `kindIs`.
fn kind_is(kind: &Str, value: &Value) -> bool {
    kind.as_bytes() == kind_of(value).as_bytes()
}

/// Go's kind of a value: `string`, `float64`, `int64`, `bool`, `map`, `slice`, `struct`, `ptr`;
/// `invalid` of nil.
///
/// Takes: value (any). Returns: string.
/// Errors: none. Source: sprig `kindOf`.
fn kind_of(value: &Value) -> &'static str {
    value.kind().name()
}

/// Whether a value is of a type.
///
/// Takes: Go's type name (string), value (any). Returns: bool.
/// Errors: none. Source: sprig `typeIs`.
fn type_is(name: &Str, value: &Value) -> bool {
    name.as_bytes() == type_of(value).as_bytes()
}

/// Whether a value is of a type or a pointer to it.
///
/// Takes: Go's type name (string), value (any). Returns: bool.
/// Errors: none. Source: sprig `typeIsLike`.
fn type_is_like(name: &Str, value: &Value) -> bool {
    let ty = type_of(value);
    let target = ty.strip_prefix('*').unwrap_or(ty);
    name.as_bytes() == ty.as_bytes() || name.as_bytes() == target.as_bytes()
}

/// Go's type of a value, such as `map[string]interface {}`; `<nil>` of nil.
///
/// Takes: value (any). Returns: string.
/// Errors: none. Source: sprig `typeOf`.
fn type_of(value: &Value) -> &'static str {
    value.type_name()
}
