//! Tests in brackets: `[?(@.name == 'http' && !(@.tls))]`.

use std::borrow::Cow;

use super::Path;
use crate::golang::regexp::Regexp;
use crate::yaml::any::Any;

/// A test of a node.
#[derive(Debug)]
pub(super) enum Filter {
    /// Whether a path or literal is there and, for a literal, true.
    Term(Term),
    /// A comparison of two sides.
    Compare(Comparison, Term, Term),
    /// Whether texts match an expression.
    Matches(Term, String),
    Not(Box<Filter>),
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
}

/// A side of a comparison.
#[derive(Debug)]
pub(super) enum Term {
    /// `@…`.
    Here(Path),
    /// `$…`.
    Root(Path),
    Literal(Any),
}

/// How two sides are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Filter {
    /// Whether a node passes.
    pub(super) fn accepts(&self, node: &Any, root: &Any) -> bool {
        match self {
            Filter::Term(Term::Literal(value)) => *value == Any::Bool(true),
            Filter::Term(term) => !term.values(node, root).is_empty(),
            Filter::Compare(comparison, left, right) => {
                let right = right.values(node, root);
                all_of(left.values(node, root), |left| {
                    right.iter().map(|right| comparison.holds(left, right)).collect()
                })
            }
            Filter::Matches(left, expression) => {
                // The parser has compiled it once.
                let Ok(regexp) = Regexp::compile(expression.as_bytes()) else { return false };
                all_of(left.values(node, root), |left| {
                    vec![left.as_str().is_some_and(|text| regexp.is_match(text.as_bytes()))]
                })
            }
            Filter::Not(filter) => !filter.accepts(node, root),
            Filter::And(left, right) => left.accepts(node, root) && right.accepts(node, root),
            Filter::Or(left, right) => left.accepts(node, root) || right.accepts(node, root),
        }
    }
}

/// Whether there is an answer and all answers are yes.
fn all_of(values: Vec<Cow<'_, Any>>, test: impl Fn(&Any) -> Vec<bool>) -> bool {
    let answers: Vec<bool> = values.iter().flat_map(|value| test(value)).collect();
    !answers.is_empty() && answers.into_iter().all(|answer| answer)
}

impl Term {
    fn values<'a>(&'a self, node: &'a Any, root: &'a Any) -> Vec<Cow<'a, Any>> {
        match self {
            Term::Here(path) => path.find_from(node, node).into_iter().map(Cow::Borrowed).collect(),
            Term::Root(path) => path.find_from(root, root).into_iter().map(Cow::Borrowed).collect(),
            Term::Literal(value) => vec![Cow::Borrowed(value)],
        }
    }
}

fn number(value: &Any) -> Option<f64> {
    match value {
        Any::Int(value) => Some(*value as f64),
        Any::Uint(value) => Some(*value as f64),
        Any::Float(value) => Some(*value),
        _ => None,
    }
}

impl Comparison {
    /// Values of different types are neither equal nor ordered; texts have no order.
    fn holds(self, left: &Any, right: &Any) -> bool {
        let order = match (left, right) {
            (Any::Bool(left), Any::Bool(right)) => {
                (left == right).then_some(std::cmp::Ordering::Equal)
            }
            (Any::Null, Any::Null) => Some(std::cmp::Ordering::Equal),
            (Any::Str(left), Any::Str(right)) => {
                (left == right).then_some(std::cmp::Ordering::Equal)
            }
            _ => match (number(left), number(right)) {
                (Some(left), Some(right)) => left.partial_cmp(&right),
                _ => None,
            },
        };
        match self {
            Comparison::Equal => order.is_some_and(std::cmp::Ordering::is_eq),
            Comparison::NotEqual => !order.is_some_and(std::cmp::Ordering::is_eq),
            Comparison::Greater => order.is_some_and(std::cmp::Ordering::is_gt),
            Comparison::GreaterOrEqual => order.is_some_and(std::cmp::Ordering::is_ge),
            Comparison::Less => order.is_some_and(std::cmp::Ordering::is_lt),
            Comparison::LessOrEqual => order.is_some_and(std::cmp::Ordering::is_le),
        }
    }
}
