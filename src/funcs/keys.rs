//! Private keys: making, reading, writing and signing with them.

use chacha20::rand_core::CryptoRng;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _};
use rsa::signature::{SignatureEncoding as _, Signer as _};
use rsa::traits::PublicKeyParts as _;
use sha2::Sha256;

use super::prime;
use crate::golang::asn1::{self, Reader};
use crate::golang::pem::{self, Block};

/// A private key of a kind that templates can make or hand in.
pub(super) enum PrivateKey {
    Rsa(Box<rsa::RsaPrivateKey>),
    P256(p256::SecretKey),
    P384(p384::SecretKey),
    P521(p521::SecretKey),
    Ed25519(ed25519_dalek::SigningKey),
    /// Only its encoding: nothing is signed with it.
    Dsa(Vec<u8>),
}

/// Contents of object identifiers.
mod oid {
    pub(super) const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1];
    pub(super) const SHA256_WITH_RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 11];
    pub(super) const EC: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1];
    pub(super) const P256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7];
    pub(super) const P384: &[u8] = &[0x2B, 0x81, 4, 0, 34];
    pub(super) const P521: &[u8] = &[0x2B, 0x81, 4, 0, 35];
    pub(super) const ECDSA_SHA256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2];
    pub(super) const ECDSA_SHA384: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 3];
    pub(super) const ECDSA_SHA512: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 4];
    pub(super) const ED25519: &[u8] = &[0x2B, 0x65, 0x70];
}

/// An algorithm with parameters: a curve, a null or nothing.
fn algorithm(oid: &[u8], parameters: &[u8]) -> Vec<u8> {
    asn1::sequence(&[&asn1::element(asn1::OBJECT_IDENTIFIER, &[oid]), parameters])
}

fn null() -> Vec<u8> {
    asn1::element(asn1::NULL, &[])
}

impl PrivateKey {
    /// An RSA key of `bits` bits, a multiple of 128.
    pub(super) fn generate_rsa<R: CryptoRng>(generator: &mut R, bits: u32) -> Self {
        let exponent = || rsa::BoxedUint::from(65_537_u64);
        loop {
            let p = prime::random_prime(generator, bits / 2);
            let q = prime::random_prime(generator, bits / 2);
            // Fails, once in tens of thousands, when p - 1 or q - 1 is a multiple of the exponent.
            if p != q
                && let Ok(key) = rsa::RsaPrivateKey::from_p_q(p, q, exponent())
            {
                return PrivateKey::Rsa(Box::new(key));
            }
        }
    }

    pub(super) fn generate_dsa<R: CryptoRng>(generator: &mut R) -> Self {
        let Ok(components) = dsa::Components::try_generate_from_rng_with_key_size(
            generator,
            dsa::KeySize::DSA_2048_256,
        );
        let Ok(key) = dsa::SigningKey::try_generate_from_rng_with_components(generator, components);
        let public = key.verifying_key();
        let components = public.components();
        let numbers = [
            components.p().to_be_bytes(),
            components.q().to_be_bytes(),
            components.g().to_be_bytes(),
            public.y().to_be_bytes(),
            key.x().to_be_bytes(),
        ];
        let numbers = numbers.map(|number| asn1::unsigned(&number));
        let parts: Vec<&[u8]> = numbers.iter().map(Vec::as_slice).collect();
        let body = parts.concat();
        PrivateKey::Dsa(asn1::sequence(&[&asn1::unsigned(&[0]), &body]))
    }

    pub(super) fn generate_p256<R: CryptoRng>(generator: &mut R) -> Self {
        loop {
            let mut bytes = [0; 32];
            generator.fill_bytes(&mut bytes);
            // All but a few numbers of this length are keys.
            if let Ok(key) = p256::SecretKey::from_slice(&bytes) {
                return PrivateKey::P256(key);
            }
        }
    }

    pub(super) fn generate_ed25519<R: CryptoRng>(generator: &mut R) -> Self {
        let mut seed = [0; 32];
        generator.fill_bytes(&mut seed);
        PrivateKey::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seed))
    }

    /// Reads the first PEM block of a text; the error is sprig's sentence.
    pub(super) fn from_pem(text: &[u8]) -> Result<Self, String> {
        let block = pem::decode(text).ok_or("no PEM data in input")?;
        if block.label == "PRIVATE KEY" {
            return Self::from_pkcs8(&block.bytes)
                .map_err(|error| format!("decoding PEM as PKCS#8: {error}"));
        }
        let Some(kind) = block.label.strip_suffix(" PRIVATE KEY") else {
            return Err(format!("no private key data in PEM block of type {}", block.label));
        };
        let parsing = |error| move || format!("parsing {kind} private key from PEM: {error}");
        match kind {
            "RSA" => Self::from_pkcs1(&block.bytes)
                .ok_or_else(parsing("asn1: structure error: tags don't match")),
            "EC" => Self::from_sec1(&block.bytes, None)
                .ok_or_else(parsing("x509: failed to parse EC private key")),
            "DSA" if is_dsa(&block.bytes) => Ok(PrivateKey::Dsa(block.bytes)),
            "DSA" => Err(parsing("asn1: structure error: tags don't match")()),
            _ => Err(format!("invalid private key type {}", block.label)),
        }
    }

    fn from_pkcs1(der: &[u8]) -> Option<Self> {
        let key = rsa::RsaPrivateKey::from_pkcs1_der(der).ok()?;
        Some(PrivateKey::Rsa(Box::new(key)))
    }

    /// `ECPrivateKey`; the curve may stand outside.
    fn from_sec1(der: &[u8], curve: Option<&[u8]>) -> Option<Self> {
        let mut body = Reader(der).enter(asn1::SEQUENCE)?;
        body.expect(asn1::INTEGER).filter(|version| version.contents == [1])?;
        let number = body.expect(asn1::OCTET_STRING)?.contents;
        let inner = body
            .enter(asn1::context(0, true))
            .and_then(|mut inner| inner.expect(asn1::OBJECT_IDENTIFIER));
        // Leading zeros may be missing or too many.
        let start = number.iter().position(|&byte| byte != 0)?;
        let padded = |size: usize| {
            let digits = &number[start..];
            let zeros = size.checked_sub(digits.len())?;
            Some([vec![0; zeros], digits.to_vec()].concat())
        };
        match curve.or(inner.map(|oid| oid.contents))? {
            oid::P256 => p256::SecretKey::from_slice(&padded(32)?).ok().map(PrivateKey::P256),
            oid::P384 => p384::SecretKey::from_slice(&padded(48)?).ok().map(PrivateKey::P384),
            oid::P521 => p521::SecretKey::from_slice(&padded(66)?).ok().map(PrivateKey::P521),
            _ => None,
        }
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self, &'static str> {
        const MALFORMED: &str = "asn1: structure error: tags don't match";
        let parts = || {
            let mut body = Reader(der).enter(asn1::SEQUENCE)?;
            body.expect(asn1::INTEGER)?;
            let mut algorithm = body.enter(asn1::SEQUENCE)?;
            let kind = algorithm.expect(asn1::OBJECT_IDENTIFIER)?.contents;
            let curve = algorithm.expect(asn1::OBJECT_IDENTIFIER).map(|oid| oid.contents);
            Some((kind, curve, body.expect(asn1::OCTET_STRING)?.contents))
        };
        let (kind, curve, key) = parts().ok_or(MALFORMED)?;
        match kind {
            oid::RSA => Self::from_pkcs1(key).ok_or(MALFORMED),
            oid::EC => Self::from_sec1(key, curve).ok_or("x509: failed to parse EC private key"),
            oid::ED25519 => {
                let seed = Reader(key).expect(asn1::OCTET_STRING);
                let seed = seed.ok_or("x509: invalid Ed25519 private key")?.contents;
                let seed = seed.try_into().map_err(|_| "x509: invalid Ed25519 private key")?;
                Ok(PrivateKey::Ed25519(ed25519_dalek::SigningKey::from_bytes(seed)))
            }
            _ => Err("x509: PKCS#8 wrapping contained private key with unknown algorithm"),
        }
    }

    /// The key as the PEM block that Go's library makes of its kind.
    pub(super) fn to_pem(&self) -> Result<Block, String> {
        let (label, bytes) = match self {
            PrivateKey::Rsa(key) => {
                let der = key.to_pkcs1_der().map_err(|error| error.to_string())?;
                ("RSA PRIVATE KEY", der.as_bytes().to_vec())
            }
            PrivateKey::P256(key) => ("EC PRIVATE KEY", to_sec1(key.to_sec1_der())?),
            PrivateKey::P384(key) => ("EC PRIVATE KEY", to_sec1(key.to_sec1_der())?),
            PrivateKey::P521(key) => ("EC PRIVATE KEY", to_sec1(key.to_sec1_der())?),
            PrivateKey::Ed25519(key) => {
                let seed = asn1::element(asn1::OCTET_STRING, &[key.as_bytes()]);
                let der = asn1::sequence(&[
                    &asn1::unsigned(&[0]),
                    &algorithm(oid::ED25519, &[]),
                    &asn1::element(asn1::OCTET_STRING, &[&seed]),
                ]);
                ("PRIVATE KEY", der)
            }
            PrivateKey::Dsa(der) => ("DSA PRIVATE KEY", der.clone()),
        };
        Ok(Block { label: label.to_owned(), bytes })
    }

    /// The algorithm and the bits of the public key, as certificates hold them; none for DSA.
    pub(super) fn public_key(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let curve = |oid| algorithm(oid::EC, &asn1::element(asn1::OBJECT_IDENTIFIER, &[oid]));
        Some(match self {
            PrivateKey::Rsa(key) => {
                let modulus = asn1::unsigned(&key.n().to_be_bytes());
                let exponent = asn1::unsigned(&key.e().to_be_bytes());
                (algorithm(oid::RSA, &null()), asn1::sequence(&[&modulus, &exponent]))
            }
            PrivateKey::P256(key) => {
                (curve(oid::P256), key.public_key().to_sec1_bytes().into_vec())
            }
            PrivateKey::P384(key) => {
                (curve(oid::P384), key.public_key().to_sec1_bytes().into_vec())
            }
            PrivateKey::P521(key) => {
                (curve(oid::P521), key.public_key().to_sec1_bytes().into_vec())
            }
            PrivateKey::Ed25519(key) => {
                (algorithm(oid::ED25519, &[]), key.verifying_key().to_bytes().to_vec())
            }
            PrivateKey::Dsa(_) => return None,
        })
    }

    /// The algorithm of its signatures, as certificates hold it; none for DSA.
    pub(super) fn signature_algorithm(&self) -> Option<Vec<u8>> {
        Some(match self {
            PrivateKey::Rsa(_) => algorithm(oid::SHA256_WITH_RSA, &null()),
            PrivateKey::P256(_) => algorithm(oid::ECDSA_SHA256, &[]),
            PrivateKey::P384(_) => algorithm(oid::ECDSA_SHA384, &[]),
            PrivateKey::P521(_) => algorithm(oid::ECDSA_SHA512, &[]),
            PrivateKey::Ed25519(_) => algorithm(oid::ED25519, &[]),
            PrivateKey::Dsa(_) => return None,
        })
    }

    /// Signs a message.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let failed = |error: rsa::signature::Error| error.to_string();
        Ok(match self {
            PrivateKey::Rsa(key) => rsa::pkcs1v15::SigningKey::<Sha256>::new((**key).clone())
                .try_sign(message)
                .map_err(failed)?
                .to_vec(),
            PrivateKey::P256(key) => {
                let signature: p256::ecdsa::DerSignature =
                    p256::ecdsa::SigningKey::from(key).try_sign(message).map_err(failed)?;
                signature.as_bytes().to_vec()
            }
            PrivateKey::P384(key) => {
                let signature: p384::ecdsa::DerSignature =
                    p384::ecdsa::SigningKey::from(key).try_sign(message).map_err(failed)?;
                signature.as_bytes().to_vec()
            }
            PrivateKey::P521(key) => {
                let signature: p521::ecdsa::DerSignature =
                    p521::ecdsa::SigningKey::from(key).try_sign(message).map_err(failed)?;
                signature.as_bytes().to_vec()
            }
            PrivateKey::Ed25519(key) => key.try_sign(message).map_err(failed)?.to_vec(),
            PrivateKey::Dsa(_) => return Err("x509: unsupported key type".to_owned()),
        })
    }
}

fn to_sec1<T: AsRef<[u8]>, E: std::fmt::Display>(der: Result<T, E>) -> Result<Vec<u8>, String> {
    der.map(|der| der.as_ref().to_vec()).map_err(|error| error.to_string())
}

/// Whether bytes are a version and five numbers.
fn is_dsa(der: &[u8]) -> bool {
    Reader(der)
        .enter(asn1::SEQUENCE)
        .is_some_and(|mut body| (0..6).all(|_| body.expect(asn1::INTEGER).is_some()))
}
