//! Faults as plain data: what went wrong, where, by which way, and the way out.
//!
//! Wording and layout live elsewhere (`diag::helm` reproduces Helm's sentences); this module
//! only carries facts. Blind to domain modules and renderers.

pub mod helm;
pub mod io;
pub mod log;
pub mod nearest;

use crate::source::Span;

/// Result of anything that can fail with a [`Fault`].
pub type Result<T, E = Fault> = std::result::Result<T, E>;

/// What family a fault belongs to; decides the exit code and Helm's suffixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The command line is wrong.
    Usage,
    /// The chart, its dependencies or files could not be loaded.
    Chart,
    /// Values or their schema are wrong.
    Values,
    /// A template does not parse.
    Parse,
    /// A template failed while it ran.
    Exec,
    /// A template function returned an error; becomes `Exec` once the evaluator has seen it.
    Function,
    /// The chart itself refused to render (`required`, `fail`).
    Refused,
    /// Rendered output is not what it must be.
    Output,
    /// A limit on time, memory, depth or size was reached.
    Limit,
    /// Reading or writing failed.
    Io,
}

/// One step of the way an error took, innermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The evaluator was executing `node` of a template.
    Exec {
        /// Template name of the file (Go's `ParseName`), as errors show it.
        file: String,
        /// One-based line.
        line: u32,
        /// Zero-based byte column.
        col: u32,
        /// Name of the template being executed (a file or a define).
        executing: String,
        /// The node, printed back.
        node: String,
        /// What stands between the node and the cause, such as `error calling include`; empty
        /// for the innermost frame.
        what: String,
    },
    /// Plain text that a caller put before the cause, such as `error during tpl function
    /// execution for "…"`.
    Wrap(String),
}

#[derive(Clone, Debug)]
struct Inner {
    kind: FaultKind,
    message: String,
    span: Span,
    trace: Vec<Frame>,
    hints: Vec<String>,
    from_engine: bool,
}

/// The one error of the crate: boxed, one word wide.
#[derive(Clone, Debug)]
pub struct Fault(Box<Inner>);

impl Fault {
    /// A fault with a message that completes "failed to …" or, for Go templates, Go's sentence.
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Fault(Box::new(Inner {
            kind,
            message: message.into(),
            span: Span::NONE,
            trace: Vec::new(),
            hints: Vec::new(),
            from_engine: false,
        }))
    }

    /// The error value that a template function returns.
    pub fn function(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Function, message)
    }

    /// An error that the template engine itself raises (a Go `ExecError` with no inner cause);
    /// Helm prints chains of these in several lines.
    pub fn engine(message: impl Into<String>) -> Self {
        let mut fault = Self::new(FaultKind::Exec, message);
        fault.0.from_engine = true;
        fault
    }

    /// Sets the place, unless one is known.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        if !self.0.span.is_some() {
            self.0.span = span;
        }
        self
    }

    /// Adds a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// Adds an outer frame.
    #[must_use]
    pub fn frame(mut self, frame: Frame) -> Self {
        self.0.trace.push(frame);
        self
    }

    /// Puts text before the message, as `prefix: message`.
    #[must_use]
    pub fn context(mut self, prefix: impl std::fmt::Display) -> Self {
        self.0.message = format!("{prefix}: {}", self.0.message);
        self
    }

    /// Replaces the message by the sentence that users read; the trace stays.
    #[must_use]
    pub fn reworded(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Changes the family.
    #[must_use]
    pub fn with_kind(mut self, kind: FaultKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// The family.
    pub fn kind(&self) -> FaultKind {
        self.0.kind
    }

    /// The innermost message.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The place, [`Span::NONE`] when unknown.
    pub fn span(&self) -> Span {
        self.0.span
    }

    /// The way, innermost frame first.
    pub fn trace(&self) -> &[Frame] {
        &self.0.trace
    }

    /// Ways out.
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// Whether the innermost cause is the template engine's own sentence.
    pub fn is_from_engine(&self) -> bool {
        self.0.from_engine
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Fault {}
