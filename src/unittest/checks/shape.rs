//! `exists`, `isNullOrEmpty`, `isType`, `lengthEqual`.

use super::walk::{each_document, each_value};
use super::{Verdict, View};
use crate::unittest::document::Document;
use crate::unittest::info::{self, Section, actual, expected};
use crate::unittest::snapshot::snapshot_text;
use crate::yaml::any::Any;

pub(super) fn exists(view: &View<'_>, path: &str) -> Verdict {
    let complain = |index| {
        let not = if view.negative { "NOT " } else { "" };
        let mut lines = info::lines(index, None, &[Section::Path(path)]);
        if let Some(last) = lines.last_mut() {
            *last = format!("{last} expected to {not}exists");
        }
        lines
    };
    each_document(
        view,
        || complain(None),
        |document, index| match document.values(path) {
            Err(error) => Verdict::failed(info::error(Some(index), None, &error)),
            Ok(values) if values.is_empty() != view.negative => {
                Verdict::failed(complain(Some(index)))
            }
            Ok(_) => Verdict::passed(),
        },
    )
}

fn is_empty(value: &Any) -> bool {
    match value {
        Any::Null => true,
        Any::Bool(value) => !value,
        Any::Int(value) => *value == 0,
        Any::Uint(value) => *value == 0,
        Any::Float(value) => *value == 0.0,
        Any::Time(_) => false,
        Any::Str(text) => text.is_empty(),
        Any::List(items) => items.is_empty(),
        Any::Map(map) => map.entries().is_empty(),
    }
}

pub(super) fn null_or_empty(view: &View<'_>, path: &str) -> Verdict {
    let complain = |value: &Any, index, at| {
        let text = snapshot_text(value);
        let what = expected(view.negative, " to be null or empty, got", &text);
        info::lines(index, at, &[Section::Path(path), what])
    };
    let nothing = || complain(&Any::from("no manifest found"), None, None);
    each_document(view, nothing, |document, index| {
        each_value(view, document, index, path, false, |value, at| {
            if is_empty(value) == view.negative {
                return Err(complain(value, Some(index), Some(at)));
            }
            Ok(())
        })
    })
}

pub(super) fn ty(view: &View<'_>, path: &str, wanted: &str) -> Verdict {
    let complain = |found: &str, index, at| {
        let what = expected(view.negative, " to be of type", wanted);
        info::lines(index, at, &[Section::Path(path), what, actual(found)])
    };
    each_document(
        view,
        || complain("no manifest found", None, None),
        |document, index| {
            each_value(view, document, index, path, false, |value, at| {
                let found = value.type_name();
                if (found == wanted) == view.negative {
                    return Err(complain(found, Some(index), Some(at)));
                }
                Ok(())
            })
        },
    )
}

fn wrong_length(
    negative: bool,
    path: &str,
    count: &str,
    found: &str,
    index: Option<usize>,
) -> Vec<String> {
    let what = expected(negative, " to match count", count);
    info::lines(index, None, &[Section::Path(path), what, actual(found)])
}

pub(super) fn length(view: &View<'_>, path: &str, paths: &[String], count: Option<i64>) -> Verdict {
    if !path.is_empty() && count.is_none_or(|count| count < 0) {
        let why = "'count' field must be set if 'path' is used";
        return Verdict::failed(info::error(None, None, why));
    }
    if !path.is_empty() && !paths.is_empty() {
        let why = "'paths' couldn't be used with 'path'";
        return Verdict::failed(info::error(None, None, why));
    }
    let nothing = || wrong_length(view.negative, "", "", "no manifest found", None);
    each_document(view, nothing, |document, index| {
        if path.is_empty() {
            all_lengths(view, document, index, paths, count)
        } else {
            one_length(view, document, index, path, count).0
        }
    })
}

/// Judges the lists at a path; also gives the length of the last one.
fn one_length(
    view: &View<'_>,
    document: &Document,
    index: usize,
    path: &str,
    count: Option<i64>,
) -> (Verdict, i64) {
    let values = match document.values(path) {
        Ok(values) => values,
        Err(error) => return (Verdict::failed(info::error(Some(index), None, &error)), 0),
    };
    let mut verdict = Verdict::new(!values.is_empty() || view.negative, Vec::new());
    let mut length = 0;
    for (at, value) in values.into_iter().enumerate() {
        let items = value.as_list();
        if items.is_none() && count.is_none() {
            let why = format!("{path} is not array");
            verdict.info.extend(info::error(Some(index), Some(at), &why));
            verdict.passed = false;
            continue;
        }
        length = items.map_or(0, <[Any]>::len) as i64;
        if let Some(count) = count
            && (length == count) == view.negative
        {
            let (count, length) = (count.to_string(), length.to_string());
            let lines = wrong_length(view.negative, path, &count, &length, Some(index));
            verdict.info.extend(lines);
            verdict.passed = false;
            if view.fail_fast {
                break;
            }
        }
    }
    (verdict, length)
}

/// Judges the lists at several paths, which must have one length.
fn all_lengths(
    view: &View<'_>,
    document: &Document,
    index: usize,
    paths: &[String],
    count: Option<i64>,
) -> Verdict {
    let mut info = Vec::new();
    let mut failed = false;
    let mut lengths = Vec::new();
    for path in paths {
        let (verdict, length) = one_length(view, document, index, path, count);
        if !verdict.passed {
            failed = true;
            info.extend(verdict.info);
        }
        lengths.push((path.as_str(), length));
    }
    if failed {
        return Verdict::failed(info);
    }
    lengths.sort_unstable();
    let Some(&(_, first)) = lengths.first() else { return Verdict::failed(info) };
    for (path, length) in &lengths[1..] {
        if (*length == first) == view.negative {
            let length = length.to_string();
            return Verdict::failed(wrong_length(view.negative, path, "-1", &length, Some(index)));
        }
    }
    Verdict::passed()
}
