//! The text that people know: a line per suite, failures below, counts at the end.

use std::fmt::Write as _;
use std::time::Duration;

use super::result::{AssertionResult, ChartReport, JobResult, Report, SuiteResult};
use crate::golang::time::duration;

/// How words are coloured.
#[derive(Clone, Copy, Debug)]
enum Ink {
    SuccessLabel,
    Danger,
    DangerLabel,
    Warning,
    WarningLabel,
    Highlight,
    Faint,
}

/// Writes reports as text.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    /// Whether words are coloured.
    pub colors: bool,
}

/// Passed, failed and so on, of charts, suites, jobs or snapshots.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    passed: usize,
    failed: usize,
    errored: usize,
    skipped: usize,
}

impl Count {
    fn add(&mut self, passed: bool, skipped: bool, errored: bool) {
        if skipped {
            self.skipped += 1;
        } else if passed {
            self.passed += 1;
        } else {
            self.failed += 1;
            self.errored += usize::from(errored);
        }
    }
}

/// Everything that the end of a report counts.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    charts: Count,
    suites: Count,
    jobs: Count,
    snapshots: Count,
    suites_with_failed_snapshots: usize,
}

impl Counts {
    fn of(report: &Report) -> Self {
        let mut counts = Counts::default();
        for chart in &report.charts {
            counts.charts.add(chart.passed, false, chart.error.is_some());
            for suite in chart.unreadable.iter().chain(&chart.suites) {
                counts.suite(suite);
            }
        }
        counts
    }

    fn suite(&mut self, suite: &SuiteResult) {
        self.suites.add(suite.passed, suite.skipped, suite.error.is_some());
        let failed = suite.snapshots.failed;
        if !suite.passed && !suite.skipped && failed > 0 {
            self.suites_with_failed_snapshots += 1;
        }
        self.snapshots.failed += failed;
        self.snapshots.passed += suite.snapshots.total - failed.min(suite.snapshots.total);
        for job in &suite.jobs {
            // A job whose assertions all had nothing to judge counts as passed.
            self.jobs.add(job.passed, job.skipped && !job.passed, job.error.is_some());
        }
    }
}

impl Printer {
    fn paint(self, ink: Ink, text: &str) -> String {
        let (start, end) = match ink {
            _ if !self.colors => return text.to_owned(),
            Ink::SuccessLabel => ("42;30", "0;0"),
            Ink::Danger => ("31", "0"),
            Ink::DangerLabel => ("41;37", "0;0"),
            Ink::Warning => ("33", "0"),
            Ink::WarningLabel => ("43;30", "0;0"),
            Ink::Highlight => ("1", "22"),
            Ink::Faint => ("2", "22"),
        };
        format!("\u{1b}[{start}m{text}\u{1b}[{end}m")
    }

    /// The whole text of a report.
    pub fn report(self, report: &Report) -> String {
        let mut out = String::new();
        for chart in &report.charts {
            self.chart(chart, &mut out);
        }
        self.footer(report, &mut out);
        out
    }

    /// The part about one chart.
    pub fn chart(self, chart: &ChartReport, out: &mut String) {
        for suite in &chart.unreadable {
            self.suite(suite, out);
        }
        // Writing to a string cannot fail.
        let _ = match &chart.error {
            Some(error) => {
                write!(out, "\n### {} {error}\n\n", self.paint(Ink::Danger, "Error: "))
            }
            None => write!(
                out,
                "\n### Chart [ {} ] {}\n\n",
                self.paint(Ink::Highlight, &chart.name),
                self.paint(Ink::Faint, &chart.path)
            ),
        };
        for suite in &chart.suites {
            self.suite(suite, out);
        }
    }

    fn suite(self, suite: &SuiteResult, out: &mut String) {
        let label = if suite.skipped {
            self.paint(Ink::WarningLabel, " SKIP ")
        } else if suite.passed {
            self.paint(Ink::SuccessLabel, " PASS ")
        } else {
            self.paint(Ink::DangerLabel, " FAIL ")
        };
        let name = self.paint(Ink::Highlight, &suite.name);
        let (folder, file) = match suite.file.rsplit_once('/') {
            Some((folder, file)) => (format!("{folder}/"), file),
            None if suite.file.is_empty() => (String::new(), ""),
            None => ("./".to_owned(), suite.file.as_str()),
        };
        let folder = if folder.is_empty() { folder } else { self.paint(Ink::Faint, &folder) };
        let _ = writeln!(out, "{label} {name}\t{folder}{file}");
        if let Some(error) = &suite.error {
            let heading = self.paint(Ink::Highlight, "- Execution Error: ");
            let _ = write!(out, "\t{heading}\n\t\t{error}\n\n");
            return;
        }
        for job in &suite.jobs {
            self.job(job, out);
        }
    }

    /// The part about one job; nothing about one that passed.
    pub fn job(self, job: &JobResult, out: &mut String) {
        if job.passed {
            return;
        }
        let name = &job.name;
        if job.skipped {
            let _ = writeln!(
                out,
                "\t{}{}{}",
                self.paint(Ink::Highlight, "- "),
                self.paint(Ink::WarningLabel, "SKIPPED"),
                self.paint(Ink::Warning, &format!(" '{name}'"))
            );
            return;
        }
        if let Some(error) = &job.error {
            let _ = writeln!(
                out,
                "\t{}\n\t\t{}",
                self.paint(Ink::Highlight, &format!("- {name}")),
                self.paint(Ink::Highlight, &format!("Error: {error}\n"))
            );
            return;
        }
        let _ = writeln!(out, "\t{}", self.paint(Ink::Danger, &format!("- {name}\n")));
        for assertion in job.assertions.iter().filter(|assertion| !assertion.passed) {
            let _ = writeln!(out, "\t\t{}", self.paint(Ink::Danger, &title(assertion)));
            for line in &assertion.fail_info {
                let _ = writeln!(out, "\t\t\t{line}");
            }
            out.push('\n');
        }
    }

    /// The counts, and how to accept what snapshots did not expect.
    pub fn footer(self, report: &Report, out: &mut String) {
        let counts = Counts::of(report);
        if counts.snapshots.failed > 0 {
            let _ = writeln!(
                out,
                "\nSnapshot Summary: {} in {} test suite.{}",
                self.paint(Ink::Danger, &format!("{} snapshot failed", counts.snapshots.failed)),
                counts.suites_with_failed_snapshots,
                self.paint(Ink::Faint, " Check changes and use `-u` to update snapshot.")
            );
        }
        let _ = write!(
            out,
            "\nCharts:      {}\nTest Suites: {}\nTests:       {}\nSnapshot:    {}\nTime:        \
             {}\n\n",
            self.count(counts.charts),
            self.count(counts.suites),
            self.count(counts.jobs),
            self.count(counts.snapshots),
            time(report.elapsed)
        );
    }

    fn count(self, count: Count) -> String {
        let mut text = String::new();
        if count.failed > 0 {
            text.push_str(&self.paint(Ink::Danger, &format!("{} failed, ", count.failed)));
        }
        if count.errored > 0 {
            let _ = write!(text, "{} errored, ", count.errored);
        }
        let _ = write!(text, "{} passed, ", count.passed);
        if count.skipped > 0 {
            let _ = write!(text, "{} skipped, ", count.skipped);
        }
        let _ = write!(text, "{} total", count.passed + count.failed + count.skipped);
        text
    }
}

/// The line above a failure.
fn title(assertion: &AssertionResult) -> String {
    let not = if assertion.not { " NOT" } else { "" };
    format!("- asserts[{}]{not} `{}` fail", assertion.index, assertion.kind)
}

/// A job's failures as report files have them.
pub(crate) fn plain(job: &JobResult) -> String {
    let mut text = String::new();
    if job.skipped {
        let _ = writeln!(text, "SKIPPED '{}' ", job.name);
    }
    if let Some(error) = &job.error {
        let _ = writeln!(text, "{error}");
    }
    for assertion in &job.assertions {
        let _ = writeln!(text, "\t\t {} ", title(assertion));
        if assertion.skipped {
            let _ = writeln!(text, "\t\t\t {} ", assertion.skip_reason);
        } else {
            for line in &assertion.fail_info {
                let _ = writeln!(text, "\t\t\t {line} ");
            }
        }
    }
    text
}

fn time(elapsed: Duration) -> String {
    duration::Duration(i64::try_from(elapsed.as_nanos()).unwrap_or(i64::MAX)).to_string()
}
