//! Two objects field by field.
//!
//! Null and absent are one, as they are to an API server. Items of a list are paired by the keys
//! that its schema names, else by a field that tells them apart, else by their contents.

use super::path::{Path, Step};
use crate::doc::{Doc, DocMap, Node};
use crate::kube::catalog::{Code, ListType, Node as Schema};

/// Fields that may tell the items of a list apart when no schema says which, the best first.
const KEYS: [&str; 13] = [
    "name",
    "mountPath",
    "devicePath",
    "containerPort",
    "port",
    "key",
    "ip",
    "topologyKey",
    "type",
    "uid",
    "host",
    "path",
    "id",
];

/// Comparing the items of larger lists (product of their lengths) with each other takes too long.
const MANY: usize = 1_000_000;

/// What happened to a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It is only on the right.
    Added(Doc),
    /// It is only on the left.
    Removed(Doc),
    /// It is another value.
    Changed(Doc, Doc),
    /// The items of a list that are on both sides stand in another order.
    Moved(Vec<String>, Vec<String>),
}

/// A field that differs.
#[derive(Clone, Debug)]
pub struct Field {
    /// The way to it.
    pub path: Path,
    /// What happened to it.
    pub change: Change,
}

/// The fields in which two values differ, in the order of the left one, new ones behind.
pub fn compare(left: &Doc, right: &Doc, schema: Option<Schema>) -> Vec<Field> {
    let mut comparer = Comparer::default();
    comparer.values(left, right, schema);
    comparer.found
}

#[derive(Default)]
struct Comparer {
    path: Path,
    found: Vec<Field>,
}

impl Comparer {
    fn values(&mut self, a: &Doc, b: &Doc, schema: Option<Schema>) {
        match (&a.node, &b.node) {
            (Node::Map(a), Node::Map(b)) => self.maps(a, b, schema),
            (Node::List(a), Node::List(b)) => self.lists(a, b, schema),
            _ if is_same(a, b, schema) => {}
            _ => self.note(Change::Changed(a.clone(), b.clone())),
        }
    }

    fn note(&mut self, change: Change) {
        self.found.push(Field { path: self.path.clone(), change });
    }

    fn note_at(&mut self, step: Step, change: Change) {
        self.path.0.push(step);
        self.note(change);
        self.path.0.pop();
    }

    fn values_at(&mut self, step: Step, a: &Doc, b: &Doc, schema: Option<Schema>) {
        self.path.0.push(step);
        self.values(a, b, schema);
        self.path.0.pop();
    }

    fn maps(&mut self, a: &DocMap, b: &DocMap, schema: Option<Schema>) {
        let there = |map: &DocMap, key: &str| map.get(key).filter(|item| !item.is_null()).cloned();
        for (key, item) in a.iter().filter(|(_, item)| !item.is_null()) {
            let step = Step::Key(key.clone());
            match there(b, key) {
                Some(other) => self.values_at(step, item, &other, member(schema, key)),
                None => self.note_at(step, Change::Removed(item.clone())),
            }
        }
        for (key, item) in b.iter().filter(|(_, item)| !item.is_null()) {
            if there(a, key).is_none() {
                self.note_at(Step::Key(key.clone()), Change::Added(item.clone()));
            }
        }
    }

    fn lists(&mut self, a: &[Doc], b: &[Doc], schema: Option<Schema>) {
        let schema = schema.filter(|schema| schema.code() == Code::Array);
        let items = schema.map(Schema::items);
        match labels(a, b, schema) {
            Some((of_a, of_b)) => self.keyed((a, &of_a), (b, &of_b), items),
            None => self.aligned(a, b, items),
        }
    }

    /// Lists whose items have labels, no two of a side the same.
    fn keyed(
        &mut self,
        (a, of_a): (&[Doc], &[String]),
        (b, of_b): (&[Doc], &[String]),
        schema: Option<Schema>,
    ) {
        for (item, label) in a.iter().zip(of_a) {
            let step = Step::Item(label.clone());
            match of_b.iter().position(|other| other == label) {
                Some(at) => self.values_at(step, item, &b[at], schema),
                None => self.note_at(step, Change::Removed(item.clone())),
            }
        }
        for (item, label) in b.iter().zip(of_b).filter(|(_, label)| !of_a.contains(label)) {
            self.note_at(Step::Item(label.clone()), Change::Added(item.clone()));
        }
        let common = |own: &[String], other: &[String]| -> Vec<String> {
            own.iter().filter(|label| other.contains(label)).cloned().collect()
        };
        let (before, after) = (common(of_a, of_b), common(of_b, of_a));
        if before != after {
            self.note(Change::Moved(before, after));
        }
    }

    /// Lists whose items only their contents tell apart.
    fn aligned(&mut self, a: &[Doc], b: &[Doc], schema: Option<Schema>) {
        let (mut i, mut j) = (0, 0);
        for (x, y) in common(a, b).into_iter().chain([(a.len(), b.len())]) {
            while i < x && j < y {
                self.values_at(Step::Index(j), &a[i], &b[j], schema);
                (i, j) = (i + 1, j + 1);
            }
            for (at, item) in a.iter().enumerate().take(x).skip(i) {
                self.note_at(Step::Index(at), Change::Removed(item.clone()));
            }
            for (at, item) in b.iter().enumerate().take(y).skip(j) {
                self.note_at(Step::Index(at), Change::Added(item.clone()));
            }
            (i, j) = (x + 1, y + 1);
        }
    }
}

/// The schema of a map's member.
fn member(schema: Option<Schema>, key: &str) -> Option<Schema> {
    let schema = schema?;
    match schema.struct_() {
        // The newest form of the property.
        Some(fields) => fields.property(key).last().map(|property| property.node),
        None => (schema.code() == Code::Map).then(|| schema.items()),
    }
}

fn is_same(a: &Doc, b: &Doc, schema: Option<Schema>) -> bool {
    // A quantity may be written as a number or as a text.
    let is_quantity = schema.is_some_and(|schema| schema.code() == Code::Quantity);
    a == b || is_quantity && scalar(a).is_some_and(|text| Some(text) == scalar(b))
}

/// The text of a value that is no collection.
pub(super) fn scalar(doc: &Doc) -> Option<String> {
    Some(match &doc.node {
        Node::Str(text) => text.to_str_lossy().into_owned(),
        Node::Int(number) | Node::Int64(number) => number.to_string(),
        Node::Float(number) => number.to_string(),
        Node::Bool(value) => value.to_string(),
        Node::Null | Node::List(_) | Node::Map(_) => return None,
    })
}

/// Labels for the items of the left and the right list.
type Labels = (Vec<String>, Vec<String>);

/// Labels for the items of two lists; none when nothing tells them apart. Of several ways the one
/// that pairs the most: a port that changed is still the one of its name.
fn labels(a: &[Doc], b: &[Doc], schema: Option<Schema>) -> Option<Labels> {
    let both = |keys: &[&str]| Some((labelled(a, keys)?, labelled(b, keys)?));
    let by_schema = schema.filter(|schema| schema.list_type() == ListType::Map);
    let by_schema = by_schema.and_then(|schema| both(&schema.names().collect::<Vec<_>>()));
    let is_unique = |labels: &[String]| {
        labels.iter().enumerate().all(|(at, label)| !labels[..at].contains(label))
    };
    let by_field = KEYS.iter().filter_map(|key| both(&[key]));
    let by_field = by_field.filter(|(of_a, of_b)| is_unique(of_a) && is_unique(of_b));
    let mut best: Option<(usize, Labels)> = None;
    for found in by_schema.into_iter().chain(by_field) {
        let pairs = found.0.iter().filter(|label| found.1.contains(label)).count();
        if best.as_ref().is_none_or(|(most, _)| pairs > *most) {
            best = Some((pairs, found));
        }
    }
    best.map(|(_, labels)| labels)
}

/// Labels from the keys that items have: `port=80,protocol=UDP`. Equal ones are numbered.
fn labelled(items: &[Doc], keys: &[&str]) -> Option<Vec<String>> {
    let mut labels: Vec<String> = Vec::new();
    for item in items {
        let keys = keys.iter().filter_map(|key| Some((key, scalar(item.get(key)?)?)));
        // The default protocol may be said or left out.
        let keys = keys.filter(|(key, value)| (**key, value.as_str()) != ("protocol", "TCP"));
        let parts: Vec<String> = keys.map(|(key, value)| format!("{key}={value}")).collect();
        if parts.is_empty() {
            return None;
        }
        let label = parts.join(",");
        let before = labels.iter().filter(|other| other.split('#').next() == Some(&label)).count();
        labels.push(if before == 0 { label } else { format!("{label}#{}", before + 1) });
    }
    Some(labels)
}

/// The longest common subsequence, as places in both lists.
fn common(a: &[Doc], b: &[Doc]) -> Vec<(usize, usize)> {
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&a[start..], &b[start..]);
    let end = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&rest_a[..rest_a.len() - end], &rest_b[..rest_b.len() - end]);
    let mut pairs: Vec<(usize, usize)> = (0..start).map(|at| (at, at)).collect();
    if rest_a.len() * rest_b.len() <= MANY {
        // lengths[i][j]: of the longest one from a[i] and b[j] on.
        let width = rest_b.len() + 1;
        let mut lengths = vec![0u32; (rest_a.len() + 1) * width];
        for i in (0..rest_a.len()).rev() {
            for j in (0..rest_b.len()).rev() {
                let (below, right) = (lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
                lengths[i * width + j] = if rest_a[i] == rest_b[j] {
                    lengths[(i + 1) * width + j + 1] + 1
                } else {
                    below.max(right)
                };
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < rest_a.len() && j < rest_b.len() {
            if rest_a[i] == rest_b[j] {
                pairs.push((start + i, start + j));
                (i, j) = (i + 1, j + 1);
            } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
                i += 1;
            } else {
                j += 1;
            }
        }
    }
    pairs.extend((0..end).map(|at| (a.len() - end + at, b.len() - end + at)));
    pairs
}
