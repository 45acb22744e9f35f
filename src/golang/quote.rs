//! `strconv.Quote`: Go's double-quoted strings and single-quoted characters.

use std::cmp::Ordering;

use super::printable::PRINTABLE;

/// A string as `%q` prints it: double quotes, escapes for what is not printable, `\x` for
/// each byte outside UTF-8.
pub fn quote(text: &[u8]) -> String {
    quote_with(text, false)
}

/// A string as `%+q` prints it: like [`quote`], and escapes for all but ASCII.
pub fn quote_to_ascii(text: &[u8]) -> String {
    quote_with(text, true)
}

/// A character as `%q` prints it; what is no character is U+FFFD.
pub fn quote_rune(rune: u64) -> String {
    quote_char(rune, false)
}

/// A character as `%+q` prints it: in ASCII.
pub fn quote_rune_to_ascii(rune: u64) -> String {
    quote_char(rune, true)
}

/// The character of a number, U+FFFD for what is none.
pub fn to_char(rune: u64) -> char {
    u32::try_from(rune).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Whether a string can stand between backquotes unchanged: one line of UTF-8 without
/// control characters other than tab, without backquote and byte order mark.
pub fn can_backquote(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| {
        text.chars().all(|c| c == '\t' || c >= ' ' && !matches!(c, '`' | '\u{7f}' | '\u{feff}'))
    })
}

/// `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII blank.
pub fn is_print(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    let code = u32::from(c);
    let range = PRINTABLE.binary_search_by(|&(first, last)| {
        if last < code {
            Ordering::Less
        } else if first > code {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    });
    range.is_ok()
}

fn quote_with(text: &[u8], ascii: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    // Most texts stand for themselves, at least for a while.
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    let plain = text.iter().position(|&byte| !is_plain(byte)).unwrap_or(text.len());
    let (plain, rest) = text.split_at(plain);
    out.push_str(std::str::from_utf8(plain).expect("ASCII"));
    for chunk in rest.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_escaped(&mut out, c, '"', ascii);
        }
        for byte in chunk.invalid() {
            push_hex(&mut out, 'x', 2, u32::from(*byte));
        }
    }
    out.push('"');
    out
}

fn quote_char(rune: u64, ascii: bool) -> String {
    let mut out = String::from("'");
    push_escaped(&mut out, to_char(rune), '\'', ascii);
    out.push('\'');
    out
}

fn push_escaped(out: &mut String, c: char, delimiter: char, ascii: bool) {
    if c == delimiter || c == '\\' {
        out.push('\\');
        out.push(c);
        return;
    }
    if is_print(c) && (c.is_ascii() || !ascii) {
        out.push(c);
        return;
    }
    let code = u32::from(c);
    match c {
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        _ if code < 0x80 => push_hex(out, 'x', 2, code),
        _ if code < 0x10000 => push_hex(out, 'u', 4, code),
        _ => push_hex(out, 'U', 8, code),
    }
}

/// A backslash, a letter and `width` hexadecimal digits.
fn push_hex(out: &mut String, letter: char, width: usize, code: u32) {
    out.push('\\');
    out.push(letter);
    for digit in (0..width).rev() {
        let nibble = code >> (4 * digit) & 0xf;
        out.push(char::from_digit(nibble, 16).unwrap_or('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_go() {
        for (text, want, ascii) in [
            (&b"a\"b\\'"[..], r#""a\"b\\'""#, r#""a\"b\\'""#),
            (b"\n\t\x07\x0b\x00\x7f", r#""\n\t\a\v\x00\x7f""#, r#""\n\t\a\v\x00\x7f""#),
            ("é😀".as_bytes(), "\"é😀\"", r#""\u00e9\U0001f600""#),
            ("\u{200b}\u{a0}".as_bytes(), r#""\u200b\u00a0""#, r#""\u200b\u00a0""#),
            (b"\xff\xe2\x82", r#""\xff\xe2\x82""#, r#""\xff\xe2\x82""#),
        ] {
            assert_eq!(quote(text), want);
            assert_eq!(quote_to_ascii(text), ascii);
        }
        assert_eq!(quote_rune(39), r"'\''");
        assert_eq!(quote_rune_to_ascii(0xe9), r"'\u00e9'");
        assert_eq!(quote_rune(0xd800), "'\u{fffd}'");
        assert!(can_backquote(b"a\tb") && !can_backquote(b"a\nb") && !can_backquote(b"\xff"));
    }
}
