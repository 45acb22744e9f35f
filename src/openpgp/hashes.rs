//! The hash functions that signatures and passphrases name by number.

use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

fn digest_of<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let hasher = parts.iter().fold(D::new(), Digest::chain_update);
    hasher.finalize().to_vec()
}

impl Hash {
    /// The number of SHA-512, by which rhumb signs.
    pub(super) const SHA512: u8 = 10;

    pub(super) fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            2 => Hash::Sha1,
            8 => Hash::Sha256,
            9 => Hash::Sha384,
            Self::SHA512 => Hash::Sha512,
            11 => Hash::Sha224,
            _ => return None,
        })
    }

    /// The digest of the parts, one after the other.
    pub(super) fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Hash::Sha1 => digest_of::<Sha1>(parts),
            Hash::Sha224 => digest_of::<Sha224>(parts),
            Hash::Sha256 => digest_of::<Sha256>(parts),
            Hash::Sha384 => digest_of::<Sha384>(parts),
            Hash::Sha512 => digest_of::<Sha512>(parts),
        }
    }

    /// How RSA pads a digest of this kind.
    pub(super) fn padding(self) -> rsa::Pkcs1v15Sign {
        match self {
            Hash::Sha1 => rsa::Pkcs1v15Sign::new::<Sha1>(),
            Hash::Sha224 => rsa::Pkcs1v15Sign::new::<Sha224>(),
            Hash::Sha256 => rsa::Pkcs1v15Sign::new::<Sha256>(),
            Hash::Sha384 => rsa::Pkcs1v15Sign::new::<Sha384>(),
            Hash::Sha512 => rsa::Pkcs1v15Sign::new::<Sha512>(),
        }
    }
}
