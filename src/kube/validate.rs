//! Manifests under check: documents to findings, in the order of the documents.

use super::catalog::Minors;
use super::cursor::{At, Check, missing};
use super::custom::{self, Customs};
use super::finding::{Finding, Level, Severity};
use super::lifecycle::{self, Served};
use super::{cross, rules, stream, structure};
use crate::diag::Fault;
use crate::doc::{Doc, DocMap};
use crate::parallel;
use crate::source::{SourceId, Span};
use crate::yaml::read::{Duplicate, parse_part};

/// What is checked, and how strictly.
#[derive(Clone, Debug)]
pub struct Options {
    /// Kubernetes minors to check for.
    pub target: Minors,
    /// How much is checked.
    pub level: Level,
    /// Rules and codes that are switched off.
    pub skip: Vec<String>,
    /// Whether unknown fields pass.
    pub allow_unknown: bool,
    /// Whether kinds without schema pass.
    pub ignore_missing: bool,
    /// Kinds that are not checked: `Kind` or `apiVersion/Kind`.
    pub skip_kinds: Vec<String>,
    /// Kinds that are errors by themselves.
    pub reject_kinds: Vec<String>,
    /// Whether the process ends with this check, so that nobody need free the documents.
    pub is_last: bool,
}

impl Options {
    /// For these minors, at this level, with nothing switched off.
    pub fn new(target: Minors, level: Level) -> Self {
        Options {
            target,
            level,
            skip: Vec::new(),
            allow_unknown: false,
            ignore_missing: false,
            skip_kinds: Vec::new(),
            reject_kinds: Vec::new(),
            is_last: false,
        }
    }
}

/// A text with documents.
#[derive(Clone, Copy, Debug)]
pub struct Input<'t> {
    /// Its number among the sources of the run.
    pub source: SourceId,
    /// Its bytes.
    pub text: &'t [u8],
    /// Inputs of one group make one set of objects, in which a name stands once.
    pub group: usize,
    /// Number of its first document.
    pub first: usize,
}

/// What became of one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing of error severity was found.
    Valid,
    /// An error was found.
    Invalid,
    /// Its kind has no schema.
    NoSchema,
    /// Its kind is not to be checked.
    Skipped,
}

/// One document that was looked at.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Number of its input.
    pub input: usize,
    /// Number in its input.
    pub document: usize,
    /// Its apiVersion.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub verdict: Verdict,
}

/// What a run found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Findings in the order of the documents and of their text.
    pub findings: Vec<Finding>,
    /// Documents that are not empty.
    pub resources: Vec<Resource>,
}

impl Report {
    /// How many findings have a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// How many documents have a verdict.
    pub fn verdicts(&self, verdict: Verdict) -> usize {
        self.resources.iter().filter(|resource| resource.verdict == verdict).count()
    }
}

/// A parsed document.
struct Parsed {
    group: usize,
    input: usize,
    document: usize,
    doc: Doc,
    duplicates: Vec<Duplicate>,
}

/// Checks every document of the inputs; `customs` are the custom kinds known beforehand, to
/// which those defined among the documents are added.
pub fn validate(inputs: &[Input<'_>], mut customs: Customs, options: &Options) -> Report {
    let mut pieces = Vec::new();
    for (number, input) in inputs.iter().enumerate() {
        let ranges = stream::split(input.text).into_iter().enumerate();
        pieces.extend(ranges.map(|(index, range)| (number, input.first + index, range)));
    }
    let texts = parallel::map(&pieces, |(number, _, (start, end))| {
        let input = &inputs[*number];
        parse_part(&input.text[*start..*end], input.source, *start)
    });
    let mut report = Report::default();
    let mut parsed = Vec::new();
    for (&(input, document, _), text) in pieces.iter().zip(texts) {
        match text {
            Ok((doc, duplicates)) if !doc.is_null() => {
                customs.add(&doc);
                let group = inputs[input].group;
                parsed.push(Parsed { group, input, document, doc, duplicates });
            }
            Ok(_) => {}
            Err(fault) => broken(input, document, &fault, options, &mut report),
        }
    }
    for (resource, findings) in parallel::map(&parsed, |item| one(item, &customs, options)) {
        report.resources.push(resource);
        report.findings.extend(findings);
    }
    if options.level >= Level::Full {
        let objects = cross::Objects::new(
            parsed.iter().map(|item| (item.group, item.input, item.document, &item.doc)),
            options.target,
            &options.skip,
        );
        report.findings.extend(objects.check());
    }
    report.findings.sort_by_key(|finding| (finding.input, finding.document, finding.span.start));
    report.resources.sort_by_key(|resource| (resource.input, resource.document));
    if options.is_last {
        std::mem::forget(parsed);
    }
    report
}

/// Notes a document that is no YAML.
fn broken(input: usize, document: usize, fault: &Fault, options: &Options, report: &mut Report) {
    let mut finding = Finding::new("yaml-syntax", plain_yaml_message(fault.message()));
    finding.input = input;
    finding.document = document;
    finding.span = fault.span();
    finding.minors = options.target;
    report.findings.push(finding);
    report.resources.push(Resource {
        input,
        document,
        api_version: String::new(),
        kind: String::new(),
        name: String::new(),
        verdict: Verdict::Invalid,
    });
}

/// The apiVersions and kinds that occur in the inputs, each once.
pub fn kinds(inputs: &[Input<'_>]) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut note = |doc: &Doc| {
        let text = |key: &str| doc.get(key).and_then(Doc::as_str).map(str::to_owned);
        if let (Some(api_version), Some(kind)) = (text("apiVersion"), text("kind")) {
            let pair = (api_version, kind);
            if !found.contains(&pair) {
                found.push(pair);
            }
        }
    };
    for input in inputs {
        for (start, end) in stream::split(input.text) {
            let Ok((doc, _)) = parse_part(&input.text[start..end], input.source, start) else {
                continue;
            };
            note(&doc);
            doc.get("items").and_then(Doc::as_list).unwrap_or_default().iter().for_each(&mut note);
        }
    }
    found
}

/// go-yaml's sentence without the line, which the finding has by itself.
pub fn plain_yaml_message(message: &str) -> String {
    let message = message.strip_prefix("yaml: ").unwrap_or(message);
    match message.strip_prefix("line ").and_then(|rest| rest.split_once(": ")) {
        Some((line, rest)) if line.bytes().all(|byte| byte.is_ascii_digit()) => rest.to_owned(),
        _ => message.to_owned(),
    }
}

/// Checks one document.
fn one(item: &Parsed, customs: &Customs, options: &Options) -> (Resource, Vec<Finding>) {
    let check = Check::new(item.input, item.document, options.target, options.level, &options.skip);
    let at = check.root(&item.doc);
    let mut verdict = object(at, customs, options);
    if options.level >= Level::Strict {
        duplicate_keys(at, &item.duplicates);
    }
    let mut findings = check.take();
    if options.allow_unknown {
        findings.retain(|finding| finding.code != "unknown-field");
    }
    for finding in findings.iter_mut().filter(|finding| finding.is_secret()) {
        structure::conceal(finding);
    }
    merge_versions(&mut findings);
    if verdict == Verdict::Valid
        && findings.iter().any(|finding| finding.severity == Severity::Error)
    {
        verdict = Verdict::Invalid;
    }
    let text = |key: &str| item.doc.get(key).and_then(Doc::as_str).unwrap_or_default().to_owned();
    let resource = Resource {
        input: item.input,
        document: item.document,
        api_version: text("apiVersion"),
        kind: text("kind"),
        name: name_of(&item.doc).to_owned(),
        verdict,
    };
    (resource, findings)
}

/// One finding where several differ in their minors only.
fn merge_versions(findings: &mut Vec<Finding>) {
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings.drain(..) {
        let same = |other: &&mut Finding| {
            other.path == finding.path
                && other.code == finding.code
                && other.message == finding.message
        };
        match kept.iter_mut().find(same) {
            Some(other) => other.minors = Minors(other.minors.0 | finding.minors.0),
            None => kept.push(finding),
        }
    }
    *findings = kept;
}

pub(super) fn name_of(doc: &Doc) -> &str {
    let text = |key: &str| doc.get("metadata")?.get(key)?.as_str();
    text("name").or_else(|| text("generateName")).unwrap_or_default()
}

/// Kind and name as findings show them.
pub(super) fn label(doc: &Doc) -> String {
    let kind = doc.get("kind").and_then(Doc::as_str).unwrap_or_default();
    match (kind, name_of(doc)) {
        ("", name) => name.to_owned(),
        (kind, "") => kind.to_owned(),
        (kind, name) => format!("{kind}/{name}"),
    }
}

fn lists_kind(list: &[String], api_version: &str, kind: &str) -> bool {
    list.iter().any(|item| {
        item == kind
            || item.strip_suffix(kind).and_then(|rest| rest.strip_suffix('/')) == Some(api_version)
    })
}

fn object(at: At<'_>, customs: &Customs, options: &Options) -> Verdict {
    if at.doc.as_map().is_none() {
        let message = format!("expected an object, found {}", super::cursor::found(at.doc));
        at.report(Finding::new("not-an-object", message).hint("each document is one object"));
        return Verdict::Invalid;
    }
    at.check.set_object(label(at.doc));
    let (Some(api_version), Some(kind)) = (head(at, "apiVersion"), head(at, "kind")) else {
        return Verdict::Invalid;
    };
    if lists_kind(&options.skip_kinds, api_version, kind) {
        return Verdict::Skipped;
    }
    if lists_kind(&options.reject_kinds, api_version, kind) {
        let message = format!("{api_version} {kind} is not wanted here");
        at.child_of("kind").report(Finding::new("rejected-kind", message));
        return Verdict::Invalid;
    }
    if (api_version, kind) == ("v1", "List") {
        return list(at, customs, options);
    }
    let before = at.check.count();
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    if customs.is_above(group, kind) {
        return custom_object(at, api_version, kind, customs, options, before);
    }
    match lifecycle::look_up(at, api_version, kind) {
        Served::Known(known, minors) => {
            let outer = at.check.set_minors(minors);
            structure::check(at, known.node, minors);
            if options.level >= Level::Full {
                rules::check(at, Some(known), before);
            }
            at.check.set_minors(outer);
            Verdict::Valid
        }
        Served::Reported => Verdict::Invalid,
        Served::Unknown => custom_object(at, api_version, kind, customs, options, before),
    }
}

/// apiVersion or kind as text; reports when it is missing or no text.
fn head<'d>(at: At<'d>, key: &'static str) -> Option<&'d str> {
    match at.get(key) {
        None => at.report_missing(key, missing(key, at.doc.get(key).is_some(), "")),
        Some(value) if structure::of_kind(value, value.doc.as_str().is_some(), "string") => {
            if value.doc.as_str() == Some("") {
                value.report(missing(key, false, ""));
            }
            return value.doc.as_str().filter(|text| !text.is_empty());
        }
        Some(_) => {}
    }
    None
}

fn list(at: At<'_>, customs: &Customs, options: &Options) -> Verdict {
    if let Some(items) = at.get("items")
        && structure::of_kind(items, items.doc.as_list().is_some(), "array")
    {
        for item in items.items() {
            object(item, customs, options);
        }
        at.check.set_object(label(at.doc));
    }
    if at.check.level >= Level::Strict {
        for (key, member) in at.members() {
            if !matches!(key, "apiVersion" | "kind" | "metadata" | "items") {
                member.report(Finding::new("unknown-field", format!("unknown field {key:?}")));
            }
        }
    }
    Verdict::Valid
}

fn custom_object(
    at: At<'_>,
    api_version: &str,
    kind: &str,
    customs: &Customs,
    options: &Options,
    before: usize,
) -> Verdict {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    if let Some(custom) = customs.find(group, kind) {
        let served = || custom.versions.iter().filter(|version| version.served);
        let Some(known) = served().find(|known| known.name == version) else {
            let names: Vec<&str> = served().map(|version| version.name.as_str()).collect();
            let message = format!("{kind} of {group} is served as {}", names.join(", "));
            let finding = Finding::new("unknown-kind", message).fact("served", names.clone());
            let finding = match names.first() {
                Some(name) => finding.suggest(format!("{group}/{name}")),
                None => finding,
            };
            at.child_of("apiVersion").report(finding);
            return Verdict::Invalid;
        };
        if let Some(schema) = &known.schema {
            custom::check(at, schema);
        }
        if options.level >= Level::Full {
            rules::check(at, None, before);
        }
        return Verdict::Valid;
    }
    if let Some(close) = structure::meant(kind, customs.kinds_of(group).collect::<Vec<_>>()) {
        let message = format!("{group} has no kind {kind}");
        at.child_of("kind").report(Finding::new("unknown-kind", message).suggest(close));
        return Verdict::Invalid;
    }
    if lifecycle::slip(at, api_version, kind) {
        return Verdict::Invalid;
    }
    if options.ignore_missing {
        return Verdict::NoSchema;
    }
    let message = format!("no schema for {kind} of {api_version}");
    let finding = Finding::new("unknown-kind", message)
        .hint("name its definition with --crds, or pass --ignore-missing-schemas");
    at.child_of("kind").report(finding);
    Verdict::NoSchema
}

/// Reports keys that stand twice in one object of the text.
fn duplicate_keys(at: At<'_>, duplicates: &[Duplicate]) {
    for duplicate in duplicates {
        find_duplicate(at, duplicate);
    }
}

fn find_duplicate(at: At<'_>, duplicate: &Duplicate) -> bool {
    let within = |inner: Span, outer: Span| inner.start >= outer.start && inner.end <= outer.end;
    if !within(duplicate.second, at.doc.span) {
        return false;
    }
    let map = at.doc.as_map();
    if let Some(value) = map.and_then(|map| map.get(duplicate.key.as_str()))
        && value.span == duplicate.second
    {
        // A key that a merge brought in may be set again; that is what merges are for.
        if within(duplicate.first, at.doc.span)
            && let Some((key, _)) = map.and_then(|map| map.get_key_value(duplicate.key.as_str()))
        {
            let message = format!("the key {key:?} is set twice; the last value wins");
            at.child(key, value).report(Finding::new("duplicate-key", message));
        }
        return true;
    }
    let inner = map.into_iter().flat_map(DocMap::iter);
    inner.map(|(key, doc)| at.child(key, doc)).any(|at| find_duplicate(at, duplicate))
        || at.items().any(|at| find_duplicate(at, duplicate))
}
