//! Results as JUnit XML.

use super::{CaseRun, ChartRun};
use crate::coverage::{Measure, ratio};
use crate::diff::print::Printer;
use crate::host::Host;
use crate::testing::judge::Verdict;
use crate::unittest::report::junit::element;
use crate::unittest::report::seconds;
use crate::unittest::report::xml::Element;

/// A suite for the cases of each chart, then one for each of its suites; the coverage is told in
/// properties of a suite of its own.
pub fn junit(charts: &[ChartRun], host: &dyn Host) -> String {
    let mut root = Element::new("testsuites").with("name", "rhumb");
    let mut id = 0;
    for chart in charts {
        if !chart.cases.is_empty() {
            root.push(cases(id, chart));
            id += 1;
        }
        let Some(suites) = &chart.suites else { continue };
        for suite in suites.unreadable.iter().chain(&suites.suites) {
            let mut own = element(id, suite, host);
            if let Some(error) = &suite.error {
                let mut case = Element::new("testcase")
                    .with("classname", &suite.file)
                    .with("name", "the suite can be read");
                case.push(Element::text("error", error).with("message", "Error"));
                own.push(case);
            }
            root.push(own);
            id += 1;
        }
        if let Some(error) = &suites.error {
            let mut own = suite(id, &chart.name, 1, 1);
            let mut case = Element::new("testcase")
                .with("classname", &chart.name)
                .with("name", "the suites can be run");
            case.push(Element::text("error", error).with("message", "Error"));
            own.push(case);
            root.push(own);
            id += 1;
        }
    }
    let covered: Vec<_> = charts.iter().filter_map(|chart| chart.coverage.as_ref()).collect();
    if !covered.is_empty() {
        let mut properties = Element::new("properties");
        for measure in Measure::ALL {
            let name = format!("coverage.{}", measure.name());
            let percent = ratio(&covered, measure).percent();
            properties.push(Element::new("property").with("name", name).with("value", percent));
        }
        let mut own = suite(id, "coverage", 0, 0);
        own.push(properties);
        root.push(own);
    }
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", root.document())
}

fn suite(id: usize, name: &str, tests: usize, failures: usize) -> Element {
    Element::new("testsuite")
        .with("id", id)
        .with("name", name)
        .with("tests", tests)
        .with("failures", failures)
}

fn cases(id: usize, chart: &ChartRun) -> Element {
    let failed = chart.cases.iter().filter(|case| !case.ran.verdict.is_good()).count();
    let name = format!("{} snapshots", chart.name);
    let total = chart.cases.iter().map(|case| case.ran.duration).sum();
    let mut own = suite(id, &name, chart.cases.len(), failed).with("time", seconds(total));
    for case in &chart.cases {
        let mut element = Element::new("testcase")
            .with("classname", &name)
            .with("name", &case.name)
            .with("time", seconds(case.ran.duration));
        if let Some((kind, text)) = failure(case) {
            element.push(Element::text("failure", text).with("type", kind).with("message", kind));
        }
        own.push(element);
    }
    own
}

/// What is wrong with a case: a word, and all of it.
fn failure(case: &CaseRun) -> Option<(&'static str, String)> {
    match &case.ran.verdict {
        Verdict::Same | Verdict::Written | Verdict::Updated(_) => None,
        Verdict::Missing => Some(("missing", format!("{} is missing", case.snapshot))),
        Verdict::NotAccepted(how) => Some(("differs", (*how).to_owned())),
        Verdict::Differs(difference) => {
            let text = Printer { colors: false }.text(difference);
            Some(("differs", format!("not as in {}\n{text}", case.snapshot)))
        }
        Verdict::Failed(why) => Some(("failed", why.clone())),
    }
}
