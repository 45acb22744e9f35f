//! Sonar's generic test data.

use super::xml::Element;
use crate::unittest::print::plain;
use crate::unittest::result::Report;

pub(super) fn write(report: &Report) -> String {
    let mut root = Element::new("testExecutions").with("version", 1);
    for suite in report.suites() {
        let mut file = Element::new("file").with("path", &suite.file);
        for job in &suite.jobs {
            let mut case = Element::new("testCase")
                .with("name", &job.name)
                .with("duration", job.duration.as_millis());
            if job.skipped {
                case.push(Element::data("skipped", plain(job)).with("message", "Skipped"));
            } else if !job.passed {
                case.push(match &job.error {
                    Some(error) => Element::data("error", error.as_str()).with("message", "Error"),
                    None => Element::data("failure", plain(job)).with("message", "Failed"),
                });
            }
            file.push(case);
        }
        root.push(file);
    }
    root.document()
}
