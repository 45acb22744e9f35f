//! What Helm accepts without a word and hardly anybody means: `--strict` and `--warn`.
//!
//! Each file holds one family of findings. All work on plain data: layers of values, composed
//! values, what the templates read. Blind to the command line.

mod known;
pub mod schema_keys;
mod templates;
mod texts;
mod unknown;
mod user;

use crate::chart::Chart;
use crate::doc::Doc;
use crate::doc::uses::Uses;
use crate::gotpl::watch::Notes;
use crate::source::{Source, SourceKind, Sources, Span};
use crate::values::layers::Layer;

/// Something that is not an error for Helm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its name, such as `unknown-value`.
    pub name: &'static str,
    /// The place as users read it: `my.yaml:3:7`, `--set a=1`.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub hint: Option<String>,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Finding { name, place, message, hint } = self;
        if !place.is_empty() {
            write!(f, "{place}: ")?;
        }
        write!(f, "{name}: {message}")?;
        match hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

/// What is checked.
pub struct Case<'a> {
    /// The texts behind everything.
    pub sources: &'a Sources,
    /// The chart, its dependencies processed.
    pub chart: &'a Chart,
    /// What Chart.yaml said before dependencies were processed.
    pub declared: &'a Declared,
    /// What the user gives.
    pub layers: &'a [Layer],
    /// What the templates read of values; none for native charts, whose values are typed.
    pub uses: Option<&'a Uses>,
}

/// Findings on values: duplicate keys, unknown keys, types that differ from the defaults', nulls
/// without effect.
pub fn check_values(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = texts::duplicates_in_values(case.sources);
    findings.extend(unknown::check(case));
    findings.extend(user::check(case));
    findings
}

/// Findings on templates: keys that are missing, numbers that turn into exponents. `values` are
/// the composed ones.
pub fn check_notes(notes: &Notes, values: &Doc, sources: &Sources) -> Vec<Finding> {
    templates::check(notes, values, sources)
}

/// Findings on rendered documents, each the path of its template and its text: duplicate keys.
pub fn check_documents<'a>(
    documents: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Vec<Finding> {
    documents
        .into_iter()
        .flat_map(|(path, text)| texts::duplicates_in_document(path, text))
        .collect()
}

/// A place as findings show it. Of a flag only its name: its text may hold a password, and the
/// path says enough.
fn place(sources: &Sources, span: Span) -> String {
    match sources.get(span.source).as_deref() {
        Some(Source { kind: SourceKind::Flag { flag }, .. }) => (*flag).to_owned(),
        _ => sources.describe(span),
    }
}

/// What Chart.yaml says before dependencies are processed, which removes what is disabled.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The names under which the chart could have subcharts.
    names: Vec<String>,
    /// Paths of values that switch subcharts on and off.
    switches: Vec<String>,
}

impl Declared {
    /// Of a chart as it was loaded.
    pub fn new(chart: &Chart) -> Self {
        let listed = || chart.metadata.dependencies.iter().flatten();
        let names = listed().flat_map(|it| [it.name.clone(), it.alias.clone()]);
        let children = chart.dependencies.iter().map(|child| child.name().to_owned());
        let conditions = listed().flat_map(|it| it.condition.split(',').map(str::trim));
        let tags = listed().flat_map(|it| it.tags.iter().map(|tag| format!("tags.{tag}")));
        Declared {
            names: names.chain(children).filter(|name| !name.is_empty()).collect(),
            switches: conditions.map(str::to_owned).chain(tags).collect(),
        }
    }
}
