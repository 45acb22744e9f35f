//! Go's regular expression syntax, read with Go's errors and written in the `regex` crate's.
//!
//! The output spells everything out: flags are applied to each piece, names of groups are
//! dropped (Go allows names that the crate does not), and Perl classes are ASCII as in Go.

use std::fmt::Write as _;

use super::class::{
    NOTHING, escaped, perl_class, posix_class, posix_name, push_group, push_range, unicode_class,
};

/// A pattern in the syntax of the `regex` crate.
pub(super) struct Translated {
    /// The pattern.
    pub(super) pattern: String,
    /// Names of the capture groups, from group 1; empty for unnamed ones.
    pub(super) names: Vec<String>,
}

/// What makes Go refuse an expression, in its words.
#[derive(Clone, Copy, Debug)]
pub(super) enum Code {
    InvalidCharRange,
    InvalidEscape,
    InvalidNamedCapture,
    InvalidPerlOp,
    InvalidRepeatOp,
    InvalidRepeatSize,
    InvalidUtf8,
    MissingBracket,
    MissingParen,
    MissingRepeatArgument,
    TrailingBackslash,
    UnexpectedParen,
    NestingDepth,
    Large,
}

impl Code {
    fn text(self) -> &'static str {
        match self {
            Code::InvalidCharRange => "invalid character class range",
            Code::InvalidEscape => "invalid escape sequence",
            Code::InvalidNamedCapture => "invalid named capture",
            Code::InvalidPerlOp => "invalid or unsupported Perl syntax",
            Code::InvalidRepeatOp => "invalid nested repetition operator",
            Code::InvalidRepeatSize => "invalid repeat count",
            Code::InvalidUtf8 => "invalid UTF-8",
            Code::MissingBracket => "missing closing ]",
            Code::MissingParen => "missing closing )",
            Code::MissingRepeatArgument => "missing argument to repetition operator",
            Code::TrailingBackslash => "trailing backslash at end of expression",
            Code::UnexpectedParen => "unexpected )",
            Code::NestingDepth => "expression nests too deeply",
            Code::Large => "expression too large",
        }
    }
}

pub(super) fn error(code: Code, expression: &[u8]) -> String {
    let expression = String::from_utf8_lossy(expression);
    format!("error parsing regexp: {}: `{expression}`", code.text())
}

/// The error for an expression whose program would be too large.
pub(super) fn too_large(expression: &[u8]) -> String {
    error(Code::Large, expression)
}

/// Largest program, in Go's instructions.
const MAX_SIZE: u64 = (128 << 20) / 40;
/// Deepest tree.
const MAX_HEIGHT: u32 = 1000;
/// Largest count of a repetition, nested ones multiplied.
const MAX_REPEAT: i64 = 1000;

#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of the syntax are independent")]
struct Flags {
    fold_case: bool,
    multi_line: bool,
    dot_newline: bool,
    non_greedy: bool,
}

/// An expression that operators can apply to, in the crate's syntax, with its measures.
struct Piece {
    text: String,
    /// Whether an operator can follow without brackets.
    atom: bool,
    size: u64,
    height: u32,
    /// Largest product of nested repetition counts.
    repeats: i64,
}

impl Piece {
    fn leaf(text: String, atom: bool) -> Self {
        Piece { text, atom, size: 1, height: 1, repeats: 1 }
    }
}

/// An open group, or the whole expression.
struct Frame {
    /// Alternatives that are complete.
    alternatives: Vec<Piece>,
    /// Pieces of the alternative being read.
    sequence: Vec<Piece>,
    capture: bool,
    /// Flags to restore at its end.
    flags: Flags,
}

impl Frame {
    fn new(capture: bool, flags: Flags) -> Self {
        Frame { alternatives: Vec::new(), sequence: Vec::new(), capture, flags }
    }

    fn end_alternative(&mut self) {
        let mut pieces = std::mem::take(&mut self.sequence);
        let joined = if pieces.len() == 1 {
            pieces.pop().expect("one piece")
        } else {
            Piece {
                text: pieces.iter().map(|piece| piece.text.as_str()).collect(),
                atom: false,
                size: pieces.iter().map(|piece| piece.size).sum::<u64>().max(1),
                height: 1 + pieces.iter().map(|piece| piece.height).max().unwrap_or(0),
                repeats: pieces.iter().map(|piece| piece.repeats).max().unwrap_or(1),
            }
        };
        self.alternatives.push(joined);
    }

    fn close(mut self) -> Piece {
        self.end_alternative();
        let pieces = self.alternatives;
        let count = pieces.len();
        let extra = u64::from(self.capture) * 2 + count as u64 - 1;
        let level = u32::from(count > 1) + u32::from(self.capture);
        let text = pieces.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>().join("|");
        let open = if self.capture { "(" } else { "(?:" };
        Piece {
            text: format!("{open}{text})"),
            atom: true,
            size: pieces.iter().map(|piece| piece.size).sum::<u64>() + extra,
            height: level + pieces.iter().map(|piece| piece.height).max().unwrap_or(0),
            repeats: pieces.iter().map(|piece| piece.repeats).max().unwrap_or(1),
        }
    }
}

struct Parser<'a> {
    whole: &'a [u8],
    rest: &'a [u8],
    flags: Flags,
    frames: Vec<Frame>,
    names: Vec<String>,
}

/// Reads an expression in Go's syntax (`syntax.Perl`) and writes it in the crate's.
pub(super) fn translate(expression: &[u8]) -> Result<Translated, String> {
    let flags =
        Flags { fold_case: false, multi_line: false, dot_newline: false, non_greedy: false };
    let frames = vec![Frame::new(false, flags)];
    let mut parser =
        Parser { whole: expression, rest: expression, flags, frames, names: Vec::new() };
    parser.parse()?;
    let frame = parser.frames.pop().expect("the outermost frame stays");
    if !parser.frames.is_empty() {
        return Err(error(Code::MissingParen, expression));
    }
    let piece = frame.close();
    check(&piece, expression)?;
    Ok(Translated { pattern: piece.text, names: parser.names })
}

fn check(piece: &Piece, whole: &[u8]) -> Result<(), String> {
    if piece.size > MAX_SIZE {
        return Err(too_large(whole));
    }
    if piece.height > MAX_HEIGHT {
        return Err(error(Code::NestingDepth, whole));
    }
    Ok(())
}

/// Splits the first character off.
pub(super) fn next_char(text: &[u8]) -> Result<(char, &[u8]), String> {
    match text.utf8_chunks().next() {
        None => Ok((char::REPLACEMENT_CHARACTER, text)),
        Some(chunk) => match chunk.valid().chars().next() {
            Some(c) => Ok((c, &text[c.len_utf8()..])),
            None => Err(error(Code::InvalidUtf8, text)),
        },
    }
}

pub(super) fn check_utf8(text: &[u8]) -> Result<(), String> {
    match std::str::from_utf8(text) {
        Ok(_) => Ok(()),
        Err(bad) => Err(error(Code::InvalidUtf8, &text[bad.valid_up_to()..])),
    }
}

/// What was consumed between two states of the rest.
pub(super) fn consumed<'a>(before: &'a [u8], after: &[u8]) -> &'a [u8] {
    &before[..before.len() - after.len()]
}

impl<'a> Parser<'a> {
    fn parse(&mut self) -> Result<(), String> {
        // Start of a repetition that ended just here, which may not be repeated again.
        let mut last_repeat: Option<&'a [u8]> = None;
        while let Some(&byte) = self.rest.first() {
            let before = self.rest;
            let mut repeat = None;
            match byte {
                b'(' if before.get(1) == Some(&b'?') => self.perl_group()?,
                b'(' => {
                    self.names.push(String::new());
                    self.open(true);
                    self.rest = &before[1..];
                }
                b'|' => {
                    self.frame().end_alternative();
                    self.rest = &before[1..];
                }
                b')' => {
                    if self.frames.len() == 1 {
                        return Err(error(Code::UnexpectedParen, self.whole));
                    }
                    let frame = self.frames.pop().expect("more than one frame");
                    self.flags = frame.flags;
                    self.push(frame.close())?;
                    self.rest = &before[1..];
                }
                b'^' | b'$' => {
                    let text = match (byte, self.flags.multi_line) {
                        (b'^', false) => r"\A",
                        (b'^', true) => "(?m:^)",
                        (_, false) => r"\z",
                        (_, true) => "(?m:$)",
                    };
                    self.push(Piece::leaf(text.to_owned(), false))?;
                    self.rest = &before[1..];
                }
                b'.' => {
                    let text = if self.flags.dot_newline { "(?s:.)" } else { "." };
                    self.push(Piece::leaf(text.to_owned(), true))?;
                    self.rest = &before[1..];
                }
                b'[' => self.class()?,
                b'*' | b'+' | b'?' => {
                    let (min, max) = match byte {
                        b'*' => (0, -1),
                        b'+' => (1, -1),
                        _ => (0, 1),
                    };
                    self.rest = &before[1..];
                    self.repeat(Some(byte), min, max, before, last_repeat)?;
                    repeat = Some(before);
                }
                b'{' => match parse_counts(before) {
                    None => {
                        self.literal('{')?;
                        self.rest = &before[1..];
                    }
                    Some((min, max, after)) => {
                        let wrong = !(0..=MAX_REPEAT).contains(&min) || max > MAX_REPEAT;
                        if wrong || (max >= 0 && min > max) {
                            return Err(error(Code::InvalidRepeatSize, consumed(before, after)));
                        }
                        self.rest = after;
                        self.repeat(None, min, max, before, last_repeat)?;
                        repeat = Some(before);
                    }
                },
                b'\\' => self.escape()?,
                _ => {
                    let (c, after) = next_char(before)?;
                    self.literal(c)?;
                    self.rest = after;
                }
            }
            last_repeat = repeat;
        }
        Ok(())
    }

    fn frame(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the outermost frame stays")
    }

    fn open(&mut self, capture: bool) {
        let flags = self.flags;
        self.frames.push(Frame::new(capture, flags));
    }

    fn push(&mut self, piece: Piece) -> Result<(), String> {
        check(&piece, self.whole)?;
        self.frame().sequence.push(piece);
        Ok(())
    }

    fn literal(&mut self, c: char) -> Result<(), String> {
        let text = fold(self.flags, escaped(c));
        self.push(Piece::leaf(text, true))
    }

    /// Repeats the last piece; `rest` stands behind the operator, `before` at its start.
    fn repeat(
        &mut self,
        operator: Option<u8>,
        min: i64,
        max: i64,
        before: &[u8],
        last_repeat: Option<&[u8]>,
    ) -> Result<(), String> {
        let mut lazy = self.flags.non_greedy;
        if self.rest.first() == Some(&b'?') {
            self.rest = &self.rest[1..];
            lazy = !lazy;
        }
        if let Some(start) = last_repeat {
            return Err(error(Code::InvalidRepeatOp, consumed(start, self.rest)));
        }
        let Some(mut piece) = self.frame().sequence.pop() else {
            return Err(error(Code::MissingRepeatArgument, consumed(before, self.rest)));
        };
        if !piece.atom {
            piece.text = format!("(?:{})", piece.text);
        }
        if let Some(operator) = operator {
            piece.text.push(char::from(operator));
            piece.size += if operator == b'*' { 2 } else { 1 };
        } else {
            let (low, high) = (min as u64, max as u64);
            (piece.size, piece.repeats) = match (min, max) {
                (0, -1) => (2 + piece.size, piece.repeats),
                (_, -1) => (1 + low * piece.size, min * piece.repeats),
                (_, 0) => (1, 1),
                _ => (high * piece.size + (high - low), max * piece.repeats),
            };
            let text = &mut piece.text;
            match max {
                -1 => write!(text, "{{{min},}}"),
                _ => write!(text, "{{{min},{max}}}"),
            }
            .expect("writing to a String");
        }
        if lazy {
            piece.text.push('?');
        }
        piece.atom = false;
        piece.size = piece.size.max(1);
        piece.height += 1;
        let counted = operator.is_none() && (min >= 2 || max >= 2);
        if counted && piece.repeats > MAX_REPEAT {
            return Err(error(Code::InvalidRepeatSize, consumed(before, self.rest)));
        }
        self.push(piece)
    }

    /// A backslash outside a class.
    fn escape(&mut self) -> Result<(), String> {
        let before = self.rest;
        let assertion = match before.get(1) {
            Some(b'A') => Some(r"\A"),
            Some(b'z') => Some(r"\z"),
            Some(b'b') => Some(r"(?-u:\b)"),
            Some(b'B') => Some(r"(?-u:\B)"),
            _ => None,
        };
        if let Some(text) = assertion {
            self.rest = &before[2..];
            return self.push(Piece::leaf(text.to_owned(), false));
        }
        match before.get(1) {
            Some(b'C') => return Err(error(Code::InvalidEscape, &before[..2])),
            Some(b'Q') => {
                let quoted = &before[2..];
                let end = quoted.windows(2).position(|pair| pair == br"\E");
                let (mut literal, rest) = match end {
                    Some(end) => (&quoted[..end], &quoted[end + 2..]),
                    None => (quoted, &[][..]),
                };
                while !literal.is_empty() {
                    let (c, after) = next_char(literal)?;
                    self.literal(c)?;
                    literal = after;
                }
                self.rest = rest;
                return Ok(());
            }
            _ => {}
        }
        if let Some((class, rest)) = unicode_class(before)? {
            self.rest = rest;
            return self.push(Piece::leaf(fold(self.flags, class), true));
        }
        if let Some((ranges, negated)) = perl_class(before) {
            self.rest = &before[2..];
            let class = if negated { format!("[^{ranges}]") } else { format!("[{ranges}]") };
            return self.push(Piece::leaf(fold(self.flags, class), true));
        }
        let (code_point, rest) = escape_char(before)?;
        self.rest = rest;
        match char::from_u32(code_point) {
            Some(c) => self.literal(c),
            // A surrogate, which no text contains.
            None => self.push(Piece::leaf(NOTHING.to_owned(), true)),
        }
    }

    /// `(?…`: a named or plain group, or flags.
    fn perl_group(&mut self) -> Result<(), String> {
        let before = self.rest;
        let name_start = match before {
            [_, _, b'P', b'<', _, ..] => 4,
            [_, _, b'<', _, ..] => 3,
            _ => return self.perl_flags(),
        };
        let Some(end) = before.iter().position(|&byte| byte == b'>') else {
            check_utf8(before)?;
            return Err(error(Code::InvalidNamedCapture, before));
        };
        let name = &before[name_start..end];
        check_utf8(name)?;
        let valid = name.iter().all(|&byte| byte == b'_' || byte.is_ascii_alphanumeric());
        if name.is_empty() || !valid {
            return Err(error(Code::InvalidNamedCapture, &before[..=end]));
        }
        self.names.push(String::from_utf8_lossy(name).into_owned());
        self.open(true);
        self.rest = &before[end + 1..];
        Ok(())
    }

    fn perl_flags(&mut self) -> Result<(), String> {
        let before = self.rest;
        let mut rest = &before[2..];
        let mut flags = self.flags;
        let mut on = true;
        let mut saw_flag = false;
        while !rest.is_empty() {
            let (c, after) = next_char(rest)?;
            rest = after;
            match c {
                'i' => flags.fold_case = on,
                'm' => flags.multi_line = on,
                's' => flags.dot_newline = on,
                'U' => flags.non_greedy = on,
                '-' if on => {
                    on = false;
                    saw_flag = false;
                    continue;
                }
                ':' | ')' if on || saw_flag => {
                    if c == ':' {
                        self.open(false);
                    }
                    self.flags = flags;
                    self.rest = rest;
                    return Ok(());
                }
                _ => break,
            }
            saw_flag = true;
        }
        Err(error(Code::InvalidPerlOp, consumed(before, rest)))
    }

    /// A bracketed class.
    fn class(&mut self) -> Result<(), String> {
        let whole = self.rest;
        let mut rest = &whole[1..];
        let negated = rest.first() == Some(&b'^');
        if negated {
            rest = &rest[1..];
        }
        let mut items = String::new();
        let mut first = true;
        while first || rest.first() != Some(&b']') {
            first = false;
            if let Some((name, after)) = posix_name(rest) {
                let Some((ranges, negated)) = posix_class(name) else {
                    return Err(error(Code::InvalidCharRange, name));
                };
                push_group(&mut items, ranges, negated);
                rest = after;
                continue;
            }
            if let Some((class, after)) = unicode_class(rest)? {
                items.push_str(&class);
                rest = after;
                continue;
            }
            if let Some((ranges, negated)) = perl_class(rest) {
                push_group(&mut items, ranges, negated);
                rest = &rest[2..];
                continue;
            }
            let start = rest;
            let (low, after) = class_char(rest, whole)?;
            rest = after;
            let mut high = low;
            if rest.len() >= 2 && rest[0] == b'-' && rest[1] != b']' {
                (high, rest) = class_char(&rest[1..], whole)?;
                if high < low {
                    return Err(error(Code::InvalidCharRange, consumed(start, rest)));
                }
            }
            push_range(&mut items, low, high);
        }
        self.rest = &rest[1..];
        let text = match (items.is_empty(), negated) {
            (true, false) => NOTHING.to_owned(),
            (true, true) => "(?s:.)".to_owned(),
            (false, false) => format!("[{items}]"),
            (false, true) => format!("[^{items}]"),
        };
        self.push(Piece::leaf(fold(self.flags, text), true))
    }
}

fn fold(flags: Flags, text: String) -> String {
    if flags.fold_case { format!("(?i:{text})") } else { text }
}

/// `{min}`, `{min,}` or `{min,max}`; -1 stands for no maximum, and a minimum of -1 for a number
/// that is too large.
fn parse_counts(text: &[u8]) -> Option<(i64, i64, &[u8])> {
    let (mut min, rest) = parse_count(&text[1..])?;
    let (max, rest) = match rest {
        [b',', b'}', ..] => (-1, &rest[1..]),
        [b',', ..] => {
            let (max, rest) = parse_count(&rest[1..])?;
            if max < 0 {
                min = -1;
            }
            (max, rest)
        }
        _ => (min, rest),
    };
    match rest {
        [b'}', rest @ ..] => Some((min, max, rest)),
        _ => None,
    }
}

fn parse_count(text: &[u8]) -> Option<(i64, &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() || (digits.len() > 1 && digits[0] == b'0') {
        return None;
    }
    let value = if digits.len() > 9 {
        -1
    } else {
        digits.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'))
    };
    Some((value, rest))
}

/// A character of a class, as a code point.
fn class_char<'a>(text: &'a [u8], whole: &[u8]) -> Result<(u32, &'a [u8]), String> {
    match text.first() {
        None => Err(error(Code::MissingBracket, whole)),
        Some(b'\\') => escape_char(text),
        Some(_) => next_char(text).map(|(c, rest)| (u32::from(c), rest)),
    }
}

/// A backslash and what it stands for.
fn escape_char(before: &[u8]) -> Result<(u32, &[u8]), String> {
    if before.len() < 2 {
        return Err(error(Code::TrailingBackslash, b""));
    }
    let (c, mut rest) = next_char(&before[1..])?;
    let is_octal = |rest: &[u8]| matches!(rest.first(), Some(b'0'..=b'7'));
    let code_point = match c {
        // One digit alone would be a back reference.
        '1'..='7' if !is_octal(rest) => None,
        '0'..='7' => {
            let mut value = u32::from(c) - u32::from('0');
            for _ in 0..2 {
                if is_octal(rest) {
                    value = value * 8 + u32::from(rest[0] - b'0');
                    rest = &rest[1..];
                }
            }
            Some(value)
        }
        'x' if rest.first() == Some(&b'{') => {
            rest = &rest[1..];
            let mut value = 0;
            let mut digits = 0;
            loop {
                if rest.is_empty() {
                    break None;
                }
                let (c, after) = next_char(rest)?;
                rest = after;
                match c.to_digit(16) {
                    Some(digit) => value = value * 16 + digit,
                    None if c == '}' && digits > 0 => break Some(value),
                    None => break None,
                }
                if value > u32::from(char::MAX) {
                    break None;
                }
                digits += 1;
            }
        }
        'x' if !rest.is_empty() => {
            let (high, after) = next_char(rest)?;
            let (low, after) = next_char(after)?;
            rest = after;
            high.to_digit(16).zip(low.to_digit(16)).map(|(high, low)| high * 16 + low)
        }
        'a' => Some(7),
        'f' => Some(12),
        'n' => Some(10),
        'r' => Some(13),
        't' => Some(9),
        'v' => Some(11),
        _ if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(u32::from(c)),
        _ => None,
    };
    match code_point {
        Some(code_point) => Ok((code_point, rest)),
        None => Err(error(Code::InvalidEscape, consumed(before, rest))),
    }
}
