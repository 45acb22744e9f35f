//! Pods and pod templates.

use super::super::cursor::At;
use super::super::finding::Finding;
use super::super::formats::{self, bad, in_range, member_in_range};
use super::super::structure::invalid_enum;
use super::{containers, meta, selector, volumes};
use crate::doc::Doc;

/// What a pod template belongs to.
#[derive(Default)]
pub(super) struct Of<'d> {
    /// Allowed restart policies; empty allows all.
    pub(super) restart: &'static [&'static str],
    /// Whether restartPolicy must be set, since its default does not fit.
    pub(super) restart_required: bool,
    /// Names of claim templates, which are volumes, too.
    pub(super) claims: Vec<&'d str>,
}

pub(super) fn check_pod(at: At<'_>) {
    if let Some(spec) = at.get("spec") {
        profiles(at, spec);
        check_spec(spec, &Of::default());
    }
}

pub(super) fn check_template<'d>(template: At<'d>, of: &Of<'d>) {
    if let Some(metadata) = template.get("metadata") {
        meta::object_meta(metadata);
    }
    if let Some(spec) = template.get("spec") {
        profiles(template, spec);
        check_spec(spec, of);
    }
}

/// Profiles that annotations name, as before there were fields for them.
fn profiles(at: At<'_>, spec: At<'_>) {
    let annotations = at.at(&["metadata", "annotations"]);
    for (key, value) in annotations.into_iter().flat_map(At::members) {
        let Some((kind, name)) = key.split_once('/') else { continue };
        let app_armor = kind == "container.apparmor.security.beta.kubernetes.io";
        if !app_armor
            && kind != "container.seccomp.security.alpha.kubernetes.io"
            && key != "seccomp.security.alpha.kubernetes.io/pod"
        {
            continue;
        }
        let named = |container: At<'_>| container.text("name") == Some(name);
        if app_armor
            && !["containers", "initContainers"].iter().any(|list| spec.each(list).any(named))
        {
            bad(value, "security-profile", "the annotation names no container of the pod");
        }
        let known = value.doc.as_str().is_none_or(|text| {
            matches!(text, "" | "runtime/default" | "unconfined")
                || (!app_armor && text == "docker/default")
                || text.strip_prefix("localhost/").is_some_and(|rest| !rest.is_empty())
        });
        if !known {
            bad(
                value,
                "security-profile",
                "is no profile: runtime/default, unconfined, localhost/…",
            );
        }
    }
}

fn check_spec<'d>(spec: At<'d>, of: &Of<'d>) {
    if spec.doc.as_map().is_none() {
        return;
    }
    restart_policy(spec, of);
    let declared = volumes::check(spec, &of.claims);
    containers::check(spec, &declared);
    member_in_range(spec, "activeDeadlineSeconds", 1, i64::from(i32::MAX));
    member_in_range(spec, "terminationGracePeriodSeconds", 0, i64::MAX);
    for key in ["serviceAccountName", "nodeName", "priorityClassName"] {
        if let Some(name) = spec.get(key).filter(|name| name.doc.as_str() != Some("")) {
            meta::subdomain(name);
        }
    }
    for key in ["hostname", "subdomain"] {
        if let Some(name) = spec.get(key).filter(|name| name.doc.as_str() != Some("")) {
            meta::dns_label(name);
        }
    }
    if let Some(map) = spec.get("nodeSelector") {
        meta::labels(map);
    }
    for secret in spec.each("imagePullSecrets") {
        if secret.text("name").is_none_or(str::is_empty) && secret.doc.as_map().is_some() {
            let finding =
                Finding::warning("empty-reference", "a pull secret without name is ignored");
            secret.report(finding.rule("secret-reference"));
        }
    }
    for alias in spec.each("hostAliases") {
        if let Some(ip) = alias.get("ip")
            && ip.doc.as_str().is_some_and(|text| !formats::is_ip(text))
        {
            bad(ip, "ip", "is no IP address");
        }
        for host in alias.each("hostnames") {
            meta::subdomain(host);
        }
    }
    for gate in spec.each("readinessGates") {
        if let Some(kind) = gate.get("conditionType")
            && kind.doc.as_str().is_some_and(|text| !formats::is_qualified_name(text))
        {
            bad(kind, "qualified-name", "is no name of a condition");
        }
    }
    if let Some(os) = spec.get("os") {
        super::config::one_word(os, "name", &["linux", "windows"]);
    }
    dns(spec);
    namespaces(spec);
    security(spec);
    for toleration in spec.each("tolerations") {
        self::toleration(toleration);
    }
    spread(spec);
    if let Some(affinity) = spec.get("affinity") {
        self::affinity(affinity);
    }
}

/// What a pod may share with its node, and when it may be bound to one.
fn namespaces(spec: At<'_>) {
    let flag = |key: &str| spec.doc.get(key).and_then(Doc::as_bool);
    let exclusive = |key, message: &str| {
        let finding = Finding::new("exclusive-fields", message).rule("exclusive-fields");
        spec.child_of(key).report(finding);
    };
    if flag("hostPID") == Some(true) && flag("shareProcessNamespace") == Some(true) {
        exclusive("shareProcessNamespace", "hostPID and shareProcessNamespace exclude each other");
    }
    if flag("hostUsers") == Some(false) {
        for key in ["hostNetwork", "hostPID", "hostIPC"] {
            if flag(key) == Some(true) {
                exclusive(key, "not allowed while hostUsers is false");
            }
        }
    }
    let gated = spec.doc.get("schedulingGates").and_then(Doc::as_list);
    if gated.is_some_and(|gates| !gates.is_empty())
        && spec.text("nodeName").is_some_and(|name| !name.is_empty())
    {
        exclusive("nodeName", "a pod with scheduling gates has no node yet");
    }
}

fn restart_policy(spec: At<'_>, of: &Of<'_>) {
    match spec.get("restartPolicy").filter(|policy| policy.doc.as_str() != Some("")) {
        Some(policy) if !of.restart.is_empty() => {
            if let Some(text) = policy.doc.as_str()
                && !of.restart.contains(&text)
                && matches!(text, "Always" | "OnFailure" | "Never")
            {
                let finding = invalid_enum(text, of.restart.iter().copied());
                policy.report(finding.rule("restart-policy"));
            }
        }
        None if of.restart_required => {
            let message = format!("restartPolicy must be one of {}", of.restart.join(", "));
            let finding = Finding::new("missing-required", message).rule("restart-policy");
            spec.report_missing("restartPolicy", finding.allowed(of.restart.iter().copied()));
        }
        _ => {}
    }
}

fn dns(spec: At<'_>) {
    let servers = spec.at(&["dnsConfig", "nameservers"]);
    if spec.text("dnsPolicy") == Some("None")
        && servers.is_none_or(|servers| servers.doc.as_list().is_some_and(<[Doc]>::is_empty))
    {
        let message = "dnsPolicy None needs at least one name server";
        let finding = Finding::new("missing-required", message).rule("dns-policy");
        match spec.get("dnsConfig") {
            Some(config) => config.report_missing("nameservers", finding),
            None => spec.report_missing("dnsConfig", finding),
        }
    }
    for server in servers.into_iter().flat_map(At::items) {
        if server.doc.as_str().is_some_and(|text| !formats::is_ip(text)) {
            bad(server, "ip", "is no IP address");
        }
    }
}

fn security(spec: At<'_>) {
    let Some(context) = spec.get("securityContext") else { return };
    for key in ["runAsUser", "runAsGroup", "fsGroup"] {
        member_in_range(context, key, 0, i64::from(i32::MAX));
    }
    for group in context.each("supplementalGroups") {
        if let Some(number) = super::super::cursor::whole(group.doc) {
            in_range(group, number, 0, i64::from(i32::MAX));
        }
    }
    seccomp(context);
    meta::unique(context.each("sysctls"), "name", "sysctl");
    for sysctl in context.each("sysctls") {
        if let Some(name) = sysctl.get("name")
            && name.doc.as_str().is_some_and(|text| !formats::is_sysctl(text))
        {
            bad(name, "sysctl", "is no name of a kernel parameter, such as net.core.somaxconn");
        }
    }
}

/// A seccomp profile of type Localhost names a file; others name none.
pub(super) fn seccomp(context: At<'_>) {
    for key in ["seccompProfile", "appArmorProfile"] {
        let Some(profile) = context.get(key) else { continue };
        let is_local = profile.text("type") == Some("Localhost");
        if is_local && !profile.has("localhostProfile") {
            profile.missing("localhostProfile", "type Localhost needs it");
        } else if !is_local && profile.has("type") && profile.has("localhostProfile") {
            let message = "only type Localhost takes a profile";
            let finding = Finding::new("exclusive-fields", message).rule("exclusive-fields");
            profile.child_of("localhostProfile").report(finding);
        }
    }
}

pub(super) fn toleration(at: At<'_>) {
    let rule = "toleration";
    if let Some(key) = at.get("key")
        && let Some(text) = key.doc.as_str()
        && !text.is_empty()
        && !formats::is_qualified_name(text)
    {
        bad(key, "qualified-name", "is no taint key");
    }
    let operator = at.text("operator").unwrap_or_default();
    let has_text = |key| at.text(key).is_some_and(|text| !text.is_empty());
    if operator == "Exists" && has_text("value") {
        let finding = Finding::new("exclusive-fields", "operator Exists takes no value");
        at.child_of("operator").report(finding.rule(rule));
    }
    if !has_text("key") && matches!(operator, "" | "Equal") {
        let finding = Finding::new("invalid-enum", "without a key the operator must be Exists");
        at.child_of("operator").report(finding.rule(rule).allowed(["Exists"]));
    }
    if at.has("tolerationSeconds") && at.text("effect") != Some("NoExecute") {
        let finding = Finding::new("invalid-enum", "tolerationSeconds needs effect NoExecute");
        at.child_of("effect").report(finding.rule(rule).allowed(["NoExecute"]));
    }
    if matches!(operator, "" | "Equal")
        && let Some(value) = at.get("value")
    {
        meta::label_value(value);
    }
}

fn spread(spec: At<'_>) {
    let mut seen = Vec::new();
    for constraint in spec.each("topologySpreadConstraints") {
        member_in_range(constraint, "maxSkew", 1, i64::from(i32::MAX));
        member_in_range(constraint, "minDomains", 1, i64::from(i32::MAX));
        if constraint.has("minDomains")
            && constraint.text("whenUnsatisfiable") == Some("ScheduleAnyway")
        {
            let message = "minDomains only goes with whenUnsatisfiable DoNotSchedule";
            let finding = Finding::new("exclusive-fields", message).rule("topology-spread");
            constraint.child_of("minDomains").report(finding);
        }
        match constraint.get("labelSelector") {
            Some(selector) => selector::check(selector),
            None => needs_selector(constraint, &["matchLabelKeys"]),
        }
        let Some(key) = constraint.text("topologyKey") else { continue };
        let pair = (key, constraint.text("whenUnsatisfiable"));
        if seen.contains(&pair) {
            let message = format!("a second constraint on {key:?} with the same policy");
            let finding = Finding::new("duplicate-item", message).rule("topology-spread");
            constraint.report(finding.fact("key", "topologyKey"));
        }
        seen.push(pair);
    }
}

/// Keys that narrow a label selector are nothing without it.
fn needs_selector<'d>(at: At<'d>, keys: &[&'d str]) {
    for key in keys {
        if let Some(list) = at.get(key)
            && list.doc.as_list().is_some_and(|list| !list.is_empty())
        {
            let finding = Finding::new("exclusive-fields", "it goes with a labelSelector only");
            list.report(finding.rule("exclusive-fields"));
        }
    }
}

const NODE_OPERATORS: [&str; 6] = ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"];

fn affinity(at: At<'_>) {
    if let Some(node) = at.get("nodeAffinity") {
        if let Some(required) = node.get("requiredDuringSchedulingIgnoredDuringExecution") {
            node_selector(required);
        }
        for preferred in node.each("preferredDuringSchedulingIgnoredDuringExecution") {
            member_in_range(preferred, "weight", 1, 100);
            if let Some(term) = preferred.get("preference") {
                node_term(term);
            }
        }
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        let Some(pods) = at.get(kind) else { continue };
        for term in pods.each("requiredDuringSchedulingIgnoredDuringExecution") {
            pod_term(term);
        }
        for preferred in pods.each("preferredDuringSchedulingIgnoredDuringExecution") {
            member_in_range(preferred, "weight", 1, 100);
            if let Some(term) = preferred.get("podAffinityTerm") {
                pod_term(term);
            }
        }
    }
}

/// Nodes that fit one of several terms.
pub(super) fn node_selector(at: At<'_>) {
    let terms = at.get("nodeSelectorTerms");
    if terms.is_some_and(|terms| terms.doc.as_list().is_some_and(<[Doc]>::is_empty)) {
        at.missing("nodeSelectorTerms", "at least one term");
    }
    at.each("nodeSelectorTerms").for_each(node_term);
}

fn node_term(term: At<'_>) {
    for expression in term.each("matchExpressions") {
        selector::requirement(expression, &NODE_OPERATORS);
        expression.each("values").for_each(meta::label_value);
    }
    for field in term.each("matchFields") {
        if let Some(key) = field.get("key")
            && key.doc.as_str().is_some_and(|text| text != "metadata.name")
        {
            key.report(invalid_enum(key.doc.as_str().unwrap_or_default(), ["metadata.name"]));
        }
        if let Some(operator) = field.get("operator")
            && let Some(text) = operator.doc.as_str()
            && !matches!(text, "In" | "NotIn")
        {
            operator.report(invalid_enum(text, ["In", "NotIn"]));
        }
        if field.doc.get("values").and_then(Doc::as_list).is_none_or(|list| list.len() != 1) {
            field.missing("values", "exactly one name of a node");
        }
        field.each("values").for_each(meta::subdomain);
    }
}

fn pod_term(term: At<'_>) {
    if term.text("topologyKey") == Some("") {
        let finding = Finding::new("missing-required", "topologyKey must not be empty");
        term.report_missing("topologyKey", finding.rule("pod-affinity"));
    }
    for key in ["labelSelector", "namespaceSelector"] {
        if let Some(selector) = term.get(key) {
            selector::check(selector);
        }
    }
    if !term.has("labelSelector") {
        needs_selector(term, &["matchLabelKeys", "mismatchLabelKeys"]);
    }
}
