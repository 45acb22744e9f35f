//! Variables of containers, and what containers are told about themselves.

use super::super::cursor::At;
use super::super::finding::Finding;
use super::super::formats::{self, bad};
use super::super::structure::invalid_enum;
use super::containers::one_of;

const FIELD_PATHS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// What a variable may be filled with of its container's resources.
const RESOURCES: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

fn is_variable(name: &str) -> bool {
    !name.contains('=') && name.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// Checks the variables of a container, one by one and from whole objects.
pub(super) fn check(container: At<'_>) {
    let mut seen: Vec<&str> = Vec::new();
    for variable in container.each("env") {
        if let Some(at) = variable.get("name")
            && let Some(name) = at.doc.as_str()
        {
            if name.is_empty() {
                variable.missing("name", "");
            } else if !is_variable(name) {
                bad(at, "env-var-name", "must have printable characters and no '='");
            }
            if seen.contains(&name) {
                let message = format!("{name} is set twice; the last value wins");
                at.report(Finding::warning("duplicate-env", message).rule("duplicate-env"));
            }
            seen.push(name);
        }
        if let Some(from) = variable.get("valueFrom") {
            if variable.text("value").is_some_and(|text| !text.is_empty()) {
                let message = "value and valueFrom exclude each other";
                let finding = Finding::new("exclusive-fields", message).rule("env-source");
                from.report(finding.fact("fields", vec!["value", "valueFrom"]));
            }
            value_from(from);
        }
    }
    for source in container.each("envFrom") {
        if let Some(prefix) = source.get("prefix")
            && prefix.doc.as_str().is_some_and(|text| !is_variable(text))
        {
            bad(prefix, "env-var-name", "must have printable characters and no '='");
        }
        let kinds = ["configMapRef", "secretRef"];
        one_of(source, &kinds, "env-source");
        for kind in kinds {
            if let Some(reference) = source.get(kind)
                && reference.text("name").is_none_or(str::is_empty)
            {
                reference.missing("name", "");
            }
        }
    }
}

/// What a container is told about its pod or its resources.
pub(super) fn told(from: At<'_>) {
    if let Some(resource) = from.at(&["resourceFieldRef", "resource"])
        && let Some(text) = resource.doc.as_str()
        && !RESOURCES.contains(&text)
        && !["limits.hugepages-", "requests.hugepages-"].iter().any(|it| text.starts_with(it))
    {
        if text.is_empty() {
            resource.report(Finding::new("missing-required", "resource must not be empty"));
        } else {
            resource.report(invalid_enum(text, RESOURCES).rule("env-source"));
        }
    }
    if let Some(path) = from.at(&["fieldRef", "fieldPath"])
        && path.doc.as_str() == Some("")
    {
        path.report(Finding::new("missing-required", "fieldPath must not be empty"));
    }
}

fn value_from(from: At<'_>) {
    one_of(
        from,
        &["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"],
        "env-source",
    );
    for kind in ["configMapKeyRef", "secretKeyRef"] {
        let Some(reference) = from.get(kind) else { continue };
        if reference.text("name").is_none_or(str::is_empty) {
            reference.missing("name", "");
        }
        if let Some(key) = reference.get("key")
            && let Some(text) = key.doc.as_str()
        {
            if text.is_empty() {
                reference.missing("key", "");
            } else if !formats::is_config_key(text) {
                bad(key, "config-map-key", "is no key of a ConfigMap or Secret");
            }
        }
    }
    told(from);
    field_path(from, &FIELD_PATHS);
}

/// A field of the pod that a container is told: one of a few, or a label or annotation.
pub(super) fn field_path(from: At<'_>, known: &[&str]) {
    if let Some(path) = from.at(&["fieldRef", "fieldPath"])
        && let Some(text) = path.doc.as_str()
    {
        let keyed = ["metadata.labels['", "metadata.annotations['"];
        let key = keyed.iter().find_map(|start| text.strip_prefix(start)?.strip_suffix("']"));
        if key.is_some_and(|key| !formats::is_qualified_name(&key.to_ascii_lowercase())) {
            bad(path, "qualified-name", "names no key of a label or annotation");
        }
        if key.is_none() && !text.is_empty() && !known.contains(&text) {
            path.report(invalid_enum(text, known.iter().copied()).rule("env-source"));
        }
    }
}
