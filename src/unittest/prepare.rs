//! What the values of a job make of the chart: which charts take part, and their values.
//!
//! Many jobs of a chart have the same values, so the last results are kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::job::Bench;
use crate::chart::Chart;
use crate::diag::Fault;
use crate::doc::Doc;
use crate::render::native;
use crate::values::schema::{Schemas, validate_again};
use crate::values::{Final, compose_keeping_nulls};

/// Results that are kept.
const KEPT: usize = 32;

/// A chart without what the values switch off, and the values that its templates see.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) chart: Chart,
    pub(super) composed: Final,
}

/// What came of values: a chart, or why they do not fit.
type Outcome = Result<Arc<Prepared>, String>;

/// The last results with the values that they are of.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<VecDeque<(Doc, Outcome)>>);

impl Known {
    fn find(&self, values: &Doc) -> Option<Outcome> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(of, _)| of == values).map(|(_, outcome)| outcome.clone())
    }

    fn keep(&self, values: &Doc, outcome: &Outcome) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() == KEPT {
            known.pop_back();
        }
        known.push_front((values.clone(), outcome.clone()));
    }
}

/// The chart and the values of a job whose own values are `user`.
///
/// Errors: values that do not fit dependencies, types or schemas, as Helm words it.
pub(super) fn prepare(bench: &Bench<'_>, schemas: &Schemas, user: &Doc) -> Outcome {
    // A native chart sees the order of keys, which the comparison of values does not.
    let may_keep = !native::is_native(bench.chart);
    if may_keep && let Some(outcome) = bench.known.find(user) {
        return outcome;
    }
    let outcome =
        fresh(bench, schemas, user).map(Arc::new).map_err(|fault| fault.message().to_owned());
    if may_keep {
        bench.known.keep(user, &outcome);
    }
    outcome
}

fn fresh(bench: &Bench<'_>, schemas: &Schemas, user: &Doc) -> Result<Prepared, Fault> {
    let mut log = Vec::new();
    let mut chart = bench.chart.clone();
    let mut composed = compose_keeping_nulls(&mut chart, user, &mut log)?;
    if native::is_native(&chart) {
        composed = Final::from(crate::typed::check(&chart, &composed.values, bench.sources)?);
    }
    if !bench.options.skip_schema_validation {
        let foreign = crate::typed::Definitions;
        validate_again(&chart, &composed.values, &foreign, schemas, &mut log)?;
    }
    Ok(Prepared { chart, composed })
}
