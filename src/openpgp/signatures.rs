//! Signatures: who made them, when, of what, and what they grant.

use super::Error;
use super::hashes::Hash;
use super::keys::algorithm;
use super::packets::{Cursor, SIGNATURE, mpi, packet};

/// What is signed.
pub(super) mod kind {
    pub(in super::super) const BINARY: u8 = 0;
    pub(in super::super) const TEXT: u8 = 1;
    /// Four ways to say whose a key is.
    pub(in super::super) const CERTIFICATIONS: std::ops::RangeInclusive<u8> = 0x10..=0x13;
    pub(in super::super) const SUBKEY: u8 = 0x18;
    pub(in super::super) const PRIMARY_KEY: u8 = 0x19;
    pub(in super::super) const KEY_REVOCATION: u8 = 0x20;
    pub(in super::super) const SUBKEY_REVOCATION: u8 = 0x28;
    pub(in super::super) const CERTIFICATION_REVOCATION: u8 = 0x30;
}

/// A signature of version 4.
#[derive(Clone, Debug)]
pub(super) struct Signature {
    pub kind: u8,
    pub algorithm: u8,
    pub hash: Hash,
    /// One number for RSA, two for all others.
    pub numbers: Vec<Vec<u8>>,
    /// Seconds since 1970.
    pub created: u32,
    /// Seconds that it is good for; 0 for ever.
    pub lifetime: u32,
    /// Seconds that the key is good for; 0 for ever.
    pub key_lifetime: u32,
    /// The key that made it, by the end of its fingerprint.
    pub issuer: Option<u64>,
    /// The key that made it; version 4 only.
    pub fingerprint: Option<[u8; 20]>,
    pub is_primary: bool,
    /// What the key may do; none if that is not said.
    pub flags: Option<u8>,
    /// Names of what must be understood, and is not.
    pub critical_notation: Option<String>,
    /// Whether a revocation says that the key is in wrong hands.
    pub is_compromised: bool,
    /// The subkey's own word that it belongs to the key.
    pub embedded: Option<Box<Signature>>,
    /// What is hashed behind the data.
    hashed: Vec<u8>,
}

/// May sign data.
pub(super) const MAY_SIGN: u8 = 2;

mod subpacket {
    pub(super) const CREATED: u8 = 2;
    pub(super) const LIFETIME: u8 = 3;
    pub(super) const EXPORTABLE: u8 = 4;
    pub(super) const KEY_LIFETIME: u8 = 9;
    pub(super) const ISSUER: u8 = 16;
    pub(super) const NOTATION: u8 = 20;
    pub(super) const PRIMARY: u8 = 25;
    pub(super) const FLAGS: u8 = 27;
    pub(super) const REASON: u8 = 29;
    pub(super) const EMBEDDED: u8 = 32;
    pub(super) const FINGERPRINT: u8 = 33;
    /// Those that say nothing of interest here: trust, preferences, addresses, features.
    pub(super) const KNOWN: [u8; 14] = [5, 6, 11, 21, 22, 23, 24, 26, 28, 30, 34, 35, 37, 39];
}

impl Signature {
    /// Reads a signature's packet.
    ///
    /// Errors: one that breaks the rules; as unsupported, one of a kind that is not read.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(bytes);
        let version = cursor.u8()?;
        if version != 4 {
            return Err(Error::unsupported(format!("signature packet version {version}")));
        }
        let (kind, algorithm, hash) = (cursor.u8()?, cursor.u8()?, cursor.u8()?);
        let count = match algorithm {
            algorithm::RSA | algorithm::RSA_SIGN => 1,
            algorithm::DSA | algorithm::ECDSA | algorithm::EDDSA | algorithm::ED25519 => 2,
            _ => return Err(Error::unsupported(format!("public key algorithm {algorithm}"))),
        };
        let hash = Hash::from_number(hash)
            .ok_or_else(|| Error::unsupported(format!("hash function {hash}")))?;
        let length = cursor.u16()?;
        let subpackets = cursor.take(length)?;
        let mut signature = Signature {
            kind,
            algorithm,
            hash,
            numbers: Vec::new(),
            created: 0,
            lifetime: 0,
            key_lifetime: 0,
            issuer: None,
            fingerprint: None,
            is_primary: false,
            flags: None,
            critical_notation: None,
            is_compromised: false,
            embedded: None,
            hashed: trailed(&bytes[..6 + length]),
        };
        signature.read(subpackets, true)?;
        let length = cursor.u16()?;
        signature.read(cursor.take(length)?, false)?;
        // The first bytes of the digest, by which to give up early.
        cursor.take(2)?;
        for _ in 0..count {
            let number =
                if algorithm == algorithm::ED25519 { cursor.take(32)? } else { cursor.mpi()? };
            signature.numbers.push(number.to_vec());
        }
        Ok(signature)
    }

    fn read(&mut self, bytes: &[u8], is_hashed: bool) -> Result<(), Error> {
        let truncated = |_| Error::structural("signature subpacket truncated");
        let mut cursor = Cursor::new(bytes);
        while !cursor.rest().is_empty() {
            let first = usize::from(cursor.u8()?);
            let length = match first {
                0..192 => first,
                192..255 => {
                    ((first - 192) << 8) + usize::from(cursor.u8().map_err(truncated)?) + 192
                }
                _ => cursor.u32().map_err(truncated)? as usize,
            };
            let (tag, body) = cursor
                .take(length)
                .map_err(truncated)?
                .split_first()
                .ok_or_else(|| Error::structural("zero length signature subpacket"))?;
            self.take_in(tag & 0x7f, tag & 0x80 != 0, body, is_hashed)?;
        }
        if self.created == 0 {
            return Err(Error::structural("no creation time in signature"));
        }
        Ok(())
    }

    fn take_in(
        &mut self,
        tag: u8,
        is_critical: bool,
        body: &[u8],
        is_hashed: bool,
    ) -> Result<(), Error> {
        use subpacket as tags;
        // What is not signed may only help to find the key.
        let is_hint = matches!(tag, tags::ISSUER | tags::FINGERPRINT | tags::EMBEDDED);
        if !is_hashed && !is_hint {
            return Ok(());
        }
        let bad = |what: &str| Error::structural(format!("{what} with bad length"));
        let seconds =
            |what: &str| <[u8; 4]>::try_from(body).map(u32::from_be_bytes).map_err(|_| bad(what));
        match tag {
            tags::CREATED => {
                self.created = seconds("")
                    .map_err(|_| Error::structural("signature creation time not four bytes"))?;
            }
            tags::LIFETIME => self.lifetime = seconds("expiration subpacket")?,
            tags::EXPORTABLE if body.first() == Some(&0) => {
                return Err(Error::unsupported("signature with non-exportable certification"));
            }
            tags::EXPORTABLE => {}
            tags::KEY_LIFETIME => self.key_lifetime = seconds("key expiration subpacket")?,
            tags::ISSUER => {
                let id = <[u8; 8]>::try_from(body).map_err(|_| bad("issuer subpacket"))?;
                self.issuer = Some(u64::from_be_bytes(id));
            }
            tags::NOTATION => {
                let name = notation(body).ok_or_else(|| bad("notation data subpacket"))?;
                if is_critical && self.critical_notation.is_none() {
                    self.critical_notation = Some(name);
                }
            }
            tags::PRIMARY => match body {
                [flag] => self.is_primary = *flag > 0,
                _ => return Err(bad("primary user id subpacket")),
            },
            tags::FLAGS => self.flags = Some(body.first().copied().unwrap_or(0)),
            tags::REASON => match body {
                [] => return Err(Error::structural("empty revocation reason subpacket")),
                [reason, ..] => self.is_compromised = *reason == 2,
            },
            tags::EMBEDDED => self.embed(body)?,
            tags::FINGERPRINT => {
                let (version, digits) = body
                    .split_first()
                    .ok_or_else(|| Error::structural("empty issuer fingerprint subpacket"))?;
                let id = match (version, digits.len()) {
                    (0..5, 20) => {
                        let own = <[u8; 20]>::try_from(digits).ok();
                        self.fingerprint = own.filter(|_| *version == 4);
                        &digits[12..]
                    }
                    (5.., 32) => &digits[..8],
                    _ => return Err(Error::structural("bad fingerprint length")),
                };
                self.issuer = Some(id.iter().fold(0, |id, byte| id << 8 | u64::from(*byte)));
            }
            tag if is_critical && !tags::KNOWN.contains(&tag) => {
                let text = format!("unknown critical signature subpacket type {tag}");
                return Err(Error::unsupported(text));
            }
            _ => {}
        }
        Ok(())
    }

    fn embed(&mut self, body: &[u8]) -> Result<(), Error> {
        if self.embedded.is_some() {
            return Err(Error::structural("Cannot have multiple embedded signatures"));
        }
        // One within one within one would have no end.
        if self.kind == kind::PRIMARY_KEY {
            return Err(Error::structural(
                "embedded signature within a primary key binding signature",
            ));
        }
        let embedded = Signature::parse(body)?;
        if embedded.kind != kind::PRIMARY_KEY {
            let text = format!("cross-signature has unexpected type {}", embedded.kind);
            return Err(Error::structural(text));
        }
        self.embedded = Some(Box::new(embedded));
        Ok(())
    }

    /// What is signed: the digest of the data with the signature's own words behind it.
    pub(super) fn digest(&self, data: &[&[u8]]) -> Vec<u8> {
        self.hash.digest(&[data, &[&self.hashed]].concat())
    }

    /// Whether it is not good at a time, in seconds since 1970.
    pub(super) fn is_expired(&self, now: i64) -> bool {
        let created = i64::from(self.created);
        created > now || (self.lifetime != 0 && now > created + i64::from(self.lifetime))
    }
}

fn notation(body: &[u8]) -> Option<String> {
    let mut cursor = Cursor::new(body);
    cursor.take(4).ok()?;
    let (name, value) = (cursor.u16().ok()?, cursor.u16().ok()?);
    (cursor.rest().len() == name + value)
        .then(|| String::from_utf8_lossy(&cursor.rest()[..name]).into_owned())
}

/// The signed words of a signature and what ends them.
fn trailed(words: &[u8]) -> Vec<u8> {
    [words, &[4, 0xff], &(words.len() as u32).to_be_bytes()].concat()
}

/// Makes the packet of a signature over a text.
///
/// Takes: the text as it is hashed, the key's algorithm and fingerprint, the time in seconds
/// since 1970, and what signs a digest: numbers of the signature.
pub(super) fn sign_text(
    text: &[u8],
    algorithm: u8,
    fingerprint: &[u8; 20],
    now: u32,
    sign: impl FnOnce(Hash, &[u8]) -> Result<Vec<Vec<u8>>, Error>,
) -> Result<Vec<u8>, Error> {
    let hash = Hash::Sha512;
    let subpackets = [
        &[5, subpacket::CREATED | 0x80][..],
        &now.to_be_bytes(),
        &[9, subpacket::ISSUER],
        &fingerprint[12..],
        &[22, subpacket::FINGERPRINT, 4],
        fingerprint,
    ]
    .concat();
    let head = [4, kind::TEXT, algorithm, Hash::SHA512];
    let words = [&head[..], &(subpackets.len() as u16).to_be_bytes(), &subpackets].concat();
    let digest = hash.digest(&[text, &trailed(&words)]);
    let mut body = [&words[..], &[0, 0], &digest[..2]].concat();
    for number in sign(hash, &digest)? {
        if algorithm == algorithm::ED25519 {
            body.extend_from_slice(&number);
        } else {
            body.extend_from_slice(&mpi(&number));
        }
    }
    Ok(packet(SIGNATURE, &body))
}
