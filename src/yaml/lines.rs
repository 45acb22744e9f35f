//! Block YAML of the plain kind, read line by line.
//!
//! Rendered manifests are nearly always block maps and lists of one-line scalars and literal
//! texts. For those a line tells all there is to know, at a fraction of a scanner's cost. What
//! this reader cannot be sure of it leaves to the scanner: it never reports a fault, it gives up.

use super::scalar::{Scalar, resolve_plain};

/// What a line holds, besides its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Piece<'t> {
    /// A key of the map that stands at this depth; its value follows.
    Key { text: &'t str, plain: bool },
    /// A scalar on the line of its key or dash.
    Scalar { text: &'t str, plain: bool },
    /// A scalar whose text, as written, needs unescaping or joining: a literal block, escapes.
    Long { text: &'t str },
    /// A collection in brackets: one that [`read_flow`] understands when it is `simple`; any other
    /// is no more than closed where its text ends.
    Flow { text: &'t str, simple: bool },
    /// Nothing, behind the colon or dash at `at`: null.
    Nothing { at: usize },
    /// A collection begins at a byte.
    Open { map: bool, at: usize },
    /// The innermost collection ends before a byte.
    Close { at: usize },
}

/// Collections in collections in brackets that are read here; how deep is too deep is for the
/// scanner to say.
const MAX_FLOW_DEPTH: usize = 100;

/// An open collection.
#[derive(Clone, Copy, PartialEq)]
struct Level {
    column: usize,
    map: bool,
}

/// The bytes of a key that needs no second look.
const KEY: [bool; 256] =
    table(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./$-");

/// The ASCII bytes that may begin a plain scalar, besides `-` before another byte.
const START: [bool; 256] =
    table(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./$()+;<=^~\\");

const fn table(members: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < members.len() {
        table[members[at] as usize] = true;
        at += 1;
    }
    table
}

/// Reads a text and shows every piece to `see`, in order, until that says no.
///
/// Returns whether the whole text was understood. When it was not, what `see` got so far means
/// nothing.
pub(super) fn read<'t>(text: &'t [u8], see: impl FnMut(Piece<'t>) -> Option<()>) -> Option<()> {
    let text = plain_text(text)?;
    let mut reader =
        Reader { text, rest: text, levels: Vec::new(), waits: None, started: false, see };
    while !reader.rest.is_empty() {
        reader.line()?;
    }
    if let Some(at) = reader.waits {
        reader.show(Piece::Nothing { at })?;
    }
    while !reader.levels.is_empty() {
        reader.close(text.len())?;
    }
    Some(())
}

/// The text, if every character of it is one that YAML takes for itself.
fn plain_text(text: &[u8]) -> Option<&str> {
    let odd = |byte: u8| (byte < 0x20 && byte != b'\n' && byte != b'\t') || byte == 0x7F;
    // Without an early exit the loop is done many bytes at a time.
    if text.iter().fold(false, |any, &byte| any | odd(byte)) {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    let special = |c: char| {
        matches!(
            c,
            '\u{80}'..='\u{9F}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'
        )
    };
    (text.is_ascii() || !text.contains(special)).then_some(text)
}

struct Reader<'t, S> {
    text: &'t str,
    rest: &'t str,
    levels: Vec<Level>,
    /// Where the last line ended, if with a key or dash whose value may follow below.
    waits: Option<usize>,
    /// Whether anything but comments has been read.
    started: bool,
    see: S,
}

/// Offset of a part of a text.
pub(super) fn offset(text: &[u8], part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

impl<'t, S: FnMut(Piece<'t>) -> Option<()>> Reader<'t, S> {
    fn at(&self, part: &str) -> usize {
        offset(self.text.as_bytes(), part)
    }

    /// The text from the start of a part to where reading has come.
    fn since(&self, part: &str) -> &'t str {
        &self.text[self.at(part)..self.at(self.rest)]
    }

    fn show(&mut self, piece: Piece<'t>) -> Option<()> {
        (self.see)(piece)
    }

    fn take_line(&mut self) -> &'t str {
        let end = memchr::memchr(b'\n', self.rest.as_bytes());
        let (line, rest) = match end {
            Some(end) => (&self.rest[..end], &self.rest[end + 1..]),
            None => self.rest.split_at(self.rest.len()),
        };
        self.rest = rest;
        line
    }

    /// One line, with the literal text that belongs to it.
    fn line(&mut self) -> Option<()> {
        let start = self.at(self.rest);
        let line = self.take_line();
        let bytes = line.as_bytes();
        let mut column = indentation(bytes);
        match bytes.get(column) {
            None | Some(b'#') => return Some(()),
            Some(b'\t') => return None,
            Some(b'-') if !self.started && without_end(line) == "---" => {
                self.started = true;
                return Some(());
            }
            Some(b'{' | b'[') => {
                // The value of the key or dash above.
                let inside = self.levels.last().is_some_and(|top| top.column < column);
                self.waits.take().filter(|_| inside)?;
                let piece = flow(uncommented(&line[column..])?)?;
                return self.show(piece);
            }
            Some(_) => {}
        }
        self.started = true;
        self.settle(start, column, !is_dash(&bytes[column..]))?;
        // Dashes: each opens a list, or goes on with one.
        let mut first = true;
        let mut behind = start;
        while is_dash(&bytes[column..]) {
            if !first {
                self.open(start, column, false)?;
            }
            first = false;
            behind = start + column + 1;
            column += 1 + indentation(&bytes[column + 1..]);
            match bytes.get(column) {
                None => {
                    self.waits = Some(behind);
                    return Some(());
                }
                Some(b'#' | b'\t') => return None,
                Some(_) => {}
            }
        }
        let Some((key, after)) = key(&line[column..]) else {
            // A scalar of its own stands behind a dash only.
            if first {
                return None;
            }
            let parent = self.levels.last()?.column;
            return self.value(&line[column..], parent, behind);
        };
        if !first {
            self.open(start, column, true)?;
        }
        self.show(key)?;
        let value = &line[column + after..];
        let value = &value[indentation(value.as_bytes())..];
        let behind = start + column + after;
        if value.is_empty() {
            self.waits = Some(behind);
            return Some(());
        }
        self.value(value, column, behind)
    }

    /// Opens a collection at a column of the line that begins at `start`.
    fn open(&mut self, start: usize, column: usize, map: bool) -> Option<()> {
        self.levels.push(Level { column, map });
        self.show(Piece::Open { map, at: start + column })
    }

    fn close(&mut self, at: usize) -> Option<()> {
        self.levels.pop();
        self.show(Piece::Close { at })
    }

    /// Closes what a line at `column` ends, opens what it begins.
    fn settle(&mut self, start: usize, column: usize, map: bool) -> Option<()> {
        let waits = self.waits.take();
        let Some(top) = self.levels.last().copied() else {
            return self.open(start, column, map);
        };
        let below_key = top.map && !map && top.column == column;
        if let Some(at) = waits {
            if top.column < column || below_key {
                return self.open(start, column, map);
            }
            self.show(Piece::Nothing { at })?;
        }
        let end = start + column;
        while self.levels.last()?.column > column {
            self.close(end)?;
        }
        let mut top = *self.levels.last()?;
        // A list may stand at the column of its key, and ends where the next key comes.
        if !top.map && map && top.column == column {
            self.close(end)?;
            top = *self.levels.last()?;
        }
        (top == Level { column, map }).then_some(())
    }

    /// A value on the line of its key or dash, which ends at `behind`; the collection around it
    /// stands at `parent`.
    fn value(&mut self, value: &'t str, parent: usize, behind: usize) -> Option<()> {
        let piece = match value.as_bytes()[0] {
            quote @ (b'"' | b'\'') => self.quoted(value, quote, parent)?,
            b'|' | b'>' => {
                let header = without_end(&value[1..]);
                if !matches!(header, "" | "-" | "+") {
                    return None;
                }
                self.skip_block(parent)?;
                Piece::Long { text: self.since(value) }
            }
            b'{' | b'[' => flow(uncommented(value)?)?,
            b'#' => {
                self.waits = Some(behind);
                return Some(());
            }
            _ => {
                let (text, comment) = plain_part(value)?;
                let piece = plain(text)?;
                if !comment && self.skip_plain(parent)? {
                    Piece::Long { text: self.since(value).trim_end_matches([' ', '\n']) }
                } else {
                    piece
                }
            }
        };
        self.show(piece)
    }

    /// Moves behind further lines of a plain scalar; says whether there were any.
    fn skip_plain(&mut self, parent: usize) -> Option<bool> {
        // Mostly the next line tells at once that there are none.
        let next = self.rest.as_bytes();
        let column = indentation(next);
        if column <= parent && !matches!(next.get(column), None | Some(b'\n' | b'\t')) {
            return Some(false);
        }
        let mut any = false;
        loop {
            let before = self.rest;
            let mut line = self.take_line();
            while line.bytes().all(|byte| byte == b' ') && !self.rest.is_empty() {
                line = self.take_line();
            }
            let column = indentation(line.as_bytes());
            match line.as_bytes().get(column) {
                Some(b'\t') => return None,
                Some(&byte) if byte != b'#' && column > parent => {
                    // What a comment ends has no further lines.
                    plain_part(&line[column..]).filter(|(_, comment)| !comment)?;
                    any = true;
                }
                _ => {
                    self.rest = before;
                    return Some(any);
                }
            }
        }
    }

    /// A scalar in quotes, which may end on a later line; nothing follows it.
    fn quoted(&mut self, value: &'t str, quote: u8, parent: usize) -> Option<Piece<'t>> {
        let inside = &value[1..];
        let (mut line, mut end) = (inside, quote_end(inside, quote)?);
        let one_line = end.is_some();
        while end.is_none() {
            if self.rest.is_empty() {
                return None;
            }
            line = self.take_line();
            let column = indentation(line.as_bytes());
            match line.as_bytes().get(column) {
                // A blank line belongs to the text.
                None => {}
                Some(b'\t') => return None,
                Some(_) if column > parent => end = quote_end(line, quote)?,
                Some(_) => return None,
            }
        }
        let (end, plain) = end?;
        if !uncommented(&line[end + 1..])?.is_empty() {
            return None;
        }
        Some(if one_line && plain {
            Piece::Scalar { text: &inside[..end], plain: false }
        } else {
            let end = self.at(line) + end + 1;
            Piece::Long { text: &self.text[self.at(value)..end] }
        })
    }

    /// Moves behind a literal or folded text.
    fn skip_block(&mut self, parent: usize) -> Option<()> {
        let mut indent = None;
        while !self.rest.is_empty() {
            let before = self.rest;
            let line = self.take_line().as_bytes();
            let column = indentation(line);
            match (line.get(column), indent) {
                // Blanks ahead of the text help to decide its indentation.
                (None, None) if column > 0 => return None,
                (None, _) => {}
                (Some(b'\t'), None) => return None,
                (Some(b'\t'), Some(indent)) if column < indent => return None,
                (Some(_), Some(indent)) if column >= indent => {}
                (Some(_), None) if column > parent => indent = Some(column),
                (Some(_), _) => {
                    self.rest = before;
                    return Some(());
                }
            }
        }
        Some(())
    }
}

/// Blanks at the start.
fn indentation(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| byte != b' ').unwrap_or(bytes.len())
}

/// Whether a list entry begins here.
fn is_dash(bytes: &[u8]) -> bool {
    matches!(bytes, [b'-'] | [b'-', b' ', ..])
}

/// The key at the start, and the length of key and colon; none when this is no plain key.
fn key(text: &str) -> Option<(Piece<'_>, usize)> {
    let bytes = text.as_bytes();
    let (key, end, plain) = match bytes[0] {
        quote @ (b'"' | b'\'') => {
            let end = 1 + memchr::memchr(quote, &bytes[1..])?;
            let key = &text[1..end];
            (key, end + 1, false)
        }
        _ => {
            let end = bytes.iter().position(|&byte| !KEY[usize::from(byte)])?;
            (&text[..end], end, true)
        }
    };
    if bytes.get(end) != Some(&b':') || !matches!(bytes.get(end + 1), None | Some(b' ')) {
        return None;
    }
    // The odd ones: too long, dashes, nulls, numbers that may not fit, escapes.
    let odd = key.is_empty()
        || key.len() > 1000
        || plain && (key.starts_with('-') || matches!(key, "null" | "Null" | "NULL"))
        || key.len() > 15 && key.bytes().any(|byte| byte.is_ascii_digit()) && is_number_like(key)
        || !plain && key.contains(['\\', '"', '\'']);
    (!odd).then_some((Piece::Key { text: key, plain }, end + 1))
}

/// Whether a text could be a number.
fn is_number_like(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
}

/// Where a quote ends in a line, if it does, and whether what it holds needs no unescaping; none
/// when an escape is doubtful.
#[expect(clippy::option_option, reason = "not here is one thing, no answer another")]
fn quote_end(line: &str, quote: u8) -> Option<Option<(usize, bool)>> {
    let bytes = line.as_bytes();
    let mut plain = true;
    let mut at = 0;
    loop {
        let Some(next) = memchr::memchr2(quote, b'\\', &bytes[at..]) else {
            return Some(None);
        };
        at += next;
        match (bytes[at], quote) {
            (b'\\', b'"') => {
                plain = false;
                if !matches!(bytes.get(at + 1), Some(b'"' | b'\\' | b'n' | b'r' | b't')) {
                    return None;
                }
                at += 2;
            }
            (b'\\', _) => at += 1,
            (_, b'\'') if bytes.get(at + 1) == Some(&b'\'') => {
                plain = false;
                at += 2;
            }
            _ => return Some(Some((at, plain))),
        }
    }
}

/// A text without blanks and a comment at its end; none when a tab makes that doubtful.
fn uncommented(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    if memchr::memchr(b'\t', bytes).is_some() {
        return None;
    }
    let comment = memchr::memchr_iter(b'#', bytes).find(|&at| at > 0 && bytes[at - 1] == b' ');
    Some(without_end(&text[..comment.unwrap_or(text.len())]))
}

/// A text without the blanks at its end.
fn without_end(text: &str) -> &str {
    let end = text.bytes().rposition(|byte| byte != b' ');
    &text[..end.map_or(0, |last| last + 1)]
}

/// A plain scalar's part of a line: the text without blanks and a comment at its end, and whether
/// there is a comment; none when a byte of it ends a plain scalar, or when a tab makes it doubtful.
fn plain_part(text: &str) -> Option<(&str, bool)> {
    let bytes = text.as_bytes();
    let (mut at, mut end) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' => {
                at += 1;
                continue;
            }
            b'\t' => return None,
            b':' if matches!(bytes.get(at + 1), None | Some(b' ' | b'\t')) => return None,
            b'#' if at > 0 && bytes[at - 1] == b' ' => return Some((&text[..end], true)),
            _ => {}
        }
        at += 1;
        end = at;
    }
    Some((&text[..end], false))
}

/// A collection in brackets that ends with its text.
fn flow(text: &str) -> Option<Piece<'_>> {
    let simple = read_flow(text.as_bytes(), text, |_| Some(())).is_some();
    (simple || is_closed(text)).then_some(Piece::Flow { text, simple })
}

/// Reads a collection in brackets, on one line and of scalars that need no second look, and shows
/// its pieces to `see`, with their places in the `whole` text.
///
/// Returns whether all of it was understood, before the last piece is shown.
pub(super) fn read_flow<'t>(
    whole: &[u8],
    text: &'t str,
    mut see: impl FnMut(Piece<'t>) -> Option<()>,
) -> Option<()> {
    let bytes = text.as_bytes();
    let base = offset(whole, text);
    let mut maps = Vec::new();
    let mut at = 0;
    loop {
        // A value.
        match *bytes.get(at)? {
            bracket @ (b'{' | b'[') => {
                let map = bracket == b'{';
                if maps.len() == MAX_FLOW_DEPTH {
                    return None;
                }
                maps.push(map);
                see(Piece::Open { map, at: base + at })?;
                at += 1 + indentation(&bytes[at + 1..]);
                if !matches!(bytes.get(at)?, b'}' | b']') {
                    at += flow_key(&text[at..], map, &mut see)?;
                    continue;
                }
            }
            quote @ (b'"' | b'\'') => {
                let (end, true) = quote_end(&text[at + 1..], quote)?? else { return None };
                see(Piece::Scalar { text: &text[at + 1..at + 1 + end], plain: false })?;
                at += end + 2;
            }
            _ => {
                let rest = &bytes[at..];
                let length = rest.iter().position(|&byte| !KEY[usize::from(byte)])?;
                see(plain(&text[at..at + length])?)?;
                at += length;
            }
        }
        // What closes behind it, and the next.
        loop {
            at += indentation(&bytes[at..]);
            let map = *maps.last()?;
            match *bytes.get(at)? {
                b',' => {
                    at += 1 + indentation(&bytes[at + 1..]);
                    at += flow_key(&text[at..], map, &mut see)?;
                    break;
                }
                bracket @ (b'}' | b']') if map == (bracket == b'}') => {
                    at += 1;
                    maps.pop();
                    if maps.is_empty() && at < bytes.len() {
                        return None;
                    }
                    see(Piece::Close { at: base + at })?;
                    if maps.is_empty() {
                        return Some(());
                    }
                }
                _ => return None,
            }
        }
    }
}

/// The key at the start when this is in a map, and the length of what stands before the value.
fn flow_key<'t>(
    text: &'t str,
    map: bool,
    see: &mut impl FnMut(Piece<'t>) -> Option<()>,
) -> Option<usize> {
    if !map {
        return Some(0);
    }
    if text.is_empty() {
        return None;
    }
    let (key, length) = key(text)?;
    see(key)?;
    let blanks = indentation(&text.as_bytes()[length..]);
    (blanks > 0).then_some(length + blanks)
}

/// Whether the bracket at the start closes with the text and not before; in doubt it does not.
fn is_closed(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    // Whether a scalar may begin here.
    let mut fresh = true;
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1 == bytes.len();
                }
            }
            quote @ (b'"' | b'\'') => match quote_end(&text[at + 1..], quote) {
                Some(Some((end, _))) if fresh => at += end + 1,
                _ => return false,
            },
            // What these lead to is not told by the text alone.
            b'&' | b'*' | b'!' => return false,
            _ => {}
        }
        fresh = matches!(bytes[at], b'{' | b'[' | b',' | b':') || fresh && bytes[at] == b' ';
        at += 1;
    }
    false
}

/// A plain scalar from its text, none of whose bytes ends one.
fn plain(text: &str) -> Option<Piece<'_>> {
    let bytes = text.as_bytes();
    let first = *bytes.first()?;
    let starts = START[usize::from(first)]
        || !first.is_ascii()
        || first == b'-' && bytes.get(1).is_some_and(|&byte| byte != b' ');
    if !starts {
        return None;
    }
    if is_number_like(text) && (text.len() > 15 || text.contains(['.', 'e', 'E', 'i', 'n'])) {
        // What JSON cannot hold is for others to complain about.
        if matches!(resolve_plain(text), Some(Scalar::Float(number)) if !number.is_finite()) {
            return None;
        }
    }
    Some(Piece::Scalar { text, plain: true })
}
