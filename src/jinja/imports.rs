//! Imports under a name that is none: the engine takes any expression behind `as`, and stumbles
//! over it when it compiles the template.

use minijinja::{Error, ErrorKind};

use super::layout::{self, Kind};
use crate::source::line_col;

/// Refuses a template with such an import; the error names its line.
pub(super) fn check(name: &str, text: &str) -> Result<(), Error> {
    for piece in layout::split(text).iter().filter(|piece| piece.kind == Kind::Tag) {
        let tag = &text[piece.start..piece.end];
        if layout::tag_word(tag) != "import" {
            continue;
        }
        if let Some(target) = target(tag).filter(|target| !is_name(target)) {
            let line = line_col(text.as_bytes(), piece.start).line;
            let message =
                format!("{name}:{line}: an import needs a name behind `as`, not {target}");
            return Err(Error::new(ErrorKind::SyntaxError, message));
        }
    }
    Ok(())
}

/// What stands behind the first `as` of an import that is no part of a text or another name, without
/// `with context`; none where there is no `as`, which the engine complains about itself.
fn target(tag: &str) -> Option<String> {
    let inner = tag.strip_suffix("%}")?.trim_end_matches(['-', '+']);
    let bytes = inner.as_bytes();
    let is_part = |byte: u8| byte == b'_' || byte == b'.' || byte.is_ascii_alphanumeric();
    let mut quote = None;
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], quote) {
            (b'\\', Some(_)) => at += 1,
            (byte, Some(open)) if byte == open => quote = None,
            (_, Some(_)) => {}
            (byte @ (b'"' | b'\''), None) => quote = Some(byte),
            (b'a', None)
                if bytes[at..].starts_with(b"as")
                    && !is_part(bytes[at - 1])
                    && !bytes.get(at + 2).is_some_and(|byte| is_part(*byte)) =>
            {
                break;
            }
            _ => {}
        }
        at += 1;
    }
    let words: Vec<&str> = inner.get(at + 2..)?.split_whitespace().collect();
    let words = match &words[..] {
        [words @ .., "with" | "without", "context"] => words,
        words => words,
    };
    Some(words.join(" "))
}

/// Whether a text is a name, or an attribute of one.
fn is_name(text: &str) -> bool {
    !matches!(text, "true" | "True" | "false" | "False" | "none" | "None")
        && text.split('.').all(|part| {
            part.starts_with(|c: char| c == '_' || c.is_alphabetic())
                && part.chars().all(|c| c == '_' || c.is_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_and_nothing_else() {
        for (text, good) in [
            ("{% import 'a' as b %}", true),
            ("{%- import 'x as y' as b.c with context -%}", true),
            ("{% from 'a' import b as c %}{# import 'a' as 1 #}", true),
            ("{% raw %}{% import 'a' as 1 %}{% endraw %}", true),
            ("{% import 'a' %}", true),
            ("{% import 'a' as b/c %}", false),
            ("{% import 'a' as b ~ c %}", false),
            ("{% import 'a' as 1 %}", false),
            ("{% import 'a' as %}", false),
            ("{% import 'a'as 1 %}", false),
            ("{% import 'a' as(1) %}", false),
            ("{% import 'a' as 1 ~ ' as b' %}", false),
            ("{% import 'a' as true %}", false),
            ("{% import asset as b %}", true),
        ] {
            assert_eq!(super::check("t", text).is_ok(), good, "{text}");
        }
    }
}
