//! xUnit, version 2.

use super::xml::Element;
use super::{FRAMEWORK, Now, class_name, platform, seconds};
use crate::host::Host;
use crate::unittest::print::plain;
use crate::unittest::result::{JobResult, Report, SuiteResult};

const METHOD: &str = "Helm-Validation";

pub(super) fn write(report: &Report, host: &dyn Host) -> String {
    let now = Now::of(host);
    let mut root = Element::new("assemblies");
    for suite in report.suites() {
        root.push(assembly(suite, &now));
    }
    root.document()
}

/// Counts of a suite's jobs.
#[derive(Default)]
struct Counts {
    total: usize,
    passed: usize,
    failed: usize,
    skipped: usize,
    errors: usize,
}

impl Counts {
    fn of(suite: &SuiteResult) -> Self {
        if suite.error.is_some() {
            return Counts { total: 1, errors: 1, ..Counts::default() };
        }
        let mut counts = Counts { total: suite.jobs.len(), ..Counts::default() };
        for job in &suite.jobs {
            let count = match job {
                JobResult { skipped: true, .. } => &mut counts.skipped,
                JobResult { passed: true, .. } => &mut counts.passed,
                JobResult { error: Some(_), .. } => &mut counts.errors,
                JobResult { .. } => &mut counts.failed,
            };
            *count += 1;
        }
        counts
    }
}

fn assembly(suite: &SuiteResult, now: &Now) -> Element {
    let counts = Counts::of(suite);
    let mut element = Element::new("assembly")
        .with("name", &suite.file)
        .with("config-file", &suite.file)
        .with("test-framework", FRAMEWORK)
        .with("run-date", &now.date)
        .with("run-time", &now.time)
        .with("time", seconds(suite.duration()))
        .with("total", counts.total)
        .with("passed", counts.passed)
        .with("failed", counts.failed)
        .with("skipped", counts.skipped)
        .with("errors", counts.errors);
    element.push(Element::text("environment", platform()));
    if let Some(error) = &suite.error {
        let mut wrapped = Element::new("error").with("type", "Error").with("name", "Error");
        wrapped.push(failure(&format!("{METHOD}-Error"), "Error", error));
        let mut errors = Element::new("errors");
        errors.push(wrapped);
        element.push(errors);
        return element;
    }
    let mut collection = Element::new("collection")
        .with("name", &suite.name)
        .with("time", seconds(suite.duration()))
        .with("total", counts.total)
        .with("passed", counts.passed)
        .with("failed", counts.failed)
        .with("skipped", counts.skipped);
    for job in &suite.jobs {
        collection.push(test(suite, job));
    }
    element.push(collection);
    element
}

fn test(suite: &SuiteResult, job: &JobResult) -> Element {
    let result = match job {
        JobResult { skipped: true, .. } => "Skip",
        JobResult { passed: true, .. } => "Pass",
        JobResult { .. } => "Fail",
    };
    let mut element = Element::new("test")
        .with("name", &job.name)
        .with("type", class_name(suite))
        .with("method", METHOD)
        .with("time", seconds(job.duration))
        .with("result", result);
    match result {
        "Skip" => element.push(Element::data("reason", plain(job))),
        "Fail" => {
            let ending = if job.error.is_some() { "-Error" } else { "" };
            element.push(failure(&format!("{METHOD}{ending}"), "Failed", &plain(job)));
        }
        _ => {}
    }
    element
}

fn failure(kind: &str, message: &str, trace: &str) -> Element {
    let mut failure = Element::new("failure").with("exception-type", kind);
    failure.push(Element::data("message", message));
    failure.push(Element::data("stack-trace", trace));
    failure
}
