//! The text under a scanner: position, line, column, and what counts as a blank or a break.

use super::scan::Problem;

/// Blanks: space and tab.
pub(super) fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Characters of anchors, tag handles and directive names.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Bytes at which a run of ordinary characters may have to stop: blanks, breaks (whole or
/// their first byte), the end, and every indicator that matters inside scalars.
const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let stops = b"\0 \t\r\n:,?[]{}'\"\\\xc2\xe2";
    let mut at = 0;
    while at < stops.len() {
        table[stops[at] as usize] = true;
        at += 1;
    }
    table
};

/// How many bytes go-yaml decodes at a time; decides whether a bad byte or an earlier syntax
/// error is noticed first.
const CHUNK: usize = 512;

/// A cursor over checked text.
pub(super) struct Cursor<'t> {
    text: &'t str,
    /// Byte offset of the next character.
    pub(super) pos: usize,
    /// Zero-based line.
    pub(super) line: usize,
    line_start: usize,
    /// Continuation bytes seen before `counted`, and how many of them before the line.
    continued: usize,
    continued_line: usize,
    counted: usize,
    ascii: bool,
    /// What is wrong with the bytes behind the end of `text`.
    bad: Option<&'static str>,
}

/// What is wrong with the first byte that may not stand in YAML, and its offset.
fn first_fault(bytes: &[u8]) -> Option<(usize, &'static str)> {
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if (0x20..0x7f).contains(&byte) || matches!(byte, b'\n' | b'\r' | b'\t') {
            at += 1;
            continue;
        }
        let width = match byte {
            0..0x80 => 1,
            0xc0..0xe0 => 2,
            0xe0..0xf0 => 3,
            0xf0..0xf8 => 4,
            _ => return Some((at, "invalid leading UTF-8 octet")),
        };
        let Some(sequence) = bytes.get(at..at + width) else {
            return Some((at, "incomplete UTF-8 octet sequence"));
        };
        if sequence[1..].iter().any(|&next| next & 0xc0 != 0x80) {
            return Some((at, "invalid trailing UTF-8 octet"));
        }
        let lead = u32::from(byte) & (0x7f >> if width == 1 { 0 } else { width });
        let value =
            sequence[1..].iter().fold(lead, |value, &next| value << 6 | u32::from(next & 0x3f));
        let shortest = [0, 0, 0x80, 0x800, 0x1_0000][width];
        if value < shortest {
            return Some((at, "invalid length of a UTF-8 sequence"));
        }
        match value {
            0xd800..=0xdfff | 0x11_0000.. => return Some((at, "invalid Unicode character")),
            0x85 | 0xa0..=0xfffd | 0x1_0000.. => {}
            _ => return Some((at, "control characters are not allowed")),
        }
        at += width;
    }
    None
}

impl<'t> Cursor<'t> {
    /// A cursor at the start of `bytes`, behind a byte order mark.
    pub(super) fn new(bytes: &'t [u8]) -> Self {
        let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let (end, bad) = match first_fault(&bytes[start..]) {
            Some((at, bad)) => {
                let mut end = start + at / CHUNK * CHUNK;
                while end > start && bytes[end] & 0xc0 == 0x80 {
                    end -= 1;
                }
                (end, Some(bad))
            }
            None => (bytes.len(), None),
        };
        let text = std::str::from_utf8(&bytes[..end]).expect("checked above");
        Cursor {
            text,
            pos: start,
            line: 0,
            line_start: start,
            continued: 0,
            continued_line: 0,
            counted: start,
            ascii: text[start..].is_ascii(),
            bad,
        }
    }

    /// The byte `ahead` of the position; 0 at the end, which text cannot hold otherwise.
    pub(super) fn at(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.pos + ahead).copied().unwrap_or(0)
    }

    /// The next byte.
    pub(super) fn byte(&self) -> u8 {
        self.at(0)
    }

    /// A part of the text.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        &self.text[start..end]
    }

    fn count(&mut self) {
        if !self.ascii {
            let between = &self.text.as_bytes()[self.counted..self.pos];
            self.continued += between.iter().filter(|&&byte| byte & 0xc0 == 0x80).count();
            self.counted = self.pos;
        }
    }

    /// Zero-based column in characters.
    pub(super) fn column(&mut self) -> usize {
        self.count();
        self.pos - self.line_start - (self.continued - self.continued_line)
    }

    /// Whether the position is the first of a line.
    pub(super) fn is_line_start(&self) -> bool {
        self.pos == self.line_start
    }

    /// Offset of the position in characters.
    pub(super) fn index(&mut self) -> usize {
        self.count();
        self.pos - self.continued
    }

    /// Length in bytes of the line break that starts `ahead` of the position; 0 if none does.
    pub(super) fn break_at(&self, ahead: usize) -> usize {
        match self.at(ahead) {
            b'\n' => 1,
            b'\r' => 1 + usize::from(self.at(ahead + 1) == b'\n'),
            0xc2 => 2 * usize::from(self.at(ahead + 1) == 0x85),
            0xe2 if self.at(ahead + 1) == 0x80 && matches!(self.at(ahead + 2), 0xa8 | 0xa9) => 3,
            _ => 0,
        }
    }

    /// Whether a break or the end stands `ahead` of the position.
    pub(super) fn is_breakz(&self, ahead: usize) -> bool {
        self.at(ahead) == 0 || self.break_at(ahead) > 0
    }

    /// Whether a blank, a break or the end stands `ahead` of the position.
    pub(super) fn is_blankz(&self, ahead: usize) -> bool {
        is_blank(self.at(ahead)) || self.is_breakz(ahead)
    }

    /// Moves on by `bytes` within a line.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.pos += bytes;
    }

    /// Moves behind a run of bytes that no scalar rule looks at.
    pub(super) fn skip_ordinary(&mut self) {
        let rest = &self.text.as_bytes()[self.pos..];
        self.pos += rest.iter().position(|&byte| SPECIAL[usize::from(byte)]).unwrap_or(rest.len());
    }

    /// Moves on by one character within a line.
    pub(super) fn skip_char(&mut self) {
        self.pos += match self.byte() {
            0..0x80 => 1,
            0x80..0xe0 => 2,
            0xe0..0xf0 => 3,
            _ => 4,
        };
    }

    /// Moves behind blanks.
    pub(super) fn skip_blanks(&mut self) {
        while is_blank(self.byte()) {
            self.pos += 1;
        }
    }

    /// Moves to the end of the line.
    pub(super) fn skip_to_break(&mut self) {
        loop {
            let rest = &self.text.as_bytes()[self.pos..];
            let stop = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r' | 0xc2 | 0xe2));
            self.pos += stop.unwrap_or(rest.len());
            if self.is_breakz(0) {
                return;
            }
            self.skip_char();
        }
    }

    /// Moves behind a line break, if one stands here, and gives what it means in a scalar:
    /// a line feed, or the Unicode separator itself.
    pub(super) fn take_break(&mut self) -> Option<&'t str> {
        let width = self.break_at(0);
        if width == 0 {
            return None;
        }
        let meaning = if width == 3 { self.slice(self.pos, self.pos + 3) } else { "\n" };
        self.pos += width;
        self.line += 1;
        self.line_start = self.pos;
        self.count();
        self.continued_line = self.continued;
        Some(meaning)
    }

    /// Counts one more line at the end of a text that lacks its last line break.
    pub(super) fn finish_line(&mut self) {
        if self.pos != self.line_start {
            self.line += 1;
            self.line_start = self.pos;
            self.continued_line = self.continued;
        }
    }

    /// Whether `---` or `...` and a blank or break stand here, at the start of a line.
    pub(super) fn is_document_indicator(&self) -> bool {
        self.is_line_start()
            && matches!(
                (self.at(0), self.at(1), self.at(2)),
                (b'-', b'-', b'-') | (b'.', b'.', b'.')
            )
            && self.is_blankz(3)
    }

    /// The fault of the bytes behind the checked text, once the scanner has come near them.
    pub(super) fn bad_bytes(&self) -> Option<Problem> {
        let bad = self.bad?;
        (self.pos + 4 > self.text.len()).then_some(Problem {
            text: bad.into(),
            line: 0,
            at: self.text.len(),
        })
    }
}
