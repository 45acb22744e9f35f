//! What comes before parsing: which bytes are a document, and in which encoding.

use crate::diag::{Fault, FaultKind, Result};

/// First byte and one past the last.
pub(super) type Range = (usize, usize);

/// Byte ranges of the documents of a values file. A line that starts with `---` and has nothing
/// but a comment behind it ends a document, unless nothing stands before it. At anything else
/// behind the dashes reading stops: its place comes second.
pub(super) fn split_documents(text: &[u8]) -> (Vec<Range>, Option<Range>) {
    let mut parts = Vec::new();
    let mut start = 0;
    let at_start = text.starts_with(b"---").then_some(0);
    let others = memchr::memmem::find_iter(text, b"\n---").map(|before| before + 1);
    for at in at_start.into_iter().chain(others) {
        let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |line| at + line + 1);
        let rest = &text[at + 3..end];
        let trimmed = rest.trim_ascii();
        if !trimmed.is_empty() && trimmed[0] != b'#' {
            let from = end - rest.trim_ascii_start().len();
            return (parts, Some((from, from + trimmed.len())));
        }
        if at > start {
            parts.push((start, at));
            start = end;
        }
    }
    if text.len() > start {
        parts.push((start, text.len()));
    }
    (parts, None)
}

/// The documents of a stream of manifests, split as Kubernetes' reader splits. Behind a broken
/// separator nothing is read; the last item then says so.
pub(crate) fn documents(text: &[u8]) -> Vec<std::result::Result<&[u8], String>> {
    let (ranges, broken) = split_documents(text);
    let part = |(start, end): Range| &text[start..end];
    let complaint = broken.map(|range| {
        let rest = String::from_utf8_lossy(part(range));
        Err(format!("invalid Yaml document separator: {rest}"))
    });
    ranges.into_iter().map(part).map(Ok).chain(complaint).collect()
}

/// The text as UTF-8, if it starts with a mark of UTF-16.
pub(super) fn from_utf16(text: &[u8]) -> Option<Result<Vec<u8>>> {
    let decode: fn([u8; 2]) -> u16 = match text {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let fault = |text: &str| Fault::new(FaultKind::Values, format!("yaml: {text}"));
    let units = text[2..].chunks(2);
    if units.len() * 2 != text.len() - 2 {
        return Some(Err(fault("incomplete UTF-16 character")));
    }
    let units = units.map(|pair| decode([pair[0], pair[1]]));
    Some(
        char::decode_utf16(units)
            .collect::<Result<String, _>>()
            .map(String::into_bytes)
            .map_err(|_| fault("unexpected low surrogate area")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents() {
        let text = b"---\na: 1\n--- # x\nb: 2\n---\n";
        assert_eq!(split_documents(text), (vec![(0, 9), (17, 22)], None));
        assert_eq!(split_documents(b"a\n---\n--- x\n"), (vec![(0, 2)], Some((10, 11))));
    }

    #[test]
    fn utf16() {
        assert!(from_utf16(b"a: 1").is_none());
        let text = from_utf16(b"\xff\xfea\0\xe9\0").expect("marked").expect("sound");
        assert_eq!(text, "a\u{e9}".as_bytes());
        assert!(from_utf16(b"\xfe\xff\0").expect("marked").is_err());
    }
}
