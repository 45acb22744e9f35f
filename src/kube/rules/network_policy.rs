//! Network policies.

use super::super::cursor::{At, whole};
use super::super::finding::Finding;
use super::super::formats::{self, bad, in_range};
use super::network::cidr;
use super::selector;

pub(super) fn check(at: At<'_>) {
    let Some(spec) = at.get("spec") else { return };
    if let Some(pods) = spec.get("podSelector") {
        selector::check(pods);
    }
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        for rule in spec.each(direction) {
            rule.each("ports").for_each(policy_port);
            rule.each(peers).for_each(peer);
        }
    }
}

fn policy_port(at: At<'_>) {
    let port = at.get("port");
    if let Some(port) = port {
        formats::port(port);
    }
    let Some((end, place)) = at.int("endPort") else { return };
    match port {
        None => {
            let message = "endPort needs a port";
            place.report(Finding::new("missing-required", message).rule("number-range"));
        }
        Some(port) => match whole(port.doc) {
            Some(start) if in_range(place, end, 1, 65535) && end < start => {
                let message = format!("{end} must be at least the port, {start}");
                let finding = Finding::new("out-of-range", message).rule("number-range");
                place.report(finding.fact("min", start));
            }
            None if port.doc.as_str().is_some() => {
                let message = "endPort needs a port given as a number";
                place.report(Finding::new("exclusive-fields", message).rule("exclusive-fields"));
            }
            _ => {}
        },
    }
}

fn peer(at: At<'_>) {
    let pods = at.has("podSelector") || at.has("namespaceSelector");
    for key in ["podSelector", "namespaceSelector"] {
        if let Some(own) = at.get(key) {
            selector::check(own);
        }
    }
    let Some(block) = at.get("ipBlock") else {
        if !pods && at.doc.as_map().is_some() {
            let message = "a peer needs an ipBlock, a podSelector or a namespaceSelector";
            at.report(Finding::new("missing-required", message).rule("network-peer"));
        }
        return;
    };
    if pods {
        let message = "ipBlock excludes podSelector and namespaceSelector";
        at.report(Finding::new("exclusive-fields", message).rule("network-peer"));
    }
    let Some(range) = block.get("cidr") else { return };
    let whole = range.doc.as_str().and_then(formats::cidr);
    if range.doc.as_str() == Some("") {
        block.missing("cidr", "");
    } else {
        cidr(range);
    }
    for except in block.each("except") {
        match except.doc.as_str().map(formats::cidr) {
            Some(None) => cidr(except),
            Some(Some(inner)) => {
                if whole.is_some_and(|outer| !formats::cidr_contains(outer, inner)) {
                    bad(except, "cidr", "must lie inside of cidr, and be smaller");
                }
            }
            None => {}
        }
    }
}
