//! Containers: names, images, ports, mounts, probes.

use super::super::cursor::At;
use super::super::finding::Finding;
use super::super::formats::{self, bad, in_range, member_in_range};
use super::super::structure::invalid_enum;
use super::{meta, pod, resources, variables};
use crate::doc::Doc;

/// Checks the containers of a pod; `volumes` are the names that mounts may use.
pub(super) fn check(spec: At<'_>, volumes: &[&str]) {
    if let Some(list) = spec.get("containers")
        && list.doc.as_list().is_some_and(<[Doc]>::is_empty)
    {
        spec.missing("containers", "a pod has at least one");
    }
    let mut names: Vec<&str> = Vec::new();
    let mut hosts = Vec::new();
    let grace = spec.int("terminationGracePeriodSeconds").map_or(30, |(grace, _)| grace);
    for (list, is_init) in [("containers", false), ("initContainers", true)] {
        for container in spec.each(list) {
            if container.doc.as_map().is_some() {
                container_name(container, &mut names);
                one(container, is_init, volumes, grace);
                host_ports(container, &mut hosts);
                if spec.doc.get("hostNetwork").and_then(Doc::as_bool) == Some(true) {
                    host_network(container);
                }
            }
        }
    }
    if let Some(list) = spec.get("ephemeralContainers")
        && list.doc.as_list().is_some_and(|list| !list.is_empty())
    {
        let message = "ephemeral containers are added to running pods only";
        list.report(Finding::new("exclusive-fields", message).rule("exclusive-fields"));
    }
    // A pod has resources of its own, too.
    resources::check(spec);
}

fn container_name<'d>(container: At<'d>, names: &mut Vec<&'d str>) {
    let Some(at) = container.get("name") else { return };
    let Some(name) = at.doc.as_str() else { return };
    if name.is_empty() {
        container.missing("name", "");
    } else if names.contains(&name) {
        let message = format!("a second container named {name:?}");
        let finding = Finding::new("duplicate-item", message).rule("unique-items");
        at.report(finding.fact("key", "name"));
    } else {
        meta::dns_label(at);
        names.push(name);
    }
}

fn one(container: At<'_>, is_init: bool, volumes: &[&str], grace: i64) {
    match container.get("image") {
        None => missing_image(container),
        Some(image) => match image.doc.as_str() {
            Some("") => missing_image(container),
            Some(text) if text.trim() != text => {
                bad(image, "container-image", "must not begin or end with white space");
            }
            _ => {}
        },
    }
    ports(container);
    variables::check(container);
    mounts(container, volumes);
    let sidecar = container.text("restartPolicy") == Some("Always");
    for (key, is_readiness) in
        [("livenessProbe", false), ("startupProbe", false), ("readinessProbe", true)]
    {
        let Some(probe) = container.get(key) else { continue };
        if is_init && !sidecar {
            let message = "init containers have no probes, unless restartPolicy is Always";
            let finding = Finding::new("exclusive-fields", message).rule("probe-handler");
            probe.report(finding);
        } else {
            self::probe(probe, is_readiness);
        }
    }
    if let Some(lifecycle) = container.get("lifecycle") {
        if is_init && !sidecar {
            let message = "init containers have no hooks, unless restartPolicy is Always";
            lifecycle.report(Finding::new("exclusive-fields", message).rule("probe-handler"));
            return rest(container);
        }
        for key in ["postStart", "preStop"] {
            if let Some(hook) = lifecycle.get(key) {
                handler(hook, &["exec", "httpGet", "tcpSocket", "sleep"]);
                sleep(hook, grace);
            }
        }
    }
    if let Some(policy) = container.get("restartPolicy")
        && is_init
        && let Some(text) = policy.doc.as_str().filter(|text| *text != "Always")
        && !matches!(text, "Never" | "OnFailure")
    {
        policy.report(invalid_enum(text, ["Always"]).rule("restart-policy"));
    }
    rest(container);
}

fn rest(container: At<'_>) {
    resources::check(container);
    security(container);
}

fn missing_image(container: At<'_>) {
    let is_null = container.doc.get("image").is_some();
    let finding = super::super::cursor::missing("image", is_null, "").rule("container-image");
    container.report_missing("image", finding);
}

fn ports(container: At<'_>) {
    meta::unique(container.each("ports"), "name", "port");
    let mut seen = Vec::new();
    for port in container.each("ports") {
        member_in_range(port, "containerPort", 1, 65535);
        if let Some(name) = port.get("name")
            && let Some(why) = name
                .doc
                .as_str()
                .filter(|text| !text.is_empty())
                .and_then(formats::port_name_problem)
        {
            let finding = formats::bad_format(name, "iana-svc-name", why);
            name.report(finding.fact("max_length", 15));
        }
        if let Some((number, _)) = port.int("containerPort") {
            let key = (number, port.text("protocol").unwrap_or("TCP"));
            if seen.contains(&key) {
                let message = format!("container port {number} is listed twice");
                port.report(Finding::warning("repeated-port", message).rule("unique-items"));
            }
            seen.push(key);
        }
    }
}

type HostPort<'d> = (i64, &'d str, Option<&'d str>);

/// Host ports are in range, and used once in the pod.
fn host_ports<'d>(container: At<'d>, hosts: &mut Vec<HostPort<'d>>) {
    for port in container.each("ports") {
        if let Some((number, host)) = port.int("hostPort")
            && number != 0
            && in_range(host, number, 1, 65535)
        {
            let key = (number, port.text("protocol").unwrap_or("TCP"), port.text("hostIP"));
            if hosts.contains(&key) {
                let message = format!("host port {number} is used twice");
                host.report(Finding::new("duplicate-item", message).rule("unique-items"));
            }
            hosts.push(key);
        }
    }
}

/// A pod in the network of its host listens on the ports that it says.
fn host_network(container: At<'_>) {
    for port in container.each("ports") {
        if let (Some((number, _)), Some((host, at))) =
            (port.int("containerPort"), port.int("hostPort"))
            && host != number
            && host != 0
            && (1..=65535).contains(&host)
            && (1..=65535).contains(&number)
        {
            let message = format!("with hostNetwork it must equal the container port {number}");
            at.report(Finding::new("out-of-range", message).rule("number-range"));
        }
    }
}

/// Exactly one of several members is set.
pub(super) fn one_of<'d>(at: At<'d>, keys: &[&'d str], rule: &'static str) {
    let set: Vec<&&str> = keys.iter().filter(|key| at.has(key)).collect();
    match set.as_slice() {
        [] if at.doc.as_map().is_some() => {
            let message = format!("one of {} is required", keys.join(", "));
            let finding = Finding::new("missing-required", message).rule(rule);
            at.report(finding.allowed(keys.iter().copied()));
        }
        [_, _, ..] => {
            let names: Vec<&str> = set.into_iter().copied().collect();
            let message = format!("{} exclude each other", names.join(" and "));
            let finding = Finding::new("exclusive-fields", message).rule(rule);
            at.report(finding.fact("fields", names));
        }
        _ => {}
    }
}

fn mounts(container: At<'_>, volumes: &[&str]) {
    let mut paths: Vec<&str> = Vec::new();
    for mount in container.each("volumeMounts") {
        declared(mount, volumes);
        if let Some(path) = mount.get("mountPath")
            && let Some(text) = path.doc.as_str()
        {
            if text.is_empty() {
                mount.missing("mountPath", "");
            } else if paths.contains(&text) {
                let message = format!("a second mount at {text:?}");
                let finding = Finding::new("duplicate-item", message).rule("unique-items");
                path.report(finding.fact("key", "mountPath"));
            } else {
                paths.push(text);
            }
        }
        let privileged = container.doc.get("securityContext").and_then(|it| it.get("privileged"));
        if mount.text("mountPropagation") == Some("Bidirectional")
            && privileged.and_then(Doc::as_bool) != Some(true)
        {
            let finding = Finding::new("exclusive-fields", "only privileged containers have it");
            mount.child_of("mountPropagation").report(finding.rule("volume-mount"));
        }
        if mount.text("recursiveReadOnly").is_some_and(|text| text != "Disabled")
            && mount.doc.get("readOnly").and_then(Doc::as_bool) != Some(true)
        {
            let finding = Finding::new("exclusive-fields", "it needs readOnly: true");
            mount.child_of("recursiveReadOnly").report(finding.rule("exclusive-fields"));
        }
        if let Some(path) = mount.get("subPath") {
            relative(path);
            if mount.has("subPathExpr") {
                let message = "subPath and subPathExpr exclude each other";
                let finding = Finding::new("exclusive-fields", message).rule("exclusive-fields");
                mount.child_of("subPathExpr").report(finding);
            }
        }
    }
    for device in container.each("volumeDevices") {
        declared(device, volumes);
    }
}

/// Reports a path inside a volume that is absolute or climbs.
pub(super) fn relative(path: At<'_>) {
    let Some(text) = path.doc.as_str() else { return };
    if text.starts_with('/') {
        bad(path, "relative-path", "must be a relative path");
    } else if text.split('/').any(|part| part == "..") {
        bad(path, "relative-path", "must not contain '..'");
    }
}

fn declared(mount: At<'_>, volumes: &[&str]) {
    let Some(at) = mount.get("name") else { return };
    let Some(name) = at.doc.as_str() else { return };
    if name.is_empty() {
        mount.missing("name", "");
    } else if !volumes.contains(&name) {
        let message = format!("no volume is named {name:?}");
        let finding = Finding::new("missing-reference", message).rule("volume-mount");
        let known = volumes.iter().copied();
        at.report(match super::super::structure::meant(name, known.clone()) {
            Some(close) => finding.suggest(close).allowed(known),
            None => finding.allowed(known),
        });
    }
}

/// A handler has exactly one action; further ones are reported in their own place.
fn handler<'d>(at: At<'d>, kinds: &[&'d str]) {
    if at.doc.as_map().is_none() {
        return;
    }
    let mut first = None;
    for kind in kinds {
        let Some(action) = at.get(kind) else { continue };
        if let Some(first) = first {
            let message = format!("{kind} and {first} exclude each other: one handler only");
            let finding = Finding::new("exclusive-fields", message).rule("probe-handler");
            action.report(finding.fact("fields", vec![first, *kind]));
        } else {
            first = Some(*kind);
        }
        if matches!(*kind, "httpGet" | "tcpSocket")
            && let Some(port) = action.get("port")
        {
            formats::port(port);
        }
        if *kind == "grpc" {
            member_in_range(action, "port", 1, 65535);
        }
        if *kind == "exec"
            && action
                .get("command")
                .is_none_or(|command| command.doc.as_list().is_some_and(<[Doc]>::is_empty))
        {
            action.missing("command", "exec runs something");
        }
    }
    if first.is_none() {
        let message = format!("a handler is required: one of {}", kinds.join(", "));
        let finding = Finding::new("missing-required", message).rule("probe-handler");
        at.report(finding.allowed(kinds.iter().copied()));
    }
}

/// A hook sleeps no longer than the pod has to end.
fn sleep(hook: At<'_>, grace: i64) {
    if let Some(sleep) = hook.get("sleep")
        && let Some((seconds, _)) = sleep.int("seconds")
        && !(0..=grace).contains(&seconds)
    {
        let message = format!("{seconds} must be between 0 and the grace period, {grace}");
        let finding = Finding::new("out-of-range", message).rule("number-range");
        sleep.report(finding.fact("min", 0).fact("max", grace));
    }
}

fn probe(at: At<'_>, is_readiness: bool) {
    handler(at, &["exec", "httpGet", "tcpSocket", "grpc"]);
    let keys = ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "failureThreshold"];
    for key in keys {
        member_in_range(at, key, 0, i64::from(i32::MAX));
    }
    if is_readiness {
        member_in_range(at, "successThreshold", 0, i64::from(i32::MAX));
        if let Some(grace) = at.get("terminationGracePeriodSeconds") {
            let message = "readiness probes have no grace period";
            grace.report(Finding::new("exclusive-fields", message).rule("exclusive-fields"));
        }
    } else {
        if let Some((number, threshold)) = at.int("successThreshold")
            && !(0..=1).contains(&number)
        {
            let finding = Finding::new("out-of-range", format!("{number} must be 1"));
            threshold.report(finding.rule("number-range").fact("min", 1).fact("max", 1));
        }
        member_in_range(at, "terminationGracePeriodSeconds", 1, i64::from(i32::MAX));
    }
}

fn security(container: At<'_>) {
    let Some(context) = container.get("securityContext") else { return };
    for key in ["runAsUser", "runAsGroup"] {
        member_in_range(context, key, 0, i64::from(i32::MAX));
    }
    pod::seccomp(context);
    let flag = |key| context.doc.get(key).and_then(Doc::as_bool);
    if flag("allowPrivilegeEscalation") == Some(false) {
        let added = context.at(&["capabilities", "add"]);
        let admin = added.is_some_and(|added| {
            let list = added.doc.as_list().unwrap_or_default();
            list.iter().any(|doc| matches!(doc.as_str(), Some("CAP_SYS_ADMIN")))
        });
        if flag("privileged") == Some(true) || admin {
            let message = "allowPrivilegeEscalation cannot be false for a privileged container";
            let finding = Finding::new("exclusive-fields", message).rule("exclusive-fields");
            context.report(finding.fact("fields", vec!["privileged", "allowPrivilegeEscalation"]));
        }
    }
}
