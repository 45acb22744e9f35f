//! `rhumb test --review`: what differs, and what somebody at the terminal says of it.

use super::{Failure, Streams, write_out};
use crate::diff::{compare, objects};
use crate::host::Host;
use crate::source::SourceId;
use crate::testing::judge::{Verdict, store};
use crate::testing::matrix::Plan;
use crate::testing::report::{ChartRun, Printer};
use crate::testing::review::{Decision, QUESTION, Reviewer};
use crate::unittest::print;
use crate::unittest::result::{ChartReport, JobResult};

/// A review of several charts.
pub(super) struct Review {
    reviewer: Reviewer,
    /// How differences are shown.
    pub(super) printer: Printer,
}

impl Review {
    /// A review that shows differences like this.
    pub(super) fn new(printer: Printer) -> Self {
        Review { reviewer: Reviewer::default(), printer }
    }

    /// Asks about one thing.
    fn decide(
        &mut self,
        shown: &str,
        host: &dyn Host,
        streams: &mut Streams<'_>,
    ) -> Result<Decision, Failure> {
        let mut first = true;
        self.reviewer.decide(&mut || {
            let text = if std::mem::take(&mut first) { shown } else { "" };
            write_out(streams.out, format!("{text}{QUESTION}").as_bytes())?;
            let line = host
                .read_line()
                .map_err(|error| Failure::new(format!("cannot read standard input: {error}")))?;
            Ok(line)
        })
    }

    /// Asks about every case that is not as stored, and stores what is accepted.
    ///
    /// Errors: a terminal that is gone.
    pub(super) fn cases(
        &mut self,
        plan: &Plan,
        run: &mut ChartRun,
        host: &dyn Host,
        streams: &mut Streams<'_>,
    ) -> Result<(), Failure> {
        let chart = run.name.clone();
        for case in &mut run.cases {
            let Some(text) = case.ran.pending.take() else { continue };
            let heading = format!("\n{chart}: {}, {}\n", case.name, case.snapshot);
            let (difference, shown) = match &case.ran.verdict {
                Verdict::Differs(difference) => {
                    (Some(difference.clone()), self.printer.difference(difference))
                }
                Verdict::Missing => (None, listed(&text)),
                _ => continue,
            };
            let decision = self.decide(&format!("{heading}{shown}"), host, streams)?;
            case.ran.verdict = match decision {
                Decision::Accepted => {
                    let named = plan.cases.iter().find(|it| it.name == case.name);
                    let stored = named.map_or(Ok(()), |it| store(host, plan, it, &text));
                    match (stored, difference) {
                        (Err(why), _) => Verdict::Failed(why),
                        (Ok(()), Some(difference)) => Verdict::Updated(difference),
                        (Ok(()), None) => Verdict::Written,
                    }
                }
                Decision::Rejected => Verdict::NotAccepted("rejected"),
                Decision::Skipped => Verdict::NotAccepted("not reviewed"),
            };
        }
        Ok(())
    }

    /// Asks about every test of a suite whose snapshots differ; gives those that are accepted,
    /// by the files of their suites and their names, or none when there is none.
    ///
    /// Errors: a terminal that is gone.
    pub(super) fn suites(
        &mut self,
        report: Option<&ChartReport>,
        host: &dyn Host,
        streams: &mut Streams<'_>,
    ) -> Result<Option<Vec<(String, String)>>, Failure> {
        let mut accepted = Vec::new();
        for suite in report.into_iter().flat_map(|report| &report.suites) {
            for job in suite.jobs.iter().filter(|job| differs(job)) {
                let mut shown = format!("\n{}\n", suite.file);
                print::Printer { colors: self.printer.colors }.job(job, &mut shown);
                if self.decide(&shown, host, streams)? == Decision::Accepted {
                    accepted.push((suite.file.clone(), job.name.clone()));
                }
            }
        }
        Ok((!accepted.is_empty()).then_some(accepted))
    }
}

/// Whether a snapshot of a test is not as stored.
fn differs(job: &JobResult) -> bool {
    let mut failed = job.assertions.iter().filter(|it| !it.passed && !it.skipped);
    failed.any(|assertion| assertion.kind.starts_with("matchSnapshot"))
}

/// The objects of a render that was never stored, a line for each.
fn listed(text: &[u8]) -> String {
    let objects = objects::read(text, SourceId::NONE).unwrap_or_default();
    let objects = compare(&[], &objects, &[]).objects;
    let lines: String = objects.iter().map(|it| format!("        + {}\n", it.id)).collect();
    lines + "        never stored\n"
}
