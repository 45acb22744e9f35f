//! Results for people: a line for each case, what differs below it, counts at the end.

use std::fmt::Write as _;
use std::time::Duration;

use super::{CaseRun, ChartRun, Counts, suites};
use crate::diff::{self, Difference};
use crate::testing::judge::Verdict;
use crate::unittest::print;

/// Writes results as text.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    /// Whether words are coloured.
    pub colors: bool,
}

impl Printer {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colors { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// The cases of a chart.
    pub fn cases(self, chart: &ChartRun) -> String {
        let mut text = format!("{}\n", chart.name);
        for case in &chart.cases {
            self.case(case, &mut text);
        }
        for orphan in &chart.orphans {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  note  {orphan} belongs to no case");
        }
        text
    }

    fn case(self, case: &CaseRun, text: &mut String) {
        let file = &case.snapshot;
        let (label, about) = match &case.ran.verdict {
            Verdict::Same => ("PASS", String::new()),
            Verdict::Written => ("NEW ", format!(": wrote {file}")),
            Verdict::Updated(difference) => {
                ("NEW ", format!(": wrote {file}: {}", difference.summary()))
            }
            Verdict::Missing => {
                let way = "CI=true writes none; run \"rhumb test\" where you work and commit it";
                ("FAIL", format!(": {file} is missing, and {way}"))
            }
            Verdict::Differs(difference) => {
                let way = "rhumb test --update accepts that";
                ("FAIL", format!(": not as in {file}; {way}\n{}", self.difference(difference)))
            }
            Verdict::NotAccepted(how) => ("FAIL", format!(": {how}; {file} is as it was")),
            Verdict::Failed(why) => ("FAIL", format!(": {}", indented(why.trim_end()))),
        };
        let hue = match label {
            "PASS" => "32",
            "FAIL" => "1;31",
            _ => "33",
        };
        let _ = writeln!(text, "  {}  {}{}", self.paint(hue, label), case.name, about.trim_end());
        for unstable in &case.ran.unstable {
            let _ = writeln!(text, "        unstable: {}", unstable.field);
        }
        let masks: Vec<String> = case
            .ran
            .unstable
            .iter()
            .filter_map(|unstable| unstable.mask.as_ref())
            .map(|mask| format!("'{}'", mask.replace('\'', "''")))
            .collect();
        if !masks.is_empty() {
            let _ = writeln!(text, "        to leave that out: mask: [{}]", masks.join(", "));
        }
    }

    /// A difference, below the line of its case.
    pub fn difference(self, difference: &Difference) -> String {
        let text = diff::print::Printer { colors: self.colors }.text(difference);
        text.lines().map(|line| format!("        {line}\n")).collect()
    }

    /// The suites of a chart; nothing when it has none.
    pub fn suites(self, chart: &ChartRun) -> String {
        let mut text = String::new();
        if let Some(suites) = &chart.suites {
            print::Printer { colors: self.colors }.chart(suites, &mut text);
            text.push('\n');
        }
        text
    }

    /// The counts of cases and suites.
    pub fn footer(self, charts: &[ChartRun], elapsed: Duration) -> String {
        let mut text = String::new();
        let counts = Counts::of(charts);
        let failed = match counts.failed {
            0 => String::new(),
            failed => self.paint("31", &format!("{failed} failed, ")),
        };
        let written = match counts.written {
            0 => String::new(),
            written => format!(", {written} written"),
        };
        let total = counts.total();
        if total > 0 {
            let passed = counts.passed;
            let _ =
                writeln!(text, "\nCases:       {failed}{passed} passed{written}, {total} total");
        }
        let suites = suites(charts, elapsed);
        if !suites.charts.is_empty() {
            print::Printer { colors: self.colors }.footer(&suites, &mut text);
        }
        text
    }
}

/// Lines behind the first one under it.
fn indented(text: &str) -> String {
    text.replace('\n', "\n        ")
}
