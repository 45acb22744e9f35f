//! Go structs and named types that templates meet: fields, methods, printing.
//!
//! `.Files`, `.Capabilities`, semantic versions, times, durations and certificates implement
//! [`Object`] next to the functions that make them. Blind to its implementers.

use std::any::Any;

use super::{Kind, Map, Value};
use crate::diag::Result;
use crate::funcs::{Runtime, Ty};

/// What a template may know of a method before it calls it.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Parameter types, in order.
    pub params: &'static [Ty],
    /// Whether the last parameter takes any number of arguments.
    pub variadic: bool,
}

/// A Go value with a type of its own.
pub trait Object: Any {
    /// Go's type name as `%T` prints it, such as `*semver.Version`.
    fn type_name(&self) -> &'static str;

    /// Go's kind: struct, pointer, or the underlying kind of a named type.
    fn kind(&self) -> Kind;

    /// Go's truth; structs and pointers are true.
    fn truth(&self) -> bool {
        true
    }

    /// A field by its Go name.
    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    /// All exported fields in declaration order, for printing and encoding.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// The signature of a method by its Go name.
    fn method(&self, _name: &str) -> Option<Method> {
        None
    }

    /// Calls a method whose arguments the evaluator has checked against [`Object::method`].
    fn call(&self, _name: &str, _cx: &mut dyn Runtime, _args: &[Value]) -> Result<Value> {
        Ok(Value::Nil)
    }

    /// What Go's `String()` (or `Error()`) gives, where the type has one.
    fn display(&self) -> Option<String> {
        None
    }

    /// Go's `==` and `reflect.DeepEqual` with another object; by default, being the same one.
    fn equals(&self, other: &dyn Object) -> bool {
        std::ptr::addr_eq(std::ptr::from_ref(self), std::ptr::from_ref(other))
    }

    /// All fields in declaration order, unexported ones too, as printing shows them.
    fn all_fields(&self) -> Vec<(&'static str, Value)> {
        self.fields()
    }

    /// What Go's `String()` on the pointer gives: `{{ x }}` finds it for a field of a struct
    /// behind a pointer, `print` and `%v` do not.
    fn pointer_display(&self) -> Option<String> {
        self.display()
    }

    /// What Go's `GoString()` (`%#v`) gives, where the type has one.
    fn go_string(&self) -> Option<String> {
        None
    }

    /// The fields of a struct as `encoding/json` writes them: its names, declaration order.
    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        None
    }

    /// What `encoding/json` sees instead of the object: `toJson`, `toYaml`. Named types of a
    /// basic kind (durations, months) give the bare value here, for `%d` and comparisons.
    fn to_json(&self) -> Value {
        self.json_fields().map_or(Value::Nil, |fields| {
            let map = Map::new();
            for (name, value) in fields {
                map.insert(name, value);
            }
            Value::Map(map)
        })
    }

    /// The same type's value of another whole number, which `range` counts with.
    fn counted(&self, _number: i64) -> Option<Value> {
        None
    }

    /// Entries of a map-like or list-like named type (`.Files`), sorted, for `range`, `len`
    /// and `index`.
    fn entries(&self) -> Option<Vec<(Value, Value)>> {
        None
    }
}
