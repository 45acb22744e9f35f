//! Sprig's string functions that see words: case styles, wrapping, abbreviation, initials.

use super::{Def, Int, Runtime, def};
use crate::diag::Result;
use crate::golang::unicode;
use crate::value::Str;

pub(super) const FUNCS: &[Def] = &[
    def!("abbrev" => abbrev(width: Int, text: &Str)),
    def!("abbrevboth" => abbrevboth(left: Int, right: Int, text: &Str)),
    def!("camelcase" => camelcase(text: &Str)),
    def!("initials" => initials(text: &Str)),
    def!("kebabcase" => kebabcase(text: &Str)),
    def!("nospace" => nospace(text: &Str)),
    def!("snakecase" => snakecase(text: &Str)),
    def!("swapcase" => swapcase(text: &Str)),
    def!("title" => title(text: &Str)),
    def!("untitle" => untitle(text: &Str)),
    def!("wrap" => wrap(cx; width: Int, text: &Str)),
    def!("wrapWith" => wrap_with(cx; width: Int, separator: &Str, text: &Str)),
];

/// Shortens a text to a number of bytes, the last three of them dots.
///
/// Takes: width (int), text (string). Returns: string; a width below 4 changes nothing.
/// Errors: none. Source: sprig `abbrev`. Bytes: a cut may split a character.
fn abbrev(width: Int, text: &Str) -> Str {
    if width.0 < 4 { text.clone() } else { shortened(text, 0, width.0) }
}

/// Shortens a text on both sides to a number of bytes, dots included.
///
/// Takes: offset of the part to keep (int), width (int), text (string). Returns: string; a
/// width below 4, or below 7 with an offset, changes nothing.
/// Errors: none. Source: sprig `abbrevboth`. Bytes: a cut may split a character.
fn abbrevboth(left: Int, right: Int, text: &Str) -> Str {
    let least = if left.0 > 0 { 7 } else { 4 };
    if right.0 < least { text.clone() } else { shortened(text, left.0, right.0) }
}

/// Joins words that `_`, `-` or white space separate, each with a capital.
///
/// Takes: text (string). Returns: string. Separators at either end stay, of a run inside one
/// less than it has; words in capitals become lower case behind their first letter.
/// Errors: none. Source: sprig `camelcase`.
fn camelcase(text: &Str) -> String {
    let mut runes = text.runes().peekable();
    let mut out = String::with_capacity(text.len());
    let mut held = None;
    for c in runes.by_ref() {
        held = Some(c);
        if !is_connector(c) {
            break;
        }
        out.push(c);
    }
    // One character is held back: whether it is written depends on the next one.
    let Some(mut held) = held else { return out };
    let mut in_capitals = unicode::is_upper(held);
    if !is_connector(held) {
        held = unicode::to_upper(held);
    }
    for mut c in runes {
        match (is_connector(held), is_connector(c)) {
            (true, true) => {
                out.push(held);
                held = c;
                continue;
            }
            (true, false) => {
                in_capitals = unicode::is_upper(c);
                c = unicode::to_upper(c);
            }
            (false, _) => {
                in_capitals &= unicode::is_upper(c);
                if in_capitals {
                    c = unicode::to_lower(c);
                }
                out.push(held);
            }
        }
        held = c;
    }
    out.push(held);
    out
}

/// The first letter of every word.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `initials`. Every byte counts as a character of its own, so
/// letters outside ASCII come out garbled, as in Helm.
fn initials(text: &Str) -> String {
    let mut after_gap = true;
    latin1(text)
        .filter(|&c| {
            let space = unicode::is_space(c);
            let first = after_gap && !space;
            after_gap = space;
            first
        })
        .collect()
}

/// Lower-case words joined by `-`.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `kebabcase`.
fn kebabcase(text: &Str) -> Vec<u8> {
    lower_words(text, b'-')
}

/// A text without any white space.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `nospace`. Every byte counts as a character of its own, so
/// a text outside ASCII that has white space comes out garbled, as in Helm.
fn nospace(text: &Str) -> Str {
    if latin1(text).any(unicode::is_space) {
        latin1(text).filter(|&c| !unicode::is_space(c)).collect::<String>().into()
    } else {
        text.clone()
    }
}

/// Lower-case words joined by `_`.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `snakecase`.
fn snakecase(text: &Str) -> Vec<u8> {
    lower_words(text, b'_')
}

/// Capitals to lower case and the other way; the first letter of a word to title case.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `swapcase`.
fn swapcase(text: &Str) -> String {
    let mut after_space = true;
    unicode::map(text.as_bytes(), |c| {
        if unicode::is_upper(c) || unicode::is_title(c) {
            after_space = false;
            unicode::to_lower(c)
        } else if unicode::is_lower(c) {
            if std::mem::take(&mut after_space) {
                unicode::to_title(c)
            } else {
                unicode::to_upper(c)
            }
        } else {
            after_space = unicode::is_space(c);
            c
        }
    })
}

/// Title case for every letter that follows anything but a letter, digit or `_`.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `title`.
fn title(text: &Str) -> String {
    let mut begins = true;
    unicode::map(text.as_bytes(), |c| {
        let changed = if begins { unicode::to_title(c) } else { c };
        begins = if c.is_ascii() {
            !c.is_ascii_alphanumeric() && c != '_'
        } else {
            unicode::is_space(c)
        };
        changed
    })
}

/// Lower case for the first letter of every word.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `untitle`.
fn untitle(text: &Str) -> String {
    let mut begins = true;
    unicode::map(text.as_bytes(), |c| {
        if unicode::is_space(c) {
            begins = true;
            c
        } else if std::mem::take(&mut begins) {
            unicode::to_lower(c)
        } else {
            c
        }
    })
}

/// Breaks a text into lines of at most so many bytes, at blanks only.
///
/// Takes: width (int; below 1: 1), text (string). Returns: string; longer words stay whole.
/// Errors: none. Source: sprig `wrap`.
fn wrap(cx: &mut dyn Runtime, width: Int, text: &Str) -> Result<Vec<u8>> {
    wrapped(cx, width, b"", text.as_bytes(), false)
}

/// Breaks a text into pieces of at most so many bytes and puts a separator between them.
///
/// Takes: width (int; below 1: 1), separator (string; empty: a line break), text (string).
/// Returns: string; longer words are cut.
/// Errors: none. Source: sprig `wrapWith`.
fn wrap_with(cx: &mut dyn Runtime, width: Int, separator: &Str, text: &Str) -> Result<Vec<u8>> {
    wrapped(cx, width, separator.as_bytes(), text.as_bytes(), true)
}

/// Every byte as the character of the same number.
fn latin1(text: &Str) -> impl Iterator<Item = char> {
    text.as_bytes().iter().map(|&byte| char::from(byte))
}

fn is_connector(c: char) -> bool {
    c == '-' || c == '_' || unicode::is_space(c)
}

/// At most `width` (4 or more) bytes of a text with dots for what is missing; `offset` is
/// within what is kept.
fn shortened(text: &Str, offset: i64, width: i64) -> Str {
    const DOTS: &[u8] = b"...";
    let bytes = text.as_bytes();
    let length = bytes.len() as i64;
    if length <= width {
        return text.clone();
    }
    let keep = width - 3;
    let offset = offset.min(length - keep);
    if offset <= 4 {
        return [&bytes[..keep as usize], DOTS].concat().into();
    }
    if offset + keep >= length {
        return [DOTS, &bytes[(length - keep) as usize..]].concat().into();
    }
    let inner = shortened(&bytes[offset as usize..].into(), 0, keep);
    [DOTS, inner.as_bytes()].concat().into()
}

fn wrapped(
    cx: &mut dyn Runtime,
    width: Int,
    separator: &[u8],
    text: &[u8],
    cut: bool,
) -> Result<Vec<u8>> {
    let separator = if separator.is_empty() { b"\n" } else { separator };
    let width = usize::try_from(width.0).unwrap_or(0).max(1);
    // Two lines in a row are longer than the width together.
    let lines = 2 * (text.len() / width) + 1;
    cx.charge(text.len().saturating_add(lines.saturating_mul(separator.len())))?;
    let mut out = Vec::new();
    let mut rest = text;
    while rest.len() > width {
        if let Some(after) = rest.strip_prefix(b" ") {
            rest = after;
            continue;
        }
        let is_blank = |byte: &u8| *byte == b' ';
        let (line, after) = match rest[..=width].iter().rposition(is_blank) {
            Some(blank) => (blank, blank + 1),
            None if cut => (width, width),
            None => match rest.iter().position(is_blank) {
                Some(blank) => (blank, blank + 1),
                None => break,
            },
        };
        out.extend_from_slice(&rest[..line]);
        out.extend_from_slice(separator);
        rest = &rest[after..];
    }
    out.extend_from_slice(rest);
    Ok(out)
}

/// What a run of characters is to [`lower_words`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Nothing left, or nothing but bytes that are not UTF-8.
    Invalid,
    Number,
    /// Begins with a capital.
    Capital,
    Letters,
    Connector,
    Punctuation,
    /// Symbols, and letters of scripts that write without blanks.
    Other,
}

/// A text cut into runs of one class, as the Go library behind sprig sees them.
struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    /// The first character from `at` on that is UTF-8, or `otherwise`, and the place behind it.
    fn peek(&self, at: usize, otherwise: char) -> (char, usize) {
        let mut end = at;
        for (c, bytes) in unicode::runes(&self.rest[at..]) {
            end += bytes.len();
            if c != char::REPLACEMENT_CHARACTER {
                return (c, end);
            }
        }
        (otherwise, end)
    }

    /// The end of the run of characters from `at` on that all `belong`; `last` stands for a
    /// tail without any character.
    fn run(&self, mut at: usize, last: char, belong: impl Fn(char) -> bool) -> usize {
        let mut last = last;
        while at < self.rest.len() {
            let (c, end) = self.peek(at, last);
            if !belong(c) {
                break;
            }
            (last, at) = (c, end);
        }
        at
    }

    /// The end of a run that begins with a capital: a word, or an abbreviation up to the
    /// capital of the word behind it.
    fn capital_run(&self, first: char, end: usize) -> usize {
        if end == self.rest.len() {
            return end;
        }
        let (second, after_second) = self.peek(end, first);
        if !unicode::is_upper(second) {
            return if is_alphabet(second) {
                self.run(after_second, second, is_small)
            } else {
                end
            };
        }
        let (mut last, mut begin, mut at) = (second, end, after_second);
        while at < self.rest.len() {
            let (c, after) = self.peek(at, last);
            if !unicode::is_upper(c) {
                return if is_alphabet(c) { begin } else { at };
            }
            (last, begin, at) = (c, at, after);
        }
        at
    }

    fn next(&mut self) -> (Class, &'a [u8]) {
        let (c, end) = self.peek(0, char::REPLACEMENT_CHARACTER);
        let (class, end) = if c == char::REPLACEMENT_CHARACTER {
            (Class::Invalid, end)
        } else if is_connector(c) {
            (Class::Connector, self.run(end, c, is_connector))
        } else if unicode::is_punct(c) {
            (Class::Punctuation, self.run(end, c, unicode::is_punct))
        } else if unicode::is_upper(c) {
            (Class::Capital, self.capital_run(c, end))
        } else if is_alphabet(c) {
            (Class::Letters, self.run(end, c, is_small))
        } else if unicode::is_number(c) {
            (Class::Number, self.run(end, c, unicode::is_number))
        } else {
            let other = |c| {
                !(is_connector(c)
                    || is_alphabet(c)
                    || unicode::is_number(c)
                    || unicode::is_punct(c))
            };
            (Class::Other, self.run(end, c, other))
        };
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (class, word)
    }
}

/// A letter of a script that separates words.
fn is_alphabet(c: char) -> bool {
    let ideograph =
        matches!(c, '\u{3400}'..='\u{4d85}' | '\u{4e00}'..='\u{9fcc}' | '\u{20000}'..='\u{2b81d}');
    !ideograph && unicode::is_letter(c)
}

fn is_small(c: char) -> bool {
    is_alphabet(c) && !unicode::is_upper(c)
}

/// Words in lower case with a connector between them. A number keeps to the letters behind it
/// when these are small (`http_2xx`), to the word before it otherwise (`bld4_floor`).
fn lower_words(text: &Str, connector: u8) -> Vec<u8> {
    use Class::{Connector, Invalid, Letters, Number, Punctuation};

    let mut out = Vec::with_capacity(text.len() + 8);
    let mut write = |class, word: &[u8]| match class {
        Class::Capital | Connector => {
            for (c, _) in unicode::runes(word) {
                if is_connector(c) {
                    out.push(connector);
                } else {
                    let c = if unicode::is_upper(c) { unicode::to_lower(c) } else { c };
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
        _ => out.extend_from_slice(word),
    };
    let mut words = Words { rest: text.as_bytes() };
    let (mut class, mut word) = words.next();
    while !words.rest.is_empty() {
        let last_class = class;
        write(class, word);
        (class, word) = words.next();
        let mut joined_number = last_class == Number;
        match last_class {
            Connector | Punctuation => continue,
            Number => {}
            _ if class != Number => {
                if class != Connector && class != Punctuation {
                    write(Connector, b"-");
                }
                continue;
            }
            _ if words.rest.is_empty() => continue,
            _ => {
                let number = word;
                (class, word) = words.next();
                if class == Letters {
                    write(Connector, b"-");
                    write(Number, number);
                    joined_number = true;
                } else {
                    write(Number, number);
                    if class != Connector && class != Punctuation {
                        write(Connector, b"-");
                    }
                }
            }
        }
        if joined_number {
            while class == Letters || class == Number {
                write(class, word);
                (class, word) = words.next();
            }
            if class != Invalid && class != Connector && class != Punctuation {
                write(Connector, b"-");
            }
        }
    }
    write(class, word);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl Fn(&Str) -> Str, table: &[(&str, &str)]) {
        for (text, expected) in table {
            assert_eq!(change(&Str::from(*text)).to_string(), *expected, "{text:?}");
        }
    }

    #[test]
    fn case_styles() {
        let table = [
            ("HTTPServerID2Go", "HttpserverID2Go"),
            ("_complex__case_", "_Complex_Case_"),
            ("hello WORLD foo", "HelloWorldFoo"),
            ("A_B", "AB"),
            ("ÉǅÉ", "ÉǅÉ"),
            ("_", "__"),
            ("a--", "A--"),
        ];
        check(|text| camelcase(text).into(), &table);
        let table = [
            ("HTTPServer2x", "http_server_2x"),
            ("Bld4Floor3rd", "bld4_floor_3rd"),
            ("a1B2c3", "a1_b_2c3"),
            ("日本Go", "日本_go"),
            ("a+B=c", "a_+_b_=_c"),
            ("12AB", "12_ab"),
            ("a.B", "a.b"),
        ];
        check(|text| snakecase(text).into(), &table);
        let table = [("hello wORLD ǆx o'x é-é 1a _b", "Hello WORLD ǅx O'X É-É 1a _b")];
        check(|text| title(text).into(), &table);
        let table = [("Hello World ǆ ǅ ß İ", "hELLO wORLD ǅ ǆ ß i")];
        check(|text| swapcase(text).into(), &table);
    }

    #[test]
    fn abbreviations_count_bytes() {
        let both = |left, right| abbrevboth(Int(left), Int(right), &"1234 5678 9123".into());
        assert_eq!(both(5, 10), Str::from("...5678..."));
        assert_eq!(both(100, 8), Str::from("... 9123"));
        assert_eq!(both(5, 6), Str::from("1234 5678 9123"));
        assert_eq!(abbrev(Int(4), &"héllo".into()), Str::from("h..."));
    }

    #[test]
    fn bytes_become_characters() {
        assert_eq!(nospace(&"é b".into()), Str::from("Ã©b"));
        assert_eq!(nospace(&"é".into()), Str::from("é"));
        assert_eq!(initials(&"é ü".into()), "ÃÃ");
    }

    #[test]
    fn bad_bytes_in_words() {
        let table: [(&[u8], &[u8]); 5] = [
            (b"ab\xc3Cd", b"ab_\xef\xbf\xbdcd"),
            (b"AB\xc3c", b"a_b\xef\xbf\xbdc"),
            (b"1\xc32", b"1\xc32"),
            (b"_\xc3", b"_\xef\xbf\xbd"),
            (b"\xc3", b"\xc3"),
        ];
        for (text, expected) in table {
            assert_eq!(Str::from(snakecase(&text.into())), Str::from(expected), "{text:?}");
        }
    }
}
