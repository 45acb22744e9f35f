//! Masks: patterns of fields that need not agree.
//!
//! `[KIND[/NAME]:] PATH`, such as `metadata.labels["helm.sh/chart"]`,
//! `Deployment: **.annotations["checksum/*"]`, `Secret/web-*: data` or
//! `spec.containers[name=web].image`. `*` is any text, `**` any number of steps, and a mask covers
//! everything below what it names.

use super::objects::Id;
use super::path::{Path, Step};
use crate::doc::{Doc, DocMap, Node};

/// Masks that have names.
const NAMED: [(&str, &[&str]); 3] = [
    ("checksums", &["**.annotations[\"checksum/*\"]"]),
    (
        "versions",
        &[
            "**.labels[\"helm.sh/chart\"]",
            "**.labels[\"app.kubernetes.io/version\"]",
            "**.labels.chart",
        ],
    ),
    ("secrets", &["Secret: data", "Secret: stringData"]),
];

/// A pattern of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// Any number of steps.
    Any,
    /// A member of a map.
    Key(String),
    /// An item of a list: `*`, its place, or fields and their values.
    Item(String),
}

/// A pattern of fields.
#[derive(Clone, Debug)]
pub struct Mask {
    kind: String,
    name: String,
    parts: Vec<Part>,
}

impl Mask {
    /// The mask of one field of one object.
    pub fn exactly(id: &Id, path: &Path) -> Self {
        let part = |step: &Step| match step {
            Step::Key(key) => Part::Key(key.to_string()),
            Step::Item(fields) => Part::Item(fields.clone()),
            Step::Index(index) => Part::Item(index.to_string()),
        };
        Mask {
            kind: id.kind.clone(),
            name: id.name.clone(),
            parts: path.0.iter().map(part).collect(),
        }
    }
}

/// Reads masks; the names `checksums`, `versions` and `secrets` stand for several.
///
/// # Errors
/// A pattern that is none, with what is wrong.
pub fn parse_all<T: AsRef<str>>(texts: &[T]) -> Result<Vec<Mask>, String> {
    let mut masks = Vec::new();
    for text in texts {
        let text = text.as_ref();
        match NAMED.iter().find(|(name, _)| *name == text) {
            Some((_, patterns)) => {
                for pattern in *patterns {
                    masks.push(parse(pattern)?);
                }
            }
            None => masks.push(parse(text)?),
        }
    }
    Ok(masks)
}

fn parse(text: &str) -> Result<Mask, String> {
    // A colon may stand in a quoted key, too.
    let head_end = text.find([':', '[', '"']).filter(|at| text[*at..].starts_with(':'));
    let (head, path) = head_end.map_or(("*", text), |at| (&text[..at], &text[at + 1..]));
    let (kind, name) = head.trim().split_once('/').unwrap_or((head.trim(), "*"));
    let parts = parts(path.trim()).map_err(|why| format!("mask {text:?}: {why}"))?;
    if parts.is_empty() || parts.iter().all(|part| *part == Part::Any) {
        return Err(format!("mask {text:?}: it names no field"));
    }
    Ok(Mask { kind: kind.to_owned(), name: name.to_owned(), parts })
}

fn parts(path: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let quoted = inner.strip_prefix('"');
            let (open, end) = quoted.map_or((inner, "]"), |quoted| (quoted, "\"]"));
            let (item, after) =
                open.split_once(end).ok_or_else(|| format!("a {end} is missing"))?;
            let part = if quoted.is_some() { Part::Key } else { Part::Item };
            parts.push(part(item.to_owned()));
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            match &rest[..end] {
                "" => return Err("a name is missing beside a dot".to_owned()),
                "**" => parts.push(Part::Any),
                key => parts.push(Part::Key(key.to_owned())),
            }
            rest = &rest[end..];
        }
        rest = match rest.strip_prefix('.') {
            Some("") => return Err("it ends with a dot".to_owned()),
            Some(after) => after,
            None => rest,
        };
    }
    Ok(parts)
}

/// Whether a text fits a pattern in which `*` is any text.
pub fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// An object without what the masks cover; maps that become empty go, too.
pub fn without(doc: &Doc, id: &Id, masks: &[Mask]) -> Doc {
    let wanted =
        masks.iter().filter(|mask| fits(&mask.kind, &id.kind) && fits(&mask.name, &id.name));
    let parts: Vec<&[Part]> = wanted.map(|mask| mask.parts.as_slice()).collect();
    if parts.is_empty() { doc.clone() } else { stripped(doc, &parts).unwrap_or_default() }
}

/// A value without what the rests of the masks cover; none when it is covered itself.
fn stripped(doc: &Doc, masks: &[&[Part]]) -> Option<Doc> {
    if masks.iter().any(|parts| parts.iter().all(|part| *part == Part::Any)) {
        return None;
    }
    match &doc.node {
        Node::Map(map) => {
            let mut kept = DocMap::default();
            for (key, item) in map.iter() {
                let rests = rests(masks, |part| matches!(part, Part::Key(it) if fits(it, key)));
                if let Some(item) = stripped(item, &rests) {
                    kept.insert(key.clone(), item);
                }
            }
            let emptied = kept.is_empty() && !map.is_empty();
            (!emptied).then(|| Doc::new(Node::Map(kept.into()), doc.span))
        }
        Node::List(items) => {
            let kept = items.iter().enumerate().filter_map(|(at, item)| {
                stripped(item, &rests(masks, |part| is_item(part, at, item)))
            });
            Some(Doc::new(Node::List(kept.collect::<Vec<_>>().into()), doc.span))
        }
        _ => Some(doc.clone()),
    }
}

/// What remains of the masks behind a step.
fn rests<'m>(masks: &[&'m [Part]], fits: impl Fn(&Part) -> bool) -> Vec<&'m [Part]> {
    let mut rests: Vec<&[Part]> = Vec::new();
    for mask in masks {
        let mut parts = *mask;
        while let [Part::Any, after @ ..] = parts {
            // The step may be one of those that `**` stands for.
            rests.push(parts);
            parts = after;
        }
        if let [first, after @ ..] = parts
            && fits(first)
        {
            rests.push(after);
        }
    }
    rests
}

/// Whether an item is the one of a pattern such as `*`, `0` or `name=web`.
fn is_item(part: &Part, at: usize, item: &Doc) -> bool {
    let pattern = match part {
        Part::Any => return true,
        Part::Key(key) => return key == "*",
        Part::Item(pattern) => pattern,
    };
    if pattern == "*" || *pattern == at.to_string() {
        return true;
    }
    pattern.split(',').all(|pair| {
        let Some((key, value)) = pair.split_once('=') else { return false };
        item.get(key).and_then(super::fields::scalar).is_some_and(|text| fits(value, &text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;
    use crate::yaml::read::parse;

    #[test]
    fn covered_fields_go() {
        let text =
            b"kind: Pod\nm: {l: {a/b: 1, c: 2}}\ns: {cs: [{name: x, i: 1}, {name: z, i: 2}]}\n";
        let doc = parse(text, SourceId::NONE).expect("good text");
        let id = Id { kind: "Pod".into(), name: "web-1".into(), ..Id::default() };
        for (mask, want) in [
            (
                "m.l[\"a/*\"]",
                "kind: Pod\nm: {l: {c: 2}}\ns: {cs: [{name: x, i: 1}, {name: z, i: 2}]}\n",
            ),
            ("Pod/web-*: m.l", "kind: Pod\ns: {cs: [{name: x, i: 1}, {name: z, i: 2}]}\n"),
            ("Deployment: m", std::str::from_utf8(text).expect("text")),
            ("**.i", "kind: Pod\nm: {l: {a/b: 1, c: 2}}\ns: {cs: [{name: x}, {name: z}]}\n"),
            (
                "s.cs[name=z].i",
                "kind: Pod\nm: {l: {a/b: 1, c: 2}}\ns: {cs: [{name: x, i: 1}, {name: z}]}\n",
            ),
            ("s.*[0]", "kind: Pod\nm: {l: {a/b: 1, c: 2}}\ns: {cs: [{name: z, i: 2}]}\n"),
        ] {
            let masks = parse_all(&[mask]).expect(mask);
            let want = parse(want.as_bytes(), SourceId::NONE).expect("good text");
            assert_eq!(without(&doc, &id, &masks), want, "{mask}");
        }
    }

    #[test]
    fn faulty_masks_are_told() {
        for (mask, why) in [
            ("", "it names no field"),
            ("**", "it names no field"),
            ("a..b", "a name is missing beside a dot"),
            ("a[\"x", "a \"] is missing"),
            ("a.", "it ends with a dot"),
        ] {
            let error = parse_all(&[mask]).expect_err(mask);
            assert_eq!(error, format!("mask {mask:?}: {why}"));
        }
    }
}
