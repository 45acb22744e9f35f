//! Post-renderers as Helm 3 has them: a program that gets everything that was rendered and
//! writes what shall be instead.

use std::collections::BTreeMap;

use super::suite::PostRenderer;
use crate::host::{Host, Program};

/// Begins a file in what the program gets, and finds it again in what it writes.
const MARK: &str = "---\n#### file:";

/// Sends files through a post-renderer.
///
/// Errors: a program that cannot be started, fails or writes nothing.
pub(super) fn run(
    host: &dyn Host,
    renderer: &PostRenderer,
    files: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, String> {
    let joined: String =
        files.iter().map(|(name, text)| format!("{MARK} {name}\n{}\n", text.trim())).collect();
    let command = &renderer.command;
    let program =
        Program { path: command, args: &renderer.arguments, env: &[], input: joined.as_bytes() };
    let output = host
        .pipe(&program)
        .map_err(|error| format!("unable to find binary at {command}: {error}"))?;
    if output.code != Some(0) {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!(
            "post-render failed: error while running command {command}. error output:\n{said}"
        ));
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if text.trim().is_empty() {
        return Err(format!(
            "post-render failed: post-renderer \"{command}\" produced empty output"
        ));
    }
    Ok(split(&text))
}

/// The files of the program's output; all of it is one file when the marks are gone.
fn split(text: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut starts: Vec<usize> = text.match_indices(MARK).map(|(at, _)| at).collect();
    starts.push(text.len());
    for range in starts.windows(2) {
        let block = &text[range[0] + MARK.len()..range[1]];
        let (name, content) = block.split_once('\n').unwrap_or((block, ""));
        if let Some(name) = name.strip_prefix(' ') {
            files.insert(name.to_owned(), content.to_owned());
        }
    }
    if files.is_empty() {
        files.insert("manifest.yaml".to_owned(), text.to_owned());
    }
    files
}

#[cfg(test)]
mod tests {
    #[test]
    fn files_are_found_again() {
        let files =
            super::split("---\n#### file: c/a.yaml\na: 1\n---\n#### file: c/b.yaml\nb: 2\n");
        assert_eq!(files["c/a.yaml"], "a: 1\n");
        assert_eq!(files["c/b.yaml"], "b: 2\n");
        assert_eq!(super::split("a: 1\n")["manifest.yaml"], "a: 1\n");
    }
}
