//! Services, Ingresses and endpoints.

use super::super::catalog::Minors;
use super::super::cursor::{At, whole};
use super::super::finding::Finding;
use super::super::formats::{self, bad, in_range, member_in_range};
use super::meta;
use crate::doc::Doc;

pub(super) fn service(at: At<'_>) {
    let Some(spec) = at.get("spec") else { return };
    if spec.doc.as_map().is_none() {
        return;
    }
    let kind = spec.text("type").filter(|kind| !kind.is_empty()).unwrap_or("ClusterIP");
    let headless = spec.text("clusterIP") == Some("None");
    let is_external = kind == "ExternalName";
    let no_ports =
        spec.get("ports").is_none_or(|ports| ports.doc.as_list().is_some_and(<[Doc]>::is_empty));
    if no_ports && !headless && !is_external {
        let finding = super::super::cursor::missing("ports", spec.doc.get("ports").is_some(), "");
        spec.report_missing("ports", finding.rule("service-ports"));
    }
    if is_external {
        external_name(spec);
    }
    if let Some(map) = spec.get("selector") {
        meta::labels(map);
    }
    ports(spec, kind);
    addresses(spec, kind, headless);
    let outside = matches!(kind, "NodePort" | "LoadBalancer");
    if let Some(policy) = spec.get("externalTrafficPolicy")
        && policy.doc.as_str().is_some_and(|text| !text.is_empty())
        && !outside
        && !spec.has("externalIPs")
    {
        let message = "only Services of type NodePort or LoadBalancer have it";
        policy.report(Finding::new("exclusive-fields", message).rule("exclusive-fields"));
    }
    if let Some(port) = spec.get("healthCheckNodePort")
        && whole(port.doc).is_some_and(|number| number != 0)
        && (kind != "LoadBalancer" || spec.text("externalTrafficPolicy") != Some("Local"))
    {
        let message = "it goes with type LoadBalancer and externalTrafficPolicy Local only";
        port.report(Finding::new("exclusive-fields", message).rule("exclusive-fields"));
    }
    if kind == "LoadBalancer" {
        member_in_range(spec, "healthCheckNodePort", 0, 65535);
    } else {
        for key in ["loadBalancerClass", "allocateLoadBalancerNodePorts"] {
            if let Some(at) = spec.get(key) {
                let message = "only Services of type LoadBalancer have it";
                at.report(Finding::new("exclusive-fields", message).rule("exclusive-fields"));
            }
        }
    }
    if let Some(ranges) = spec.get("loadBalancerSourceRanges") {
        if kind != "LoadBalancer" && ranges.doc.as_list().is_some_and(|list| !list.is_empty()) {
            let message = "only Services of type LoadBalancer have it";
            ranges.report(Finding::new("exclusive-fields", message).rule("exclusive-fields"));
        }
        for range in ranges.items() {
            cidr(range);
        }
    }
    annotated_ranges(at, kind);
    affinity(spec);
}

/// Source ranges as an annotation, as before there was a field for them.
fn annotated_ranges(at: At<'_>, kind: &str) {
    let key = "service.beta.kubernetes.io/load-balancer-source-ranges";
    let Some(value) = at.at(&["metadata", "annotations"]).and_then(|map| map.get(key)) else {
        return;
    };
    let Some(text) = value.doc.as_str() else { return };
    if kind != "LoadBalancer" {
        let message = "only Services of type LoadBalancer have it";
        value.report(Finding::new("exclusive-fields", message).rule("exclusive-fields"));
    } else if !text.is_empty() && text.split(',').any(|part| formats::cidr(part.trim()).is_none()) {
        bad(value, "cidr", "is no list of address ranges such as 10.0.0.0/8");
    }
}

fn external_name(spec: At<'_>) {
    match spec.get("externalName") {
        Some(name) if name.doc.as_str() != Some("") => {
            let text = name.doc.as_str().map(|text| text.strip_suffix('.').unwrap_or(text));
            if text.is_some_and(|text| !formats::is_subdomain(text)) {
                bad(name, "dns-1123-subdomain", "is no host name");
            }
        }
        _ => {
            let is_null = spec.doc.get("externalName").is_some();
            let finding = super::super::cursor::missing(
                "externalName",
                is_null,
                "type ExternalName needs it",
            );
            spec.report_missing("externalName", finding.rule("external-name"));
        }
    }
    if let Some(ip) = spec.get("clusterIP")
        && ip.doc.as_str().is_some_and(|text| !text.is_empty() && text != "None")
    {
        let message = "a Service of type ExternalName has no cluster IP";
        ip.report(Finding::new("exclusive-fields", message).rule("exclusive-fields"));
    }
    for key in ["ipFamilyPolicy", "ipFamilies"] {
        if let Some(at) = spec.get(key)
            && at.doc.as_list().is_none_or(|list| !list.is_empty())
        {
            let message = "a Service of type ExternalName has no addresses";
            at.report(Finding::new("exclusive-fields", message).rule("exclusive-fields"));
        }
    }
}

fn ports(spec: At<'_>, kind: &str) {
    let count = spec.doc.get("ports").and_then(Doc::as_list).unwrap_or_default().len();
    meta::unique(spec.each("ports"), "name", "port");
    let mut seen = Vec::new();
    let mut nodes = Vec::new();
    for port in spec.each("ports") {
        if port.doc.as_map().is_none() {
            continue;
        }
        match port.get("name") {
            Some(name) if name.doc.as_str() != Some("") => meta::dns_label(name),
            _ if count > 1 => {
                let is_null = port.doc.get("name").is_some();
                let finding =
                    super::super::cursor::missing("name", is_null, "several ports have names");
                port.report_missing("name", finding.rule("port-name-required"));
            }
            _ => {}
        }
        member_in_range(port, "port", 1, 65535);
        // 0 and an empty text stand for the port itself.
        if let Some(target) = port.get("targetPort")
            && whole(target.doc) != Some(0)
            && target.doc.as_str() != Some("")
        {
            formats::port(target);
        }
        let protocol = port.text("protocol").unwrap_or("TCP");
        if let Some((number, _)) = port.int("port") {
            if seen.contains(&(number, protocol)) {
                let message = format!("port {number} of {protocol} is listed twice");
                let finding = Finding::new("duplicate-item", message).rule("unique-items");
                port.report(finding.fact("key", "port"));
            }
            seen.push((number, protocol));
        }
        let Some((number, node)) = port.int("nodePort") else { continue };
        if number == 0 {
            continue;
        }
        if kind == "ClusterIP" {
            let message = format!("a Service of type {kind} has no node ports");
            node.report(Finding::new("exclusive-fields", message).rule("node-port"));
        } else if kind != "ExternalName" && !(30000..=32767).contains(&number) {
            let message = format!("{number} must be between 30000 and 32767");
            let finding = Finding::new("out-of-range", message).rule("node-port");
            node.report(finding.fact("min", 30000).fact("max", 32767));
        } else if nodes.contains(&(number, protocol)) {
            let message = format!("node port {number} is used twice");
            node.report(Finding::new("duplicate-item", message).rule("unique-items"));
        }
        nodes.push((number, protocol));
    }
}

fn addresses(spec: At<'_>, kind: &str, headless: bool) {
    let address = |at: At<'_>| {
        if let Some(text) = at.doc.as_str()
            && !matches!(text, "" | "None")
            && !formats::is_ip(text)
        {
            bad(at, "service-ip", "must be empty, \"None\", or an IP address");
        }
    };
    if let Some(ip) = spec.get("clusterIP") {
        if headless && matches!(kind, "NodePort" | "LoadBalancer") {
            let message = format!("a Service of type {kind} cannot be headless");
            ip.report(Finding::new("exclusive-fields", message).rule("exclusive-fields"));
        }
        address(ip);
    }
    spec.each("clusterIPs").for_each(address);
    for ip in spec.each("externalIPs") {
        let Some(text) = ip.doc.as_str() else { continue };
        if !formats::is_ip(text) {
            bad(ip, "ip", "is no IP address");
        } else if let Some(why) = formats::special_ip(text) {
            bad(ip, "ip", why);
        }
    }
}

fn affinity(spec: At<'_>) {
    // Without affinity the server forgets the configuration.
    if spec.text("sessionAffinity") == Some("ClientIP")
        && let Some(client) = spec.at(&["sessionAffinityConfig", "clientIP"])
    {
        member_in_range(client, "timeoutSeconds", 1, 86400);
    }
}

/// Reports what is no address range.
pub(super) fn cidr(at: At<'_>) {
    let Some(text) = at.doc.as_str() else { return };
    match formats::cidr(text.trim()) {
        None => bad(at, "cidr", "is no address range such as 10.0.0.0/8"),
        // Older servers take it and mean the whole range.
        Some(range) if formats::cidr_has_host_bits(range) => {
            let finding = formats::bad_format(at, "cidr", "has bits set beyond its prefix");
            at.report(finding.minors(Minors::since(36)));
        }
        Some(_) => {}
    }
}

fn host(at: At<'_>) {
    // In a list a null is an empty text.
    let text = if at.doc.is_null() { Some("") } else { at.doc.as_str() };
    let Some(text) = text else { return };
    if formats::is_ip(text) {
        bad(at, "dns-1123-subdomain", "must be a host name, not an address");
    } else if text.contains('*') {
        if !formats::is_wildcard_subdomain(text) {
            bad(at, "dns-1123-subdomain", "a wildcard is `*.` before a host name");
        }
    } else if !formats::is_subdomain(text) {
        bad(at, "dns-1123-subdomain", "is no host name");
    }
}

pub(super) fn ingress(at: At<'_>) {
    let Some(spec) = at.get("spec") else { return };
    let no_rules =
        spec.get("rules").is_none_or(|rules| rules.doc.as_list().is_some_and(<[Doc]>::is_empty));
    if no_rules && !spec.has("defaultBackend") && spec.doc.as_map().is_some() {
        let message = "rules or a defaultBackend are required";
        let finding = Finding::new("missing-required", message).rule("ingress-path");
        spec.report(finding.allowed(["defaultBackend", "rules"]));
    }
    if let Some(backend) = spec.get("defaultBackend") {
        self::backend(backend);
    }
    if let Some(class) = spec.get("ingressClassName") {
        meta::subdomain(class);
        let old = at
            .at(&["metadata", "annotations"])
            .and_then(|annotations| annotations.get("kubernetes.io/ingress.class"));
        if let Some(old) = old
            && old.doc.as_str() != class.doc.as_str()
        {
            let message = "must match ingressClassName when both are set";
            let finding = Finding::new("exclusive-fields", message).rule("exclusive-fields");
            old.report(finding.hint("leave the annotation out"));
        }
    }
    for tls in spec.each("tls") {
        tls.each("hosts").for_each(host);
        if let Some(secret) = tls.get("secretName").filter(|at| at.doc.as_str() != Some("")) {
            meta::subdomain(secret);
        }
    }
    for rule in spec.each("rules") {
        if let Some(name) = rule.get("host").filter(|at| at.doc.as_str() != Some("")) {
            host(name);
        }
        let Some(http) = rule.get("http") else { continue };
        if http.get("paths").is_some_and(|at| at.doc.as_list().is_some_and(<[Doc]>::is_empty)) {
            http.missing("paths", "at least one path");
        }
        for path in http.each("paths") {
            ingress_path(path);
            if let Some(backend) = path.get("backend") {
                self::backend(backend);
            }
        }
    }
}

fn ingress_path(at: At<'_>) {
    let kind = at.text("pathType").unwrap_or_default();
    let exact = matches!(kind, "Exact" | "Prefix");
    match at.get("path") {
        None if exact => {
            let finding = Finding::new("missing-required", format!("pathType {kind} needs a path"));
            at.report_missing("path", finding.rule("ingress-path"));
        }
        Some(path) => {
            let Some(text) = path.doc.as_str() else { return };
            if !text.starts_with('/') && (exact || !text.is_empty()) {
                bad(path, "ingress-path", "must begin with '/'");
            } else if exact {
                let lower = text.to_ascii_lowercase();
                let odd = ["//", "/./", "/../", "%2f"];
                let ends = ["/.", "/.."];
                if odd.iter().any(|part| lower.contains(part))
                    || ends.iter().any(|end| lower.ends_with(end))
                {
                    bad(path, "ingress-path", "must not contain //, /./, /../ or %2f");
                }
            }
        }
        None => {}
    }
}

fn backend(at: At<'_>) {
    if at.doc.as_map().is_none() {
        return;
    }
    super::containers::one_of(at, &["service", "resource"], "exclusive-fields");
    if let Some(resource) = at.get("resource") {
        for key in ["kind", "name"] {
            if let Some(value) = resource.get(key)
                && value.doc.as_str().is_some_and(|text| text.contains(['/', '%']))
            {
                bad(value, "path-segment-name", "must not have '/' or '%'");
            }
        }
        resource.get("apiGroup").into_iter().for_each(meta::subdomain);
    }
    let Some(service) = at.get("service") else { return };
    if let Some(name) = service.get("name") {
        if name.doc.as_str() == Some("") {
            service.missing("name", "");
        } else if name.doc.as_str().is_some_and(|text| !formats::is_dns1035_label(text)) {
            bad(name, "dns-1035-label", "is no name of a Service");
        }
    }
    match service.get("port") {
        None if service.doc.as_map().is_some() => no_port(at),
        Some(port) if port.doc.as_map().is_some() => {
            let number = port.int("number").filter(|(number, _)| *number != 0);
            let name = port.get("name").filter(|name| name.doc.as_str() != Some(""));
            match (number, name) {
                (None, None) if whole_or_absent(port, "number") => no_port(at),
                (Some(_), Some(_)) => {
                    let message = "name and number of the service's port exclude each other";
                    let finding =
                        Finding::new("exclusive-fields", message).rule("exclusive-fields");
                    at.report(finding.fact("fields", vec!["name", "number"]));
                }
                _ => {}
            }
            if let Some((number, at)) = number {
                in_range(at, number, 1, 65535);
            }
            if let Some(name) = name {
                formats::port(name);
            }
        }
        _ => {}
    }
}

fn whole_or_absent(at: At<'_>, key: &'static str) -> bool {
    at.int(key).is_some() || !at.has(key)
}

fn no_port(backend: At<'_>) {
    let message = "name or number of the service's port is required";
    let finding = Finding::new("missing-required", message);
    backend.report(finding.rule("service-port").allowed(["name", "number"]));
}

pub(super) fn ingress_class(at: At<'_>) {
    if let Some(controller) = at.at(&["spec", "controller"])
        && let Some(text) = controller.doc.as_str().filter(|text| !text.is_empty())
        && !text
            .split_once('/')
            .is_some_and(|(domain, rest)| formats::is_subdomain(domain) && !rest.is_empty())
    {
        bad(controller, "qualified-name", "must be domain/path");
    }
    let Some(parameters) = at.at(&["spec", "parameters"]) else { return };
    let namespaced = parameters.text("scope") == Some("Namespace");
    if namespaced && !parameters.has("namespace") {
        parameters.missing("namespace", "scope Namespace needs it");
    } else if !namespaced && let Some(namespace) = parameters.get("namespace") {
        let finding = Finding::new("exclusive-fields", "it goes with scope Namespace only");
        namespace.report(finding.rule("exclusive-fields"));
    }
}

/// The most addresses that an endpoint has.
const ADDRESSES: usize = 100;

pub(super) fn endpoint_slice(at: At<'_>) {
    let kind = at.text("addressType").unwrap_or_default();
    for endpoint in at.each("endpoints") {
        if let Some(list) = endpoint.get("addresses")
            && let Some(addresses) = list.doc.as_list()
        {
            if addresses.is_empty() {
                endpoint.missing("addresses", "at least one");
            } else if addresses.len() > ADDRESSES {
                let message = format!("{} addresses, {ADDRESSES} are allowed", addresses.len());
                list.report(Finding::new("out-of-range", message).rule("number-range"));
            }
        }
        for address in endpoint.each("addresses") {
            let Some(text) = address.doc.as_str() else { continue };
            let (fits, what) = match kind {
                "IPv4" => (text.parse::<std::net::Ipv4Addr>().is_ok(), "is no IPv4 address"),
                "IPv6" => (text.parse::<std::net::Ipv6Addr>().is_ok(), "is no IPv6 address"),
                "FQDN" => (formats::is_subdomain(text), "is no host name"),
                _ => continue,
            };
            if !fits {
                bad(address, "ip", what);
            }
        }
    }
    super::meta::unique(at.each("ports"), "name", "port");
    for port in at.each("ports") {
        if let Some(name) = port.get("name")
            && name
                .doc
                .as_str()
                .is_some_and(|text| !text.is_empty() && !formats::is_dns_label(text))
        {
            bad(name, "dns-1123-label", "is no name of a port");
        }
    }
}
