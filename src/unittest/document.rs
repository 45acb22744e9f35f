//! Rendered documents as assertions see them.

use super::jsonpath::Path;
use crate::golang::regexp::Regexp;
use crate::yaml::any::Any;
use crate::yaml::any_read::{read_all, read_first};

/// One document.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// As it was read.
    whole: Any,
    /// As paths see it: helm-unittest writes a document and reads it again before it follows
    /// one. None when that changes nothing.
    reread: Option<Any>,
}

impl Document {
    /// Of a value.
    pub(super) fn new(whole: Any) -> Self {
        let reread = whole.reread();
        Document { whole, reread }
    }

    /// The document of a text that is no YAML: release notes, or the message of an error.
    pub(super) fn raw(text: &str) -> Self {
        Document::new(Any::map([("raw", Any::from(text))]))
    }

    /// The documents of a rendered YAML file that are not empty.
    ///
    /// Errors: no YAML, or a document that is no map.
    pub(super) fn read_all(text: &str) -> Result<Vec<Self>, String> {
        let text = separated(text);
        let mut documents = Vec::new();
        for any in read_all(&text)? {
            match &any {
                Any::Null => {}
                Any::Map(map) if map.entries().is_empty() => {}
                Any::Map(_) => documents.push(Document::new(any)),
                other => {
                    let shown = match other.scalar_text() {
                        Some(text) => format!("!!{} `{}`", tag(other), shortened(&text)),
                        None => "!!seq".into(),
                    };
                    return Err(format!(
                        "yaml: unmarshal errors:\n  line 1: cannot unmarshal {shown} into \
                         map[string]interface {{}}"
                    ));
                }
            }
        }
        Ok(documents)
    }

    /// What a path finds; the empty path is the document itself.
    ///
    /// Errors: a faulty path.
    pub(super) fn values(&self, path: &str) -> Result<Vec<&Any>, String> {
        if path.is_empty() {
            return Ok(vec![&self.whole]);
        }
        Ok(Path::parse(path)?.find(self.reread.as_ref().unwrap_or(&self.whole)))
    }

    /// A member of the document.
    pub(super) fn get(&self, key: &str) -> &Any {
        self.whole.get(key).unwrap_or(&Any::Null)
    }

    /// The text of a document that is no YAML.
    pub(super) fn raw_text(&self) -> String {
        match self.get("raw") {
            Any::Null => "<nil>".into(),
            other => other.scalar_text().unwrap_or_default().into_owned(),
        }
    }
}

fn tag(any: &Any) -> &'static str {
    match any {
        Any::Bool(_) => "bool",
        Any::Int(_) | Any::Uint(_) => "int",
        Any::Float(_) => "float",
        Any::Time(_) => "timestamp",
        _ => "str",
    }
}

fn shortened(text: &str) -> String {
    if text.len() > 10 {
        return text.chars().take(7).chain("...".chars()).collect();
    }
    text.to_owned()
}

/// Ranges of the separators of a text: `---` at the start of a line, with all white space around.
fn separators(text: &str) -> Vec<std::ops::Range<usize>> {
    let is_space = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ');
    let bytes = text.as_bytes();
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(&bytes[from..], b"---").map(|at| at + from) {
        let before = found.last().map_or(0, |range| range.end);
        // The line must begin behind the separator before.
        if at == 0 || (at > before && bytes[at - 1] == b'\n') {
            let start = (before..at).rev().take_while(|&at| is_space(bytes[at])).last();
            let end = (at + 3..bytes.len()).find(|&at| !is_space(bytes[at]));
            found.push(start.unwrap_or(at)..end.unwrap_or(bytes.len()));
            from = end.unwrap_or(bytes.len());
        } else {
            from = at + 1;
        }
    }
    found
}

/// The parts of a text between its separators.
pub(super) fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for range in separators(text) {
        parts.push(&text[start..range.start]);
        start = range.end;
    }
    parts.push(&text[start..]);
    parts
}

/// A text whose separators stand on lines of their own.
fn separated(text: &str) -> String {
    parts(text).join("\n---\n")
}

/// A text without blanks before line ends and without line ends at its start, as assertions
/// compare it.
pub(super) fn uniform(text: &str) -> String {
    let trimmed = Regexp::compile(br"(?m)[ ]+\r?\n")
        .map_or_else(|_| text.into(), |it| it.replace_all_literal(text.as_bytes(), b"\n"));
    String::from_utf8_lossy(&trimmed).trim_start_matches('\n').to_owned()
}

/// A values file: its first document, which must be a map.
pub(super) fn read_values(text: &str) -> Result<Any, String> {
    match read_first(text)? {
        None | Some(Any::Null) => Ok(Any::map([])),
        Some(map @ Any::Map(_)) => Ok(map),
        Some(_) => {
            Err("yaml: unmarshal errors:\n  line 1: cannot unmarshal into map[string]interface {}"
                .into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_like_the_expression() {
        // (?:^|\s*\n)---\s*
        assert_eq!(parts("---\na: 1\n\n---\n\nb: 2\n"), ["", "a: 1", "b: 2\n"]);
        assert_eq!(parts("a\n---\n---\nb"), ["a", "---\nb"]);
        assert_eq!(parts("a: |\n  ---\n"), ["a: |\n  ---\n"]);
        assert_eq!(parts("a ---\n---b"), ["a ---", "b"]);
        assert_eq!(Document::read_all("# c\n---\n---\na: 1\n---# x\n{}\n").unwrap().len(), 1);
    }

    #[test]
    fn uniform_text() {
        assert_eq!(uniform("\n\na  \nb \r\nc "), "a\nb\nc ");
    }
}
