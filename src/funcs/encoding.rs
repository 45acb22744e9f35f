//! Base64, Base32 and checksums.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::{Def, def};
use crate::golang::base64;
use crate::value::Str;

pub(super) const FUNCS: &[Def] = &[
    def!("adler32sum" => adler32sum(text: &Str)),
    def!("b32dec" => b32dec(text: &Str)),
    def!("b32enc" => b32enc(text: &Str)),
    def!("b64dec" => b64dec(text: &Str)),
    def!("b64enc" => b64enc(text: &Str)),
    def!("sha1sum" => sha1sum(text: &Str)),
    def!("sha256sum" => sha256sum(text: &Str)),
    def!("sha512sum" => sha512sum(text: &Str)),
];

/// The Adler-32 checksum of a text, in decimal.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `adler32sum`.
fn adler32sum(text: &Str) -> String {
    const MODULUS: u32 = 65_521;
    let (a, b) = text.as_bytes().iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % MODULUS;
        (a, (b + a) % MODULUS)
    });
    (b << 16 | a).to_string()
}

/// Decodes Base32.
///
/// Takes: text (string). Returns: string; for bad input the error's text.
/// Errors: none. Source: sprig `b32dec`.
fn b32dec(text: &Str) -> Str {
    match decode_base32(text.as_bytes()) {
        Ok(bytes) => Str::from(bytes),
        Err(offset) => Str::from(format!("illegal base32 data at input byte {offset}")),
    }
}

/// Encodes in Base32, with padding.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `b32enc`.
fn b32enc(text: &Str) -> Str {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut encoded = Vec::with_capacity(text.len().div_ceil(5) * 8);
    for chunk in text.as_bytes().chunks(5) {
        let bits = (0..5).fold(0u64, |bits, index| {
            bits << 8 | u64::from(chunk.get(index).copied().unwrap_or(0))
        });
        let used = (chunk.len() * 8).div_ceil(5);
        for index in 0..8 {
            let digit = (bits >> (35 - 5 * index)) as usize & 31;
            encoded.push(if index < used { ALPHABET[digit] } else { b'=' });
        }
    }
    Str::from(encoded)
}

/// Decodes Base64.
///
/// Takes: text (string). Returns: string; for bad input the error's text.
/// Errors: none. Source: sprig `b64dec`.
fn b64dec(text: &Str) -> Str {
    match base64::decode(text.as_bytes()) {
        Ok(bytes) => Str::from(bytes),
        Err(offset) => Str::from(base64::corrupt(offset)),
    }
}

/// Encodes in Base64, with padding.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `b64enc`.
fn b64enc(text: &Str) -> String {
    base64::encode(text.as_bytes())
}

/// The SHA-1 hash of a text, in hexadecimal.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `sha1sum`.
fn sha1sum(text: &Str) -> String {
    hex(&Sha1::digest(text.as_bytes()))
}

/// The SHA-256 hash of a text, in hexadecimal.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `sha256sum`.
fn sha256sum(text: &Str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// The SHA-512 hash of a text, in hexadecimal.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `sha512sum`.
fn sha512sum(text: &Str) -> String {
    hex(&Sha512::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|&byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Decodes as `base32.StdEncoding` does; the error is the offset that Go names, which does not
/// count line breaks.
fn decode_base32(text: &[u8]) -> Result<Vec<u8>, usize> {
    let text: Vec<u8> = text.iter().copied().filter(|byte| !b"\r\n".contains(byte)).collect();
    let mut bytes = Vec::with_capacity(text.len() / 8 * 5);
    let mut at = 0;
    while at < text.len() {
        let mut group = 0u64;
        let mut filled = 0;
        let mut ended = false;
        while filled < 8 {
            let Some(&byte) = text.get(at) else { return Err(at - filled) };
            at += 1;
            let rest = text.len() - at;
            if byte == b'=' && filled >= 2 && rest < 8 {
                if rest + filled < 7 {
                    return Err(text.len());
                }
                for padding in 0..7 - filled {
                    if text.get(at + padding).is_some_and(|&byte| byte != b'=') {
                        return Err(at + padding - 1);
                    }
                }
                if matches!(filled, 3 | 6) {
                    return Err(at - 1);
                }
                ended = true;
                break;
            }
            let digit = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'2'..=b'7' => byte - b'2' + 26,
                _ => return Err(at - 1),
            };
            group = group << 5 | u64::from(digit);
            filled += 1;
        }
        let group = (group << (5 * (8 - filled)) << 24).to_be_bytes();
        bytes.extend_from_slice(&group[..filled * 5 / 8]);
        if ended {
            break;
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_both_ways() {
        for text in ["", "f", "fo", "foo", "foob", "fooba", "foobar"] {
            let encoded = b32enc(&Str::from(text));
            assert_eq!(decode_base32(encoded.as_bytes()), Ok(text.as_bytes().to_vec()));
        }
        assert_eq!(b32enc(&Str::from("foobar")).to_string(), "MZXW6YTBOI======");
        // Go looks no further than the padding it needs.
        assert_eq!(decode_base32(b"MZ======MZ"), Ok(b"f".to_vec()));
        for (text, offset) in [
            ("MZX", 0),
            ("mzxw6===", 0),
            ("MZX=====", 3),
            ("MZXW6Y==", 6),
            ("M=======", 1),
            ("MZ=====", 7),
            ("MZ==A===", 3),
            ("MZXW6YTBOI=====", 15),
        ] {
            assert_eq!(decode_base32(text.as_bytes()), Err(offset), "{text:?}");
        }
    }

    #[test]
    fn checksums() {
        let text = Str::from("Wikipedia");
        assert_eq!(adler32sum(&text), "300286872");
        assert_eq!(sha1sum(&Str::from("")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        assert!(sha256sum(&text).starts_with("d38b38a2dd476e04"));
    }
}
