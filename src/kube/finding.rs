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

/// Every code and what it says, in the order of their names.
pub const CODES: &[(&str, &str)] = &[
    ("api-not-yet", "the apiVersion does not exist yet in that Kubernetes version"),
    ("bad-format", "a value has not the form that it must have"),
    ("blocks-drain", "no pod may go, so nodes cannot be drained (warning)"),
    ("crd-rule", "a CEL rule of a custom resource definition does not hold"),
    ("deprecated-api", "the apiVersion is deprecated (warning)"),
    ("deprecated-field", "the field is deprecated or without effect (warning)"),
    ("duplicate-env", "an environment variable is set twice (warning)"),
    ("duplicate-item", "two items of a list are the same where they must differ"),
    ("duplicate-key", "a key stands twice in one object of the text"),
    ("duplicate-object", "two objects have the same kind, namespace and name"),
    ("empty-reference", "a reference names nothing and is ignored (warning)"),
    ("exclusive-fields", "fields are set that exclude each other or do not apply"),
    ("field-not-yet", "the field does not exist yet in that Kubernetes version"),
    ("invalid-enum", "a value is not in the closed list of allowed ones"),
    ("invalid-value", "a value breaks a rule that has no code of its own"),
    ("missing-reference", "a name leads to nothing in the same object"),
    ("missing-required", "a required field is absent or null"),
    ("no-container-port", "the selected pods declare no such port (warning or note)"),
    ("no-matching-pods", "a selector matches no pod template among the objects (warning)"),
    ("not-an-object", "a document is no object"),
    ("null-item", "an item of a list is null and becomes an empty value (warning)"),
    ("out-of-range", "a number, size or length is outside of what is allowed"),
    ("rejected-kind", "the kind was named with --reject"),
    ("removed-api", "the apiVersion is gone in that Kubernetes version"),
    ("removed-field", "the field is gone in that Kubernetes version"),
    ("repeated-port", "a container lists a port twice (warning)"),
    ("rule-not-checked", "a CEL rule could not be evaluated here (note)"),
    ("selector-mismatch", "a workload does not select its own pods"),
    ("unknown-field", "the field does not exist"),
    ("unknown-kind", "the kind is unknown, or has no schema"),
    ("unknown-port", "a probe names a port that its container has not (warning)"),
    ("unresolved-key", "a ConfigMap or Secret among the objects lacks the key (warning)"),
    ("unresolved-reference", "nothing among the objects has that name (warning)"),
    ("unstable-selector", "an immutable selector holds a label that changes (warning)"),
    ("wrong-type", "a value has the wrong type"),
    ("yaml-syntax", "the text is no YAML"),
];

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

    /// Whether it is about what a Secret holds, which no report may show.
    pub fn is_secret(&self) -> bool {
        let holds = |field: &str| {
            let rest = self.path.strip_prefix(field);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let kind = self.object.split('/').next().unwrap_or_default();
        kind == "Secret" && (holds("data") || holds("stringData"))
    }

    /// What was probably meant, unless the message says so already.
    pub fn meant(&self) -> Option<&str> {
        let said = self.code.ends_with("-api");
        self.suggest.as_deref().filter(|_| !said)
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
