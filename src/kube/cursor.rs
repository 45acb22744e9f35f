//! A place in a document under check: value, path, and where findings go.
//!
//! Paths are kept as steps in one list and become text only for a finding.

use std::cell::{Cell, RefCell};

use super::catalog::Minors;
use super::finding::{Finding, Level, Severity};
use crate::doc::decode::push_key;
use crate::doc::{Doc, DocMap, Node};
use crate::source::Span;

#[derive(Clone, Copy)]
enum Step<'d> {
    Key(&'d str),
    Index(u32),
}

/// The check of one document: its steps so far, its findings, and what it is checked against.
pub struct Check<'d> {
    /// Number of the input.
    pub input: usize,
    /// Number of the document in its input.
    pub document: usize,
    /// Minors that it is checked for.
    pub target: Minors,
    /// How much is checked.
    pub level: Level,
    /// Rules that are switched off.
    pub skip: &'d [String],
    object: RefCell<String>,
    minors: Cell<Minors>,
    steps: RefCell<Vec<(u32, Step<'d>)>>,
    findings: RefCell<Vec<Finding>>,
}

impl<'d> Check<'d> {
    /// A check of one document.
    pub fn new(
        input: usize,
        document: usize,
        target: Minors,
        level: Level,
        skip: &'d [String],
    ) -> Self {
        Check {
            input,
            document,
            target,
            level,
            skip,
            object: RefCell::default(),
            minors: Cell::new(target),
            steps: RefCell::default(),
            findings: RefCell::default(),
        }
    }

    /// The document's root.
    pub fn root(&'d self, doc: &'d Doc) -> At<'d> {
        At { check: self, doc, step: 0 }
    }

    /// Names the object that findings belong to from here on.
    pub fn set_object(&self, object: String) {
        self.object.replace(object);
    }

    /// Limits findings to some minors from here on; gives the minors before.
    pub fn set_minors(&self, minors: Minors) -> Minors {
        self.minors.replace(minors)
    }

    /// Everything found so far, taken out.
    pub fn take(&self) -> Vec<Finding> {
        self.findings.take()
    }

    /// How many findings there are so far.
    pub fn count(&self) -> usize {
        self.findings.borrow().len()
    }

    /// Drops errors from number `start` on that stand where errors between `before` and `start`
    /// already stand: a value of a wrong type breaks rules, too, and so does a misspelt field.
    pub fn drop_repeated(&self, before: usize, start: usize) {
        let mut findings = self.findings.borrow_mut();
        let mut later = findings.split_off(start);
        later.retain(|finding| {
            let repeats = |earlier: &Finding| {
                covers(earlier, &finding.path)
                    || (finding.code == "missing-required" && is_beside(earlier, &finding.path))
            };
            finding.severity != Severity::Error || !findings[before..].iter().any(repeats)
        });
        findings.extend(later);
    }

    fn path(&self, step: u32) -> String {
        let steps = self.steps.borrow();
        let mut chain = Vec::new();
        let mut at = step;
        while at != 0 {
            let (parent, step) = steps[at as usize - 1];
            chain.push(step);
            at = parent;
        }
        let mut path = String::new();
        for step in chain.into_iter().rev() {
            match step {
                Step::Key(key) => push_key(&mut path, key),
                Step::Index(index) => {
                    path.push('[');
                    path.push_str(&index.to_string());
                    path.push(']');
                }
            }
        }
        path
    }

    fn push(&self, parent: u32, step: Step<'d>) -> u32 {
        let mut steps = self.steps.borrow_mut();
        steps.push((parent, step));
        u32::try_from(steps.len()).expect("fewer than 2^32 fields")
    }

    fn report(&self, step: u32, span: Span, mut finding: Finding) {
        if finding.rule.is_some_and(|rule| self.skip.iter().any(|skip| skip == rule))
            || self.skip.iter().any(|skip| skip == finding.code)
        {
            return;
        }
        if finding.path.is_empty() {
            finding.path = self.path(step);
        }
        finding.input = self.input;
        finding.document = self.document;
        finding.span = span;
        finding.minors = finding.minors.and(self.minors.get()).and(self.target);
        finding.object.clone_from(&self.object.borrow());
        self.findings.borrow_mut().push(finding);
    }
}

fn is_below(inner: &str, outer: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || outer.is_empty() || rest.starts_with(['.', '[']))
}

fn parent(path: &str) -> &str {
    path.rfind(['.', '[']).map_or("", |dot| &path[..dot])
}

/// Whether an error is about an unknown member of the object that `path` is a member of: most
/// likely that member was meant.
fn is_beside(error: &Finding, path: &str) -> bool {
    let inner = parent(&error.path);
    error.code == "unknown-field" && !inner.is_empty() && inner == parent(path)
}

/// Whether an error stands at `path`, above it or straight below it, or is a misspelling of it.
fn covers(error: &Finding, path: &str) -> bool {
    if error.severity != Severity::Error {
        return false;
    }
    let parent = parent(&error.path);
    let meant = error.code == "unknown-field"
        && error.suggest.as_ref().is_some_and(|name| {
            let mut whole = parent.to_owned();
            push_key(&mut whole, name);
            whole == path
        });
    let inside = error.code == "unknown-field" && parent == path && !path.is_empty();
    meant || inside || is_below(path, &error.path)
}

/// A value of the document and the way to it.
#[derive(Clone, Copy)]
pub struct At<'d> {
    /// The check that it belongs to.
    pub check: &'d Check<'d>,
    /// The value.
    pub doc: &'d Doc,
    step: u32,
}

impl<'d> At<'d> {
    /// The member `key`, unless it is absent or null.
    pub fn get(self, key: &'d str) -> Option<At<'d>> {
        self.raw(key).filter(|at| !at.doc.is_null())
    }

    /// The member `key`, null included.
    pub fn raw(self, key: &'d str) -> Option<At<'d>> {
        let doc = self.doc.as_map()?.get(key)?;
        Some(self.child(key, doc))
    }

    /// The member behind several keys.
    #[must_use]
    pub fn at(self, keys: &[&'d str]) -> Option<At<'d>> {
        keys.iter().try_fold(self, |at, key| at.get(key))
    }

    /// The text of member `key`.
    pub fn text(self, key: &'d str) -> Option<&'d str> {
        self.doc.as_map()?.get(key)?.as_str()
    }

    /// The whole number of member `key`.
    pub fn int(self, key: &'d str) -> Option<(i64, At<'d>)> {
        let at = self.get(key)?;
        Some((whole(at.doc)?, at))
    }

    /// Whether member `key` is present and not null.
    pub fn has(self, key: &str) -> bool {
        self.doc.get(key).is_some_and(|doc| !doc.is_null())
    }

    /// The member `key` even when it is absent: then it has its parent's place.
    #[must_use]
    pub fn child_of(self, key: &'d str) -> At<'d> {
        self.raw(key).unwrap_or_else(|| self.child(key, self.doc))
    }

    /// A member with the value given.
    #[must_use]
    pub fn child(self, key: &'d str, doc: &'d Doc) -> At<'d> {
        At { check: self.check, doc, step: self.check.push(self.step, Step::Key(key)) }
    }

    /// The items of the list; none for anything else.
    pub fn items(self) -> impl Iterator<Item = At<'d>> {
        let items = self.doc.as_list().unwrap_or_default();
        items.iter().enumerate().map(move |(index, doc)| self.item(index, doc))
    }

    /// An item with the value given.
    #[must_use]
    pub fn item(self, index: usize, doc: &'d Doc) -> At<'d> {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        At { check: self.check, doc, step: self.check.push(self.step, Step::Index(index)) }
    }

    /// The items of the list behind `key`.
    pub fn each(self, key: &'d str) -> impl Iterator<Item = At<'d>> {
        self.get(key).into_iter().flat_map(At::items)
    }

    /// The members of the map; none for anything else.
    pub fn members(self) -> impl Iterator<Item = (&'d str, At<'d>)> {
        let entries = self.doc.as_map().into_iter().flat_map(DocMap::iter);
        entries.map(move |(key, doc)| (&**key, self.child(key, doc)))
    }

    /// Reports a finding here.
    pub fn report(self, finding: Finding) {
        self.check.report(self.step, self.doc.span, finding);
    }

    /// Reports a finding about an absent (or null) member.
    pub fn report_missing(self, key: &'d str, finding: Finding) {
        let step = self.check.push(self.step, Step::Key(key));
        let span = self.doc.get(key).map_or(self.doc.span, |doc| doc.span);
        self.check.report(step, span, finding);
    }

    /// Reports a finding about an absent (or null) member whose name does not live as long as the
    /// document.
    pub fn report_absent(self, key: &str, mut finding: Finding) {
        let mut path = self.path();
        push_key(&mut path, key);
        finding.path = path;
        let span = self.doc.get(key).map_or(self.doc.span, |doc| doc.span);
        self.check.report(self.step, span, finding);
    }

    /// Reports that member `key` is needed.
    pub fn missing(self, key: &'d str, why: &str) {
        self.report_missing(key, missing(key, self.doc.get(key).is_some(), why));
    }

    /// The path as text.
    pub fn path(self) -> String {
        self.check.path(self.step)
    }
}

/// The finding of a needed member that is absent or null.
pub fn missing(key: &str, is_null: bool, why: &str) -> Finding {
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    let finding = Finding::new("missing-required", format!("{key} is required{why}"));
    if is_null { finding.hint("the value is null, which counts as absent") } else { finding }
}

/// A whole number; `3.0` is one, as it is for the server.
pub fn whole(doc: &Doc) -> Option<i64> {
    match doc.node {
        Node::Int(value) | Node::Int64(value) => Some(value),
        Node::Float(value) if value.fract() == 0.0 && value.abs() < 9.2e18 => Some(value as i64),
        _ => None,
    }
}

/// What a value is, in the words of a schema.
pub fn found(doc: &Doc) -> &'static str {
    match doc.node {
        Node::Int(_) | Node::Int64(_) => "integer",
        Node::Float(value) if value.fract() == 0.0 => "integer",
        _ => doc.kind(),
    }
}

/// A value as messages show it: short texts and numbers; nothing for collections.
pub fn shown(doc: &Doc) -> String {
    match &doc.node {
        Node::Str(text) => {
            let text = text.to_str_lossy();
            if text.chars().count() <= 60 {
                format!("{text:?}")
            } else {
                let start: String = text.chars().take(57).collect();
                format!("{:?}", format!("{start}..."))
            }
        }
        Node::Int(value) | Node::Int64(value) => value.to_string(),
        Node::Float(value) => value.to_string(),
        Node::Bool(value) => value.to_string(),
        Node::Null => "null".into(),
        Node::List(_) => "a list".into(),
        Node::Map(_) => "an object".into(),
    }
}
