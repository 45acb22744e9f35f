//! Volumes of pods.

use super::super::cursor::At;
use super::super::finding::Finding;
use super::super::formats::{self, bad, member_in_range};
use super::containers::{not_negative, relative};
use super::{meta, storage};

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
        "hostPath" => {
            named("path");
            if let Some(path) = at.get("path")
                && path.doc.as_str().is_some_and(|text| text.split('/').any(|part| part == ".."))
            {
                bad(path, "relative-path", "must not contain '..'");
            }
        }
        "emptyDir" => {
            if let Some(limit) = at.get("sizeLimit") {
                not_negative(limit);
            }
        }
        "ephemeral" => {
            if let Some(spec) = at.at(&["volumeClaimTemplate", "spec"]) {
                storage::claim_spec(spec);
            }
        }
        "gitRepo" => {
            let message = "gitRepo volumes are deprecated; clone in an init container";
            at.report(Finding::warning("deprecated-field", message).rule("deprecated-field"));
        }
        "nfs" => {
            for key in ["server", "path"] {
                if at.text(key) == Some("") {
                    at.missing(key, "");
                }
            }
            if let Some(path) = at.get("path")
                && path.doc.as_str().is_some_and(|text| !text.is_empty() && !text.starts_with('/'))
            {
                bad(path, "absolute-path", "must be an absolute path");
            }
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
                    source.child_of(second).report(finding);
                }
                for kind in set {
                    let Some(source) = source.get(kind) else { continue };
                    match kind {
                        "serviceAccountToken" => {
                            member_in_range(source, "expirationSeconds", 600, 1 << 32);
                        }
                        "downwardAPI" => downward(source),
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

/// Files made of the pod's own fields.
fn downward(at: At<'_>) {
    for item in at.each("items") {
        if let Some(path) = item.get("path") {
            relative(path);
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
        if let Some(key) = item.get("key").filter(|key| key.doc.as_str() != Some(""))
            && key.doc.as_str().is_some_and(|text| !formats::is_config_key(text))
        {
            bad(key, "config-map-key", "is no key of a ConfigMap or Secret");
        }
        member_in_range(item, "mode", 0, 0o777);
    }
}
