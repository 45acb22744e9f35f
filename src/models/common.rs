//! Parts that the values of several charts have in common.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PodSecurityContext, ResourceRequirements, SecurityContext};
use k8s_openapi::api::networking::v1::IPBlock;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::{Deserialize, Serialize};

use super::{Rules, model};
use crate::doc::quantity::amount;

/// Labels, annotations, selectors.
pub(super) type Strings = BTreeMap<String, String>;

/// A whole number that may also be given as digits in quotes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Whole(pub(super) i64);

/// A text that no message shows: a key, a password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hidden(pub(super) String);

/// Declares a choice between words.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $first:ident = $first_text:literal $(, $variant:ident = $text:literal)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub(super) enum $name {
            #[default]
            #[serde(rename = $first_text)]
            $first,
            $(#[serde(rename = $text)] $variant),*
        }
    };
}
pub(super) use choice;

choice!(PullPolicy { IfNotPresent = "IfNotPresent", Always = "Always", Never = "Never" });
choice!(ServiceType { ClusterIp = "ClusterIP", NodePort = "NodePort", LoadBalancer = "LoadBalancer" });
choice!(TrafficPolicy { Cluster = "Cluster", Local = "Local" });

choice!(AccessMode {
    Once = "ReadWriteOnce",
    OncePod = "ReadWriteOncePod",
    Many = "ReadWriteMany"
});

model! {
    /// A peer of Kubernetes, or a namespace by its name.
    Peer {
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<String> = None,
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace_selector: Option<LabelSelector> = None,
        #[serde(skip_serializing_if = "Option::is_none")]
        pod_selector: Option<LabelSelector> = None,
        #[serde(skip_serializing_if = "Option::is_none")]
        ip_block: Option<IPBlock> = None,
    }
}

model! {
    Image {
        repository: String = String::new(),
        tag: String = String::new(),
        digest: String = String::new(),
        pull_policy: PullPolicy = PullPolicy::IfNotPresent,
    }
}

model! {
    ServiceAccount {
        create: bool = true,
        name: String = String::new(),
        annotations: Strings = Strings::new(),
        automount: bool = false,
    }
}

model! {
    PodDisruptionBudget {
        enabled: bool = true,
        min_available: Option<IntOrString> = None,
        max_unavailable: Option<IntOrString> = None,
    }
}

model! {
    Autoscaling {
        enabled: bool = false,
        min_replicas: i32 = 1,
        max_replicas: i32 = 10,
        #[serde(rename = "targetCPUUtilizationPercentage")]
        target_cpu_utilization_percentage: Option<i32> = Some(80),
        target_memory_utilization_percentage: Option<i32> = None,
    }
}

impl Peer {
    /// Every pod of the release's namespace.
    pub(super) fn every_pod() -> Self {
        Peer { pod_selector: Some(LabelSelector::default()), ..Peer::default() }
    }

    /// The namespace of a name.
    pub(super) fn namespace(name: &str) -> Self {
        Peer { namespace: Some(name.to_owned()), ..Peer::default() }
    }

    /// One kind of selector.
    pub(super) fn rules(&self, check: &mut Rules<'_>, path: &str) {
        let selects = self.namespace_selector.is_some() || self.pod_selector.is_some();
        if self.namespace.is_some() && self.namespace_selector.is_some() {
            check.broken(path, "namespace and namespaceSelector exclude each other");
        }
        match &self.ip_block {
            Some(_) if selects || self.namespace.is_some() => {
                check.broken(path, "ipBlock cannot stand beside a selector");
            }
            Some(block) => cidrs(check, path, &block.cidr),
            None if !selects && self.namespace.is_none() => check
                .broken(path, "needs one of namespace, namespaceSelector, podSelector, ipBlock"),
            None => {}
        }
    }
}

impl Image {
    /// Rules of an image reference.
    pub(super) fn rules(&self, check: &mut Rules<'_>) {
        check.holds("image.repository", !self.repository.is_empty(), "must be given");
        image_part(check, "image.repository", &self.repository);
        image_part(check, "image.tag", &self.tag);
        image_part(check, "image.digest", &self.digest);
        let digest = self.digest.is_empty() || self.digest.contains(':');
        check.holds("image.digest", digest, "must read like sha256:<64 hex digits>");
    }
}

impl PodDisruptionBudget {
    /// Exactly one bound, and one that lets a node be drained.
    pub(super) fn rules(&self, check: &mut Rules<'_>, path: &str, replicas: i64) {
        if !self.enabled {
            return;
        }
        match (&self.min_available, &self.max_unavailable) {
            (Some(_), Some(_)) => check.broken(
                path,
                "minAvailable and maxUnavailable exclude each other; set one of them to null",
            ),
            (None, None) => {
                check.broken(path, "one of minAvailable and maxUnavailable must be given");
            }
            (Some(least), None) => {
                if let Some(stay) = pods(least, replicas) {
                    if replicas > 1 && stay >= replicas {
                        check.broken(&format!("{path}.minAvailable"), format!(
                            "{stay} of {replicas} replicas would have to stay: every drain would block; give at most {}",
                            replicas - 1
                        ));
                    }
                } else {
                    check.broken(&format!("{path}.minAvailable"), NO_SHARE);
                }
            }
            (None, Some(most)) => match pods(most, replicas) {
                Some(0) => {
                    check.broken(&format!("{path}.maxUnavailable"), "0 would block every drain");
                }
                Some(_) => {}
                None => check.broken(&format!("{path}.maxUnavailable"), NO_SHARE),
            },
        }
    }
}

const NO_SHARE: &str = "must be a number of pods, or a percentage such as 50%";

/// How many of `replicas` pods a number or percentage means, rounded up as Kubernetes does; none
/// for anything else.
pub(super) fn pods(share: &IntOrString, replicas: i64) -> Option<i64> {
    match share {
        IntOrString::Int(count) => (*count >= 0).then_some((*count).into()),
        IntOrString::String(text) => {
            let percent: u32 = text.strip_suffix('%')?.parse().ok()?;
            (percent <= 100).then(|| (replicas * i64::from(percent) + 99) / 100)
        }
    }
}

/// A DNS domain.
pub(super) fn domain(check: &mut Rules<'_>, path: &str, name: &str) {
    object_name(check, path, name, 253);
}

/// A part of an object's name: what a DNS label holds, cut to length later.
pub(super) fn label(check: &mut Rules<'_>, path: &str, name: &str) {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = name.bytes().all(plain) && !name.starts_with('-');
    if !fits {
        check.broken(path, format!("{name:?} is no name: lower-case letters, digits and - only"));
    }
}

/// A reference to an image, or its repository or tag: words without white space.
pub(super) fn image_part(check: &mut Rules<'_>, path: &str, text: &str) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:@+".contains(&byte);
    if !(text.bytes().all(plain) && text.bytes().next().is_none_or(|it| it.is_ascii_alphanumeric()))
    {
        check.broken(path, format!("{text:?} is no name of an image"));
    }
}

/// A name of a Kubernetes object that also stands in a label: a DNS label or several joined by
/// dots, `most` bytes at most.
pub(super) fn object_name(check: &mut Rules<'_>, path: &str, name: &str, most: usize) {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let label = |label: &str| {
        let bytes = label.as_bytes();
        bytes.iter().all(|&byte| plain(byte) || byte == b'-')
            && bytes.first().is_some_and(|&byte| plain(byte))
            && bytes.last().is_some_and(|&byte| plain(byte))
    };
    if name.len() > most {
        check.broken(path, format!("{name:?} is longer than {most} characters"));
    } else if !name.split('.').all(label) {
        check.broken(
            path,
            format!("{name:?} is no name of an object: lower-case letters, digits, - and . only"),
        );
    }
}

impl Autoscaling {
    /// Bounds in order, targets that are percentages.
    pub(super) fn rules(&self, check: &mut Rules<'_>) {
        if !self.enabled {
            return;
        }
        check.holds("autoscaling.minReplicas", self.min_replicas >= 1, "must be at least 1");
        check.holds(
            "autoscaling.maxReplicas",
            self.max_replicas >= self.min_replicas,
            "must not be below minReplicas",
        );
        let targets = [
            ("targetCPUUtilizationPercentage", self.target_cpu_utilization_percentage),
            ("targetMemoryUtilizationPercentage", self.target_memory_utilization_percentage),
        ];
        for (name, target) in targets {
            let fits = target.is_none_or(|percent| percent >= 1);
            check.holds(&format!("autoscaling.{name}"), fits, "must be at least 1");
        }
        if targets.iter().all(|(_, target)| target.is_none()) {
            check.broken("autoscaling", "needs a CPU or a memory target");
        }
    }
}

/// Ports from 1 to 65535, no two alike.
pub(super) fn ports(check: &mut Rules<'_>, ports: &[(&str, i64)]) {
    for (index, (path, port)) in ports.iter().enumerate() {
        if !(1..=65535).contains(port) {
            check.broken(path, format!("{port} is no port: 1 to 65535"));
        } else if let Some((other, _)) = ports[..index].iter().find(|(_, other)| other == port) {
            check.broken(path, format!("{port} is taken by {other}"));
        }
    }
}

/// A percentage.
pub(super) fn percentage(check: &mut Rules<'_>, path: &str, percent: i64) {
    check.holds(path, (0..=100).contains(&percent), "must be a percentage, 0 to 100");
}

/// A comma-separated list of CIDR blocks or addresses.
pub(super) fn cidrs(check: &mut Rules<'_>, path: &str, list: &str) {
    for block in list.split(',').map(str::trim) {
        if !is_cidr(block) {
            check.broken(path, format!("{block:?} is neither an address nor a CIDR block"));
        }
    }
}

/// Whether a text is an IP address, with or without a prefix length that fits.
pub(super) fn is_cidr(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
    let Ok(address) = address.parse::<std::net::IpAddr>() else { return false };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    prefix.is_none_or(|prefix| prefix.parse::<u8>().is_ok_and(|prefix| prefix <= longest))
}

/// Amount of a quantity: bytes, cores.
pub(super) fn bytes(quantity: &Quantity) -> Option<f64> {
    amount(&quantity.0)
}

/// The heap that `-Xmx` in JVM options asks for, in bytes; the last one counts.
pub(super) fn jvm_heap(options: &str) -> Option<f64> {
    let size =
        options.split_whitespace().filter_map(|option| option.strip_prefix("-Xmx")).next_back()?;
    let digits = size.find(|c: char| !c.is_ascii_digit()).unwrap_or(size.len());
    let number: f64 = size[..digits].parse().ok()?;
    let unit = match size[digits..].to_ascii_lowercase().as_str() {
        "" => 1.0,
        "k" => 1024.0,
        "m" => 1024.0 * 1024.0,
        "g" => 1024.0 * 1024.0 * 1024.0,
        "t" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some(number * unit)
}

/// The memory limit of a container, in bytes.
pub(super) fn memory_limit(resources: &ResourceRequirements) -> Option<f64> {
    bytes(resources.limits.as_ref()?.get("memory")?)
}

/// Requests must not exceed limits.
pub(super) fn resources(check: &mut Rules<'_>, resources: &ResourceRequirements) {
    let (Some(limits), Some(requests)) = (&resources.limits, &resources.requests) else { return };
    for (name, request) in requests {
        let limit = limits.get(name).and_then(bytes);
        if let (Some(limit), Some(wanted)) = (limit, bytes(request))
            && wanted > limit
        {
            check.broken(
                &format!("resources.requests.{name}"),
                format!("{} is more than the limit {}", request.0, limits[name].0),
            );
        }
    }
}

/// Whether CPU and memory are both requested and limited.
pub(super) fn sized(resources: &ResourceRequirements) -> bool {
    let both = |list: &Option<BTreeMap<String, Quantity>>| {
        list.as_ref()
            .is_some_and(|list| ["cpu", "memory"].iter().all(|key| list.contains_key(*key)))
    };
    both(&resources.limits) && both(&resources.requests)
}

/// The container security context that all charts share: nothing but its own user.
pub(super) fn locked_down(user: i64) -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(k8s_openapi::api::core::v1::Capabilities {
            drop: Some(vec!["ALL".to_owned()]),
            add: None,
        }),
        read_only_root_filesystem: Some(true),
        run_as_non_root: Some(true),
        run_as_user: Some(user),
        ..SecurityContext::default()
    }
}

/// A pod security context with the default seccomp profile and a group for volumes.
pub(super) fn pod_group(group: i64) -> PodSecurityContext {
    PodSecurityContext {
        fs_group: Some(group),
        seccomp_profile: Some(k8s_openapi::api::core::v1::SeccompProfile {
            type_: "RuntimeDefault".to_owned(),
            localhost_profile: None,
        }),
        ..PodSecurityContext::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_pods() {
        let share = |text: &str| match text.parse() {
            Ok(count) => IntOrString::Int(count),
            Err(_) => IntOrString::String(text.to_owned()),
        };
        for (text, expected) in [
            ("2", Some(2)),
            ("-1", None),
            ("0%", Some(0)),
            ("50%", Some(2)),
            ("67%", Some(3)),
            ("101%", None),
            ("half", None),
        ] {
            assert_eq!(pods(&share(text), 3), expected, "{text}");
        }
    }

    #[test]
    fn sizes_and_blocks() {
        assert_eq!(bytes(&Quantity("512Mi".into())), Some(536_870_912.0));
        assert_eq!(bytes(&Quantity("1.5G".into())), Some(1.5e9));
        assert_eq!(jvm_heap("-Xms1g -Xmx2g -XX:+UseG1GC"), Some(2_147_483_648.0));
        assert_eq!(jvm_heap("-Xms1g"), None);
        for good in ["10.0.0.0/8", "::/0", "192.168.1.1"] {
            assert!(is_cidr(good), "{good}");
        }
        for bad in ["10.0.0.0/33", "10.0.0/8", "x", ""] {
            assert!(!is_cidr(bad), "{bad}");
        }
    }
}
