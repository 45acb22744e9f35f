//! Helm's document splitter: at every line that begins with `---`.

/// Whether Go's `unicode.IsSpace` holds for a character.
pub fn is_go_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | ' ' | '\u{85}' | '\u{a0}') || (c > '\u{ff}' && c.is_whitespace())
}

/// The text without leading white space (Unicode's, as Go sees it).
pub fn trim_start(mut text: &[u8]) -> &[u8] {
    loop {
        match text.first() {
            Some(b'\t'..=b'\r' | b' ') => text = &text[1..],
            Some(&byte) if byte >= 0x80 => {
                let head = &text[..text.len().min(4)];
                let first =
                    head.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
                match first {
                    Some(c) if is_go_space(c) => text = &text[c.len_utf8()..],
                    _ => return text,
                }
            }
            _ => return text,
        }
    }
}

/// The text without white space at both ends.
pub fn trim(text: &[u8]) -> &[u8] {
    trim_end(trim_start(text))
}

/// The text without trailing white space.
pub fn trim_end(mut text: &[u8]) -> &[u8] {
    loop {
        match text.last() {
            Some(b'\t'..=b'\r' | b' ') => text = &text[..text.len() - 1],
            Some(&byte) if byte >= 0x80 => {
                let start = (1..=text.len().min(4))
                    .map(|back| text.len() - back)
                    .find(|&at| text[at] & 0xC0 != 0x80);
                let last = start.and_then(|at| std::str::from_utf8(&text[at..]).ok());
                match last.and_then(|tail| tail.chars().next()) {
                    Some(c) if is_go_space(c) => text = &text[..text.len() - c.len_utf8()],
                    _ => return text,
                }
            }
            _ => return text,
        }
    }
}

/// Splits a rendered file as Helm 3 does: the separator is `---` at the start of the text or of a
/// line, with all white space around it; documents are trimmed at both ends, empty ones vanish.
pub fn split_trimmed(text: &[u8]) -> Vec<&[u8]> {
    let text = trim(text);
    let mut documents = Vec::new();
    let mut start = 0;
    let mut keep = |document| {
        let document = trim(document);
        if !document.is_empty() {
            documents.push(document);
        }
    };
    let is_space = |byte: u8| matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | b' ');
    let mut at = 0;
    while at < text.len() {
        let starts_line = at == 0 || text[at - 1] == b'\n';
        if starts_line && text[at..].starts_with(b"---") {
            keep(&text[start..at]);
            at += 3;
            while text.get(at).is_some_and(|&byte| is_space(byte)) {
                at += 1;
            }
            start = at;
        }
        // What follows the dashes on their line begins a document, not another separator.
        match memchr::memchr(b'\n', &text[at..]) {
            Some(end) => at += end + 1,
            None => break,
        }
    }
    keep(&text[start..]);
    documents
}

/// Splits a rendered file into its documents: the separator is `---` at the start of a line
/// with the blanks and tabs that follow; documents of white space alone vanish, the others are
/// left-trimmed and keep what trails.
pub fn split(text: &[u8]) -> Vec<&[u8]> {
    let text = trim_start(text);
    let mut documents = Vec::new();
    let mut keep = |document| {
        let document = trim_start(document);
        if !document.is_empty() {
            documents.push(document);
        }
    };
    let (mut start, mut at) = (0, 0);
    loop {
        if text[at..].starts_with(b"---") {
            keep(&text[start..at]);
            start = at + 3;
            while matches!(text.get(start), Some(b' ' | b'\t')) {
                start += 1;
            }
            at = start;
        }
        match memchr::memchr(b'\n', &text[at..]) {
            Some(newline) => at += newline + 1,
            None => break,
        }
    }
    keep(&text[start..]);
    documents
}

#[cfg(test)]
mod tests {
    fn split(text: &str) -> Vec<&str> {
        super::split(text.as_bytes())
            .into_iter()
            .map(|document| std::str::from_utf8(document).expect("text"))
            .collect()
    }

    #[test]
    fn separators_and_white_space() {
        assert_eq!(split("a: 1\n\n---\n\n b: 2\n\n"), ["a: 1\n\n", "b: 2\n\n"]);
        assert_eq!(
            split("---kind: X\n--- # c\nk: 1\n---- \n"),
            ["kind: X\n", "# c\nk: 1\n", "- \n"]
        );
        assert_eq!(split(" \u{a0}\n---\n---\n"), Vec::<&str>::new());
        assert_eq!(split("a: |\n  ---\n"), ["a: |\n  ---\n"]);
    }

    #[test]
    fn trims_unicode_space() {
        assert_eq!(super::trim("\u{3000} x\u{85}\n".as_bytes()), b"x");
        assert_eq!(super::trim(b"\xff \n"), b"\xff");
    }
}
