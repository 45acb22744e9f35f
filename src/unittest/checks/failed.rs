//! `failedTemplate`.
//!
//! Suites quote errors as Helm 3 prints them, on one line; those written against Helm 4 have its
//! paragraphs. Either form passes.

use super::{Verdict, View};
use crate::golang::regexp::{Regexp, quote_meta};
use crate::unittest::document::Document;
use crate::unittest::info::{self, actual, expected};
use crate::yaml::any::Any;

pub(super) fn failed(view: &View<'_>, message: &str, pattern: &str) -> Verdict {
    if !message.is_empty() && !pattern.is_empty() {
        let why = "single attribute 'errorMessage' or 'errorPattern' supported at the same time";
        return Verdict::failed(info::error(None, None, why));
    }
    if let Some(error) = view.error {
        if message.is_empty() && pattern.is_empty() {
            return Verdict::passed();
        }
        let texts = [&error.text].into_iter().chain(&error.alternates).map(String::as_str);
        return judge(view, message, pattern, &texts.collect::<Vec<_>>(), None);
    }
    if view.selected.is_empty() && !view.negative {
        let text = if message.is_empty() { pattern } else { message };
        return Verdict::failed(complain(view, text, pattern, "No failed document", None));
    }
    let mut verdict = Verdict::passed();
    for (index, document) in view.selected.iter().enumerate() {
        let found = one(view, message, pattern, document, index);
        verdict.passed &= found.passed;
        verdict.info.extend(found.info);
        if !verdict.passed && view.fail_fast {
            break;
        }
    }
    verdict
}

fn one(
    view: &View<'_>,
    message: &str,
    pattern: &str,
    document: &Document,
    index: usize,
) -> Verdict {
    if message.is_empty() && pattern.is_empty() {
        return Verdict::passed();
    }
    let text = match document.get("raw") {
        Any::Null if !pattern.is_empty() || !view.negative => {
            // A document that rendered has no message: no pattern can fail on it.
            return if pattern.is_empty() {
                Verdict::failed(complain(view, message, pattern, "%!s(<nil>)", Some(index)))
            } else {
                Verdict::passed()
            };
        }
        Any::Null => return Verdict::passed(),
        _ => document.raw_text(),
    };
    let texts = [text.as_str()].into_iter().chain(view.alternates.iter().map(String::as_str));
    judge(view, message, pattern, &texts.collect::<Vec<_>>(), Some(index))
}

/// Judges the forms of one message, the first being the one to show.
fn judge(
    view: &View<'_>,
    message: &str,
    pattern: &str,
    texts: &[&str],
    index: Option<usize>,
) -> Verdict {
    let matches = if pattern.is_empty() {
        texts.contains(&message)
    } else {
        let literal = quote_meta(pattern.as_bytes());
        // What does not compile, or does not match, is tried as plain text.
        [pattern.as_bytes(), &literal].into_iter().any(|expression| {
            Regexp::compile(expression)
                .is_ok_and(|it| texts.iter().any(|text| it.is_match(text.as_bytes())))
        })
    };
    if matches != view.negative {
        return Verdict::passed();
    }
    let wanted = if message.is_empty() { pattern } else { message };
    Verdict::failed(complain(view, wanted, pattern, texts.first().unwrap_or(&""), index))
}

fn complain(
    view: &View<'_>,
    wanted: &str,
    pattern: &str,
    found: &str,
    index: Option<usize>,
) -> Vec<String> {
    let what = if pattern.is_empty() { " to equal" } else { " to match" };
    let mut sections = vec![expected(view.negative, what, wanted)];
    if !view.negative {
        sections.push(actual(found));
    }
    info::lines(index, None, &sections)
}
