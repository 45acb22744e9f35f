//! The packets that OpenPGP data consists of: a tag, a length, a body.

use super::Error;
use super::keys::PublicKey;
use super::secrets::SecretKey;
use super::signatures::Signature;

/// Bytes that are read from the front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Cursor { rest: bytes }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) =
            self.rest.split_at_checked(count).ok_or_else(|| Error::other("unexpected EOF"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self, bytes: usize) -> Result<usize, Error> {
        Ok(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    pub(super) fn u8(&mut self) -> Result<u8, Error> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn u16(&mut self) -> Result<usize, Error> {
        self.number(2)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Error> {
        Ok(self.number(4)? as u32)
    }

    /// A number of any size: its length in bits, then its bytes.
    pub(super) fn mpi(&mut self) -> Result<&'a [u8], Error> {
        let bits = self.u16()?;
        self.take(bits.div_ceil(8))
    }

    /// Bytes behind their length of one byte.
    pub(super) fn short(&mut self) -> Result<&'a [u8], Error> {
        let length = self.u8()?;
        self.take(usize::from(length))
    }

    /// A length in one, two or five bytes; also of a part, where the packet comes in parts.
    fn length(&mut self) -> Result<(usize, bool), Error> {
        let first = usize::from(self.u8()?);
        Ok(match first {
            0..192 => (first, false),
            192..224 => (((first - 192) << 8) + usize::from(self.u8()?) + 192, false),
            224..255 => (1 << (first & 0x1f), true),
            _ => (self.number(4)?, false),
        })
    }
}

/// A number as [`Cursor::mpi`] reads it.
pub(super) fn mpi(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let bytes = &bytes[zeros..];
    let bits = bytes.first().map_or(0, |first| bytes.len() * 8 - first.leading_zeros() as usize);
    [&(bits as u16).to_be_bytes(), bytes].concat()
}

/// A whole packet.
pub(super) fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = body.len() as u32;
    let length = match length {
        0..192 => vec![length as u8],
        192..8384 => vec![((length - 192) >> 8) as u8 + 192, (length - 192) as u8],
        _ => [&[255], &length.to_be_bytes()[..]].concat(),
    };
    [&[0xc0 | tag], length.as_slice(), body].concat()
}

/// What a packet holds.
#[derive(Debug)]
pub(super) enum Item {
    /// A key, perhaps with its secret part.
    Key {
        public: Box<PublicKey>,
        secret: Option<SecretKey>,
        is_subkey: bool,
    },
    /// Whose key it is.
    UserId(String),
    Signature(Box<Signature>),
    /// Something that keyrings do not need.
    Other,
}

pub(super) const SIGNATURE: u8 = 2;

/// Reads packets; those that are not supported are left out.
#[derive(Debug)]
pub(super) struct Packets<'a> {
    cursor: Cursor<'a>,
    unread: Option<Item>,
}

impl<'a> Packets<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Packets { cursor: Cursor::new(bytes), unread: None }
    }

    /// Gives a packet back, to be read again.
    pub(super) fn unread(&mut self, item: Item) {
        self.unread = Some(item);
    }

    pub(super) fn next(&mut self) -> Result<Option<Item>, Error> {
        if let Some(item) = self.unread.take() {
            return Ok(Some(item));
        }
        while !self.cursor.rest().is_empty() {
            let (tag, body) = self.raw()?;
            match item(tag, &body) {
                Ok(Some(item)) => return Ok(Some(item)),
                Ok(None) => {}
                Err(error) if error.kind == super::Kind::Unsupported => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn raw(&mut self) -> Result<(u8, Vec<u8>), Error> {
        let cursor = &mut self.cursor;
        let first = cursor.u8()?;
        if first & 0x80 == 0 {
            return Err(Error::structural("tag byte does not have MSB set"));
        }
        if first & 0x40 == 0 {
            let length = match first & 3 {
                3 => cursor.rest().len(),
                kind => cursor.number(1 << kind)?,
            };
            return Ok(((first & 0x3f) >> 2, cursor.take(length)?.to_vec()));
        }
        let mut body = Vec::new();
        loop {
            let (length, is_part) = cursor.length()?;
            body.extend_from_slice(cursor.take(length)?);
            if !is_part {
                return Ok((first & 0x3f, body));
            }
        }
    }
}

/// A packet's contents; none for those to be passed over.
fn item(tag: u8, body: &[u8]) -> Result<Option<Item>, Error> {
    Ok(Some(match tag {
        SIGNATURE => Item::Signature(Box::new(Signature::parse(body)?)),
        5 | 7 => {
            let (public, rest) = PublicKey::parse(body)?;
            let secret = Some(SecretKey::parse(rest)?);
            Item::Key { public: Box::new(public), secret, is_subkey: tag == 7 }
        }
        6 | 14 => {
            let (public, _) = PublicKey::parse(body)?;
            Item::Key { public: Box::new(public), secret: None, is_subkey: tag == 14 }
        }
        13 => Item::UserId(String::from_utf8_lossy(body).into_owned()),
        1 | 3 | 4 | 8 | 9 | 11 | 17 | 18 | 20 | 21 => Item::Other,
        // A marker, and what GnuPG thinks of a key.
        10 | 12 => return Ok(None),
        0..40 => return Err(Error::other(format!("openpgp: unknown critical packet type: {tag}"))),
        _ => return Ok(None),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_go_both_ways() {
        for length in [0, 191, 192, 8383, 8384, 70000] {
            let bytes = packet(63, &vec![7; length]);
            let mut packets = Packets::new(&bytes);
            assert_eq!(packets.raw().map(|(tag, body)| (tag, body.len())), Ok((63, length)));
            assert!(packets.next().is_ok_and(|item| item.is_none()));
        }
        let mut parts = Packets::new(&[0xcb, 0xe1, 1, 2, 1, 3]);
        assert_eq!(parts.raw(), Ok((11, vec![1, 2, 3])));
    }

    #[test]
    fn numbers_go_both_ways() {
        let bytes = mpi(&[0, 0, 5, 6]);
        assert_eq!(bytes, [0, 11, 5, 6]);
        assert_eq!(Cursor::new(&bytes).mpi(), Ok(&[5, 6][..]));
        assert_eq!(mpi(&[0]), [0, 0]);
    }

    #[test]
    fn damage_is_told() {
        let error = |bytes: &[u8]| Packets::new(bytes).next().expect_err("damage").to_string();
        assert_eq!(error(b"-----BEGIN"), "openpgp: invalid data: tag byte does not have MSB set");
        assert_eq!(error(&[0xc2, 5, 4]), "unexpected EOF");
        assert_eq!(error(&[0xd0, 0]), "openpgp: unknown critical packet type: 16");
    }
}
