//! Differences for people: a line per field, coloured where that is wanted.

use std::fmt::Write as _;

use super::fields::{Change, Field};
use super::lines::unified;
use super::{Changed, Difference, Fate, is_text_change};
use crate::doc::{Doc, Node};
use crate::yaml::emit::doc_to_yaml;

/// The longest value that stands in one line.
const LONG: usize = 100;

/// Unchanged lines around the changed ones of a text.
const CONTEXT: usize = 3;

/// Writes differences as text.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    /// Whether lines are coloured.
    pub colors: bool,
}

impl Printer {
    /// Everything that differs, and the counts.
    pub fn text(self, difference: &Difference) -> String {
        let mut out = String::new();
        for object in &difference.objects {
            self.object(object, &mut out);
        }
        out.push_str(&difference.summary());
        out.push('\n');
        out
    }

    /// One object that differs.
    pub fn object(self, object: &Changed, out: &mut String) {
        let (sign, contents) = match &object.fate {
            Fate::Added(doc) => ('+', Some(doc)),
            Fate::Removed(doc) => ('-', Some(doc)),
            Fate::Changed(_) => ('~', None),
        };
        self.line(out, "1;", sign, &format!("{sign} {}", object.id));
        // What is gone is in the old version; what is new is nowhere else to be seen.
        if let Some(doc) = contents.filter(|_| sign == '+') {
            for line in block(doc) {
                self.line(out, "", sign, &format!("  {sign} {line}"));
            }
        }
        if let Fate::Changed(fields) = &object.fate {
            for field in fields {
                self.field(field, out);
            }
        }
    }

    fn field(self, field: &Field, out: &mut String) {
        let path = &field.path;
        if let Some((a, b)) = is_text_change(&field.change) {
            self.line(out, "", '~', &format!("  ~ {path}:"));
            for line in text_lines(a, b) {
                let sign = line.chars().next().filter(|sign| matches!(sign, '+' | '-'));
                self.line(out, "", sign.unwrap_or(' '), &format!("      {line}"));
            }
            return;
        }
        let (sign, value) = match &field.change {
            Change::Added(doc) => ('+', doc),
            Change::Removed(doc) => ('-', doc),
            Change::Changed(a, b) => {
                let text = format!("  ~ {path}: {} → {}", flow(a), flow(b));
                return self.line(out, "", '~', &text);
            }
            Change::Moved(a, b) => {
                let text = format!("  ~ {path}: order {} → {}", a.join(", "), b.join(", "));
                return self.line(out, "", '~', &text);
            }
        };
        let short = flow(value);
        if short.chars().count() <= LONG {
            return self.line(out, "", sign, &format!("  {sign} {path}: {short}"));
        }
        self.line(out, "", sign, &format!("  {sign} {path}:"));
        for line in block(value) {
            self.line(out, "", sign, &format!("  {sign}   {line}"));
        }
    }

    fn line(self, out: &mut String, style: &str, sign: char, text: &str) {
        let hue = match sign {
            '+' => "32",
            '-' => "31",
            '~' => "33",
            _ => "",
        };
        // Writing to a string cannot fail.
        let _ = if self.colors && !hue.is_empty() {
            writeln!(out, "\x1b[{style}{hue}m{text}\x1b[0m")
        } else {
            writeln!(out, "{text}")
        };
    }
}

/// The changed lines of a text and those around them.
pub(super) fn text_lines(a: &str, b: &str) -> Vec<String> {
    let lines = unified(a, b, "", "", CONTEXT);
    lines.lines().skip(2).map(printable).collect()
}

/// A value in lines of YAML.
pub(super) fn block(doc: &Doc) -> Vec<String> {
    String::from_utf8_lossy(&doc_to_yaml(doc, true)).lines().map(printable).collect()
}

/// A line without characters that a terminal would obey.
fn printable(line: &str) -> String {
    let escape = |c: char| match c {
        '\t' => c.to_string(),
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    };
    line.chars().map(escape).collect()
}

/// A value in one line.
pub(super) fn flow(doc: &Doc) -> String {
    let is_plain = |key: &str| {
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
    };
    match &doc.node {
        Node::Null => "null".to_owned(),
        Node::Bool(value) => value.to_string(),
        Node::Int(number) | Node::Int64(number) => number.to_string(),
        Node::Float(number) => number.to_string(),
        Node::Str(text) => {
            let text = text.to_str_lossy();
            // What stands for a secret is no text of the object.
            if text.starts_with("(hidden") { text.into_owned() } else { format!("{text:?}") }
        }
        Node::List(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Node::Map(map) => {
            let member = |(key, item): (&std::sync::Arc<str>, &Doc)| {
                let key = if is_plain(key) { key.to_string() } else { format!("{key:?}") };
                format!("{key}: {}", flow(item))
            };
            let members: Vec<String> = map.iter().map(member).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}
