//! Public keys: their numbers, their fingerprints, and what they say of a signature.

use rsa::BoxedUint;
use rsa::signature::Verifier as _;
use rsa::signature::hazmat::PrehashVerifier as _;

use super::Error;
use super::hashes::Hash;
use super::packets::Cursor;
use super::signatures::Signature;

/// The largest RSA modulus that is computed with.
const MAX_RSA_BITS: usize = 16384;

/// A curve for ECDSA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    fn from_oid(oid: &[u8]) -> Result<Self, Error> {
        Ok(match oid {
            [0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7] => Curve::P256,
            [0x2B, 0x81, 4, 0, 34] => Curve::P384,
            [0x2B, 0x81, 4, 0, 35] => Curve::P521,
            _ => return Err(unknown_curve(oid)),
        })
    }

    /// Bytes of a coordinate.
    pub(super) fn size(self) -> usize {
        match self {
            Curve::P256 => 32,
            Curve::P384 => 48,
            Curve::P521 => 66,
        }
    }
}

/// The curve of Ed25519 as GnuPG names it.
const ED25519: &[u8] = &[0x2B, 6, 1, 4, 1, 0xDA, 0x47, 0x0F, 1];

fn unknown_curve(oid: &[u8]) -> Error {
    let digits: String = oid.iter().map(|byte| format!("{byte:02x}")).collect();
    Error::unsupported(format!("unknown oid: {digits}"))
}

/// What a key consists of.
#[derive(Clone, Debug)]
pub(super) enum Numbers {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    Dsa {
        p: Vec<u8>,
        q: Vec<u8>,
        g: Vec<u8>,
        y: Vec<u8>,
    },
    Ecdsa {
        curve: Curve,
        point: Vec<u8>,
    },
    /// Signatures of two numbers (algorithm 22) or of 64 bytes (27).
    Ed25519 {
        point: [u8; 32],
    },
    /// A key that cannot sign.
    Other,
}

/// Names of algorithms by their numbers.
pub(super) mod algorithm {
    pub(in super::super) const RSA: u8 = 1;
    pub(in super::super) const RSA_SIGN: u8 = 3;
    pub(in super::super) const DSA: u8 = 17;
    pub(in super::super) const ECDSA: u8 = 19;
    pub(in super::super) const EDDSA: u8 = 22;
    pub(in super::super) const ED25519: u8 = 27;
}

/// A public key.
#[derive(Clone, Debug)]
pub(super) struct PublicKey {
    /// Seconds since 1970 of its creation.
    pub created: u32,
    pub algorithm: u8,
    pub numbers: Numbers,
    pub fingerprint: [u8; 20],
    /// The end of the fingerprint.
    pub id: u64,
    body: Vec<u8>,
}

impl PublicKey {
    /// Reads a key's packet, and what stands behind the public part.
    pub(super) fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), Error> {
        let mut cursor = Cursor::new(bytes);
        let version = cursor.u8()?;
        if version != 4 {
            return Err(Error::unsupported(format!("public key version {version}")));
        }
        let created = cursor.u32()?;
        let algorithm = cursor.u8()?;
        let numbers = numbers(algorithm, &mut cursor)?;
        let rest = cursor.rest();
        let body = bytes[..bytes.len() - rest.len()].to_vec();
        let digest = Hash::Sha1.digest(&[&prefix(&body), &body]);
        let mut fingerprint = [0; 20];
        fingerprint.copy_from_slice(&digest);
        let id = digest[12..].iter().fold(0, |id, byte| id << 8 | u64::from(*byte));
        Ok((PublicKey { created, algorithm, numbers, fingerprint, id, body }, rest))
    }

    /// Whether it is of a kind that signs.
    pub(super) fn can_sign(&self) -> bool {
        !matches!(self.numbers, Numbers::Other)
    }

    /// The key as signatures over keys take it.
    pub(super) fn for_hash(&self) -> Vec<u8> {
        [&prefix(&self.body), self.body.as_slice()].concat()
    }

    /// Checks a signature over some data.
    ///
    /// Errors: one that this key did not make.
    pub(super) fn verify(&self, data: &[&[u8]], signature: &Signature) -> Result<(), Error> {
        if !self.can_sign() {
            return Err(Error::argument("public key cannot generate signatures"));
        }
        let digest = signature.digest(data);
        if self.algorithm != signature.algorithm {
            return Err(Error::argument("public key and signature use different algorithms"));
        }
        let (name, is_good) = match &self.numbers {
            Numbers::Rsa { n, e } => ("RSA", rsa(n, e, signature, &digest)),
            Numbers::Dsa { p, q, g, y } => ("DSA", dsa([p, q, g, y], signature, &digest)),
            Numbers::Ecdsa { curve, point } => ("ECDSA", ecdsa(*curve, point, signature, &digest)),
            Numbers::Ed25519 { point } => {
                let name = if self.algorithm == algorithm::EDDSA { "EdDSA" } else { "Ed25519" };
                (name, ed25519(point, signature, &digest))
            }
            Numbers::Other => ("", None),
        };
        let failed = || Error::signature(format!("{name} verification failure"));
        is_good.ok_or_else(failed)
    }
}

fn prefix(body: &[u8]) -> [u8; 3] {
    let length = (body.len() as u16).to_be_bytes();
    [0x99, length[0], length[1]]
}

fn numbers(algorithm: u8, cursor: &mut Cursor<'_>) -> Result<Numbers, Error> {
    let mut mpi = || cursor.mpi().map(<[u8]>::to_vec);
    Ok(match algorithm {
        1..=3 => {
            let (n, e) = (mpi()?, mpi()?);
            if e.len() > 3 {
                return Err(Error::unsupported("large public exponent"));
            }
            if algorithm == 2 { Numbers::Other } else { Numbers::Rsa { n, e } }
        }
        16 => {
            for _ in 0..3 {
                mpi()?;
            }
            Numbers::Other
        }
        algorithm::DSA => Numbers::Dsa { p: mpi()?, q: mpi()?, g: mpi()?, y: mpi()? },
        18 => {
            cursor.short()?;
            cursor.mpi()?;
            cursor.short()?;
            Numbers::Other
        }
        algorithm::ECDSA => {
            let curve = Curve::from_oid(cursor.short()?)?;
            Numbers::Ecdsa { curve, point: cursor.mpi()?.to_vec() }
        }
        algorithm::EDDSA => {
            let oid = cursor.short()?;
            if oid != ED25519 {
                return Err(unknown_curve(oid));
            }
            match cursor.mpi()? {
                [0x40, point @ ..] => Numbers::Ed25519 { point: fixed(point)? },
                [] => return Err(Error::structural("empty EdDSA public key")),
                [flag, ..] => {
                    let text = format!("unsupported EdDSA compression: {flag}");
                    return Err(Error::unsupported(text));
                }
            }
        }
        25 => {
            cursor.take(32)?;
            Numbers::Other
        }
        algorithm::ED25519 => Numbers::Ed25519 { point: fixed(cursor.take(32)?)? },
        _ => return Err(Error::unsupported(format!("public key type: {algorithm}"))),
    })
}

fn fixed(point: &[u8]) -> Result<[u8; 32], Error> {
    point.try_into().map_err(|_| Error::other("eddsa: failed to parse EC point"))
}

/// Bytes with zeros before them, to a length.
pub(super) fn padded(bytes: &[u8], length: usize) -> Option<Vec<u8>> {
    let zeros = length.checked_sub(bytes.len())?;
    Some([&vec![0; zeros], bytes].concat())
}

/// A number as the crates for RSA and DSA take it.
pub(super) fn number(bytes: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_vartime(bytes)
}

fn rsa(n: &[u8], e: &[u8], signature: &Signature, digest: &[u8]) -> Option<()> {
    let zeros = n.iter().take_while(|byte| **byte == 0).count();
    let limits = rsa::RsaPublicKey::MIN_SIZE..=MAX_RSA_BITS;
    let key = rsa::RsaPublicKey::new_with_size_limits(number(n), number(e), limits).ok()?;
    let bytes = padded(&signature.numbers[0], n.len() - zeros)?;
    key.verify(signature.hash.padding(), digest, &bytes).ok()
}

fn dsa(numbers: [&Vec<u8>; 4], signature: &Signature, digest: &[u8]) -> Option<()> {
    let [p, q, g, y] = numbers.map(|bytes| number(bytes));
    let size = q.bits().div_ceil(8) as usize;
    let components = dsa::Components::from_components(p, q, g).ok()?;
    let key = dsa::VerifyingKey::from_components(components, y).ok()?;
    let [first, second] = [0, 1].map(|at| number(&signature.numbers[at]));
    let signature = dsa::Signature::from_components(first, second)?;
    key.verify_prehash(&digest[..digest.len().min(size)], &signature).ok()
}

fn ecdsa(curve: Curve, point: &[u8], signature: &Signature, digest: &[u8]) -> Option<()> {
    let [r, s] = [0, 1].map(|at| padded(&signature.numbers[at], curve.size()));
    let bytes = [r?, s?].concat();
    match curve {
        Curve::P256 => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
            key.verify_prehash(digest, &p256::ecdsa::Signature::from_slice(&bytes).ok()?).ok()
        }
        Curve::P384 => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
            key.verify_prehash(digest, &p384::ecdsa::Signature::from_slice(&bytes).ok()?).ok()
        }
        Curve::P521 => {
            let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
            key.verify_prehash(digest, &p521::ecdsa::Signature::from_slice(&bytes).ok()?).ok()
        }
    }
}

fn ed25519(point: &[u8; 32], signature: &Signature, digest: &[u8]) -> Option<()> {
    let halves: Option<Vec<_>> = signature.numbers.iter().map(|it| padded(it, 32)).collect();
    let bytes = halves?.concat();
    let key = ed25519_dalek::VerifyingKey::from_bytes(point).ok()?;
    key.verify(digest, &ed25519_dalek::Signature::from_slice(&bytes).ok()?).ok()
}
