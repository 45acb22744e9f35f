//! Go's `fmt` verbs and flags: reading a format, complaints included.

use super::printer::{Flags, Printer};
use super::{Str, Value};
use crate::diag::Result;
use crate::golang::quote::to_char;

/// Widths and precisions beyond this are refused.
const MAX_NUMBER: i64 = 1_000_000;

/// `fmt.Sprintf(format, args…)`, complaints such as `%!d(string=x)` included.
///
/// A map that contains itself is cut off where it repeats; see [`try_sprintf`].
pub fn sprintf(format: &[u8], args: &[Value]) -> Str {
    Str::from(run(format, args).out)
}

/// As [`sprintf`].
///
/// Errors: a map that contains itself, where Go runs out of stack.
pub fn try_sprintf(format: &[u8], args: &[Value]) -> Result<Str> {
    Ok(Str::from(run(format, args).finish()?))
}

/// Where reading stands, in the format and in the arguments.
struct Reader<'a> {
    format: &'a [u8],
    at: usize,
    args: &'a [Value],
    next_arg: usize,
    /// Some verb named its argument (`%[2]d`): unused ones are no longer counted.
    reordered: bool,
    /// The present verb has an argument index that makes sense.
    good_index: bool,
    /// The last piece read was an argument index.
    after_index: bool,
}

fn run(format: &[u8], args: &[Value]) -> Printer {
    let mut printer = Printer::default();
    let mut reader = Reader {
        format,
        at: 0,
        args,
        next_arg: 0,
        reordered: false,
        good_index: true,
        after_index: false,
    };
    while reader.verb(&mut printer) {}
    if !reader.reordered && reader.next_arg < args.len() {
        printer.flags = Flags::default();
        printer.push("%!(EXTRA ");
        for (at, arg) in args[reader.next_arg..].iter().enumerate() {
            if at > 0 {
                printer.push(", ");
            }
            if !matches!(arg, Value::Nil) {
                printer.push(arg.type_name());
                printer.push("=");
            }
            printer.print_arg(arg, 'v');
        }
        printer.push(")");
    }
    printer
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    /// Copies literal text and handles one verb; false at the end of the format.
    fn verb(&mut self, printer: &mut Printer) -> bool {
        let rest = &self.format[self.at..];
        let literal = rest.iter().position(|&byte| byte == b'%').unwrap_or(rest.len());
        printer.out.extend_from_slice(&rest[..literal]);
        self.at += literal;
        if self.at >= self.format.len() {
            return false;
        }
        self.at += 1;
        self.good_index = true;
        printer.flags = Flags::default();
        self.flags(&mut printer.flags);
        self.after_index = false;
        self.arg_index();
        self.width(printer);
        self.precision(printer);
        if !self.after_index {
            self.arg_index();
        }
        let Some((verb, size)) = decode_rune(&self.format[self.at..]) else {
            printer.push("%!(NOVERB)");
            return false;
        };
        self.at += size;
        if verb == '%' {
            printer.push("%");
        } else if !self.good_index {
            complain(printer, verb, "(BADINDEX)");
        } else if let Some(arg) = self.args.get(self.next_arg) {
            if matches!(verb, 'v' | 'w') {
                let flags = &mut printer.flags;
                flags.sharp_v = std::mem::replace(&mut flags.sharp, false);
                flags.plus_v = std::mem::replace(&mut flags.plus, false);
            }
            printer.print_arg(arg, verb);
            self.next_arg += 1;
        } else {
            complain(printer, verb, "(MISSING)");
        }
        true
    }

    fn flags(&mut self, flags: &mut Flags) {
        while let Some(byte) = self.peek() {
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => return,
            }
            self.at += 1;
        }
    }

    fn width(&mut self, printer: &mut Printer) {
        if self.peek() == Some(b'*') {
            self.at += 1;
            match self.int_arg() {
                Some(width) => {
                    if width < 0 {
                        printer.flags.minus = true;
                        printer.flags.zero = false;
                    }
                    printer.flags.width = Some(width.unsigned_abs() as usize);
                }
                None => printer.push("%!(BADWIDTH)"),
            }
            self.after_index = false;
        } else {
            printer.flags.width = self.number();
            if self.after_index && printer.flags.width.is_some() {
                self.good_index = false;
            }
        }
    }

    fn precision(&mut self, printer: &mut Printer) {
        if self.peek() != Some(b'.') || self.at + 1 >= self.format.len() {
            return;
        }
        self.at += 1;
        if self.after_index {
            self.good_index = false;
        }
        self.arg_index();
        if self.peek() == Some(b'*') {
            self.at += 1;
            let precision = self.int_arg().and_then(|precision| usize::try_from(precision).ok());
            if precision.is_none() {
                printer.push("%!(BADPREC)");
            }
            printer.flags.precision = precision;
            self.after_index = false;
        } else {
            printer.flags.precision = Some(self.number().unwrap_or(0));
        }
    }

    /// A decimal number; one that is far too large swallows the rest of the format.
    fn number(&mut self) -> Option<usize> {
        let (number, end) = scan_number(self.format, self.at, self.format.len());
        self.at = end;
        number
    }

    /// The argument that a `*` takes, if it is an integer of sensible size.
    fn int_arg(&mut self) -> Option<i64> {
        let arg = self.args.get(self.next_arg)?;
        self.next_arg += 1;
        let number = match arg {
            Value::Int(number, ty) if ty.is_signed() || *number >= 0 => *number,
            Value::Object(object) => match (object.kind(), object.to_json()) {
                (super::Kind::Int(_), Value::Int(number, _)) => number,
                _ => return None,
            },
            _ => return None,
        };
        (-MAX_NUMBER..=MAX_NUMBER).contains(&number).then_some(number)
    }

    /// An explicit argument index such as `[2]`, if one stands here.
    fn arg_index(&mut self) {
        self.after_index = false;
        if self.peek() != Some(b'[') {
            return;
        }
        self.reordered = true;
        let rest = &self.format[self.at..];
        let close = if rest.len() < 3 { None } else { rest.iter().position(|&b| b == b']') };
        let Some(close) = close else {
            self.good_index = false;
            self.at += 1;
            return;
        };
        let (number, end) = scan_number(rest, 1, close);
        self.at += close + 1;
        // The index counts as one even when it is out of range.
        self.after_index = number.is_some() && end == close;
        match number {
            Some(number) if end == close && (1..=self.args.len()).contains(&number) => {
                self.next_arg = number - 1;
            }
            _ => self.good_index = false,
        }
    }
}

fn complain(printer: &mut Printer, verb: char, what: &str) {
    printer.push("%!");
    printer.push(verb.encode_utf8(&mut [0; 4]));
    printer.push(what);
}

/// A decimal number between two offsets and where it ends.
fn scan_number(text: &[u8], start: usize, end: usize) -> (Option<usize>, usize) {
    let mut number = None;
    let mut at = start;
    while at < end && text[at].is_ascii_digit() {
        let value = number.unwrap_or(0);
        if value > MAX_NUMBER as usize {
            return (None, end);
        }
        number = Some(value * 10 + usize::from(text[at] - b'0'));
        at += 1;
    }
    (number, at)
}

/// The first character and its size; a bad byte is U+FFFD of size one.
fn decode_rune(text: &[u8]) -> Option<(char, usize)> {
    let chunk = text.utf8_chunks().next()?;
    Some(match chunk.valid().chars().next() {
        Some(c) => (c, c.len_utf8()),
        None => (to_char(u64::MAX), 1),
    })
}

#[cfg(test)]
mod tests;
