//! `Value`: what a Go template computes with, for the length of one render.
//!
//! Reproduces the part of Go's type system that templates can see: kinds, type names, aliasing
//! of maps, strings as bytes. Maps are shared and mutable (`Rc`), lists immutable. Blind to
//! text formats and templates.

pub mod compare;
pub mod from_doc;
mod list;
mod map;
mod object;
pub mod print;
mod printer;
mod release;
mod text;
pub mod verbs;
pub mod work;

use std::rc::Rc;

use crate::stack;

pub use list::{List, ListType};
pub use map::{Map, MapType, Slot};
pub use object::{Method, Object};
pub use text::Str;

/// Go's integer types that templates meet; they print alike and differ in `typeOf` and in
/// what functions accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IntType {
    /// `int`
    Int,
    /// `int8`
    Int8,
    /// `int16`
    Int16,
    /// `int32`
    Int32,
    /// `int64`
    Int64,
    /// `uint`
    Uint,
    /// `uint8`
    Uint8,
    /// `uint16`
    Uint16,
    /// `uint32`
    Uint32,
    /// `uint64`; kept in two's complement
    Uint64,
}

impl IntType {
    /// Go's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            IntType::Int => "int",
            IntType::Int8 => "int8",
            IntType::Int16 => "int16",
            IntType::Int32 => "int32",
            IntType::Int64 => "int64",
            IntType::Uint => "uint",
            IntType::Uint8 => "uint8",
            IntType::Uint16 => "uint16",
            IntType::Uint32 => "uint32",
            IntType::Uint64 => "uint64",
        }
    }

    /// Whether the type has a sign.
    pub fn is_signed(self) -> bool {
        matches!(
            self,
            IntType::Int | IntType::Int8 | IntType::Int16 | IntType::Int32 | IntType::Int64
        )
    }
}

/// Go's reflect kinds, as far as templates can tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No value at all (an untyped nil).
    Invalid,
    /// `bool`
    Bool,
    /// Any integer type.
    Int(IntType),
    /// `float64`
    Float64,
    /// `complex128`
    Complex128,
    /// `string`
    String,
    /// `slice`
    Slice,
    /// `map`
    Map,
    /// `struct`
    Struct,
    /// `ptr`
    Ptr,
    /// `func`
    Func,
}

impl Kind {
    /// Go's name of the kind, as `kindOf` gives it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Invalid => "invalid",
            Kind::Bool => "bool",
            Kind::Int(int) => int.name(),
            Kind::Float64 => "float64",
            Kind::Complex128 => "complex128",
            Kind::String => "string",
            Kind::Slice => "slice",
            Kind::Map => "map",
            Kind::Struct => "struct",
            Kind::Ptr => "ptr",
            Kind::Func => "func",
        }
    }
}

/// A value of a Go template.
#[derive(Clone, Default)]
pub enum Value {
    /// An untyped nil: what a missing map key gives.
    #[default]
    Nil,
    /// `bool`
    Bool(bool),
    /// An integer and its type; unsigned 64-bit ones in two's complement.
    Int(i64, IntType),
    /// `float64`
    Float(f64),
    /// `complex128`, which only a literal such as `1i` makes.
    Complex(f64, f64),
    /// `string`
    Str(Str),
    /// `[]uint8`
    Bytes(Str),
    /// A list.
    List(List),
    /// A map.
    Map(Map),
    /// A Go struct, pointer or named type with fields and methods.
    Object(Rc<dyn Object>),
}

impl Value {
    /// An `int`.
    pub fn int(value: i64) -> Self {
        Value::Int(value, IntType::Int)
    }

    /// An `int64`.
    pub fn int64(value: i64) -> Self {
        Value::Int(value, IntType::Int64)
    }

    /// A `string`.
    pub fn str(text: impl Into<Str>) -> Self {
        Value::Str(text.into())
    }

    /// A `[]interface {}`.
    pub fn list(items: Vec<Value>) -> Self {
        Value::List(List::new(items))
    }

    /// An object.
    pub fn object(object: impl Object) -> Self {
        Value::Object(Rc::new(object))
    }

    /// Go's kind.
    pub fn kind(&self) -> Kind {
        match self {
            Value::Nil => Kind::Invalid,
            Value::Bool(_) => Kind::Bool,
            Value::Int(_, ty) => Kind::Int(*ty),
            Value::Float(_) => Kind::Float64,
            Value::Complex(..) => Kind::Complex128,
            Value::Str(_) => Kind::String,
            Value::Bytes(_) | Value::List(_) => Kind::Slice,
            Value::Map(_) => Kind::Map,
            Value::Object(object) => object.kind(),
        }
    }

    /// Go's type name as `%T` prints it; `<nil>` for an untyped nil.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Nil => "<nil>",
            Value::Bool(_) => "bool",
            Value::Int(_, ty) => ty.name(),
            Value::Float(_) => "float64",
            Value::Complex(..) => "complex128",
            Value::Str(_) => "string",
            Value::Bytes(_) => "[]uint8",
            Value::List(list) => list.ty().name(),
            Value::Map(map) => map.ty().name(),
            Value::Object(object) => object.type_name(),
        }
    }

    /// Go's truth, as `if`, `and` and `not` see it: false for false, 0, "", nil and empty
    /// lists and maps; structs are true.
    pub fn truth(&self) -> bool {
        match self {
            Value::Nil => false,
            Value::Bool(value) => *value,
            Value::Int(value, _) => *value != 0,
            Value::Float(value) => *value != 0.0,
            Value::Complex(re, im) => *re != 0.0 || *im != 0.0,
            Value::Str(text) | Value::Bytes(text) => !text.is_empty(),
            Value::List(list) => !list.items().is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Object(object) => object.truth(),
        }
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&Str> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&List> {
        match self {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The object, if it is one of the concrete type.
    pub fn downcast<T: Object>(&self) -> Option<&T> {
        match self {
            Value::Object(object) => {
                let any: &dyn std::any::Any = &**object;
                any.downcast_ref()
            }
            _ => None,
        }
    }

    /// A copy that shares no map with the original; lists and maps at any depth are copied,
    /// objects are shared. Below the depth that the stack has room for, everything is shared.
    #[must_use]
    pub fn deep_copy(&self) -> Value {
        match self {
            Value::List(_) | Value::Map(_) if stack::is_low() => self.clone(),
            Value::List(list) => {
                if list.is_nil() {
                    return self.clone();
                }
                let items = list.items().iter().map(Value::deep_copy).collect();
                Value::List(List::with_capacity(items, list.ty(), list.capacity()))
            }
            Value::Map(map) => Value::Map(map.deep_copy()),
            other => other.clone(),
        }
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Nil => f.write_str("nil"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Int(value, ty) => write!(f, "{}({value})", ty.name()),
            Value::Float(value) => write!(f, "float64({value})"),
            Value::Complex(re, im) => write!(f, "complex128({re}, {im})"),
            Value::Str(text) => write!(f, "{text:?}"),
            Value::Bytes(bytes) => write!(f, "[]uint8({bytes:?})"),
            Value::List(list) => f.debug_list().entries(list.items()).finish(),
            Value::Map(map) => {
                f.debug_map().entries(map.entries().into_iter().map(|(k, s)| (k, s.value))).finish()
            }
            Value::Object(object) => f.write_str(object.type_name()),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}
impl From<i64> for Value {
    /// Sprig's arithmetic gives `int64`.
    fn from(value: i64) -> Self {
        Value::int64(value)
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Float(value)
    }
}
impl From<Str> for Value {
    fn from(text: Str) -> Self {
        Value::Str(text)
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::str(text)
    }
}
impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::str(text)
    }
}
impl From<List> for Value {
    fn from(list: List) -> Self {
        Value::List(list)
    }
}
impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Value::Map(map)
    }
}
impl From<Vec<u8>> for Value {
    /// Text as bytes.
    fn from(text: Vec<u8>) -> Self {
        Value::str(text)
    }
}
impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Value::list(items)
    }
}
