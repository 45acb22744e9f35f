//! What a failed assertion says, laid out as helm-unittest does it.

use crate::diff::lines::unified;

/// A section of the text about a failure.
pub(super) enum Section<'a> {
    /// `Path:` with the path on the same line.
    Path(&'a str),
    /// A heading, and a text in the lines below it.
    Below(String, &'a str),
}

/// The lines about a failure; the numbers of document and value are shown where there is one.
pub(super) fn lines(
    document: Option<usize>,
    value: Option<usize>,
    sections: &[Section<'_>],
) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(index) = document {
        lines.push(format!("DocumentIndex:\t{index}"));
    }
    if let Some(index) = value {
        lines.push(format!("ValuesIndex:\t{index}"));
    }
    for section in sections {
        match section {
            Section::Path(path) => push(&mut lines, format!("Path:{}", indented(path))),
            Section::Below(heading, text) => {
                lines.push(heading.clone());
                push(&mut lines, indented(text));
            }
        }
    }
    lines
}

fn push(lines: &mut Vec<String>, text: String) {
    lines.extend(text.split('\n').map(str::to_owned));
}

/// A text one tab to the right.
fn indented(text: &str) -> String {
    let shifted = text.replace('\n', "\n\t");
    format!("\t{}", shifted.trim_matches(['\n', '\t', ' ']))
}

/// `Error:` with a text.
pub(super) fn error(document: Option<usize>, value: Option<usize>, text: &str) -> Vec<String> {
    lines(document, value, &[Section::Below("Error:".into(), text)])
}

/// `Expected to equal:` with `NOT` where it belongs.
pub(super) fn expected<'a>(negative: bool, what: &str, text: &'a str) -> Section<'a> {
    let not = if negative { " NOT" } else { "" };
    Section::Below(format!("Expected{not}{what}:"), text)
}

/// `Actual:`.
pub(super) fn actual(text: &str) -> Section<'_> {
    Section::Below("Actual:".into(), text)
}

/// `Diff:`, of a text made by [`diff`].
pub(super) fn difference(text: &str) -> Section<'_> {
    Section::Below("Diff:".into(), text)
}

/// The difference of what was expected and what came, with a line around each change.
pub(super) fn diff(expected: &str, actual: &str) -> String {
    unified(expected, actual, "Expected", "Actual", 1)
}
