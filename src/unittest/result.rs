//! What a run found out: charts, suites, jobs, assertions.

use std::time::Duration;

pub use super::snapshot::SnapshotCounts;
use crate::coverage::Coverage;

/// An assertion's result.
#[derive(Clone, Debug, Default)]
pub struct AssertionResult {
    /// Its number in the job, from 0.
    pub index: usize,
    /// Its type, as the suite names it.
    pub kind: String,
    /// Whether `not` was set.
    pub not: bool,
    /// Whether it holds.
    pub passed: bool,
    /// Whether there was nothing to judge.
    pub skipped: bool,
    /// Why not.
    pub skip_reason: String,
    /// The lines about a failure.
    pub fail_info: Vec<String>,
}

/// A job's result.
#[derive(Clone, Debug, Default)]
pub struct JobResult {
    /// Its `it`.
    pub name: String,
    /// Whether all its assertions hold.
    pub passed: bool,
    /// Whether it was left out.
    pub skipped: bool,
    /// An error of the render or of the test itself.
    pub error: Option<String>,
    /// Its assertions.
    pub assertions: Vec<AssertionResult>,
    /// How long it took.
    pub duration: Duration,
}

/// A suite's result.
#[derive(Clone, Debug, Default)]
pub struct SuiteResult {
    /// Its `suite`.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Whether all its jobs passed.
    pub passed: bool,
    /// Whether all its jobs were left out.
    pub skipped: bool,
    /// Whether it ended at the first failure.
    pub fail_fast: bool,
    /// Why it could not run.
    pub error: Option<String>,
    /// Its jobs, as far as they ran.
    pub jobs: Vec<JobResult>,
    /// Its snapshots.
    pub snapshots: SnapshotCounts,
}

impl SuiteResult {
    /// How long its jobs took together.
    pub fn duration(&self) -> Duration {
        self.jobs.iter().map(|job| job.duration).sum()
    }
}

/// A chart's result.
#[derive(Clone, Debug, Default)]
pub struct ChartReport {
    /// Its name; empty when it could not be loaded.
    pub name: String,
    /// Its path as given.
    pub path: String,
    /// Suites that could not be read; those of charts below are no failure of the chart.
    pub unreadable: Vec<SuiteResult>,
    /// Its suites.
    pub suites: Vec<SuiteResult>,
    /// Why no suite ran.
    pub error: Option<String>,
    /// Whether everything passed.
    pub passed: bool,
    /// Records for standard error.
    pub warnings: Vec<String>,
    /// How much of the chart the jobs reached, if that was counted.
    pub coverage: Option<Coverage>,
}

/// The result of a run over charts.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The charts in the order given.
    pub charts: Vec<ChartReport>,
    /// How long it took.
    pub elapsed: Duration,
}

impl Report {
    /// Whether everything passed.
    pub fn passed(&self) -> bool {
        self.charts.iter().all(|chart| chart.passed)
    }

    /// The suites that ran, which report files list.
    pub fn suites(&self) -> impl Iterator<Item = &SuiteResult> {
        self.charts.iter().flat_map(|chart| &chart.suites)
    }
}
