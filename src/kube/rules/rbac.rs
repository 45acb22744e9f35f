//! Roles and bindings.

use super::super::cursor::At;
use super::super::finding::Finding;
use super::super::structure::invalid_enum;
use super::config::one_word;
use super::{meta, selector};
use crate::doc::Doc;

const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn role(at: At<'_>, namespaced: bool) {
    if let Some(aggregation) = at.get("aggregationRule") {
        aggregation.each("clusterRoleSelectors").for_each(selector::check);
    }
    for rule in at.each("rules") {
        if rule.doc.as_map().is_none() {
            continue;
        }
        let some =
            |key| rule.doc.get(key).and_then(Doc::as_list).is_some_and(|list| !list.is_empty());
        let needs = |key: &'static str, why: &str| {
            rule.report_missing(key, Finding::new("missing-required", why).rule("rbac-rule"));
        };
        if !some("verbs") && rule.get("verbs").is_none_or(|verbs| verbs.doc.as_list().is_some()) {
            needs("verbs", "a rule has at least one verb");
        }
        if some("nonResourceURLs") {
            let exclusive = |message: &str| {
                let finding = Finding::new("exclusive-fields", message).rule("rbac-rule");
                rule.child_of("nonResourceURLs").report(finding);
            };
            if namespaced {
                exclusive("a Role has no URLs; use a ClusterRole");
            } else if some("apiGroups") || some("resources") || some("resourceNames") {
                exclusive("a rule is about resources or about URLs, not both");
            }
            continue;
        }
        if !some("apiGroups") && !rule.has("apiGroups") || empty_list(rule, "apiGroups") {
            needs("apiGroups", "a rule about resources names their groups; \"\" is the core group");
        }
        if !some("resources") && !rule.has("resources") || empty_list(rule, "resources") {
            needs("resources", "a rule names resources");
        }
    }
}

fn empty_list(at: At<'_>, key: &str) -> bool {
    at.doc.get(key).and_then(Doc::as_list).is_some_and(<[Doc]>::is_empty)
}

pub(super) fn binding(at: At<'_>, namespaced: bool) {
    if let Some(role) = at.get("roleRef") {
        let kinds: &[&str] = if namespaced { &["ClusterRole", "Role"] } else { &["ClusterRole"] };
        if let Some(kind) = role.get("kind")
            && let Some(text) = kind.doc.as_str()
            && !kinds.contains(&text)
        {
            kind.report(invalid_enum(text, kinds.iter().copied()).rule("role-ref"));
        }
        one_word(role, "apiGroup", &[GROUP]);
        if role.text("name") == Some("") {
            role.missing("name", "");
        }
    }
    for subject in at.each("subjects") {
        if subject.text("name") == Some("") {
            subject.missing("name", "");
        }
        match subject.text("kind") {
            Some("ServiceAccount") => {
                if let Some(name) = subject.get("name").filter(|at| at.doc.as_str() != Some("")) {
                    meta::subdomain(name);
                }
                if !namespaced && subject.text("namespace").is_none_or(str::is_empty) {
                    let message = "a service account has a namespace";
                    let finding = Finding::new("missing-required", message).rule("rbac-subject");
                    subject.report_missing("namespace", finding);
                }
                if let Some(group) = subject.get("apiGroup")
                    && group.doc.as_str().is_some_and(|text| !text.is_empty())
                {
                    let message = "service accounts are of the core group: leave apiGroup out";
                    let finding = Finding::new("invalid-enum", message).rule("rbac-subject");
                    group.report(finding.allowed([""]));
                }
            }
            Some("User" | "Group") => one_word(subject, "apiGroup", &[GROUP]),
            _ => {}
        }
    }
}
