//! `equal`, `matchRegex`, and both on plain text.

use base64::Engine as _;

use super::walk::{each_document, each_value};
use super::{Verdict, View};
use crate::golang::regexp::Regexp;
use crate::unittest::document::uniform;
use crate::unittest::info::{self, Section, actual, diff, difference, expected};
use crate::unittest::snapshot::snapshot_text;
use crate::yaml::any::Any;

/// The text of bytes in base64.
fn decoded(text: &str) -> Result<String, String> {
    let packed: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed);
    bytes
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .map_err(|_| format!("unable to decode base64 expected content {text}"))
}

/// What differs, or what should not be equal.
fn unequal(
    negative: bool,
    path: Option<&str>,
    wanted: &Any,
    found: &Any,
    (document, value): (Option<usize>, Option<usize>),
) -> Vec<String> {
    let (wanted, found) = (snapshot_text(wanted), snapshot_text(found));
    let mut sections: Vec<_> = path.map(Section::Path).into_iter().collect();
    sections.push(expected(negative, " to equal", &wanted));
    if negative {
        return info::lines(document, value, &sections);
    }
    let changes = diff(&wanted, &found);
    sections.push(actual(&found));
    sections.push(difference(&changes));
    info::lines(document, value, &sections)
}

pub(super) fn equal(view: &View<'_>, path: &str, wanted: &Any, base64: bool) -> Verdict {
    let nothing = || {
        let nothing = Any::from("no manifest found");
        unequal(view.negative, Some(path), wanted, &nothing, (None, None))
    };
    each_document(view, nothing, |document, index| {
        each_value(view, document, index, path, false, |value, at| {
            let place = (Some(index), Some(at));
            let text = match value.as_str() {
                Some(text) if base64 => {
                    let text = decoded(text).map_err(|why| info::error(place.0, place.1, &why))?;
                    Some(uniform(&text))
                }
                text => text.map(uniform),
            };
            let normal = text.map_or_else(|| value.clone(), |text| Any::from(text.as_str()));
            if (*wanted == normal) == view.negative {
                return Err(unequal(view.negative, Some(path), wanted, &normal, place));
            }
            Ok(())
        })
    })
}

pub(super) fn raw(view: &View<'_>, wanted: &str) -> Verdict {
    let complain = |found: &str| {
        unequal(view.negative, None, &Any::from(wanted), &Any::from(found), (None, None))
    };
    each_document(
        view,
        || complain("no manifest found"),
        |document, _| {
            let text = uniform(&document.raw_text());
            if (wanted == text) == view.negative {
                return Verdict::failed(complain(&text));
            }
            Verdict::passed()
        },
    )
}

/// What does not match, or should not.
fn unmatched(
    negative: bool,
    path: Option<&str>,
    pattern: &str,
    found: &str,
    (document, value): (Option<usize>, Option<usize>),
) -> Vec<String> {
    let mut sections: Vec<_> = path.map(Section::Path).into_iter().collect();
    sections.push(expected(negative, " to match", pattern));
    sections.push(actual(found));
    info::lines(document, value, &sections)
}

const NO_PATTERN: &str = "expected field 'pattern' to be filled";

pub(super) fn regex(view: &View<'_>, path: &str, pattern: &str, base64: bool) -> Verdict {
    if pattern.is_empty() {
        return Verdict::failed(info::error(None, None, NO_PATTERN));
    }
    let regexp = Regexp::compile(pattern.as_bytes());
    let nothing =
        || unmatched(view.negative, Some(path), pattern, "no manifest found", (None, None));
    each_document(view, nothing, |document, index| {
        if let Err(error) = document.values(path) {
            return Verdict::failed(info::error(Some(index), None, &error));
        }
        let regexp = match &regexp {
            Ok(regexp) => regexp,
            Err(why) => return Verdict::failed(info::error(None, None, why)),
        };
        each_value(view, document, index, path, false, |value, at| {
            let place = (Some(index), Some(at));
            let Some(text) = value.as_str() else {
                let shown = snapshot_text(value);
                let why = format!("expect '{path}' to be a string, got:\n{shown}");
                return Err(info::error(place.0, place.1, &why));
            };
            let text = if base64 {
                decoded(text).map_err(|why| info::error(place.0, place.1, &why))?
            } else {
                text.to_owned()
            };
            if regexp.is_match(text.as_bytes()) == view.negative {
                return Err(unmatched(view.negative, Some(path), pattern, &text, place));
            }
            Ok(())
        })
    })
}

pub(super) fn regex_raw(view: &View<'_>, pattern: &str) -> Verdict {
    if pattern.is_empty() {
        return Verdict::failed(info::error(None, None, NO_PATTERN));
    }
    let regexp = Regexp::compile(pattern.as_bytes());
    let complain = |found: &str| unmatched(view.negative, None, pattern, found, (None, None));
    each_document(
        view,
        || complain("no manifest found"),
        |document, _| {
            let text = uniform(&document.raw_text());
            match &regexp {
                Err(why) => Verdict::failed(info::error(None, None, why)),
                Ok(regexp) if regexp.is_match(text.as_bytes()) == view.negative => {
                    Verdict::failed(complain(&text))
                }
                Ok(_) => Verdict::passed(),
            }
        },
    )
}
