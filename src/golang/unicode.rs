//! Package `unicode` and `unicode/utf8`: classes and simple case mappings of one character.
//!
//! Go maps one code point to one code point, Rust's standard library maps to text (`ß` to
//! `SS`); and Go's classes are general categories, not derived properties. Blind to `Value`.

use std::sync::LazyLock;

use regex::Regex;

/// `unicode.ToUpper`.
pub fn to_upper(c: char) -> char {
    match c {
        // Iota subscripts: the full mapping of these is two letters, the simple one is not.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
            char::from_u32(c as u32 + 8).unwrap_or(c)
        }
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => char::from_u32(c as u32 + 9).unwrap_or(c),
        _ => single(c.to_uppercase()).unwrap_or(c),
    }
}

/// `unicode.ToLower`.
pub fn to_lower(c: char) -> char {
    if c == '\u{130}' { 'i' } else { single(c.to_lowercase()).unwrap_or(c) }
}

/// `unicode.ToTitle`.
pub fn to_title(c: char) -> char {
    match c {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        // Georgian has capitals for all-capital text only.
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => c,
        _ => to_upper(c),
    }
}

fn single(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    let first = mapped.next();
    if mapped.next().is_some() { None } else { first }
}

/// `unicode.IsSpace`.
pub fn is_space(c: char) -> bool {
    c.is_whitespace()
}

macro_rules! category {
    ($(#[$doc:meta])* $name:ident, $class:literal, $ascii:expr) => {
        $(#[$doc])*
        pub fn $name(c: char) -> bool {
            static CLASS: LazyLock<Regex> =
                LazyLock::new(|| Regex::new($class).expect("a fixed pattern"));
            if c.is_ascii() {
                let ascii: fn(&char) -> bool = $ascii;
                return ascii(&c);
            }
            CLASS.is_match(c.encode_utf8(&mut [0; 4]))
        }
    };
}

category!(
    /// `unicode.IsUpper`: category Lu.
    is_upper,
    r"\p{Lu}",
    char::is_ascii_uppercase
);
category!(
    /// `unicode.IsLower`: category Ll.
    is_lower,
    r"\p{Ll}",
    char::is_ascii_lowercase
);
category!(
    /// `unicode.IsTitle`: category Lt.
    is_title,
    r"\p{Lt}",
    |_| false
);
category!(
    /// `unicode.IsLetter`: category L.
    is_letter,
    r"\p{L}",
    char::is_ascii_alphabetic
);
category!(
    /// `unicode.IsDigit`: category Nd.
    is_digit,
    r"\p{Nd}",
    char::is_ascii_digit
);
category!(
    /// `unicode.IsNumber`: category N.
    is_number,
    r"\p{N}",
    char::is_ascii_digit
);
category!(
    /// `unicode.IsPunct`: category P.
    is_punct,
    r"\p{P}",
    |c| c.is_ascii_punctuation() && !matches!(c, '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~')
);

/// The characters of a text with the bytes they stand for: U+FFFD for each byte that is not
/// part of UTF-8.
pub fn runes(text: &[u8]) -> impl Iterator<Item = (char, &[u8])> {
    text.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid();
        let good =
            valid.char_indices().map(|(at, c)| (c, &valid.as_bytes()[at..at + c.len_utf8()]));
        let bad = chunk.invalid().chunks(1).map(|byte| (char::REPLACEMENT_CHARACTER, byte));
        good.chain(bad)
    })
}

/// `strings.Map`: every character replaced by another.
pub fn map(text: &[u8], mut change: impl FnMut(char) -> char) -> String {
    runes(text).map(|(c, _)| change(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Upper, lower and title case as Go 1.27 gives them.
    #[test]
    fn case_mappings_are_simple() {
        let table = [
            ('a', 'A', 'a', 'A'),
            ('ß', 'ß', 'ß', 'ß'),
            ('ŉ', 'ŉ', 'ŉ', 'ŉ'),
            ('İ', 'İ', 'i', 'İ'),
            ('ǆ', 'Ǆ', 'ǆ', 'ǅ'),
            ('ǅ', 'Ǆ', 'ǆ', 'ǅ'),
            ('ᾳ', 'ᾼ', 'ᾳ', 'ᾼ'),
            ('ᾀ', 'ᾈ', 'ᾀ', 'ᾈ'),
            ('ა', 'Ა', 'ა', 'ა'),
            ('ﬁ', 'ﬁ', 'ﬁ', 'ﬁ'),
        ];
        for (c, upper, lower, title) in table {
            assert_eq!((to_upper(c), to_lower(c), to_title(c)), (upper, lower, title), "{c}");
        }
    }

    #[test]
    fn classes_are_general_categories() {
        assert!(is_upper('É') && !is_upper('Ⅳ') && is_number('Ⅳ') && !is_lower('ª'));
        assert!(is_title('ǅ') && is_letter('日') && is_digit('٣') && !is_digit('²'));
        assert!(is_punct('_') && is_punct('»') && !is_punct('+') && !is_punct('€'));
    }

    #[test]
    fn bad_bytes_are_characters_of_their_own() {
        let found: Vec<_> = runes(b"a\xc3\xe2\x82z").map(|(c, bytes)| (c, bytes.len())).collect();
        let bad = (char::REPLACEMENT_CHARACTER, 1);
        assert_eq!(found, [('a', 1), bad, bad, bad, ('z', 1)]);
    }
}
