//! Calls: argument counts, argument types, nil rules.

use super::ast::{Operand, Term};
use super::eval::{At, Call, Place, Val, constant};
use super::print::Shown;
use super::render::Renderer;
use crate::diag::{Fault, FaultKind, Result};
use crate::funcs::{Def, Ty};
use crate::value::{IntType, ListType, MapType, Method, Str, Value, work};

/// Arguments kept on the stack; calls with more allocate.
const FEW: usize = 4;

/// Parameters of a function or method.
#[derive(Clone, Copy)]
enum Params {
    Def(&'static [(&'static str, Ty)]),
    Method(&'static [Ty]),
}

/// What a call is checked against.
#[derive(Clone, Copy)]
struct Signature<'n> {
    name: &'n str,
    params: Params,
    variadic: bool,
}

impl Signature<'_> {
    fn count(&self) -> usize {
        match self.params {
            Params::Def(params) => params.len(),
            Params::Method(params) => params.len(),
        }
    }

    /// Type of an argument; the last parameter of a variadic function repeats.
    fn param(&self, index: usize) -> Ty {
        let index = index.min(self.count() - 1);
        match self.params {
            Params::Def(params) => params[index].1,
            Params::Method(params) => params[index],
        }
    }

    fn check_count(&self, call: &Call<'_>, args: usize, last: bool) -> Result<()> {
        let name = self.name;
        let given = args + usize::from(last);
        if self.variadic {
            let fixed = self.count() - 1;
            if given < fixed {
                // Go leaves the piped value out of this count, and only of this one.
                return Err(call.fault(format!(
                    "wrong number of args for {name}: want at least {fixed} got {args}"
                )));
            }
        } else if given != self.count() {
            let want = self.count();
            return Err(
                call.fault(format!("wrong number of args for {name}: want {want} got {given}"))
            );
        }
        Ok(())
    }
}

fn signature(def: &'static Def) -> Signature<'static> {
    Signature { name: def.name, params: Params::Def(def.params), variadic: def.variadic }
}

impl Renderer<'_> {
    /// Calls a function.
    pub(super) fn call_def<'t>(
        &mut self,
        call: &mut Call<'t>,
        dot: &Val,
        def: &'static Def,
        node: At<'t>,
        args: &'t [Operand],
        last: Option<Val>,
    ) -> Result<Val> {
        let body = def.call;
        self.checked(call, dot, signature(def), node, args, last, |renderer, args| {
            body(renderer, args)
        })
    }

    /// Calls a method of a value; the body gets the arguments.
    #[expect(clippy::too_many_arguments, reason = "Go's evalCall has as many")]
    pub(super) fn call_method<'t>(
        &mut self,
        call: &mut Call<'t>,
        dot: &Val,
        name: &str,
        method: Method,
        node: At<'t>,
        args: &'t [Operand],
        last: Option<Val>,
        body: impl FnOnce(&mut Self, &[Value]) -> Result<Value>,
    ) -> Result<Val> {
        let signature =
            Signature { name, params: Params::Method(method.params), variadic: method.variadic };
        self.checked(call, dot, signature, node, args, last, body)
    }

    /// Evaluates and checks arguments, calls a body with them and places its error.
    #[expect(clippy::too_many_arguments, reason = "Go's evalCall has as many")]
    fn checked<'t>(
        &mut self,
        call: &mut Call<'t>,
        dot: &Val,
        signature: Signature<'_>,
        node: At<'t>,
        args: &'t [Operand],
        last: Option<Val>,
        body: impl FnOnce(&mut Self, &[Value]) -> Result<Value>,
    ) -> Result<Val> {
        signature.check_count(call, args.len(), last.is_some())?;
        let count = args.len() + usize::from(last.is_some());
        let mut few: [Value; FEW] = Default::default();
        let mut many = Vec::new();
        let values = if count <= FEW {
            &mut few[..count]
        } else {
            many.resize(count, Value::Nil);
            &mut many[..]
        };
        // Where the reads of each argument begin, when the render is traced.
        let mut reads = Vec::new();
        for (index, arg) in args.iter().enumerate() {
            if self.trace.is_some() {
                reads.push(self.reads());
            }
            values[index] = self.argument(call, dot, signature.param(index), arg)?;
        }
        let piped = last.is_some();
        if let Some(last) = last {
            values[count - 1] = validate(call, last, signature.param(count - 1))?;
        }
        if let Some(watch) = &mut self.watch {
            watch.arguments(signature.name, values);
        }
        let result = body(self, values);
        // Some functions swallow errors.
        if work::is_spent() {
            return Err(call.limit(&work::complaint()));
        }
        match result {
            Ok(value) => {
                self.note_call(signature.name, values, &reads, piped, &value);
                if let (Some(watch), Value::Str(text)) = (&mut self.watch, &value) {
                    watch.made(values, text.as_bytes(), || call.frame(String::new()));
                }
                // Texts that double in a loop are caught here, whatever function makes them.
                if let Value::Str(text) = &value {
                    self.out.charge(text.len()).map_err(|fault| call.placed(fault))?;
                }
                Ok(Val::from(value))
            }
            // Go refuses such a method before it calls it, at the place it has come to.
            Err(fault) if fault.is_from_engine() && fault.trace().is_empty() => {
                Err(call.fault(fault.message()))
            }
            Err(fault) => Err(failed(call, node, signature.name, fault)),
        }
    }

    /// `and` and `or`: the first argument that decides, unevaluated beyond it.
    pub(super) fn short_circuit<'t>(
        &mut self,
        call: &mut Call<'t>,
        dot: &Val,
        def: &'static Def,
        until: bool,
        args: &'t [Operand],
        last: Option<Val>,
    ) -> Result<Val> {
        if args.is_empty() && last.is_none() {
            let name = def.name;
            return Err(
                call.fault(format!("wrong number of args for {name}: want at least 1 got 0"))
            );
        }
        let mut value = Value::Nil;
        for arg in args {
            value = self.argument(call, dot, Ty::Reflect, arg)?;
            if value.truth() == until {
                return Ok(value.into());
            }
        }
        match last {
            Some(last) => validate(call, last, Ty::Reflect).map(Val::from),
            None => Ok(value.into()),
        }
    }

    /// `len`, which is told whether a nil is one.
    pub(super) fn call_len<'t>(
        &mut self,
        call: &mut Call<'t>,
        dot: &Val,
        def: &'static Def,
        node: At<'t>,
        args: &'t [Operand],
        last: Option<Val>,
    ) -> Result<Val> {
        let val = match (args, last) {
            ([arg], None) => self.operand(call, dot, arg, &[], None)?,
            ([], Some(last)) => last,
            (args, last) => return self.call_def(call, dot, def, node, args, last),
        };
        let result = if matches!(val.value, Value::Nil) && val.place != Place::Boxed {
            Err(Fault::function("reflect: call of reflect.Value.Type on zero Value"))
        } else {
            (def.call)(self, &[val.value])
        };
        match result {
            Ok(value) => Ok(Val::from(value)),
            Err(fault) => Err(failed(call, node, def.name, fault)),
        }
    }

    /// `call`: no template can hold a function, so this only finds the right words.
    pub(super) fn call_value<'t>(
        &mut self,
        call: &mut Call<'t>,
        dot: &Val,
        def: &'static Def,
        node: At<'t>,
        args: &'t [Operand],
        last: Option<Val>,
    ) -> Result<Val> {
        let name = match (args.first(), &last) {
            (Some(arg), _) => Shown(arg, &call.tree.file).to_string(),
            (None, Some(Val { value: Value::Str(text), .. })) => text.to_string(),
            (None, last) => {
                let ty = last.as_ref().map_or("invalid", |last| last.value.type_name());
                format!("<{ty} Value>")
            }
        };
        let signature =
            Signature { name: def.name, params: Params::Method(&[Ty::Reflect; 2]), variadic: true };
        self.checked(call, dot, signature, node, args, last, |_, args| {
            Err(Fault::function(match args.first() {
                None | Some(Value::Nil) => "call of nil".to_owned(),
                Some(value) => format!("non-function {name} of type {}", value.type_name()),
            }))
        })
    }

    /// An argument as its parameter wants it.
    fn argument<'t>(
        &mut self,
        call: &mut Call<'t>,
        dot: &Val,
        ty: Ty,
        operand: &'t Operand,
    ) -> Result<Value> {
        match &operand.term {
            Term::Dot
            | Term::Field(_)
            | Term::Variable(..)
            | Term::Function(_)
            | Term::Chain(_)
            | Term::Pipe(_) => {
                let val = self.operand(call, dot, operand, &[], None)?;
                validate(call, val, ty)
            }
            Term::Nil => {
                call.at = At::Operand(operand);
                if can_be_nil(ty) {
                    Ok(Value::Nil)
                } else {
                    Err(call.fault(format!("cannot assign nil to {}", ty.name())))
                }
            }
            Term::Bool(_) | Term::Number(_) | Term::Str(_) => {
                call.at = At::Operand(operand);
                match ty {
                    Ty::Any | Ty::Reflect => constant(call, operand),
                    _ => literal(call, ty, operand),
                }
            }
        }
    }
}

/// Puts the place of a call on an error of the function called.
#[cold]
fn failed<'t>(call: &mut Call<'t>, node: At<'t>, name: &str, fault: Fault) -> Fault {
    call.at = node;
    let kind = if fault.kind() == FaultKind::Function { FaultKind::Exec } else { fault.kind() };
    fault.with_kind(kind).frame(call.frame(format!("error calling {name}")))
}

/// A literal where a certain type is wanted.
fn literal(call: &Call<'_>, ty: Ty, operand: &Operand) -> Result<Value> {
    let (value, wanted) = match ty {
        Ty::Bool => {
            let value = if let Term::Bool(value) = operand.term { Some(value) } else { None };
            (value.map(Value::Bool), "bool")
        }
        Ty::Str => {
            let value = match &operand.term {
                Term::Str(literal) => Some(Value::Str(Str::from(literal.bytes(&call.tree.file)))),
                _ => None,
            };
            (value, "string")
        }
        Ty::Int | Ty::Int64 | Ty::Duration => {
            let int = if ty == Ty::Int { IntType::Int } else { IntType::Int64 };
            let value = if let Term::Number(number) = &operand.term { number.int } else { None };
            (value.map(|value| Value::Int(value, int)), "integer")
        }
        Ty::Named("uint32") => {
            let value = match &operand.term {
                Term::Number(number) => number.int.filter(|value| *value >= 0),
                _ => None,
            };
            // Go sets the low bits of a number that is too large.
            let value = value.map(|value| Value::Int(i64::from(value as u32), IntType::Uint32));
            (value, "unsigned integer")
        }
        Ty::Float => {
            let value = if let Term::Number(number) = &operand.term { number.float } else { None };
            (value.map(Value::Float), "float")
        }
        _ => {
            let ty = ty.name();
            let shown = Shown(operand, &call.tree.file);
            return Err(call.fault(format!("can't handle {shown} for arg of type {ty}")));
        }
    };
    value.ok_or_else(|| {
        let shown = Shown(operand, &call.tree.file);
        call.fault(format!("expected {wanted}; found {shown}"))
    })
}

fn can_be_nil(ty: Ty) -> bool {
    match ty {
        Ty::Any | Ty::Reflect | Ty::Map | Ty::List | Ty::Strings => true,
        Ty::Named(name) => {
            name.starts_with(['*', '[']) || name.starts_with("map[") || name == "io.Writer"
        }
        Ty::Str | Ty::Int | Ty::Int64 | Ty::Float | Ty::Bool | Ty::Time | Ty::Duration => false,
    }
}

/// Whether Go lets a value of this type stand for the parameter.
fn is_assignable(value: &Value, ty: Ty) -> bool {
    match ty {
        Ty::Any | Ty::Reflect => true,
        Ty::Str => matches!(value, Value::Str(_)),
        Ty::Int => matches!(value, Value::Int(_, IntType::Int)),
        Ty::Int64 => matches!(value, Value::Int(_, IntType::Int64)),
        Ty::Float => matches!(value, Value::Float(_)),
        Ty::Bool => matches!(value, Value::Bool(_)),
        Ty::Map => value.as_map().is_some_and(|map| map.ty() != MapType::String),
        Ty::List => value.as_list().is_some_and(|list| list.ty() == ListType::Interface),
        Ty::Strings => value
            .as_list()
            .is_some_and(|list| matches!(list.ty(), ListType::String | ListType::VersionSet)),
        Ty::Time | Ty::Duration | Ty::Named(_) => value.type_name() == ty.name(),
    }
}

/// Checks a value against a parameter's type.
fn validate(call: &Call<'_>, val: Val, ty: Ty) -> Result<Value> {
    let Val { value, place } = val;
    if is_assignable(&value, ty) && !matches!(value, Value::Nil) {
        return Ok(value);
    }
    let wanted = ty.name();
    if matches!(value, Value::Nil) {
        return if place == Place::Boxed {
            match ty {
                Ty::Any | Ty::Reflect => Ok(value),
                _ => Err(call
                    .fault(format!("wrong type for value; expected {wanted}; got interface {{}}"))),
            }
        } else if can_be_nil(ty) {
            Ok(value)
        } else {
            Err(call.fault(format!("invalid value; expected {wanted}")))
        };
    }
    // One dereference is done silently.
    let found = value.type_name();
    if found.strip_prefix('*') == Some(wanted) {
        return Ok(value);
    }
    Err(call.fault(format!("wrong type for value; expected {wanted}; got {found}")))
}
