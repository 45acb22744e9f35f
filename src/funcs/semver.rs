//! Semantic versions: reading, comparing, and the version as templates see it.

use std::cmp::Ordering;
use std::rc::Rc;

use super::{Def, Runtime, Ty, def};
use crate::diag::{Fault, Result};
use crate::golang::semver::{Constraints, Version};
use crate::value::{IntType, Kind, Method, Object, Str, Value};

pub(super) const FUNCS: &[Def] = &[
    def!("semver" => semver(version: &Str)),
    def!("semverCompare" => semver_compare(constraint: &Str, version: &Str)),
];

/// Reads a semantic version; `v1` and `1.2` are completed.
///
/// Takes: version (string). Returns: *semver.Version, with `Major`, `Minor`, `Patch`,
/// `Prerelease`, `Metadata`, `Original`, `Compare`, `IncMajor` and more.
/// Errors: text that is no version. Source: sprig `semver`.
fn semver(version: &Str) -> Result<Value> {
    Ok(Value::object(SemVer::new(parse(version)?)))
}

/// Whether a version satisfies a constraint such as `>=1.19-0 <2 || ^3.1`.
///
/// Takes: constraint (string), version (string). Returns: bool.
/// Errors: a constraint or version that does not parse. Source: sprig `semverCompare`.
fn semver_compare(constraint: &Str, version: &Str) -> Result<bool> {
    let constraints = Constraints::parse(&constraint.to_str_lossy()).map_err(Fault::function)?;
    Ok(constraints.check(&parse(version)?))
}

fn parse(version: &Str) -> Result<Version> {
    Version::parse(&version.to_str_lossy()).map_err(Fault::function)
}

/// `*semver.Version`, or the plain struct that its `Inc…` methods return.
#[derive(Debug)]
pub struct SemVer {
    version: Rc<Version>,
    is_pointer: bool,
}

const POINTER: &str = "*semver.Version";

impl SemVer {
    /// A pointer to a version.
    pub fn new(version: Version) -> Self {
        SemVer { version: Rc::new(version), is_pointer: true }
    }

    fn plain(version: Version) -> Value {
        Value::object(SemVer { version: Rc::new(version), is_pointer: false })
    }

    /// The version.
    pub fn version(&self) -> &Version {
        &self.version
    }
}

impl Object for SemVer {
    fn type_name(&self) -> &'static str {
        if self.is_pointer { POINTER } else { "semver.Version" }
    }

    fn kind(&self) -> Kind {
        if self.is_pointer { Kind::Ptr } else { Kind::Struct }
    }

    fn all_fields(&self) -> Vec<(&'static str, Value)> {
        let version = &*self.version;
        let uint = |number: u64| Value::Int(number as i64, IntType::Uint64);
        vec![
            ("major", uint(version.major)),
            ("minor", uint(version.minor)),
            ("patch", uint(version.patch)),
            ("pre", Value::str(version.pre.as_str())),
            ("metadata", Value::str(version.metadata.as_str())),
            ("original", Value::str(version.original.as_str())),
        ]
    }

    fn method(&self, name: &str) -> Option<Method> {
        let params: &'static [Ty] = match name {
            "IncMajor" | "IncMinor" | "IncPatch" | "Major" | "MarshalJSON" | "MarshalText"
            | "Metadata" | "Minor" | "Patch" | "Prerelease" | "String" | "Value" => &[],
            "SetMetadata" | "SetPrerelease" => &[Ty::Str],
            // Methods of the pointer only.
            _ if !self.is_pointer => return None,
            "Original" => &[],
            "Compare" | "Equal" | "GreaterThan" | "GreaterThanEqual" | "LessThan"
            | "LessThanEqual" => &[Ty::Named(POINTER)],
            _ => return None,
        };
        Some(Method { params, variadic: false })
    }

    fn call(&self, name: &str, _cx: &mut dyn Runtime, args: &[Value]) -> Result<Value> {
        let version = &*self.version;
        let uint = |number: u64| Ok(Value::Int(number as i64, IntType::Uint64));
        let next = |version: Option<Version>, segment: &str| {
            version.map(SemVer::plain).ok_or_else(|| {
                Fault::function(format!("{segment} version increment would overflow uint64"))
            })
        };
        let text = |arg: Option<&Value>| {
            arg.and_then(Value::as_str).map(|text| text.to_str_lossy().into_owned())
        };
        match name {
            "Major" => uint(version.major),
            "Minor" => uint(version.minor),
            "Patch" => uint(version.patch),
            "Prerelease" => Ok(Value::str(version.pre.as_str())),
            "Metadata" => Ok(Value::str(version.metadata.as_str())),
            "Original" => Ok(Value::str(version.original.as_str())),
            "String" | "Value" => Ok(Value::str(version.to_string())),
            "MarshalText" => Ok(Value::Bytes(Str::from(version.to_string()))),
            "MarshalJSON" => Ok(Value::Bytes(Str::from(format!("\"{version}\"")))),
            "IncMajor" => next(version.inc_major(), "major"),
            "IncMinor" => next(version.inc_minor(), "minor"),
            "IncPatch" => next(version.inc_patch(), "patch"),
            "SetPrerelease" => version
                .set_prerelease(&text(args.first()).unwrap_or_default())
                .map(SemVer::plain)
                .map_err(Fault::function),
            "SetMetadata" => version
                .set_metadata(&text(args.first()).unwrap_or_default())
                .map(SemVer::plain)
                .map_err(Fault::function),
            _ => {
                let Some(other) = args.first().and_then(Value::downcast::<SemVer>) else {
                    return match name {
                        "Equal" => Ok(Value::Bool(false)),
                        _ => Err(Fault::function(
                            "runtime error: invalid memory address or nil pointer dereference",
                        )),
                    };
                };
                let order = version.compare(&other.version);
                Ok(match name {
                    "Compare" => Value::int(order as i64),
                    "Equal" => Value::Bool(order.is_eq()),
                    "LessThan" => Value::Bool(order.is_lt()),
                    "LessThanEqual" => Value::Bool(order.is_le()),
                    "GreaterThan" => Value::Bool(order.is_gt()),
                    _ => Value::Bool(order != Ordering::Less),
                })
            }
        }
    }

    fn display(&self) -> Option<String> {
        Some(self.version.to_string())
    }

    fn to_json(&self) -> Value {
        Value::str(self.version.to_string())
    }
}
