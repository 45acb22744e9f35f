//! The part of kubectl's JSONPath that names values: `{.image.tag}`, `{.hosts[0]}`,
//! `{.ports[*].name}`, `{.labels['a.b']}`, with plain text around the braces.

use crate::doc::members::sorted;
use crate::doc::{Doc, Node};
use crate::json::write::doc_to_json;

/// What a template finds in a document, as kubectl prints it: texts bare, maps and lists as
/// JSON, several results with blanks between them, nothing for what is not there.
///
/// Errors: a template that is not closed, or asks for more than names, places and `*`.
pub(super) fn find(template: &str, doc: &Doc) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let broken = || format!("error parsing jsonpath {template}: unclosed action");
        let (path, after) = after.split_once('}').ok_or_else(broken)?;
        let mut found = vec![doc];
        for step in
            steps(path).map_err(|why| format!("error parsing jsonpath {template}: {why}"))?
        {
            found = found.into_iter().flat_map(|doc| step.take(doc)).collect();
        }
        let texts: Vec<String> = found.into_iter().map(printed).collect();
        out.push_str(&texts.join(" "));
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

enum Step {
    Key(String),
    Index(i64),
    All,
}

impl Step {
    fn take<'a>(&self, doc: &'a Doc) -> Vec<&'a Doc> {
        match (self, &doc.node) {
            (Step::Key(key), _) => doc.get(key).into_iter().collect(),
            (Step::Index(at), Node::List(items)) => {
                let at = if *at < 0 { *at + items.len() as i64 } else { *at };
                usize::try_from(at).ok().and_then(|at| items.get(at)).into_iter().collect()
            }
            (Step::All, Node::List(items)) => items.iter().collect(),
            (Step::All, Node::Map(map)) => map.iter().map(|(_, item)| item).collect(),
            _ => Vec::new(),
        }
    }
}

fn steps(path: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut rest = path.trim();
    rest = rest.strip_prefix(['$', '@']).unwrap_or(rest);
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let (text, after) = inside.split_once(']').ok_or("unterminated array")?;
            let quoted = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
            steps.push(match (quoted, text) {
                (Some(key), _) => Step::Key(key.to_string()),
                (None, "*") => Step::All,
                (None, text) => {
                    Step::Index(text.parse().map_err(|_| format!("unsupported array [{text}]"))?)
                }
            });
            rest = after;
            continue;
        }
        let Some(named) = rest.strip_prefix('.') else {
            return Err(format!("unsupported expression {rest}"));
        };
        if named.starts_with('.') {
            return Err("recursive descent is not supported".into());
        }
        let end = named.find(['.', '[']).unwrap_or(named.len());
        match &named[..end] {
            "" => {}
            "*" => steps.push(Step::All),
            key => steps.push(Step::Key(key.to_string())),
        }
        rest = &named[end..];
    }
    Ok(steps)
}

fn printed(doc: &Doc) -> String {
    match doc.as_str() {
        Some(text) => text.to_string(),
        None => String::from_utf8_lossy(&doc_to_json(&sorted(doc))).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_places_and_all() {
        let text = b"a: {b: [x, {c: 1}], 'd.e': true}\n";
        let doc = crate::yaml::read::parse(text, crate::source::SourceId::NONE).expect("YAML");
        let found = |template| find(template, &doc).expect("a path");
        assert_eq!(found("{.a.b[0]}"), "x");
        assert_eq!(found("is {$.a['d.e']}!"), "is true!");
        assert_eq!(found("{.a.b[*]}"), "x {\"c\":1}");
        assert_eq!(found("{.nope.x}"), "");
        assert!(find("{.a", &doc).is_err());
        assert!(find("{range .a}", &doc).is_err());
    }
}
