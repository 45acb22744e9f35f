//! A text with a signature below it, and the letters that stand for a signature's bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A text and its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedText {
    /// The text, without the last end of line.
    pub text: Vec<u8>,
    /// The text as it is hashed: lines end in CR LF.
    pub(super) hashed: Vec<u8>,
    /// The signature's packets.
    pub(super) signature: Vec<u8>,
}

const START: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &[u8] = b"-----BEGIN PGP SIGNATURE-----";
const END: &[u8] = b"-----END PGP SIGNATURE-----";

const HASHES: [&str; 9] =
    ["MD5", "SHA1", "RIPEMD160", "SHA224", "SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-512"];

/// A line without its end, and what follows.
fn line(text: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match text.iter().position(|byte| *byte == b'\n') {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => return (text, &[]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

impl SignedText {
    /// Finds the first signed text; none if there is none, or it is damaged.
    pub fn find(data: &[u8]) -> Option<Self> {
        let rest = match data.strip_prefix(START) {
            Some(rest) => rest,
            None => {
                let at = find(data, &[b"\n", START].concat())?;
                &data[at + 1 + START.len()..]
            }
        };
        let (suffix, mut rest) = line(rest);
        if !suffix.is_empty() {
            return None;
        }
        loop {
            if rest.is_empty() {
                return None;
            }
            let (header, after) = line(rest);
            rest = after;
            if header.trim_ascii().is_empty() {
                break;
            }
            is_hash_header(header).then_some(())?;
        }
        let (mut text, mut hashed) = (Vec::new(), Vec::new());
        let mut is_first = true;
        let armored = loop {
            let (next, after) = line(rest);
            if next.is_empty() && after.is_empty() {
                return None;
            }
            if next == SIGNATURE {
                break after;
            }
            rest = after;
            if !std::mem::take(&mut is_first) {
                hashed.extend_from_slice(b"\r\n");
                text.push(b'\n');
            }
            let next = next.strip_prefix(b"- ").unwrap_or(next);
            let end = next.iter().rposition(|byte| !matches!(byte, b' ' | b'\t'));
            let next = &next[..end.map_or(0, |at| at + 1)];
            text.extend_from_slice(next);
            hashed.extend_from_slice(next);
        };
        find(armored, END)?;
        let (signature, _) = decode(armored)?.ok()?;
        Some(SignedText { text, hashed, signature })
    }
}

fn is_hash_header(header: &[u8]) -> bool {
    let text = std::str::from_utf8(header).unwrap_or_default();
    let is_plain = text.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    let Some((key, names)) = text.split_once(':') else { return false };
    let is_known = |name: &str| HASHES.contains(&name.trim().to_uppercase().as_str());
    is_plain && key.trim() == "Hash" && names.split(',').all(is_known)
}

/// A block's bytes and what follows it.
type Decoded<'a> = Result<(Vec<u8>, &'a [u8]), String>;

/// The bytes below a block's first line, and what follows the block; none without headers' end.
///
/// Errors: letters that are none, no last line.
fn decode(armored: &[u8]) -> Option<Decoded<'_>> {
    let mut rest = armored;
    loop {
        let (header, after) = line(rest);
        if header.len() == rest.len() {
            return None;
        }
        rest = after;
        match header.trim_ascii() {
            [] => break,
            header => find(header, b":")?,
        };
    }
    let mut letters = Vec::new();
    loop {
        if rest.is_empty() {
            return Some(Err("unexpected EOF".into()));
        }
        let (next, after) = line(rest);
        rest = after;
        let next = next.trim_ascii();
        // A checksum, which nobody checks any more.
        let is_sum = next.len() == 5 && next[0] == b'=';
        if next.starts_with(b"-----END ") || is_sum {
            break;
        }
        letters.extend_from_slice(next);
    }
    let bytes = STANDARD.decode(&letters).map(|bytes| (bytes, rest)).map_err(|_| {
        let legal = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
        let at = letters.iter().position(|byte| !legal(byte)).unwrap_or(letters.len());
        format!("illegal base64 data at input byte {at}")
    });
    Some(bytes)
}

/// Blocks of letters with their types; what stands between them does not count.
pub(super) fn blocks(bytes: &[u8]) -> impl Iterator<Item = Result<(String, Vec<u8>), String>> + '_ {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let (first, after) = line(rest);
            rest = after;
            let name = first.trim_ascii().strip_prefix(b"-----BEGIN ");
            let Some(name) = name.and_then(|name| name.strip_suffix(b"-----")) else { continue };
            let Some(block) = decode(rest) else { continue };
            let kind = String::from_utf8_lossy(name).into_owned();
            return Some(block.map(|(bytes, after)| {
                rest = after;
                (kind, bytes)
            }));
        }
    })
}

/// A text as it is hashed: without blanks at the ends of lines, which end in CR LF.
pub(super) fn canonical(text: &str) -> Vec<u8> {
    let lines: Vec<&str> = text.split('\n').map(trimmed).collect();
    lines.join("\r\n").into_bytes()
}

fn trimmed(line: &str) -> &str {
    line.trim_end_matches([' ', '\t', '\r'])
}

/// A text with its signature (by SHA-512) below it.
///
/// Takes: the text, which may end in an end of line, and the signature's packets.
pub(super) fn encode(text: &str, signature: &[u8]) -> String {
    let escaped = |line: &str| match trimmed(line) {
        line if line.starts_with('-') => format!("- {line}"),
        line => line.to_string(),
    };
    let lines: Vec<String> = text.split('\n').map(escaped).collect();
    let letters = STANDARD.encode(signature);
    let rows: Vec<String> = letters
        .as_bytes()
        .chunks(64)
        .map(|row| String::from_utf8_lossy(row).into_owned())
        .collect();
    format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{}\n-----BEGIN PGP \
         SIGNATURE-----\n\n{}\n-----END PGP SIGNATURE-----",
        lines.join("\n"),
        rows.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_both_ways() {
        let text = "a: 1  \n- b\n\n-----x\n";
        let signed = encode(text, &[1; 60]);
        assert!(signed.contains("\n\na: 1\n- - b\n\n- -----x\n\n-----BEGIN PGP SIG"), "{signed}");
        let found = SignedText::find(format!("junk\n{signed}\n").as_bytes()).expect("a text");
        assert_eq!(found.text, b"a: 1\n- b\n\n-----x\n");
        assert_eq!(found.hashed, canonical(text));
        assert_eq!(found.signature, [1; 60]);
        for damaged in [
            signed.replace("Hash: SHA512", "Hash: CRC"),
            signed.replace("Hash: SHA512", "Comment: x"),
            signed.replace("-----END", "-----"),
            signed.replace("AQEB", "A*EB"),
            "no signature".to_string(),
        ] {
            assert_eq!(SignedText::find(damaged.as_bytes()), None, "{damaged}");
        }
    }
}
