//! Names, namespaces, labels and annotations.

use super::super::catalog::Kind;
use super::super::cursor::At;
use super::super::finding::Finding;
use super::super::formats::{self, bad, bad_format};

/// Kinds that are requests, not objects that are kept.
const NAMELESS: [&str; 10] = [
    "TokenReview",
    "TokenRequest",
    "SubjectAccessReview",
    "SelfSubjectAccessReview",
    "LocalSubjectAccessReview",
    "SelfSubjectRulesReview",
    "SelfSubjectReview",
    "AdmissionReview",
    "Scale",
    "Binding",
];

pub(super) fn check(at: At<'_>, kind: Option<Kind>) {
    let name = kind.map_or("", |kind| kind.kind);
    if name.ends_with("List") || NAMELESS.contains(&name) {
        return;
    }
    let Some(metadata) = at.get("metadata") else {
        let mut finding = Finding::new("missing-required", "name or generateName is required");
        finding.path = "metadata.name".into();
        at.report(finding.rule("name-required"));
        return;
    };
    if metadata.doc.as_map().is_none() {
        return;
    }
    let text = |key| metadata.text(key).filter(|text| !text.is_empty());
    if text("name").is_none() && text("generateName").is_none() {
        if metadata.get("name").is_none_or(|name| name.doc.as_str() == Some("")) {
            let finding = Finding::new("missing-required", "name or generateName is required");
            metadata.report_missing("name", finding.rule("name-required"));
        }
    } else if let Some(given) = metadata.get("name").filter(|at| at.doc.as_str() != Some("")) {
        object_name(given, kind);
    } else if let Some(prefix) = metadata.get("generateName") {
        generate_name(prefix, kind);
    }
    if let Some(namespace) = metadata.get("namespace").filter(|at| at.doc.as_str() != Some("")) {
        dns_label(namespace);
    }
    object_meta(metadata);
    if kind.is_some() {
        finalizers(metadata);
    }
}

/// Finalizers of built-in kinds have a domain, except for those of Kubernetes itself.
fn finalizers(metadata: At<'_>) {
    for finalizer in metadata.each("finalizers") {
        if let Some(text) = finalizer.doc.as_str()
            && !text.contains('/')
            && formats::is_qualified_name(text)
            && !matches!(text, "kubernetes" | "orphan" | "foregroundDeletion")
        {
            bad(finalizer, "qualified-name", "must have a domain: example.com/name");
        }
    }
}

/// Labels, annotations and finalizers of an object or a pod template.
pub(super) fn object_meta(metadata: At<'_>) {
    if let Some(map) = metadata.get("labels") {
        labels(map);
    }
    if let Some(map) = metadata.get("annotations") {
        let mut size = 0;
        for (key, value) in map.members() {
            if !formats::is_qualified_name(&key.to_ascii_lowercase()) {
                value.report(bad_key(key).rule("annotation-key"));
            }
            size += key.len() + value.doc.as_str().map_or(0, str::len);
        }
        if size > 256 << 10 {
            let message = format!("the annotations hold {size} bytes, 262144 are allowed");
            map.report(Finding::new("out-of-range", message).rule("annotation-size"));
        }
    }
    for finalizer in metadata.each("finalizers") {
        if let Some(text) = finalizer.doc.as_str()
            && !formats::is_qualified_name(text)
        {
            bad(finalizer, "qualified-name", "is no qualified name");
        }
    }
}

fn bad_key(key: &str) -> Finding {
    let message = format!(
        "the key {key:?} must be a name (letters, digits, '-', '_', '.', 63 at most), optionally \
         after a DNS domain and one '/'"
    );
    Finding::new("bad-format", message).rule("qualified-name")
}

/// Keys and values of labels.
pub(super) fn labels(map: At<'_>) {
    for (key, value) in map.members() {
        if !formats::is_qualified_name(key) {
            value.report(bad_key(key));
        }
        label_value(value);
    }
}

pub(super) fn label_value(value: At<'_>) {
    if let Some(text) = value.doc.as_str()
        && !formats::is_label_value(text)
    {
        let why = "is no label value: letters, digits, '-', '_', '.', 63 at most, with a letter \
                   or digit at both ends";
        let finding = bad_format(value, "label-value", why);
        value.report(if text.contains('+') {
            finding.hint("replace + by _: {{ … | replace \"+\" \"_\" }}")
        } else if text.len() > 63 {
            finding.hint("cut it: {{ … | trunc 63 | trimSuffix \"-\" }}")
        } else {
            finding
        });
    }
}

fn rule_of(kind: Option<Kind>) -> &'static str {
    match kind.map(|kind| (kind.group, kind.kind)) {
        Some(("", "Service")) => "dns-1035-label",
        Some(("", "Namespace") | ("apps", "StatefulSet")) => "dns-1123-label",
        Some(("rbac.authorization.k8s.io", _) | ("policy", "PodDisruptionBudget")) => {
            "path-segment-name"
        }
        Some(("networking.k8s.io", "IPAddress") | ("", "ComponentStatus")) => "",
        _ => "dns-1123-subdomain",
    }
}

fn fits(rule: &str, text: &str) -> bool {
    match rule {
        "dns-1035-label" => formats::is_dns1035_label(text),
        "dns-1123-label" => formats::is_dns_label(text),
        "path-segment-name" => formats::is_path_segment(text),
        "" => true,
        _ => formats::is_subdomain(text),
    }
}

fn explain(rule: &str) -> &'static str {
    match rule {
        "dns-1035-label" => {
            "must have lower case letters, digits and '-', start with a letter, end with a letter \
             or digit, 63 at most"
        }
        "dns-1123-label" => {
            "must have lower case letters, digits and '-', with a letter or digit at both ends, 63 \
             at most"
        }
        "path-segment-name" => "must not have '/' or '%', nor be '.' or '..'",
        _ => {
            "must have lower case letters, digits, '-' and '.', with a letter or digit at both ends, \
             253 at most"
        }
    }
}

fn object_name(at: At<'_>, kind: Option<Kind>) {
    let Some(text) = at.doc.as_str() else { return };
    let rule = rule_of(kind);
    if !fits(rule, text) {
        report_name(at, text, rule);
        return;
    }
    let (most, hint) = match kind.map(|kind| kind.kind) {
        Some("CronJob") => (52, "its Jobs get 11 more characters"),
        Some("Job") => (63, "it is a label of its pods"),
        _ => return,
    };
    if text.len() > most {
        let message = format!("the name has {} characters, {most} are allowed", text.len());
        let finding = Finding::new("bad-format", message).rule("name-length");
        at.report(finding.fact("max_length", most).hint(hint));
    }
}

fn report_name(at: At<'_>, text: &str, rule: &'static str) {
    let finding = bad_format(at, rule, explain(rule));
    let plain: String = text
        .to_ascii_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c } else { '-' })
        .collect();
    let plain = plain.trim_matches(['-', '.']);
    at.report(if plain != text && fits(rule, plain) { finding.suggest(plain) } else { finding });
}

fn generate_name(at: At<'_>, kind: Option<Kind>) {
    let Some(text) = at.doc.as_str() else { return };
    let rule = rule_of(kind);
    // The server appends letters and digits.
    let whole = format!("{}a", text.chars().take(58).collect::<String>());
    if !fits(rule, &whole) {
        report_name(at, text, rule);
    }
}

pub(super) fn dns_label(at: At<'_>) {
    if let Some(text) = at.doc.as_str()
        && !formats::is_dns_label(text)
    {
        report_name(at, text, "dns-1123-label");
    }
}

pub(super) fn subdomain(at: At<'_>) {
    if let Some(text) = at.doc.as_str()
        && !formats::is_subdomain(text)
    {
        report_name(at, text, "dns-1123-subdomain");
    }
}

/// Reports a second item with the same text behind `key`.
pub(super) fn unique<'d>(
    items: impl Iterator<Item = At<'d>>,
    key: &'d str,
    what: &str,
) -> Vec<&'d str> {
    let mut seen: Vec<&str> = Vec::new();
    for item in items {
        let Some(text) = item.text(key).filter(|text| !text.is_empty()) else { continue };
        if seen.contains(&text) {
            let message = format!("a second {what} with {key} {text:?}");
            let finding = Finding::new("duplicate-item", message).rule("unique-items");
            item.child_of(key).report(finding.fact("key", key));
        } else {
            seen.push(text);
        }
    }
    seen
}
