//! What a check found: where, what, how bad, and the facts that help to mend it.

use serde_json::Value as Json;

use super::catalog::Minors;
use crate::render::trail::Trail;
use crate::source::Span;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Accepted by a server, yet hardly meant.
    Warning,
    /// A server would refuse it.
    Error,
}

impl Severity {
    /// `note`, `warning`, `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// How much is checked; each level adds to the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Known kinds, types, required fields, number ranges.
    Schema,
    /// Unknown fields and duplicate keys.
    Strict,
    /// Closed value lists, API life cycle, formats, and the server's own rules.
    #[default]
    Full,
}

impl Level {
    /// A level by its name on the command line.
    pub fn parse(text: &str) -> Option<Level> {
        match text {
            "schema" => Some(Level::Schema),
            "strict" => Some(Level::Strict),
            "full" => Some(Level::Full),
            _ => None,
        }
    }
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Number of the input in the run.
    pub input: usize,
    /// Number of the document in its input, from zero.
    pub document: usize,
    /// Field in the API server's notation: `spec.ports[0].port`; empty for the whole document.
    pub path: String,
    /// Stable word for what is wrong, such as `wrong-type`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, as a sentence fragment.
    pub message: String,
    /// Kind and name: `Service/web`.
    pub object: String,
    /// What supplied the value.
    pub span: Span,
    /// The rule or format behind it.
    pub rule: Option<&'static str>,
    /// The name or value that was probably meant.
    pub suggest: Option<String>,
    /// The way out.
    pub hint: Option<String>,
    /// Allowed values.
    pub allowed: Vec<String>,
    /// Further facts by name: `expected`, `found`, `since`, `min`, `max`, …
    pub facts: Vec<(&'static str, Json)>,
    /// Minors in which it holds.
    pub minors: Minors,
    /// What rendered it, if it was rendered and that is known.
    pub trail: Option<Trail>,
}

impl Finding {
    /// An error; place and object are filled in when it is reported.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Finding {
            input: 0,
            document: 0,
            path: String::new(),
            code,
            severity: Severity::Error,
            message: message.into(),
            object: String::new(),
            span: Span::NONE,
            rule: None,
            suggest: None,
            hint: None,
            allowed: Vec::new(),
            facts: Vec::new(),
            minors: Minors(u16::MAX),
            trail: None,
        }
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Finding { severity: Severity::Warning, ..Self::new(code, message) }
    }

    /// Names the rule or format behind it.
    #[must_use]
    pub fn rule(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    /// Names what was probably meant.
    #[must_use]
    pub fn suggest(mut self, suggest: impl Into<String>) -> Self {
        self.suggest = Some(suggest.into());
        self
    }

    /// Names the way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Lists the allowed values.
    #[must_use]
    pub fn allowed<T: Into<String>>(mut self, allowed: impl IntoIterator<Item = T>) -> Self {
        self.allowed = allowed.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn fact(mut self, name: &'static str, value: impl Into<Json>) -> Self {
        self.facts.push((name, value.into()));
        self
    }

    /// Holds only in these minors.
    #[must_use]
    pub fn minors(mut self, minors: Minors) -> Self {
        self.minors = minors;
        self
    }
}
