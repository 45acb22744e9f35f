//! What a values file says of its values: path, default and the comment above each.
//!
//! A comment belongs to the key below it when both stand at the same indentation and no line is
//! between them. A map whose keys have comments is described key by key; any other value is one
//! row. Blind to charts and templates.

use crate::diag::Result;
use crate::doc::{Doc, DocMap};
use crate::json::write::doc_to_json;
use crate::source::{SourceId, line_col};
use crate::yaml::read::parse;

/// A value, or a group of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Dotted path.
    pub path: String,
    /// The default as JSON; none for a group, whose values follow.
    pub default: Option<String>,
    /// The comment above it on one line; empty for none.
    pub text: String,
}

/// Describes every value of a values file.
///
/// # Errors
/// A text that is no YAML.
pub fn describe(text: &[u8]) -> Result<Vec<Row>> {
    // Only the spans of the values matter, not which source they name.
    let doc = parse(text, SourceId::NONE)?;
    let lossy = String::from_utf8_lossy(text);
    let file = File { text, lines: lossy.lines().collect() };
    let mut rows = Vec::new();
    if let Some(map) = doc.as_map() {
        file.map(map, "", &mut rows);
    }
    Ok(rows)
}

/// The rows as a Markdown table.
pub fn table(rows: &[Row]) -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let line = |row: &Row| {
        let default = row.default.as_ref().map(|text| format!("`{}`", cell(text)));
        format!("| `{}` | {} | {} |\n", row.path, default.unwrap_or_default(), cell(&row.text))
    };
    let head = "| Value | Default | What it is |\n| --- | --- | --- |\n";
    head.to_owned() + &rows.iter().map(line).collect::<String>()
}

struct File<'t> {
    text: &'t [u8],
    lines: Vec<&'t str>,
}

impl File<'_> {
    fn map(&self, map: &DocMap, above: &str, rows: &mut Vec<Row>) {
        for (key, item) in map {
            let path = if above.is_empty() { key.to_string() } else { format!("{above}.{key}") };
            let text = self.comment(key, item);
            match item.as_map() {
                Some(inner) if self.is_described(inner) => {
                    if !text.is_empty() {
                        rows.push(Row { path: path.clone(), default: None, text });
                    }
                    self.map(inner, &path, rows);
                }
                _ => {
                    let default = String::from_utf8_lossy(&doc_to_json(item)).into_owned();
                    rows.push(Row { path, default: Some(default), text });
                }
            }
        }
    }

    /// Whether a key somewhere below has a comment.
    fn is_described(&self, map: &DocMap) -> bool {
        map.iter().any(|(key, item)| {
            !self.comment(key, item).is_empty()
                || item.as_map().is_some_and(|inner| self.is_described(inner))
        })
    }

    /// The comment above a key.
    fn comment(&self, key: &str, item: &Doc) -> String {
        let Some(line) = self.line_of(key, item) else { return String::new() };
        let indent = indentation(self.lines[line]);
        let above = self.lines[..line].iter().rev();
        let mut found: Vec<_> = above
            .map_while(|line| line.trim_start().strip_prefix('#').map(|text| (line, text)))
            .take_while(|(line, _)| indentation(line) == indent)
            .map(|(_, text)| text.trim().trim_start_matches("-- "))
            .collect();
        found.reverse();
        found.join(" ")
    }

    /// The line of a key: the nearest at or above its value's that begins with it.
    fn line_of(&self, key: &str, item: &Doc) -> Option<usize> {
        let last = line_col(self.text, item.span.start as usize).line as usize;
        self.lines[..last.min(self.lines.len())].iter().rposition(|line| {
            let line = line.trim_start().trim_start_matches(['"', '\'']);
            line.strip_prefix(key).is_some_and(|rest| {
                rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':')
            })
        })
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_belong_to_the_key_below() {
        let text = b"# Of the file.\n\n# -- How many\n# there are.\ncount: 3\n# The image.\nimage:\n  # Its\n  # name|path.\n  name: \"a\"\n  'tag': # none\n  policy: {a: 1}\n\nplain:\n  a: [1]\n  # indented more\nlast: null\n";
        let rows: Vec<_> = describe(text)
            .unwrap()
            .into_iter()
            .map(|row| {
                format!("{} {} {}", row.path, row.default.as_deref().unwrap_or("-"), row.text)
            })
            .collect();
        assert_eq!(
            rows,
            [
                "count 3 How many there are.",
                "image - The image.",
                "image.name \"a\" Its name|path.",
                "image.tag null ",
                "image.policy {\"a\":1} ",
                "plain {\"a\":[1]} ",
                "last null ",
            ]
        );
    }

    #[test]
    fn tables_keep_their_columns() {
        let row = |default: Option<&str>| Row {
            path: "a".to_owned(),
            default: default.map(str::to_owned),
            text: "b|c".to_owned(),
        };
        assert_eq!(
            table(&[row(Some("\"x|y\"")), row(None)]),
            "| Value | Default | What it is |\n| --- | --- | --- |\n| `a` | `\"x\\|y\"` | b\\|c |\n| `a` |  | b\\|c |\n"
        );
        assert!(describe(b"a: [").is_err());
        assert_eq!(describe(b"").unwrap(), []);
    }
}
