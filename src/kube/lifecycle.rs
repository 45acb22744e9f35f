//! When APIs came, were deprecated and went, and what replaces them.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::catalog::{Kind, Minors, find_kind, first_minor, kinds, newest_minor};
use super::cursor::At;
use super::finding::Finding;
use super::structure::meant;
use crate::diag::nearest::nearest;

const TABLE: &str = include_str!("data/lifecycle.tsv");

/// What is known of a kind that is deprecated or gone.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Minor that deprecates it.
    pub deprecated: Option<u32>,
    /// Minor that lacks it for the first time.
    pub removed: Option<u32>,
    /// apiVersion to use instead.
    pub replacement: Option<&'static str>,
    /// Minor that has the replacement for the first time.
    pub since: Option<u32>,
}

fn minor(text: &str) -> Option<u32> {
    text.strip_prefix("1.")?.parse().ok()
}

type Rows = HashMap<(&'static str, &'static str), Vec<&'static str>>;

/// The table by apiVersion and kind, cut into cells when it is first needed.
fn rows() -> &'static Rows {
    static ROWS: OnceLock<Rows> = OnceLock::new();
    ROWS.get_or_init(|| {
        let lines = TABLE.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        lines.filter(|cells| cells.len() > 1).map(|cells| ((cells[0], cells[1]), cells)).collect()
    })
}

/// The row of a kind.
pub fn row(api_version: &str, kind: &str) -> Option<Row> {
    let cells = rows().get(&(api_version, kind))?;
    let &[_, _, _, deprecated, removed, replacement, since] = cells.as_slice() else { return None };
    Some(Row {
        deprecated: minor(deprecated),
        removed: minor(removed),
        replacement: Some(replacement).filter(|text| text.contains('/') && !text.contains(' ')),
        since: minor(since),
    })
}

/// What the target minors make of an apiVersion and kind.
pub enum Served {
    /// Known in these minors; findings about the others have been reported.
    Known(Kind, Minors),
    /// Gone or not there yet; reported.
    Reported,
    /// Not of Kubernetes, as far as is known.
    Unknown,
}

/// Looks a kind up and reports where the target minors lack it.
pub fn look_up(at: At<'_>, api_version: &str, kind: &str) -> Served {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let target = at.check.target;
    let table = row(api_version, kind);
    let Some(found) = find_kind(group, version, kind) else {
        let Some(row) = table else { return Served::Unknown };
        let Some(removed) = row.removed else { return Served::Unknown };
        at.child_of("apiVersion").report(gone(api_version, kind, removed, &row));
        return Served::Reported;
    };
    let missing = target.without(found.minors);
    let last = found.minors.iter().last().unwrap_or(newest_minor());
    let later = Minors(missing.iter().filter(|minor| *minor > last).map(bit).sum());
    let earlier = missing.without(later);
    if !later.is_empty() {
        let row = table.unwrap_or(Row {
            deprecated: None,
            removed: None,
            replacement: None,
            since: None,
        });
        let finding = gone(api_version, kind, last + 1, &row);
        at.child_of("apiVersion").report(finding.minors(later));
    }
    if !earlier.is_empty() {
        let since = format!("1.{}", found.minors.iter().next().unwrap_or(first_minor()));
        let message = format!("{api_version} {kind} exists since Kubernetes {since}");
        let finding = Finding::new("api-not-yet", message).fact("since", since).minors(earlier);
        at.child_of("apiVersion").report(finding);
    }
    let here = target.and(found.minors);
    if here.is_empty() {
        return Served::Reported;
    }
    if let Some(row) = table
        && let Some(deprecated) = row.deprecated
    {
        let old = Minors(here.iter().filter(|minor| *minor >= deprecated).map(bit).sum());
        if !old.is_empty() {
            at.child_of("apiVersion")
                .report(deprecation(api_version, kind, deprecated, &row).minors(old));
        }
    }
    Served::Known(found, here)
}

fn bit(minor: u32) -> u16 {
    1 << (minor - first_minor())
}

fn instead(row: &Row) -> String {
    match (row.replacement, row.since) {
        (Some(replacement), Some(since)) => format!("; use {replacement} (since 1.{since})"),
        (Some(replacement), None) => format!("; use {replacement}"),
        (None, _) => String::new(),
    }
}

fn gone(api_version: &str, kind: &str, removed: u32, row: &Row) -> Finding {
    let removed = format!("1.{removed}");
    let message =
        format!("{api_version} {kind} is gone since Kubernetes {removed}{}", instead(row));
    let finding = Finding::new("removed-api", message)
        .fact("removed_in", removed)
        .fact("replacement", row.replacement);
    let finding = match row.replacement {
        Some(replacement) => finding.suggest(replacement),
        None => finding,
    };
    match (kind, api_version) {
        ("PodSecurityPolicy", _) => finding.hint("use Pod Security admission"),
        ("Ingress", _) => finding
            .hint("backend became service.name and service.port, and every path needs a pathType"),
        ("HorizontalPodAutoscaler", "autoscaling/v2beta1") => finding
            .hint("targetAverageUtilization became target.type and target.averageUtilization"),
        _ => finding,
    }
}

fn deprecation(api_version: &str, kind: &str, deprecated: u32, row: &Row) -> Finding {
    let deprecated = format!("1.{deprecated}");
    let until = row.removed.map(|minor| format!(", gone from 1.{minor}")).unwrap_or_default();
    let message = format!(
        "{api_version} {kind} is deprecated since Kubernetes {deprecated}{until}{}",
        instead(row)
    );
    let finding = Finding::warning("deprecated-api", message)
        .rule("deprecated-api")
        .fact("since", deprecated)
        .fact("replacement", row.replacement);
    match row.replacement {
        Some(replacement) => finding.suggest(replacement),
        None => finding,
    }
}

/// The finding of a kind that Kubernetes never had, when it looks like a slip; none when it may
/// well be a custom resource.
pub fn slip(at: At<'_>, api_version: &str, kind: &str) -> bool {
    let target = at.check.target;
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let served = || kinds().filter(|known| !known.minors.and(target).is_empty());
    let text = |group: &str, version: &str| {
        if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }
    };
    let own_group = served().any(|known| known.group == group);
    // A group without a dot, or one of the projects around Kubernetes (gateway.networking.k8s.io),
    // autoscaling.k8s.io), may be a custom one, unless the kind is one of Kubernetes or the group
    // nearly so.
    let known_kind = served().any(|known| known.kind == kind);
    let groups = || served().map(|known| known.group).collect::<std::collections::BTreeSet<_>>();
    let slipped = if group.ends_with(".k8s.io") {
        known_kind || nearest(group, groups()).is_some()
    } else {
        known_kind && !group.contains('.')
    };
    if !own_group && !slipped {
        return false;
    }
    let message = format!("Kubernetes has no kind {kind} in {api_version}");
    let finding = Finding::new("unknown-kind", message);
    let homes: Vec<String> = served()
        .filter(|known| known.kind == kind)
        .map(|known| text(known.group, known.version))
        .collect();
    if !homes.is_empty() {
        let same_group = homes.iter().find(|home| home.starts_with(&format!("{group}/")));
        let stable = homes.iter().find(|home| home.ends_with("v1") || home.ends_with("v2"));
        let home = same_group.or(stable).unwrap_or(&homes[0]);
        at.child_of("apiVersion").report(finding.suggest(home).allowed(homes.clone()));
        return true;
    }
    let here: Vec<&str> = served()
        .filter(|known| known.group == group && known.version == version)
        .map(|known| known.kind)
        .collect();
    if let Some(close) = meant(kind, here.iter().copied()) {
        at.child_of("kind").report(finding.suggest(close));
        return true;
    }
    let anywhere: Vec<&str> = served().map(|known| known.kind).collect();
    let finding = match meant(kind, anywhere.iter().copied()) {
        Some(close) => finding.suggest(close),
        None => finding,
    };
    at.child_of(if here.is_empty() { "apiVersion" } else { "kind" }).report(finding);
    true
}
