//! Functions that reach the renderer: `include`, `tpl`, `required`, `fail`, `lookup`.

use super::{Def, Runtime, def};
use crate::diag::{Fault, FaultKind, Result};
use crate::value::{Str, Value};

pub(super) const FUNCS: &[Def] = &[
    def!("fail" => fail(cx; message: &Str)),
    def!("include" => include(cx; name: &Str, data: &Value)),
    def!("lookup" => lookup(cx; api: &Str, kind: &Str, namespace: &Str, name: &Str)),
    def!("required" => required(cx; message: &Str, value: &Value)),
    def!("tpl" => tpl(cx; text: &Str, data: &Value)),
];

/// Stops the render with a message of the chart's author.
///
/// Takes: message (string). Returns: never (under `lint`: "", and logs).
/// Errors: always, `execution error at (file:line:col): message`.
/// Source: Helm `fail`.
fn fail(cx: &mut dyn Runtime, message: &Str) -> Result<Value> {
    if cx.lint_mode() {
        cx.log(&format!(
            "level=INFO msg=\"funcMap fail\" message={}",
            crate::diag::log::field(message)
        ));
        return Ok(Value::str(""));
    }
    Err(Fault::new(FaultKind::Refused, message.to_string()))
}

/// Executes a named template and gives its text.
///
/// Takes: name (string), data (any). Returns: string.
/// Errors: unknown template; more than 1,000 nested calls of one name; whatever it raises.
/// Source: Helm `include`.
fn include(cx: &mut dyn Runtime, name: &Str, data: &Value) -> Result<Str> {
    cx.include(name, data.clone())
}

/// Looks up an object of the cluster; offline there is none.
///
/// Takes: API version, kind, namespace, name (strings). Returns: map, empty offline.
/// Errors: none. Source: Helm `lookup`.
fn lookup(
    cx: &mut dyn Runtime,
    api: &Str,
    kind: &Str,
    namespace: &Str,
    name: &Str,
) -> Result<Value> {
    cx.lookup(api, kind, namespace, name)
}

/// Passes a value on, and stops the render when it is nil or the empty string.
///
/// Takes: message (string), value (any). Returns: the value.
/// Errors: nil or "", `execution error at (file:line:col): message`.
/// Source: Helm `required`.
fn required(cx: &mut dyn Runtime, message: &Str, value: &Value) -> Result<Value> {
    let what = match value {
        Value::Nil => "value",
        Value::Str(text) if text.is_empty() => "values",
        _ => return Ok(value.clone()),
    };
    if cx.lint_mode() {
        cx.log(&format!(
            "level=WARN msg=\"missing required {what}\" message={}",
            crate::diag::log::field(message)
        ));
        return Ok(Value::str(""));
    }
    Err(Fault::new(FaultKind::Refused, message.to_string()))
}

/// Renders a text as a template with the given data.
///
/// Takes: text (string), data (any). Returns: string.
/// Errors: a text that does not parse; whatever it raises.
/// Source: Helm `tpl`.
fn tpl(cx: &mut dyn Runtime, text: &Str, data: &Value) -> Result<Str> {
    cx.tpl(text, data.clone())
}
