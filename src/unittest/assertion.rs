//! An assertion of a suite: which documents it sees, and how it is judged.

use super::checks::{Check, Verdict, View};
use super::decode::Options;
use super::document::Document;
use super::result::AssertionResult;
use super::select::{self, Documents, Selector};
use super::snapshot::Comparer;
use crate::yaml::any::{Any, AnyMap};

/// One item of `asserts`.
#[derive(Debug)]
pub(super) struct Assertion {
    pub(super) template: String,
    document_index: i64,
    selector: Option<Selector>,
    not: bool,
    /// As the suite names it.
    kind: &'static str,
    /// Whether the name itself means the opposite of the check.
    antonym: bool,
    check: Check,
}

/// What became of rendering a job.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Documents by template; of a failed template the message.
    pub(super) documents: std::collections::BTreeMap<String, Vec<Document>>,
    /// Whether all went well.
    pub(super) succeeded: bool,
    /// An error that belongs to no template.
    pub(super) error: Option<Message>,
    /// Other forms of the messages in `documents`.
    pub(super) alternates: Vec<String>,
    /// Whether a post-renderer was at work.
    pub(super) post_rendered: bool,
}

/// The text of an error, and the same error in other words.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    pub(super) text: String,
    pub(super) alternates: Vec<String>,
}

/// What a job says for its assertions.
pub(super) struct Defaults<'a> {
    pub(super) document_index: Option<i64>,
    pub(super) selector: Option<&'a Selector>,
    pub(super) fail_fast: bool,
}

impl Assertion {
    /// Reads an assertion.
    ///
    /// Errors: none or two types, a type that does not exist, options that do not fit.
    pub(super) fn decode(value: &Any) -> Result<Self, String> {
        let Some(map) = value.as_map() else {
            return Err(format!(
                "yaml: unmarshal errors:\n  cannot unmarshal {} into map[string]interface {{}}",
                value.type_name()
            ));
        };
        let selector = match map.get("documentSelector") {
            Some(selector) => Selector::of_assertion(selector)?,
            None => None,
        };
        let mut found: Option<(&str, bool, Check)> = None;
        for (name, antonym, decode) in super::checks::KINDS {
            let Some(options) = map.get(name) else { continue };
            if let Some((other, ..)) = found {
                return Err(format!(
                    "assertion type `{other}` and `{name}` is declared duplicately"
                ));
            }
            let mut options = Options::new(options)?;
            let check = decode(&mut options);
            options.finish()?;
            found = Some((*name, *antonym, check));
        }
        let Some((kind, antonym, check)) = found else { return Err(no_type(map)) };
        let document_index = match map.get("documentIndex") {
            Some(Any::Int(index)) => *index,
            _ => -1,
        };
        let template = map.get("template").and_then(Any::as_str).unwrap_or_default().to_owned();
        let not = map.get("not") == Some(&Any::Bool(true));
        Ok(Assertion { template, document_index, selector, not, kind, antonym, check })
    }

    /// Whether it can only hold when everything rendered.
    pub(super) fn wants_success(&self) -> bool {
        !matches!(self.check, Check::FailedTemplate { .. }) || self.antonym
    }

    /// Judges the outcome of a job. `templates` are the full names that it is about.
    pub(super) fn judge(
        &self,
        index: usize,
        outcome: &Outcome,
        templates: &[String],
        defaults: &Defaults<'_>,
        snapshots: &mut Comparer<'_>,
    ) -> AssertionResult {
        let mut result = AssertionResult {
            index,
            kind: self.kind.to_owned(),
            not: self.not,
            ..AssertionResult::default()
        };
        let selected = match self.select(outcome, templates, defaults) {
            Ok(selected) => selected,
            Err(error) => {
                result.fail_info = vec!["Error:".into(), error];
                return result;
            }
        };
        if selected.is_empty() && defaults.selector.is_some_and(|selector| selector.skip_empty) {
            result.skip_reason = "skipped as 'documentSelector.skipEmptyTemplates: true' and \
                                  'selectedTemplates: empty'"
                .into();
            result.skipped = true;
            result.passed = true;
            return result;
        }
        let negative = self.not != self.antonym;
        let mut verdict = |docs: &[&Document], selected: &[&Document]| {
            let view = View {
                all: docs,
                selected,
                negative,
                fail_fast: defaults.fail_fast,
                error: outcome.error.as_ref(),
                alternates: &outcome.alternates,
            };
            self.check.judge(&view, snapshots)
        };
        if selected.is_empty() {
            let found = if self.wants_success() == outcome.succeeded {
                verdict(&[], &[])
            } else {
                Verdict::failed(vec!["Error: rendered manifest is empty".into()])
            };
            result.passed = found.passed;
            result.fail_info = found.info;
            return result;
        }
        result.passed = true;
        for (template, documents) in &selected {
            let rendered = outcome.documents.get(template);
            let found = if rendered.is_none() && self.wants_success() {
                result.passed = false;
                result.fail_info.push("Error:".into());
                result.fail_info.push(no_file(template));
                continue;
            } else if self.wants_success() == outcome.succeeded {
                let all: Vec<_> = rendered.into_iter().flatten().collect();
                verdict(&all, documents)
            } else {
                let text = match rendered.and_then(|documents| documents.first()) {
                    Some(document) => {
                        format!("Error: Invalid rendering: {}", document.raw_text())
                    }
                    None => "Error: rendered manifest is empty".into(),
                };
                Verdict::failed(vec![text])
            };
            if !found.passed {
                result.passed = false;
                result.fail_info.push(format!("Template:\t{template}"));
                result.fail_info.extend(found.info);
            }
        }
        result
    }

    fn select<'a>(
        &self,
        outcome: &'a Outcome,
        templates: &[String],
        defaults: &Defaults<'_>,
    ) -> Result<Documents<'a>, String> {
        let documents_of =
            |name: &String| outcome.documents.get(name).into_iter().flatten().collect::<Vec<_>>();
        // A post-renderer may have lost the names of the files.
        let merged = outcome.documents.keys().next().filter(|name| {
            outcome.post_rendered && outcome.documents.len() == 1 && name.ends_with("manifest.yaml")
        });
        let documents: Documents<'a> = match merged {
            Some(name) => [(name.clone(), documents_of(name))].into(),
            None => templates.iter().map(|name| (name.clone(), documents_of(name))).collect(),
        };
        let selector = self.selector.as_ref().or(defaults.selector);
        if let Some(selector) = selector.filter(|selector| selector.is_set()) {
            return selector.select(&documents);
        }
        match defaults.document_index.unwrap_or(self.document_index) {
            -1 => Ok(documents),
            index => select::by_index(index, &documents),
        }
    }
}

fn no_type(map: &AnyMap) -> String {
    let mut names = map.entries().iter().filter_map(|entry| entry.key.as_str());
    match names.find(|name| !matches!(*name, "template" | "documentIndex" | "not")) {
        Some(name) => format!("Assertion type `{name}` is invalid"),
        None => "no assertion type defined".into(),
    }
}

fn no_file(template: &str) -> String {
    if template.is_empty() {
        return "\tassertion.template must be given if testsuite.templates is empty".into();
    }
    format!("\ttemplate \"{template}\" not exists or not selected in test suite")
}
