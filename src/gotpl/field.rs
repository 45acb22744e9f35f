//! Fields, map keys and methods of values.

use super::ast::{Fields, Operand};
use super::eval::{At, Call, Place, Val};
use super::render::Renderer;
use crate::compat::Compat;
use crate::diag::{Fault, Result};
use crate::funcs::Ty;
use crate::golang::quote::quote;
use crate::value::{Kind, ListType, Map, MapType, Method, Str, Value};

impl Renderer<'_> {
    /// Follows fields from a receiver; the arguments go to the last.
    #[expect(clippy::too_many_arguments, reason = "Go's evalFieldChain has as many")]
    pub(super) fn fields<'t>(
        &mut self,
        call: &mut Call<'t>,
        dot: &Val,
        receiver: &Val,
        node: &'t Operand,
        fields: Fields,
        args: &'t [Operand],
        last: Option<Val>,
    ) -> Result<Val> {
        let file = &call.tree.file;
        let mut names = fields.names(file);
        let Some(mut name) = names.next() else { return Ok(receiver.clone()) };
        let mut held;
        let mut receiver = receiver;
        let reads = self.reads();
        for next in names {
            held = self.field(call, dot, receiver, node, name, &[], None)?;
            receiver = &held;
            name = next;
        }
        self.forget_reads(reads);
        self.field(call, dot, receiver, node, name, args, last)
    }

    #[expect(clippy::too_many_arguments, reason = "Go's evalField has as many")]
    fn field<'t>(
        &mut self,
        call: &mut Call<'t>,
        dot: &Val,
        receiver: &Val,
        node: &'t Operand,
        name: &'t str,
        args: &'t [Operand],
        last: Option<Val>,
    ) -> Result<Val> {
        let has_args = !args.is_empty() || last.is_some();
        let at = At::Operand(node);
        match &receiver.value {
            Value::Nil if receiver.place == Place::Boxed => {
                return Err(call.fault(format!("nil pointer evaluating interface {{}}.{name}")));
            }
            Value::Nil => {
                if self.options.strict_missing_keys {
                    let name = quote(name.as_bytes());
                    return Err(call.fault(format!("nil data; no entry for key {name}")));
                }
                return Ok(Val::default());
            }
            Value::Map(map) => {
                if map.ty() == MapType::Values
                    && let Some(method) = values_method(name)
                {
                    return self.call_method(
                        call,
                        dot,
                        name,
                        method,
                        at,
                        args,
                        last,
                        |renderer, args| call_values(renderer, map, name, args),
                    );
                }
                if has_args {
                    return Err(call.fault(format!("{name} is not a method but has arguments")));
                }
                return self.key(call, map, name);
            }
            Value::List(list) if list.ty() == ListType::VersionSet && name == "Has" => {
                let method = Method { params: &[Ty::Str], variadic: false };
                return self.call_method(call, dot, name, method, at, args, last, |_, args| {
                    let wanted = args[0].as_str();
                    let found = list.items().iter().any(|item| item.as_str() == wanted);
                    Ok(Value::Bool(found))
                });
            }
            Value::Object(object) => {
                if let Some(method) = object.method(name) {
                    return self.call_method(
                        call,
                        dot,
                        name,
                        method,
                        at,
                        args,
                        last,
                        |renderer, args| object.call(name, renderer, args),
                    );
                }
                if let Some(value) = object.field(name) {
                    if has_args {
                        let why = if object.kind() == Kind::Map {
                            "is not a method but has arguments"
                        } else {
                            "has arguments but cannot be invoked as function"
                        };
                        return Err(call.fault(format!("{name} {why}")));
                    }
                    let addressable =
                        object.kind() == Kind::Ptr || receiver.place == Place::Addressable;
                    let place = if addressable { Place::Addressable } else { Place::Plain };
                    return Ok(Val { value, place });
                }
            }
            _ => {}
        }
        let ty = receiver.type_name();
        Err(call.fault(format!("can't evaluate field {name} in type {ty}")))
    }

    /// An element of a map; what a missing one gives depends on the map's type.
    fn key(&mut self, call: &Call<'_>, map: &Map, name: &str) -> Result<Val> {
        self.read_key(map, name);
        let place = Place::element(map.ty() != MapType::String);
        if let Some(watch) = &mut self.watch {
            watch.key(map, name);
            if !map.contains(name) {
                watch.missing(map, name, call.frame(String::new()));
            }
        }
        if let Some(value) = map.get(name) {
            return Ok(Val { value, place });
        }
        if self.options.strict_missing_keys {
            let name = quote(name.as_bytes());
            return Err(call.fault(format!("map has no entry for key {name}")));
        }
        // In Helm 3 the chart's metadata are a struct.
        if self.options.compat == Compat::Helm3
            && map.contains("IsRoot")
            && map.contains("APIVersion")
        {
            return Err(call.fault(format!("can't evaluate field {name} in type interface {{}}")));
        }
        let value = if place == Place::Boxed { Value::Nil } else { Value::str("") };
        Ok(Val { value, place })
    }
}

/// Signatures of the methods of `common.Values`. `Encode` wants a writer, which no template
/// has: every argument but nil is refused with Go's words.
fn values_method(name: &str) -> Option<Method> {
    let params: &'static [Ty] = match name {
        "AsMap" | "YAML" => &[],
        "Table" | "PathValue" => &[Ty::Str],
        "Encode" => &[Ty::Named("io.Writer")],
        _ => return None,
    };
    Some(Method { params, variadic: false })
}

/// Calls a method of `common.Values`.
fn call_values(
    renderer: &mut Renderer<'_>,
    map: &Map,
    name: &str,
    args: &[Value],
) -> Result<Value> {
    let path = args.first().and_then(Value::as_str);
    match (name, path) {
        ("Table", Some(path)) => table(map, path.as_bytes()).map(Value::Map),
        ("PathValue", Some(path)) => path_value(map, path.as_bytes()),
        ("YAML", _) => {
            if let Some(watch) = &mut renderer.watch {
                watch.whole(&Value::Map(map.clone()));
            }
            let encode = crate::funcs::lookup("toYaml").expect("toYaml is always there");
            let text = (encode.call)(renderer, &[Value::Map(map.clone())])?;
            let mut text = text.as_str().map(|text| text.as_bytes().to_vec()).unwrap_or_default();
            text.push(b'\n');
            Ok(Value::str(text))
        }
        // Only a nil passes for a writer, and Go's attempt to write to it is what is reported.
        ("Encode", _) => {
            Err(Fault::function("runtime error: invalid memory address or nil pointer dereference"))
        }
        _ => Ok(Value::Map(map.with_type(MapType::Interface))),
    }
}

fn table(map: &Map, path: &[u8]) -> Result<Map> {
    let mut table = map.with_type(MapType::Values);
    for name in path.split(|&b| b == b'.') {
        match table.get(name) {
            Some(Value::Map(map)) if map.ty() != MapType::String => {
                table = map.with_type(MapType::Values);
            }
            _ => return Err(Fault::function(format!("{} is not a table", quote(name)))),
        }
    }
    Ok(table)
}

fn path_value(map: &Map, path: &[u8]) -> Result<Value> {
    if path.is_empty() {
        return Err(Fault::function("YAML path cannot be empty"));
    }
    let mut names = path.rsplitn(2, |&b| b == b'.');
    let key = names.next().unwrap_or_default();
    let holder = match names.next() {
        Some(path) => table(map, path).ok(),
        None => Some(map.clone()),
    };
    match holder.and_then(|holder| holder.get(Str::from(key))) {
        // Only a plain map counts as a table here.
        Some(value) if value.as_map().is_none_or(|map| map.ty() == MapType::Values) => Ok(value),
        _ => Err(Fault::function(format!("{} is not a value", quote(key)))),
    }
}
