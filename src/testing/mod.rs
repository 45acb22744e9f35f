//! Snapshots of charts: every case of a chart's matrix rendered, checked, and compared with what
//! was stored.
//!
//! The matrix is read ([`matrix`]), each case is judged ([`judge`]), cases side by side. How a
//! case is rendered is the caller's; this module is blind to values, templates and the command
//! line.

mod check;
pub mod coverage;
pub mod judge;
pub mod matrix;

use crate::host::Host;
use crate::limited::Limited;
use crate::unittest::queue;
use judge::{Mode, Verdict, judge};
use matrix::{Case, Plan};

/// What came of rendering a case.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// Every manifest and hook, as `rhumb template` prints them.
    pub text: Vec<u8>,
    /// Custom resource definitions that the chart brings along.
    pub crds: Vec<Vec<u8>>,
}

/// Renders a case on a host whose clock and random numbers are those of the run; the error is
/// what `rhumb template` would say.
pub type Render<'a> = dyn Fn(&dyn Host, &Case) -> Result<Rendered, String> + Sync + 'a;

/// How the cases are run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What becomes of snapshots.
    pub mode: Mode,
    /// Where random numbers begin; none for the machine's own numbers and clock, under which
    /// each case is rendered twice and what differs is named.
    pub seed: Option<u64>,
    /// Whether manifests are checked against the Kubernetes API.
    pub validate: bool,
    /// Whether the first failure ends the run.
    pub fail_fast: bool,
    /// Cases at a time; 0 for as many as there are processors.
    pub workers: usize,
}

/// A case that ran.
#[derive(Clone, Debug)]
pub struct Ran {
    /// What came of it.
    pub verdict: Verdict,
    /// Fields that are not the same in two renders.
    pub unstable: Vec<String>,
}

/// Runs the cases of a plan; none for those behind the failure that ended the run. `progress`
/// hears how many are done.
pub fn run(
    host: &dyn Host,
    plan: &Plan,
    options: &Options,
    render: &Render<'_>,
    progress: &mut dyn FnMut(usize),
) -> Vec<Option<Ran>> {
    let cases: Vec<&Case> = plan.cases.iter().collect();
    let work = |case: &Case, (): &()| one(host, plan, case, options, render);
    let ends = |ran: &Ran| options.fail_fast && !ran.verdict.is_good();
    queue::run(&cases, options.workers, work, ends, progress)
}

fn one(host: &dyn Host, plan: &Plan, case: &Case, options: &Options, render: &Render<'_>) -> Ran {
    let Some(seed) = options.seed else {
        let first = render(host, case);
        let second = first.as_ref().ok().and_then(|_| render(host, case).ok());
        let (unstable, masks) = match (&first, &second) {
            (Ok(first), Some(second)) => judge::unstable(first, second),
            _ => (Vec::new(), Vec::new()),
        };
        let verdict = judge(host, plan, case, first, options, &masks);
        return Ran { verdict, unstable };
    };
    // Each case starts anew, so that no case hangs on the ones before it.
    let frozen = Limited::frozen(host, seed);
    let rendered = render(&frozen, case);
    Ran { verdict: judge(host, plan, case, rendered, options, &[]), unstable: Vec::new() }
}
