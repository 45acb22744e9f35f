//! Results as one JSON object.

use std::time::Duration;

use serde_json::{Value as Json, json as value};

use super::{CaseRun, ChartRun, Counts, passed};
use crate::diff;
use crate::testing::coverage;
use crate::testing::judge::Verdict;
use crate::unittest::result::{ChartReport, JobResult, SuiteResult};

/// Cases, suites and coverage of charts, with their counts.
pub fn json(charts: &[ChartRun], elapsed: Duration) -> String {
    let counts = Counts::of(charts);
    let jobs = || {
        let suites = charts.iter().filter_map(|chart| chart.suites.as_ref());
        suites.flat_map(|suites| &suites.suites).flat_map(|suite| &suite.jobs)
    };
    let of = |status: &str| jobs().filter(|job| job_status(job) == status).count();
    let mut report = value!({
        "version": 1,
        "passed": passed(charts),
        "charts": charts.iter().map(chart).collect::<Vec<_>>(),
        "summary": {
            "cases": {
                "total": counts.total(),
                "passed": counts.passed,
                "failed": counts.failed,
                "written": counts.written,
            },
            "tests": {
                "total": jobs().count(),
                "passed": of("passed"),
                "failed": of("failed"),
                "errors": of("error"),
                "skipped": of("skipped"),
            },
            "seconds": elapsed.as_secs_f64(),
        },
    });
    let covered: Vec<_> = charts.iter().filter_map(|chart| chart.coverage.as_ref()).collect();
    if !covered.is_empty() {
        report["coverage"] = coverage::json(&covered);
    }
    let mut text = serde_json::to_string_pretty(&report).expect("JSON of texts and numbers");
    text.push('\n');
    text
}

fn chart(chart: &ChartRun) -> Json {
    let mut object = value!({
        "chart": chart.name,
        "cases": chart.cases.iter().map(case).collect::<Vec<_>>(),
        "suites": [],
    });
    if !chart.orphans.is_empty() {
        object["snapshots_without_case"] = value!(chart.orphans);
    }
    if let Some(ChartReport { suites, unreadable, error, .. }) = &chart.suites {
        object["suites"] = unreadable.iter().chain(suites).map(suite).collect();
        if let Some(error) = error {
            object["error"] = value!(error);
        }
    }
    object
}

fn case(case: &CaseRun) -> Json {
    let status = match &case.ran.verdict {
        Verdict::Same => "passed",
        Verdict::Written | Verdict::Updated(_) => "written",
        Verdict::Missing => "missing",
        Verdict::Differs(_) => "differs",
        Verdict::NotAccepted(_) => "not accepted",
        Verdict::Failed(_) => "failed",
    };
    let mut object = value!({
        "name": case.name,
        "status": status,
        "passed": case.ran.verdict.is_good(),
        "snapshot": case.snapshot,
        "seconds": case.ran.duration.as_secs_f64(),
    });
    match &case.ran.verdict {
        Verdict::Failed(why) => object["message"] = value!(why),
        Verdict::Updated(difference) | Verdict::Differs(difference) => {
            let text = diff::report::json(difference);
            object["difference"] = serde_json::from_slice(&text).unwrap_or_default();
        }
        _ => {}
    }
    if !case.ran.unstable.is_empty() {
        let unstable = case.ran.unstable.iter();
        object["unstable"] =
            unstable.map(|it| value!({ "field": it.field, "mask": it.mask })).collect();
    }
    object
}

fn suite(suite: &SuiteResult) -> Json {
    let mut object = value!({
        "name": suite.name,
        "file": suite.file,
        "passed": suite.passed && suite.error.is_none(),
        "tests": suite.jobs.iter().map(job).collect::<Vec<_>>(),
    });
    if let Some(error) = &suite.error {
        object["error"] = value!(error);
    }
    object
}

fn job(job: &JobResult) -> Json {
    let mut object = value!({
        "name": job.name,
        "status": job_status(job),
        "seconds": job.duration.as_secs_f64(),
    });
    if let Some(error) = job.error.as_ref().filter(|_| !job.passed) {
        object["error"] = value!(error);
    }
    let failed = job.assertions.iter().filter(|it| !it.passed && !it.skipped);
    let failures: Vec<Json> = failed
        .map(|it| {
            value!({
                "assertion": it.index,
                "type": it.kind,
                "not": it.not,
                "message": it.fail_info.join("\n"),
            })
        })
        .collect();
    if !failures.is_empty() {
        object["failures"] = value!(failures);
    }
    object
}

fn job_status(job: &JobResult) -> &'static str {
    match job {
        _ if job.passed => "passed",
        _ if job.skipped => "skipped",
        JobResult { error: Some(_), .. } => "error",
        _ => "failed",
    }
}
