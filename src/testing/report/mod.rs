//! What a run of tests found out, as people and programs read it: cases, suites, coverage.

mod json;
mod junit;
mod text;

pub use json::json;
pub use junit::junit;
pub use text::Printer;

use std::time::Duration;

use super::Ran;
use super::judge::Verdict;
use crate::coverage::Coverage;
use crate::unittest::{self, ChartReport};

/// Forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One object, with everything that is known.
    Json,
    /// `JUnit` XML: a suite for the cases of each chart and one for each of its suites.
    Junit,
}

impl Format {
    /// A form by its name on the command line.
    pub fn parse(text: &str) -> Option<Format> {
        match text {
            "text" | "pretty" => Some(Format::Text),
            "json" => Some(Format::Json),
            "junit" => Some(Format::Junit),
            _ => None,
        }
    }
}

/// A chart that was tested.
#[derive(Clone, Debug, Default)]
pub struct ChartRun {
    /// Its path as it was given.
    pub name: String,
    /// Its cases, as far as they ran.
    pub cases: Vec<CaseRun>,
    /// Snapshots that belong to no case, as paths for people.
    pub orphans: Vec<String>,
    /// Its suites, if it has any.
    pub suites: Option<ChartReport>,
    /// How much of it was reached, if that was counted.
    pub coverage: Option<Coverage>,
}

/// A case that ran.
#[derive(Clone, Debug)]
pub struct CaseRun {
    /// Its name.
    pub name: String,
    /// Its snapshot, as a path for people.
    pub snapshot: String,
    /// What came of it.
    pub ran: Ran,
}

/// How many cases ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// As they should, written ones included.
    pub passed: usize,
    /// Otherwise.
    pub failed: usize,
    /// Stored anew.
    pub written: usize,
}

impl Counts {
    /// Counts the cases of charts.
    pub fn of(charts: &[ChartRun]) -> Self {
        let mut counts = Counts::default();
        for case in charts.iter().flat_map(|chart| &chart.cases) {
            match &case.ran.verdict {
                Verdict::Same => counts.passed += 1,
                verdict if verdict.is_good() => {
                    counts.passed += 1;
                    counts.written += 1;
                }
                _ => counts.failed += 1,
            }
        }
        counts
    }

    /// All of them.
    pub fn total(self) -> usize {
        self.passed + self.failed
    }
}

/// The suites of charts as one report.
pub fn suites(charts: &[ChartRun], elapsed: Duration) -> unittest::Report {
    let charts = charts.iter().filter_map(|chart| chart.suites.clone()).collect();
    unittest::Report { charts, elapsed }
}

/// Whether everything passed.
pub fn passed(charts: &[ChartRun]) -> bool {
    let suites = || charts.iter().filter_map(|chart| chart.suites.as_ref());
    Counts::of(charts).failed == 0 && suites().all(|suites| suites.passed)
}
