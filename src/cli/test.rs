//! `rhumb test`: a chart's snapshots and its helm-unittest suites in one run.

use std::fmt::Write as _;
use std::path::Path;

use super::flags::GlobalFlags;
use super::locate::locate_chart;
use super::render_once::{self, render};
use super::schema_files::SchemaFlags;
use super::validate::could_not_run;
use super::{Failure, Streams, exit, write_out};
use crate::diff::Difference;
use crate::diff::print::Printer;
use crate::host::{FileKind, Host, Stream};
use crate::limited::Limited;
use crate::testing::judge::{Mode, Verdict};
use crate::testing::matrix::{Case, Plan, plan};
use crate::testing::{self, Options, Ran, Rendered};
use crate::unittest::{self, DEFAULT_FILES};
use crate::values::ValueOptions;

/// Run a chart's snapshots and suites
///
/// Renders every case of the chart's matrix, checks it against the Kubernetes API and compares it
/// with snapshots/CASE.yaml in the chart: object by object, so that comments and order of keys do
/// not count. Then runs the helm-unittest suites, tests/*_test.yaml. The clock stands still and
/// random numbers repeat. A missing snapshot is written, unless CI=true.
///
/// Cases are the chart's own values and each of ci/*-values.yaml and values/*.yaml, or what
/// tests/matrix.yaml says:
///
///   values: [ci/*.yaml]            # a case for each file, and one for the defaults
///   kubeVersions:                  # times these
///     - '1.29'
///     - '1.37'
///   mask: [checksums, 'Secret: data.token']
///   cases:
///     - name: too-many
///       set: [replicas=1000]
///       fails: at most 100
///
/// Exits with 0 when everything passed, 1 when something failed, 2 when nothing could be tested.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Folders of charts
    #[arg(value_name = "CHART", required = true)]
    charts: Vec<String>,

    /// Store renders and suite snapshots that differ
    #[arg(short, long)]
    update: bool,

    /// Run only cases whose `chart case`, and tests whose `suite test`, hold this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,

    /// Stop at the first failure
    #[arg(long)]
    fail_fast: bool,

    /// Where the repeatable random numbers begin
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,

    /// Use the real clock and random numbers: render every case twice, name the fields that differ
    /// and leave them out
    #[arg(long, conflicts_with = "seed")]
    live: bool,

    /// Do not check what is rendered against the Kubernetes API
    #[arg(long)]
    no_validate: bool,

    /// Cases at a time; default: one per processor
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "N")]
    max_workers: usize,
}

/// How many cases ended how.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    passed: usize,
    failed: usize,
    written: usize,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let is_ci = host.env("CI").is_some_and(|value| matches!(value.as_str(), "true" | "1"));
    if is_ci && args.update {
        let text = "--update and CI=true: no snapshot is written in CI; update where you work, and \
                    commit the snapshots";
        return Err(could_not_run(text));
    }
    let options = Options {
        mode: match (is_ci, args.update) {
            (true, _) => Mode::ReadOnly,
            (false, true) => Mode::Update,
            (false, false) => Mode::New,
        },
        seed: (!args.live).then_some(args.seed),
        validate: !args.no_validate,
        fail_fast: args.fail_fast,
        workers: args.max_workers,
    };
    let report = Report { host, colors: global.colors(host, Stream::Stdout) };
    let started = host.now();
    let mut counts = Counts::default();
    let mut suites = unittest::Report::default();
    for name in &args.charts {
        let failed = |failure: Failure| could_not_run(format!("{name}: {}", failure.message));
        let path = locate_chart(name, host).map_err(failed)?;
        if host.stat(&path, true).map_or(true, |stat| stat.kind != FileKind::Dir) {
            return Err(could_not_run(format!(
                "{name} is no folder: tests stand in a chart's folder"
            )));
        }
        let mut plan = plan(host, &path).map_err(could_not_run)?;
        let orphans = if args.filter.is_none() { plan.orphans(host) } else { Vec::new() };
        let label = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(wanted) = &args.filter {
            plan.cases.retain(|case| format!("{label} {}", case.name).contains(wanted));
        }
        let ran = cases(&path, &plan, &options, global, host, streams);
        let mut text = format!("{name}\n");
        for (case, ran) in plan.cases.iter().zip(&ran) {
            if let Some(ran) = ran {
                report.case(&plan, case, ran, &mut counts, &mut text);
            }
        }
        for orphan in orphans {
            let file = report.shown(&plan.snapshots.join(orphan));
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  note  {file} belongs to no case");
        }
        write_out(streams.out, text.as_bytes())?;
        if args.fail_fast && counts.failed > 0 {
            break;
        }
        if let Some(chart) = run_suites(name, args, global, is_ci, host) {
            let mut text = String::new();
            unittest::print::Printer { colors: report.colors }.chart(&chart, &mut text);
            text.push('\n');
            write_out(streams.out, text.as_bytes())?;
            let stop = args.fail_fast && !chart.passed;
            suites.charts.push(chart);
            if stop {
                break;
            }
        }
    }
    suites.elapsed = unittest::elapsed(started, host.now());
    write_out(streams.out, report.footer(counts, &suites).as_bytes())?;
    if counts.passed + counts.failed == 0 && suites.charts.is_empty() {
        return Err(could_not_run(
            "nothing to test: no case and no suite was found or let through",
        ));
    }
    if counts.failed == 0 && suites.passed() {
        return Ok(());
    }
    Err(Failure { message: String::new(), code: exit::FAILURE })
}

/// Runs the cases of a chart, with progress on a terminal.
fn cases(
    path: &Path,
    plan: &Plan,
    options: &Options,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Vec<Option<Ran>> {
    let namespace = global.namespace.clone().unwrap_or_else(|| "default".to_owned());
    let render_case = |host: &dyn Host, case: &Case| {
        let values = ValueOptions {
            files: case.values.clone(),
            set: case.set.clone(),
            ..ValueOptions::default()
        };
        let wanted = render_once::Case {
            chart: path,
            values,
            release: case.release.clone().unwrap_or_else(|| "release-name".to_owned()),
            namespace: case.namespace.clone().unwrap_or_else(|| namespace.clone()),
            kube_version: case.kube_version.clone(),
            api_versions: case.api_versions.clone(),
            schema: SchemaFlags::default(),
            coverage: None,
            options: global.limits.render_options(),
        };
        // Records of renders that pass are of no use here.
        let made = render(host, &wanted, &mut Vec::new()).map_err(|failure| failure.message)?;
        let text = made.text(false);
        Ok(Rendered { text, crds: made.crds.into_iter().map(|(_, text)| text).collect() })
    };
    let shows = host.is_terminal(Stream::Stderr);
    let total = plan.cases.len();
    let err = &mut *streams.err;
    let mut progress = |done: usize| {
        if shows {
            // Losing the progress is no reason to fail.
            let _ = write!(err, "\r\x1b[K{done} of {total} cases").and_then(|()| err.flush());
        }
    };
    let ran = testing::run(host, plan, options, &render_case, &mut progress);
    if shows {
        let _ = write!(streams.err, "\r\x1b[K");
    }
    ran
}

/// Runs the helm-unittest suites of a chart; none when it has none that the filter lets through.
fn run_suites(
    chart: &str,
    args: &Args,
    global: &GlobalFlags,
    is_ci: bool,
    host: &dyn Host,
) -> Option<unittest::ChartReport> {
    let pattern = crate::golang::filepath::join(chart, DEFAULT_FILES);
    if unittest::glob::glob(host, &pattern).is_ok_and(|files| files.is_empty()) {
        return None;
    }
    let options = unittest::Options {
        update_snapshots: args.update,
        fail_fast: args.fail_fast,
        filter: args.filter.clone(),
        workers: args.max_workers,
        render: global.limits.render_options(),
        ..unittest::Options::default()
    };
    let limited = Limited { read_only: is_ci, ..Limited::new(host) };
    let report = unittest::run_chart(&limited, chart, &options);
    let is_empty =
        report.suites.is_empty() && report.error.is_none() && report.unreadable.is_empty();
    (!is_empty).then_some(report)
}

/// Writes what came of cases.
struct Report<'a> {
    host: &'a dyn Host,
    colors: bool,
}

impl Report<'_> {
    fn paint(&self, code: &str, text: &str) -> String {
        if self.colors { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A path as people in the working folder write it.
    fn shown(&self, path: &Path) -> String {
        let folder = self.host.current_dir().unwrap_or_default();
        path.strip_prefix(&folder).unwrap_or(path).display().to_string()
    }

    fn case(&self, plan: &Plan, case: &Case, ran: &Ran, counts: &mut Counts, text: &mut String) {
        let file = self.shown(&plan.snapshot(case));
        let (label, about) = match &ran.verdict {
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
            Verdict::Failed(why) => ("FAIL", format!(": {}", indented(why.trim_end()))),
        };
        match &ran.verdict {
            verdict if !verdict.is_good() => counts.failed += 1,
            Verdict::Same => counts.passed += 1,
            _ => (counts.passed, counts.written) = (counts.passed + 1, counts.written + 1),
        }
        let hue = match label {
            "PASS" => "32",
            "FAIL" => "1;31",
            _ => "33",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {}  {}{}", self.paint(hue, label), case.name, about.trim_end());
        for field in &ran.unstable {
            let _ = writeln!(text, "        unstable: {field}");
        }
    }

    fn difference(&self, difference: &Difference) -> String {
        let text = Printer { colors: self.colors }.text(difference);
        text.lines().map(|line| format!("        {line}\n")).collect()
    }

    fn footer(&self, counts: Counts, suites: &unittest::Report) -> String {
        let mut text = String::new();
        let total = counts.passed + counts.failed;
        let failed = match counts.failed {
            0 => String::new(),
            failed => self.paint("31", &format!("{failed} failed, ")),
        };
        let written = match counts.written {
            0 => String::new(),
            written => format!(", {written} written"),
        };
        if total > 0 {
            let _ = writeln!(
                text,
                "\nCases:       {failed}{} passed{written}, {total} total",
                counts.passed
            );
        }
        if !suites.charts.is_empty() {
            unittest::print::Printer { colors: self.colors }.footer(suites, &mut text);
        }
        text
    }
}

/// Lines behind the first one under it.
fn indented(text: &str) -> String {
    text.replace('\n', "\n        ")
}
