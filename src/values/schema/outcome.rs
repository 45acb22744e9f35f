//! What evaluation hands around: failures, the place in the value, the way through the schemas
//! and what was not looked at yet.

use std::collections::BTreeSet;

use super::compile::{Id, Schema};
use super::json::Json;
use super::message::quote;
use super::url::escape;

/// A failed check.
#[derive(Debug)]
pub(super) struct Error {
    pub(super) path: String,
    pub(super) text: String,
    pub(super) shape: Shape,
    pub(super) causes: Vec<Error>,
}

/// What a failure is in the tree of causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Plain,
    /// Several failures of one schema.
    Group,
    /// The failure of a schema referred to; not shown when it has one cause.
    Reference,
}

impl Error {
    pub(super) fn into_causes(self) -> Vec<Error> {
        if self.shape == Shape::Group { self.causes } else { vec![self] }
    }

    pub(super) fn write(&self, report: &mut String, indent: usize) {
        let is_hidden = self.shape == Shape::Reference && self.causes.len() == 1;
        if !is_hidden {
            report.push('\n');
            report.push_str(&"  ".repeat(indent));
            report.push_str("- at ");
            report.push_str(&quote(&self.path));
            report.push_str(": ");
            report.push_str(&self.text);
        }
        for cause in &self.causes {
            cause.write(report, if is_hidden { indent } else { indent + 1 });
        }
    }
}

/// Where in the value a check stands.
#[derive(Clone, Copy)]
pub(super) enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl Path<'_> {
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Path::Root => {}
            Path::Key(above, key) => {
                above.write(out);
                out.push('/');
                out.push_str(&escape(key));
            }
            Path::Index(above, at) => {
                above.write(out);
                out.push('/');
                out.push_str(&at.to_string());
            }
        }
    }

    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }
}

/// The way through the schemas, for dynamic references and cycles.
pub(super) struct Scope<'a> {
    pub(super) schema: Id,
    /// The keyword of a jump, empty for a step downwards.
    pub(super) keyword: &'static str,
    /// Equal for scopes that check the same value.
    pub(super) value_id: usize,
    pub(super) parent: Option<&'a Scope<'a>>,
}

impl Scope<'_> {
    /// The scope above that checks the same value with the same schema.
    pub(super) fn cycle(&self) -> Option<&Scope<'_>> {
        let mut above = self.parent;
        while let Some(scope) = above {
            if scope.value_id != self.value_id {
                return None;
            }
            if scope.schema == self.schema {
                return Some(scope);
            }
            above = scope.parent;
        }
        None
    }

    pub(super) fn keyword_path(&self, schemas: &[Schema]) -> String {
        let mut steps = Vec::new();
        let mut scope = self;
        while let Some(parent) = scope.parent {
            if scope.keyword.is_empty() {
                let here = &schemas[scope.schema].location;
                let above = schemas[parent.schema].location.len();
                steps.push(here.get(above..).unwrap_or("").to_owned());
            } else {
                steps.push(format!("/{}", escape(scope.keyword)));
            }
            scope = parent;
        }
        steps.reverse();
        steps.concat()
    }
}

/// Members that no keyword has looked at, kept only where someone asks.
#[derive(Default)]
pub(super) struct Uneval<'v> {
    pub(super) props: BTreeSet<&'v str>,
    pub(super) items: BTreeSet<usize>,
}

impl<'v> Uneval<'v> {
    pub(super) fn from(value: &'v Json, schema: &Schema, caller_needs: bool) -> Self {
        let mut uneval = Uneval::default();
        match value {
            Json::Object(map)
                if !schema.all_props_evaluated
                    && (caller_needs || schema.unevaluated_properties.is_some()) =>
            {
                uneval.props = map.keys().map(String::as_str).collect();
            }
            Json::Array(items)
                if !schema.all_items_evaluated
                    && (caller_needs || schema.unevaluated_items.is_some()) =>
            {
                uneval.items = (schema.items_evaluated..items.len()).collect();
            }
            _ => {}
        }
        uneval
    }

    pub(super) fn is_empty(&self) -> bool {
        self.props.is_empty() && self.items.is_empty()
    }

    pub(super) fn merge(&mut self, other: &Uneval<'_>) {
        self.props.retain(|prop| other.props.contains(prop));
        self.items.retain(|item| other.items.contains(item));
    }
}
