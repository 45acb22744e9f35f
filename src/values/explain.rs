//! Where a value came from: every layer's word on a path, and the origin of every leaf.
//!
//! Nodes carry the place that supplied them through all merging, so the winner is known; this
//! module asks each layer again for its own word. Blind to output formats.

use std::fmt::Write as _;

use crate::chart::{Chart, ImportValue};
use crate::diag::{Fault, FaultKind, Result};
use crate::doc::{Doc, Node};
use crate::source::{SourceKind, Sources, Span};

use super::layers::Layer;

/// One step of a path into values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A key of a table.
    Key(String),
    /// An index of a list.
    Index(usize),
}

/// A path such as `a.b[0].c`; a backslash takes the next character as it is.
pub fn parse_path(text: &str) -> Result<Vec<Step>> {
    let bad = |reason: &str| {
        Err(Fault::new(FaultKind::Usage, format!("path \"{text}\" is malformed: {reason}")))
    };
    let mut steps = Vec::new();
    let mut key = String::new();
    let mut has_key = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(next) => {
                    key.push(next);
                    has_key = true;
                }
                None => return bad("nothing follows the last backslash"),
            },
            '.' => {
                if has_key {
                    steps.push(Step::Key(std::mem::take(&mut key)));
                } else if !matches!(steps.last(), Some(Step::Index(_))) {
                    return bad("a key is empty");
                }
                has_key = false;
            }
            '[' => {
                if has_key {
                    steps.push(Step::Key(std::mem::take(&mut key)));
                    has_key = false;
                }
                let digits: String = chars.by_ref().take_while(|c| *c != ']').collect();
                match digits.parse() {
                    Ok(index) => steps.push(Step::Index(index)),
                    Err(_) => return bad("an index is not a number"),
                }
            }
            c => {
                key.push(c);
                has_key = true;
            }
        }
    }
    if has_key {
        steps.push(Step::Key(key));
    } else if !matches!(steps.last(), Some(Step::Index(_))) {
        return bad("a key is empty");
    }
    Ok(steps)
}

/// A path as [`parse_path`] reads it.
pub fn path_text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Index(at) => {
                let _ = write!(text, "[{at}]");
            }
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                for c in key.chars() {
                    if matches!(c, '.' | '[' | '\\') {
                        text.push('\\');
                    }
                    text.push(c);
                }
            }
        }
    }
    text
}

/// The value at a path.
pub fn look_up<'a>(doc: &'a Doc, path: &[Step]) -> Option<&'a Doc> {
    path.iter().try_fold(doc, |doc, step| match step {
        Step::Key(key) => doc.get(key),
        Step::Index(at) => doc.as_list()?.get(*at),
    })
}

/// What supplied a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The values.yaml of the root chart.
    Default,
    /// The values.yaml of a chart below, for its own table.
    Subchart,
    /// The values.yaml of a chart below, taken over by `import-values`.
    Import,
    /// A values file of the user.
    File,
    /// A flag of the user.
    Flag,
    /// A default of a values schema.
    Schema,
    /// No text: the program made it.
    Program,
}

impl Origin {
    /// A word for it.
    pub fn name(self) -> &'static str {
        match self {
            Origin::Default => "chart default",
            Origin::Subchart => "subchart default",
            Origin::Import => "import",
            Origin::File => "file",
            Origin::Flag => "flag",
            Origin::Schema => "schema default",
            Origin::Program => "rhumb",
        }
    }
}

/// What supplied the value that stands at `path` of the composed values of `root`.
pub fn origin(root: &Chart, sources: &Sources, path: &[Step], span: Span) -> Origin {
    let Some(source) = sources.get(span.source) else { return Origin::Program };
    match &source.kind {
        SourceKind::ChartValues { .. } if root.defaults.span.source == span.source => {
            Origin::Default
        }
        SourceKind::ChartValues { .. } => {
            // Down the tables of subcharts, by alias where there is one.
            let mut chart = root;
            for step in path {
                let Step::Key(key) = step else { break };
                let Some(child) = chart.dependencies.iter().find(|child| child.name() == key)
                else {
                    break;
                };
                if child.defaults.span.source == span.source {
                    return Origin::Subchart;
                }
                chart = child;
            }
            Origin::Import
        }
        SourceKind::Flag { .. } => Origin::Flag,
        SourceKind::SchemaDefault => Origin::Schema,
        _ => Origin::File,
    }
}

/// A leaf of the composed values and what supplied it.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// Where it stands.
    pub path: Vec<Step>,
    /// Its value; empty tables and lists are leaves, too.
    pub value: Doc,
    /// What supplied it.
    pub origin: Origin,
    /// The place as users read it: `values.yaml:3:7` or `--set a=1`; empty for none.
    pub place: String,
}

/// Every leaf of composed values, in the order of their tables.
pub fn leaves(chart: &Chart, sources: &Sources, composed: &Doc) -> Vec<Leaf> {
    let mut found = Vec::new();
    let mut path = Vec::new();
    collect(chart, sources, composed, &mut path, &mut found);
    found
}

fn collect(
    chart: &Chart,
    sources: &Sources,
    doc: &Doc,
    path: &mut Vec<Step>,
    found: &mut Vec<Leaf>,
) {
    match &doc.node {
        Node::Map(map) if !map.is_empty() => {
            for (key, item) in map.iter() {
                path.push(Step::Key(key.to_string()));
                collect(chart, sources, item, path, found);
                path.pop();
            }
        }
        Node::List(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                path.push(Step::Index(at));
                collect(chart, sources, item, path, found);
                path.pop();
            }
        }
        _ => found.push(Leaf {
            path: path.clone(),
            value: doc.clone(),
            origin: origin(chart, sources, path, doc.span),
            place: sources.describe(doc.span),
        }),
    }
}

/// What one layer says of a path.
#[derive(Clone, Debug)]
pub struct Word {
    /// What speaks.
    pub origin: Origin,
    /// The place as users read it.
    pub place: String,
    /// What it says.
    pub value: Doc,
    /// Whether the composed value is this one. Of a table several layers may hold parts; then
    /// none wins alone.
    pub wins: bool,
}

/// Every layer's word on a path of the composed values, the weakest first.
pub fn why(
    chart: &Chart,
    sources: &Sources,
    layers: &[Layer],
    composed: &Doc,
    path: &[Step],
) -> Vec<Word> {
    let winner = look_up(composed, path);
    let mut words = Vec::new();
    speak(chart, layers, path, 0, &mut |origin, value: &Doc| {
        let is_known =
            words.iter().any(|word: &Word| word.value.span == value.span && value.span.is_some());
        if is_known {
            return;
        }
        words.push(Word {
            origin,
            place: sources.describe(value.span),
            value: value.clone(),
            wins: winner.is_some_and(|winner| {
                winner.span == value.span && winner.as_map().is_none() && winner == value
            }),
        });
    });
    words
}

/// Lets the chart at a depth speak on what is left of the path, its children before it, and at
/// the root the user after it.
fn speak(
    chart: &Chart,
    layers: &[Layer],
    path: &[Step],
    depth: usize,
    hear: &mut impl FnMut(Origin, &Doc),
) {
    let rest = &path[depth..];
    if let Some(Step::Key(key)) = rest.first()
        && let Some(child) = chart.dependencies.iter().find(|child| child.name() == key)
    {
        speak(child, &[], path, depth + 1, hear);
    }
    for dependency in chart.metadata.dependencies.iter().flatten() {
        let Some(child) = chart.dependencies.iter().find(|it| it.name() == dependency.name) else {
            continue;
        };
        for pair in &dependency.import_values {
            let ImportValue::Pair { child: from, parent } = pair else { continue };
            let below = if parent == "." { Some(rest) } else { strip(rest, parent) };
            let table: Vec<Step> = from.split('.').map(|key| Step::Key(key.to_owned())).collect();
            if let Some(value) = below.and_then(|below| {
                look_up(&child.defaults, &table).and_then(|table| look_up(table, below))
            }) {
                hear(Origin::Import, value);
            }
        }
    }
    if let Some(value) = look_up(&chart.defaults, rest) {
        hear(if depth == 0 { Origin::Default } else { Origin::Subchart }, value);
    }
    for layer in layers {
        if let Some(value) = look_up(&layer.values, path) {
            hear(layer.origin, value);
        }
    }
    // The parent's globals win over what stands in the child's own.
    if depth == 0
        && let Some(at) = path.iter().position(|step| *step == Step::Key("global".into()))
        && at > 0
    {
        speak(chart, layers, &path[at..], 0, hear);
    }
}

fn strip<'p>(path: &'p [Step], prefix: &str) -> Option<&'p [Step]> {
    let mut rest = path;
    for key in prefix.split('.') {
        match rest.split_first() {
            Some((Step::Key(first), after)) if first == key => rest = after,
            _ => return None,
        }
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_paths() {
        let key = |text: &str| Step::Key(text.to_owned());
        let cases = [
            ("a.b[0].c", Some(vec![key("a"), key("b"), Step::Index(0), key("c")])),
            ("a\\.b[1][2]", Some(vec![key("a.b"), Step::Index(1), Step::Index(2)])),
            ("a..b", None),
            ("", None),
            ("a[x]", None),
        ];
        for (text, want) in cases {
            let path = parse_path(text).ok();
            assert_eq!(path, want, "{text}");
            assert!(path.is_none_or(|path| path_text(&path) == text), "{text}");
        }
    }
}
