//! Documents as Helm prints them.

use std::io::{Result, Write};

use super::split;

/// A document to print: its path, as `# Source:` shows it, and its text.
pub type Document<'a> = (&'a str, &'a [u8]);

/// Writes one document: separator, source line, text, newline.
///
/// Errors: as the writer has them.
pub fn write_document(out: &mut dyn Write, (path, text): Document<'_>) -> Result<()> {
    write_source(out, path)?;
    out.write_all(text)?;
    out.write_all(b"\n")
}

fn write_source(out: &mut dyn Write, path: &str) -> Result<()> {
    out.write_all(b"---\n# Source: ")?;
    out.write_all(path.as_bytes())?;
    out.write_all(b"\n")
}

/// Writes a whole render: Helm trims what comes before the hooks as one text.
///
/// Errors: as the writer has them.
pub fn write_render(
    out: &mut dyn Write,
    body: &[Document<'_>],
    hooks: &[Document<'_>],
) -> Result<()> {
    match body.split_last() {
        None => out.write_all(b"\n")?,
        Some(((path, text), before)) => {
            write_documents(out, before)?;
            match split::trim_end(text) {
                // Then the trimming goes on into the line above.
                b"" => write_source(out, path)?,
                text => write_document(out, (path, text))?,
            }
        }
    }
    write_documents(out, hooks)
}

fn write_documents(out: &mut dyn Write, documents: &[Document<'_>]) -> Result<()> {
    documents.iter().try_for_each(|document| write_document(out, *document))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_the_body_is_trimmed() {
        let print = |body: &[Document<'_>], hooks: &[Document<'_>]| {
            let mut out = Vec::new();
            write_render(&mut out, body, hooks).expect("memory takes all");
            String::from_utf8(out).expect("text")
        };
        let head = |path: &str| format!("---\n# Source: {path}\n");
        let (a, b) = (("a", &b"x: 1\n \n"[..]), ("b", &b"y\n\n"[..]));
        assert_eq!(print(&[], &[]), "\n");
        assert_eq!(print(&[], &[b]), format!("\n{}y\n\n\n", head("b")));
        let both = format!("{}x: 1\n \n\n{}y\n", head("a"), head("b"));
        assert_eq!(print(&[a, b], &[]), both);
        assert_eq!(print(&[("c", b" \n")], &[a]), format!("{}{}x: 1\n \n\n", head("c"), head("a")));
    }
}
