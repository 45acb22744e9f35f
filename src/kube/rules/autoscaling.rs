//! Autoscalers and disruption budgets.

use super::super::catalog::Minors;
use super::super::cursor::At;
use super::super::finding::Finding;
use super::super::formats::{in_range, member_in_range};
use super::config::one_word;
use super::selector;
use super::workload::int_or_percent;
use crate::doc::Doc;

const MAX: i64 = i32::MAX as i64;

pub(super) fn autoscaler(at: At<'_>, version: &str) {
    let Some(spec) = at.get("spec") else { return };
    let least = spec.int("minReplicas");
    if let Some((number, place)) = least {
        in_range(place, number, 1, MAX);
    }
    if let Some((most, place)) = spec.int("maxReplicas")
        && in_range(place, most, 1, MAX)
        && let Some((least, _)) = least
        && most < least
    {
        let message = format!("{most} must be at least minReplicas, {least}");
        let finding = Finding::new("out-of-range", message).rule("number-range");
        place.report(finding.fact("min", least));
    }
    if let Some(target) = spec.get("scaleTargetRef") {
        for key in ["kind", "name"] {
            if target.text(key) == Some("") {
                target.missing(key, "");
            }
        }
    }
    if let Some(target) = spec.get("scaleTargetRef").filter(|it| it.doc.as_map().is_some()) {
        scaled_group(target);
    }
    if version == "v1" {
        member_in_range(spec, "targetCPUUtilizationPercentage", 1, MAX);
        return;
    }
    spec.each("metrics").for_each(metric);
    if let Some(behavior) = spec.get("behavior") {
        for key in ["scaleUp", "scaleDown"] {
            if let Some(rules) = behavior.get(key) {
                scaling(rules);
            }
        }
    }
}

/// Since 1.36 the server wants to know the group of what is scaled; before, an autoscaler without
/// it was taken and never found its target.
fn scaled_group(target: At<'_>) {
    let version = target.text("apiVersion").unwrap_or_default();
    if version.matches('/').count() == 1 && !version.starts_with('/') {
        return;
    }
    let finding = Finding::new("bad-format", "apiVersion must name a group, such as apps/v1");
    let finding = finding.rule("hpa-api-version").minors(Minors::since(36));
    match target.get("apiVersion") {
        Some(at) if at.doc.as_str().is_some() => at.report(finding),
        Some(_) => {}
        None => target.report_missing("apiVersion", finding),
    }
}

const SOURCES: [(&str, &str); 5] = [
    ("ContainerResource", "containerResource"),
    ("External", "external"),
    ("Object", "object"),
    ("Pods", "pods"),
    ("Resource", "resource"),
];

fn metric(at: At<'_>) {
    let names: Vec<&str> = SOURCES.iter().map(|(name, _)| *name).collect();
    one_word(at, "type", &names);
    let Some((kind, field)) =
        at.text("type").and_then(|kind| SOURCES.iter().find(|row| row.0 == kind))
    else {
        return;
    };
    if !at.has(field) && at.doc.as_map().is_some() {
        let message = format!("type {kind} needs {field}");
        at.report_missing(field, Finding::new("missing-required", message).rule("hpa-metric"));
    }
    for (_, other) in SOURCES {
        if other != *field && at.has(other) {
            let message = format!("type {kind} takes {field} only");
            let finding = Finding::new("exclusive-fields", message).rule("hpa-metric");
            at.child_of(other).report(finding);
        }
    }
    if let Some(target) = at.get(field).and_then(|source| source.get("target")) {
        metric_target(target, kind);
    }
}

fn metric_target(at: At<'_>, kind: &str) {
    let of_resource = matches!(kind, "Resource" | "ContainerResource");
    one_word(at, "type", &["AverageValue", "Utilization", "Value"]);
    member_in_range(at, "averageUtilization", 1, MAX);
    for key in ["averageValue", "value"] {
        if let Some(amount) = at.get(key)
            && super::resources::quantity(amount.doc).is_some_and(|amount| amount <= 0.0)
        {
            amount.report(Finding::new("out-of-range", "must be above 0").rule("number-range"));
        }
    }
    let needs = |key: &'static str, why: &str| {
        at.report_missing(key, Finding::new("missing-required", why).rule("hpa-metric"));
    };
    if of_resource {
        match (at.has("averageUtilization"), at.has("averageValue")) {
            (false, false) if at.doc.as_map().is_some() => {
                needs("averageUtilization", "a resource has a utilization or a value as target");
            }
            (true, true) => {
                let message = "averageUtilization and averageValue exclude each other";
                let finding = Finding::new("exclusive-fields", message).rule("hpa-metric");
                at.child_of("averageValue").report(finding);
            }
            _ => {}
        }
    } else if at.doc.as_map().is_none() {
    } else if !at.has("averageValue") && (kind == "Pods" || !at.has("value")) {
        needs("averageValue", "a value is needed as target");
    } else if kind == "External" && at.has("value") && at.has("averageValue") {
        let message = "value and averageValue exclude each other";
        let finding = Finding::new("exclusive-fields", message).rule("hpa-metric");
        at.child_of("value").report(finding);
    }
}

fn scaling(at: At<'_>) {
    member_in_range(at, "stabilizationWindowSeconds", 0, 3600);
    one_word(at, "selectPolicy", &["Disabled", "Max", "Min"]);
    if at.get("policies").is_some_and(|list| list.doc.as_list().is_some_and(<[Doc]>::is_empty)) {
        at.missing("policies", "at least one");
    }
    for policy in at.each("policies") {
        if let Some(kind) = policy.get("type")
            && let Some(text) = kind.doc.as_str()
            && !matches!(text, "Pods" | "Percent")
        {
            let finding = super::super::structure::invalid_enum(text, ["Percent", "Pods"]);
            kind.report(finding.rule("scale-policy"));
        }
        member_in_range(policy, "value", 1, MAX);
        member_in_range(policy, "periodSeconds", 1, 1800);
    }
}

pub(super) fn disruption_budget(at: At<'_>) {
    let Some(spec) = at.get("spec") else { return };
    if spec.has("minAvailable") && spec.has("maxUnavailable") {
        let message = "minAvailable and maxUnavailable exclude each other";
        let finding = Finding::new("exclusive-fields", message).rule("exclusive-fields");
        spec.report(finding.fact("fields", vec!["minAvailable", "maxUnavailable"]));
    }
    for key in ["minAvailable", "maxUnavailable"] {
        if let Some(bound) = spec.get(key) {
            int_or_percent(bound, Some(100));
        }
    }
    if let Some(own) = spec.get("selector") {
        selector::check(own);
    }
}
