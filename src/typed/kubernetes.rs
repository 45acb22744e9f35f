//! Values that are parts of Kubernetes objects, checked by the API's own definitions.

use super::fit::{found_for, way_out};
use crate::doc::decode::Problem;
use crate::doc::{Doc, DocMap, Node};
use crate::kube::catalog::{Code, Node as Expected, Property, Struct};
use crate::kube::cursor::Check;
use crate::kube::finding::{Finding, Level, Severity};
use crate::kube::{structure, target};

/// Checks a value against a definition by its full name, and gives it in the form in which the
/// API's own types print it: fields in their order, none that are null. `path` is that of the
/// value.
pub(super) fn fit(name: &str, doc: &Doc, path: &str, problems: &mut Vec<Problem>) -> Doc {
    let Some(definition) = Struct::find(name) else {
        problems.push(Problem {
            path: path.to_owned(),
            span: doc.span,
            message: format!("the schema names {name}, which Kubernetes does not define"),
            hint: None,
        });
        return doc.clone();
    };
    if doc.as_map().is_none() {
        let message = format!("expected a map, found {}", found_for("a map", doc));
        let names: Vec<&str> = definition.properties().map(Property::name).take(8).collect();
        let hint = Some(format!("its keys are {}", names.join(", ")));
        problems.push(Problem { path: path.to_owned(), span: doc.span, message, hint });
        return doc.clone();
    }
    let check = Check::new(0, 0, target::newest(), Level::Full, &[]);
    structure::check_struct(check.root(doc), definition, target::newest());
    let findings = check.take();
    let errors = findings.into_iter().filter(|finding| finding.severity == Severity::Error);
    problems.extend(errors.map(|finding| problem(finding, doc, path)));
    in_order(definition, doc)
}

fn problem(finding: Finding, doc: &Doc, path: &str) -> Problem {
    let below = match finding.path.as_str() {
        "" => path.to_owned(),
        below if below.starts_with('[') => format!("{path}{below}"),
        below => format!("{path}.{below}"),
    };
    let wanted = finding.facts.iter().find(|(name, _)| *name == "expected");
    let wanted = wanted.and_then(|(_, wanted)| wanted.as_str()).map(in_words);
    if let ("wrong-type", Some(what)) = (finding.code, wanted) {
        let value = at(doc, &finding.path);
        let message = format!("expected {what}, found {}", found_for(what, value));
        return Problem { path: below, span: finding.span, message, hint: way_out(what, value) };
    }
    let message = match finding.code {
        "unknown-field" => "unknown key".to_owned(),
        _ => finding.message.replacen("\": is ", "\" is ", 1),
    };
    let hint = finding.suggest.map(|near| format!("did you mean {near:?}?")).or(finding.hint);
    Problem { path: below, span: finding.span, message, hint }
}

/// The type of a definition as messages about values call it.
fn in_words(expected: &str) -> &str {
    match expected {
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a map",
        "string" => "a string",
        other => other,
    }
}

/// The value at a path of the form `a.b[0]["c"]`; the nearest one above where it ends early.
fn at<'d>(doc: &'d Doc, path: &str) -> &'d Doc {
    let mut here = doc;
    let mut rest = path;
    while !rest.is_empty() {
        let next = if let Some(quoted) = rest.strip_prefix("[\"") {
            let Some((key, after)) = quoted.split_once("\"]") else { break };
            rest = after;
            here.get(key)
        } else if let Some(index) = rest.strip_prefix('[') {
            let Some((index, after)) = index.split_once(']') else { break };
            rest = after;
            index.parse().ok().and_then(|at: usize| here.as_list()?.get(at))
        } else {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            rest = after;
            here.get(key)
        };
        match next {
            Some(next) => here = next,
            None => break,
        }
    }
    here
}

fn in_order(definition: Struct, doc: &Doc) -> Doc {
    let Some(map) = doc.as_map() else { return doc.clone() };
    let mut ordered = DocMap::default();
    for property in definition.properties() {
        if let Some((key, value)) = map.get_key_value(property.name())
            && !value.is_null()
            && !ordered.contains_key(key)
        {
            ordered.insert(key.clone(), tidy(property.node, value));
        }
    }
    Doc::new(Node::Map(ordered.into()), doc.span)
}

fn tidy(expected: Expected, doc: &Doc) -> Doc {
    match (expected.code(), &doc.node) {
        (Code::Struct, Node::Map(_)) => {
            expected.struct_().map_or_else(|| doc.clone(), |it| in_order(it, doc))
        }
        (Code::Array, Node::List(items)) => {
            let items = items.iter().map(|item| tidy(expected.items(), item)).collect::<Vec<_>>();
            Doc::new(Node::List(items.into()), doc.span)
        }
        (Code::Map, Node::Map(map)) => {
            let mut entries: Vec<_> =
                map.iter().map(|(key, item)| (key.clone(), tidy(expected.items(), item))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Doc::new(Node::Map(entries.into_iter().collect::<DocMap>().into()), doc.span)
        }
        (Code::Quantity, Node::Int(_) | Node::Int64(_) | Node::Float(_)) => {
            super::fit::as_text(doc)
        }
        _ => doc.clone(),
    }
}
