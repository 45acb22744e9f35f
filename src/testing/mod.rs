//! Snapshots of charts: every case of a chart's matrix rendered, checked, and compared with what
//! was stored.
//!
//! The matrix is read ([`matrix`]), each case is judged ([`judge`]), cases side by side;
//! what differs can be reviewed ([`review`]), and the whole is reported with the suites and the
//! [`coverage`] ([`report`]). How a case is rendered is the caller's; this module is blind to
//! values, templates and the command line.

mod check;
pub mod coverage;
pub mod judge;
pub mod matrix;
pub mod report;
pub mod review;

use std::time::Duration;

use crate::host::{FixedHost, Host};
use crate::limited::{FROZEN_AT, Limited};
use crate::unittest::{elapsed, queue};
use judge::{Mode, Verdict, judge};
use matrix::{Case, Plan};

/// How much later the second render of a case is: every part of a date differs.
const LATER: i64 = ((400 * 24 + 1) * 60 + 1) * 60 + 1;

/// A field that is not the same in two renders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unstable {
    /// Object and field, for people.
    pub field: String,
    /// The mask that covers it; none for an object whose name changes.
    pub mask: Option<String>,
}

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
    /// each case is rendered twice, the second time with a later clock, and what differs is named
    /// and left out.
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
    /// Fields that are not the same in two renders, where that was looked for: when a snapshot is
    /// written, and with the machine's own clock.
    pub unstable: Vec<Unstable>,
    /// What would be stored, where somebody is asked for it ([`Mode::Review`]).
    pub pending: Option<Vec<u8>>,
    /// How long it took.
    pub duration: Duration,
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
    let started = host.now();
    let mut ran = judged(host, plan, case, options, render);
    ran.duration = elapsed(started, host.now());
    ran
}

fn judged(
    host: &dyn Host,
    plan: &Plan,
    case: &Case,
    options: &Options,
    render: &Render<'_>,
) -> Ran {
    // Each case starts anew, so that no case hangs on the ones before it.
    let frozen = options.seed.map(|seed| Limited::frozen(host, seed));
    let first = render(frozen.as_ref().map_or(host, |host| host), case);
    let unstable = || {
        let now = if frozen.is_some() { FROZEN_AT } else { host.now().0 };
        let seed = options.seed.unwrap_or_default().wrapping_add(1);
        let fixed = Some(FixedHost::new(now + LATER, seed));
        let second = render(&Limited { fixed, ..Limited::new(host) }, case).ok()?;
        Some(judge::unstable(first.as_ref().ok()?, &second, &plan.masks))
    };
    let is_live = frozen.is_none();
    let (fields, masks) = if is_live { unstable() } else { None }.unwrap_or_default();
    let verdict = judge(host, plan, case, first.clone(), options, &masks);
    let is_review = options.mode == Mode::Review;
    let pending = match &verdict {
        Verdict::Missing | Verdict::Differs(_) if is_review => first.as_ref().ok(),
        _ => None,
    };
    let is_new = pending.is_some() || matches!(verdict, Verdict::Written | Verdict::Updated(_));
    // What is stored now differs in every render of Helm's.
    let later = if is_new && !is_live { unstable() } else { None };
    Ran {
        unstable: later.map_or(fields, |(fields, _)| fields),
        pending: pending.map(|rendered| rendered.text.clone()),
        verdict,
        duration: Duration::default(),
    }
}
