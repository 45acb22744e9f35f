//! The forms that keyrings come in: packets as they are, packets in letters, GnuPG's keybox.

use std::borrow::Cow;

use super::Error;
use super::armor::blocks;
use super::packets::Cursor;

/// The packets of a keyring, whatever its form.
///
/// Takes: the file, and its name for messages.
/// Errors: letters or a keybox that cannot be read, or hold no keys.
pub(super) fn packets<'a>(bytes: &'a [u8], name: &str) -> Result<Cow<'a, [u8]>, Error> {
    let (form, result) = if bytes.trim_ascii_start().starts_with(b"-----BEGIN PGP ") {
        ("armored keyring", armored(bytes))
    } else if bytes.get(8..12) == Some(b"KBXf") {
        ("keybox", keybox(bytes))
    } else {
        return Ok(bytes.into());
    };
    result.map(Cow::Owned).map_err(|why| Error::other(format!("reading {form} {name}: {why}")))
}

fn armored(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut packets = Vec::new();
    for block in blocks(bytes) {
        let (kind, bytes) = block?;
        if !matches!(kind.as_str(), "PGP PUBLIC KEY BLOCK" | "PGP PRIVATE KEY BLOCK") {
            let kind = crate::golang::quote::quote(kind.as_bytes());
            return Err(format!("expected a public or private key block, got {kind}"));
        }
        packets.extend(bytes);
    }
    if packets.is_empty() { Err("no keys found".into()) } else { Ok(packets) }
}

/// A keybox is a list of blobs: length, type (2 for OpenPGP), version, flags, and then where in
/// the blob the key's packets are.
fn keybox(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut packets = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let word = |at: usize| {
            let number = rest.get(at..)?;
            Cursor::new(number).u32().ok().map(|number| number as usize)
        };
        let length = word(0).unwrap_or(0);
        if length < 5 {
            return Err(format!("invalid blob length {length} at offset {at}"));
        }
        let blob = rest.get(..length).ok_or_else(|| {
            let left = rest.len();
            format!("blob at offset {at} has length {length} exceeding the {left} remaining bytes")
        })?;
        if blob[4] == 2 {
            let range = word(8).zip(word(12));
            let keys = range.and_then(|(from, count)| blob.get(from..)?.get(..count));
            packets.extend_from_slice(keys.ok_or_else(|| {
                format!("OpenPGP blob at offset {at} has an out-of-range keyblock")
            })?);
        }
        at += length;
    }
    if packets.is_empty() { Err("keybox contains no OpenPGP keys".into()) } else { Ok(packets) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyboxes_hold_packets() {
        let header = [&[0, 0, 0, 16, 1, 1, 0, 2][..], b"KBXf", &[0; 4]].concat();
        let blob = [0, 0, 0, 18, 2, 1, 0, 0, 0, 0, 0, 16, 0, 0, 0, 2, 7, 8];
        let whole = [&header[..], &blob].concat();
        assert_eq!(packets(&whole, "k").as_deref(), Ok(&[7, 8][..]));
        let error = |bytes: &[u8]| packets(bytes, "k").expect_err("damage").to_string();
        assert_eq!(error(&header), "reading keybox k: keybox contains no OpenPGP keys");
        assert_eq!(
            error(&whole[..20]),
            "reading keybox k: blob at offset 16 has length 18 exceeding the 4 remaining bytes"
        );
        let mut far = whole;
        far[31] = 9;
        assert_eq!(
            error(&far),
            "reading keybox k: OpenPGP blob at offset 16 has an out-of-range keyblock"
        );
    }

    #[test]
    fn letters_hold_packets() {
        let block = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\naGkK\n=abcd\n-----END PGP PUBLIC KEY \
                     BLOCK-----\n";
        let twice = format!("\n{block}{block}");
        assert_eq!(packets(twice.as_bytes(), "k").as_deref(), Ok(&b"hi\nhi\n"[..]));
        let error = |text: &str| packets(text.as_bytes(), "k").expect_err("damage").to_string();
        assert_eq!(
            error(&block.replace("PUBLIC KEY BLOCK", "MESSAGE")),
            "reading armored keyring k: expected a public or private key block, got \"PGP MESSAGE\""
        );
        assert_eq!(error(&block[..45]), "reading armored keyring k: unexpected EOF");
        assert_eq!(error(&block[..30]), "reading armored keyring k: no keys found");
        assert_eq!(packets(b"\x99", "k").as_deref(), Ok(&b"\x99"[..]));
    }
}
