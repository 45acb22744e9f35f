//! Errors of templates in Helm's words: one line, or one paragraph per template on the way.
//!
//! Helm lays an error out anew when every link of its chain reads like one of the template
//! engine's own; it finds that out by looking at the text, so this module does, too.

use std::fmt::Write as _;

use super::{Fault, FaultKind, Frame};
use crate::golang::quote::quote;

/// What Helm prints behind `Error: ` when the template of a file does not parse or fails.
///
/// `file` is the template that was being parsed or executed. The hint at `--debug` is left to
/// the caller.
pub fn template_error(fault: &Fault, file: &str) -> String {
    match fault.kind() {
        FaultKind::Parse => parse_error(fault.message(), file),
        _ => execution_error(fault, file),
    }
}

/// The same in the words of Helm 3, which never lays an error out anew.
pub fn one_line_error(fault: &Fault, file: &str) -> String {
    match fault.kind() {
        FaultKind::Parse => parse_error(fault.message(), file),
        _ if fault.trace().is_empty() => chain(fault).0,
        FaultKind::Refused | FaultKind::Limit => execution_error(fault, file),
        _ => {
            let (text, _) = chain(fault);
            if text.splitn(3, ": ").count() == 3 {
                text
            } else {
                format!("execution error in ({file}): {text}")
            }
        }
    }
}

/// Keeps the place and the last part of Go's sentence.
fn parse_error(text: &str, file: &str) -> String {
    let Some((_, message)) = text.rsplit_once(": ") else {
        return format!("parse error in ({file}): {text}");
    };
    let location = text.split(": ").nth(1).unwrap_or(message);
    format!("parse error at ({location}): {message}")
}

fn execution_error(fault: &Fault, file: &str) -> String {
    let (text, links) = chain(fault);
    if fault.trace().is_empty() {
        return text;
    }
    let mut parts = text.splitn(3, ": ");
    let (Some(_), Some(location), Some(_)) = (parts.next(), parts.next(), parts.next()) else {
        return format!("execution error in ({file}): {text}");
    };
    // A limit is reached at the end of a way that may be thousands of steps long, so it is told
    // in the form of the errors that a chart raises itself.
    if matches!(fault.kind(), FaultKind::Refused | FaultKind::Limit) {
        return format!("execution error at ({location}): {}", fault.message());
    }
    let mut steps: Vec<Step<'_>> = Vec::new();
    for start in links {
        match Step::parse(&text[start..]) {
            Some(step) if steps.last() == Some(&step) => {}
            Some(step) => steps.push(step),
            None => return text,
        }
    }
    let mut out = String::new();
    for step in steps {
        step.write(&mut out);
    }
    out.trim().to_owned()
}

/// Go's one-line text of an error, and where in it each wrapped error starts.
pub fn chain(fault: &Fault) -> (String, Vec<usize>) {
    let mut text = String::new();
    let mut links = Vec::new();
    for frame in fault.trace().iter().rev() {
        links.push(text.len());
        // Writing to a string cannot fail.
        let _ = match frame {
            Frame::Exec { file, line, col, executing, node, what } => {
                let colon = if what.is_empty() { "" } else { ": " };
                let name = quote(executing.as_bytes());
                write!(
                    text,
                    "template: {file}:{line}:{col}: executing {name} at <{node}>: {what}{colon}"
                )
            }
            Frame::Wrap(prefix) => write!(text, "{prefix}: "),
        };
    }
    // The engine's own sentence is part of its frame, a function's error is a link by itself.
    if !fault.is_from_engine() {
        links.push(text.len());
    }
    text.push_str(fault.message());
    (text, links)
}

/// One paragraph of the layout.
#[derive(PartialEq, Eq)]
struct Step<'t> {
    location: &'t str,
    /// Name and node of the template that was executing.
    executing: Option<(&'t str, &'t str)>,
    message: &'t str,
}

impl<'t> Step<'t> {
    /// Takes an error of the template engine apart; none for any other text.
    fn parse(text: &'t str) -> Option<Step<'t>> {
        let rest = text.strip_prefix("template: ")?;
        if rest.starts_with("no template ") {
            return Some(Step { location: "", executing: None, message: text });
        }
        let cut =
            |message: &'t str| message.find(" template:").map_or(message, |at| &message[..at]);
        let executing = rest.split_once(": executing ").and_then(|(location, rest)| {
            let (name, rest) = rest.strip_prefix('"')?.split_once('"')?;
            let (node, message) = rest.strip_prefix(" at <")?.split_once(">: ")?;
            Some(Step { location, executing: Some((name, node)), message: cut(message) })
        });
        executing.or_else(|| {
            let (location, message) = rest.rsplit_once(": ")?;
            Some(Step { location, executing: None, message: cut(message) })
        })
    }

    fn write(&self, out: &mut String) {
        let Step { location, executing, message } = self;
        if !location.is_empty() {
            out.push_str(location);
            out.push_str("\n  ");
        }
        if let Some((name, node)) = executing {
            // Writing to a string cannot fail.
            let _ = write!(out, "executing \"{name}\" at <{node}>:\n    ");
        }
        if !message.is_empty() {
            out.push_str(message);
            out.push('\n');
        }
    }
}
