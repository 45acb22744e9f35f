//! Volumes of pods.

use super::super::cursor::At;
use super::super::finding::Finding;
use super::super::formats::member_in_range;
use super::containers::relative;
use super::resources::not_negative;
use super::{meta, storage, variables};

/// Sources in the order in which the server looks at them: the first one is kept.
const SOURCES: [&str; 30] = [
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
];

/// Checks the volumes of a pod; gives the names that mounts may use.
pub(super) fn check<'d>(spec: At<'d>, claims: &[&'d str]) -> Vec<&'d str> {
    let mut names = meta::unique(spec.each("volumes"), "name", "volume");
    for volume in spec.each("volumes") {
        if let Some(name) = volume.get("name") {
            if name.doc.as_str() == Some("") {
                volume.missing("name", "");
            } else {
                meta::dns_label(name);
            }
        }
        let mut first: Option<&str> = None;
        for kind in SOURCES {
            let Some(source) = volume.get(kind) else { continue };
            if let Some(first) = first {
                let message = format!("{first} and {kind} exclude each other: one source only");
                let finding = Finding::new("exclusive-fields", message).rule("volume-source");
                source.report(finding.fact("fields", vec![first, kind]));
            } else {
                first = Some(kind);
                self::source(kind, source);
            }
        }
    }
    names.extend(claims);
    names
}

fn source(kind: &str, at: At<'_>) {
    let named = |key| {
        if at.doc.as_map().is_some() && (!at.has(key) || at.text(key) == Some("")) {
            let finding = super::super::cursor::missing(key, at.doc.get(key).is_some(), "");
            at.report_missing(key, finding.rule("volume-items"));
        }
    };
    match kind {
        "secret" => named("secretName"),
        "configMap" => named("name"),
        "persistentVolumeClaim" => {
            if at.text("claimName") == Some("") {
                at.missing("claimName", "");
            }
        }
        "hostPath" => named("path"),
        "emptyDir" => {
            if let Some(limit) = at.get("sizeLimit") {
                not_negative(limit);
            }
        }
        "ephemeral" => {
            if let Some(template) = at.get("volumeClaimTemplate") {
                if let Some(metadata) = template.get("metadata") {
                    meta::object_meta(metadata);
                }
                if let Some(spec) = template.get("spec") {
                    storage::claim_spec(spec);
                }
            }
        }
        "csi" => {
            if let Some(secret) = at.get("nodePublishSecretRef")
                && secret.text("name").is_none_or(str::is_empty)
            {
                secret.missing("name", "");
            }
        }
        "gitRepo" => {
            let message = "gitRepo volumes are deprecated; clone in an init container";
            at.report(Finding::warning("deprecated-field", message).rule("deprecated-field"));
        }
        "downwardAPI" => downward(at),
        "projected" => {
            for source in at.each("sources") {
                let kinds = [
                    "secret",
                    "configMap",
                    "downwardAPI",
                    "serviceAccountToken",
                    "clusterTrustBundle",
                    "podCertificate",
                ];
                let set: Vec<&str> = kinds.into_iter().filter(|kind| source.has(kind)).collect();
                if let [first, second, ..] = set.as_slice() {
                    let message = format!("{first} and {second} exclude each other");
                    let finding = Finding::new("exclusive-fields", message).rule("volume-source");
                    source.report(finding.fact("fields", vec![*first, *second]));
                }
                for kind in set {
                    let Some(source) = source.get(kind) else { continue };
                    match kind {
                        "serviceAccountToken" => {
                            member_in_range(source, "expirationSeconds", 600, 1 << 32);
                            file(source);
                        }
                        "downwardAPI" => downward(source),
                        "secret" | "configMap" => {
                            if source.text("name").is_none_or(str::is_empty) {
                                source.missing("name", "");
                            }
                            items(source);
                        }
                        _ => items(source),
                    }
                }
            }
        }
        _ => {}
    }
    member_in_range(at, "defaultMode", 0, 0o777);
    if kind != "downwardAPI" {
        items(at);
    }
}

/// What files may tell of their pod, besides single labels and annotations.
const FIELD_PATHS: [&str; 5] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
];

/// The path of a file in a volume.
fn file(at: At<'_>) {
    match at.get("path") {
        Some(path) if path.doc.as_str() == Some("") => at.missing("path", ""),
        Some(path) => relative(path),
        None => {}
    }
}

/// Files made of the pod's own fields.
fn downward(at: At<'_>) {
    for item in at.each("items") {
        file(item);
        variables::told(item);
        variables::field_path(item, &FIELD_PATHS);
        member_in_range(item, "mode", 0, 0o777);
        if let Some(resource) = item.get("resourceFieldRef")
            && resource.doc.as_map().is_some()
            && resource.text("containerName").is_none_or(str::is_empty)
        {
            resource.missing("containerName", "whose resources are meant");
        }
        if item.doc.as_map().is_some() && !item.has("fieldRef") && !item.has("resourceFieldRef") {
            let message = "a file needs a fieldRef or a resourceFieldRef";
            at.report(Finding::new("missing-required", message).rule("volume-items"));
        }
    }
}

fn items(at: At<'_>) {
    for item in at.each("items") {
        for key in ["key", "path"] {
            if item.text(key) == Some("") {
                item.missing(key, "");
            }
        }
        if let Some(path) = item.get("path") {
            relative(path);
        }
        member_in_range(item, "mode", 0, 0o777);
    }
}
