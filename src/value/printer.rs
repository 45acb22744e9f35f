//! The printer behind `fmt`: one value, one verb, the flags of the moment.
//!
//! [`super::print`] drives it without flags, [`super::verbs`] with those of a format.

use super::{IntType, Kind, List, Map, Object, Str, Value, work};
use crate::diag::{Fault, FaultKind, Result};
use crate::golang::number::format_float;
use crate::golang::quote::{
    can_backquote, is_print, quote, quote_rune, quote_rune_to_ascii, quote_to_ascii, to_char,
};

/// Lists and maps nested deeper than this are not printed; Go's own limit is its stack.
const MAX_DEPTH: usize = 10_000;

/// More text than this from one call is a runaway template.
const MAX_BYTES: usize = 1 << 28;

/// Flags, width and precision of one verb.
#[expect(clippy::struct_excessive_bools, reason = "one for each flag of Go's formats")]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Flags {
    /// `+`
    pub(super) plus: bool,
    /// `-`
    pub(super) minus: bool,
    /// `#`
    pub(super) sharp: bool,
    /// blank
    pub(super) space: bool,
    /// `0`
    pub(super) zero: bool,
    /// `+` of `%+v`, which names struct fields and is no sign
    pub(super) plus_v: bool,
    /// `#` of `%#v`, Go syntax
    pub(super) sharp_v: bool,
    /// Width, if any.
    pub(super) width: Option<usize>,
    /// Precision, if any.
    pub(super) precision: Option<usize>,
}

/// Prints values one after the other into its buffer.
#[derive(Default)]
pub(super) struct Printer {
    /// The text so far.
    pub(super) out: Vec<u8>,
    /// What applies to the next value.
    pub(super) flags: Flags,
    /// While a complaint about a verb is printed, values are shown bare, without methods.
    complaining: bool,
    /// Addresses of the maps around the value being printed.
    open: Vec<usize>,
    depth: usize,
    failure: Option<&'static str>,
}

impl Printer {
    /// The text, or why it is incomplete.
    pub(super) fn finish(self) -> Result<Vec<u8>> {
        match self.failure {
            None => Ok(self.out),
            Some(reason) => Err(Fault::new(FaultKind::Limit, reason)),
        }
    }

    /// Appends text as it is.
    pub(super) fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Prints an operand.
    pub(super) fn print_arg(&mut self, value: &Value, verb: char) {
        match (value, verb) {
            (Value::Nil, 'T' | 'v') => self.pad(b"<nil>"),
            (Value::Nil, _) => self.bad_verb(value, verb),
            (_, 'T') => self.pad_text(value.type_name().as_bytes()),
            (_, 'p') => self.print_pointer(value, verb),
            // Go spells this type as the source does, but only where it knows the verb.
            (Value::Bytes(bytes), 'v' | 'd') => self.print_bytes(bytes, verb, "[]byte"),
            (Value::Bytes(bytes), _) => self.print_bytes(bytes, verb, "[]uint8"),
            (Value::List(_) | Value::Map(_) | Value::Object(_), _) => {
                if !self.print_by_method(value, verb) {
                    self.print_value(value, verb, 0);
                }
            }
            _ => self.print_value(value, verb, 0),
        }
    }

    /// Prints a value inside another one, or an operand (depth 0) that has no method for it.
    fn print_value(&mut self, value: &Value, verb: char, depth: usize) {
        if self.failure.is_some() || depth > 0 && self.print_by_method(value, verb) {
            return;
        }
        if self.out.len() > MAX_BYTES || !work::spend(1) {
            self.failure = Some("the printed text is too long");
            return;
        }
        match value {
            // Inside lists and maps an untyped nil is a nil interface, which no verb minds.
            Value::Nil if self.flags.sharp_v => self.push("interface {}(nil)"),
            Value::Nil => self.push("<nil>"),
            Value::Bool(flag) => match verb {
                't' | 'v' => self.pad(if *flag { b"true" } else { b"false" }),
                _ => self.bad_verb(value, verb),
            },
            Value::Int(number, ty) => self.print_int(value, *number, *ty, verb),
            Value::Float(number) => self.print_float(value, *number, verb),
            Value::Complex(re, im) => self.print_complex(value, *re, *im, verb),
            Value::Str(text) => self.print_text(value, text.as_bytes(), verb),
            Value::Bytes(bytes) => match verb {
                's' | 'q' | 'x' | 'X' => self.print_bytes(bytes, verb, "[]uint8"),
                _ => {
                    let items = bytes.as_bytes().iter();
                    let items = items.map(|&byte| Value::Int(i64::from(byte), IntType::Uint8));
                    self.nested(|printer| printer.print_items("[]uint8", items, verb));
                }
            },
            Value::List(list) => self.nested(|printer| printer.print_list(list, verb)),
            Value::Map(map) => self.nested(|printer| printer.print_map(map, verb)),
            Value::Object(object) => {
                self.nested(|printer| printer.print_object(value, &**object, verb, depth));
            }
        }
    }

    fn nested(&mut self, print: impl FnOnce(&mut Self)) {
        if self.depth >= MAX_DEPTH {
            self.failure = Some("the value is nested too deeply to be printed");
            return;
        }
        self.depth += 1;
        print(self);
        self.depth -= 1;
    }

    /// Between two items.
    fn separate(&mut self, at: usize) {
        if at > 0 {
            self.push(if self.flags.sharp_v { ", " } else { " " });
        }
    }

    fn print_list(&mut self, list: &List, verb: char) {
        if list.is_nil() && self.flags.sharp_v {
            self.push(list.ty().name());
            self.push("(nil)");
        } else {
            self.print_items(list.ty().name(), list.items().iter().cloned(), verb);
        }
    }

    fn print_items(&mut self, ty: &str, items: impl Iterator<Item = Value>, verb: char) {
        let go_syntax = self.flags.sharp_v;
        if go_syntax {
            self.push(ty);
        }
        self.push(if go_syntax { "{" } else { "[" });
        for (at, item) in items.enumerate() {
            self.separate(at);
            self.print_value(&item, verb, 1);
        }
        self.push(if go_syntax { "}" } else { "]" });
    }

    fn print_map(&mut self, map: &Map, verb: char) {
        // Maps are the only way to a cycle; Go dies of stack overflow there.
        if self.open.contains(&map.address()) {
            self.failure = Some("a map that contains itself cannot be printed");
            return;
        }
        if map.is_nil() && self.flags.sharp_v {
            self.push(map.ty().name());
            self.push("(nil)");
            return;
        }
        self.open.push(map.address());
        let entries = map.entries();
        let pairs = entries.into_iter().map(|(key, slot)| (Value::Str(key), slot.value));
        self.print_pairs(map.ty().name(), pairs, verb);
        self.open.pop();
    }

    fn print_pairs(&mut self, ty: &str, pairs: impl Iterator<Item = (Value, Value)>, verb: char) {
        let go_syntax = self.flags.sharp_v;
        self.push(if go_syntax { ty } else { "map" });
        self.push(if go_syntax { "{" } else { "[" });
        for (at, (key, item)) in pairs.enumerate() {
            self.separate(at);
            self.print_value(&key, verb, 1);
            self.push(":");
            self.print_value(&item, verb, 1);
        }
        self.push(if go_syntax { "}" } else { "]" });
    }

    fn print_object(&mut self, value: &Value, object: &dyn Object, verb: char, depth: usize) {
        match object.kind() {
            Kind::Struct => self.print_struct(object, verb),
            // A pointer is followed at the top only, where it cannot lead into a loop.
            Kind::Ptr if depth == 0 => {
                self.push("&");
                self.print_struct(object, verb);
            }
            Kind::Map => {
                let entries = object.entries().unwrap_or_default();
                self.print_pairs(object.type_name(), entries.into_iter(), verb);
            }
            Kind::Slice => {
                let items = object.entries().unwrap_or_default().into_iter().map(|(_, item)| item);
                self.print_items(object.type_name(), items, verb);
            }
            Kind::Ptr | Kind::Func | Kind::Invalid => self.print_pointer(value, verb),
            _ => match object.to_json() {
                Value::Int(number, _) => {
                    let ty = if let Kind::Int(ty) = object.kind() { ty } else { IntType::Int };
                    self.print_int(value, number, ty, verb);
                }
                Value::Float(number) => self.print_float(value, number, verb),
                Value::Str(text) => self.print_text(value, text.as_bytes(), verb),
                other => self.print_value(&other, verb, depth),
            },
        }
    }

    /// The struct that `object` is or points to.
    pub(super) fn print_struct(&mut self, object: &dyn Object, verb: char) {
        if self.flags.sharp_v {
            self.push(object.type_name().trim_start_matches('*'));
        }
        self.push("{");
        for (at, (name, field)) in object.all_fields().into_iter().enumerate() {
            self.separate(at);
            if self.flags.plus_v || self.flags.sharp_v {
                self.push(name);
                self.push(":");
            }
            self.print_value(&field, verb, 1);
        }
        self.push("}");
    }

    /// Prints through `String()` or `GoString()`, if the value has one and the verb wants it.
    fn print_by_method(&mut self, value: &Value, verb: char) -> bool {
        if self.complaining {
            return false;
        }
        if verb == 'w' {
            self.bad_verb(value, verb);
            return true;
        }
        let Value::Object(object) = value else { return false };
        if self.flags.sharp_v {
            let Some(text) = object.go_string() else { return false };
            self.pad_text(text.as_bytes());
            return true;
        }
        if !matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') {
            return false;
        }
        let Some(text) = object.display() else { return false };
        self.print_text(value, text.as_bytes(), verb);
        true
    }

    /// The complaint about a verb that does not suit the value: `%!d(string=x)`.
    fn bad_verb(&mut self, value: &Value, verb: char) {
        self.complaining = true;
        self.push("%!");
        self.push(verb.encode_utf8(&mut [0; 4]));
        self.push("(");
        if let Value::Nil = value {
            self.push("<nil>");
        } else {
            self.push(value.type_name());
            self.push("=");
            self.print_arg(value, 'v');
        }
        self.push(")");
        self.complaining = false;
    }

    fn print_text(&mut self, value: &Value, text: &[u8], verb: char) {
        match verb {
            'v' if self.flags.sharp_v => self.pad_quoted(text),
            'v' | 's' => self.pad_text(text),
            'x' | 'X' => self.pad_hex(text, verb == 'X'),
            'q' => self.pad_quoted(text),
            _ => self.bad_verb(value, verb),
        }
    }

    fn print_bytes(&mut self, bytes: &Str, verb: char, ty: &str) {
        match verb {
            's' => self.pad_text(bytes.as_bytes()),
            'x' | 'X' => self.pad_hex(bytes.as_bytes(), verb == 'X'),
            'q' => self.pad_quoted(bytes.as_bytes()),
            _ => {
                let items = bytes.as_bytes().iter();
                let items = items.map(|&byte| Value::Int(i64::from(byte), IntType::Uint8));
                self.print_items(ty, items, verb);
            }
        }
    }

    fn print_int(&mut self, value: &Value, number: i64, ty: IntType, verb: char) {
        let negative = ty.is_signed() && number < 0;
        let magnitude = if negative { number.unsigned_abs() } else { number as u64 };
        // `%c`, `%q` and `%U` see the bits of a negative number.
        let bits = number as u64;
        match verb {
            'v' if self.flags.sharp_v && !ty.is_signed() => self.pad_hex_number(magnitude, true),
            'v' | 'd' => self.pad_integer(magnitude, negative, 10, verb),
            'b' => self.pad_integer(magnitude, negative, 2, verb),
            'o' | 'O' => self.pad_integer(magnitude, negative, 8, verb),
            'x' | 'X' => self.pad_integer(magnitude, negative, 16, verb),
            'c' => self.pad(to_char(bits).encode_utf8(&mut [0; 4]).as_bytes()),
            'q' if self.flags.plus => self.pad(quote_rune_to_ascii(bits).as_bytes()),
            'q' => self.pad(quote_rune(bits).as_bytes()),
            'U' => self.pad_unicode(bits),
            _ => self.bad_verb(value, verb),
        }
    }

    fn print_float(&mut self, value: &Value, number: f64, verb: char) {
        match verb {
            'v' => self.pad_float(number, b'g', -1),
            'b' | 'g' | 'G' | 'x' | 'X' => self.pad_float(number, verb as u8, -1),
            'f' | 'e' | 'E' => self.pad_float(number, verb as u8, 6),
            'F' => self.pad_float(number, b'f', 6),
            _ => self.bad_verb(value, verb),
        }
    }

    fn print_complex(&mut self, value: &Value, re: f64, im: f64, verb: char) {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            self.bad_verb(value, verb);
            return;
        }
        let plus = self.flags.plus;
        self.push("(");
        self.print_float(value, re, verb);
        self.flags.plus = true;
        self.print_float(value, im, verb);
        self.push("i)");
        self.flags.plus = plus;
    }

    fn print_pointer(&mut self, value: &Value, verb: char) {
        let address = match value {
            Value::List(list) if list.is_nil() => 0,
            Value::List(list) => list.items().as_ptr() as u64,
            Value::Map(map) if map.is_nil() => 0,
            Value::Map(map) => map.address() as u64,
            Value::Bytes(bytes) => bytes.as_bytes().as_ptr() as u64,
            Value::Object(object) if matches!(object.kind(), Kind::Ptr | Kind::Func) => {
                std::ptr::from_ref(&**object).cast::<()>() as u64
            }
            _ => return self.bad_verb(value, verb),
        };
        match verb {
            'v' if self.flags.sharp_v => {
                self.push("(");
                self.push(value.type_name());
                self.push(")(");
                self.pad_hex_number(address, true);
                self.push(")");
            }
            'v' | 'p' => self.pad_hex_number(address, !self.flags.sharp),
            'b' | 'o' | 'd' | 'x' | 'X' => {
                self.print_int(value, address as i64, IntType::Uint64, verb);
            }
            _ => self.bad_verb(value, verb),
        }
    }

    /// Blanks, or zeros on the left when asked for.
    fn push_padding(&mut self, count: usize) {
        let byte = if self.flags.zero && !self.flags.minus { b'0' } else { b' ' };
        self.out.resize(self.out.len() + count, byte);
    }

    /// Pads to the width, counted in characters.
    fn pad(&mut self, text: &[u8]) {
        let missing = match self.flags.width {
            None | Some(0) => 0,
            Some(width) => width.saturating_sub(rune_count(text)),
        };
        if !self.flags.minus {
            self.push_padding(missing);
        }
        self.out.extend_from_slice(text);
        if self.flags.minus {
            self.push_padding(missing);
        }
    }

    /// Pads without zeros, which the text has already where they were asked for.
    fn pad_blank(&mut self, text: &[u8]) {
        let zero = std::mem::replace(&mut self.flags.zero, false);
        self.pad(text);
        self.flags.zero = zero;
    }

    /// Cuts to the precision, counted in characters.
    fn truncate<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        match self.flags.precision {
            Some(precision) => &text[..rune_offset(text, precision)],
            None => text,
        }
    }

    fn pad_text(&mut self, text: &[u8]) {
        self.pad(self.truncate(text));
    }

    fn pad_quoted(&mut self, text: &[u8]) {
        let text = self.truncate(text);
        let quoted = if self.flags.sharp && can_backquote(text) {
            [b"`", text, b"`"].concat()
        } else if self.flags.plus {
            quote_to_ascii(text).into_bytes()
        } else {
            quote(text).into_bytes()
        };
        self.pad(&quoted);
    }

    /// Two hexadecimal digits for each byte; the precision counts bytes.
    fn pad_hex(&mut self, text: &[u8], upper: bool) {
        let text = &text[..text.len().min(self.flags.precision.unwrap_or(usize::MAX))];
        let prefix: &[u8] = if upper { b"0X" } else { b"0x" };
        let digits = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
        let mut hex = Vec::with_capacity(text.len() * 2 + 2);
        for (at, byte) in text.iter().enumerate() {
            if self.flags.space && at > 0 {
                hex.push(b' ');
            }
            if self.flags.sharp && (self.flags.space || at == 0) {
                hex.extend_from_slice(prefix);
            }
            hex.extend([digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
        }
        self.pad(&hex);
    }

    fn pad_hex_number(&mut self, number: u64, prefix: bool) {
        let sharp = std::mem::replace(&mut self.flags.sharp, prefix);
        self.pad_integer(number, false, 16, 'v');
        self.flags.sharp = sharp;
    }

    fn pad_integer(&mut self, magnitude: u64, negative: bool, base: u32, verb: char) {
        let flags = self.flags;
        if base == 10 && flags == Flags::default() {
            return self.push_decimal(magnitude, negative);
        }
        let min_digits = match (flags.precision, flags.width) {
            // Zero with precision zero is nothing but padding.
            (Some(0), _) if magnitude == 0 => return self.pad_blank(b""),
            (Some(precision), _) => precision,
            (None, Some(width)) if flags.zero && !flags.minus => {
                width.saturating_sub(usize::from(negative || flags.plus || flags.space))
            }
            _ => 0,
        };
        let digits = match base {
            2 => format!("{magnitude:b}"),
            8 => format!("{magnitude:o}"),
            16 if verb == 'X' => format!("{magnitude:X}"),
            16 => format!("{magnitude:x}"),
            _ => magnitude.to_string(),
        };
        let zeros = min_digits.saturating_sub(digits.len());
        let mut text = String::with_capacity(zeros + digits.len() + 3);
        if negative {
            text.push('-');
        } else if flags.plus {
            text.push('+');
        } else if flags.space {
            text.push(' ');
        }
        if verb == 'O' {
            text.push_str("0o");
        }
        match base {
            2 if flags.sharp => text.push_str("0b"),
            8 if flags.sharp && zeros == 0 && !digits.starts_with('0') => text.push('0'),
            16 if flags.sharp => text.push_str(if verb == 'X' { "0X" } else { "0x" }),
            _ => {}
        }
        text.extend(std::iter::repeat_n('0', zeros));
        text.push_str(&digits);
        self.pad_blank(text.as_bytes());
    }

    /// A decimal number without padding: the bytes of whole files are printed so.
    fn push_decimal(&mut self, magnitude: u64, negative: bool) {
        let mut digits = [b'0'; 20];
        let mut start = digits.len();
        let mut rest = magnitude;
        loop {
            start -= 1;
            digits[start] += (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if negative {
            self.out.push(b'-');
        }
        self.out.extend_from_slice(&digits[start..]);
    }

    fn pad_unicode(&mut self, code: u64) {
        let precision = self.flags.precision.unwrap_or(0).max(4);
        let digits = format!("{code:X}");
        let mut text = "U+".to_owned();
        text.extend(std::iter::repeat_n('0', precision.saturating_sub(digits.len())));
        text.push_str(&digits);
        if self.flags.sharp
            && let Some(c) = u32::try_from(code).ok().and_then(char::from_u32)
            && is_print(c)
        {
            text.push_str(" '");
            text.push(c);
            text.push('\'');
        }
        self.pad_blank(text.as_bytes());
    }

    fn pad_float(&mut self, number: f64, format: u8, default_precision: i32) {
        let flags = self.flags;
        let precision = flags.precision.map_or(default_precision, |precision| precision as i32);
        let text = format_float(number, format, precision);
        let (sign, digits) = match text.as_bytes()[0] {
            sign @ (b'-' | b'+') => (sign, &text[1..]),
            _ => (b'+', &text[..]),
        };
        let sign = if flags.space && sign == b'+' && !flags.plus { b' ' } else { sign };
        if !number.is_finite() {
            let signed = [&[sign], digits.as_bytes()].concat();
            // An infinity shows its sign always, no number only when asked.
            let bare = number.is_nan() && !flags.space && !flags.plus;
            self.pad_blank(if bare { &signed[1..] } else { &signed });
            return;
        }
        let digits = if flags.sharp && format != b'b' {
            with_point(digits, format, precision)
        } else {
            digits.to_owned()
        };
        if !flags.plus && sign == b'+' {
            self.pad(digits.as_bytes());
            return;
        }
        let signed = [&[sign], digits.as_bytes()].concat();
        match flags.width {
            // Zeros go between the sign and the digits.
            Some(width) if flags.zero && !flags.minus && width > signed.len() => {
                self.out.push(sign);
                self.push_padding(width - signed.len());
                self.push(&digits);
            }
            _ => self.pad(&signed),
        }
    }
}

/// What `#` makes of a float: a point always, and with `g` and `x` the trailing zeros that the
/// precision asks for.
fn with_point(text: &str, format: u8, precision: i32) -> String {
    let hex = format.eq_ignore_ascii_case(&b'x');
    let mut missing = match format {
        b'g' | b'G' | b'x' if precision < 0 => 6,
        b'g' | b'G' | b'x' => precision,
        _ => 0,
    };
    let tail_at = text.find(if hex { ['p', 'P'] } else { ['e', 'E'] }).unwrap_or(text.len());
    let (number, tail) = text.split_at(tail_at);
    let mut significant = false;
    for byte in number.bytes().filter(|&byte| byte != b'.') {
        significant |= byte != b'0';
        missing -= i32::from(significant);
    }
    let mut out = number.to_owned();
    if !number.contains('.') {
        if number == "0" {
            missing -= 1;
        }
        out.push('.');
    }
    out.extend(std::iter::repeat_n('0', usize::try_from(missing).unwrap_or(0)));
    out.push_str(tail);
    out
}

/// `utf8.RuneCount`: characters, each bad byte being one.
fn rune_count(text: &[u8]) -> usize {
    text.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}

/// Where the `count`th character starts, or the end.
fn rune_offset(text: &[u8], count: usize) -> usize {
    let mut offset = 0;
    let mut left = count;
    for chunk in text.utf8_chunks() {
        for size in
            chunk.valid().chars().map(char::len_utf8).chain(chunk.invalid().iter().map(|_| 1))
        {
            if left == 0 {
                return offset;
            }
            left -= 1;
            offset += size;
        }
    }
    offset
}
