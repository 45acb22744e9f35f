//! Writing scalars: which style a text gets, and how long lines are folded.

use super::scalar::resolve_plain;

/// Longest key that is written before its `:` without `?`.
const SIMPLE_KEY_LENGTH: usize = 128;

/// What differs between the emitters of go-yaml v2 (`toYaml`) and v3 (`toYamlPretty`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// Column behind which a text is folded at its next blank.
    pub(super) width: usize,
    /// Whether lists stand deeper than the key they belong to.
    pub(super) indented_lists: bool,
    /// Whether literal blocks may hold tabs.
    pub(super) tabs_in_blocks: bool,
}

/// Where a scalar stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A key before `:`.
    SimpleKey,
    /// Anything else.
    Other,
}

/// The output and what the next character depends on.
pub(super) struct Writer {
    pub(super) out: Vec<u8>,
    pub(super) style: Style,
    /// Present indentation; -1 before the first node.
    pub(super) indent: isize,
    /// Characters on the present line.
    column: usize,
    /// Whether the last character separates tokens.
    whitespace: bool,
    /// Whether the line holds only indentation and `-`, `?`, `:` so far.
    pub(super) indention: bool,
}

/// What a text allows.
#[expect(clippy::struct_excessive_bools, reason = "four independent facts")]
struct Analysis {
    multiline: bool,
    plain: bool,
    single_quoted: bool,
    block: bool,
}

/// Characters that make no difference to the style of a text, except as its first one.
const ORDINARY: [bool; 128] = {
    let mut table = [false; 128];
    let mut byte = 0x21;
    while byte < 0x7f {
        table[byte] = true;
        byte += 1;
    }
    table[b':' as usize] = false;
    table[b'#' as usize] = false;
    table
};

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && c != '\u{feff}'
}

/// Whether a text may start as a plain scalar.
fn starts_plain(text: &str) -> bool {
    let mut bytes = text.bytes();
    let first = bytes.next().unwrap_or(b' ');
    let second = bytes.next();
    let alone = matches!(second, None | Some(b' ' | b'\t'));
    let indicator = match first {
        b'#' | b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\''
        | b'"' | b'%' | b'@' | b'`' => true,
        b'?' | b':' | b'-' => alone,
        _ => false,
    };
    !indicator && !text.starts_with("---") && !text.starts_with("...")
}

impl Analysis {
    fn new(text: &str, style: Style) -> Self {
        let mut plain = starts_plain(text);
        if text.bytes().all(|byte| byte < 0x80 && ORDINARY[usize::from(byte)]) {
            return Analysis { multiline: false, plain, single_quoted: true, block: true };
        }
        let mut special = false;
        let mut tab = false;
        let mut multiline = false;
        let mut space_break = false;
        let mut break_space = false;
        let mut before = '\n';
        let mut previous = None;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let next = chars.peek().copied();
            let alone = matches!(next, None | Some(' ' | '\t'));
            match c {
                ':' if alone => plain = false,
                '#' if matches!(before, ' ' | '\t' | '\0') || is_break(before) => plain = false,
                '\t' if style.tabs_in_blocks => tab = true,
                _ if !is_printable(c) => special = true,
                _ => {}
            }
            if c == ' ' {
                break_space |= previous.is_some_and(is_break);
            } else if is_break(c) {
                multiline = true;
                space_break |= previous == Some(' ');
            }
            before = c;
            previous = Some(c);
        }
        let edge = |c: Option<char>| c.is_some_and(|c| c == ' ' || is_break(c));
        let trailing_space = text.ends_with(' ');
        plain &= !multiline && !edge(text.chars().next()) && !edge(text.chars().next_back());
        let quotable = !space_break && !special && !tab;
        Analysis {
            multiline,
            plain: plain && !break_space && quotable,
            single_quoted: !break_space && quotable,
            block: !trailing_space && !space_break && !special,
        }
    }
}

/// Whether a text is a number to the base 60 in YAML 1.1: `^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`.
fn is_base_60(text: &str) -> bool {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !rest.starts_with(|c: char| c.is_ascii_digit()) || !rest.contains(':') {
        return false;
    }
    let (parts, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let mut parts = parts.split(':');
    let is_digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'_';
    parts.next().is_some_and(|first| first.as_bytes().iter().all(is_digit))
        && fraction.as_bytes().iter().all(is_digit)
        && parts.all(|part| match part.as_bytes() {
            [ones] => ones.is_ascii_digit(),
            [tens, ones] => (b'0'..=b'5').contains(tens) && ones.is_ascii_digit(),
            _ => false,
        })
}

impl Writer {
    pub(super) fn new(style: Style) -> Self {
        Writer { out: Vec::new(), style, indent: -1, column: 0, whitespace: true, indention: true }
    }

    fn put(&mut self, byte: u8) {
        self.out.push(byte);
        self.column += 1;
    }

    fn put_char(&mut self, c: char) {
        self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        self.column += 1;
    }

    /// Writes a text without line breaks.
    fn put_text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.column += if text.is_ascii() { text.len() } else { text.chars().count() };
    }

    fn put_break(&mut self) {
        self.out.push(b'\n');
        self.column = 0;
        self.indention = true;
    }

    /// Writes a line break of a text; only a line feed ends the line of the output.
    fn put_text_break(&mut self, c: char) {
        if c == '\n' {
            self.put_break();
        } else {
            self.put_char(c);
            self.column = 0;
            self.indention = true;
        }
    }

    /// Goes to the present indentation, on a new line where needed.
    pub(super) fn write_indent(&mut self) {
        let indent = self.indent.max(0).unsigned_abs();
        if !self.indention || self.column > indent || self.column == indent && !self.whitespace {
            self.put_break();
        }
        if self.column < indent {
            self.out.resize(self.out.len() + indent - self.column, b' ');
            self.column = indent;
        }
        self.whitespace = true;
        self.indention = true;
    }

    /// Writes an indicator with a blank before it where `separated` asks for one.
    pub(super) fn write_indicator(&mut self, text: &str, separated: bool, keeps_indention: bool) {
        if separated && !self.whitespace {
            self.put(b' ');
        }
        self.put_text(text);
        self.whitespace = false;
        self.indention &= keeps_indention;
    }

    /// Writes an empty list or map.
    pub(super) fn write_empty(&mut self, brackets: &str) {
        self.write_indicator(brackets, true, false);
    }

    /// Whether a text can stand before `:` without `?`.
    pub(super) fn is_simple_key(length: usize, text: &str) -> bool {
        length <= SIMPLE_KEY_LENGTH && !text.contains(is_break)
    }

    /// Writes a word that needs no quotes: a number, a boolean, null.
    pub(super) fn write_word(&mut self, text: &str) {
        if !self.whitespace {
            self.put(b' ');
        }
        self.put_text(text);
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes a text in the style it needs.
    pub(super) fn write_scalar(&mut self, text: &str, role: Role) {
        let before = self.indent;
        self.indent = if before < 0 { 2 } else { before + 2 };
        let analysis = Analysis::new(text, self.style);
        let may_break = role == Role::Other;
        if text.contains('\n') && analysis.block && may_break {
            self.write_literal(text);
        } else if text.contains('\n') || is_base_60(text) || resolve_plain(text).is_some() {
            self.write_double_quoted(text, may_break);
        } else if analysis.plain {
            self.write_plain(text, may_break);
        } else if analysis.single_quoted && (may_break || !analysis.multiline) {
            self.write_single_quoted(text, may_break);
        } else {
            self.write_double_quoted(text, may_break);
        }
        self.indent = before;
    }

    /// Writes a text that a tag explains, in the style it needs.
    pub(super) fn write_tagged(&mut self, tag: &str, text: &str, role: Role) {
        self.write_indicator(tag, true, false);
        let before = self.indent;
        self.indent = if before < 0 { 2 } else { before + 2 };
        if !text.contains('\n') {
            self.write_plain(text, role == Role::Other);
        } else if role == Role::Other {
            self.write_literal(text);
        } else {
            self.write_double_quoted(text, false);
        }
        self.indent = before;
    }

    /// Whether a text fits on the line, so that no folding has to be thought of.
    fn fits(&self, text: &str) -> bool {
        text.len() <= self.style.width.saturating_sub(self.column)
    }

    fn write_plain(&mut self, text: &str, may_break: bool) {
        if !self.whitespace {
            self.put(b' ');
        }
        if !may_break || self.fits(text) {
            self.put_text(text);
        } else {
            self.write_folded(text, false);
        }
        self.whitespace = false;
        self.indention = false;
    }

    /// The body of a plain or single-quoted scalar.
    fn write_folded(&mut self, text: &str, quoted: bool) {
        let mut after_space = false;
        let mut after_break = false;
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c == ' ' {
                let inside = !quoted || at > 0 && at + 1 < text.len();
                let foldable = inside && chars.peek().is_none_or(|(_, next)| *next != ' ');
                if foldable && !after_space && self.column > self.style.width {
                    self.write_indent();
                } else {
                    self.put(b' ');
                }
                after_space = true;
            } else if is_break(c) {
                if !after_break && c == '\n' {
                    self.put_break();
                }
                self.put_text_break(c);
                after_break = true;
            } else {
                if after_break {
                    self.write_indent();
                }
                if quoted && c == '\'' {
                    self.put(b'\'');
                }
                self.put_char(c);
                self.indention = false;
                after_space = false;
                after_break = false;
            }
        }
    }

    fn write_single_quoted(&mut self, text: &str, may_break: bool) {
        self.write_indicator("'", true, false);
        if (!may_break || self.fits(text)) && !text.contains(|c| c == '\'' || is_break(c)) {
            self.put_text(text);
        } else if may_break {
            self.write_folded(text, true);
        } else {
            self.put_text(&text.replace('\'', "''"));
        }
        self.write_indicator("'", false, false);
    }

    fn write_double_quoted(&mut self, text: &str, may_break: bool) {
        self.write_indicator("\"", true, false);
        // go-yaml looks for the mark at the start of the text, whatever character it is at.
        let marked = text.starts_with('\u{feff}');
        let mut after_space = false;
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if marked || !is_printable(c) || is_break(c) || c == '"' || c == '\\' {
                self.write_escape(c);
                after_space = false;
            } else if c == ' ' {
                let inside = at > 0 && at + 1 < text.len();
                if may_break && !after_space && self.column > self.style.width && inside {
                    self.write_indent();
                    if chars.peek().is_some_and(|(_, next)| *next == ' ') {
                        self.put(b'\\');
                    }
                } else {
                    self.put(b' ');
                }
                after_space = true;
            } else {
                self.put_char(c);
                after_space = false;
            }
        }
        self.write_indicator("\"", false, false);
    }

    fn write_escape(&mut self, c: char) {
        let short = match c {
            '\0' => '0',
            '\x07' => 'a',
            '\x08' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\x0b' => 'v',
            '\x0c' => 'f',
            '\r' => 'r',
            '\x1b' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let code = u32::from(c);
                let text = match code {
                    0..=0xff => format!("\\x{code:02X}"),
                    0x100..=0xffff => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                };
                self.put_text(&text);
                return;
            }
        };
        self.put(b'\\');
        self.put_char(short);
    }

    fn write_literal(&mut self, text: &str) {
        self.write_indicator("|", true, false);
        let mut ends = text.chars().rev();
        let last = ends.next();
        let chomping = match (last.is_some_and(is_break), ends.next().map(is_break)) {
            (false, _) => "-",
            (true, None | Some(true)) => "+",
            (true, Some(false)) => "",
        };
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.put(b'2');
        }
        self.put_text(chomping);
        self.put_break();
        self.whitespace = true;
        let mut after_break = true;
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(is_break).unwrap_or(rest.len());
            let (line, tail) = rest.split_at(end);
            if !line.is_empty() {
                if after_break {
                    self.write_indent();
                }
                self.put_text(line);
                self.indention = false;
                after_break = false;
            }
            rest = tail;
            if let Some(c) = rest.chars().next() {
                self.put_text_break(c);
                after_break = true;
                rest = &rest[c.len_utf8()..];
            }
        }
    }
}
