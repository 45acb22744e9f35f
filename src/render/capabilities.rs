//! What a chart may ask of the cluster: Kubernetes version, API versions, Helm's own version.
//!
//! Offline these are the constants of Helm 4.3.1, which was built with client-go 0.37.

use crate::compat::Compat;
use crate::diag::{Fault, FaultKind, Result};
use crate::funcs::Runtime;
use crate::value::{Kind, List, ListType, Method, Object, Value};

/// Kubernetes minor version that Helm 4.3.1 assumes without `--kube-version`.
pub const DEFAULT_KUBE_MINOR: u32 = 37;

/// Kubernetes minor version that Helm 3.20 assumes.
const HELM_3_KUBE_MINOR: u32 = 35;

/// Version of Helm whose behaviour rhumb reproduces.
pub const HELM_VERSION: &str = "v4.3.1";

/// Commit that Helm 4.3.1 was built from, as `.Capabilities.HelmVersion.GitCommit` shows it.
pub const HELM_COMMIT: &str = "c0d08d0d6d9424d4a14febb5e8a3e51b0dd00dff";

/// Go version that Helm 4.3.1 was built with.
pub const HELM_GO_VERSION: &str = "go1.27.2";

/// API versions that Helm 4.3.1 knows offline, in its order.
pub const DEFAULT_API_VERSIONS: &[&str] = &[
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "lifecycle.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

/// A Kubernetes version as Helm keeps it: the text as given, and the same without suffix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeVersion {
    /// As given, with a leading `v`: `v1.33.4-gke.1`.
    pub version: String,
    /// Numbers alone: `v1.33.4`; what prints and what constraints see.
    pub normalized: String,
    /// Major number.
    pub major: String,
    /// Minor number.
    pub minor: String,
}

impl Default for KubeVersion {
    fn default() -> Self {
        Self::of_minor(DEFAULT_KUBE_MINOR)
    }
}

impl KubeVersion {
    fn of_minor(minor: u32) -> Self {
        let version = format!("v1.{minor}.0");
        KubeVersion {
            normalized: version.clone(),
            version,
            major: "1".into(),
            minor: minor.to_string(),
        }
    }
}

impl KubeVersion {
    /// Reads `--kube-version` with the rules of Kubernetes' generic version parser.
    ///
    /// Errors: text that does not begin with numbers, or has fewer than two of them.
    pub fn parse(text: &str) -> Result<Self> {
        let quoted = crate::golang::quote::quote(text.as_bytes());
        let fault = |what: String| Fault::new(FaultKind::Usage, what);
        let trimmed = text.trim_start();
        let bare = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let mut end = 0;
        let bytes = bare.as_bytes();
        // Digits, then groups of a dot and digits; a dot without digits belongs to the suffix.
        while end < bytes.len() && bytes[end].is_ascii_digit() {
            end += 1;
        }
        if end == 0 {
            return Err(fault(format!("could not parse {quoted} as version")));
        }
        while end + 1 < bytes.len() && bytes[end] == b'.' && bytes[end + 1].is_ascii_digit() {
            end += 1;
            while end < bytes.len() && bytes[end].is_ascii_digit() {
                end += 1;
            }
        }
        let components: Vec<&str> = bare[..end].split('.').collect();
        if components.len() < 2 {
            return Err(fault(format!("illegal version string {quoted}")));
        }
        let mut numbers = Vec::with_capacity(components.len());
        for (index, component) in components.iter().enumerate() {
            if index == 0 && component.starts_with('0') && *component != "0" {
                return Err(fault(format!(
                    "illegal zero-prefixed version component \"{component}\" in {quoted}"
                )));
            }
            let number: u64 = component.parse().map_err(|_| {
                fault(format!(
                    "illegal non-numeric version component \"{component}\" in {quoted}: \
                     strconv.ParseUint: parsing \"{component}\": value out of range"
                ))
            })?;
            numbers.push(number.to_string());
        }
        let version = if text.starts_with('v') { text.to_string() } else { format!("v{text}") };
        Ok(KubeVersion {
            version,
            normalized: format!("v{}", numbers.join(".")),
            major: numbers[0].clone(),
            minor: numbers[1].clone(),
        })
    }
}

/// What `.Capabilities` holds.
#[derive(Clone, Debug, Default)]
pub struct Capabilities {
    /// Kubernetes version.
    pub kube_version: KubeVersion,
    /// API versions added with `--api-versions`, after the default ones.
    pub extra_api_versions: Vec<String>,
    /// Whether the default API versions are left out, as test suites have it.
    pub only_extra: bool,
}

impl Capabilities {
    /// What a major version of Helm assumes offline.
    pub fn of(compat: Compat) -> Self {
        let version = match compat {
            Compat::Helm3 => KubeVersion::of_minor(HELM_3_KUBE_MINOR),
            Compat::Helm4 => KubeVersion::default(),
        };
        Capabilities { kube_version: version, ..Capabilities::default() }
    }

    /// Every API version, default ones first.
    pub fn api_versions(&self) -> impl Iterator<Item = &str> {
        let known = if self.only_extra { &[] } else { DEFAULT_API_VERSIONS };
        known.iter().copied().chain(self.extra_api_versions.iter().map(String::as_str))
    }

    /// As the dot of a Go template holds it.
    pub fn to_value(&self) -> Value {
        let versions = self.api_versions().map(Value::from).collect();
        Value::object(CapabilitiesObject {
            kube_version: Value::object(KubeVersionObject(self.kube_version.clone())),
            api_versions: Value::List(List::typed(versions, ListType::VersionSet)),
            helm_version: Value::object(HelmVersionObject),
        })
    }
}

struct CapabilitiesObject {
    kube_version: Value,
    api_versions: Value,
    helm_version: Value,
}

impl Object for CapabilitiesObject {
    fn type_name(&self) -> &'static str {
        "*common.Capabilities"
    }
    fn kind(&self) -> Kind {
        Kind::Ptr
    }
    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "KubeVersion" => Some(self.kube_version.clone()),
            "APIVersions" => Some(self.api_versions.clone()),
            "HelmVersion" => Some(self.helm_version.clone()),
            _ => None,
        }
    }
    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("KubeVersion", self.kube_version.clone()),
            ("APIVersions", self.api_versions.clone()),
            ("HelmVersion", self.helm_version.clone()),
        ]
    }
    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(self.fields())
    }
}

struct KubeVersionObject(KubeVersion);

impl Object for KubeVersionObject {
    fn type_name(&self) -> &'static str {
        "common.KubeVersion"
    }
    fn kind(&self) -> Kind {
        Kind::Struct
    }
    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Version" => Some(Value::str(self.0.version.as_str())),
            "Major" => Some(Value::str(self.0.major.as_str())),
            "Minor" => Some(Value::str(self.0.minor.as_str())),
            _ => None,
        }
    }
    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Version", Value::str(self.0.version.as_str())),
            ("Major", Value::str(self.0.major.as_str())),
            ("Minor", Value::str(self.0.minor.as_str())),
        ]
    }
    /// The unexported field is printed, too: `{v1.37.0 v1.37.0 1 37}`.
    fn all_fields(&self) -> Vec<(&'static str, Value)> {
        let mut fields = self.fields();
        fields.insert(1, ("normalizedVersion", Value::str(self.0.normalized.as_str())));
        fields
    }
    fn method(&self, name: &str) -> Option<Method> {
        matches!(name, "String" | "GitVersion").then_some(Method { params: &[], variadic: false })
    }
    fn call(&self, name: &str, _cx: &mut dyn Runtime, _args: &[Value]) -> Result<Value> {
        let text = if name == "GitVersion" { &self.0.version } else { &self.0.normalized };
        Ok(Value::str(text.as_str()))
    }
    /// Go's `String` is declared on the pointer, so it shows only where the engine prints the
    /// field itself, not where a function gets the value.
    fn pointer_display(&self) -> Option<String> {
        Some(self.0.normalized.clone())
    }
    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(self.fields())
    }
}

struct HelmVersionObject;

impl HelmVersionObject {
    const FIELDS: [(&'static str, &'static str, &'static str); 5] = [
        ("Version", "version", HELM_VERSION),
        ("GitCommit", "git_commit", HELM_COMMIT),
        ("GitTreeState", "git_tree_state", "clean"),
        ("GoVersion", "go_version", HELM_GO_VERSION),
        ("KubeClientVersion", "kube_client_version", "v1.37"),
    ];
}

impl Object for HelmVersionObject {
    fn type_name(&self) -> &'static str {
        "version.BuildInfo"
    }
    fn kind(&self) -> Kind {
        Kind::Struct
    }
    fn field(&self, name: &str) -> Option<Value> {
        Self::FIELDS.iter().find(|field| field.0 == name).map(|field| Value::str(field.2))
    }
    fn fields(&self) -> Vec<(&'static str, Value)> {
        Self::FIELDS.iter().map(|field| (field.0, Value::str(field.2))).collect()
    }
    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(Self::FIELDS.iter().map(|field| (field.1, Value::str(field.2))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kube_versions_parse_as_kubernetes_does() {
        let parsed = |text| KubeVersion::parse(text).map(|v| (v.version, v.normalized, v.minor));
        let ok = |a: &str, b: &str, c: &str| (a.to_string(), b.to_string(), c.to_string());
        assert_eq!(parsed("1.22").unwrap(), ok("v1.22", "v1.22", "22"));
        assert_eq!(parsed("v1.33.4-gke.1").unwrap(), ok("v1.33.4-gke.1", "v1.33.4", "33"));
        assert_eq!(parsed("1.27+").unwrap(), ok("v1.27+", "v1.27", "27"));
        let message = |text| parsed(text).unwrap_err().message().to_string();
        assert_eq!(message("abc"), "could not parse \"abc\" as version");
        assert_eq!(message("1.x"), "illegal version string \"1.x\"");
        assert_eq!(message("01.2"), "illegal zero-prefixed version component \"01\" in \"01.2\"");
    }
}
