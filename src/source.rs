//! Texts that anything can be traced to: files, flags, built-in defaults.
//!
//! A [`Span`] is a place in one of them, so a value that carries a span knows the file, line and
//! column, or the flag, that supplied it. Blind to what the texts mean.

use std::sync::{Arc, OnceLock, RwLock};

use bytes::Bytes;

/// What a source is, which decides how a place in it is told to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A chart's own `values.yaml`; `chart` is its path in the tree (`parent/charts/child`).
    ChartValues {
        /// Full path of the chart, as in template names.
        chart: String,
    },
    /// A values file named on the command line.
    ValuesFile,
    /// Standard input.
    Stdin,
    /// The argument of a command line flag such as `--set`; the text is the argument.
    Flag {
        /// The flag as typed, with its dashes.
        flag: &'static str,
    },
    /// A default from a values schema.
    SchemaDefault,
    /// A template of a chart.
    Template,
    /// Rendered output, before it is printed.
    Rendered,
    /// Any other file that was read.
    File,
}

/// One interned text.
#[derive(Debug)]
pub struct Source {
    /// What it is.
    pub kind: SourceKind,
    /// The name shown to users: a path as they typed it, or a template name.
    pub name: String,
    /// Its bytes.
    pub text: Bytes,
    /// Where its lines after the first begin, once a place was asked for.
    lines: OnceLock<Vec<u32>>,
}

/// A one-based line and a zero-based byte column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineCol {
    /// One-based line.
    pub line: u32,
    /// Zero-based byte offset in that line.
    pub col: u32,
}

/// Line and column of a byte offset in a text.
pub fn line_col(text: &[u8], offset: usize) -> LineCol {
    let before = &text[..offset.min(text.len())];
    let line = memchr::memchr_iter(b'\n', before).count();
    let start = before.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
    LineCol { line: line as u32 + 1, col: (before.len() - start) as u32 }
}

impl Source {
    /// Line and column of a byte offset.
    pub fn line_col(&self, offset: u32) -> LineCol {
        let lines = self.lines.get_or_init(|| {
            memchr::memchr_iter(b'\n', &self.text).map(|at| at as u32 + 1).collect()
        });
        let offset = offset.min(self.text.len() as u32);
        let before = lines.partition_point(|&start| start <= offset);
        let start = before.checked_sub(1).map_or(0, |last| lines[last]);
        LineCol { line: before as u32 + 1, col: offset - start }
    }
}

/// Number of a source in its [`Sources`]; [`SourceId::NONE`] for values that no text supplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(u32);

impl SourceId {
    /// Of no text: made by the program.
    pub const NONE: SourceId = SourceId(0);
}

/// A place in a source: bytes `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// Which source.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The place of things that no text supplied.
    pub const NONE: Span = Span { source: SourceId::NONE, start: 0, end: 0 };

    /// A place in `source`.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let cut = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { source, start: cut(start), end: cut(end) }
    }

    /// Whether all of another place lies within this one.
    pub fn contains(self, other: Span) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }

    /// Whether this is a real place.
    pub fn is_some(self) -> bool {
        self.source != SourceId::NONE
    }
}

/// Every text of one job, append-only; shared by reference between layers and threads.
#[derive(Debug, Default)]
pub struct Sources {
    all: RwLock<Vec<Arc<Source>>>,
}

impl Sources {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Interns a text and gives its number.
    pub fn add(
        &self,
        kind: SourceKind,
        name: impl Into<String>,
        text: impl Into<Bytes>,
    ) -> SourceId {
        let source =
            Arc::new(Source { kind, name: name.into(), text: text.into(), lines: OnceLock::new() });
        let mut all = self.all.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.push(source);
        SourceId(u32::try_from(all.len()).expect("fewer than 2^32 sources"))
    }

    /// The source behind a number; none for [`SourceId::NONE`].
    pub fn get(&self, id: SourceId) -> Option<Arc<Source>> {
        let index = (id.0 as usize).checked_sub(1)?;
        let all = self.all.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.get(index).cloned()
    }

    /// The place of a key, which stands before its value; that of the value where the key is not
    /// found.
    pub fn key_span(&self, value: Span, key: &str) -> Span {
        let found = self.get(value.source).and_then(|source| {
            if matches!(source.kind, SourceKind::Flag { .. }) || key.is_empty() {
                return None;
            }
            let before = source.text.get(..value.start as usize)?;
            before.windows(key.len()).rposition(|window| window == key.as_bytes())
        });
        found.map_or(value, |start| Span::new(value.source, start, start + key.len()))
    }

    /// Every source so far, with its number.
    pub fn all(&self) -> Vec<(SourceId, Arc<Source>)> {
        let all = self.all.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        (1..).map(SourceId).zip(all.iter().cloned()).collect()
    }

    /// A place as users read it: `values.yaml:3:7`, or `--set image.tag=1`; empty for none.
    pub fn describe(&self, span: Span) -> String {
        let Some(source) = self.get(span.source) else { return String::new() };
        if let SourceKind::Flag { flag } = &source.kind {
            return format!("{flag} {}", String::from_utf8_lossy(&source.text));
        }
        let at = source.line_col(span.start);
        format!("{}:{}:{}", source.name, at.line, at.col + 1)
    }
}
