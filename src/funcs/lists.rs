//! Sprig's list functions. Lists are never changed, except by `sortAlpha`.

use std::borrow::Cow;

use super::{Def, Int, arg, def, defaults};
use crate::diag::{Fault, Result};
use crate::value::compare::deep_equal;
use crate::value::{IntType, Kind, List, ListType, Value};

pub(super) const FUNCS: &[Def] = &[
    def!("append" => push(list: &Value, value: &Value)),
    def!("chunk" => chunk(size: Int, list: &Value)),
    def!("compact" => compact(list: &Value)),
    def!("concat" => concat(lists: ..&Value)),
    def!("first" => first(list: &Value)),
    def!("has" => has(value: &Value, list: &Value)),
    def!("initial" => initial(list: &Value)),
    def!("last" => last(list: &Value)),
    def!("list" => list(values: ..&Value)),
    def!("mustAppend" => push(list: &Value, value: &Value)),
    def!("mustChunk" => chunk(size: Int, list: &Value)),
    def!("mustCompact" => compact(list: &Value)),
    def!("mustFirst" => first(list: &Value)),
    def!("mustHas" => has(value: &Value, list: &Value)),
    def!("mustInitial" => initial(list: &Value)),
    def!("mustLast" => last(list: &Value)),
    def!("mustPrepend" => prepend(list: &Value, value: &Value)),
    def!("mustPush" => push(list: &Value, value: &Value)),
    def!("mustRest" => rest(list: &Value)),
    def!("mustReverse" => reverse(list: &Value)),
    def!("mustSlice" => slice(list: &Value, bounds: ..&Value)),
    def!("mustUniq" => uniq(list: &Value)),
    def!("mustWithout" => without(list: &Value, values: ..&Value)),
    def!("prepend" => prepend(list: &Value, value: &Value)),
    def!("push" => push(list: &Value, value: &Value)),
    def!("rest" => rest(list: &Value)),
    def!("reverse" => reverse(list: &Value)),
    def!("slice" => slice(list: &Value, bounds: ..&Value)),
    def!("tuple" => list(values: ..&Value)),
    def!("uniq" => uniq(list: &Value)),
    def!("without" => without(list: &Value, values: ..&Value)),
];

/// Cuts a list into lists of a size; the last one may be shorter.
///
/// Takes: size (int), list (any). Returns: list of lists.
/// Errors: no list; a size of 0, and most negative ones. Source: sprig `chunk`, `mustChunk`.
fn chunk(size: Int, list: &Value) -> Result<List> {
    let items = items(list, "Cannot chunk type")?;
    // Go computes the number of chunks with floats, so that some sizes below zero give none.
    let count = ((items.len() as f64 - 1.0) / size.0 as f64).floor() + 1.0;
    let chunks = match usize::try_from(size.0) {
        Ok(size) if size > 0 => {
            items.chunks(size).map(|items| Value::list(items.to_vec())).collect()
        }
        Err(_) if count == 0.0 => Vec::new(),
        _ => return Err(Fault::function("runtime error: makeslice: len out of range")),
    };
    Ok(List::typed(chunks, ListType::Named("[][]interface {}")))
}

/// A list without its empty items: nil, false, 0, "", empty lists and maps.
///
/// Takes: list (any). Returns: list.
/// Errors: no list. Source: sprig `compact`, `mustCompact`.
fn compact(list: &Value) -> Result<List> {
    let items = items(list, "Cannot compact on type")?;
    Ok(kept(&items, |item| !defaults::is_empty(item)))
}

/// All items of several lists in one list.
///
/// Takes: lists (any…). Returns: list; nil when there is no item.
/// Errors: an argument that is no list. Source: sprig `concat`.
fn concat(lists: &[Value]) -> Result<List> {
    let mut all = Vec::new();
    for list in lists {
        let items = elements(list).ok_or_else(|| match list {
            Value::Nil => nil_pointer(),
            other => Fault::function(format!("Cannot concat type {} as list", other.kind().name())),
        })?;
        all.extend_from_slice(&items);
    }
    Ok(if all.is_empty() {
        List::nil(ListType::Interface)
    } else {
        List::grown(all, ListType::Interface)
    })
}

/// The first item of a list.
///
/// Takes: list (any). Returns: any; nil of an empty list.
/// Errors: no list. Source: sprig `first`, `mustFirst`.
fn first(list: &Value) -> Result<Value> {
    let items = items(list, "Cannot find first on type")?;
    Ok(items.first().cloned().unwrap_or_default())
}

/// Whether a list holds a value of the same type and contents.
///
/// Takes: value (any), list (any). Returns: bool; false for a nil list.
/// Errors: no list. Source: sprig `has`, `mustHas`.
fn has(value: &Value, list: &Value) -> Result<bool> {
    if matches!(list, Value::Nil) {
        return Ok(false);
    }
    let items = items(list, "Cannot find has on type")?;
    Ok(items.iter().any(|item| deep_equal(value, item)))
}

/// All items of a list but the last.
///
/// Takes: list (any). Returns: list; nil of an empty list.
/// Errors: no list. Source: sprig `initial`, `mustInitial`.
fn initial(list: &Value) -> Result<List> {
    let items = items(list, "Cannot find initial on type")?;
    Ok(match items.split_last() {
        Some((_, initial)) => List::new(initial.to_vec()),
        None => List::nil(ListType::Interface),
    })
}

/// The last item of a list.
///
/// Takes: list (any). Returns: any; nil of an empty list.
/// Errors: no list. Source: sprig `last`, `mustLast`.
fn last(list: &Value) -> Result<Value> {
    let items = items(list, "Cannot find last on type")?;
    Ok(items.last().cloned().unwrap_or_default())
}

/// A list of the values.
///
/// Takes: values (any…). Returns: list.
/// Errors: none. Source: sprig `list`, `tuple`.
fn list(values: &[Value]) -> List {
    List::new(values.to_vec())
}

/// A new list with a value before the items of another.
///
/// Takes: list (any), value (any). Returns: list.
/// Errors: no list. Source: sprig `prepend`, `mustPrepend`.
fn prepend(list: &Value, value: &Value) -> Result<List> {
    let items = items(list, "Cannot prepend on type")?;
    let mut all = Vec::with_capacity(items.len() + 1);
    all.push(value.clone());
    all.extend_from_slice(&items);
    Ok(List::appended(1, all, ListType::Interface))
}

/// A new list with a value behind the items of another.
///
/// Takes: list (any), value (any). Returns: list.
/// Errors: no list. Source: sprig `append`, `push`, `mustAppend`, `mustPush`.
fn push(list: &Value, value: &Value) -> Result<List> {
    let items = items(list, "Cannot push on type")?;
    let mut all = Vec::with_capacity(items.len() + 1);
    all.extend_from_slice(&items);
    all.push(value.clone());
    Ok(List::appended(items.len(), all, ListType::Interface))
}

/// All items of a list but the first.
///
/// Takes: list (any). Returns: list; nil of an empty list.
/// Errors: no list. Source: sprig `rest`, `mustRest`.
fn rest(list: &Value) -> Result<List> {
    let items = items(list, "Cannot find rest on type")?;
    Ok(match items.split_first() {
        Some((_, rest)) => List::new(rest.to_vec()),
        None => List::nil(ListType::Interface),
    })
}

/// The items of a list in reverse order.
///
/// Takes: list (any). Returns: list.
/// Errors: no list. Source: sprig `reverse`, `mustReverse`.
fn reverse(list: &Value) -> Result<List> {
    let items = items(list, "Cannot find reverse on type")?;
    Ok(List::new(items.iter().rev().cloned().collect()))
}

/// The items of a list from one place to another.
///
/// Takes: list (any), from (any, default 0), to (any, default its length). Returns: a list of
/// the same type; nil of an empty list. As in Go, the end may lie behind the last item where
/// the list has room to grow.
/// Errors: no list; bounds outside the list. Source: sprig `slice`, `mustSlice`.
fn slice(list: &Value, bounds: &[Value]) -> Result<Value> {
    let items = items(list, "list should be type of slice or array but")?;
    if items.is_empty() {
        return Ok(Value::Nil);
    }
    let start = usize::try_from(bounds.first().map_or(0, arg::to_int64));
    let end = bounds.get(1).map_or(Ok(items.len()), |end| usize::try_from(arg::to_int64(end)));
    let sliced = match (list, start, end) {
        (Value::List(list), Ok(start), Ok(end)) => list.slice(start, end).map(Value::List),
        (Value::Bytes(bytes), Ok(start), Ok(end)) => {
            bytes.as_bytes().get(start..end).map(|bytes| Value::Bytes(bytes.into()))
        }
        (_, Ok(start), Ok(end)) => items.get(start..end).map(|items| Value::list(items.to_vec())),
        _ => None,
    };
    sliced.ok_or_else(|| Fault::function("reflect.Value.Slice: slice index out of bounds"))
}

/// The items of a list, each only once.
///
/// Takes: list (any). Returns: list.
/// Errors: no list. Source: sprig `uniq`, `mustUniq`.
fn uniq(list: &Value) -> Result<List> {
    let items = items(list, "Cannot find uniq on type")?;
    let mut all: Vec<Value> = Vec::new();
    for item in items.iter() {
        if !all.iter().any(|other| deep_equal(item, other)) {
            all.push(item.clone());
        }
    }
    Ok(List::grown(all, ListType::Interface))
}

/// The items of a list that equal none of the values.
///
/// Takes: list (any), values (any…). Returns: list.
/// Errors: no list. Source: sprig `without`, `mustWithout`.
fn without(list: &Value, values: &[Value]) -> Result<List> {
    let items = items(list, "Cannot find without on type")?;
    Ok(kept(&items, |item| !values.iter().any(|value| deep_equal(item, value))))
}

fn kept(items: &[Value], keep: impl Fn(&Value) -> bool) -> List {
    let kept = items.iter().filter(|item| keep(item)).cloned().collect();
    List::grown(kept, ListType::Interface)
}

/// The elements of whatever Go counts as a slice; none for anything else.
pub(super) fn elements(value: &Value) -> Option<Cow<'_, [Value]>> {
    match value {
        Value::List(list) => Some(Cow::Borrowed(list.items())),
        Value::Bytes(bytes) => {
            let byte = |&byte: &u8| Value::Int(i64::from(byte), IntType::Uint8);
            Some(bytes.as_bytes().iter().map(byte).collect())
        }
        Value::Object(object) if object.kind() == Kind::Slice => {
            Some(object.entries()?.into_iter().map(|(_, value)| value).collect())
        }
        _ => None,
    }
}

/// The elements of a list, or the complaint of the function that wants one.
fn items<'a>(value: &'a Value, complaint: &str) -> Result<Cow<'a, [Value]>> {
    elements(value).ok_or_else(|| match value {
        Value::Nil => nil_pointer(),
        other => Fault::function(format!("{complaint} {}", other.kind().name())),
    })
}

/// Go asks for the type of a nil interface.
fn nil_pointer() -> Fault {
    Fault::function("runtime error: invalid memory address or nil pointer dereference")
}
