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

/// What stands behind the `as` of an import, without `with context`; none where there is no `as`,
/// which the engine complains about itself.
fn target(tag: &str) -> Option<String> {
    let inner = tag.strip_suffix("%}")?.trim_end_matches(['-', '+']);
    let words: Vec<&str> = inner.split_whitespace().collect();
    let at = words.iter().rposition(|word| *word == "as")?;
    let words = match &words[at + 1..] {
        [words @ .., "with" | "without", "context"] => words,
        words => words,
    };
    Some(words.join(" "))
}

/// Whether a text is a name, or an attribute of one.
fn is_name(text: &str) -> bool {
    text.split('.').all(|part| {
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
        ] {
            assert_eq!(super::check("t", text).is_ok(), good, "{text}");
        }
    }
}
