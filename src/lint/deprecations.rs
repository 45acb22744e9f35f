//! APIs that Kubernetes deprecates, as Helm 4.3.1 knows them.

use crate::render::capabilities::{DEFAULT_KUBE_MINOR, KubeVersion};

/// apiVersion, kind, deprecated in, unavailable in, what to use; recorded from Helm.
const TABLE: &str = include_str!("deprecations.tsv");

/// What is to be said of an API in a version of Kubernetes.
///
/// Errors: it is deprecated, in the words of the API server.
pub(super) fn check(
    api_version: &str,
    kind: &str,
    kube_version: Option<&KubeVersion>,
) -> Result<(), String> {
    let row = TABLE.lines().find_map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let &[row_version, row_kind, deprecated, removed, replacement] = cells.as_slice() else {
            return None;
        };
        (row_version == api_version && row_kind == kind).then_some((
            deprecated,
            removed,
            replacement,
        ))
    });
    let Some((deprecated, removed, replacement)) = row else { return Ok(()) };
    let minor = |text: &str| text.strip_prefix("1.").and_then(|minor| minor.parse::<u32>().ok());
    let current = kube_version
        .map_or(DEFAULT_KUBE_MINOR, |version| version.minor.parse().unwrap_or(DEFAULT_KUBE_MINOR));
    if minor(deprecated).is_some_and(|deprecated| deprecated > current) {
        return Ok(());
    }
    let mut text = format!("{api_version} {kind} is deprecated in v{deprecated}+");
    if !removed.is_empty() {
        text = format!("{text}, unavailable in v{removed}+");
    }
    if !replacement.is_empty() {
        text = format!("{text}; use {replacement}");
    }
    Err(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deprecated_from_a_version_on() {
        let at = |text: &str| KubeVersion::parse(text).expect("a version");
        let ingress =
            |version: Option<&KubeVersion>| check("extensions/v1beta1", "Ingress", version);
        assert_eq!(
            ingress(None),
            Err("extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use \
                 networking.k8s.io/v1 Ingress"
                .into())
        );
        assert_eq!(ingress(Some(&at("1.13"))), Ok(()));
        assert_eq!(check("apps/v1", "Deployment", None), Ok(()));
    }
}
