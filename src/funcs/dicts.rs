//! Sprig's dictionary functions: mutation and aliasing as in Go.
#![expect(clippy::needless_pass_by_value, reason = "a map argument is a shared handle")]

use super::{Def, Runtime, def};
use crate::diag::{Fault, FaultKind, Result};
use crate::value::compare::deep_equal;
use crate::value::print::strval;
use crate::value::{List, ListType, Map, MapType, Slot, Str, Value, work};

pub(super) const FUNCS: &[Def] = &[
    def!("deepCopy" => deep_copy(cx; value: &Value)),
    def!("deepEqual" => equal(a: &Value, b: &Value)),
    def!("dict" => dict(pairs: ..&Value)),
    def!("dig" => dig(path: ..&Value)),
    def!("get" => get(map: Map, key: &Str)),
    def!("hasKey" => has_key(map: Map, key: &Str)),
    def!("keys" => keys(maps: ..Map)),
    def!("mustDeepCopy" => deep_copy(cx; value: &Value)),
    def!("omit" => omit(map: Map, keys: ..&Str)),
    def!("pick" => pick(map: Map, keys: ..&Str)),
    def!("pluck" => pluck(key: &Str, maps: ..Map)),
    def!("set" => set(map: Map, key: &Str, value: &Value)),
    def!("unset" => unset(map: Map, key: &Str)),
    def!("values" => values(map: Map)),
];

/// How deep maps and lists may be nested; Go's stack ends at a map that contains itself.
pub(super) const DEPTH: usize = 1000;

/// A copy that shares no map and no list with the original.
///
/// Takes: value (any). Returns: any, of the same type.
/// Errors: nil. Source: sprig `deepCopy`, `mustDeepCopy`.
fn deep_copy(cx: &mut dyn Runtime, value: &Value) -> Result<Value> {
    if matches!(value, Value::Nil) {
        return Err(Fault::function("reflect: call of reflect.Value.Type on zero Value"));
    }
    copy(cx, value, DEPTH)
}

/// Whether two values have the same type and contents.
///
/// Takes: two values (any). Returns: bool.
/// Errors: none. Source: sprig `deepEqual`.
fn equal(a: &Value, b: &Value) -> bool {
    deep_equal(a, b)
}

/// A new map of keys and values in turn; keys are printed, a last key alone gets "".
///
/// Takes: keys and values (any…). Returns: map.
/// Errors: none. Source: sprig `dict`.
fn dict(pairs: &[Value]) -> Map {
    let map = Map::new();
    for pair in pairs.chunks(2) {
        let value = pair.get(1).cloned().unwrap_or_else(|| Value::str(""));
        map.insert(strval(&pair[0]), value);
    }
    map
}

/// The value at the end of a path of keys, or a default when a key on the way is missing.
///
/// Takes: keys (strings…), default (any), map. Returns: any; a nil that is there is returned.
/// Errors: fewer than three arguments; a value on the way that is no map, nil included.
/// Source: sprig `dig`. Plain maps only: `.Values` itself is of another type.
fn dig(path: &[Value]) -> Result<Value> {
    let [keys @ .., default, map] = path else { return Err(too_short()) };
    if keys.is_empty() {
        return Err(too_short());
    }
    let plain = |value: &Value| match value {
        Value::Map(map) if map.ty() == MapType::Interface => Ok(map.clone()),
        other => Err(conversion(other, "map[string]interface {}")),
    };
    let mut map = plain(map)?;
    let keys: Vec<&Str> = keys
        .iter()
        .map(|key| key.as_str().ok_or_else(|| conversion(key, "string")))
        .collect::<Result<_>>()?;
    let (last, way) = keys.split_last().ok_or_else(too_short)?;
    for key in way {
        match map.get(key) {
            Some(value) => map = plain(&value)?,
            None => return Ok(default.clone()),
        }
    }
    Ok(map.get(last).unwrap_or_else(|| default.clone()))
}

/// The value of a key.
///
/// Takes: map, key (string). Returns: any; "" when the key is missing.
/// Errors: none. Source: sprig `get`.
fn get(map: Map, key: &Str) -> Value {
    map.get(key).unwrap_or_else(|| Value::str(""))
}

/// Whether a map has a key, be its value nil.
///
/// Takes: map, key (string). Returns: bool.
/// Errors: none. Source: sprig `hasKey`.
fn has_key(map: Map, key: &Str) -> bool {
    map.contains(key)
}

/// The keys of all maps.
///
/// Takes: maps. Returns: list of strings, in byte order within each map (Helm: any order).
/// Errors: none. Source: sprig `keys`.
fn keys(maps: &[Value]) -> List {
    let keys = maps.iter().filter_map(Value::as_map).flat_map(Map::keys).map(Value::Str);
    List::grown(keys.collect(), ListType::String)
}

/// A new map without some keys of another.
///
/// Takes: map, keys (strings…). Returns: map; nested maps are shared.
/// Errors: none. Source: sprig `omit`.
fn omit(map: Map, keys: &[Value]) -> Map {
    let mut slots = map.entries();
    slots.retain(|(key, _)| !keys.iter().any(|omitted| omitted.as_str() == Some(key)));
    Map::from_slots(MapType::Interface, slots)
}

/// A new map with some keys of another.
///
/// Takes: map, keys (strings…). Returns: map; nested maps are shared.
/// Errors: none. Source: sprig `pick`.
fn pick(map: Map, keys: &[Value]) -> Map {
    let slots = keys.iter().filter_map(|key| {
        let key = key.as_str()?;
        Some((key.clone(), map.slot(key)?))
    });
    Map::from_slots(MapType::Interface, slots)
}

/// The values of one key in several maps.
///
/// Takes: key (string), maps. Returns: list, without the maps that have no such key.
/// Errors: none. Source: sprig `pluck`.
fn pluck(key: &Str, maps: &[Value]) -> List {
    let values = maps.iter().filter_map(Value::as_map).filter_map(|map| map.get(key));
    List::grown(values.collect(), ListType::Interface)
}

/// Sets a key of a map.
///
/// Takes: map, key (string), value (any). Returns: the same map, changed.
/// Errors: a nil map. Source: sprig `set`.
fn set(map: Map, key: &Str, value: &Value) -> Result<Map> {
    if map.is_nil() {
        return Err(Fault::function("assignment to entry in nil map"));
    }
    map.insert(key.clone(), value.clone());
    Ok(map)
}

/// Removes a key of a map.
///
/// Takes: map, key (string). Returns: the same map, changed.
/// Errors: none. Source: sprig `unset`.
fn unset(map: Map, key: &Str) -> Map {
    map.remove(key);
    map
}

/// The values of a map.
///
/// Takes: map. Returns: list, in byte order of the keys (Helm: any order).
/// Errors: none. Source: sprig `values`.
fn values(map: Map) -> List {
    let values = map.entries().into_iter().map(|(_, slot)| slot.value);
    List::grown(values.collect(), ListType::Interface)
}

fn too_short() -> Fault {
    Fault::function("dig needs at least three arguments")
}

/// Go's panic of a type assertion.
fn conversion(value: &Value, wanted: &str) -> Fault {
    let got = if matches!(value, Value::Nil) { "nil" } else { value.type_name() };
    Fault::function(format!("interface conversion: interface {{}} is {got}, not {wanted}"))
}

/// What stops a walk through a map that contains itself; Go's process ends there.
pub(super) fn too_deep() -> Fault {
    Fault::new(FaultKind::Limit, format!("values are nested more than {DEPTH} levels deep"))
        .hint("a map that was set as a value inside itself has no end")
}

fn copy(cx: &mut dyn Runtime, value: &Value, depth: usize) -> Result<Value> {
    let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
    match value {
        Value::List(list) if !list.is_nil() => {
            // Lists that share parts copy to many times their size.
            cx.charge(size_of_val(list.items()))?;
            work::pay(list.items().len())?;
            let items = list.items().iter().map(|item| copy(cx, item, depth));
            let items = items.collect::<Result<_>>()?;
            Ok(Value::List(List::with_capacity(items, list.ty(), list.capacity())))
        }
        Value::Map(map) if !map.is_nil() => {
            let slots = map.entries();
            cx.charge(size_of_val(slots.as_slice()))?;
            work::pay(slots.len())?;
            let slots = slots.into_iter().map(|(key, slot)| {
                let value = copy(cx, &slot.value, depth)?;
                Ok((key, Slot { value, origin: slot.origin }))
            });
            let slots = slots.collect::<Result<Vec<_>>>()?;
            Ok(Value::Map(Map::from_slots(map.ty(), slots)))
        }
        other => Ok(other.clone()),
    }
}
