//! A document against the built-in API definitions: types, required and unknown fields, ranges,
//! closed value lists, formats of single values.

use super::catalog::{Code, Minors, Node as Expected, Property, Struct, first_minor};
use super::cursor::{At, found, missing, shown, whole};
use super::finding::{Finding, Level, Severity};
use super::{formats, rules};
use crate::diag::nearest::nearest;
use crate::doc::Node;

/// Checks a value against what the graph says in the minors given.
pub fn check(at: At<'_>, expected: Expected, minors: Minors) {
    match expected.code() {
        Code::Any => {}
        Code::Object | Code::Raw => {
            of_kind(at, at.doc.as_map().is_some(), "object");
        }
        Code::String => {
            if of_kind(at, at.doc.as_str().is_some(), "string") {
                check_enum(at, expected);
            }
        }
        Code::Boolean => {
            of_kind(at, at.doc.as_bool().is_some(), "boolean");
        }
        Code::Int32 => check_whole(at, "int32", i64::from(i32::MIN), i64::from(i32::MAX)),
        Code::Int64 | Code::Integer => check_whole(at, "int64", i64::MIN, i64::MAX),
        Code::Number => {
            of_kind(at, at.doc.kind() == "number", "number");
        }
        Code::Array => {
            if of_kind(at, at.doc.as_list().is_some(), "array") {
                let items = expected.items();
                for item in at.items() {
                    if item.doc.is_null() {
                        null_item(item, items);
                    } else {
                        check(item, items, minors);
                    }
                }
            }
        }
        Code::Map => {
            if of_kind(at, at.doc.as_map().is_some(), "object") {
                let items = expected.items();
                for (_, member) in at.members() {
                    if !member.doc.is_null() {
                        check(member, items, minors);
                    }
                }
            }
        }
        Code::Struct => {
            if let Some(definition) = expected.struct_()
                && of_kind(at, at.doc.as_map().is_some(), "object")
            {
                check_struct(at, definition, minors);
            }
        }
        Code::Quantity => {
            let is_scalar = matches!(at.doc.kind(), "number" | "string");
            if of_kind(at, is_scalar, "quantity (number or string)") {
                formats::quantity(at);
            }
        }
        Code::IntOrString => {
            if let Some(number) = whole(at.doc) {
                if i32::try_from(number).is_err() {
                    out_of_int(at, "int32", i64::from(i32::MIN), i64::from(i32::MAX));
                }
            } else {
                of_kind(at, at.doc.as_str().is_some(), "integer or string");
            }
        }
        Code::Time | Code::MicroTime => {
            if of_kind(at, at.doc.as_str().is_some(), "string") {
                formats::time(at);
            }
        }
        Code::Bytes => {
            if of_kind(at, at.doc.as_str().is_some(), "string") {
                formats::base64(at);
            }
        }
        Code::Duration => {
            if of_kind(at, at.doc.as_str().is_some(), "string") {
                formats::duration(at);
            }
        }
    }
}

/// Reports a wrong type unless `is` holds; gives `is` back.
pub(super) fn of_kind(at: At<'_>, is: bool, expected: &'static str) -> bool {
    if !is {
        at.report(wrong_type(at, expected));
    }
    is
}

/// Takes the value out of what a finding says.
pub(super) fn conceal(finding: &mut Finding) {
    let fact = |wanted: &str| {
        let facts = finding.facts.iter();
        facts.filter(|(name, _)| *name == wanted).find_map(|(_, value)| value.as_str())
    };
    if let (Some(expected), Some(found)) = (fact("expected"), fact("found")) {
        finding.message = format!("expected {expected}, found {found}");
    }
}

fn wrong_type(at: At<'_>, expected: &'static str) -> Finding {
    let kind = found(at.doc);
    let value = match at.doc.node {
        Node::List(_) | Node::Map(_) | Node::Null => String::new(),
        _ => format!(" {}", shown(at.doc)),
    };
    let finding = Finding::new("wrong-type", format!("expected {expected}, found {kind}{value}"))
        .fact("expected", expected)
        .fact("found", kind);
    match (expected, &at.doc.node) {
        ("string", Node::Bool(_)) => {
            finding.hint("yes/no/on/off are booleans for the API server; quote them")
        }
        ("string", Node::Int(_) | Node::Int64(_) | Node::Float(_)) => finding.hint("quote it"),
        ("string", Node::Map(_) | Node::List(_)) => finding.hint("use a block scalar or toYaml"),
        ("integer" | "number", Node::Str(text))
            if text.as_str().is_some_and(|text| text.parse::<f64>().is_ok()) =>
        {
            finding.hint("write it without quotes, or convert it: {{ … | int }}")
        }
        ("boolean", Node::Str(text)) if matches!(text.as_bytes(), b"true" | b"false") => {
            finding.hint("write it without quotes")
        }
        ("object", Node::Str(_)) => finding.hint("was a map rendered without toYaml?"),
        _ => finding,
    }
}

fn check_whole(at: At<'_>, format: &'static str, min: i64, max: i64) {
    match (&at.doc.node, whole(at.doc)) {
        (_, Some(value)) if (min..=max).contains(&value) => {}
        (_, Some(_)) => out_of_int(at, format, min, max),
        (Node::Float(value), None) if value.fract() == 0.0 => out_of_int(at, format, min, max),
        _ => {
            of_kind(at, false, "integer");
        }
    }
}

fn out_of_int(at: At<'_>, format: &'static str, min: i64, max: i64) {
    let message = format!("{} does not fit into {format} ({min} to {max})", shown(at.doc));
    at.report(Finding::new("out-of-range", message).fact("format", format));
}

fn null_item(item: At<'_>, items: Expected) {
    if matches!(items.code(), Code::Struct | Code::Array | Code::Map) {
        of_kind(item, false, if items.code() == Code::Array { "array" } else { "object" });
    } else {
        item.report(Finding::warning("null-item", "a null item becomes an empty value"));
    }
}

fn check_enum(at: At<'_>, expected: Expected) {
    if at.check.level < Level::Full || expected.names().len() == 0 {
        return;
    }
    let Some(text) = at.doc.as_str() else { return };
    let gated = |name: &str| name.is_empty() || matches!(name, "Gt" | "Lt");
    let known = expected.names().any(|name| name == text);
    // An empty text is what an absent field is, for nearly every enum.
    if known && !(matches!(text, "Gt" | "Lt") && is_toleration(expected)) || text.is_empty() {
        return;
    }
    let hide = is_toleration(expected);
    let names: Vec<&str> = expected
        .names()
        .filter(|name| !name.is_empty() && (*name != "\"\"") && !(hide && gated(name)))
        .collect();
    if names.contains(&text) {
        return;
    }
    at.report(invalid_enum(text, names));
}

/// Tolerations publish two operators that sit behind a feature gate.
fn is_toleration(expected: Expected) -> bool {
    expected.names().eq(["Equal", "Exists", "Gt", "Lt"])
}

/// The finding of a value that is not in a closed list.
pub(super) fn invalid_enum<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Finding {
    let names: Vec<&str> = names.into_iter().collect();
    let close = meant(text, names.iter().copied());
    let finding =
        Finding::new("invalid-enum", format!("{text:?} is not one of {}", listed(&names)));
    let finding = finding.allowed(names);
    match close {
        Some(close) => finding.suggest(close),
        None => finding,
    }
}

/// At most eight values, then how many there are.
pub(super) fn listed(names: &[&str]) -> String {
    match names.len() {
        0..=8 => names.join(", "),
        count => format!("{}, … ({count} values)", names[..8].join(", ")),
    }
}

/// The known name that a text most likely means: letter case first, then distance.
pub(super) fn meant<'a>(
    text: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let same = known.clone().into_iter().find(|known| known.eq_ignore_ascii_case(text));
    same.or_else(|| nearest(text, known.clone())).or_else(|| {
        // "Forbidden" for "Forbid", "DontSchedule" for "DoNotSchedule".
        let text = text.to_lowercase();
        let like = |known: &&str| {
            let known = known.to_lowercase();
            let common = known.len().min(text.len());
            common >= 4
                && (text.starts_with(&known)
                    || known.starts_with(&text)
                    || strsim::damerau_levenshtein(&text, &known) * 4 <= common.max(8))
        };
        known.into_iter().find(like)
    })
}

/// Checks the members of an object against a struct of the graph.
pub fn check_struct(at: At<'_>, definition: Struct, minors: Minors) {
    let Some(map) = at.doc.as_map() else { return };
    if definition.properties().len() == 0 {
        return;
    }
    let mut suggested = Vec::new();
    for (key, doc) in map {
        let mut known = Minors(0);
        let mut ever = Minors(0);
        for property in definition.property(key) {
            ever = Minors(ever.0 | property.minors.0);
            let here = property.minors.and(minors);
            if here.is_empty() {
                continue;
            }
            known = Minors(known.0 | here.0);
            if !doc.is_null() {
                descend(at.child(key, doc), property, here);
            }
        }
        let unknown = minors.without(known);
        if !unknown.is_empty() && at.check.level >= Level::Strict {
            let finding = if ever.is_empty() {
                unknown_field(definition, key, minors, &mut suggested)
            } else {
                not_in(key, ever, unknown)
            };
            at.child(key, doc).report(finding.minors(unknown));
        }
    }
    for property in definition.properties() {
        let required = property.required.and(minors);
        if required.is_empty()
            || map.get(property.name()).is_some_and(|doc| !doc.is_null())
            || suggested.contains(&property.name())
        {
            continue;
        }
        let finding = missing(property.name(), map.contains_key(property.name()), "");
        let optional = OPTIONAL
            .iter()
            .any(|row| row.1 == property.name() && definition.name().ends_with(row.0));
        let finding = if optional {
            let finding = finding.hint("the server takes the object all the same");
            Finding { severity: Severity::Warning, ..finding }
        } else {
            finding
        };
        let allowed = property.node.names();
        let finding = if property.node.code() == Code::String && allowed.len() > 0 {
            finding.allowed(allowed)
        } else {
            finding
        };
        at.report_missing(property.name(), finding.minors(required));
    }
    if at.check.level >= Level::Full {
        rules::fields::check(at, definition, &suggested);
    }
}

/// Fields that the definitions require, while the server does without: definition and field.
const OPTIONAL: [(&str, &str); 13] = [
    ("core.v1.HTTPHeader", "value"),
    ("core.v1.ISCSIVolumeSource", "lun"),
    ("core.v1.ISCSIPersistentVolumeSource", "lun"),
    ("core.v1.LimitRangeSpec", "limits"),
    ("core.v1.PreferredSchedulingTerm", "preference"),
    ("core.v1.SleepAction", "seconds"),
    ("core.v1.Sysctl", "value"),
    ("apps.v1.ControllerRevision", "revision"),
    ("batch.v1.PodFailurePolicy", "rules"),
    ("storage.v1.CSIDriver", "spec"),
    ("storage.v1.TokenRequest", "audience"),
    ("apiextensions.v1.CustomResourceDefinitionVersion", "served"),
    ("apiextensions.v1.CustomResourceDefinitionVersion", "storage"),
];

fn descend(at: At<'_>, property: Property, minors: Minors) {
    if minors == at.check.target {
        check(at, property.node, minors);
        return;
    }
    let before = at.check.set_minors(minors);
    check(at, property.node, minors);
    at.check.set_minors(before);
}

/// A field that the struct has, though not in the minors given.
fn not_in(key: &str, ever: Minors, unknown: Minors) -> Finding {
    let since = ever.iter().next().unwrap_or(first_minor());
    let last = ever.iter().last().unwrap_or(since);
    if unknown.iter().all(|minor| minor > last) {
        let gone = format!("1.{}", last + 1);
        Finding::new("removed-field", format!("{key} is gone since Kubernetes {gone}"))
            .fact("removed_in", gone)
    } else {
        let since = format!("1.{since}");
        Finding::new("field-not-yet", format!("{key} exists since Kubernetes {since}"))
            .fact("since", since)
    }
}

/// Fields that moved or are often put in the wrong place: definition, field, where it is.
const MOVED: [(&str, &str, &str); 10] = [
    ("core.v1.SecretVolumeSource", "name", "secretName"),
    ("core.v1.ConfigMapVolumeSource", "configMapName", "name"),
    ("core.v1.PersistentVolumeClaimVolumeSource", "name", "claimName"),
    ("networking.v1.IngressSpec", "ingressClass", "ingressClassName"),
    ("networking.v1.IngressBackend", "serviceName", "service.name"),
    ("networking.v1.IngressBackend", "servicePort", "service.port"),
    ("networking.v1.IngressSpec", "backend", "defaultBackend"),
    ("autoscaling.v2.HorizontalPodAutoscalerSpec", "targetCPUUtilizationPercentage", "metrics"),
    (
        "autoscaling.v2.ResourceMetricSource",
        "targetAverageUtilization",
        "target.averageUtilization",
    ),
    ("autoscaling.v2.ResourceMetricSource", "targetAverageValue", "target.averageValue"),
];

fn unknown_field(
    definition: Struct,
    key: &str,
    minors: Minors,
    suggested: &mut Vec<&'static str>,
) -> Finding {
    let finding = Finding::new("unknown-field", format!("unknown field {key:?}"));
    let moved = MOVED.iter().find(|row| definition.name().ends_with(row.0) && row.1 == key);
    if let Some((_, _, to)) = moved {
        return finding.suggest(*to);
    }
    let names = definition.properties().filter(|property| !property.minors.and(minors).is_empty());
    let names = names.map(Property::name);
    if let Some(close) = meant(key, names) {
        suggested.push(close);
        return finding.suggest(close);
    }
    if definition.name().ends_with("core.v1.SecurityContext")
        && Struct::find("io.k8s.api.core.v1.PodSecurityContext")
            .is_some_and(|pod| pod.property(key).next().is_some())
    {
        return finding.hint("belongs to the pod securityContext");
    }
    if definition.name().ends_with("core.v1.PodSecurityContext")
        && Struct::find("io.k8s.api.core.v1.SecurityContext")
            .is_some_and(|container| container.property(key).next().is_some())
    {
        return finding.hint("belongs to the securityContext of a container");
    }
    for property in definition.properties() {
        if let Some(inner) = property.node.struct_()
            && property.name() != "status"
            && inner.property(key).next().is_some()
        {
            return finding.hint(format!("{} has a field {key}", property.name()));
        }
        if property.node.code() == Code::Array
            && let Some(inner) = property.node.items().struct_()
            && inner.property(key).next().is_some()
        {
            return finding.hint(format!("an item of {} has a field {key}", property.name()));
        }
    }
    finding
}
