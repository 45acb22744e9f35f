//! Helm's own functions as filters: one adapter for the whole table.
//!
//! In a Go pipeline the value comes last, in Jinja first; the adapter moves it. Functions that
//! need a clock, randomness, the network or the renderer are not offered.

use std::sync::OnceLock;

use minijinja::value::{Rest, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};

use crate::diag::{Fault, Result as FaultResult};
use crate::funcs::{Def, Runtime, Ty};
use crate::host::{FixedHost, Host};
use crate::value::{IntType, List, Map, Str, Value as GoValue};

/// What a chart must not reach, and what exists here under rules of its own.
const WITHHELD: &[&str] = &[
    "ago",
    "bcrypt",
    "buildCustomCert",
    "date",
    "dateInZone",
    "date_in_zone",
    "encryptAES",
    "env",
    "expandenv",
    "fail",
    "genCA",
    "genCAWithKey",
    "genPrivateKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "getHostByName",
    "htmlDate",
    "htmlDateInZone",
    "htpasswd",
    "include",
    "lookup",
    "now",
    "randAlpha",
    "randAlphaNum",
    "randAscii",
    "randBytes",
    "randInt",
    "randNumeric",
    "required",
    "shuffle",
    "tpl",
    "uuidv4",
    // Jinja's own, which differ in meaning.
    "int",
    "and",
    "break",
    "call",
    "continue",
    "default",
    "dict",
    "eq",
    "first",
    "ge",
    "gt",
    "html",
    "indent",
    "index",
    "join",
    "js",
    "last",
    "le",
    "len",
    "list",
    "lower",
    "lt",
    "max",
    "min",
    "ne",
    "nindent",
    "not",
    "or",
    "print",
    "printf",
    "println",
    "quote",
    "replace",
    "reverse",
    "round",
    "slice",
    "split",
    "squote",
    "title",
    "toJson",
    "toString",
    "toYaml",
    "trim",
    "typeOf",
    "typeIs",
    "typeIsLike",
    "kindOf",
    "kindIs",
    "tuple",
    "unique",
    "upper",
    "urlquery",
];

/// Shorter or Jinja-like names for some of them.
const ALIASES: &[(&str, &str)] = &[
    ("b64decode", "b64dec"),
    ("b64encode", "b64enc"),
    ("fromjson", "fromJson"),
    ("fromyaml", "fromYaml"),
    ("haskey", "hasKey"),
    ("sha256", "sha256sum"),
];

/// Functions whose subject stands first in Go too.
const SUBJECT_FIRST: &[&str] = &[
    "append",
    "get",
    "hasKey",
    "mustAppend",
    "mustPrepend",
    "mustPush",
    "mustWithout",
    "prepend",
    "push",
    "set",
    "unset",
    "without",
];

/// Adds every function that is not withheld as a filter.
pub(super) fn install(env: &mut Environment<'_>) {
    for def in crate::funcs::all() {
        if !WITHHELD.contains(&def.name) {
            env.add_filter(def.name, filter_of(def));
        }
    }
    for (alias, name) in ALIASES {
        if let Some(def) = crate::funcs::lookup(name) {
            env.add_filter(*alias, filter_of(def));
        }
    }
}

fn filter_of(def: &'static Def) -> impl Fn(Value, Rest<Value>) -> Result<Value, Error> {
    move |value, rest| call(def, &value, &rest)
}

fn call(def: &Def, value: &Value, rest: &[Value]) -> Result<Value, Error> {
    let given = rest.len() + 1;
    let fits = if def.variadic { given + 1 >= def.params.len() } else { given == def.params.len() };
    if !fits {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("{} takes {} arguments, got {given}", def.name, def.params.len()),
        ));
    }
    let ty = |index: usize| def.params[index.min(def.params.len() - 1)].1;
    let first = SUBJECT_FIRST.contains(&def.name);
    let (before, after) = if first { (Some(value), None) } else { (None, Some(value)) };
    let args = before
        .into_iter()
        .chain(rest)
        .chain(after)
        .enumerate()
        .map(|(index, arg)| to_go(arg, ty(index)))
        .collect::<Result<Vec<_>, _>>()?;
    let result = (def.call)(&mut Pure, &args)
        .map_err(|fault| Error::new(ErrorKind::InvalidOperation, fault.message().to_owned()))?;
    from_go(&result)
}

/// A renderer and machine that are not there.
struct Pure;

impl Runtime for Pure {
    fn host(&self) -> &dyn Host {
        static NOWHERE: OnceLock<FixedHost> = OnceLock::new();
        NOWHERE.get_or_init(|| FixedHost::new(0, 0))
    }
    fn include(&mut self, _name: &Str, _data: GoValue) -> FaultResult<Str> {
        Err(Fault::function("include is not available in Jinja templates"))
    }
    fn tpl(&mut self, _text: &Str, _data: GoValue) -> FaultResult<Str> {
        Err(Fault::function("tpl is not available in Jinja templates"))
    }
}

fn to_go(value: &Value, ty: Ty) -> Result<GoValue, Error> {
    Ok(match value.kind() {
        ValueKind::Undefined => return Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::None => GoValue::Nil,
        ValueKind::Bool => GoValue::Bool(value.is_true()),
        ValueKind::Number if ty == Ty::Float || !value.is_integer() => {
            GoValue::Float(f64::try_from(value.clone())?)
        }
        ValueKind::Number => {
            let int = if ty == Ty::Int { IntType::Int } else { IntType::Int64 };
            GoValue::Int(i64::try_from(value.clone())?, int)
        }
        ValueKind::String => GoValue::str(value.as_str().unwrap_or_default()),
        ValueKind::Bytes => GoValue::Bytes(Str::from(value.as_bytes().unwrap_or_default())),
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter()?.map(|item| to_go(&item, Ty::Any));
            GoValue::List(List::new(items.collect::<Result<_, _>>()?))
        }
        ValueKind::Map => {
            let map = Map::new();
            for key in value.try_iter()? {
                let name = super::format::scalar_text(&key)?;
                map.insert(&*name, to_go(&value.get_item(&key)?, Ty::Any)?);
            }
            GoValue::Map(map)
        }
        other => {
            let message = format!("a {other} cannot be an argument");
            return Err(Error::new(ErrorKind::InvalidOperation, message));
        }
    })
}

fn from_go(value: &GoValue) -> Result<Value, Error> {
    let text = |text: &Str| match std::str::from_utf8(text.as_bytes()) {
        Ok(text) => Value::from(text),
        Err(_) => Value::from_bytes(text.as_bytes().to_vec()),
    };
    Ok(match value {
        GoValue::Nil => Value::from(()),
        GoValue::Bool(value) => Value::from(*value),
        GoValue::Int(value, IntType::Uint64) => Value::from(*value as u64),
        GoValue::Int(value, _) => Value::from(*value),
        GoValue::Float(value) => Value::from(*value),
        GoValue::Str(value) | GoValue::Bytes(value) => text(value),
        GoValue::List(list) => {
            let items: Result<Vec<_>, _> = list.items().iter().map(from_go).collect();
            Value::from(items?)
        }
        GoValue::Map(map) => {
            let mut pairs = Vec::new();
            for (key, slot) in map.entries() {
                pairs.push((text(&key), from_go(&slot.value)?));
            }
            Value::from_pairs(pairs)
        }
        GoValue::Object(object) => match object.display() {
            Some(text) => Value::from(text),
            None => from_go(&object.to_json())?,
        },
        GoValue::Complex(..) => {
            return Err(Error::new(ErrorKind::InvalidOperation, "complex numbers are Go's alone"));
        }
    })
}
