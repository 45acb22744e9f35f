//! TOML as BurntSushi/toml reads and writes it for `fromToml` and `toToml`.
//!
//! Reading goes text, lexical pieces ([`lex`]), tables ([`read`]); numbers and dates are in
//! [`scalar`]. Both directions keep that library's sentences, which end up in output. Blind to
//! template engines and charts.

mod lex;
pub mod read;
mod scalar;
pub mod write;

pub use read::parse;
pub use write::to_toml;

/// A text with TOML's escapes, without quotes.
fn escape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0..0x20 | 0x7f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out
}

/// A part of a key, quoted where it must be.
fn key_part(part: &[u8]) -> Vec<u8> {
    let bare = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !part.is_empty() && part.iter().all(bare) {
        return part.to_vec();
    }
    [&b"\""[..], &escape(part), b"\""].concat()
}

/// A dotted key.
fn dotted<K: AsRef<[u8]>>(parts: &[K]) -> Vec<u8> {
    parts.iter().map(|part| key_part(part.as_ref())).collect::<Vec<_>>().join(&b'.')
}
