//! The server's own rules, beyond what schemas say.
//!
//! Each rule has a stable name, by which it can be switched off, and a line in [`RULES`].

mod autoscaling;
mod config;
mod containers;
mod extension;
pub(super) mod fields;
mod fields_table;
mod meta;
mod network;
mod network_policy;
mod pod;
mod rbac;
mod resources;
mod selector;
mod storage;
mod variables;
mod volumes;
mod workload;

use super::catalog::Kind;
use super::cursor::At;
use super::formats;

pub use selector::matches as selector_matches;

/// Every rule and format: its name and what it demands.
pub const RULES: &[(&str, &str)] = &[
    ("absolute-path", "paths on servers and nodes are absolute"),
    ("annotation-key", "keys of annotations are qualified names, in any letter case"),
    ("annotation-size", "the annotations of an object hold 256 KiB at most"),
    ("api-version", "an apiVersion is a version, or group/version"),
    ("base64", "bytes are written as base64"),
    ("capacity", "a volume asks for, or has, an amount of storage above zero"),
    ("cel", "rules that a custom resource definition states in CEL hold"),
    ("cidr", "address ranges are written as address/bits; exceptions lie inside"),
    ("config-map-key", "keys of ConfigMaps and Secrets have letters, digits, '-', '_' and '.'"),
    ("config-size", "a ConfigMap or Secret holds 1 MiB at most"),
    ("configmap-reference", "a ConfigMap that a pod needs is among the objects, or optional"),
    ("container-image", "every container names an image"),
    ("crd-name", "a custom resource definition is named plural.group"),
    ("crd-schema", "every part of a definition's schema says its type"),
    ("crd-storage-version", "exactly one version of a definition is stored"),
    ("cron", "schedules have five cron fields, or one descriptor such as @daily"),
    ("date-time", "times are written as RFC 3339 has it"),
    ("deprecated-api", "the apiVersion is not deprecated"),
    ("deprecated-field", "the field is not deprecated or without effect"),
    ("dns-1035-label", "a name of lower case letters, digits and '-' that starts with a letter"),
    ("dns-1123-label", "a name of lower case letters, digits and '-', 63 at most"),
    ("dns-1123-subdomain", "labels of lower case letters, digits and '-', joined by dots"),
    ("dns-policy", "dnsPolicy None comes with name servers"),
    ("duplicate-env", "an environment variable is set once"),
    ("duplicate-object", "kind, namespace and name occur once"),
    ("duration", "durations are written as Go writes them: 1h30m"),
    ("env-source", "a variable has a value or one source"),
    ("env-var-name", "names of variables are printable and have no '='"),
    ("exclusive-fields", "fields that exclude each other are not set together"),
    ("external-name", "a Service of type ExternalName names a host"),
    ("format", "values of custom resources have the format that the schema names"),
    ("http-header", "names of HTTP headers have letters, digits and '-'"),
    ("hpa-api-version", "an autoscaler names the group of what it scales"),
    ("hpa-metric", "each metric has the block of its type, and no other"),
    ("hpa-target", "the target of an autoscaler is among the objects, or unknown by intent"),
    ("iana-svc-name", "port names have 15 lower case letters, digits and '-', with a letter"),
    ("immutable-selector", "selectors, which cannot change, hold no version labels"),
    ("ingress-path", "paths of an Ingress begin with '/'"),
    ("int-or-percent", "text is a whole number followed by '%'"),
    ("ip", "addresses are IP addresses"),
    ("iscsi-name", "iSCSI names begin with iqn., eui. or naa."),
    ("job-completions", "an indexed Job says how many completions it wants"),
    ("key-reference", "a key of a ConfigMap or Secret among the objects exists"),
    ("label-value", "label values have letters, digits, '-', '_' and '.', 63 at most"),
    ("name-length", "names leave room for what controllers append"),
    ("name-required", "an object has a name or a generateName"),
    ("network-peer", "a peer is an address range, or selectors"),
    ("node-port", "node ports lie in the server's range and suit the type of the Service"),
    ("number-range", "numbers lie in the range that the field allows"),
    ("path-segment-name", "a name has no '/' or '%' and is not '.' or '..'"),
    ("pattern", "values of custom resources match the pattern of the schema"),
    ("pdb-blocks-drain", "a disruption budget lets some pod go"),
    ("pod-affinity", "affinity terms name a topology key and weights of 1 to 100"),
    ("pod-failure-policy", "rules on failed pods name a container, and codes or conditions"),
    ("port-name-required", "several ports of a Service have names"),
    ("probe-handler", "a probe or hook has exactly one handler"),
    ("probe-port", "a probe names a port that its container has"),
    ("qualified-name", "keys of labels are a name, or domain/name"),
    ("quantity", "quantities are a number and a unit: 500m, 2, 1.5Gi"),
    ("rbac-rule", "a rule has verbs, and resources with their groups or URLs"),
    ("rbac-subject", "subjects are users, groups, or service accounts with namespace"),
    ("relative-path", "paths inside volumes are relative and have no '..'"),
    ("request-over-limit", "requests do not exceed limits"),
    ("resource-name", "names of resources are standard ones or have a domain"),
    ("restart-policy", "pods restart as their workload needs it"),
    ("role-ref", "a binding refers to a Role or ClusterRole"),
    ("scale-policy", "scaling behaviour has policies of type Pods or Percent"),
    ("secret-keys", "a Secret has the keys that its type needs"),
    ("secret-reference", "a Secret that a pod needs is among the objects, or optional"),
    ("security-profile", "annotations name known profiles and containers of the pod"),
    ("selector-matches", "the selector of a workload matches the labels of its pods"),
    ("selector-required", "a workload selects its pods by something"),
    ("selector-values", "an expression has values if its operator needs them"),
    ("service-account-reference", "a service account that a pod needs is among the objects"),
    ("service-ip", "the address of a Service is empty, None, or an IP address"),
    ("service-pods", "a Service selects pods of some workload among the objects"),
    ("service-port", "a Service port leads to a port of the pods"),
    ("service-ports", "a Service has ports, unless it is headless"),
    ("statefulset-service", "the Service of a StatefulSet is among the objects"),
    ("sysctl", "kernel parameters have names such as net.core.somaxconn"),
    ("system-name", "names of priority classes do not begin with system-"),
    ("time-zone", "time zones are names of the zone database"),
    ("toleration", "the operator of a toleration suits its key, value and effect"),
    ("topology-spread", "spread constraints differ in key and policy"),
    ("unique-items", "names of containers, volumes, ports and mounts are unique"),
    ("volume-items", "volumes name what they hold"),
    ("volume-mount", "mounts refer to declared volumes"),
    ("volume-source", "a volume has one source"),
    ("webhook", "webhooks have full names, one way to be called, and side effects"),
];

/// Checks an object by every rule of its kind; `kind` is none for custom resources. Findings
/// that only repeat an earlier one (from number `before` on) are dropped.
pub fn check(at: At<'_>, kind: Option<Kind>, before: usize) {
    let start = at.check.count();
    meta::check(at, kind);
    if let Some(kind) = kind {
        if NEED_SPEC.contains(&kind.kind) && !kind.group.contains("resource") {
            has_spec(at);
        }
        by_kind(at, kind);
    }
    at.check.drop_repeated(before, start);
}

/// An object inside a custom resource has a kind, a version, and metadata like any other.
pub(super) fn embedded(at: At<'_>) {
    if let Some(kind) = at.get("kind")
        && kind
            .doc
            .as_str()
            .is_some_and(|text| !formats::is_dns1035_label(&text.to_ascii_lowercase()))
    {
        formats::bad(kind, "dns-1035-label", "is no name of a kind");
    }
    if let Some(version) = at.get("apiVersion")
        && version.doc.as_str().is_some_and(|text| text.is_empty() || text.matches('/').count() > 1)
    {
        formats::bad(version, "api-version", "must be a version, or group/version");
    }
    if let Some(metadata) = at.get("metadata") {
        meta::object_meta(metadata);
    }
}

/// Kinds that the server refuses without a spec, though their definition does not say so.
const NEED_SPEC: [&str; 14] = [
    "CronJob",
    "DaemonSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "Ingress",
    "IngressClass",
    "Job",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "ReplicaSet",
    "ReplicationController",
    "Service",
    "StatefulSet",
];

/// Reports a missing spec, or a pod template without one.
fn has_spec(at: At<'_>) {
    let Some(spec) = at.get("spec") else {
        at.missing("spec", "");
        return;
    };
    if let Some(template) =
        spec.get("template").or_else(|| spec.at(&["jobTemplate", "spec", "template"]))
        && template.doc.as_map().is_some()
        && !template.has("spec")
    {
        template.missing("spec", "");
    }
}

fn by_kind(at: At<'_>, kind: Kind) {
    match (kind.group, kind.kind) {
        ("", "Pod") => pod::check_pod(at),
        ("", "PodTemplate") => {
            if let Some(template) = at.get("template") {
                pod::check_template(template, &pod::Of::default());
            }
        }
        ("", "ReplicationController") => workload::replication_controller(at),
        ("apps", "Deployment") => workload::deployment(at),
        ("apps", "ReplicaSet") => workload::replica_set(at),
        ("apps", "DaemonSet") => workload::daemon_set(at),
        ("apps", "StatefulSet") => workload::stateful_set(at),
        ("batch", "Job") => workload::job(at),
        ("batch", "CronJob") => workload::cron_job(at),
        ("autoscaling", "HorizontalPodAutoscaler") => autoscaling::autoscaler(at, kind.version),
        ("policy", "PodDisruptionBudget") => autoscaling::disruption_budget(at),
        ("", "Service") => network::service(at),
        ("networking.k8s.io", "Ingress") => network::ingress(at),
        ("networking.k8s.io", "IngressClass") => network::ingress_class(at),
        ("networking.k8s.io", "NetworkPolicy") => network_policy::check(at),
        ("discovery.k8s.io", "EndpointSlice") => network::endpoint_slice(at),
        ("", "ConfigMap") => config::config_map(at),
        ("", "Secret") => config::secret(at),
        ("", "ResourceQuota") => config::resource_quota(at),
        ("", "LimitRange") => config::limit_range(at),
        ("", "PersistentVolumeClaim") => {
            if let Some(spec) = at.get("spec") {
                storage::claim_spec(spec);
            }
        }
        ("", "PersistentVolume") => storage::volume(at),
        ("storage.k8s.io", "StorageClass") => storage::class(at),
        ("scheduling.k8s.io", "PriorityClass") => config::priority_class(at),
        ("rbac.authorization.k8s.io", "Role") => rbac::role(at, true),
        ("rbac.authorization.k8s.io", "ClusterRole") => rbac::role(at, false),
        ("rbac.authorization.k8s.io", "RoleBinding") => rbac::binding(at, true),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding") => rbac::binding(at, false),
        (
            "admissionregistration.k8s.io",
            "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration",
        ) => extension::webhooks(at),
        (
            "admissionregistration.k8s.io",
            "ValidatingAdmissionPolicy" | "ValidatingAdmissionPolicyBinding",
        ) => extension::policy(at),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => extension::definition(at),
        ("node.k8s.io", "RuntimeClass") => {
            if let Some(scheduling) = at.get("scheduling") {
                scheduling.get("nodeSelector").into_iter().for_each(meta::labels);
                scheduling.each("tolerations").for_each(pod::toleration);
            }
        }
        _ => {}
    }
}
