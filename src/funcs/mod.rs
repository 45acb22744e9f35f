//! Template functions: one table of plain data, one file per subject.
//!
//! Adding a function is an ordinary private `fn` plus one row in the `FUNCS` table of its file.
//! Functions are pure, or take `cx: &mut dyn Runtime` first when they need the renderer or the
//! host. Blind to the template engines.

pub mod arg;
pub mod builtin;
pub mod certs;
pub mod codecs;
pub mod control;
pub mod crypto;
pub mod dates;
pub mod defaults;
pub mod dicts;
pub mod durations;
pub mod encoding;
mod keys;
pub mod lists;
pub mod math;
pub mod merge;
pub mod paths;
mod prime;
pub mod random;
pub mod reflect;
pub mod regex;
pub mod semver;
pub mod strings;
pub mod times;
pub mod urls;
pub mod words;

use crate::diag::{Fault, Result};
use crate::host::Host;
use crate::value::{List, Map, Str, Value};

/// Parameter type of a function, as Go declares it; the evaluator checks arguments against it
/// with Go's wording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ty {
    /// `interface {}`
    Any,
    /// `reflect.Value`: like `Any`, but an untyped nil literal is allowed and kept
    Reflect,
    /// `string`
    Str,
    /// `int`
    Int,
    /// `int64`
    Int64,
    /// `float64`
    Float,
    /// `bool`
    Bool,
    /// `map[string]interface {}`
    Map,
    /// `[]interface {}`
    List,
    /// `[]string`
    Strings,
    /// `time.Time`
    Time,
    /// `time.Duration`
    Duration,
    /// Another concrete Go type, by the name that error messages show
    Named(&'static str),
}

impl Ty {
    /// Go's name of the type in error messages.
    pub fn name(self) -> &'static str {
        match self {
            Ty::Any => "interface {}",
            Ty::Reflect => "reflect.Value",
            Ty::Str => "string",
            Ty::Int => "int",
            Ty::Int64 => "int64",
            Ty::Float => "float64",
            Ty::Bool => "bool",
            Ty::Map => "map[string]interface {}",
            Ty::List => "[]interface {}",
            Ty::Strings => "[]string",
            Ty::Time => "time.Time",
            Ty::Duration => "time.Duration",
            Ty::Named(name) => name,
        }
    }
}

/// The cluster that `lookup` asks.
pub trait Cluster: std::fmt::Debug + Send + Sync {
    /// The object of that name, or the list of a kind for an empty name; an empty map for what
    /// is not there.
    ///
    /// Errors: what the API server would answer.
    fn lookup(&self, api: &str, kind: &str, namespace: &str, name: &str) -> Result<Value>;
}

/// What a function may ask of the render that called it.
pub trait Runtime {
    /// Disk-free view of the machine: clock, randomness, name lookup.
    fn host(&self) -> &dyn Host;
    /// Executes a named template and gives its text.
    fn include(&mut self, name: &Str, data: Value) -> Result<Str>;
    /// Parses and executes a text as a template.
    fn tpl(&mut self, text: &Str, data: Value) -> Result<Str>;
    /// Whether `required` and `fail` only log, as `helm lint` has it.
    fn lint_mode(&self) -> bool {
        false
    }
    /// Whether `getHostByName` may ask the resolver.
    fn enable_dns(&self) -> bool {
        false
    }
    /// Looks an object up; offline there is none.
    fn lookup(&mut self, _api: &Str, _kind: &Str, _namespace: &Str, _name: &Str) -> Result<Value> {
        Ok(Value::Map(Map::new()))
    }
    /// Prints a log record on stderr in Helm's format (`level=WARN msg=…`).
    fn log(&mut self, _record: &str) {}
    /// Accounts for `bytes` about to be made by a function whose result can be far larger than
    /// its arguments; fails when the render's limit is passed.
    fn charge(&mut self, _bytes: usize) -> Result<()> {
        Ok(())
    }
}

/// One function: data only.
#[derive(Clone, Copy)]
pub struct Def {
    /// Name in templates.
    pub name: &'static str,
    /// Parameter names and types; the last one repeats when `variadic`.
    pub params: &'static [(&'static str, Ty)],
    /// Whether the last parameter takes any number of arguments.
    pub variadic: bool,
    /// The body; arguments have been checked against `params`.
    pub call: fn(&mut dyn Runtime, &[Value]) -> Result<Value>,
}

impl std::fmt::Debug for Def {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Def({})", self.name)
    }
}

/// A Rust type that stands for a Go parameter type.
pub trait FromArg<'a>: Sized {
    /// The Go type.
    const TY: Ty;
    /// Takes a checked argument; a nil stands for Go's nil of the type.
    fn from_arg(value: &'a Value) -> Result<Self>;
}

fn mismatch(ty: Ty, value: &Value) -> Fault {
    Fault::function(format!(
        "wrong type for value; expected {}; got {}",
        ty.name(),
        value.type_name()
    ))
}

impl<'a> FromArg<'a> for &'a Value {
    const TY: Ty = Ty::Any;
    fn from_arg(value: &'a Value) -> Result<Self> {
        Ok(value)
    }
}
impl<'a> FromArg<'a> for &'a Str {
    const TY: Ty = Ty::Str;
    fn from_arg(value: &'a Value) -> Result<Self> {
        value.as_str().ok_or_else(|| mismatch(Self::TY, value))
    }
}
/// A Go `int` parameter ([`i64`] stands for `int64`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Int(pub i64);
impl FromArg<'_> for Int {
    const TY: Ty = Ty::Int;
    fn from_arg(value: &Value) -> Result<Self> {
        match value {
            Value::Int(value, _) => Ok(Int(*value)),
            _ => Err(mismatch(Self::TY, value)),
        }
    }
}
impl FromArg<'_> for i64 {
    const TY: Ty = Ty::Int64;
    fn from_arg(value: &Value) -> Result<Self> {
        match value {
            Value::Int(value, _) => Ok(*value),
            _ => Err(mismatch(Self::TY, value)),
        }
    }
}
impl FromArg<'_> for f64 {
    const TY: Ty = Ty::Float;
    fn from_arg(value: &Value) -> Result<Self> {
        match value {
            Value::Float(value) => Ok(*value),
            _ => Err(mismatch(Self::TY, value)),
        }
    }
}
impl FromArg<'_> for bool {
    const TY: Ty = Ty::Bool;
    fn from_arg(value: &Value) -> Result<Self> {
        match value {
            Value::Bool(value) => Ok(*value),
            _ => Err(mismatch(Self::TY, value)),
        }
    }
}
impl FromArg<'_> for Map {
    const TY: Ty = Ty::Map;
    fn from_arg(value: &Value) -> Result<Self> {
        match value {
            // Go converts `common.Values` on the way in; the entries stay shared.
            Value::Map(map) => Ok(map.with_type(crate::value::MapType::Interface)),
            Value::Nil => Ok(Map::nil(crate::value::MapType::Interface)),
            _ => Err(mismatch(Self::TY, value)),
        }
    }
}
impl FromArg<'_> for List {
    const TY: Ty = Ty::List;
    fn from_arg(value: &Value) -> Result<Self> {
        match value {
            Value::List(list) => Ok(list.clone()),
            Value::Nil => Ok(List::nil(crate::value::ListType::Interface)),
            _ => Err(mismatch(Self::TY, value)),
        }
    }
}

/// Makes a [`Def`] from a row `"name" => function(param: Type, …)`; `cx;` before the
/// parameters passes the [`Runtime`], and a last parameter written `rest: ..Type` takes any
/// number of arguments as `&[Value]`.
///
/// ```text
/// def!("trunc" => trunc(length: Int, text: &Str)),
/// def!("tpl" => tpl(cx; text: &Str, data: &Value)),
/// def!("cat" => cat(items: ..&Value)),
/// def!("now" => now(cx;)),
/// ```
macro_rules! def {
    // All parameters are read: without and with a variadic last one.
    (@row $name:literal $function:ident [$host:ident] [$($cx:ident)?]
        [$($param:ident : $ty:ty,)*]) => {
        $crate::funcs::Def {
            name: $name,
            params: &[$((stringify!($param), <$ty as $crate::funcs::FromArg>::TY)),*],
            variadic: false,
            call: |$host, args| {
                let [$($param),*] = args else { return Err($crate::funcs::arity($name, args)) };
                $(let $param = <$ty as $crate::funcs::FromArg>::from_arg($param)?;)*
                $crate::funcs::IntoResult::into_result($function($($cx,)? $($param),*))
            },
        }
    };
    (@row $name:literal $function:ident [$host:ident] [$($cx:ident)?]
        [$($param:ident : $ty:ty,)*] $rest:ident : ..$rty:ty) => {
        $crate::funcs::Def {
            name: $name,
            params: &[
                $((stringify!($param), <$ty as $crate::funcs::FromArg>::TY),)*
                (stringify!($rest), <$rty as $crate::funcs::FromArg>::TY)
            ],
            variadic: true,
            call: |$host, args| {
                match args {
                    #[allow(clippy::redundant_at_rest_pattern, reason = "there may be parameters")]
                    [$($param,)* $rest @ ..] => {
                        $(let $param = <$ty as $crate::funcs::FromArg>::from_arg($param)?;)*
                        let result = $function($($cx,)? $($param,)* $rest);
                        $crate::funcs::IntoResult::into_result(result)
                    }
                    #[allow(unreachable_patterns, reason = "reached when there are parameters")]
                    _ => Err($crate::funcs::arity($name, args)),
                }
            },
        }
    };
    // One more parameter.
    (@row $name:literal $function:ident [$host:ident] [$($cx:ident)?]
        [$($done:tt)*] $param:ident : $ty:ty $(, $($more:tt)*)?) => {
        $crate::funcs::def!(@row $name $function [$host] [$($cx)?]
            [$($done)* $param : $ty,] $($($more)*)?)
    };
    ($name:literal => $function:ident(cx; $($params:tt)*)) => {
        $crate::funcs::def!(@row $name $function [cx] [cx] [] $($params)*)
    };
    ($name:literal => $function:ident($($params:tt)*)) => {
        $crate::funcs::def!(@row $name $function [_cx] [] [] $($params)*)
    };
}
pub(crate) use def;

/// What a function body may return.
pub trait IntoResult {
    /// As the evaluator wants it.
    fn into_result(self) -> Result<Value>;
}
impl<T: Into<Value>> IntoResult for T {
    fn into_result(self) -> Result<Value> {
        Ok(self.into())
    }
}
impl<T: Into<Value>> IntoResult for Result<T> {
    fn into_result(self) -> Result<Value> {
        self.map(Into::into)
    }
}

/// A wrong number of arguments, for callers that do not check first.
pub(crate) fn arity(name: &str, args: &[Value]) -> Fault {
    Fault::function(format!("wrong number of args for {name}: got {}", args.len()))
}

/// Every group of functions, in the order of the reference; later rows replace earlier ones of
/// the same name (sprig's `slice` replaces Go's).
const GROUPS: &[&[Def]] = &[
    builtin::FUNCS,
    strings::FUNCS,
    words::FUNCS,
    lists::FUNCS,
    dicts::FUNCS,
    merge::FUNCS,
    math::FUNCS,
    dates::FUNCS,
    durations::FUNCS,
    crypto::FUNCS,
    certs::FUNCS,
    semver::FUNCS,
    encoding::FUNCS,
    paths::FUNCS,
    regex::FUNCS,
    urls::FUNCS,
    codecs::FUNCS,
    reflect::FUNCS,
    defaults::FUNCS,
    random::FUNCS,
    control::FUNCS,
];

/// Places in [`INDEX`]: about twice as many as there are functions.
const PLACES: usize = 512;

/// All functions by the hash of their names, made by the compiler: a render that calls three of
/// them should not have to sort them all. A place that is taken passes on to the next.
static INDEX: [Option<&Def>; PLACES] = {
    let mut index = [None; PLACES];
    let mut group = 0;
    while group < GROUPS.len() {
        let mut at = 0;
        while at < GROUPS[group].len() {
            let def: &'static Def = &GROUPS[group][at];
            let place = place(&index, def.name.as_bytes());
            index[place] = Some(def);
            at += 1;
        }
        group += 1;
    }
    index
};

/// The place of a name in the index, or the free one where it would be.
const fn place(index: &[Option<&'static Def>; PLACES], name: &[u8]) -> usize {
    // FNV-1a.
    let mut hash: u32 = 0x811C_9DC5;
    let mut at = 0;
    while at < name.len() {
        hash = (hash ^ name[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    let mut place = hash as usize % PLACES;
    while let Some(def) = index[place] {
        if is_equal(def.name.as_bytes(), name) {
            break;
        }
        place = (place + 1) % PLACES;
    }
    place
}

/// Equality that the compiler can work out, too.
const fn is_equal(a: &[u8], b: &[u8]) -> bool {
    let mut same = a.len() == b.len();
    let mut at = 0;
    while same && at < a.len() {
        same = a[at] == b[at];
        at += 1;
    }
    same
}

/// A function by name.
pub fn lookup(name: &str) -> Option<&'static Def> {
    INDEX[place(&INDEX, name.as_bytes())]
}

/// All functions, group by group.
pub fn all() -> impl Iterator<Item = &'static Def> {
    GROUPS.iter().flat_map(|group| group.iter())
}

#[cfg(test)]
pub(crate) mod testing {
    //! A render that offers a fixed clock and a repeatable random stream.

    use super::{Runtime, Value};
    use crate::diag::{Fault, Result};
    use crate::host::{FixedHost, Host};
    use crate::value::Str;

    /// What functions under test may ask of.
    pub(crate) struct TestRuntime(pub(crate) FixedHost);

    impl Default for TestRuntime {
        /// The clock stands at 2024-02-29T13:04:05Z.
        fn default() -> Self {
            TestRuntime(FixedHost::new(1_709_211_845, 1))
        }
    }

    impl Runtime for TestRuntime {
        fn host(&self) -> &dyn Host {
            &self.0
        }
        fn include(&mut self, _name: &Str, _data: Value) -> Result<Str> {
            Err(Fault::function("no templates here"))
        }
        fn tpl(&mut self, _text: &Str, _data: Value) -> Result<Str> {
            Err(Fault::function("no templates here"))
        }
    }
}
