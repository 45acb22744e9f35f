//! Text to tokens, one at a time, as the parser asks for them.
//!
//! Trim markers and comments end here; the parser never sees them. Tokens are slices of the
//! text, so the lexer allocates only for an error. Of the tree it knows but what a piece of a text is.

use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;

use super::ast::Piece;
use super::literal::decode;
use crate::golang::quote::quote;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The text cannot be read on; [`Lexer::error`] says why.
    Error,
    /// `true`, `false`
    Bool,
    /// A printable ASCII character with no meaning of its own, such as a comma.
    Char,
    /// `'a'`
    CharConstant,
    /// `1+2i`
    Complex,
    /// `=`
    Assign,
    /// `:=`
    Declare,
    /// The end of the text.
    Eof,
    /// `.name`
    Field,
    /// A name.
    Identifier,
    /// `{{`, with its trim marker.
    LeftDelim,
    /// `(`
    LeftParen,
    /// A number.
    Number,
    /// `|`
    Pipe,
    /// A string in backquotes.
    RawString,
    /// `}}`, with its trim marker.
    RightDelim,
    /// `)`
    RightParen,
    /// Blanks between operands.
    Space,
    /// A string in double quotes.
    String,
    /// Text outside actions.
    Text,
    /// `$` or `$name`
    Variable,
    /// `block`
    Block,
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `.`
    Dot,
    /// `define`
    Define,
    /// `else`
    Else,
    /// `end`
    End,
    /// `if`
    If,
    /// `nil`
    Nil,
    /// `range`
    Range,
    /// `template`
    Template,
    /// `with`
    With,
}

impl Kind {
    fn is_keyword(self) -> bool {
        matches!(
            self,
            Kind::Block
                | Kind::Break
                | Kind::Continue
                | Kind::Dot
                | Kind::Define
                | Kind::Else
                | Kind::End
                | Kind::If
                | Kind::Nil
                | Kind::Range
                | Kind::Template
                | Kind::With
        )
    }

    fn of_word(word: &[u8]) -> Kind {
        match word {
            b"block" => Kind::Block,
            b"break" => Kind::Break,
            b"continue" => Kind::Continue,
            b"define" => Kind::Define,
            b"else" => Kind::Else,
            b"end" => Kind::End,
            b"if" => Kind::If,
            b"nil" => Kind::Nil,
            b"range" => Kind::Range,
            b"template" => Kind::Template,
            b"with" => Kind::With,
            b"true" | b"false" => Kind::Bool,
            _ => Kind::Identifier,
        }
    }
}

/// A token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Where it stands.
    pub(super) piece: Piece,
}

impl Token {
    /// The token before any was read.
    pub(super) const NONE: Token = Token::new(Kind::Error, 0, 0);

    /// A token of bytes `start..end`; texts are shorter than 4 GiB.
    const fn new(kind: Kind, start: usize, end: usize) -> Token {
        Token { kind, piece: Piece { start: start as u32, end: end as u32 } }
    }
}

/// Reads tokens from a text.
#[derive(Debug)]
pub(super) struct Lexer<'t> {
    text: &'t [u8],
    /// Next byte to read.
    pos: usize,
    /// First byte of the token being read.
    start: usize,
    inside_action: bool,
    paren_depth: usize,
    error: Option<String>,
}

const LEFT: &[u8] = b"{{";
const RIGHT: &[u8] = b"}}";
/// Length of a trim marker: a minus sign and its blank.
const MARKER: usize = 2;

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// A test for one character by its Unicode class; only characters beyond ASCII come here.
fn has_class(c: char, class: &LazyLock<Regex>) -> bool {
    class.is_match(c.encode_utf8(&mut [0; 4]))
}

fn is_alphanumeric(c: char) -> bool {
    static CLASS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[\p{L}\p{Nd}]").expect("a valid pattern"));
    c == '_' || if c.is_ascii() { c.is_ascii_alphanumeric() } else { has_class(c, &CLASS) }
}

/// A character as `%#U` shows it: `U+002F '/'`.
fn code_point(c: Option<char>) -> String {
    static PRINTED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[ \p{L}\p{M}\p{N}\p{P}\p{S}]").expect("a valid pattern"));
    match c {
        None => "U+FFFFFFFFFFFFFFFF".to_owned(),
        Some(c) if has_class(c, &PRINTED) => format!("U+{:04X} '{c}'", u32::from(c)),
        Some(c) => format!("U+{:04X}", u32::from(c)),
    }
}

/// How many tokens a template's text has, up to its end or its first error; benchmarks time it.
pub fn token_count(text: &[u8]) -> usize {
    let mut lexer = Lexer::new(text);
    let mut count = 0;
    while !matches!(lexer.next().kind, Kind::Eof | Kind::Error) {
        count += 1;
    }
    count
}

/// Offset of the first `{{`.
fn find_left(text: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'{', text).find(|&at| text.get(at + 1) == Some(&b'{'))
}

impl<'t> Lexer<'t> {
    /// A lexer at the start of a text.
    pub(super) fn new(text: &'t [u8]) -> Self {
        Lexer { text, pos: 0, start: 0, inside_action: false, paren_depth: 0, error: None }
    }

    /// Why the last token was an error.
    pub(super) fn error(&self) -> &str {
        self.error.as_deref().unwrap_or_default()
    }

    /// Bytes of a token.
    pub(super) fn bytes(&self, token: Token) -> &'t [u8] {
        &self.text[token.piece.start as usize..token.piece.end as usize]
    }

    /// A token as errors show it.
    pub(super) fn show(&self, token: Token) -> String {
        let bytes = self.bytes(token);
        match token.kind {
            Kind::Eof => "EOF".to_owned(),
            Kind::Error => self.error().to_owned(),
            kind if kind.is_keyword() => format!("<{}>", String::from_utf8_lossy(bytes)),
            _ if bytes.len() > 10 => {
                let mut end = 0;
                for _ in 0..10 {
                    end += decode(&bytes[end..]).map_or(0, |(_, width)| width);
                }
                format!("{}...", quote(&bytes[..end]))
            }
            _ => quote(bytes),
        }
    }

    /// The next token; after an error or the end, the end again.
    pub(super) fn next(&mut self) -> Token {
        if self.error.is_some() {
            return Token::new(Kind::Eof, self.pos, self.pos);
        }
        if self.inside_action { self.inside_action() } else { self.text() }
    }

    fn emit(&mut self, kind: Kind) -> Token {
        let token = Token::new(kind, self.start, self.pos);
        self.start = self.pos;
        token
    }

    fn fail(&mut self, error: impl Into<String>) -> Token {
        self.error = Some(error.into());
        Token::new(Kind::Error, self.start, self.start)
    }

    fn rest(&self) -> &'t [u8] {
        &self.text[self.pos..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.pos).copied()
    }

    fn peek_char(&self) -> Option<char> {
        decode(self.rest()).map(|(c, _)| c)
    }

    fn take_char(&mut self) -> Option<char> {
        let (c, width) = decode(self.rest())?;
        self.pos += width;
        Some(c)
    }

    fn accept(&mut self, set: &[u8]) -> bool {
        let found = self.peek().is_some_and(|byte| set.contains(&byte));
        self.pos += usize::from(found);
        found
    }

    fn accept_run(&mut self, set: &[u8]) {
        while self.accept(set) {}
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.pos += 1;
        }
    }

    /// Text up to the next action; comments in it are passed over.
    fn text(&mut self) -> Token {
        loop {
            let Some(found) = find_left(self.rest()) else {
                self.pos = self.text.len();
                let kind = if self.pos > self.start { Kind::Text } else { Kind::Eof };
                return self.emit(kind);
            };
            let delim = self.pos + found;
            let after = &self.text[delim + LEFT.len()..];
            let trim = after.len() >= MARKER && after[0] == b'-' && is_space(after[1]);
            if found > 0 {
                let mut end = delim;
                while trim && end > self.start && is_space(self.text[end - 1]) {
                    end -= 1;
                }
                let token = Token::new(Kind::Text, self.start, end);
                let is_empty = end == self.start;
                self.pos = delim;
                self.start = delim;
                if !is_empty {
                    return token;
                }
            }
            let marker = if trim { MARKER } else { 0 };
            self.pos = delim + LEFT.len();
            if !after[marker..].starts_with(b"/*") {
                let token = self.emit(Kind::LeftDelim);
                self.pos += marker;
                self.start = self.pos;
                self.inside_action = true;
                self.paren_depth = 0;
                return token;
            }
            self.pos += marker;
            self.start = self.pos;
            if let Err(token) = self.comment() {
                return token;
            }
        }
    }

    /// Passes over a comment and the delimiter that must follow it.
    fn comment(&mut self) -> Result<(), Token> {
        self.pos += 2;
        let Some(end) = memmem::find(self.rest(), b"*/") else {
            return Err(self.fail("unclosed comment"));
        };
        self.pos += end + 2;
        let Some(trim) = self.at_right_delim() else {
            return Err(self.fail("comment ends before closing delimiter"));
        };
        self.pos += RIGHT.len();
        if trim {
            self.pos += MARKER;
            self.skip_space();
        }
        self.start = self.pos;
        Ok(())
    }

    /// Whether a right delimiter is next, and if so whether it trims.
    fn at_right_delim(&self) -> Option<bool> {
        match self.rest() {
            [b'}', b'}', ..] => Some(false),
            [space, b'-', b'}', b'}', ..] if is_space(*space) => Some(true),
            _ => None,
        }
    }

    fn right_delim(&mut self, trim: bool) -> Token {
        if trim {
            self.pos += MARKER;
            self.start = self.pos;
        }
        self.pos += RIGHT.len();
        let token = self.emit(Kind::RightDelim);
        if trim {
            self.skip_space();
            self.start = self.pos;
        }
        self.inside_action = false;
        token
    }

    fn inside_action(&mut self) -> Token {
        let Some(byte) = self.peek() else { return self.fail("unclosed action") };
        if (is_space(byte) || byte == b'}')
            && let Some(trim) = self.at_right_delim()
        {
            if self.paren_depth == 0 {
                return self.right_delim(trim);
            }
            return self.fail("unclosed left paren");
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => return self.space(),
            b'.' if !self.text.get(self.pos + 1).is_none_or(u8::is_ascii_digit) => {
                self.pos += 1;
                return self.field_or_variable(Kind::Field);
            }
            b'.' | b'+' | b'-' | b'0'..=b'9' => return self.number(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => return self.identifier(),
            0x80.. => {
                if self.peek_char().is_some_and(is_alphanumeric) {
                    return self.identifier();
                }
                let shown = code_point(self.peek_char());
                return self.fail(format!("unrecognized character in action: {shown}"));
            }
            _ => self.pos += 1,
        }
        match byte {
            b'=' => self.emit(Kind::Assign),
            b':' => {
                if self.accept(b"=") {
                    self.emit(Kind::Declare)
                } else {
                    self.fail("expected :=")
                }
            }
            b'|' => self.emit(Kind::Pipe),
            b'"' => self.quoted(b'"', Kind::String, "unterminated quoted string"),
            b'\'' => self.quoted(b'\'', Kind::CharConstant, "unterminated character constant"),
            b'`' => match memchr::memchr(b'`', self.rest()) {
                Some(end) => {
                    self.pos += end + 1;
                    self.emit(Kind::RawString)
                }
                None => self.fail("unterminated raw quoted string"),
            },
            b'$' => self.field_or_variable(Kind::Variable),
            b'(' => {
                self.paren_depth += 1;
                self.emit(Kind::LeftParen)
            }
            b')' => {
                if self.paren_depth == 0 {
                    return self.fail("unexpected right paren");
                }
                self.paren_depth -= 1;
                self.emit(Kind::RightParen)
            }
            b' '..=b'~' => self.emit(Kind::Char),
            _ => {
                let shown = code_point(Some(char::from(byte)));
                self.fail(format!("unrecognized character in action: {shown}"))
            }
        }
    }

    /// A run of blanks; its last one may belong to a trimming right delimiter.
    fn space(&mut self) -> Token {
        self.skip_space();
        self.pos -= 1;
        if self.at_right_delim() == Some(true) {
            if self.pos == self.start {
                return self.right_delim(true);
            }
        } else {
            self.pos += 1;
        }
        self.emit(Kind::Space)
    }

    fn skip_alphanumeric(&mut self) {
        loop {
            let ascii = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            while self.peek().is_some_and(ascii) {
                self.pos += 1;
            }
            if self.peek().is_none_or(|byte| byte.is_ascii())
                || !self.peek_char().is_some_and(is_alphanumeric)
            {
                return;
            }
            self.take_char();
        }
    }

    fn identifier(&mut self) -> Token {
        self.skip_alphanumeric();
        if !self.at_terminator() {
            return self.bad_character();
        }
        self.emit(Kind::of_word(&self.text[self.start..self.pos]))
    }

    fn bad_character(&mut self) -> Token {
        let shown = code_point(self.peek_char());
        self.fail(format!("bad character {shown}"))
    }

    /// What follows `.` or `$`, which has been read.
    fn field_or_variable(&mut self, kind: Kind) -> Token {
        if self.at_terminator() {
            return self.emit(if kind == Kind::Field { Kind::Dot } else { kind });
        }
        self.skip_alphanumeric();
        if !self.at_terminator() {
            return self.bad_character();
        }
        self.emit(kind)
    }

    /// Whether a name may end here.
    fn at_terminator(&self) -> bool {
        match self.peek() {
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b'.' | b',' | b'|' | b':' | b')' | b'(') => {
                true
            }
            Some(_) => matches!(self.rest(), [b'}', b'}', ..]),
        }
    }

    /// The rest of a quoted text on one line; its escapes are read by the parser.
    fn quoted(&mut self, quote: u8, kind: Kind, unterminated: &str) -> Token {
        loop {
            match self.peek() {
                None | Some(b'\n') => return self.fail(unterminated),
                Some(b'\\') => {
                    self.pos += 1;
                    if matches!(self.peek(), None | Some(b'\n')) {
                        return self.fail(unterminated);
                    }
                    self.take_char();
                }
                Some(byte) => {
                    self.pos += 1;
                    if byte == quote {
                        return self.emit(kind);
                    }
                }
            }
        }
    }

    fn number(&mut self) -> Token {
        let mut good = self.scan_number();
        let mut kind = Kind::Number;
        if good && matches!(self.peek(), Some(b'+' | b'-')) {
            kind = Kind::Complex;
            good = self.scan_number() && self.text[self.pos - 1] == b'i';
        }
        if good {
            return self.emit(kind);
        }
        let shown = quote(&self.text[self.start..self.pos]);
        self.fail(format!("bad number syntax: {shown}"))
    }

    /// Passes over what may be a number; whether it is one is for the parser to find out.
    fn scan_number(&mut self) -> bool {
        const DECIMAL: &[u8] = b"0123456789_";
        const HEX: &[u8] = b"0123456789abcdefABCDEF_";
        self.accept(b"+-");
        let mut digits = DECIMAL;
        if self.accept(b"0") {
            if self.accept(b"xX") {
                digits = HEX;
            } else if self.accept(b"oO") {
                digits = b"01234567_";
            } else if self.accept(b"bB") {
                digits = b"01_";
            }
        }
        self.accept_run(digits);
        if self.accept(b".") {
            self.accept_run(digits);
        }
        if (digits == DECIMAL && self.accept(b"eE")) || (digits == HEX && self.accept(b"pP")) {
            self.accept(b"+-");
            self.accept_run(DECIMAL);
        }
        self.accept(b"i");
        if self.peek_char().is_some_and(is_alphanumeric) {
            self.take_char();
            return false;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lex(text: &str) -> String {
        let mut lexer = Lexer::new(text.as_bytes());
        let mut out = Vec::new();
        loop {
            let token = lexer.next();
            out.push(format!("{:?}:{}", token.kind, lexer.show(token)));
            if matches!(token.kind, Kind::Eof | Kind::Error) {
                return out.join(" ");
            }
        }
    }

    #[test]
    fn trim_markers_and_comments() {
        assert_eq!(
            lex("a \n{{- 3 -}} \n b{{-3}}"),
            "Text:\"a\" LeftDelim:\"{{\" Number:\"3\" RightDelim:\"}}\" Text:\"b\" \
             LeftDelim:\"{{\" Number:\"-3\" RightDelim:\"}}\" Eof:EOF"
        );
        assert_eq!(lex("x {{- /* c */ -}} y"), "Text:\"x\" Text:\"y\" Eof:EOF");
        assert_eq!(lex("{{/* c"), "Error:unclosed comment");
        assert_eq!(lex("{{/* c */ }}"), "Error:comment ends before closing delimiter");
    }

    #[test]
    fn tokens_of_an_action() {
        assert_eq!(
            lex("{{ $x.y := nil | f (.) `r` 'c' \"s\" , }}"),
            "LeftDelim:\"{{\" Space:\" \" Variable:\"$x\" Field:\".y\" Space:\" \" Declare:\":=\" \
             Space:\" \" Nil:<nil> Space:\" \" Pipe:\"|\" Space:\" \" Identifier:\"f\" \
             Space:\" \" LeftParen:\"(\" Dot:<.> RightParen:\")\" Space:\" \" RawString:\"`r`\" \
             Space:\" \" CharConstant:\"'c'\" Space:\" \" String:\"\\\"s\\\"\" Space:\" \" \
             Char:\",\" Space:\" \" RightDelim:\"}}\" Eof:EOF"
        );
    }

    #[test]
    fn errors() {
        for (text, want) in [
            ("{{ a", "unclosed action"),
            ("{{ (a }}", "unclosed left paren"),
            ("{{ a) }}", "unexpected right paren"),
            ("{{ .a[0] }}", "bad character U+005B '['"),
            ("{{ \"a\n\" }}", "unterminated quoted string"),
            ("{{ 3x }}", "bad number syntax: \"3x\""),
            ("{{ 1+2 }}", "bad number syntax: \"1+2\""),
            ("{{ \u{1} }}", "unrecognized character in action: U+0001"),
            ("{{ x : y }}", "expected :="),
        ] {
            let all = lex(text);
            assert!(all.ends_with(&format!("Error:{want}")), "{text}: {all}");
        }
    }
}
