//! Tokens: indentation becomes block starts and ends, and simple keys are found by looking
//! ahead of the parser.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::text::{Cursor, is_word};

/// Deepest nesting of block or flow collections, as go-yaml has it.
const MAX_DEPTH: usize = 10_000;

/// How far, in characters, the `:` may stand behind the start of a key without `?`.
const SIMPLE_KEY_REACH: usize = 1024;

/// What is wrong with a text: go-yaml's sentence, the line it would name (0 for none), and the
/// true byte offset.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) text: Cow<'static, str>,
    pub(crate) line: usize,
    pub(crate) at: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'t> {
    StreamEnd,
    Version(u8, u8),
    TagDirective { handle: &'t str, prefix: Vec<u8> },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'t str),
    Anchor(&'t str),
    Tag { handle: &'t str, suffix: Vec<u8> },
    Scalar { value: Cow<'t, str>, plain: bool },
}

/// A token and its place.
#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Zero-based line of its start.
    pub(super) line: usize,
}

/// A place where a key without `?` may have begun.
#[derive(Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    /// Whether the queue waits for the `:` before it hands out the token; go-yaml forgets to
    /// for empty flow collections.
    awaited: bool,
    token: usize,
    line: usize,
    index: usize,
    column: usize,
    at: usize,
}

/// Turns text into tokens, one call of [`Scanner::peek`] at a time.
pub(super) struct Scanner<'t> {
    pub(super) cursor: Cursor<'t>,
    pub(super) queue: VecDeque<Token<'t>>,
    /// Tokens handed out so far.
    taken: usize,
    ready: bool,
    flow_level: usize,
    indents: Vec<isize>,
    indent: isize,
    pub(super) simple_key_allowed: bool,
    simple_keys: Vec<SimpleKey>,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Scanner {
            cursor: Cursor::new(text),
            queue: VecDeque::new(),
            taken: 0,
            ready: false,
            flow_level: 0,
            indents: Vec::new(),
            indent: -1,
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
        }
    }

    /// The next token, which stays in the queue.
    pub(super) fn peek(&mut self) -> Result<&mut Token<'t>, Problem> {
        while !self.ready {
            if !self.queue.is_empty() && !self.awaits_colon()? {
                self.ready = true;
                break;
            }
            self.fetch()?;
        }
        Ok(self.queue.front_mut().expect("a fetch adds a token"))
    }

    /// Removes the token that [`Scanner::peek`] showed.
    pub(super) fn skip(&mut self) {
        self.ready = false;
        self.taken += 1;
        self.queue.pop_front();
    }

    /// The problem of the present position.
    pub(super) fn problem(&self, text: impl Into<Cow<'static, str>>) -> Problem {
        if let Some(bad) = self.cursor.bad_bytes() {
            return bad;
        }
        let line = if self.cursor.line == 0 { 0 } else { self.cursor.line + 1 };
        Problem { text: text.into(), line, at: self.cursor.pos }
    }

    pub(super) fn fail<T>(&self, text: &'static str) -> Result<T, Problem> {
        Err(self.problem(text))
    }

    /// Whether the first token of the queue may still turn out to be a key.
    fn awaits_colon(&mut self) -> Result<bool, Problem> {
        let first = self.taken;
        let from = self.simple_keys.partition_point(|key| key.token < first);
        for at in from..self.simple_keys.len() {
            let key = self.simple_keys[at];
            if key.token != first {
                break;
            }
            if key.awaited {
                return self.is_valid(at);
            }
        }
        Ok(false)
    }

    fn is_valid(&mut self, at: usize) -> Result<bool, Problem> {
        let key = self.simple_keys[at];
        if !key.possible {
            return Ok(false);
        }
        if key.line < self.cursor.line || key.index + SIMPLE_KEY_REACH < self.cursor.index() {
            if key.required {
                return self.fail("could not find expected ':'");
            }
            self.simple_keys[at].possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    fn next_number(&self) -> usize {
        self.taken + self.queue.len()
    }

    pub(super) fn save_simple_key(&mut self) -> Result<(), Problem> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        let column = self.cursor.column();
        let key = SimpleKey {
            possible: true,
            required: self.flow_level == 0 && self.indent == column as isize,
            awaited: true,
            token: self.next_number(),
            line: self.cursor.line,
            index: self.cursor.index(),
            column,
            at: self.cursor.pos,
        };
        self.remove_simple_key()?;
        *self.simple_keys.last_mut().expect("one per flow level") = key;
        Ok(())
    }

    pub(super) fn remove_simple_key(&mut self) -> Result<(), Problem> {
        let key = self.simple_keys.last_mut().expect("one per flow level");
        if key.possible {
            if key.required {
                return self.fail("could not find expected ':'");
            }
            key.possible = false;
            key.awaited = false;
        }
        Ok(())
    }

    pub(super) fn push(&mut self, kind: Kind<'t>, start: usize, line: usize) {
        self.queue.push_back(Token { kind, start, end: self.cursor.pos, line });
    }

    /// Adds a token for the next `width` bytes and moves behind them.
    fn push_indicator(&mut self, kind: Kind<'t>, width: usize) {
        let start = self.cursor.pos;
        self.cursor.skip(width);
        self.push(kind, start, self.cursor.line);
    }

    /// Puts a token before the one of the given number; behind all others when that one has
    /// been handed out already.
    fn insert(&mut self, number: Option<usize>, token: Token<'t>) {
        match number.and_then(|number| number.checked_sub(self.taken)) {
            Some(place) => self.queue.insert(place, token),
            None => self.queue.push_back(token),
        }
    }

    /// Opens a block collection when `column` is deeper than the present one.
    fn roll_indent(
        &mut self,
        column: usize,
        number: Option<usize>,
        kind: Kind<'t>,
        at: usize,
        line: usize,
    ) -> Result<(), Problem> {
        if self.flow_level > 0 || self.indent >= column as isize {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column as isize;
        if self.indents.len() > MAX_DEPTH {
            return self.fail("exceeded max depth of 10000");
        }
        self.insert(number, Token { kind, start: at, end: at, line });
        Ok(())
    }

    /// Closes the block collections that are deeper than `column`.
    pub(super) fn unroll_indent(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push(Kind::BlockEnd, self.cursor.pos, self.cursor.line);
            self.indent = self.indents.pop().expect("one per open collection");
        }
    }

    fn fetch(&mut self) -> Result<(), Problem> {
        self.skip_to_token();
        let column = self.cursor.column();
        self.unroll_indent(column as isize);
        let byte = self.cursor.byte();
        if byte == 0 {
            return self.fetch_stream_end();
        }
        if column == 0 {
            if byte == b'%' {
                return self.fetch_directive();
            }
            if self.cursor.is_document_indicator() {
                let kind = if byte == b'-' { Kind::DocumentStart } else { Kind::DocumentEnd };
                self.unroll_indent(-1);
                self.remove_simple_key()?;
                self.simple_key_allowed = false;
                self.push_indicator(kind, 3);
                return Ok(());
            }
        }
        let flow = self.flow_level > 0;
        match byte {
            b'[' => self.fetch_flow_start(Kind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(Kind::FlowMappingStart),
            b']' => self.fetch_flow_end(Kind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(Kind::FlowMappingEnd),
            b',' => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                self.push_indicator(Kind::FlowEntry, 1);
                Ok(())
            }
            b'-' if self.cursor.is_blankz(1) => self.fetch_block_entry(),
            b'?' if flow || self.cursor.is_blankz(1) => self.fetch_key(),
            b':' if flow || self.cursor.is_blankz(1) => self.fetch_value(),
            b'*' | b'&' => self.fetch_anchor(byte),
            b'!' => self.fetch_tag(),
            b'|' | b'>' if !flow => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                self.fetch_block_scalar(byte == b'|')
            }
            b'\'' | b'"' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                self.fetch_flow_scalar(byte)
            }
            b'#' | b'|' | b'>' | b'%' | b'@' | b'`' | b'\t' => {
                self.fail("found character that cannot start any token")
            }
            _ => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                self.fetch_plain_scalar()
            }
        }
    }

    /// Moves over blanks, comments and line breaks. Tabs count as blanks only where no key can
    /// start.
    fn skip_to_token(&mut self) {
        loop {
            loop {
                match self.cursor.byte() {
                    b' ' => self.cursor.skip(1),
                    b'\t' if self.flow_level > 0 || !self.simple_key_allowed => self.cursor.skip(1),
                    _ => break,
                }
            }
            if self.cursor.byte() == b'#' {
                self.cursor.skip_to_break();
            }
            if self.cursor.take_break().is_none() {
                return;
            }
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    fn fetch_stream_end(&mut self) -> Result<(), Problem> {
        if let Some(bad) = self.cursor.bad_bytes() {
            return Err(bad);
        }
        self.cursor.finish_line();
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push(Kind::StreamEnd, self.cursor.pos, self.cursor.line);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: Kind<'t>) -> Result<(), Problem> {
        self.save_simple_key()?;
        self.simple_keys.push(SimpleKey { token: self.next_number(), ..SimpleKey::default() });
        self.flow_level += 1;
        if self.flow_level > MAX_DEPTH {
            return self.fail("exceeded max depth of 10000");
        }
        self.simple_key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: Kind<'t>) -> Result<(), Problem> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            let closed = self.simple_keys.pop().expect("one per flow level");
            // An empty collection still carries the number of its own start token, and go-yaml
            // forgets the outer key of that number along with the inner one.
            let outer = self.simple_keys.last_mut().expect("the block level stays");
            if outer.token == closed.token {
                outer.awaited = false;
            }
        }
        self.simple_key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), Problem> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.fail("block sequence entries are not allowed in this context");
            }
            self.roll_indent_here(Kind::BlockSequenceStart)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(Kind::BlockEntry, 1);
        Ok(())
    }

    fn roll_indent_here(&mut self, kind: Kind<'t>) -> Result<(), Problem> {
        let column = self.cursor.column();
        self.roll_indent(column, None, kind, self.cursor.pos, self.cursor.line)
    }

    fn fetch_key(&mut self) -> Result<(), Problem> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.fail("mapping keys are not allowed in this context");
            }
            self.roll_indent_here(Kind::BlockMappingStart)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.push_indicator(Kind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Problem> {
        let last = self.simple_keys.len() - 1;
        if self.is_valid(last)? {
            let key = self.simple_keys[last];
            let token = Token { kind: Kind::Key, start: key.at, end: key.at, line: key.line };
            self.insert(Some(key.token), token);
            let kind = Kind::BlockMappingStart;
            self.roll_indent(key.column, Some(key.token), kind, key.at, key.line)?;
            self.simple_keys[last].possible = false;
            self.simple_keys[last].awaited = false;
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return self.fail("mapping values are not allowed in this context");
                }
                self.roll_indent_here(Kind::BlockMappingStart)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.push_indicator(Kind::Value, 1);
        Ok(())
    }

    pub(super) fn take_word(&mut self) -> &'t str {
        let start = self.cursor.pos;
        while is_word(self.cursor.byte()) {
            self.cursor.skip(1);
        }
        self.cursor.slice(start, self.cursor.pos)
    }

    fn fetch_anchor(&mut self, indicator: u8) -> Result<(), Problem> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.pos;
        self.cursor.skip(1);
        let name = self.take_word();
        let ends = self.cursor.is_blankz(0)
            || matches!(self.cursor.byte(), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends {
            return self.fail("did not find expected alphabetic or numeric character");
        }
        let kind = if indicator == b'*' { Kind::Alias(name) } else { Kind::Anchor(name) };
        self.push(kind, start, self.cursor.line);
        Ok(())
    }

    fn fetch_plain_scalar(&mut self) -> Result<(), Problem> {
        let (start, line) = (self.cursor.pos, self.cursor.line);
        let (value, end, folded) = self.scan_plain(self.flow_level > 0, self.indent + 1)?;
        self.queue.push_back(Token { kind: Kind::Scalar { value, plain: true }, start, end, line });
        if folded {
            self.simple_key_allowed = true;
        }
        Ok(())
    }

    fn fetch_flow_scalar(&mut self, quote: u8) -> Result<(), Problem> {
        let (start, line) = (self.cursor.pos, self.cursor.line);
        let value = self.scan_quoted(quote)?;
        self.push(Kind::Scalar { value, plain: false }, start, line);
        Ok(())
    }

    fn fetch_block_scalar(&mut self, literal: bool) -> Result<(), Problem> {
        let (start, line) = (self.cursor.pos, self.cursor.line);
        self.cursor.skip(1);
        let (value, end) = self.scan_block(literal)?;
        self.queue.push_back(Token {
            kind: Kind::Scalar { value, plain: false },
            start,
            end,
            line,
        });
        Ok(())
    }

    /// Reads the indicators behind `|` or `>`: chomping (`+`, `-` or nothing) and indentation.
    pub(super) fn block_header(&mut self) -> Result<(u8, usize), Problem> {
        let mut chomping = 0;
        let mut increment = 0;
        for _ in 0..2 {
            match self.cursor.byte() {
                sign @ (b'+' | b'-') if chomping == 0 => {
                    chomping = sign;
                    self.cursor.skip(1);
                }
                b'0' if increment == 0 => {
                    return self.fail("found an indentation indicator equal to 0");
                }
                digit @ b'1'..=b'9' if increment == 0 => {
                    increment = usize::from(digit - b'0');
                    self.cursor.skip(1);
                }
                _ => break,
            }
        }
        self.end_line()?;
        Ok((chomping, increment))
    }

    /// The indentation of the innermost open block collection; -1 outside all.
    pub(super) fn indent(&self) -> isize {
        self.indent
    }
}
