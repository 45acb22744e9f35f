//! Rendered documents into their Kubernetes types, so that a misspelt field never leaves.
//!
//! One table of API version and kind; documents of other kinds pass unchecked. Blind to charts.

use k8s_openapi::api;

use crate::diag::{Fault, FaultKind, Result};
use crate::doc::Doc;
use crate::doc::decode::{Problem, decode};
use crate::models::monitoring;
use crate::source::Sources;

type Check = fn(&Doc) -> std::result::Result<(), Vec<Problem>>;

fn check_as<'de, T: serde::Deserialize<'de>>(
    doc: &'de Doc,
) -> std::result::Result<(), Vec<Problem>> {
    decode::<T>(doc).map(drop)
}

macro_rules! kinds {
    ($($version:literal { $($kind:literal => $ty:ty),* $(,)? })*) => {
        fn check_of(api_version: &str, kind: &str) -> Option<Check> {
            match (api_version, kind) {
                $($(($version, $kind) => Some(|doc| check_as::<$ty>(doc)),)*)*
                _ => None,
            }
        }
    };
}

kinds! {
    "v1" {
        "ConfigMap" => api::core::v1::ConfigMap,
        "Endpoints" => api::core::v1::Endpoints,
        "LimitRange" => api::core::v1::LimitRange,
        "Namespace" => api::core::v1::Namespace,
        "PersistentVolume" => api::core::v1::PersistentVolume,
        "PersistentVolumeClaim" => api::core::v1::PersistentVolumeClaim,
        "Pod" => api::core::v1::Pod,
        "ResourceQuota" => api::core::v1::ResourceQuota,
        "Secret" => api::core::v1::Secret,
        "Service" => api::core::v1::Service,
        "ServiceAccount" => api::core::v1::ServiceAccount,
    }
    "apps/v1" {
        "DaemonSet" => api::apps::v1::DaemonSet,
        "Deployment" => api::apps::v1::Deployment,
        "ReplicaSet" => api::apps::v1::ReplicaSet,
        "StatefulSet" => api::apps::v1::StatefulSet,
    }
    "autoscaling/v2" {
        "HorizontalPodAutoscaler" => api::autoscaling::v2::HorizontalPodAutoscaler,
    }
    "batch/v1" {
        "CronJob" => api::batch::v1::CronJob,
        "Job" => api::batch::v1::Job,
    }
    "monitoring.coreos.com/v1" {
        "ServiceMonitor" => monitoring::ServiceMonitor,
    }
    "networking.k8s.io/v1" {
        "Ingress" => api::networking::v1::Ingress,
        "NetworkPolicy" => api::networking::v1::NetworkPolicy,
    }
    "policy/v1" {
        "PodDisruptionBudget" => api::policy::v1::PodDisruptionBudget,
    }
    "rbac.authorization.k8s.io/v1" {
        "ClusterRole" => api::rbac::v1::ClusterRole,
        "ClusterRoleBinding" => api::rbac::v1::ClusterRoleBinding,
        "Role" => api::rbac::v1::Role,
        "RoleBinding" => api::rbac::v1::RoleBinding,
    }
    "scheduling.k8s.io/v1" {
        "PriorityClass" => api::scheduling::v1::PriorityClass,
    }
    "storage.k8s.io/v1" {
        "StorageClass" => api::storage::v1::StorageClass,
    }
}

/// What is wrong with one rendered document; empty when it decodes or its kind is not known.
pub fn problems(doc: &Doc) -> Vec<Problem> {
    let text = |key: &str| doc.get(key).and_then(Doc::as_str);
    let problem = |message: &str| {
        vec![Problem {
            path: String::new(),
            span: doc.span,
            message: message.to_owned(),
            hint: None,
        }]
    };
    if doc.as_map().is_none() {
        return problem("expected an object with apiVersion and kind");
    }
    let (Some(api_version), Some(kind)) = (text("apiVersion"), text("kind")) else {
        return problem("apiVersion and kind must both be given, as strings");
    };
    let named = doc.get("metadata").and_then(|metadata| {
        let name = metadata.get("name").or_else(|| metadata.get("generateName"))?;
        name.as_str().filter(|name| !name.is_empty())
    });
    if named.is_none() && !kind.ends_with("List") {
        return problem("metadata.name must be given");
    }
    check_of(api_version, kind).and_then(|check| check(doc).err()).unwrap_or_default()
}

/// Checks every document of one rendered file.
///
/// # Errors
/// One fault for all problems: document (kind and name), place, field and what was expected.
pub fn check<'a>(
    file: &str,
    docs: impl IntoIterator<Item = &'a Doc>,
    sources: &Sources,
) -> Result<()> {
    let mut lines = Vec::new();
    let mut place = crate::source::Span::NONE;
    for (index, doc) in docs.into_iter().enumerate() {
        if doc.is_null() {
            continue;
        }
        let text = |doc: Option<&Doc>| doc.and_then(Doc::as_str).unwrap_or("?").to_owned();
        let kind = text(doc.get("kind"));
        let name = text(doc.get("metadata").and_then(|metadata| metadata.get("name")));
        for problem in problems(doc) {
            if lines.is_empty() {
                place = problem.span;
            }
            let at = sources.describe(problem.span);
            let at = if at.is_empty() { String::new() } else { format!(" ({at})") };
            let path = if problem.path.is_empty() { "document" } else { &problem.path };
            let hint = problem.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
            let number = index + 1;
            lines.push(format!(
                "{file}, document {number}, {kind} {name}{at}: {path}: {}{hint}",
                problem.message
            ));
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    Err(Fault::new(FaultKind::Invalid, lines.join("\n")).at(place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Node;
    use crate::source::Span;

    fn map(entries: Vec<(&str, Doc)>) -> Doc {
        Doc::map(entries.into_iter().map(|(key, doc)| (key.into(), doc)).collect())
    }

    fn service(port: Doc, key: &str) -> Doc {
        map(vec![
            ("apiVersion", Doc::str("v1")),
            ("kind", Doc::str("Service")),
            ("metadata", map(vec![("name", Doc::str("a"))])),
            ("spec", map(vec![(key, Doc::list(vec![map(vec![("port", port)])]))])),
        ])
    }

    #[test]
    fn misspelt_and_mistyped_fields() {
        let int = |number| Doc::new(Node::Int(number), Span::NONE);
        let sources = Sources::new();
        let run = |doc: &Doc| check("t.yaml", [doc], &sources).map_err(|fault| fault.to_string());
        assert_eq!(run(&service(int(80), "ports")), Ok(()));
        assert_eq!(
            run(&service(int(80), "prots")).unwrap_err(),
            "t.yaml, document 1, Service a: spec.prots: unknown key; did you mean \"ports\"?"
        );
        assert_eq!(
            run(&service(Doc::str("80"), "ports")).unwrap_err(),
            "t.yaml, document 1, Service a: spec.ports[0].port: expected a whole number, \
             found string \"80\""
        );
        assert!(run(&map(vec![("kind", Doc::str("X"))])).is_err());
        let custom = map(vec![
            ("apiVersion", Doc::str("example.com/v1")),
            ("kind", Doc::str("Thing")),
            ("metadata", map(vec![("name", Doc::str("a"))])),
            ("any", int(1)),
        ]);
        assert_eq!(run(&custom), Ok(()));
    }
}
