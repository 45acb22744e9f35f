//! Values files: one or more YAML documents, merged from top to bottom.

use std::sync::Arc;

use crate::diag::{Fault, FaultKind, Result};
use crate::doc::{Doc, DocMap, Node};
use crate::source::{SourceId, Span};

/// Reads the first document of a text, with the error texts of `sigs.k8s.io/yaml`.
pub fn single(text: &[u8], source: SourceId) -> Result<Doc> {
    stub_parse(text, source)
}

/// Reads a values file: its documents are split as Kubernetes' reader does, and later ones are
/// merged over earlier ones.
pub fn documents(text: &[u8], source: SourceId) -> Result<Doc> {
    let mut merged = Doc::map(DocMap::new());
    merged.span = Span::new(source, 0, text.len());
    for (start, part) in split(text) {
        let doc = single(part, source)
            .map(|doc| if start == 0 { doc } else { shift(&doc, start) })
            .map_err(|error| error.context("cannot unmarshal yaml document"))?;
        match doc.node {
            Node::Null => {}
            Node::Map(_) => merged = merge_maps(&merged, &doc),
            _ => return Err(not_a_map(&doc)),
        }
    }
    Ok(merged)
}

fn not_a_map(doc: &Doc) -> Fault {
    let kind = if let Node::Bool(_) = doc.node { "bool" } else { doc.kind() };
    Fault::new(
        FaultKind::Values,
        format!(
            "cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: \
             cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
        ),
    )
    .at(doc.span)
}

/// Lays one map over another: maps merge, everything else is replaced.
pub fn merge_maps(under: &Doc, over: &Doc) -> Doc {
    let (Some(below), Some(above)) = (under.as_map(), over.as_map()) else { return over.clone() };
    if below.is_empty() {
        return over.clone();
    }
    let mut merged = below.clone();
    for (key, item) in above {
        let item = match merged.get(key) {
            Some(known) if known.as_map().is_some() && item.as_map().is_some() => {
                merge_maps(known, item)
            }
            _ => item.clone(),
        };
        merged.insert(key.clone(), item);
    }
    Doc::new(Node::Map(Arc::new(merged)), under.span)
}

/// Cuts a text at lines that hold nothing but `---` and perhaps a comment. A separator with
/// nothing before it stays in the text, as the reader that Helm uses leaves it there.
fn split(text: &[u8]) -> Vec<(usize, &[u8])> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive(|&b| b == b'\n') {
        let is_separator = line.strip_prefix(b"---").is_some_and(|rest| {
            let rest = rest.trim_ascii_start();
            rest.is_empty() || rest[0] == b'#'
        });
        let end = at + line.len();
        if is_separator && at > start {
            parts.push((start, &text[start..at]));
            start = end;
        }
        at = end;
    }
    if at > start {
        parts.push((start, &text[start..]));
    }
    parts
}

/// Moves the places in a document that was cut out of a longer text.
fn shift(doc: &Doc, by: usize) -> Doc {
    let by32 = u32::try_from(by).unwrap_or(u32::MAX);
    let span = if doc.span.is_some() {
        Span {
            source: doc.span.source,
            start: doc.span.start.saturating_add(by32),
            end: doc.span.end.saturating_add(by32),
        }
    } else {
        doc.span
    };
    let node = match &doc.node {
        Node::List(items) => {
            Node::List(Arc::new(items.iter().map(|item| shift(item, by)).collect()))
        }
        Node::Map(map) => Node::Map(Arc::new(
            map.iter().map(|(key, item)| (key.clone(), shift(item, by))).collect(),
        )),
        scalar => scalar.clone(),
    };
    Doc::new(node, span)
}

fn stub_parse(text: &[u8], source: SourceId) -> Result<Doc> {
    fn convert(value: &serde_yaml::Value) -> Doc {
        use serde_yaml::Value as V;
        match value {
            V::Null => Doc::null(),
            V::Bool(b) => Doc::new(Node::Bool(*b), Span::NONE),
            V::Number(n) => Doc::new(
                n.as_i64().map_or_else(|| Node::Float(n.as_f64().unwrap_or(0.0)), Node::Int),
                Span::NONE,
            ),
            V::String(s) => Doc::str(s.as_str()),
            V::Sequence(s) => Doc::list(s.iter().map(convert).collect()),
            V::Mapping(m) => Doc::map(
                m.iter()
                    .map(|(k, v)| {
                        let key = match k {
                            V::String(s) => s.clone(),
                            V::Bool(b) => b.to_string(),
                            V::Number(n) => n.to_string(),
                            _ => String::new(),
                        };
                        (Arc::from(key), convert(v))
                    })
                    .collect(),
            ),
            V::Tagged(t) => convert(&t.value),
        }
    }
    let _ = source;
    serde_yaml::from_slice(text).map(|value| convert(&value)).map_err(|error| {
        Fault::new(FaultKind::Values, format!("error converting YAML to JSON: yaml: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_as_kubernetes() {
        let parts = |text: &str| {
            split(text.as_bytes())
                .into_iter()
                .map(|(_, part)| String::from_utf8_lossy(part).into_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(parts("a: 1\n---\nb: 2"), ["a: 1\n", "b: 2"]);
        assert_eq!(parts("---\na: 1\n--- # x\nb: 2\n"), ["---\na: 1\n", "b: 2\n"]);
        assert_eq!(parts("---\n---\na: 1\n"), ["---\n", "a: 1\n"]);
        assert_eq!(parts("a: |\n  ---\n---x\n"), ["a: |\n  ---\n---x\n"]);
        assert!(parts("").is_empty());
    }
}
