//! Differences for programs (JSON) and for pull requests (Markdown).

use std::fmt::Write as _;

use super::fields::{Change, Field};
use super::print::{block, flow, text_lines};
use super::{Changed, Difference, Fate, is_text_change};
use crate::doc::members::Members;
use crate::doc::{Doc, Node};
use crate::json::write::doc_to_json;
use crate::source::Span;

/// One object: `same`, counts, and every object that differs with its fields.
pub fn json(difference: &Difference) -> Vec<u8> {
    let mut all = Members::default();
    all.put_flag("same", difference.is_empty());
    let [changed, added, removed] = difference.counts();
    for (name, count) in [
        ("changed", changed),
        ("added", added),
        ("removed", removed),
        ("unchanged", difference.same),
    ] {
        all.put(name, Doc::new(Node::Int(count as i64), Span::NONE));
    }
    all.put("objects", Doc::list(difference.objects.iter().map(object).collect()));
    let mut out = doc_to_json(&all.doc());
    out.push(b'\n');
    out
}

fn object(object: &Changed) -> Doc {
    let mut members = Members::default();
    let (word, rest) = match &object.fate {
        Fate::Added(doc) => ("added", ("object", doc.clone())),
        Fate::Removed(doc) => ("removed", ("object", doc.clone())),
        Fate::Changed(fields) => {
            ("changed", ("fields", Doc::list(fields.iter().map(field).collect())))
        }
    };
    members.put_text("change", word);
    members.text("apiVersion", &object.id.api_version);
    members.text("kind", &object.id.kind);
    members.text("namespace", &object.id.namespace);
    members.text("name", &object.id.name);
    members.put(rest.0, rest.1);
    members.doc()
}

fn field(field: &Field) -> Doc {
    let mut members = Members::default();
    members.put_text("path", &field.path.to_string());
    let texts = |list: &[String]| Doc::list(list.iter().map(|it| Doc::str(it.as_str())).collect());
    let (word, from, to) = match &field.change {
        Change::Added(doc) => ("added", None, Some(doc.clone())),
        Change::Removed(doc) => ("removed", Some(doc.clone()), None),
        Change::Changed(a, b) => ("changed", Some(a.clone()), Some(b.clone())),
        Change::Moved(a, b) => ("moved", Some(texts(a)), Some(texts(b))),
    };
    members.put_text("change", word);
    for (name, value) in [("from", from), ("to", to)] {
        if let Some(value) = value {
            members.put(name, value);
        }
    }
    members.doc()
}

/// A comment: the counts, and a block for each object.
pub fn markdown(difference: &Difference) -> String {
    let mut out = format!("**{}**\n", difference.summary());
    for object in &difference.objects {
        let lines = object_lines(object);
        let word = match &object.fate {
            Fate::Added(_) => "added",
            Fate::Removed(_) => "removed",
            Fate::Changed(_) => "changed",
        };
        let ticks = fence(&lines);
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "\n<details open><summary>{} {word}</summary>\n\n{ticks}diff\n{}\n{ticks}\n\n</details>\n",
            html(&object.id.to_string()),
            lines.join("\n")
        );
    }
    out
}

fn object_lines(object: &Changed) -> Vec<String> {
    let signed = |sign: char, doc: &Doc| -> Vec<String> {
        block(doc).into_iter().map(|line| format!("{sign} {line}")).collect()
    };
    match &object.fate {
        Fate::Added(doc) => signed('+', doc),
        Fate::Removed(doc) => signed('-', doc),
        Fate::Changed(fields) => fields.iter().flat_map(field_lines).collect(),
    }
}

fn field_lines(field: &Field) -> Vec<String> {
    let path = &field.path;
    if let Some((a, b)) = is_text_change(&field.change) {
        let head = format!("! {path}:");
        return std::iter::once(head).chain(text_lines(a, b)).collect();
    }
    match &field.change {
        Change::Added(doc) => vec![format!("+ {path}: {}", flow(doc))],
        Change::Removed(doc) => vec![format!("- {path}: {}", flow(doc))],
        Change::Changed(a, b) => {
            vec![format!("- {path}: {}", flow(a)), format!("+ {path}: {}", flow(b))]
        }
        Change::Moved(a, b) => vec![
            format!("- {path}: order {}", a.join(", ")),
            format!("+ {path}: order {}", b.join(", ")),
        ],
    }
}

/// Enough backticks that the lines hold no such run.
fn fence(lines: &[String]) -> String {
    let runs = lines.iter().flat_map(|line| line.split(|c| c != '`'));
    "`".repeat(runs.map(str::len).max().unwrap_or(0).max(2) + 1)
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
