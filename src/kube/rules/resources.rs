//! Requests and limits.

use super::super::cursor::{At, whole};
use super::super::finding::Finding;
use super::super::formats::{self, bad};
use crate::doc::quantity::amount;
use crate::doc::{Doc, Node};

/// The amount of a quantity written as text or number.
pub(super) fn quantity(doc: &Doc) -> Option<f64> {
    match &doc.node {
        Node::Str(text) => amount(text.as_str()?),
        Node::Float(value) => Some(*value),
        _ => whole(doc).map(|value| value as f64),
    }
}

/// Reports a quantity below zero.
pub(super) fn not_negative(at: At<'_>) {
    if quantity(at.doc).is_some_and(|amount| amount < 0.0) {
        let message = format!("{} must be at least 0", super::super::cursor::shown(at.doc));
        at.report(Finding::new("out-of-range", message).rule("number-range").fact("min", 0));
    }
}

fn standard_resource(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "ephemeral-storage") || name.starts_with("hugepages-")
}

/// Checks what a container, or a pod as a whole, asks for.
pub(super) fn check(container: At<'_>) {
    let Some(resources) = container.get("resources") else { return };
    for list in ["limits", "requests"] {
        for (name, at) in resources.get(list).into_iter().flat_map(At::members) {
            let named = name.contains('/') && formats::is_qualified_name(name);
            if !named && !standard_resource(name) {
                let message = format!("{name:?} is no resource of a container");
                let finding = Finding::new("bad-format", message).rule("resource-name");
                let known = ["cpu", "memory", "ephemeral-storage"];
                at.report(match super::super::structure::meant(name, known) {
                    Some(close) => finding.suggest(close),
                    None => finding.hint("others need a domain: example.com/name"),
                });
                continue;
            }
            not_negative(at);
            if name.contains('/') && quantity(at.doc).is_some_and(|amount| amount.fract() != 0.0) {
                bad(at, "quantity", "must be a whole number");
            }
        }
    }
    let Some(requests) = resources.get("requests") else { return };
    for (name, request) in requests.members() {
        let limit = resources.doc.get("limits").and_then(|limits| limits.get(name));
        let Some(limit) = limit.filter(|limit| !limit.is_null()) else {
            if name.starts_with("hugepages-")
                || (name.contains('/') && formats::is_qualified_name(name))
            {
                let message = format!("a limit of {name} is required beside the request");
                let mut finding =
                    Finding::new("missing-required", message).rule("request-over-limit");
                finding.path = format!("{}.limits", resources.path());
                crate::doc::decode::push_key(&mut finding.path, name);
                request.report(finding);
            }
            continue;
        };
        let (Some(asked), Some(most)) = (quantity(request.doc), quantity(limit)) else { continue };
        let overcommit = name.starts_with("hugepages-") || name.contains('/');
        let shown = super::super::cursor::shown;
        if asked > most || (overcommit && asked < most) {
            let relation = if asked > most { "exceeds" } else { "must equal" };
            let message =
                format!("the request {} {relation} the limit {}", shown(request.doc), shown(limit));
            let finding = Finding::new("out-of-range", message).rule("request-over-limit");
            request.report(finding.hint("must not exceed the limit"));
        }
    }
}
