//! The types of assertions, and how each is judged.
//!
//! Every file below judges a family; all share the walk over documents and matches ([`walk`]).
//! Blind to suites and rendering.

mod contains;
mod equal;
mod failed;
mod manifest;
mod order;
mod shape;
mod snapshots;
mod walk;

use super::assertion::Message;
use super::decode::Options;
use super::document::Document;
use super::snapshot::Comparer;
use crate::yaml::any::Any;

/// What a check sees of a template.
pub(super) struct View<'a> {
    /// All its documents.
    pub(super) all: &'a [&'a Document],
    /// Those that index or selector have chosen.
    pub(super) selected: &'a [&'a Document],
    /// Whether the opposite is asserted.
    pub(super) negative: bool,
    /// Whether the first failure is enough.
    pub(super) fail_fast: bool,
    /// An error that belongs to no template.
    pub(super) error: Option<&'a Message>,
    /// Other forms of the message that a failed template holds.
    pub(super) alternates: &'a [String],
}

/// Whether a check holds, and what to say if not.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) passed: bool,
    pub(super) info: Vec<String>,
}

impl Verdict {
    fn new(passed: bool, info: Vec<String>) -> Self {
        Verdict { passed, info }
    }

    fn passed() -> Self {
        Verdict { passed: true, info: Vec::new() }
    }

    /// Failed, with lines about it.
    pub(super) fn failed(info: Vec<String>) -> Self {
        Verdict { passed: false, info }
    }
}

/// A check with its options.
#[derive(Debug)]
pub(super) enum Check {
    Equal { path: String, value: Any, base64: bool },
    EqualRaw { value: String },
    Exists { path: String },
    NullOrEmpty { path: String },
    Contains { path: String, content: Any, count: Option<i64>, any: bool },
    Subset { path: String, content: Any },
    Type { path: String, ty: String },
    Member { key: &'static str, of: String },
    Document { kind: String, api_version: String, name: String, namespace: String, any: bool },
    Documents { count: i64, filter_aware: bool },
    Length { path: String, paths: Vec<String>, count: Option<i64> },
    Regex { path: String, pattern: String, base64: bool },
    RegexRaw { pattern: String },
    Order { path: String, value: Any, greater: bool },
    FailedTemplate { message: String, pattern: String },
    Snapshot { path: String, wanted: String, unwanted: String },
    SnapshotRaw,
}

type Decode = fn(&mut Options<'_>) -> Check;

/// Every type: its name, whether the name means the opposite, and how its options are read.
pub(super) const KINDS: &[(&str, bool, Decode)] = &[
    ("matchSnapshot", false, snapshot),
    ("matchSnapshotRaw", false, |_| Check::SnapshotRaw),
    ("equal", false, equal),
    ("notEqual", true, equal),
    ("greaterOrEqual", false, |options| order(options, true)),
    ("notGreaterOrEqual", true, |options| order(options, true)),
    ("lessOrEqual", false, |options| order(options, false)),
    ("notLessOrEqual", true, |options| order(options, false)),
    ("equalRaw", false, |options| Check::EqualRaw { value: options.text("Value") }),
    ("notEqualRaw", true, |options| Check::EqualRaw { value: options.text("Value") }),
    ("exists", false, exists),
    ("notExists", true, exists),
    ("isNotNull", false, exists),
    ("isNull", true, exists),
    ("matchRegex", false, regex),
    ("notMatchRegex", true, regex),
    ("matchRegexRaw", false, |options| Check::RegexRaw { pattern: options.text("Pattern") }),
    ("notMatchRegexRaw", true, |options| Check::RegexRaw { pattern: options.text("Pattern") }),
    ("contains", false, contains),
    ("notContains", true, contains),
    ("isKind", false, |options| Check::Member { key: "kind", of: options.text("Of") }),
    ("isAPIVersion", false, |options| Check::Member { key: "apiVersion", of: options.text("Of") }),
    ("hasDocuments", false, documents),
    ("isSubset", false, subset),
    ("isNotSubset", true, subset),
    ("isNullOrEmpty", false, null_or_empty),
    ("isNotNullOrEmpty", true, null_or_empty),
    ("isEmpty", false, null_or_empty),
    ("isNotEmpty", true, null_or_empty),
    ("failedTemplate", false, failed_template),
    ("notFailedTemplate", true, failed_template),
    ("containsDocument", false, document),
    ("lengthEqual", false, length),
    ("notLengthEqual", true, length),
    ("isType", false, ty),
    ("isNotType", true, ty),
];

fn equal(options: &mut Options<'_>) -> Check {
    Check::Equal {
        path: options.text("Path"),
        value: options.any("Value").clone(),
        base64: options.switch("DecodeBase64"),
    }
}

fn exists(options: &mut Options<'_>) -> Check {
    Check::Exists { path: options.text("Path") }
}

fn null_or_empty(options: &mut Options<'_>) -> Check {
    Check::NullOrEmpty { path: options.text("Path") }
}

fn contains(options: &mut Options<'_>) -> Check {
    Check::Contains {
        path: options.text("Path"),
        content: options.any("Content").clone(),
        count: options.int("Count"),
        any: options.switch("Any"),
    }
}

fn subset(options: &mut Options<'_>) -> Check {
    Check::Subset { path: options.text("Path"), content: options.any("Content").clone() }
}

fn ty(options: &mut Options<'_>) -> Check {
    Check::Type { path: options.text("Path"), ty: options.text("Type") }
}

fn document(options: &mut Options<'_>) -> Check {
    Check::Document {
        kind: options.text("Kind"),
        api_version: options.text("APIVersion"),
        name: options.text("Name"),
        namespace: options.text("Namespace"),
        any: options.switch("Any"),
    }
}

fn documents(options: &mut Options<'_>) -> Check {
    Check::Documents {
        count: options.int("Count").unwrap_or_default(),
        filter_aware: options.switch("FilterAware"),
    }
}

fn length(options: &mut Options<'_>) -> Check {
    Check::Length {
        path: options.text("Path"),
        paths: options.texts("Paths"),
        count: options.int("Count"),
    }
}

fn regex(options: &mut Options<'_>) -> Check {
    Check::Regex {
        path: options.text("Path"),
        pattern: options.text("Pattern"),
        base64: options.switch("DecodeBase64"),
    }
}

fn order(options: &mut Options<'_>, greater: bool) -> Check {
    Check::Order { path: options.text("Path"), value: options.any("Value").clone(), greater }
}

fn failed_template(options: &mut Options<'_>) -> Check {
    Check::FailedTemplate {
        message: options.text("ErrorMessage"),
        pattern: options.text("ErrorPattern"),
    }
}

fn snapshot(options: &mut Options<'_>) -> Check {
    Check::Snapshot {
        path: options.text("Path"),
        wanted: options.text_in("MatchRegex", "Pattern"),
        unwanted: options.text_in("NotMatchRegex", "Pattern"),
    }
}

impl Check {
    /// Judges the documents of a template.
    pub(super) fn judge(&self, view: &View<'_>, snapshots: &mut Comparer<'_>) -> Verdict {
        match self {
            Check::Equal { path, value, base64 } => equal::equal(view, path, value, *base64),
            Check::EqualRaw { value } => equal::raw(view, value),
            Check::Regex { path, pattern, base64 } => equal::regex(view, path, pattern, *base64),
            Check::RegexRaw { pattern } => equal::regex_raw(view, pattern),
            Check::Exists { path } => shape::exists(view, path),
            Check::NullOrEmpty { path } => shape::null_or_empty(view, path),
            Check::Type { path, ty } => shape::ty(view, path, ty),
            Check::Length { path, paths, count } => shape::length(view, path, paths, *count),
            Check::Contains { path, content, count, any } => {
                contains::contains(view, path, content, *count, *any)
            }
            Check::Subset { path, content } => contains::subset(view, path, content),
            Check::Member { key, of } => manifest::member(view, key, of),
            Check::Document { .. } => manifest::document(view, self),
            Check::Documents { count, filter_aware } => {
                manifest::documents(view, *count, *filter_aware)
            }
            Check::Order { path, value, greater } => order::order(view, path, value, *greater),
            Check::FailedTemplate { message, pattern } => failed::failed(view, message, pattern),
            Check::Snapshot { path, wanted, unwanted } => {
                snapshots::snapshot(view, path, wanted, unwanted, snapshots)
            }
            Check::SnapshotRaw => snapshots::raw(view, snapshots),
        }
    }
}
