//! Go's default printing: what `{{ x }}`, `print` and `%v` show.

use super::printer::Printer;
use super::{Kind, Str, Value};
use crate::diag::Result;
use crate::golang::number::format_v;

/// One value as `fmt.Sprint` (`%v`) prints it; nil is `<nil>`.
///
/// A map that contains itself is cut off where it repeats; see [`sprint_all`] for the failure.
pub fn sprint(value: &Value) -> Str {
    if let Some(text) = simple(value) {
        return text;
    }
    let mut printer = Printer::default();
    printer.print_arg(value, 'v');
    Str::from(printer.out)
}

/// Several operands as `fmt.Sprint` prints them: blanks only between two that are no strings.
///
/// Errors: a map that contains itself, where Go runs out of stack.
pub fn sprint_all(operands: &[Value]) -> Result<Str> {
    let mut printer = Printer::default();
    let mut after_string = true;
    for operand in operands {
        let string = operand.kind() == Kind::String;
        if !string && !after_string {
            printer.push(" ");
        }
        printer.print_arg(operand, 'v');
        after_string = string;
    }
    Ok(Str::from(printer.finish()?))
}

/// Several operands as `fmt.Sprintln` prints them: blanks between all, a newline at the end.
///
/// Errors: as [`sprint_all`].
pub fn sprintln_all(operands: &[Value]) -> Result<Str> {
    let mut printer = Printer::default();
    for (at, operand) in operands.iter().enumerate() {
        if at > 0 {
            printer.push(" ");
        }
        printer.print_arg(operand, 'v');
    }
    printer.push("\n");
    Ok(Str::from(printer.finish()?))
}

/// One value as an action (`{{ x }}`) prints it, except that the caller decides about a nil:
/// pointers show what they point to, and `String()` of the pointer counts for a struct that is
/// `addressable`, being a field of one behind a pointer.
///
/// Errors: as [`sprint_all`].
pub fn sprint_action(value: &Value, addressable: bool) -> Result<Str> {
    if let Some(text) = simple(value) {
        return Ok(text);
    }
    let mut printer = Printer::default();
    print_action(&mut printer, value, addressable);
    Ok(Str::from(printer.finish()?))
}

/// Operands as `html`, `js` and `urlquery` see them: as [`sprint_all`], each printed as an
/// action would print it.
///
/// Errors: as [`sprint_all`].
pub fn sprint_actions(operands: &[Value]) -> Result<Str> {
    let mut printer = Printer::default();
    let mut after_string = true;
    for operand in operands {
        let string = matches!(operand.kind(), Kind::String | Kind::Invalid);
        if !string && !after_string {
            printer.push(" ");
        }
        match operand {
            Value::Nil => printer.push("<no value>"),
            other => print_action(&mut printer, other, false),
        }
        after_string = string;
    }
    Ok(Str::from(printer.finish()?))
}

fn print_action(printer: &mut Printer, value: &Value, addressable: bool) {
    let Value::Object(object) = value else { return printer.print_arg(value, 'v') };
    let pointer = object.kind() == Kind::Ptr;
    let method = if pointer || addressable { object.pointer_display() } else { None };
    match method {
        Some(text) => printer.push(&text),
        None if pointer => printer.print_struct(&**object, 'v'),
        None => printer.print_arg(value, 'v'),
    }
}

/// One value as sprig's `strval` makes it: strings and bytes as they are, errors and
/// `String()` methods by their text, everything else by `%v`.
pub fn strval(value: &Value) -> Str {
    match value {
        Value::Str(text) | Value::Bytes(text) => text.clone(),
        other => sprint(other),
    }
}

/// Kinds that need no printer.
fn simple(value: &Value) -> Option<Str> {
    match value {
        Value::Nil => Some(Str::from("<nil>")),
        Value::Bool(flag) => Some(Str::from(if *flag { "true" } else { "false" })),
        Value::Int(number, ty) if ty.is_signed() => Some(Str::from(number.to_string())),
        Value::Int(number, _) => Some(Str::from((*number as u64).to_string())),
        Value::Float(number) => Some(Str::from(format_v(*number))),
        Value::Str(text) => Some(text.clone()),
        _ => None,
    }
}
