//! The annotation that carries a document's file through a post-renderer.
//!
//! Documents are changed line by line, so that comments and layout stay; a document whose layout
//! is beyond that is written anew.

use crate::doc::{Doc, DocMap};
use crate::source::SourceId;
use crate::yaml::emit::doc_to_yaml;
use crate::yaml::read::parse;

/// The annotation, as Helm 4 names it.
pub const FILENAME: &str = "postrenderer.helm.sh/postrender-filename";

/// A document with the annotation. What is no map stays as it is.
///
/// Errors: no YAML, in the reader's words.
pub fn annotate(text: &str, file: &str) -> Result<String, String> {
    let doc = read(text)?;
    if doc.as_map().is_none() {
        return Ok(text.to_string());
    }
    let wanted = with_annotation(&doc, Some(file));
    let entry = format!("{FILENAME}: '{}'", file.replace('\'', "''"));
    match insert(text, &entry).filter(|text| holds(text, &wanted)) {
        Some(text) => Ok(text),
        None => Ok(written(&wanted)),
    }
}

/// A document without the annotation, and the file that it named.
///
/// Errors: no YAML, in the reader's words.
pub fn deannotate(text: &str) -> Result<(Option<String>, String), String> {
    let doc = read(text)?;
    let annotations = doc.get("metadata").and_then(|metadata| metadata.get("annotations"));
    let Some(file) = annotations.and_then(|it| it.get(FILENAME)).and_then(Doc::as_str) else {
        return Ok((None, text.to_string()));
    };
    let wanted = with_annotation(&doc, None);
    let text = remove(text).filter(|text| holds(text, &wanted)).unwrap_or_else(|| written(&wanted));
    Ok((Some(file.to_string()), text))
}

fn read(text: &str) -> Result<Doc, String> {
    parse(text.as_bytes(), SourceId::NONE).map_err(|fault| fault.message().to_string())
}

fn written(doc: &Doc) -> String {
    String::from_utf8_lossy(&doc_to_yaml(doc, true)).into_owned()
}

fn holds(text: &str, wanted: &Doc) -> bool {
    // Where the entry stands among others does not matter.
    let sorted = |doc: &Doc| doc_to_yaml(doc, false);
    read(text).is_ok_and(|doc| sorted(&doc) == sorted(wanted))
}

/// The document as it should be: with the annotation, or (for none) without it and without
/// the maps that it leaves empty.
fn with_annotation(doc: &Doc, file: Option<&str>) -> Doc {
    let map = |doc: Option<&Doc>| doc.and_then(Doc::as_map).cloned().unwrap_or_default();
    let mut root = map(Some(doc));
    let mut metadata = map(root.get("metadata"));
    let mut annotations = map(metadata.get("annotations"));
    match file {
        Some(file) => {
            annotations.insert(FILENAME.into(), Doc::str(file));
        }
        None => {
            annotations.shift_remove(FILENAME);
        }
    }
    put(&mut metadata, "annotations", annotations);
    put(&mut root, "metadata", metadata);
    Doc::map(root)
}

fn put(map: &mut DocMap, key: &str, value: DocMap) {
    if value.is_empty() {
        map.shift_remove(key);
    } else {
        map.insert(key.into(), Doc::map(value));
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// A line that is neither blank nor a comment.
fn counts(line: &str) -> bool {
    let text = line.trim_start();
    !text.is_empty() && !text.starts_with('#')
}

/// What stands behind a key, without a comment; none for another key.
fn behind<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let text = line.trim_start();
    let text = ["", "\"", "'"]
        .iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_prefix(key)?.strip_prefix(quote))?;
    let rest = text.strip_prefix(':')?;
    (rest.is_empty() || rest.starts_with(' '))
        .then(|| rest.split(" #").next().unwrap_or(rest).trim())
}

/// The place of a key's line at an indentation, within a range, and where its lines end.
fn block(lines: &[&str], range: (usize, usize), at: usize, key: &str) -> Option<(usize, usize)> {
    let start = (range.0..range.1)
        .find(|&line| indent(lines[line]) == at && behind(lines[line], key).is_some())?;
    let end = (start + 1..range.1)
        .find(|&line| counts(lines[line]) && indent(lines[line]) <= at)
        .unwrap_or(range.1);
    Some((start, end))
}

fn insert(text: &str, entry: &str) -> Option<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let all = (0, lines.len());
    let added;
    let Some((metadata, end)) = block(&lines, all, 0, "metadata") else {
        added = format!("metadata:\n  annotations:\n    {entry}");
        lines.push(&added);
        return Some(lines.join("\n") + "\n");
    };
    let value = behind(lines[metadata], "metadata")?;
    if !value.is_empty() {
        let inner = value.strip_prefix('{')?.strip_suffix('}')?.trim();
        added = match inner.split_once("annotations: {") {
            Some((before, after)) => {
                format!("metadata: {{{before}annotations: {{{entry}, {after}}}")
            }
            None if inner.is_empty() => format!("metadata: {{annotations: {{{entry}}}}}"),
            None => format!("metadata: {{{inner}, annotations: {{{entry}}}}}"),
        };
        lines[metadata] = &added;
        return Some(lines.join("\n") + "\n");
    }
    let child = (metadata + 1..end).find(|&line| counts(lines[line]))?;
    let depth = indent(lines[child]);
    let Some((annotations, last)) = block(&lines, (metadata + 1, end), depth, "annotations") else {
        let pad = " ".repeat(depth);
        added = format!("{pad}annotations:\n{pad}  {entry}");
        // Behind the last line that says something.
        let last = (metadata + 1..end).rfind(|&line| counts(lines[line]))?;
        lines.insert(last + 1, &added);
        return Some(lines.join("\n") + "\n");
    };
    let value = behind(lines[annotations], "annotations")?;
    let pad = " ".repeat(depth);
    if value.is_empty() {
        let child = (annotations + 1..last).find(|&line| counts(lines[line]));
        let depth = child.map_or(depth + 2, |line| indent(lines[line]));
        added = format!("{}{entry}", " ".repeat(depth));
        let after = (annotations..last).rfind(|&line| counts(lines[line]))?;
        lines.insert(after + 1, &added);
    } else if value == "{}" || value == "null" {
        added = format!("{pad}annotations:\n{pad}  {entry}");
        lines[annotations] = &added;
    } else {
        let inner = value.strip_prefix('{')?.strip_suffix('}')?.trim();
        added = format!("{pad}annotations: {{{inner}, {entry}}}");
        lines[annotations] = &added;
    }
    Some(lines.join("\n") + "\n")
}

fn remove(text: &str) -> Option<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| behind(line, FILENAME).is_some());
    let Some(at) = at else { return remove_inline(text) };
    let depth = indent(lines[at]);
    lines.remove(at);
    // A key that has nothing below it any more goes, too.
    let mut above = at;
    let mut depth = depth;
    while above > 0 {
        above -= 1;
        if !counts(lines[above]) {
            continue;
        }
        let is_parent = indent(lines[above]) < depth;
        let is_empty = is_parent
            && lines[above].trim_end().ends_with(':')
            && lines[above + 1..]
                .iter()
                .find(|line| counts(line))
                .is_none_or(|line| indent(line) <= indent(lines[above]));
        if !is_empty {
            break;
        }
        depth = indent(lines[above]);
        lines.remove(above);
    }
    Some(lines.join("\n") + "\n")
}

/// The annotation within braces, on one line.
fn remove_inline(text: &str) -> Option<String> {
    let start = text.find(FILENAME)?;
    let end = start + text[start..].find(['}', '\n'])?;
    let entry = text[start..end].split(", ").next()?;
    let alone = format!("annotations: {{{entry}}}");
    for pattern in [
        format!(", {alone}"),
        format!("{alone}, "),
        format!("{{{alone}}}"),
        format!(", {entry}"),
        format!("{entry}, "),
    ] {
        if text.contains(&pattern) {
            let with = if pattern.starts_with('{') { "{}" } else { "" };
            return Some(text.replacen(&pattern, with, 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_back_as_they_were() {
        for text in [
            "kind: A\nmetadata:\n  name: a # n\n  annotations:\n    x: \"y\"\nspec: [1,   2]\n",
            "kind: A\nmetadata:\n    name: a\n# c\nspec: {}\n",
            "kind: A\nmetadata: {name: flow}\n",
            "kind: A\nmetadata: {name: flow, annotations: {a: b}}\n",
            "kind: A\nmetadata:\n  annotations: {a: b}\n",
            "kind: NoMeta\n",
        ] {
            let annotated = annotate(text, "c/t.yaml").expect("annotated");
            assert!(annotated.contains("postrender-filename: 'c/t.yaml'"), "{annotated}");
            let (file, back) = deannotate(&annotated).expect("YAML");
            assert_eq!((file.as_deref(), back.as_str()), (Some("c/t.yaml"), text), "{annotated}");
        }
        let (file, same) = deannotate("kind: New\n").expect("YAML");
        assert_eq!((file, same.as_str()), (None, "kind: New\n"));
        assert_eq!(annotate("[1]\n", "f").as_deref(), Ok("[1]\n"));
        assert!(annotate("a: b: c\n", "f").is_err());
    }
}
