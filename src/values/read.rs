//! Values files: one or more YAML documents, merged from top to bottom.

use std::sync::Arc;

use crate::diag::Result;
use crate::doc::{Doc, DocMap, Node};
use crate::source::{SourceId, Span};
use crate::yaml::read::{parse, parse_all, parse_map};

/// Reads the first document of a text, with the error texts of `sigs.k8s.io/yaml`.
pub fn single(text: &[u8], source: SourceId) -> Result<Doc> {
    parse(text, source).map_err(|error| error.context("error converting YAML to JSON"))
}

/// Reads a values file; later documents are merged over earlier ones.
pub fn documents(text: &[u8], source: SourceId) -> Result<Doc> {
    let docs = parse_all(text, source)?;
    let mut merged = Doc::map(DocMap::default());
    merged.span = Span::new(source, 0, text.len());
    for doc in docs.iter().filter(|doc| !doc.is_null()) {
        merged = merge_maps(&merged, doc);
    }
    Ok(merged)
}

/// Reads the first document of a values file, as Helm 3 does.
pub fn first_document(text: &[u8], source: SourceId) -> Result<Doc> {
    let doc = parse_map(text, source)?;
    Ok(if doc.is_null() { Doc::map(DocMap::default()) } else { doc })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_documents() {
        let text = b"a: {b: 1, c: [1]}\n---\n# nothing\n---\na: {b: 2, c: []}\nd: null\n";
        let doc = documents(text, SourceId::NONE).expect("good text");
        let at = |path: [&str; 2]| doc.get(path[0]).and_then(|doc| doc.get(path[1])).cloned();
        assert_eq!(at(["a", "b"]), Some(Doc::new(Node::Int(2), Span::NONE)));
        assert_eq!(at(["a", "c"]), Some(Doc::list(vec![])));
        assert!(doc.get("d").is_some_and(Doc::is_null));
        let block = documents(b"x: |\n  end", SourceId::NONE).expect("good text");
        assert_eq!(block.get("x").and_then(Doc::as_str), Some("end\n"));
        let error = documents(b"- 1\n", SourceId::NONE).expect_err("a list");
        assert_eq!(
            error.message(),
            "cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: \
             cannot unmarshal array into Go value of type map[string]interface {}"
        );
    }
}
