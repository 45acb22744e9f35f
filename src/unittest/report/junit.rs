//! JUnit.

use super::xml::Element;
use super::{Now, class_name, host_name, seconds};
use crate::host::Host;
use crate::unittest::print::plain;
use crate::unittest::result::{JobResult, Report, SuiteResult};

pub(super) fn write(report: &Report, host: &dyn Host) -> String {
    let mut root = Element::new("testsuites");
    for (id, suite) in report.suites().enumerate() {
        root.push(element(id, suite, host));
    }
    root.document()
}

/// The element of a suite; `host` says when and where it was written.
pub(crate) fn element(id: usize, suite: &SuiteResult, host: &dyn Host) -> Element {
    let now = Now::of(host);
    let stamp = format!("{}T{}", now.date, now.time);
    let failed = |job: &&JobResult| !job.skipped && !job.passed;
    let errors = suite.jobs.iter().filter(failed).filter(|job| job.error.is_some()).count();
    let failures = suite.jobs.iter().filter(failed).count() - errors;
    let mut element = Element::new("testsuite")
        .with("id", id)
        .with("tests", suite.jobs.len())
        .with("failures", failures)
        .with("errors", errors)
        .with("package", "")
        .with("time", seconds(suite.duration()))
        .with("name", &suite.name)
        .with("timestamp", stamp)
        .with("hostname", host_name(host));
    let mut properties = Element::new("properties");
    properties
        .push(Element::new("property").with("name", "helm-unittest.version").with("value", "1.6"));
    element.push(properties);
    for job in &suite.jobs {
        let mut case = Element::new("testcase")
            .with("classname", class_name(suite))
            .with("name", &job.name)
            .with("time", seconds(job.duration));
        if job.skipped {
            case.push(Element::new("skipped").with("message", one_line(job)));
        } else if !job.passed {
            let (name, message, text) = match &job.error {
                Some(error) => ("error", "Error", error.clone()),
                None => ("failure", "Failed", one_line(job)),
            };
            case.push(Element::text(name, text).with("message", message).with("type", ""));
        }
        element.push(case);
    }
    element
}

/// A job's failures without line breaks.
fn one_line(job: &JobResult) -> String {
    plain(job).replace('\n', ",").replace('\t', "")
}
