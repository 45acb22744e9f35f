//! `ConfigMaps`, Secrets, quotas, limits and priorities.

use super::super::cursor::At;
use super::super::finding::Finding;
use super::super::formats::{self, in_range};
use super::super::structure::invalid_enum;
use super::resources::{not_negative, quantity};
use crate::doc::Doc;

/// Reports the text of member `key` when it is not one of a few words.
pub(super) fn one_word<'d>(at: At<'d>, key: &'d str, words: &[&str]) {
    if let Some(value) = at.get(key)
        && let Some(text) = value.doc.as_str()
        && !words.contains(&text)
        && !text.is_empty()
    {
        value.report(invalid_enum(text, words.iter().copied()));
    }
}

fn keys(at: At<'_>, lists: [&'static str; 2]) {
    let mut size = 0;
    for list in lists {
        for (key, value) in at.get(list).into_iter().flat_map(At::members) {
            if !formats::is_config_key(key) {
                let message =
                    format!("the key {key:?} must have letters, digits, '-', '_' and '.' only");
                value.report(Finding::new("bad-format", message).rule("config-map-key"));
            }
            size += value.doc.as_str().map_or(0, str::len);
        }
    }
    if size > 1 << 20 {
        let message = format!("it holds {size} bytes, 1048576 are allowed");
        at.report(Finding::new("out-of-range", message).rule("config-size"));
    }
}

pub(super) fn config_map(at: At<'_>) {
    keys(at, ["data", "binaryData"]);
    let Some(data) = at.get("data") else { return };
    for (key, _) in at.get("binaryData").into_iter().flat_map(At::members) {
        if let Some(text) = data.raw(key) {
            let message = format!("the key {key:?} stands in binaryData, too");
            text.report(Finding::new("duplicate-item", message).rule("unique-items"));
        }
    }
}

/// Types of Secrets and the keys that they need.
const NEEDED: [(&str, &[&str]); 4] = [
    ("kubernetes.io/dockerconfigjson", &[".dockerconfigjson"]),
    ("kubernetes.io/dockercfg", &[".dockercfg"]),
    ("kubernetes.io/ssh-auth", &["ssh-privatekey"]),
    ("kubernetes.io/tls", &["tls.crt", "tls.key"]),
];

pub(super) fn secret(at: At<'_>) {
    keys(at, ["data", "stringData"]);
    let kind = at.text("type").unwrap_or_default();
    let has = |key| {
        ["data", "stringData"]
            .iter()
            .any(|list| at.get(list).is_some_and(|list| list.doc.get(key).is_some()))
    };
    let report = |key: &str, message: String| {
        let finding = Finding::new("missing-required", message).rule("secret-keys");
        match at.get("data") {
            Some(data) => data.report_absent(key, finding),
            None => {
                let mut finding = finding;
                finding.path = "data".into();
                crate::doc::decode::push_key(&mut finding.path, key);
                at.report(finding);
            }
        }
    };
    if let Some((_, keys)) = NEEDED.iter().find(|row| row.0 == kind) {
        for key in *keys {
            if !has(key) {
                report(key, format!("a Secret of type {kind} needs the key {key}"));
            }
        }
    }
    if kind == "kubernetes.io/basic-auth" && !has("username") && !has("password") {
        for key in ["username", "password"] {
            report(key, format!("a Secret of type {kind} needs username or password"));
        }
    }
    docker_config(at, kind);
    if kind == "kubernetes.io/service-account-token"
        && at
            .at(&["metadata", "annotations"])
            .and_then(|map| map.text("kubernetes.io/service-account.name"))
            .is_none_or(str::is_empty)
        && let Some(metadata) = at.get("metadata")
    {
        let mut finding =
            Finding::new("missing-required", "the token's service account must be named");
        finding.path = "metadata.annotations".into();
        crate::doc::decode::push_key(&mut finding.path, "kubernetes.io/service-account.name");
        metadata.report(finding.rule("secret-keys"));
    }
}

/// What a Secret for image registries holds must be JSON.
fn docker_config(at: At<'_>, kind: &str) {
    let key = match kind {
        "kubernetes.io/dockerconfigjson" => ".dockerconfigjson",
        "kubernetes.io/dockercfg" => ".dockercfg",
        _ => return,
    };
    let is_json = |text: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
    for list in ["data", "stringData"] {
        let Some(value) = at.get(list).and_then(|list| list.get(key)) else { continue };
        let Some(text) = value.doc.as_str() else { continue };
        let good = if list == "stringData" {
            is_json(text.as_bytes())
        } else {
            // Bad base64 has been reported.
            crate::golang::base64::decode(text.as_bytes()).map_or(true, |text| is_json(&text))
        };
        if !good {
            // The value is a secret: it is not shown.
            let message = format!("a Secret of type {kind} holds JSON here");
            value.report(Finding::new("bad-format", message).rule("secret-keys"));
        }
    }
}

/// What a quota may limit, besides names with a domain and huge pages.
const QUOTAS: [&str; 20] = [
    "configmaps",
    "cpu",
    "ephemeral-storage",
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "memory",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
    "requests.storage",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
    "storage",
];

pub(super) fn resource_quota(at: At<'_>) {
    scopes(at);
    for (name, amount) in at.at(&["spec", "hard"]).into_iter().flat_map(At::members) {
        let huge = name.starts_with("hugepages-") || name.starts_with("requests.hugepages-");
        if !huge && !name.contains('/') && !QUOTAS.contains(&name) {
            let finding = Finding::new("bad-format", format!("{name:?} is nothing to limit"));
            let finding = finding.rule("resource-name");
            amount.report(match super::super::structure::meant(name, QUOTAS) {
                Some(close) => finding.suggest(close),
                None => finding.hint("others need a domain: example.com/name, or count/…"),
            });
            continue;
        }
        not_negative(amount);
        let counted = name.starts_with("count/")
            || !(huge || name.contains(['.', '/']) || MEASURED.contains(&name));
        if counted && quantity(amount.doc).is_some_and(|amount| amount.fract() != 0.0) {
            formats::bad(amount, "quantity", "must be a whole number");
        }
    }
}

/// Quotas without a dot that are amounts, not counts.
const MEASURED: [&str; 4] = ["cpu", "ephemeral-storage", "memory", "storage"];

/// The parts of a quota's scope: whether each has the values that its operator needs.
fn scopes(at: At<'_>) {
    for expression in
        at.at(&["spec", "scopeSelector"]).into_iter().flat_map(|it| it.each("matchExpressions"))
    {
        let values = expression.doc.get("values").and_then(Doc::as_list).unwrap_or_default();
        if matches!(expression.text("operator"), Some("In" | "NotIn")) && values.is_empty() {
            expression.missing("values", "In and NotIn need values");
        }
    }
}

pub(super) fn limit_range(at: At<'_>) {
    for limit in at.get("spec").into_iter().flat_map(|spec| spec.each("limits")) {
        if limit.text("type") == Some("Pod") {
            for key in ["default", "defaultRequest"] {
                if let Some(at) = limit.get(key) {
                    let finding = Finding::new("exclusive-fields", "type Pod has no defaults");
                    at.report(finding.rule("exclusive-fields"));
                }
            }
        }
        for (name, ratio) in limit.get("maxLimitRequestRatio").into_iter().flat_map(At::members) {
            if quantity(ratio.doc).is_some_and(|ratio| ratio < 1.0) {
                let finding = Finding::new("out-of-range", format!("{name}: must be at least 1"));
                ratio.report(finding.rule("number-range").fact("min", 1));
            }
        }
        if limit.text("type").is_some_and(|kind| !kind.contains('/')) {
            one_word(limit, "type", &["Container", "PersistentVolumeClaim", "Pod"]);
        }
        for (low, high) in [
            ("min", "max"),
            ("min", "default"),
            ("default", "max"),
            ("defaultRequest", "default"),
            ("min", "defaultRequest"),
        ] {
            let (Some(low_map), Some(high_map)) = (limit.get(low), limit.doc.get(high)) else {
                continue;
            };
            for (name, value) in low_map.members() {
                let most = high_map.get(name).and_then(quantity);
                if let (Some(least), Some(most)) = (quantity(value.doc), most)
                    && least > most
                {
                    let message = format!("{low} of {name} exceeds {high}");
                    value.report(Finding::new("out-of-range", message).rule("number-range"));
                }
            }
        }
    }
}

pub(super) fn priority_class(at: At<'_>) {
    let name = at.at(&["metadata", "name"]);
    let text = name.and_then(|name| name.doc.as_str()).unwrap_or_default();
    let system = matches!(text, "system-node-critical" | "system-cluster-critical");
    if text.starts_with("system-")
        && !system
        && let Some(name) = name
    {
        formats::bad(name, "system-name", "names of system classes are reserved");
    }
    if let Some((number, value)) = at.int("value")
        && !system
    {
        in_range(value, number, i64::from(i32::MIN), 1_000_000_000);
    }
}
