//! `base64.StdEncoding`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Base64 with padding, as `base64.StdEncoding` writes it.
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Go's sentence for bad Base64.
pub fn corrupt(offset: usize) -> String {
    format!("illegal base64 data at input byte {offset}")
}

/// Decodes as `base64.StdEncoding` does: line breaks are skipped and bits after the last byte
/// ignored. The error is the offset that Go names.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, usize> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut group = 0u32;
    let mut filled = 0;
    let mut at = 0;
    let skip_breaks = |mut at: usize| {
        while matches!(text.get(at), Some(b'\n' | b'\r')) {
            at += 1;
        }
        at
    };
    while let Some(&byte) = text.get(at) {
        at += 1;
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'\n' | b'\r' => continue,
            b'=' if filled >= 2 => {
                if filled == 2 {
                    at = skip_breaks(at);
                    match text.get(at) {
                        None => return Err(text.len()),
                        Some(b'=') => at += 1,
                        Some(_) => return Err(at - 1),
                    }
                }
                at = skip_breaks(at);
                if at < text.len() {
                    return Err(at);
                }
                let [_, first, second, _] = (group << (6 * (4 - filled))).to_be_bytes();
                bytes.push(first);
                if filled == 3 {
                    bytes.push(second);
                }
                return Ok(bytes);
            }
            _ => return Err(at - 1),
        };
        group = group << 6 | u32::from(digit);
        filled += 1;
        if filled == 4 {
            let [_, first, second, third] = group.to_be_bytes();
            bytes.extend([first, second, third]);
            group = 0;
            filled = 0;
        }
    }
    // Padding is missing; Go counts back from the end by the digits of the open group.
    if filled == 0 { Ok(bytes) } else { Err(at - filled) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_go_reads_it() {
        let cases: &[(&str, Result<&str, usize>)] = &[
            ("", Ok("")),
            ("QQ==", Ok("A")),
            ("QUI=", Ok("AB")),
            ("QUJD", Ok("ABC")),
            ("QR==", Ok("A")),
            ("Q\nQ=\r\n=\n", Ok("A")),
            ("QQ", Err(0)),
            ("QUJDQQ", Err(4)),
            ("QQ=", Err(3)),
            ("QQ=x", Err(2)),
            ("QQ==x", Err(4)),
            ("Q===", Err(1)),
            ("QU!D", Err(2)),
            ("not base64", Err(3)),
        ];
        for (text, expected) in cases {
            let decoded = decode(text.as_bytes());
            assert_eq!(decoded, expected.map(|text| text.as_bytes().to_vec()), "{text:?}");
        }
    }
}
