//! Workloads: replicas, selectors, update strategies, schedules.

use super::super::cursor::{At, whole};
use super::super::finding::Finding;
use super::super::formats::{self, bad, cron_problem, member_in_range};
use super::{pod, selector, storage};
use crate::doc::Doc;

const MAX: i64 = i32::MAX as i64;
const ALWAYS: &[&str] = &["Always"];

fn always<'d>() -> pod::Of<'d> {
    pod::Of { restart: ALWAYS, ..pod::Of::default() }
}

fn counts(spec: At<'_>, keys: &[&'static str]) {
    for key in keys {
        member_in_range(spec, key, 0, MAX);
    }
}

/// The selector is not empty and matches the labels of the template.
fn selects_own_pods(spec: At<'_>, empty_allowed: bool) {
    let Some(own) = spec.get("selector") else { return };
    if own.doc.as_map().is_none() {
        return;
    }
    selector::check(own);
    let is_empty = |key| {
        own.doc.get(key).is_none_or(|part| {
            part.is_null()
                || part.as_map().is_some_and(indexmap::IndexMap::is_empty)
                || part.as_list().is_some_and(<[Doc]>::is_empty)
        })
    };
    if !empty_allowed && is_empty("matchLabels") && is_empty("matchExpressions") {
        let message = "an empty selector is not allowed here";
        own.report(Finding::new("missing-required", message).rule("selector-required"));
        return;
    }
    mismatch(spec, selector::matches(own.doc, labels(spec)));
}

fn labels(spec: At<'_>) -> Option<&Doc> {
    spec.doc.get("template")?.get("metadata")?.get("labels")
}

fn mismatch(spec: At<'_>, matches: bool) {
    let Some(template) = spec.get("template") else { return };
    if matches || template.doc.as_map().is_none() {
        return;
    }
    let message = "the selector does not match the labels of the template";
    let finding = Finding::new("selector-mismatch", message).rule("selector-matches");
    match template.at(&["metadata", "labels"]) {
        Some(labels) => labels.report(finding),
        None => {
            let mut finding = finding;
            finding.path = format!("{}.metadata.labels", template.path());
            template.report(finding);
        }
    }
}

fn template<'d>(spec: At<'d>, of: &pod::Of<'d>) {
    let Some(template) = spec.get("template") else { return };
    pod::check_template(template, of);
    if of.restart == ALWAYS
        && let Some(deadline) = template.at(&["spec", "activeDeadlineSeconds"])
    {
        let message = "only pods that end have a deadline";
        deadline.report(Finding::new("exclusive-fields", message).rule("exclusive-fields"));
    }
}

/// A whole number of at least 0, or a percentage; gives whether it is zero.
pub(super) fn int_or_percent(at: At<'_>, most: Option<u64>) -> bool {
    if let Some(number) = whole(at.doc) {
        formats::in_range(at, number, 0, MAX);
        return number == 0;
    }
    let Some(text) = at.doc.as_str() else { return false };
    match formats::percent(text) {
        None => {
            let finding =
                formats::bad_format(at, "int-or-percent", "is no number and no percentage");
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            at.report(if digits {
                finding.suggest(format!("{text} or \"{text}%\""))
            } else {
                finding
            });
            false
        }
        Some(percent) => {
            if most.is_some_and(|most| percent > most) {
                let finding = Finding::new("out-of-range", format!("{text} exceeds 100%"));
                at.report(finding.rule("number-range").fact("max", 100));
            }
            percent == 0
        }
    }
}

pub(super) fn replication_controller(at: At<'_>) {
    let Some(spec) = at.get("spec") else { return };
    counts(spec, &["replicas", "minReadySeconds"]);
    template(spec, &always());
    if !spec.has("template") {
        spec.missing("template", "");
    }
    let own = spec.doc.get("selector").and_then(Doc::as_map);
    if let Some(own) = own.filter(|own| !own.is_empty()) {
        let has = labels(spec);
        let all = own.iter().all(|(key, value)| has.and_then(|has| has.get(key)) == Some(value));
        mismatch(spec, all);
    }
}

pub(super) fn replica_set(at: At<'_>) {
    let Some(spec) = at.get("spec") else { return };
    counts(spec, &["replicas", "minReadySeconds"]);
    selects_own_pods(spec, false);
    template(spec, &always());
    if !spec.has("template") {
        spec.missing("template", "");
    }
}

pub(super) fn deployment(at: At<'_>) {
    let Some(spec) = at.get("spec") else { return };
    counts(
        spec,
        &["replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"],
    );
    let ready = spec.int("minReadySeconds").map_or(0, |(ready, _)| ready);
    let deadline = spec.int("progressDeadlineSeconds").map_or(600, |(deadline, _)| deadline);
    if deadline >= 0 && deadline <= ready {
        let message = format!("{deadline} must be greater than minReadySeconds ({ready})");
        let finding = Finding::new("out-of-range", message).rule("number-range");
        spec.child_of("progressDeadlineSeconds").report(finding.fact("min", ready + 1));
    }
    selects_own_pods(spec, false);
    template(spec, &always());
    let Some(strategy) = spec.get("strategy") else { return };
    let Some(rolling) = strategy.get("rollingUpdate") else { return };
    if strategy.text("type") == Some("Recreate") {
        let message = "strategy type Recreate takes no rollingUpdate";
        let finding = Finding::new("exclusive-fields", message).rule("exclusive-fields");
        rolling.report(finding.hint("set rollingUpdate: null when the type comes from values"));
        return;
    }
    rolling_update(rolling, false);
}

/// How many pods may be missing or surplus: not both zero; for daemons not both set.
fn rolling_update(rolling: At<'_>, daemon: bool) {
    let surge = rolling.get("maxSurge");
    let missing = rolling.get("maxUnavailable");
    let no_surge = surge.map(|at| int_or_percent(at, daemon.then_some(100)));
    let none_missing = missing.map(|at| int_or_percent(at, Some(100)));
    if none_missing == Some(true) && (no_surge == Some(true) || (daemon && surge.is_none())) {
        let finding = Finding::new("out-of-range", "cannot be 0 while maxSurge is 0");
        rolling.child_of("maxUnavailable").report(finding.rule("number-range").fact("min", 1));
    }
    if daemon
        && surge.is_some_and(|at| whole(at.doc).is_some() || at.doc.as_str().is_some())
        && no_surge == Some(false)
        && none_missing != Some(true)
    {
        let message = "a DaemonSet takes maxSurge or maxUnavailable (1 by default), not both";
        let finding = Finding::new("exclusive-fields", message).rule("exclusive-fields");
        rolling.child_of("maxSurge").report(finding);
    }
}

pub(super) fn daemon_set(at: At<'_>) {
    let Some(spec) = at.get("spec") else { return };
    counts(spec, &["minReadySeconds", "revisionHistoryLimit"]);
    selects_own_pods(spec, false);
    template(spec, &always());
    if let Some(strategy) = spec.get("updateStrategy")
        && let Some(rolling) = strategy.get("rollingUpdate")
        && strategy.text("type") != Some("OnDelete")
    {
        rolling_update(rolling, true);
    }
}

pub(super) fn stateful_set(at: At<'_>) {
    let Some(spec) = at.get("spec") else { return };
    counts(spec, &["replicas", "minReadySeconds"]);
    if let Some(ordinals) = spec.get("ordinals") {
        counts(ordinals, &["start"]);
    }
    selects_own_pods(spec, false);
    let claims = spec.each("volumeClaimTemplates").filter_map(|claim| claim.get("metadata"));
    let claims = claims.filter_map(|metadata| {
        metadata.get("name").into_iter().for_each(super::meta::dns_label);
        metadata.text("name")
    });
    let claims = claims.collect();
    template(spec, &pod::Of { restart: ALWAYS, restart_required: false, claims });
    for claim in spec.each("volumeClaimTemplates") {
        match claim.get("spec") {
            Some(spec) => storage::claim_spec(spec),
            None if claim.doc.as_map().is_some() => claim.missing("spec", ""),
            None => {}
        }
    }
    if let Some(policy) = spec.get("persistentVolumeClaimRetentionPolicy") {
        for key in ["whenDeleted", "whenScaled"] {
            super::config::one_word(policy, key, &["Retain", "Delete"]);
        }
    }
    if let Some(strategy) = spec.get("updateStrategy")
        && let Some(rolling) = strategy.get("rollingUpdate")
    {
        if strategy.text("type") == Some("OnDelete") {
            let message = "updateStrategy type OnDelete takes no rollingUpdate";
            rolling.report(Finding::new("exclusive-fields", message).rule("exclusive-fields"));
        } else {
            // maxUnavailable is dropped unheard while its feature gate is off, as it is by default.
            counts(rolling, &["partition"]);
        }
    }
}

const ONCE: &[&str] = &["OnFailure", "Never"];

fn job_spec(spec: At<'_>) {
    counts(
        spec,
        &[
            "parallelism",
            "completions",
            "backoffLimit",
            "backoffLimitPerIndex",
            "maxFailedIndexes",
            "ttlSecondsAfterFinished",
        ],
    );
    member_in_range(spec, "activeDeadlineSeconds", 0, i64::MAX);
    template(spec, &pod::Of { restart: ONCE, restart_required: true, claims: Vec::new() });
    if spec.text("completionMode") == Some("Indexed") {
        indexed_job(spec);
    } else {
        for key in ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"] {
            if let Some(at) = spec.get(key) {
                let message = "only an indexed Job takes it";
                at.report(Finding::new("exclusive-fields", message).rule("job-completions"));
            }
        }
    }
    if spec.doc.get("manualSelector").and_then(Doc::as_bool) == Some(true) {
        if spec.has("selector") {
            selects_own_pods(spec, true);
        } else {
            spec.missing("selector", "manualSelector needs it");
        }
    } else if let Some(own) = spec.get("selector") {
        let message = "the server makes the selector, unless manualSelector is set";
        own.report(Finding::new("exclusive-fields", message).rule("exclusive-fields"));
    }
    if let Some(policy) = spec.get("podFailurePolicy")
        && spec.at(&["template", "spec"]).and_then(|spec| spec.text("restartPolicy"))
            == Some("OnFailure")
    {
        let message = "podFailurePolicy needs restartPolicy Never";
        policy.report(Finding::new("exclusive-fields", message).rule("restart-policy"));
    }
    if let Some(policy) = spec.get("podFailurePolicy") {
        failure_policy(spec, policy);
    }
}

/// A Job whose pods have numbers.
fn indexed_job(spec: At<'_>) {
    let Some((completions, _)) = spec.int("completions") else {
        // Without both, both are 1.
        if !spec.has("completions") && spec.has("parallelism") {
            let finding = Finding::new("missing-required", "an indexed Job needs completions");
            spec.report_missing("completions", finding.rule("job-completions"));
        }
        return;
    };
    if let Some((failed, at)) = spec.int("maxFailedIndexes") {
        if failed > completions && completions >= 0 {
            let message = format!("{failed} must be at most completions, {completions}");
            let finding = Finding::new("out-of-range", message).rule("number-range");
            at.report(finding.fact("max", completions));
        }
        if !spec.has("backoffLimitPerIndex") {
            let finding = Finding::new("missing-required", "maxFailedIndexes needs it");
            spec.report_missing("backoffLimitPerIndex", finding.rule("job-completions"));
        }
    }
    for rule in spec.get("successPolicy").into_iter().flat_map(|policy| policy.each("rules")) {
        if rule.doc.as_map().is_some()
            && !rule.has("succeededIndexes")
            && !rule.has("succeededCount")
        {
            let message = "succeededIndexes or succeededCount is required";
            rule.report(Finding::new("missing-required", message).rule("job-completions"));
        }
        member_in_range(rule, "succeededCount", 0, completions.max(0));
    }
}

/// What becomes of a Job whose pods fail in certain ways.
fn failure_policy(spec: At<'_>, policy: At<'_>) {
    let names: Vec<&str> = ["containers", "initContainers"]
        .into_iter()
        .filter_map(|list| spec.at(&["template", "spec"])?.get(list))
        .flat_map(|list| list.items().filter_map(|container| container.text("name")))
        .collect();
    for rule in policy.each("rules").filter(|rule| rule.doc.as_map().is_some()) {
        let codes = rule.get("onExitCodes");
        let conditions = rule.doc.get("onPodConditions").and_then(Doc::as_list);
        let conditions = conditions.is_some_and(|list| !list.is_empty());
        if codes.is_some() == conditions {
            let (code, message) = if conditions {
                ("exclusive-fields", "onExitCodes and onPodConditions exclude each other")
            } else {
                ("missing-required", "one of onExitCodes, onPodConditions is required")
            };
            rule.report(Finding::new(code, message).rule("pod-failure-policy"));
        }
        if rule.text("action") == Some("FailIndex") && !spec.has("backoffLimitPerIndex") {
            let finding = Finding::new("exclusive-fields", "it needs backoffLimitPerIndex");
            rule.child_of("action").report(finding.rule("pod-failure-policy"));
        }
        let Some(codes) = codes else { continue };
        if let Some(name) = codes.get("containerName")
            && name.doc.as_str().is_some_and(|text| !names.contains(&text))
        {
            let finding = Finding::new("missing-reference", "no container has that name");
            name.report(finding.rule("pod-failure-policy").allowed(names.iter().copied()));
        }
        if codes.text("operator") == Some("In") {
            for code in codes.each("values").filter(|code| whole(code.doc) == Some(0)) {
                let finding = Finding::new("out-of-range", "0 is no failure");
                code.report(finding.rule("pod-failure-policy"));
            }
        }
    }
}

pub(super) fn job(at: At<'_>) {
    if let Some(spec) = at.get("spec") {
        job_spec(spec);
    }
}

pub(super) fn cron_job(at: At<'_>) {
    let Some(spec) = at.get("spec") else { return };
    if let Some(schedule) = spec.get("schedule")
        && let Some(text) = schedule.doc.as_str()
    {
        if text.is_empty() {
            spec.missing("schedule", "");
        } else if let Some(why) = cron_problem(text) {
            bad(schedule, "cron", &why);
        }
    }
    if let Some(zone) = spec.get("timeZone")
        && let Some(text) = zone.doc.as_str()
    {
        let known = !text.is_empty()
            && text != "Local"
            && jiff::tz::TimeZone::get(text).is_ok_and(|zone| zone.iana_name() == Some(text));
        if !known {
            bad(zone, "time-zone", "is no time zone such as Europe/Berlin");
        }
    }
    member_in_range(spec, "startingDeadlineSeconds", 0, i64::MAX);
    counts(spec, &["successfulJobsHistoryLimit", "failedJobsHistoryLimit"]);
    if let Some(job) = spec.at(&["jobTemplate", "spec"]) {
        job_spec(job);
    }
}
