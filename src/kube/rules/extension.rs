//! Webhooks and custom resource definitions.

use super::super::cursor::At;
use super::super::finding::Finding;
use super::super::formats::{self, bad, member_in_range};
use super::config::one_word;
use super::{containers, meta, selector};
use crate::doc::Doc;

pub(super) fn webhooks(at: At<'_>) {
    meta::unique(at.each("webhooks"), "name", "webhook");
    for hook in at.each("webhooks") {
        if let Some(name) = hook.get("name")
            && let Some(text) = name.doc.as_str()
            && (!formats::is_subdomain(text) || text.split('.').count() < 3)
        {
            bad(name, "webhook", "must be a domain name of at least three parts");
        }
        if let Some(config) = hook.get("clientConfig") {
            containers::one_of(config, &["service", "url"], "webhook");
            if let Some(url) = config.get("url")
                && url.doc.as_str().is_some_and(|text| !text.starts_with("https://"))
            {
                bad(url, "webhook", "must begin with https://");
            }
            if let Some(service) = config.get("service") {
                member_in_range(service, "port", 1, 65535);
            }
        }
        if let Some(effects) = hook.get("sideEffects")
            && let Some(text) = effects.doc.as_str()
            && matches!(text, "Some" | "Unknown")
        {
            let allowed = ["None", "NoneOnDryRun"];
            effects.report(super::super::structure::invalid_enum(text, allowed).rule("webhook"));
        }
        member_in_range(hook, "timeoutSeconds", 1, 30);
        for key in ["namespaceSelector", "objectSelector"] {
            if let Some(own) = hook.get(key) {
                selector::check(own);
            }
        }
        if hook
            .get("admissionReviewVersions")
            .is_some_and(|list| list.doc.as_list().is_some_and(<[Doc]>::is_empty))
        {
            hook.missing("admissionReviewVersions", "at least one");
        } else if let Some(versions) = hook.get("admissionReviewVersions") {
            let known = |doc: &Doc| matches!(doc.as_str(), Some("v1" | "v1beta1"));
            let list = versions.doc.as_list().unwrap_or_default();
            if !list.is_empty() && !list.iter().any(known) {
                let message = "at least one of v1, v1beta1 is needed";
                let finding = Finding::new("invalid-enum", message).rule("webhook");
                versions.report(finding.allowed(["v1", "v1beta1"]));
            }
        }
    }
}

/// Policies and their bindings: the selectors of what they match.
pub(super) fn policy(at: At<'_>) {
    for place in ["matchConstraints", "matchResources"] {
        let Some(matched) = at.get("spec").and_then(|spec| spec.get(place)) else { continue };
        for key in ["namespaceSelector", "objectSelector"] {
            matched.get(key).into_iter().for_each(selector::check);
        }
        let rules = matched.get("resourceRules").and_then(|rules| rules.doc.as_list());
        if place == "matchConstraints" && rules.is_none_or(<[Doc]>::is_empty) {
            matched.missing("resourceRules", "at least one");
        }
    }
}

pub(super) fn definition(at: At<'_>) {
    let Some(spec) = at.get("spec") else { return };
    let plural = spec.get("names").and_then(|names| names.text("plural"));
    if let (Some(plural), Some(group)) = (plural, spec.text("group"))
        && let Some(name) = at.get("metadata").and_then(|metadata| metadata.get("name"))
        && name.doc.as_str() != Some(&format!("{plural}.{group}"))
    {
        let wanted = format!("{plural}.{group}");
        let finding = formats::bad_format(name, "crd-name", &format!("must be {wanted}"));
        name.report(finding.suggest(wanted));
    }
    one_word(spec, "scope", &["Cluster", "Namespaced"]);
    let Some(versions) = spec.get("versions") else { return };
    meta::unique(versions.items(), "name", "version");
    let Some(list) = versions.doc.as_list() else { return };
    let stored = |doc: &&Doc| doc.get("storage").and_then(Doc::as_bool) == Some(true);
    if list.iter().filter(stored).count() != 1 {
        let message = "exactly one version must be the storage version";
        versions.report(Finding::new("invalid-value", message).rule("crd-storage-version"));
    }
    for version in versions.items() {
        if version.at(&["schema", "openAPIV3Schema"]).is_none() && version.doc.as_map().is_some() {
            let mut finding = Finding::new("missing-required", "every version has a schema");
            finding.path = format!("{}.schema.openAPIV3Schema", version.path());
            version.report(finding);
        }
        if let Some(schema) = version.at(&["schema", "openAPIV3Schema"]) {
            structural(schema, true);
        }
    }
}

/// Every part of a schema says its type, unless it takes anything.
fn structural(schema: At<'_>, root: bool) {
    if schema.doc.as_map().is_none() {
        return;
    }
    let flag = |key: &str| schema.doc.get(key).and_then(Doc::as_bool) == Some(true);
    let open = flag("x-kubernetes-int-or-string") || flag("x-kubernetes-preserve-unknown-fields");
    match schema.text("type") {
        Some("object") => {}
        Some(other) if root && !other.is_empty() => {
            let kind = schema.child_of("type");
            kind.report(
                super::super::structure::invalid_enum(other, ["object"]).rule("crd-schema"),
            );
        }
        None | Some("") if !open => {
            let finding = Finding::new("missing-required", "a schema says its type");
            schema.report_missing("type", finding.rule("crd-schema"));
        }
        _ => {}
    }
    for (_, property) in schema.get("properties").into_iter().flat_map(At::members) {
        structural(property, false);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get(key) {
            structural(inner, false);
        }
    }
    if schema.text("type") == Some("array") && !schema.has("items") {
        schema.missing("items", "the schema of a list says what it holds");
    }
}
