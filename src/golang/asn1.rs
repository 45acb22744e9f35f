//! ASN.1 in DER: what keys and certificates need of it.

/// Tag of a boolean.
pub const BOOLEAN: u8 = 0x01;
/// Tag of an integer.
pub const INTEGER: u8 = 0x02;
/// Tag of a bit string.
pub const BIT_STRING: u8 = 0x03;
/// Tag of an octet string.
pub const OCTET_STRING: u8 = 0x04;
/// Tag of a null.
pub const NULL: u8 = 0x05;
/// Tag of an object identifier.
pub const OBJECT_IDENTIFIER: u8 = 0x06;
/// Tag of text in UTF-8.
pub const UTF8_STRING: u8 = 0x0C;
/// Tag of text in a small alphabet.
pub const PRINTABLE_STRING: u8 = 0x13;
/// Tag of a time up to 2049.
pub const UTC_TIME: u8 = 0x17;
/// Tag of a time from 2050 on.
pub const GENERALIZED_TIME: u8 = 0x18;
/// Tag of a sequence.
pub const SEQUENCE: u8 = 0x30;
/// Tag of a set.
pub const SET: u8 = 0x31;

/// Tag of a member with a number instead of a type; with `constructed` contents or plain bytes.
pub fn context(number: u8, constructed: bool) -> u8 {
    0x80 | u8::from(constructed) << 5 | number
}

/// An element: tag, length and the contents put together from parts.
pub fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = vec![tag];
    if length < 0x80 {
        bytes.push(length as u8);
    } else {
        let digits = length.to_be_bytes();
        let skip = length.leading_zeros() as usize / 8;
        bytes.push(0x80 | (digits.len() - skip) as u8);
        bytes.extend_from_slice(&digits[skip..]);
    }
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

/// A sequence of elements.
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, parts)
}

/// An integer that is not negative, from its big-endian bytes.
pub fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len());
    match &bytes[start..] {
        [] => element(INTEGER, &[&[0]]),
        digits @ [0x80..=0xFF, ..] => element(INTEGER, &[&[0], digits]),
        digits => element(INTEGER, &[digits]),
    }
}

/// A bit string of whole bytes.
pub fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(BIT_STRING, &[&[0], bytes])
}

/// One element that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// Its tag.
    pub tag: u8,
    /// Its contents.
    pub contents: &'a [u8],
    /// All of it.
    pub raw: &'a [u8],
}

/// Reads elements one after another.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next element, if it is well formed.
    pub fn next_element(&mut self) -> Option<Element<'a>> {
        let bytes = self.0;
        let (&tag, rest) = bytes.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            if digits.is_empty() || digits.len() > 4 {
                return None;
            }
            let length = digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit));
            (length, rest)
        };
        let (contents, after) = rest.split_at_checked(length)?;
        self.0 = after;
        Some(Element { tag, contents, raw: &bytes[..bytes.len() - after.len()] })
    }

    /// The next element, if it has a tag.
    pub fn expect(&mut self, tag: u8) -> Option<Element<'a>> {
        let mut ahead = *self;
        let element = ahead.next_element().filter(|element| element.tag == tag)?;
        *self = ahead;
        Some(element)
    }

    /// A reader of the contents of the next element, if it has a tag.
    pub fn enter(&mut self, tag: u8) -> Option<Reader<'a>> {
        self.expect(tag).map(|element| Reader(element.contents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_survive_the_round_trip() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let contents = vec![7; length];
            let bytes = element(OCTET_STRING, &[&contents]);
            let mut reader = Reader(&bytes);
            assert_eq!(reader.expect(INTEGER), None);
            assert_eq!(reader.expect(OCTET_STRING).unwrap().contents, contents);
            assert!(reader.0.is_empty());
        }
        assert_eq!(unsigned(&[0, 0x80]), [2, 2, 0, 0x80]);
        assert_eq!(unsigned(&[]), [2, 1, 0]);
        assert_eq!(Reader(&[4, 2, 0]).next_element(), None);
    }
}
