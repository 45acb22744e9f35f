//! Go's own functions: `index`, `printf`, `and`, `eq` and the like.
//!
//! The evaluator handles `and`, `or` (which skip arguments) and `call` (whose words depend on
//! the source text) by itself; their rows here serve other callers.

use super::{Def, FromArg, Ty, def};
use crate::diag::{Fault, Result};
use crate::golang::quote::is_print;
use crate::value::print::{sprint_actions, sprint_all, sprintln_all};
use crate::value::verbs::try_sprintf;
use crate::value::{IntType, Kind, MapType, Str, Value, compare};

pub(super) const FUNCS: &[Def] = &[
    def!("and" => and(first: Reflected, rest: ..Reflected)),
    def!("call" => call(function: Reflected, arguments: ..Reflected)),
    def!("eq" => eq(first: Reflected, others: ..Reflected)),
    def!("ge" => ge(first: Reflected, second: Reflected)),
    def!("gt" => gt(first: Reflected, second: Reflected)),
    def!("html" => html(operands: ..&Value)),
    def!("index" => index(item: Reflected, keys: ..Reflected)),
    def!("js" => js(operands: ..&Value)),
    def!("le" => le(first: Reflected, second: Reflected)),
    def!("len" => len(item: Reflected)),
    def!("lt" => lt(first: Reflected, second: Reflected)),
    def!("ne" => ne(first: Reflected, second: Reflected)),
    def!("not" => not(value: Reflected)),
    def!("or" => or(first: Reflected, rest: ..Reflected)),
    def!("print" => print(operands: ..&Value)),
    def!("printf" => printf(format: &Str, operands: ..&Value)),
    def!("println" => println(operands: ..&Value)),
    def!("urlquery" => urlquery(operands: ..&Value)),
];

/// A parameter that Go declares as `reflect.Value`.
#[derive(Clone, Copy)]
struct Reflected<'a>(&'a Value);

impl<'a> FromArg<'a> for Reflected<'a> {
    const TY: Ty = Ty::Reflect;
    fn from_arg(value: &'a Value) -> Result<Self> {
        Ok(Reflected(value))
    }
}

/// The first argument that is empty (false, 0, "", nil, an empty list or map), else the last.
///
/// Takes: first (any), rest (any…). Returns: the argument.
/// Errors: none. Source: Go `and`. Arguments after the result are not evaluated.
fn and(first: Reflected, rest: &[Value]) -> Value {
    decisive(first.0, rest, false)
}

/// The first argument that is not empty, else the last.
///
/// Takes: first (any), rest (any…). Returns: the argument.
/// Errors: none. Source: Go `or`. Arguments after the result are not evaluated.
fn or(first: Reflected, rest: &[Value]) -> Value {
    decisive(first.0, rest, true)
}

fn decisive(first: &Value, rest: &[Value], truth: bool) -> Value {
    let all = std::iter::once(first).chain(rest);
    all.clone().find(|value| value.truth() == truth).or(all.last()).cloned().unwrap_or_default()
}

/// Whether a value is empty: false, 0, "", nil, an empty list or map.
///
/// Takes: value (any). Returns: bool.
/// Errors: none. Source: Go `not`.
fn not(value: Reflected) -> bool {
    !value.0.truth()
}

/// Calls a function value; Helm gives templates none.
///
/// Takes: function (any), arguments (any…). Returns: never.
/// Errors: always. Source: Go `call`.
fn call(function: Reflected, _arguments: &[Value]) -> Result<Value> {
    Err(Fault::function(match function.0 {
        Value::Nil => "call of nil".to_owned(),
        value => format!("non-function of type {}", value.type_name()),
    }))
}

/// Whether the first argument equals any of the others.
///
/// Takes: first (any), others (any…). Returns: bool.
/// Errors: no others; values of different kinds (a number of values.yaml is a float, not an
/// integer); lists and maps. Source: Go `eq`.
fn eq(first: Reflected, others: &[Value]) -> Result<bool> {
    compare::eq(first.0, others)
}

/// Whether two values differ.
///
/// Takes: first (any), second (any). Returns: bool.
/// Errors: as `eq`. Source: Go `ne`.
fn ne(first: Reflected, second: Reflected) -> Result<bool> {
    compare::eq(first.0, std::slice::from_ref(second.0)).map(|equal| !equal)
}

/// Whether the first number or string is less than the second.
///
/// Takes: first (any), second (any). Returns: bool.
/// Errors: values of different kinds, or of a kind without order. Source: Go `lt`.
fn lt(first: Reflected, second: Reflected) -> Result<bool> {
    compare::lt(first.0, second.0)
}

/// Whether the first number or string is less than the second or equal to it.
///
/// Takes: first (any), second (any). Returns: bool.
/// Errors: as `lt`. Source: Go `le`.
fn le(first: Reflected, second: Reflected) -> Result<bool> {
    compare::le(first.0, second.0)
}

/// Whether the first number or string is greater than the second.
///
/// Takes: first (any), second (any). Returns: bool.
/// Errors: as `lt`. Source: Go `gt`.
fn gt(first: Reflected, second: Reflected) -> Result<bool> {
    compare::le(first.0, second.0).map(|at_most| !at_most)
}

/// Whether the first number or string is greater than the second or equal to it.
///
/// Takes: first (any), second (any). Returns: bool.
/// Errors: as `lt`. Source: Go `ge`.
fn ge(first: Reflected, second: Reflected) -> Result<bool> {
    compare::lt(first.0, second.0).map(|less| !less)
}

/// Length of a string in bytes, or of a list or map in entries.
///
/// Takes: item (any). Returns: int.
/// Errors: nil; a value without length. Source: Go `len`.
fn len(item: Reflected) -> Result<Value> {
    let length = match item.0 {
        Value::Nil => return Err(Fault::function("len of nil pointer")),
        Value::Str(text) | Value::Bytes(text) => Some(text.len()),
        Value::List(list) => Some(list.items().len()),
        Value::Map(map) => Some(map.len()),
        Value::Object(object) if matches!(object.kind(), Kind::Map | Kind::Slice) => {
            object.entries().map(|entries| entries.len())
        }
        _ => None,
    };
    match length {
        Some(length) => Ok(Value::int(length as i64)),
        None => Err(Fault::function(format!("len of type {}", pointee(item.0)))),
    }
}

/// The item under a key of a map or at a position of a list, several levels deep.
///
/// Takes: item (any), keys (any…). Returns: the item; nil for a missing map key; a byte of a
/// string. Errors: nil on the way; a position out of range or of the wrong type (numbers of
/// values.yaml are floats: use `int`). Source: Go `index`.
fn index(item: Reflected, keys: &[Value]) -> Result<Value> {
    if let Value::Nil = item.0 {
        return Err(Fault::function("index of untyped nil"));
    }
    keys.iter().try_fold(item.0.clone(), |item, key| index_one(&item, key))
}

fn index_one(item: &Value, key: &Value) -> Result<Value> {
    let byte_of = |text: &Str, what| {
        let position = position(key, text.len(), what)?;
        Ok(Value::Int(i64::from(text.as_bytes()[position]), IntType::Uint8))
    };
    match item {
        Value::Nil => Err(Fault::function("index of nil pointer")),
        Value::Str(text) => byte_of(text, "string"),
        Value::Bytes(bytes) => byte_of(bytes, "slice"),
        Value::List(list) => {
            let items = list.items();
            Ok(items[position(key, items.len(), "slice")?].clone())
        }
        Value::Map(map) => {
            let found = map.get(map_key(key)?);
            let zero = || if map.ty() == MapType::String { Value::str("") } else { Value::Nil };
            Ok(found.unwrap_or_else(zero))
        }
        Value::Object(object) if object.kind() == Kind::Map => {
            let key = map_key(key)?;
            let mut entries = object.entries().unwrap_or_default().into_iter();
            let found = entries.find(|(name, _)| name.as_str() == Some(key));
            // The one such type, `.Files`, holds bytes.
            Ok(found.map_or_else(|| Value::Bytes(Str::from("")), |(_, value)| value))
        }
        Value::Object(object) if object.kind() == Kind::Slice => {
            let mut entries = object.entries().unwrap_or_default();
            let position = position(key, entries.len(), "slice")?;
            Ok(entries.swap_remove(position).1)
        }
        other => Err(Fault::function(format!("can't index item of type {}", pointee(other)))),
    }
}

fn map_key(key: &Value) -> Result<&Str> {
    match key {
        Value::Str(text) => Ok(text),
        Value::Nil => Err(Fault::function("value is nil; should be of type string")),
        other => {
            let ty = other.type_name();
            Err(Fault::function(format!("value has type {ty}; should be string")))
        }
    }
}

fn position(key: &Value, length: usize, what: &str) -> Result<usize> {
    let number = match key {
        Value::Int(number, _) => *number,
        Value::Object(object) if matches!(object.kind(), Kind::Int(_)) => {
            super::arg::to_int64(&object.to_json())
        }
        Value::Nil => return Err(Fault::function("cannot index slice/array with nil")),
        other => {
            let ty = other.type_name();
            return Err(Fault::function(format!("cannot index slice/array with type {ty}")));
        }
    };
    match usize::try_from(number) {
        Ok(position) if position < length => Ok(position),
        // Go's check lets the length itself pass; the panic that follows has other words.
        Ok(position) if position == length => {
            Err(Fault::function(format!("reflect: {what} index out of range")))
        }
        _ => Err(Fault::function(format!("index out of range: {number}"))),
    }
}

/// Go's type name of a value, of what it points to if it is a pointer.
fn pointee(value: &Value) -> &'static str {
    let name = value.type_name();
    name.strip_prefix('*').unwrap_or(name)
}

/// Prints values by their default format, a blank between two that are not strings.
///
/// Takes: operands (any…). Returns: string.
/// Errors: a map that contains itself. Source: Go `print`.
fn print(operands: &[Value]) -> Result<Str> {
    sprint_all(operands)
}

/// Prints values by a format with verbs.
///
/// Takes: format (string), operands (any…). Returns: string; mistakes show in it, such as
/// `%!d(string=x)`. Errors: a map that contains itself. Source: Go `printf`.
fn printf(format: &Str, operands: &[Value]) -> Result<Str> {
    try_sprintf(format.as_bytes(), operands)
}

/// Prints values by their default format, blanks between all, and a newline.
///
/// Takes: operands (any…). Returns: string.
/// Errors: a map that contains itself. Source: Go `println`.
fn println(operands: &[Value]) -> Result<Str> {
    sprintln_all(operands)
}

/// Escapes the printed values for HTML.
///
/// Takes: operands (any…). Returns: string.
/// Errors: a map that contains itself. Source: Go `html`.
fn html(operands: &[Value]) -> Result<Str> {
    let text = sprint_actions(operands)?;
    let mut out = Vec::with_capacity(text.len());
    for &byte in text.as_bytes() {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            _ => out.push(byte),
        }
    }
    Ok(Str::from(out))
}

/// Escapes the printed values for a JavaScript string.
///
/// Takes: operands (any…). Returns: string.
/// Errors: a map that contains itself. Source: Go `js`.
fn js(operands: &[Value]) -> Result<Str> {
    let text = sprint_actions(operands)?;
    let mut out = Vec::with_capacity(text.len());
    for chunk in text.as_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' | '\'' | '"' => out.extend([b'\\', c as u8]),
                '<' | '>' | '&' | '=' | '\0'..=' ' if c != ' ' => escape_unit(c, &mut out),
                '\u{80}'.. if !is_print(c) => escape_unit(c, &mut out),
                _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        // Bad bytes pass: Go takes each for the printable U+FFFD.
        out.extend_from_slice(chunk.invalid());
    }
    Ok(Str::from(out))
}

fn escape_unit(c: char, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\\u{:04X}", u32::from(c)).as_bytes());
}

/// Escapes the printed values for the query of a URL, blanks as `+`.
///
/// Takes: operands (any…). Returns: string.
/// Errors: a map that contains itself. Source: Go `urlquery`.
fn urlquery(operands: &[Value]) -> Result<Str> {
    let text = sprint_actions(operands)?;
    let mut out = Vec::with_capacity(text.len());
    for &byte in text.as_bytes() {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' | b'~' => out.push(byte),
            b' ' => out.push(b'+'),
            _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    Ok(Str::from(out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{List, ListType, Map};

    fn outcome<T: Into<Value>>(result: Result<T>) -> String {
        match result {
            Ok(value) => crate::value::print::sprint(&value.into()).to_string(),
            Err(fault) => fault.message().to_owned(),
        }
    }

    fn list(items: &[Value]) -> Value {
        Value::list(items.to_vec())
    }

    #[test]
    fn compares_as_go() {
        let map = Value::Map(Map::new());
        let nil_list = Value::List(List::nil(ListType::String));
        let byte = Value::Int(97, IntType::Uint8);
        let (one, a) = (Value::int(1), Value::str("a"));
        for (first, others, want) in [
            (&one, vec![], "missing argument for comparison"),
            (&one, vec![1.0.into()], "incompatible types for comparison: int and float64"),
            (
                &one,
                vec![Value::int(2), a.clone()],
                "incompatible types for comparison: int and string",
            ),
            (&one, vec![one.clone(), a.clone()], "true"),
            (&one, vec![Value::Nil], "false"),
            (&Value::int(97), vec![byte.clone()], "true"),
            (&Value::Nil, vec![Value::Nil], "true"),
            (&Value::Nil, vec![list(&[])], "false"),
            (&Value::Nil, vec![nil_list.clone()], "true"),
            (
                &nil_list,
                vec![map.clone()],
                "non-comparable types []: []string, map[string]interface {}: map[]",
            ),
            (&map, vec![map.clone()], "non-comparable type map[]: map[string]interface {}"),
            (
                &list(&[one.clone(), a.clone()]),
                vec![map.clone()],
                "non-comparable types [%!s(int=1) a]: []interface {}, map[string]interface {}: map[]",
            ),
            (&a, vec![list(&[])], "incompatible types for comparison: string and []interface {}"),
        ] {
            assert_eq!(outcome(eq(Reflected(first), &others)), want);
        }
        // Moved or copied as the rows need them.
        #[allow(clippy::redundant_clone, reason = "a table reads better when its rows are alike")]
        for (a, b, want) in [
            (Value::Bool(true), Value::Bool(false), "invalid type for comparison"),
            (one.clone(), Value::Nil, "invalid type for comparison"),
            (one.clone(), 1.5.into(), "incompatible types for comparison: int and float64"),
            (Value::int(-1), byte.clone(), "true"),
            (byte.clone(), Value::int(-1), "false"),
            (a.clone(), Value::str("b"), "true"),
        ] {
            assert_eq!(outcome(lt(Reflected(&a), Reflected(&b))), want);
        }
    }

    #[test]
    fn indexes_as_go() {
        let map = Value::Map(Map::new());
        let pair = list(&[Value::int(1), Value::int(2)]);
        let split = Value::Map(Map::typed(MapType::String));
        for (item, keys, want) in [
            (&pair, vec![Value::int(1)], "2"),
            (&pair, vec![Value::int(2)], "reflect: slice index out of range"),
            (&pair, vec![Value::int(3)], "index out of range: 3"),
            (&pair, vec![Value::int(-1)], "index out of range: -1"),
            (&pair, vec![Value::Nil], "cannot index slice/array with nil"),
            (&pair, vec![1.0.into()], "cannot index slice/array with type float64"),
            (&Value::str("ab"), vec![Value::int(1)], "98"),
            (&map, vec!["a".into()], "<nil>"),
            (&split, vec!["a".into()], ""),
            (&map, vec!["a".into(), "b".into()], "index of nil pointer"),
            (&map, vec![Value::Nil], "value is nil; should be of type string"),
            (&map, vec![Value::int(1)], "value has type int; should be string"),
            (&Value::Nil, vec!["a".into()], "index of untyped nil"),
            (&Value::int(1), vec!["a".into()], "can't index item of type int"),
        ] {
            assert_eq!(outcome(index(Reflected(item), &keys)), want);
        }
        assert_eq!(outcome(len(Reflected(&Value::str("hé")))), "3");
        assert_eq!(outcome(len(Reflected(&Value::Nil))), "len of nil pointer");
        assert_eq!(outcome(len(Reflected(&Value::int(3)))), "len of type int");
    }

    #[test]
    fn escapes_as_go() {
        let mixed = ["<a b='c'>&".into(), Value::Nil, Value::int(1), Value::int(2)];
        assert_eq!(outcome(html(&mixed)), "&lt;a b=&#39;c&#39;&gt;&amp;&lt;no value&gt;1 2");
        let text = "<a b='c'>&\n\u{1}é\u{200b}\u{7f}=\\\"/".into();
        let want =
            "\\u003Ca b\\u003D\\'c\\'\\u003E\\u0026\\u000A\\u0001é\\u200B\u{7f}\\u003D\\\\\\\"/";
        assert_eq!(outcome(js(&[text])), want);
        assert_eq!(outcome(urlquery(&["a b/é?&=~_-.+".into()])), "a+b%2F%C3%A9%3F%26%3D~_-.%2B");
    }
}
