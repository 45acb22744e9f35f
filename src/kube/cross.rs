//! Rules across the objects of a run: what refers to nothing, and what does not fit together.
//!
//! A cluster may hold what a run does not, so nearly all of these are warnings.

use std::collections::{HashMap, HashSet};

use super::catalog::Minors;
use super::cursor::{At, Check, whole};
use super::finding::{Finding, Level, Severity};
use super::rules::selector_matches;
use super::validate::{label, name_of};
use crate::doc::{Doc, DocMap};

/// The objects of a run.
pub struct Objects<'d> {
    docs: Vec<(usize, usize, usize, &'d Doc)>,
    target: Minors,
    skip: &'d [String],
}

/// A pod template and what it belongs to.
struct Pods<'d> {
    namespace: &'d str,
    kind: &'d str,
    name: &'d str,
    replicas: Option<i64>,
    labels: Option<&'d Doc>,
    spec: &'d Doc,
}

/// The label by which Kubernetes names each pod of a StatefulSet.
const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";

impl Pods<'_> {
    /// Whether one of the pods has these labels, those that Kubernetes adds included.
    fn have(&self, wanted: &DocMap) -> bool {
        wanted.iter().all(|(key, value)| {
            if &**key == POD_NAME && self.kind == "StatefulSet" {
                return value.as_str().is_some_and(|name| self.has_pod(name));
            }
            self.labels.and_then(|labels| labels.get(key)) == Some(value)
        })
    }

    /// Whether `pod` is one of a StatefulSet's; it is not said which number they start at.
    fn has_pod(&self, pod: &str) -> bool {
        pod.rsplit_once('-')
            .is_some_and(|(set, ordinal)| set == self.name && ordinal.parse::<u32>().is_ok())
    }
}

/// Everything that a rule looks other objects up in.
struct World<'d> {
    pods: Vec<Pods<'d>>,
    names: HashSet<(&'d str, &'d str, &'d str)>,
    /// ConfigMaps and Secrets by kind, namespace and name.
    configs: HashMap<(&'d str, &'d str, &'d str), &'d Doc>,
    /// Numbers of pod templates by namespace and label.
    labelled: HashMap<(&'d str, &'d str, &'d str), Vec<usize>>,
    /// Secrets that a controller makes for one of the objects.
    promised: HashSet<(&'d str, &'d str)>,
}

impl<'d> World<'d> {
    /// The pods that a map of labels selects.
    fn selected(&self, space: &str, wanted: &DocMap) -> Vec<&Pods<'d>> {
        let mut pods = self.by_label(space, Some(wanted));
        pods.retain(|pods| pods.namespace == space && pods.have(wanted));
        pods
    }

    /// The pods that have the first of some labels, which leaves few to look at; all of them when
    /// there is no label.
    fn by_label(&self, space: &str, wanted: Option<&DocMap>) -> Vec<&Pods<'d>> {
        let label = wanted.into_iter().flatten().find(|(key, _)| &***key != POD_NAME);
        let Some((key, value)) = label.and_then(|(key, value)| Some((key, value.as_str()?))) else {
            return self.pods.iter().collect();
        };
        let numbers = self.labelled.get(&(space, &**key, value));
        numbers.into_iter().flatten().filter_map(|at| self.pods.get(*at)).collect()
    }
}

/// The Secret that a well-known controller makes for a custom resource.
fn provided<'d>(kind: &str, doc: &'d Doc) -> Option<&'d str> {
    let path: &[&str] = match kind {
        "Certificate" => &["spec", "secretName"],
        "ExternalSecret" => &["spec", "target", "name"],
        "SealedSecret" => &["spec", "template", "metadata", "name"],
        _ => return None,
    };
    let named = down(doc, path).and_then(Doc::as_str);
    named.or_else(|| (kind != "Certificate").then(|| name_of(doc)))
}

fn text<'d>(doc: &'d Doc, key: &str) -> &'d str {
    doc.get(key).and_then(Doc::as_str).unwrap_or_default()
}

fn namespace(doc: &Doc) -> &str {
    doc.get("metadata").map_or("", |metadata| text(metadata, "namespace"))
}

/// Keys down to the pod spec of a kind.
fn pod_path(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "Pod" => &["spec"],
        "Deployment"
        | "ReplicaSet"
        | "DaemonSet"
        | "StatefulSet"
        | "Job"
        | "ReplicationController" => &["spec", "template", "spec"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => return None,
    })
}

fn down<'d>(doc: &'d Doc, keys: &[&str]) -> Option<&'d Doc> {
    keys.iter().try_fold(doc, |doc, key| doc.get(key))
}

impl<'d> Objects<'d> {
    /// Objects by group, input, document and content.
    pub fn new(
        docs: impl Iterator<Item = (usize, usize, usize, &'d Doc)>,
        target: Minors,
        skip: &'d [String],
    ) -> Self {
        Objects { docs: docs.collect(), target, skip }
    }

    fn all(&self) -> impl Iterator<Item = &'d Doc> {
        self.docs.iter().flat_map(|(.., doc)| {
            let items: &'d [Doc] = if text(doc, "kind") == "List" {
                doc.get("items").and_then(Doc::as_list).unwrap_or_default()
            } else {
                std::slice::from_ref(*doc)
            };
            items
        })
    }

    fn world(&self) -> World<'d> {
        let mut world = World {
            pods: Vec::new(),
            names: HashSet::new(),
            configs: HashMap::new(),
            labelled: HashMap::new(),
            promised: HashSet::new(),
        };
        for doc in self.all() {
            let (kind, name, space) = (text(doc, "kind"), name_of(doc), namespace(doc));
            world.names.insert((kind, space, name));
            if matches!(kind, "ConfigMap" | "Secret") {
                world.configs.insert((kind, space, name), doc);
            }
            if let Some(made) = provided(kind, doc) {
                world.promised.insert((space, made));
            }
            let Some(path) = pod_path(kind) else { continue };
            let Some(spec) = down(doc, path) else { continue };
            let labels = down(doc, &path[..path.len() - 1])
                .and_then(|template| template.get("metadata"))
                .and_then(|metadata| metadata.get("labels"));
            let replicas = down(doc, &["spec", "replicas"]);
            for (key, value) in labels.and_then(Doc::as_map).into_iter().flatten() {
                let Some(value) = value.as_str() else { continue };
                world.labelled.entry((space, key, value)).or_default().push(world.pods.len());
            }
            world.pods.push(Pods {
                namespace: space,
                kind,
                name,
                replicas: replicas.map_or(Some(1), whole),
                labels,
                spec,
            });
        }
        world
    }

    /// What does not fit together.
    pub fn check(&self) -> Vec<Finding> {
        let world = self.world();
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for (group, input, document, doc) in &self.docs {
            let check = Check::new(*input, *document, self.target, Level::Full, self.skip);
            let at = check.root(doc);
            if text(doc, "kind") == "List" {
                for item in at.each("items") {
                    check.set_object(label(item.doc));
                    object(item, &world);
                    duplicate(item, *group, &mut seen);
                }
            } else {
                check.set_object(label(doc));
                object(at, &world);
                duplicate(at, *group, &mut seen);
            }
            found.extend(check.take());
        }
        found
    }
}

fn duplicate(at: At<'_>, set: usize, seen: &mut HashSet<(usize, String, String, String, String)>) {
    let doc = at.doc;
    let name = doc.get("metadata").map_or("", |metadata| text(metadata, "name"));
    let is_hook = down(doc, &["metadata", "annotations", "helm.sh/hook"]).is_some();
    if name.is_empty() || is_hook || text(doc, "kind").is_empty() {
        return;
    }
    let group = text(doc, "apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
    let own = [group, text(doc, "kind"), namespace(doc), name].map(str::to_owned);
    let [group, kind, space, name] = own;
    if !seen.insert((set, group, kind.clone(), space, name.clone())) {
        let message = format!("a second {kind} named {name}");
        let finding = Finding::new("duplicate-object", message).rule("duplicate-object");
        if let Some(name) = at.at(&["metadata", "name"]) {
            name.report(finding);
        }
    }
}

fn object(at: At<'_>, world: &World<'_>) {
    let kind = at.text("kind").unwrap_or_default();
    if let Some(path) = pod_path(kind)
        && let Some(spec) = at.at(path)
    {
        pod(spec, namespace(at.doc), world);
    }
    match kind {
        "Service" => service(at, world),
        "HorizontalPodAutoscaler" => autoscaler(at, world),
        "PodDisruptionBudget" => budget(at, world),
        "StatefulSet" => stateful_set(at, world),
        _ => {}
    }
    if matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet") {
        selector(at);
    }
}

/// Labels that change with every release of a chart.
const CHANGING: [&str; 4] = ["helm.sh/chart", "app.kubernetes.io/version", "chart", "version"];

fn selector(at: At<'_>) {
    let labels = at.at(&["spec", "selector", "matchLabels"]);
    for (key, value) in labels.into_iter().flat_map(At::members) {
        let text = value.doc.as_str().unwrap_or_default();
        let changes = CHANGING.contains(&key) && text.bytes().any(|byte| byte.is_ascii_digit());
        if changes {
            let message = format!("{key} changes between versions, a selector cannot");
            value.report(Finding::warning("unstable-selector", message).rule("immutable-selector"));
        }
    }
}

fn unresolved(at: At<'_>, rule: &'static str, what: &str, name: &str) {
    let message = format!("no {what} {name:?} is among the objects");
    at.report(Finding::warning("unresolved-reference", message).rule(rule));
}

fn optional(at: At<'_>) -> bool {
    at.doc.get("optional").and_then(Doc::as_bool) == Some(true)
}

/// A reference to a `ConfigMap` or Secret, and to one of its keys.
fn reference<'d>(at: At<'d>, field: &'d str, kind: &'static str, space: &str, world: &World<'_>) {
    let Some(name) = at.get(field) else { return };
    let Some(text) = name.doc.as_str().filter(|text| !text.is_empty()) else { return };
    if optional(at) {
        return;
    }
    // Every namespace has this one.
    let given = kind == "ConfigMap" && text == "kube-root-ca.crt";
    if given || (kind == "Secret" && world.promised.contains(&(space, text))) {
        return;
    }
    let Some(config) = world.configs.get(&(kind, space, text)) else {
        let rule = if kind == "Secret" { "secret-reference" } else { "configmap-reference" };
        unresolved(name, rule, kind, text);
        return;
    };
    let has = |key: &str| {
        ["data", "stringData", "binaryData"]
            .iter()
            .any(|list| config.get(list).is_some_and(|list| list.get(key).is_some()))
    };
    let keys = at.get("key").into_iter().chain(at.each("items").filter_map(|item| item.get("key")));
    for key in keys {
        if let Some(wanted) = key.doc.as_str()
            && !has(wanted)
        {
            let message = format!("{kind} {text} has no key {wanted:?}");
            key.report(Finding::warning("unresolved-key", message).rule("key-reference"));
        }
    }
}

fn pod(spec: At<'_>, space: &str, world: &World<'_>) {
    for volume in spec.each("volumes") {
        if let Some(source) = volume.get("configMap") {
            reference(source, "name", "ConfigMap", space, world);
        }
        if let Some(source) = volume.get("secret") {
            reference(source, "secretName", "Secret", space, world);
        }
        for source in volume.get("projected").into_iter().flat_map(|it| it.each("sources")) {
            if let Some(source) = source.get("configMap") {
                reference(source, "name", "ConfigMap", space, world);
            }
            if let Some(source) = source.get("secret") {
                reference(source, "name", "Secret", space, world);
            }
        }
    }
    for container in spec.each("initContainers").chain(spec.each("containers")) {
        for variable in container.each("env") {
            if let Some(source) = variable.at(&["valueFrom", "configMapKeyRef"]) {
                reference(source, "name", "ConfigMap", space, world);
            }
            if let Some(source) = variable.at(&["valueFrom", "secretKeyRef"]) {
                reference(source, "name", "Secret", space, world);
            }
        }
        for source in container.each("envFrom") {
            if let Some(source) = source.get("configMapRef") {
                reference(source, "name", "ConfigMap", space, world);
            }
            if let Some(source) = source.get("secretRef") {
                reference(source, "name", "Secret", space, world);
            }
        }
        probe_ports(container);
    }
    if let Some(account) = spec.get("serviceAccountName")
        && let Some(name) = account.doc.as_str()
        && !matches!(name, "" | "default")
        && !world.names.contains(&("ServiceAccount", space, name))
    {
        unresolved(account, "service-account-reference", "ServiceAccount", name);
    }
}

fn probe_ports(container: At<'_>) {
    let ports = container.doc.get("ports").and_then(Doc::as_list).unwrap_or_default();
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        for action in ["httpGet", "tcpSocket"] {
            if let Some(port) = container.at(&[probe, action, "port"])
                && let Some(name) = port.doc.as_str()
                && super::formats::port_name_problem(name).is_none()
                && !ports.iter().any(|port| text(port, "name") == name)
            {
                let message = format!("the container has no port named {name:?}");
                port.report(Finding::warning("unknown-port", message).rule("probe-port"));
            }
        }
    }
}

fn service(at: At<'_>, world: &World<'_>) {
    let Some(spec) = at.get("spec") else { return };
    let Some(selector) = spec.get("selector") else { return };
    let Some(wanted) = selector.doc.as_map().filter(|map| !map.is_empty()) else { return };
    let space = namespace(at.doc);
    // A Service in another namespace, such as kube-system, is for pods of others.
    if !world.pods.iter().any(|pods| pods.namespace == space) {
        return;
    }
    let hit = world.selected(space, wanted);
    if hit.is_empty() {
        let message = "the selector matches no pod template among the objects";
        selector.report(Finding::warning("no-matching-pods", message).rule("service-pods"));
        return;
    }
    let ports: Vec<&Doc> = hit
        .iter()
        .flat_map(|pods| ["containers", "initContainers"].map(|list| pods.spec.get(list)))
        .flat_map(|list| list.and_then(Doc::as_list).unwrap_or_default())
        .flat_map(|container| container.get("ports").and_then(Doc::as_list).unwrap_or_default())
        .collect();
    for port in spec.each("ports") {
        let Some(target) = port.get("targetPort").or_else(|| port.get("port")) else { continue };
        let (known, severity) = match whole(target.doc) {
            Some(number) => {
                let is = |port: &&Doc| port.get("containerPort").and_then(whole) == Some(number);
                (ports.is_empty() || ports.iter().any(is), Severity::Note)
            }
            None => {
                let name = target.doc.as_str().unwrap_or_default();
                (ports.iter().any(|port| text(port, "name") == name), Severity::Warning)
            }
        };
        if !known {
            let shown = super::cursor::shown(target.doc);
            let message = format!("the selected pods declare no port {shown}");
            let finding = Finding::warning("no-container-port", message).rule("service-port");
            target.report(Finding { severity, ..finding });
        }
    }
}

fn autoscaler(at: At<'_>, world: &World<'_>) {
    let Some(target) = at.at(&["spec", "scaleTargetRef"]) else { return };
    let (Some(kind), Some(name)) = (target.text("kind"), target.get("name")) else { return };
    let known = matches!(kind, "Deployment" | "StatefulSet" | "ReplicaSet");
    if known
        && let Some(text) = name.doc.as_str()
        && !world.names.contains(&(kind, namespace(at.doc), text))
    {
        unresolved(name, "hpa-target", kind, text);
    }
}

fn budget(at: At<'_>, world: &World<'_>) {
    let Some(spec) = at.get("spec") else { return };
    let report = |bound: At<'_>, message: String| {
        let finding = Finding::warning("blocks-drain", message).rule("pdb-blocks-drain");
        bound.report(finding.hint("a node with such a pod cannot be drained"));
    };
    if let Some(most) = spec.get("maxUnavailable")
        && (whole(most.doc) == Some(0) || most.doc.as_str() == Some("0%"))
    {
        report(most, "no pod may ever go".into());
    }
    let Some(least) = spec.get("minAvailable") else { return };
    if least.doc.as_str() == Some("100%") {
        report(least, "no pod may ever go".into());
    }
    let Some(selector) = spec.doc.get("selector") else { return };
    let Some(number) = whole(least.doc).filter(|number| *number > 0) else { return };
    let labels = selector.get("matchLabels").and_then(Doc::as_map);
    let hit = world.by_label(namespace(at.doc), labels).into_iter().filter(|pods| {
        pods.namespace == namespace(at.doc)
            && matches!(pods.kind, "Deployment" | "StatefulSet" | "ReplicaSet")
            && selector_matches(selector, pods.labels)
    });
    let (mut total, mut names) = (0, Vec::new());
    for pods in hit {
        let Some(replicas) = pods.replicas else { return };
        total += replicas;
        names.push(format!("{} {}", pods.kind, pods.name));
    }
    let scaled = world.names.iter().any(|(kind, ..)| *kind == "HorizontalPodAutoscaler");
    if !names.is_empty() && number >= total && !scaled {
        report(least, format!("{} has {total} replicas, so no pod may go", names.join(" and ")));
    }
}

fn stateful_set(at: At<'_>, world: &World<'_>) {
    if let Some(name) = at.at(&["spec", "serviceName"])
        && let Some(text) = name.doc.as_str().filter(|text| !text.is_empty())
        && !world.names.contains(&("Service", namespace(at.doc), text))
    {
        unresolved(name, "statefulset-service", "Service", text);
    }
}
