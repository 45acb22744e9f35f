//! Secret keys: unlocked by a passphrase, they sign.

use aes::cipher::{Block, BlockCipherEncrypt, BlockSizeUser, KeyInit};
use rsa::signature::Signer as _;
use rsa::signature::hazmat::PrehashSigner as _;

use super::Error;
use super::hashes::Hash;
use super::keys::{Curve, Numbers, PublicKey, number, padded};
use super::packets::Cursor;

/// The secret part of a key.
#[derive(Clone, Debug)]
pub(super) enum SecretKey {
    /// Numbers as the packet holds them.
    Plain(Vec<u8>),
    Locked(Locked),
    /// A place holder: the secret is elsewhere.
    Dummy,
}

/// A secret behind a passphrase.
#[derive(Clone, Debug)]
pub(super) struct Locked {
    cipher: Cipher,
    hash: Hash,
    salt: Vec<u8>,
    /// Bytes to hash in all; 0 for once through.
    count: usize,
    iv: [u8; 16],
    data: Vec<u8>,
    /// Whether a SHA-1 ends the data, rather than a sum.
    has_digest: bool,
}

#[derive(Clone, Copy, Debug)]
enum Cipher {
    Aes128,
    Aes192,
    Aes256,
}

impl Cipher {
    fn key_size(self) -> usize {
        match self {
            Cipher::Aes128 => 16,
            Cipher::Aes192 => 24,
            Cipher::Aes256 => 32,
        }
    }
}

impl SecretKey {
    /// Reads what stands behind the public part of a secret key's packet.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(bytes);
        let usage = cursor.u8()?;
        match usage {
            0 => return plain(cursor.rest()).map(SecretKey::Plain),
            254 | 255 => {}
            _ => return Err(Error::unsupported("deprecated s2k function in private key")),
        }
        let cipher = cursor.u8()?;
        let (mode, hash) = (cursor.u8()?, cursor.u8()?);
        if mode == 101 {
            return match cursor.take(4)? {
                b"GNU\x01" => Ok(SecretKey::Dummy),
                _ => Err(Error::unsupported("GNU S2K extension")),
            };
        }
        let cipher = match cipher {
            7 => Cipher::Aes128,
            8 => Cipher::Aes192,
            9 => Cipher::Aes256,
            _ => return Err(Error::unsupported("unsupported cipher function in private key")),
        };
        let hash = Hash::from_number(hash)
            .ok_or_else(|| Error::unsupported(format!("hash for S2K function: {hash}")))?;
        let salt = match mode {
            0 => Vec::new(),
            1 | 3 => cursor.take(8)?.to_vec(),
            _ => return Err(Error::unsupported("S2K function")),
        };
        let count = if mode == 3 {
            let coded = usize::from(cursor.u8()?);
            (16 + (coded & 15)) << ((coded >> 4) + 6)
        } else {
            0
        };
        let mut iv = [0; 16];
        iv.copy_from_slice(cursor.take(16)?);
        let data = cursor.rest().to_vec();
        let has_digest = usage == 254;
        Ok(SecretKey::Locked(Locked { cipher, hash, salt, count, iv, data, has_digest }))
    }

    /// Whether it takes a passphrase.
    pub(super) fn is_locked(&self) -> bool {
        matches!(self, SecretKey::Locked(_))
    }

    /// Opens a secret behind a passphrase; one without stays as it is.
    ///
    /// Errors: the wrong passphrase.
    pub(super) fn unlock(&mut self, passphrase: &[u8]) -> Result<(), Error> {
        if let SecretKey::Locked(locked) = self {
            *self = SecretKey::Plain(locked.open(passphrase)?);
        }
        Ok(())
    }

    /// Signs a digest: one number for RSA, two otherwise.
    ///
    /// Errors: a secret that is locked or elsewhere, numbers that make no key.
    pub(super) fn sign(
        &self,
        public: &PublicKey,
        hash: Hash,
        digest: &[u8],
    ) -> Result<Vec<Vec<u8>>, Error> {
        let numbers = match self {
            SecretKey::Plain(numbers) => numbers,
            SecretKey::Locked(_) => {
                let text = format!("signing key {:016X} is encrypted", public.id);
                return Err(Error::argument(text));
            }
            SecretKey::Dummy => {
                return Err(Error::other("openpgp: s2k GNU dummy key: dummy key found"));
            }
        };
        let broken = || Error::other("openpgp: invalid key: invalid key parameters");
        signed(public, numbers, hash, digest).ok_or_else(broken)
    }
}

fn plain(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let (data, sum) = bytes
        .split_last_chunk::<2>()
        .ok_or_else(|| Error::structural("truncated private key data"))?;
    let found = data.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    if found != u16::from_be_bytes(*sum) {
        return Err(Error::structural("private key checksum failure"));
    }
    Ok(data.to_vec())
}

impl Locked {
    fn open(&self, passphrase: &[u8]) -> Result<Vec<u8>, Error> {
        let key = self.key(passphrase);
        let data = match self.cipher {
            Cipher::Aes128 => cfb_decrypted::<aes::Aes128>(&key, &self.iv, &self.data),
            Cipher::Aes192 => cfb_decrypted::<aes::Aes192>(&key, &self.iv, &self.data),
            Cipher::Aes256 => cfb_decrypted::<aes::Aes256>(&key, &self.iv, &self.data),
        };
        if !self.has_digest {
            return plain(&data);
        }
        let (data, digest) = data
            .split_last_chunk::<20>()
            .ok_or_else(|| Error::structural("truncated private key data"))?;
        if Hash::Sha1.digest(&[data]) != digest {
            return Err(Error::structural("private key checksum failure"));
        }
        Ok(data.to_vec())
    }

    /// The key that a passphrase makes: digests of salt and passphrase, over and over.
    fn key(&self, passphrase: &[u8]) -> Vec<u8> {
        let once = [&self.salt, passphrase].concat();
        let length = self.count.max(once.len());
        let all: Vec<u8> = once.iter().copied().cycle().take(length).collect();
        let mut key = Vec::new();
        // Each further digest begins with one more zero.
        let mut zeros = Vec::new();
        while key.len() < self.cipher.key_size() {
            key.extend(self.hash.digest(&[&zeros, &all]));
            zeros.push(0);
        }
        key.truncate(self.cipher.key_size());
        key
    }
}

/// AES in cipher feedback mode.
fn cfb_decrypted<C: BlockCipherEncrypt + KeyInit + BlockSizeUser>(
    key: &[u8],
    iv: &[u8],
    data: &[u8],
) -> Vec<u8> {
    let cipher = C::new_from_slice(key).expect("the key has the cipher's size");
    let mut feedback = iv.to_vec();
    let mut out = Vec::with_capacity(data.len());
    for chunk in data.chunks(iv.len()) {
        let mut block = Block::<C>::default();
        block.copy_from_slice(&feedback);
        cipher.encrypt_block(&mut block);
        out.extend(chunk.iter().zip(&block[..]).map(|(a, b)| a ^ b));
        feedback = chunk.to_vec();
    }
    out
}

fn signed(public: &PublicKey, secret: &[u8], hash: Hash, digest: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut cursor = Cursor::new(secret);
    Some(match &public.numbers {
        Numbers::Rsa { e, .. } => {
            let _exponent = cursor.mpi().ok()?;
            let (p, q) = (number(cursor.mpi().ok()?), number(cursor.mpi().ok()?));
            let key = rsa::RsaPrivateKey::from_p_q(p, q, number(e)).ok()?;
            vec![key.sign(hash.padding(), digest).ok()?]
        }
        Numbers::Dsa { p, q, g, y } => {
            let [p, q, g, y] = [p, q, g, y].map(|bytes| number(bytes));
            let size = q.bits().div_ceil(8) as usize;
            let components = dsa::Components::from_components(p, q, g).ok()?;
            let public = dsa::VerifyingKey::from_components(components, y).ok()?;
            let secret = number(cursor.mpi().ok()?);
            let key = dsa::SigningKey::from_components(public, secret).ok()?;
            let digest = &digest[..digest.len().min(size)];
            let signature = key.sign_prehashed_rfc6979::<sha2::Sha256>(digest).ok()?;
            vec![signature.r().to_be_bytes().to_vec(), signature.s().to_be_bytes().to_vec()]
        }
        Numbers::Ecdsa { curve, .. } => {
            let scalar = padded(cursor.mpi().ok()?, curve.size())?;
            let bytes = match curve {
                Curve::P256 => {
                    let key = p256::ecdsa::SigningKey::from_slice(&scalar).ok()?;
                    let signature: p256::ecdsa::Signature = key.sign_prehash(digest).ok()?;
                    signature.to_bytes().to_vec()
                }
                Curve::P384 => {
                    let key = p384::ecdsa::SigningKey::from_slice(&scalar).ok()?;
                    let signature: p384::ecdsa::Signature = key.sign_prehash(digest).ok()?;
                    signature.to_bytes().to_vec()
                }
                Curve::P521 => {
                    let key = p521::ecdsa::SigningKey::from_slice(&scalar).ok()?;
                    let signature: p521::ecdsa::Signature = key.sign_prehash(digest).ok()?;
                    signature.to_bytes().to_vec()
                }
            };
            bytes.chunks(curve.size()).map(<[u8]>::to_vec).collect()
        }
        Numbers::Ed25519 { .. } => {
            let is_bare = public.algorithm == super::keys::algorithm::ED25519;
            let seed = if is_bare { cursor.take(32).ok()? } else { cursor.mpi().ok()? };
            let seed = <[u8; 32]>::try_from(padded(seed, 32)?).ok()?;
            let signature = ed25519_dalek::SigningKey::from_bytes(&seed).sign(digest);
            vec![signature.r_bytes().to_vec(), signature.s_bytes().to_vec()]
        }
        Numbers::Other => return None,
    })
}
