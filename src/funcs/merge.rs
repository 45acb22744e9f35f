//! `merge` and `mergeOverwrite`: the rules of the Go library mergo, aliasing included.

use super::{Def, def, defaults, dicts};
use crate::diag::{Fault, FaultKind, Result};
use crate::value::{Kind, Map, MapType, Slot, Value, work};

pub(super) const FUNCS: &[Def] = &[
    def!("merge" => merge(target: Map, sources: ..Map)),
    def!("mergeOverwrite" => merge_overwrite(target: Map, sources: ..Map)),
    def!("mustMerge" => must_merge(target: Map, sources: ..Map)),
    def!("mustMergeOverwrite" => must_merge_overwrite(target: Map, sources: ..Map)),
];

/// Fills what is missing or empty in a map from other maps, at any depth; earlier ones win.
///
/// Takes: map, maps. Returns: the first map, changed; it shares the nested maps and lists that
/// it took over. "" where `mustMerge` would fail.
/// Errors: Go's panics. Source: sprig `merge`.
fn merge(target: Map, sources: &[Value]) -> Result<Value> {
    swallow(merge_all(target, sources, false))
}

/// Sets in a map what other maps have, at any depth; later ones win.
///
/// Takes: map, maps. Returns: the first map, changed; it shares the nested maps and lists that
/// it took over. "" where `mustMergeOverwrite` would fail.
/// Errors: Go's panics. Source: sprig `mergeOverwrite`.
fn merge_overwrite(target: Map, sources: &[Value]) -> Result<Value> {
    swallow(merge_all(target, sources, true))
}

/// Fills what is missing or empty in a map from other maps, at any depth; earlier ones win.
///
/// Takes: map, maps. Returns: the first map, changed.
/// Errors: a map that would go into a value of a pointer type. Source: sprig `mustMerge`.
fn must_merge(target: Map, sources: &[Value]) -> Result<Map> {
    merge_all(target, sources, false).map_err(Failure::into_fault)
}

/// Sets in a map what other maps have, at any depth; later ones win.
///
/// Takes: map, maps. Returns: the first map, changed.
/// Errors: Go's panics. Source: sprig `mustMergeOverwrite`.
fn must_merge_overwrite(target: Map, sources: &[Value]) -> Result<Map> {
    merge_all(target, sources, true).map_err(Failure::into_fault)
}

/// Why a merge stopped.
enum Failure {
    /// An error that the library returns.
    Types,
    /// A panic or a limit.
    Panic(Fault),
}

impl Failure {
    fn into_fault(self) -> Fault {
        match self {
            Failure::Types => Fault::new(FaultKind::Function, "src and dst must be of same type"),
            Failure::Panic(fault) => fault,
        }
    }
}

fn swallow(merged: Result<Map, Failure>) -> Result<Value> {
    match merged {
        Ok(map) => Ok(Value::Map(map)),
        Err(Failure::Types) => Ok(Value::str("")),
        Err(Failure::Panic(fault)) => Err(fault),
    }
}

fn merge_all(target: Map, sources: &[Value], overwrite: bool) -> Result<Map, Failure> {
    let mut target = target;
    for source in sources.iter().filter_map(Value::as_map) {
        if target.is_nil() && !source.is_nil() {
            target = Map::new();
        }
        merge_maps(&target, source, overwrite, dicts::DEPTH)?;
    }
    Ok(target)
}

fn merge_maps(target: &Map, source: &Map, overwrite: bool, depth: usize) -> Result<(), Failure> {
    let depth = depth.checked_sub(1).ok_or_else(|| Failure::Panic(dicts::too_deep()))?;
    work::pay(1 + source.len()).map_err(Failure::Panic)?;
    if target.is_nil() {
        return Ok(());
    }
    let set = |key, slot: Slot, by: &str| {
        // What comes out of a plain map is an interface to Go, also when it holds a string.
        if target.ty() == MapType::String && source.ty() != MapType::String {
            return Err(Failure::Panic(Fault::function(format!(
                "reflect.Value.SetMapIndex: value of type {by} is not assignable to type string"
            ))));
        }
        target.insert_slot(key, slot);
        Ok(())
    };
    for (key, slot) in source.entries() {
        let (old, new) = (target.get(&key), &slot.value);
        let missing = old.as_ref().is_none_or(defaults::is_empty);
        match new {
            Value::Nil => {
                if overwrite {
                    set(key, slot, "interface {}")?;
                }
            }
            Value::List(_) | Value::Bytes(_) => {
                if overwrite || missing {
                    let ty = new.type_name();
                    set(key, slot, ty)?;
                }
            }
            Value::Map(source) => {
                match &old {
                    Some(Value::Map(target)) => {
                        merge_maps(target, source, overwrite, depth)?;
                        if !target.is_empty() {
                            continue;
                        }
                    }
                    Some(Value::Object(object))
                        if object.kind() == Kind::Ptr && !overwrite && !source.is_nil() =>
                    {
                        return Err(Failure::Types);
                    }
                    _ => {}
                }
                if overwrite || missing {
                    set(key, slot, "interface {}")?;
                }
            }
            _ => {
                if overwrite || missing {
                    set(key, slot, "interface {}")?;
                }
            }
        }
    }
    Ok(())
}
