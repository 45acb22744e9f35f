//! Engine errors as faults: the innermost cause, its place in the source, and the way to it.

use std::error::Error as _;
use std::fmt;

use minijinja::{Error, ErrorKind};

use super::Templates;
use crate::diag::{Fault, FaultKind, Frame};
use crate::source::{Span, line_col};

/// What an error of ours carries besides its message.
#[derive(Debug)]
pub(super) enum Mark {
    /// The way out.
    Hint(&'static str),
    /// The chart itself refused to render.
    Refused,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mark::Hint(hint) => f.write_str(hint),
            Mark::Refused => f.write_str("refused by the chart"),
        }
    }
}

impl std::error::Error for Mark {}

/// An error with a way out.
pub(super) fn hinted(message: impl Into<String>, hint: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into()).with_source(Mark::Hint(hint))
}

/// An error of the chart's author.
pub(super) fn refused(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into()).with_source(Mark::Refused)
}

/// The chain of engine errors, outermost first, and the mark of the innermost.
fn chain(error: &Error) -> (Vec<&Error>, Option<&Mark>) {
    let mut errors = vec![error];
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(inner) = cause.downcast_ref::<Error>() {
            errors.push(inner);
        } else if let Some(mark) = cause.downcast_ref::<Mark>() {
            return (errors, Some(mark));
        }
        source = cause.source();
    }
    (errors, None)
}

impl Templates {
    /// An engine error as a fault; `suggest` knows the nearest existing name for an expression
    /// that is undefined.
    pub(super) fn fault(&self, error: &Error, suggest: &dyn Fn(&str) -> Option<String>) -> Fault {
        let (errors, mark) = chain(error);
        let inner = errors.last().expect("the error itself is in its chain");
        let node = self.place(inner).map_or("", |place| place.node);
        let kind = match (inner.kind(), mark) {
            (_, Some(Mark::Refused)) => FaultKind::Refused,
            (ErrorKind::SyntaxError | ErrorKind::BadEscape, _) => FaultKind::Parse,
            (ErrorKind::OutOfFuel, _) => FaultKind::Limit,
            _ => FaultKind::Exec,
        };
        let mut hints = Vec::new();
        let message = match (inner.kind(), inner.detail()) {
            (ErrorKind::UndefinedError, _) => {
                let path = path_prefix(node);
                hints.extend(suggest(path));
                if path.is_empty() {
                    "undefined value".to_owned()
                } else {
                    format!("{path} is undefined")
                }
            }
            (ErrorKind::OutOfFuel, _) => {
                "the template ran for too long and was stopped (--limit-steps)".to_owned()
            }
            (ErrorKind::SyntaxError | ErrorKind::InvalidOperation, Some(detail)) => {
                detail.to_owned()
            }
            (kind, Some(detail)) => format!("{kind}: {detail}"),
            (kind, None) => kind.to_string(),
        };
        let message = match self.place(inner) {
            Some(place) if kind == FaultKind::Parse => {
                format!("parse error at ({}:{}): {message}", place.file, place.line)
            }
            _ => message,
        };
        let mut fault = Fault::new(kind, message);
        if let Some(Mark::Hint(hint)) = mark {
            fault = fault.hint(*hint);
        }
        for hint in hints {
            fault = fault.hint(hint);
        }
        let steps = errors.iter().rev().filter(|error| error.name().is_some());
        for (depth, step) in steps.enumerate() {
            let Some(place) = self.place(step) else { continue };
            fault = fault.at(place.span);
            if kind == FaultKind::Parse && depth == 0 {
                continue;
            }
            let what = match step.kind() {
                _ if depth == 0 => "",
                ErrorKind::BadInclude => "error calling include",
                _ => "error calling macro",
            };
            fault = fault.frame(Frame::Exec {
                file: place.file.to_owned(),
                line: place.line,
                col: place.col,
                executing: place.file.to_owned(),
                node: place.node.to_owned(),
                what: what.to_owned(),
            });
        }
        fault
    }

    /// Where an error of the engine is, in the author's text.
    fn place(&self, error: &Error) -> Option<Place<'_>> {
        let (name, file) = self.files.get_key_value(error.name()?)?;
        let text = &*file.text;
        let (start, end) = match error.range() {
            Some(range) if file.is_yaml => super::layout::prepare(text).source_range(range),
            Some(range) => (range.start, range.end),
            None => {
                let line = error.line()?.saturating_sub(1);
                let start = text.split_inclusive('\n').take(line).map(str::len).sum();
                (start, start)
            }
        };
        // The engine's ranges may end within a character.
        let (start, end) = (character_at(text, start), character_at(text, end));
        // The engine marks `.b` of `a.b`; the whole path tells more.
        let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let start = text[..start].trim_end_matches(is_path).len();
        let end = end.max(start);
        let blank = text[start..end].len() - text[start..end].trim_start().len();
        let start = start + blank;
        let node = text.get(start..end).unwrap_or("").trim();
        let at = line_col(text.as_bytes(), start);
        Some(Place {
            file: name,
            line: at.line,
            col: at.col,
            node,
            span: Span::new(file.source, start, end),
        })
    }
}

struct Place<'a> {
    file: &'a str,
    line: u32,
    col: u32,
    node: &'a str,
    span: Span,
}

/// Where the character begins that an offset lies in.
fn character_at(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The dotted path that an expression begins with: `values.a.b` of `values.a.b | quote`.
fn path_prefix(node: &str) -> &str {
    let node = node.trim_start_matches(|c: char| c == '(' || c.is_whitespace());
    let end = node.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
    node[..end.unwrap_or(node.len())].trim_end_matches('.')
}
