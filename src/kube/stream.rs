//! A text of many YAML documents, cut at its markers as YAML cuts it.

/// Byte ranges of the documents: a line that starts with `---` opens one, `...` ends one. What
/// stands before the first marker counts only when it holds more than comments.
pub fn split(text: &[u8]) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    // Whether the part holds a marker or content; a part without either is no document.
    let mut counts = false;
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let end = at + line.len();
        if is_marker(line, b"---") {
            if counts {
                parts.push((start, at));
                start = at;
            }
            counts = true;
        } else if is_marker(line, b"...") {
            if counts {
                parts.push((start, at));
            }
            start = end;
            counts = false;
        } else if !counts && has_content(line) {
            counts = true;
        }
        at = end;
    }
    if counts {
        parts.push((start, at));
    }
    parts
}

fn is_marker(line: &[u8], marker: &[u8]) -> bool {
    line.strip_prefix(marker).is_some_and(|rest| {
        rest.first().is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
    })
}

fn has_content(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
    !line.is_empty() && line[0] != b'#' && line[0] != b'%'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_counted_as_yaml_counts_them() {
        for (text, want) in [
            ("", vec![]),
            ("# only\n", vec![]),
            ("a: 1\n", vec!["a: 1\n"]),
            ("# head\n---\na: 1\n", vec!["# head\n---\na: 1\n"]),
            ("a: 1\n---\nb: 2\n", vec!["a: 1\n", "---\nb: 2\n"]),
            ("---\n---\nb\n", vec!["---\n", "---\nb\n"]),
            ("a\n...\n---\nb\n", vec!["a\n", "---\nb\n"]),
            ("a: |\n  ---\n---x\n", vec!["a: |\n  ---\n---x\n"]),
        ] {
            let parts: Vec<_> =
                split(text.as_bytes()).into_iter().map(|(start, end)| &text[start..end]).collect();
            assert_eq!(parts, want, "{text:?}");
        }
    }
}
