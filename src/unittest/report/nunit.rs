//! NUnit, version 2.5.

use super::xml::Element;
use super::{FRAMEWORK, Now, class_name, host_name, platform, seconds};
use crate::host::Host;
use crate::unittest::print::plain;
use crate::unittest::result::{JobResult, Report, SuiteResult};

pub(super) fn write(report: &Report, host: &dyn Host) -> String {
    let now = Now::of(host);
    let jobs = || report.suites().filter(|suite| suite.error.is_none()).flat_map(|it| &it.jobs);
    let broken_suites = report.suites().filter(|suite| suite.error.is_some()).count();
    let failed = |job: &&JobResult| !job.passed && !job.skipped;
    let errors = jobs().filter(failed).filter(|job| job.error.is_some()).count();
    let failures = jobs().filter(failed).count() - errors;
    let mut root = Element::new("test-results")
        .with("name", FRAMEWORK)
        .with("total", jobs().count() + broken_suites)
        .with("errors", errors + broken_suites)
        .with("failures", failures)
        .with("inconclusive", 0)
        .with("not-run", 0)
        .with("ignored", 0)
        .with("skipped", jobs().filter(|job| job.skipped).count())
        .with("invalid", 0)
        .with("date", &now.date)
        .with("time", &now.time);
    let folder = host.current_dir().map(|path| path.display().to_string()).unwrap_or_default();
    root.push(
        Element::new("environment")
            .with("nunit-version", "2.5.8.0")
            .with("clr-version", "unknown")
            .with("os-version", "unknown")
            .with("platform", platform())
            .with("cwd", folder)
            .with("machine-name", host_name(host))
            .with("user", host.env("USER").unwrap_or_default())
            .with("user-domain", ""),
    );
    let language = host.env("LANG").unwrap_or_default();
    let language = language.split('.').next().unwrap_or_default().replace('_', "-");
    let short = language.split('-').next().unwrap_or_default().to_owned();
    root.push(
        Element::new("culture-info")
            .with("current-culture", short)
            .with("current-uiculture", language),
    );
    for suite in report.suites() {
        root.push(fixture(suite));
    }
    root.document()
}

fn result(passed: bool, skipped: bool) -> &'static str {
    match (passed, skipped) {
        (_, true) => "Skipped",
        (false, false) => "Failed",
        (true, false) => "Success",
    }
}

fn fixture(suite: &SuiteResult) -> Element {
    let mut element = Element::new("test-suite")
        .with("type", "TestFixture")
        .with("name", &suite.name)
        .with("description", &suite.file)
        .with("success", suite.passed)
        .with("time", seconds(suite.duration()))
        .with("executed", suite.error.is_none() && !suite.skipped)
        .with("asserts", "")
        .with("result", result(suite.passed, suite.skipped));
    if let Some(error) = &suite.error {
        element.push(failure("Error", error));
        return element;
    }
    let mut results = Element::new("results");
    for job in &suite.jobs {
        results.push(case(suite, job));
    }
    if !suite.jobs.is_empty() {
        element.push(results);
    }
    element
}

fn case(suite: &SuiteResult, job: &JobResult) -> Element {
    let mut element = Element::new("test-case")
        .with("name", &job.name)
        .with("description", format!("{}.{}", class_name(suite), job.name))
        .with("success", job.passed)
        .with("time", seconds(job.duration))
        .with("executed", job.error.is_none() && !job.skipped)
        .with("asserts", 0)
        .with("result", result(job.passed, job.skipped));
    if job.skipped {
        let mut reason = Element::new("reason");
        reason.push(Element::text("message", plain(job)));
        element.push(reason);
    } else if !job.passed {
        element.push(failure("Failed", &plain(job)));
    }
    element
}

fn failure(message: &str, trace: &str) -> Element {
    let mut failure = Element::new("failure");
    failure.push(Element::text("message", message));
    failure.push(Element::text("stack-trace", trace));
    failure
}
