//! Claims, volumes and storage classes.

use super::super::cursor::At;
use super::super::finding::Finding;
use super::resources::quantity;
use super::{meta, pod, selector};
use crate::doc::Doc;

/// Where the data of a persistent volume can be, in the order in which the server looks.
const SOURCES: [&str; 22] = [
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

fn access_modes(spec: At<'_>) {
    let none = spec
        .get("accessModes")
        .is_none_or(|modes| modes.doc.as_list().is_some_and(<[Doc]>::is_empty));
    if none && spec.doc.as_map().is_some() {
        spec.missing("accessModes", "at least one");
    }
    let modes = spec.doc.get("accessModes").and_then(Doc::as_list).unwrap_or_default();
    let alone = |mode: &Doc| mode.as_str() == Some("ReadWriteOncePod");
    if modes.len() > 1 && modes.iter().any(alone) {
        let message = "ReadWriteOncePod goes with no other mode";
        let finding = Finding::new("exclusive-fields", message).rule("exclusive-fields");
        spec.child_of("accessModes").report(finding);
    }
}

fn positive(at: At<'_>) {
    if quantity(at.doc).is_some_and(|amount| amount <= 0.0) {
        let message = format!("{} must be above 0", super::super::cursor::shown(at.doc));
        at.report(Finding::new("out-of-range", message).rule("capacity"));
    }
}

/// The spec of a claim, by itself or as a template.
pub(super) fn claim_spec(spec: At<'_>) {
    if spec.doc.as_map().is_none() {
        return;
    }
    access_modes(spec);
    if let Some(own) = spec.get("selector") {
        selector::check(own);
    }
    if let Some(class) = spec.get("storageClassName").filter(|at| at.doc.as_str() != Some("")) {
        meta::subdomain(class);
    }
    match spec.at(&["resources", "requests", "storage"]) {
        Some(storage) => positive(storage),
        None => {
            let mut finding =
                Finding::new("missing-required", "a claim requests storage").rule("capacity");
            finding.path = format!("{}.resources.requests.storage", spec.path());
            let near = spec.get("resources").unwrap_or(spec);
            near.report(finding);
        }
    }
}

pub(super) fn volume(at: At<'_>) {
    let Some(spec) = at.get("spec") else { return };
    access_modes(spec);
    let mut sources = SOURCES.iter().filter(|source| spec.has(source));
    let first = sources.next();
    for other in sources {
        let message = "a volume has one type only";
        let finding = Finding::new("exclusive-fields", message).rule("volume-source");
        spec.child_of(other).report(finding);
    }
    if spec.at(&["hostPath"]).and_then(|at| at.text("path")) == Some("/")
        && spec.text("persistentVolumeReclaimPolicy") == Some("Recycle")
    {
        let finding = Finding::new("exclusive-fields", "the root of a node is not recycled");
        spec.child_of("persistentVolumeReclaimPolicy").report(finding.rule("exclusive-fields"));
    }
    if first.is_none() && spec.doc.as_map().is_some() {
        let finding = Finding::new("missing-required", "a volume type is required");
        spec.report(finding.rule("volume-source").allowed(SOURCES));
    }
    if let Some(affinity) = spec.get("nodeAffinity").filter(|it| it.doc.as_map().is_some()) {
        match affinity.get("required") {
            Some(required) => pod::node_selector(required),
            None => affinity.missing("required", ""),
        }
    } else if spec.has("local") && !spec.has("nodeAffinity") {
        spec.missing("nodeAffinity", "a local volume lives on a node");
    }
    match spec.get("capacity") {
        Some(capacity) => {
            if let Some(storage) = capacity.get("storage") {
                positive(storage);
            } else if capacity.doc.as_map().is_some() {
                capacity.missing("storage", "");
            }
        }
        None => spec.missing("capacity", ""),
    }
}

pub(super) fn class(at: At<'_>) {
    if at.text("provisioner") == Some("") {
        at.missing("provisioner", "");
    }
    super::config::one_word(at, "reclaimPolicy", &["Delete", "Retain"]);
}
