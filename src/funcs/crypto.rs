//! Passwords, encryption and private keys.

use aes::Aes256;
use cbc::cipher::block_padding::{NoPadding, Pkcs7};
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::keys::PrivateKey;
use super::random::{fill, key_generator};
use super::{Def, FromArg, Runtime, Ty, def, mismatch};
use crate::diag::{Fault, Result};
use crate::golang::{base64, pem};
use crate::value::{Str, Value};

pub(super) const FUNCS: &[Def] = &[
    def!("bcrypt" => bcrypt(cx; password: &Str)),
    def!("decryptAES" => decrypt_aes(password: &Str, text: &Str)),
    def!("derivePassword" =>
        derive_password(counter: Uint32, kind: &Str, password: &Str, user: &Str, site: &Str)),
    def!("encryptAES" => encrypt_aes(cx; password: &Str, text: &Str)),
    def!("genPrivateKey" => gen_private_key(cx; kind: &Str)),
    def!("htpasswd" => htpasswd(cx; user: &Str, password: &Str)),
];

/// A Go `uint32` parameter.
#[derive(Clone, Copy)]
struct Uint32(u32);

impl FromArg<'_> for Uint32 {
    const TY: Ty = Ty::Named("uint32");
    fn from_arg(value: &Value) -> Result<Self> {
        match value {
            Value::Int(number, _) => Ok(Uint32(*number as u32)),
            _ => Err(mismatch(Self::TY, value)),
        }
    }
}

/// Hashes a password with bcrypt at cost 10, with a random salt.
///
/// Takes: password (string). Returns: string; for more than 72 bytes the error's text.
/// Errors: none. Source: sprig `bcrypt`.
fn bcrypt(cx: &mut dyn Runtime, password: &Str) -> Result<String> {
    const COST: u32 = 10;
    if password.len() > 72 {
        let problem = "bcrypt: password length exceeds 72 bytes";
        return Ok(format!("failed to encrypt string with bcrypt: {problem}"));
    }
    let mut salt = [0; 16];
    fill(cx, &mut salt)?;
    Ok(match ::bcrypt::hash_with_salt(password.as_bytes(), COST, salt) {
        Ok(hash) => hash.format_for_version(::bcrypt::Version::TwoA),
        Err(error) => format!("failed to encrypt string with bcrypt: {error}"),
    })
}

/// Decrypts what `encryptAES` made.
///
/// Takes: password (string), text (string in Base64). Returns: string; "" for "".
/// Errors: bad Base64; a text of the wrong length; a wrong padding.
/// Source: sprig `decryptAES`.
fn decrypt_aes(password: &Str, text: &Str) -> Result<Str> {
    if text.is_empty() {
        return Ok(Str::from(""));
    }
    let mut bytes = base64::decode(text.as_bytes())
        .map_err(|offset| Fault::function(base64::corrupt(offset)))?;
    let Some((iv, body)) = bytes.split_first_chunk_mut::<16>() else {
        // Go's slice may reach into the decoder's spare capacity, yet not begin there.
        let (length, capacity) = (bytes.len(), text.len() / 4 * 3);
        return Err(Fault::function(if capacity < 16 {
            format!("runtime error: slice bounds out of range [:16] with capacity {capacity}")
        } else {
            format!("runtime error: slice bounds out of range [16:{length}]")
        }));
    };
    if body.len() % 16 != 0 {
        return Err(Fault::function("crypto/cipher: input not full blocks"));
    }
    let decrypted = cbc::Decryptor::<Aes256>::new(&aes_key(password).into(), (&*iv).into())
        .decrypt_padded::<NoPadding>(body)
        .map_err(|_| Fault::function("crypto/cipher: input not full blocks"))?;
    let Some(&padding) = decrypted.last() else {
        return Err(Fault::function("runtime error: index out of range [-1]"));
    };
    let length = decrypted.len() as i64 - i64::from(padding);
    if length < 0 {
        let problem = format!("runtime error: slice bounds out of range [:{length}]");
        return Err(Fault::function(problem));
    }
    Ok(Str::from(&decrypted[..length as usize]))
}

/// Derives a site's password from a master password; always the same for the same arguments.
///
/// Takes: counter (uint32), kind (string: long, maximum, medium, short, basic or pin), password,
/// user, site (strings). Returns: string; for an unknown kind the error's text.
/// Errors: none. Source: sprig `derivePassword`.
fn derive_password(
    counter: Uint32,
    kind: &Str,
    password: &Str,
    user: &Str,
    site: &Str,
) -> Result<String> {
    const SEED: &[u8] = b"com.lyndir.masterpassword";
    let Some(templates) = password_templates(kind.as_bytes()) else {
        return Ok(format!("cannot find password template {kind}"));
    };
    let length = |text: &Str| (text.len() as u32).to_be_bytes();
    let salt = [SEED, &length(user), user.as_bytes()].concat();
    let params = scrypt::Params::new(15, 8, 2).expect("parameters in range");
    let mut key = [0; 64];
    scrypt::scrypt(password.as_bytes(), &salt, &params, &mut key)
        .map_err(|error| Fault::function(format!("failed to derive password: {error}")))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes any key");
    for part in [SEED, &length(site), site.as_bytes(), &counter.0.to_be_bytes()] {
        mac.update(part);
    }
    let seed = mac.finalize().into_bytes();
    let template = templates[usize::from(seed[0]) % templates.len()];
    let characters = template.bytes().zip(&seed[1..]).map(|(class, &byte)| {
        let characters = template_characters(class).as_bytes();
        char::from(characters[usize::from(byte) % characters.len()])
    });
    Ok(characters.collect())
}

/// Encrypts a text with AES-256 in CBC mode; the key is the password's first 32 bytes.
///
/// Takes: password (string), text (string). Returns: string in Base64, different each time;
/// "" for "".
/// Errors: none. Source: sprig `encryptAES`.
fn encrypt_aes(cx: &mut dyn Runtime, password: &Str, text: &Str) -> Result<String> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let mut iv = [0; 16];
    fill(cx, &mut iv)?;
    let encrypted = cbc::Encryptor::<Aes256>::new(&aes_key(password).into(), &iv.into())
        .encrypt_padded_vec::<Pkcs7>(text.as_bytes());
    Ok(base64::encode(&[&iv[..], &encrypted].concat()))
}

/// Makes a private key, in PEM: RSA with 4096 bits, DSA, ECDSA on P-256, or Ed25519.
///
/// Takes: kind (string: rsa or "", dsa, ecdsa, ed25519). Returns: string; for another kind
/// the error's text.
/// Errors: none. Source: sprig `genPrivateKey`.
fn gen_private_key(cx: &mut dyn Runtime, kind: &Str) -> Result<String> {
    let mut generator = key_generator(cx)?;
    let key = match kind.as_bytes() {
        b"" | b"rsa" => PrivateKey::generate_rsa(&mut generator, 4096),
        b"dsa" => PrivateKey::generate_dsa(&mut generator),
        b"ecdsa" => PrivateKey::generate_p256(&mut generator),
        b"ed25519" => PrivateKey::generate_ed25519(&mut generator),
        _ => return Ok(format!("Unknown type {kind}")),
    };
    Ok(match key.to_pem() {
        Ok(block) => pem::encode(&block.label, &block.bytes),
        Err(error) => format!("failed to generate private key: {error}"),
    })
}

/// A line of an htpasswd file: the user and the password's bcrypt hash.
///
/// Takes: user (string), password (string). Returns: string; for a user with a colon the
/// error's text.
/// Errors: none. Source: sprig `htpasswd`.
fn htpasswd(cx: &mut dyn Runtime, user: &Str, password: &Str) -> Result<Str> {
    if user.as_bytes().contains(&b':') {
        return Ok(Str::from([b"invalid username: ", user.as_bytes()].concat()));
    }
    let hash = bcrypt(cx, password)?;
    Ok(Str::from([user.as_bytes(), b":", hash.as_bytes()].concat()))
}

/// The first 32 bytes of a password, filled up with zeros.
fn aes_key(password: &Str) -> [u8; 32] {
    let mut key = [0; 32];
    let length = password.len().min(key.len());
    key[..length].copy_from_slice(&password.as_bytes()[..length]);
    key
}

/// Shapes of passwords; letters stand for classes of characters.
fn password_templates(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

/// The characters of a class in a shape.
fn template_characters(class: u8) -> &'static str {
    match class {
        b'C' => "BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => "aeiou",
        b'c' => "bcdfghjklmnpqrstvwxyz",
        b'a' => "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => "0123456789",
        b'o' => "@&%?,=[]_:-+*$#!'^~;()/.",
        _ => "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::funcs::testing::TestRuntime;

    #[test]
    fn derived_passwords_are_helm_s() {
        let text = Str::from;
        let cases = [
            (1, "long", "ZedaFaxcZaso9*"),
            (1, "maximum", "pf4zS1LjCg&LjhsZ7T2~"),
            (0, "pin", "6612"),
            (1, "nope", "cannot find password template nope"),
        ];
        for (counter, kind, expected) in cases {
            let (password, user, site) = (text("password"), text("user"), text("example.com"));
            let derived =
                derive_password(Uint32(counter), &text(kind), &password, &user, &site).unwrap();
            assert_eq!(derived, expected);
        }
    }

    #[test]
    fn encryption_is_compatible() {
        let mut cx = TestRuntime::default();
        let text = Str::from;
        // Made by Helm.
        let encrypted = text("6rqcrGYjXO26HZhsnhpUBKJr1xADP4xks0ExyDGG7ig=");
        assert_eq!(decrypt_aes(&text("secretkey"), &encrypted).unwrap(), text("plaintext"));
        for plain in ["x", "sixteen bytes ok", "more than sixteen bytes"] {
            let encrypted = Str::from(encrypt_aes(&mut cx, &text("k"), &text(plain)).unwrap());
            assert_eq!(decrypt_aes(&text("k"), &encrypted).unwrap(), text(plain));
        }
        let cases = [
            ("!!", "illegal base64 data at input byte 0"),
            ("QUJD", "runtime error: slice bounds out of range [:16] with capacity 3"),
            ("QUJDQUJDQUJDQUJDQUJDQQ==", "runtime error: index out of range [-1]"),
            ("QUJDQUJDQUJDQUJDQUJDQUJDQUJD", "crypto/cipher: input not full blocks"),
            (
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "runtime error: slice bounds out of range [:-19]",
            ),
        ];
        for (encrypted, error) in cases {
            assert_eq!(decrypt_aes(&text("k"), &text(encrypted)).unwrap_err().message(), error);
        }
    }

    #[test]
    fn passwords_are_hashed() {
        let mut cx = TestRuntime::default();
        let line = htpasswd(&mut cx, &Str::from("u"), &Str::from("p")).unwrap().to_string();
        let hash = line.strip_prefix("u:").unwrap();
        assert!(hash.starts_with("$2a$10$") && ::bcrypt::verify("p", hash).unwrap());
        let long = bcrypt(&mut cx, &Str::from("a".repeat(73))).unwrap();
        let problem = "bcrypt: password length exceeds 72 bytes";
        assert_eq!(long, format!("failed to encrypt string with bcrypt: {problem}"));
        let colon = htpasswd(&mut cx, &Str::from("a:b"), &Str::from("c")).unwrap();
        assert_eq!(colon, Str::from("invalid username: a:b"));
    }

    #[test]
    fn keys_read_back() {
        let mut cx = TestRuntime::default();
        for (kind, label, length) in
            [("ecdsa", "EC PRIVATE KEY", 121), ("ed25519", "PRIVATE KEY", 48)]
        {
            let text = gen_private_key(&mut cx, &Str::from(kind)).unwrap();
            let block = pem::decode(text.as_bytes()).unwrap();
            assert_eq!((block.label.as_str(), block.bytes.len()), (label, length));
            let again = PrivateKey::from_pem(text.as_bytes()).ok().unwrap().to_pem().unwrap();
            assert_eq!(again, block);
        }
        let unknown = gen_private_key(&mut cx, &Str::from("x")).unwrap();
        assert_eq!(unknown, "Unknown type x");
    }
}
