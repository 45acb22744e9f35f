//! Install order of kinds.

use std::cmp::Ordering;

use crate::compat::Compat;

/// Helm's install order.
const INSTALL_ORDER: &[&str] = &[
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// How many of them, from the end, Helm 3 does not know.
const NEW_IN_4: usize = 2;

/// Known kinds in install order, then unknown ones by name; equal kinds keep their order
/// (the sort is stable).
pub(super) fn by_kind(compat: Compat, a: &str, b: &str) -> Ordering {
    let order = match compat {
        Compat::Helm3 => &INSTALL_ORDER[..INSTALL_ORDER.len() - NEW_IN_4],
        Compat::Helm4 => INSTALL_ORDER,
    };
    let rank = |kind: &str| order.iter().position(|known| *known == kind);
    match (rank(a), rank(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}
