//! PEM blocks, as `encoding/pem` reads and writes them.

use std::fmt::Write as _;

use super::base64;

/// A PEM block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What stands in its `BEGIN` line.
    pub label: String,
    /// Its contents.
    pub bytes: Vec<u8>,
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"\n-----END ";
const DASHES: &[u8] = b"-----";

/// `pem.Decode`: the first block of a text that is well formed; text around it is skipped.
pub fn decode(text: &[u8]) -> Option<Block> {
    let mut rest = text;
    loop {
        let end = find(rest, END)?;
        let begin = rest[..end].windows(BEGIN.len()).rposition(|window| window == BEGIN);
        // The end line's own line break may be all there is between the two.
        let block = begin
            .filter(|&begin| begin == 0 || rest[begin - 1] == b'\n')
            .and_then(|begin| decode_at(&rest[begin + BEGIN.len()..], end - begin - BEGIN.len()));
        if block.is_some() {
            return block;
        }
        rest = &rest[end + END.len()..];
    }
}

/// Decodes a block from behind its `BEGIN`; `end` is where its end line's break stands.
fn decode_at(text: &[u8], end: usize) -> Option<Block> {
    let (body, trailer) = (text.get(..end)?, &text[end + END.len()..]);
    let mut lines = body.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
    let label = lines.next()?.strip_suffix(DASHES)?;
    let after = trailer.strip_prefix(label)?.strip_prefix(DASHES)?;
    let last_line = after.split(|&byte| byte == b'\n').next().unwrap_or_default();
    if !last_line.trim_ascii().is_empty() {
        return None;
    }
    // Headers come first; they have colons, Base64 does not.
    let encoded: Vec<u8> = lines
        .skip_while(|line| line.contains(&b':'))
        .flat_map(|line| line.iter().copied().filter(|byte| !b" \t".contains(byte)))
        .collect();
    let bytes = base64::decode(&encoded).ok()?;
    Some(Block { label: String::from_utf8_lossy(label).into_owned(), bytes })
}

/// `pem.Encode` of a block without headers.
pub fn encode(label: &str, bytes: &[u8]) -> String {
    let encoded = base64::encode(bytes);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        writeln!(text, "{line}").expect("writing to a String");
        rest = after;
    }
    writeln!(text, "-----END {label}-----").expect("writing to a String");
    text
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_survive_the_round_trip() {
        for length in [0, 1, 47, 48, 49, 200] {
            let bytes: Vec<u8> = (0..length).collect();
            let text = encode("RSA PRIVATE KEY", &bytes);
            let label = "RSA PRIVATE KEY".to_owned();
            assert_eq!(decode(text.as_bytes()), Some(Block { label, bytes }));
        }
    }

    #[test]
    fn surroundings_are_skipped() {
        let text =
            "x\n-----BEGIN A-----\n-----BEGIN B-----\nk: v\n\nQ Q\r\n==\n-----END B-----  \ny";
        let block = decode(text.as_bytes()).unwrap();
        assert_eq!((block.label.as_str(), block.bytes.as_slice()), ("B", &b"A"[..]));
        for bad in ["", "-----BEGIN A-----\nQQ==", "-----BEGIN A-----\nQ\n-----END A-----\n"] {
            assert_eq!(decode(bad.as_bytes()), None, "{bad}");
        }
    }
}
