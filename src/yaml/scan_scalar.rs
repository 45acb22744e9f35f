//! The bodies of scalars: plain, quoted and block.
//!
//! A scalar that means exactly its own text is borrowed from it; folding and escapes make a
//! copy.

use std::borrow::Cow;

use super::scan::{Problem, Scanner};
use super::text::is_blank;

/// A scalar under construction: borrowed until it differs from its text.
struct Body {
    owned: Option<String>,
    /// Start of the text that `owned` does not hold yet.
    start: usize,
}

impl Body {
    fn new(start: usize) -> Self {
        Body { owned: None, start }
    }

    /// Takes the text up to `end` over.
    fn flush(&mut self, scanner: &Scanner<'_>, end: usize) -> &mut String {
        let text = scanner.cursor.slice(self.start, end.max(self.start));
        let owned = self.owned.get_or_insert_with(String::new);
        owned.push_str(text);
        owned
    }

    fn finish<'t>(mut self, scanner: &Scanner<'t>, end: usize) -> Cow<'t, str> {
        if self.owned.is_none() {
            return Cow::Borrowed(scanner.cursor.slice(self.start, end));
        }
        self.flush(scanner, end);
        Cow::Owned(self.owned.unwrap_or_default())
    }
}

/// Line breaks between two lines of a scalar.
#[derive(Default)]
struct Breaks<'t> {
    first: Option<&'t str>,
    rest: String,
}

impl<'t> Breaks<'t> {
    fn add(&mut self, text: &'t str) {
        match self.first {
            None => self.first = Some(text),
            Some(_) => self.rest.push_str(text),
        }
    }

    /// Writes what the breaks fold to: one line feed becomes a blank, further ones stay.
    fn fold(&mut self, out: &mut String) {
        match self.first.take() {
            Some("\n") => {
                out.push_str(if self.rest.is_empty() { " " } else { &self.rest });
            }
            Some(first) => {
                out.push_str(first);
                out.push_str(&self.rest);
            }
            None => out.push_str(&self.rest),
        }
        self.rest.clear();
    }
}

fn is_flow_indicator(byte: u8) -> bool {
    matches!(byte, b',' | b'?' | b'[' | b']' | b'{' | b'}')
}

impl<'t> Scanner<'t> {
    /// A plain scalar, the end of its text, and whether a line break follows it.
    pub(super) fn scan_plain(
        &mut self,
        flow: bool,
        indent: isize,
    ) -> Result<(Cow<'t, str>, usize, bool), Problem> {
        let mut body = Body::new(self.cursor.pos);
        let mut breaks = Breaks::default();
        let mut end = self.cursor.pos;
        loop {
            if self.cursor.is_document_indicator() || self.cursor.byte() == b'#' {
                break;
            }
            let run = self.cursor.pos;
            loop {
                self.cursor.skip_ordinary();
                let byte = self.cursor.byte();
                if self.cursor.is_blankz(0)
                    || byte == b':' && self.cursor.is_blankz(1)
                    || flow && is_flow_indicator(byte)
                {
                    break;
                }
                self.cursor.skip_char();
            }
            if self.cursor.pos > run {
                if breaks.first.is_some() {
                    breaks.fold(body.flush(self, end));
                    body.start = run;
                }
                end = self.cursor.pos;
            }
            if !is_blank(self.cursor.byte()) && self.cursor.break_at(0) == 0 {
                break;
            }
            loop {
                if is_blank(self.cursor.byte()) {
                    if breaks.first.is_some()
                        && self.cursor.byte() == b'\t'
                        && (self.cursor.column() as isize) < indent
                    {
                        return Err(self.problem("found a tab character that violates indentation"));
                    }
                    self.cursor.skip(1);
                } else if let Some(text) = self.cursor.take_break() {
                    breaks.add(text);
                } else {
                    break;
                }
            }
            if !flow && (self.cursor.column() as isize) < indent {
                break;
            }
        }
        Ok((body.finish(self, end), end, breaks.first.is_some()))
    }

    /// A quoted scalar, quotes included in what is consumed.
    pub(super) fn scan_quoted(&mut self, quote: u8) -> Result<Cow<'t, str>, Problem> {
        self.cursor.skip(1);
        let mut body = Body::new(self.cursor.pos);
        let mut breaks = Breaks::default();
        loop {
            if self.cursor.is_document_indicator() {
                return Err(self.problem("found unexpected document indicator"));
            }
            if self.cursor.byte() == 0 {
                return Err(self.problem("found unexpected end of stream"));
            }
            let mut escaped_break = false;
            loop {
                self.cursor.skip_ordinary();
                if self.cursor.is_blankz(0) {
                    break;
                }
                let byte = self.cursor.byte();
                if byte == quote {
                    if quote == b'"' || self.cursor.at(1) != b'\'' {
                        break;
                    }
                    body.flush(self, self.cursor.pos + 1);
                    self.cursor.skip(2);
                    body.start = self.cursor.pos;
                } else if byte == b'\\' && quote == b'"' {
                    body.flush(self, self.cursor.pos);
                    if self.cursor.break_at(1) > 0 {
                        self.cursor.skip(1);
                        self.cursor.take_break();
                        escaped_break = true;
                        body.start = self.cursor.pos;
                        break;
                    }
                    let escaped = self.scan_escape()?;
                    body.flush(self, body.start).push(escaped);
                    body.start = self.cursor.pos;
                } else {
                    self.cursor.skip_char();
                }
            }
            if self.cursor.byte() == quote {
                break;
            }
            let blanks = self.cursor.pos;
            let mut broken = escaped_break;
            loop {
                if is_blank(self.cursor.byte()) {
                    self.cursor.skip(1);
                } else if let Some(text) = self.cursor.take_break() {
                    if broken {
                        // Behind an escaped break the next one is already a further one.
                        breaks.rest.push_str(text);
                    } else {
                        breaks.add(text);
                        broken = true;
                    }
                } else {
                    break;
                }
            }
            if broken {
                breaks.fold(body.flush(self, blanks));
                body.start = self.cursor.pos;
            }
        }
        let value = body.finish(self, self.cursor.pos);
        self.cursor.skip(1);
        Ok(value)
    }

    fn scan_escape(&mut self) -> Result<char, Problem> {
        let digits = match self.cursor.at(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            simple => {
                let meaning = match simple {
                    b'0' => '\0',
                    b'a' => '\x07',
                    b'b' => '\x08',
                    b't' | b'\t' => '\t',
                    b'n' => '\n',
                    b'v' => '\x0b',
                    b'f' => '\x0c',
                    b'r' => '\r',
                    b'e' => '\x1b',
                    b' ' | b'"' | b'\'' | b'\\' => char::from(simple),
                    b'N' => '\u{85}',
                    b'_' => '\u{a0}',
                    b'L' => '\u{2028}',
                    b'P' => '\u{2029}',
                    _ => return Err(self.problem("found unknown escape character")),
                };
                self.cursor.skip(2);
                return Ok(meaning);
            }
        };
        self.cursor.skip(2);
        let mut value = 0u32;
        for ahead in 0..digits {
            let Some(digit) = char::from(self.cursor.at(ahead)).to_digit(16) else {
                return Err(self.problem("did not find expected hexdecimal number"));
            };
            value = value.wrapping_shl(4) | digit;
        }
        let Some(character) = char::from_u32(value) else {
            return Err(self.problem("found invalid Unicode character escape code"));
        };
        self.cursor.skip(digits);
        Ok(character)
    }

    /// A block scalar behind its indicator, and the end of its text.
    pub(super) fn scan_block(&mut self, literal: bool) -> Result<(Cow<'t, str>, usize), Problem> {
        let (chomping, increment) = self.block_header()?;
        let parent = self.indent().max(0).unsigned_abs();
        let mut indent = if increment > 0 { parent + increment } else { 0 };
        let mut out = String::new();
        let mut first_break = "";
        let mut breaks = String::new();
        let mut after_blank = false;
        let mut end = self.cursor.pos;
        self.block_breaks(&mut indent, &mut breaks, &mut end)?;
        while self.cursor.column() == indent && self.cursor.byte() != 0 {
            let blank = is_blank(self.cursor.byte());
            if !literal && !after_blank && !blank && first_break == "\n" {
                if breaks.is_empty() {
                    out.push(' ');
                }
            } else {
                out.push_str(first_break);
            }
            out.push_str(&breaks);
            breaks.clear();
            after_blank = blank;
            let line = self.cursor.pos;
            self.cursor.skip_to_break();
            out.push_str(self.cursor.slice(line, self.cursor.pos));
            first_break = self.cursor.take_break().unwrap_or_default();
            self.block_breaks(&mut indent, &mut breaks, &mut end)?;
        }
        if chomping != b'-' {
            out.push_str(first_break);
        }
        if chomping == b'+' {
            out.push_str(&breaks);
        }
        Ok((Cow::Owned(out), end))
    }

    /// Eats indentation and empty lines; settles the indentation at the first line with text.
    fn block_breaks(
        &mut self,
        indent: &mut usize,
        breaks: &mut String,
        end: &mut usize,
    ) -> Result<(), Problem> {
        *end = self.cursor.pos;
        let mut deepest = 0;
        loop {
            let mut column = self.cursor.column();
            while (*indent == 0 || column < *indent) && self.cursor.byte() == b' ' {
                self.cursor.skip(1);
                column += 1;
            }
            deepest = deepest.max(column);
            if (*indent == 0 || column < *indent) && self.cursor.byte() == b'\t' {
                return Err(
                    self.problem("found a tab character where an indentation space is expected")
                );
            }
            let Some(text) = self.cursor.take_break() else { break };
            breaks.push_str(text);
            *end = self.cursor.pos;
        }
        if *indent == 0 {
            *indent = deepest.max((self.indent() + 1).max(1).unsigned_abs());
        }
        Ok(())
    }
}
