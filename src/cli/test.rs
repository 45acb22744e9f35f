//! `rhumb test`: a chart's snapshots and its helm-unittest suites in one run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::coverage::{self, CoverageFlags};
use super::flags::GlobalFlags;
use super::locate::locate_chart;
use super::progress::Progress;
use super::render_once::{self, render};
use super::schema_files::SchemaFlags;
use super::test_review::Review;
use super::validate::could_not_run;
use super::watch::watch;
use super::{Failure, Streams, exit, write_out};
use crate::coverage::{Collector, Coverage};
use crate::gotpl::RenderOptions;
use crate::host::{FileKind, Host, Stream};
use crate::limited::Limited;
use crate::render::coverage::of_chart;
use crate::source::Sources;
use crate::testing::judge::Mode;
use crate::testing::matrix::{Case, Plan, plan};
use crate::testing::report::{self, CaseRun, ChartRun, Counts, Format, Printer};
use crate::testing::{self, Options, Ran, Rendered};
use crate::unittest::{self, DEFAULT_FILES};
use crate::values::ValueOptions;

/// Run a chart's snapshots and suites
///
/// Renders every case of the chart's matrix, checks it against the Kubernetes API and compares it
/// with snapshots/CASE.yaml in the chart: object by object, so that comments and order of keys do
/// not count. Then runs the helm-unittest suites, tests/*_test.yaml. The clock stands still and
/// random numbers repeat. A missing snapshot is written, unless CI=true; --review asks in the
/// terminal what becomes of each that differs.
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
/// Exits with 0 when everything passed, 1 when something failed, 2 when nothing could be tested, 3
/// when less is covered than --coverage-min wants.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Folders of charts
    #[arg(value_name = "CHART", required = true)]
    charts: Vec<String>,

    /// Store renders and suite snapshots that differ
    #[arg(short, long)]
    update: bool,

    /// Step through what differs from snapshots, in the terminal: accept, reject or skip each
    #[arg(long, conflicts_with_all = ["update", "watch", "output", "live"])]
    review: bool,

    /// Run again whenever a file of the charts changes, until Ctrl-C
    #[arg(short, long)]
    watch: bool,

    /// Form of the result: text, json, junit
    #[arg(short, long, default_value = "text", value_name = "FORM")]
    output: String,

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

    #[command(flatten)]
    coverage: CoverageFlags,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let is_ci = host.env("CI").is_some_and(|value| matches!(value.as_str(), "true" | "1"));
    if is_ci && (args.update || args.review) {
        let flag = if args.update { "--update" } else { "--review" };
        return Err(could_not_run(format!(
            "{flag} and CI=true: no snapshot is written in CI; update where you work, and commit \
             the snapshots"
        )));
    }
    let Some(format) = Format::parse(&args.output) else {
        let text = "text, json and junit are known";
        return Err(could_not_run(format!("unknown output form {:?}: {text}", args.output)));
    };
    if args.review && !(host.is_terminal(Stream::Stdin) && host.is_terminal(Stream::Stdout)) {
        return Err(could_not_run(
            "--review asks in a terminal, and standard input or output is none; --update accepts \
             everything",
        ));
    }
    let coverage = args.coverage.plan().map_err(|failure| could_not_run(failure.message))?;
    let options = Options {
        mode: match (is_ci, args.update, args.review) {
            (true, ..) => Mode::ReadOnly,
            (_, true, _) => Mode::Update,
            (.., true) => Mode::Review,
            _ => Mode::New,
        },
        seed: (!args.live).then_some(args.seed),
        validate: !args.no_validate,
        fail_fast: args.fail_fast,
        workers: args.max_workers,
    };
    let job = Job { args, global, options, is_ci, format, coverage };
    if !args.watch {
        return job.run(host, streams);
    }
    let roots = job.roots(host);
    watch(host, &roots, streams, &mut |host, streams| job.run(host, streams))
}

/// One run of everything.
struct Job<'a> {
    args: &'a Args,
    global: &'a GlobalFlags,
    options: Options,
    is_ci: bool,
    format: Format,
    coverage: coverage::Plan,
}

impl Job<'_> {
    /// What to watch: the charts, and values files of their cases elsewhere.
    fn roots(&self, host: &dyn Host) -> Vec<PathBuf> {
        let mut roots: Vec<PathBuf> = Vec::new();
        for name in &self.args.charts {
            let path = locate_chart(name, host).unwrap_or_else(|_| PathBuf::from(name));
            // A matrix that is wrong is told by the run.
            let cases = plan(host, &path).map(|plan| plan.cases).unwrap_or_default();
            roots.push(path);
            roots.extend(cases.into_iter().flat_map(|case| case.values).map(PathBuf::from));
        }
        roots
    }

    fn run(&self, host: &dyn Host, streams: &mut Streams<'_>) -> Result<(), Failure> {
        let printer = Printer { colors: self.global.colors(host, Stream::Stdout) };
        let started = host.now();
        let mut runs = Vec::new();
        let mut review = Review::new(printer);
        for name in &self.args.charts {
            let run = self.chart(name, &mut review, host, streams)?;
            let failed = !report::passed(std::slice::from_ref(&run));
            runs.push(run);
            if self.args.fail_fast && failed {
                break;
            }
        }
        let elapsed = unittest::elapsed(started, host.now());
        let covered: Vec<&Coverage> = runs.iter().filter_map(|run| run.coverage.as_ref()).collect();
        match self.format {
            Format::Text => {
                write_out(streams.out, printer.footer(&runs, elapsed).as_bytes())?;
                self.coverage.report(&covered, printer.colors, host, streams)?;
            }
            Format::Json => write_out(streams.out, report::json(&runs, elapsed).as_bytes())?,
            Format::Junit => write_out(streams.out, report::junit(&runs, host).as_bytes())?,
        }
        if self.format != Format::Text {
            self.coverage.write_file(&covered, host)?;
        }
        if Counts::of(&runs).total() == 0 && runs.iter().all(|run| run.suites.is_none()) {
            return Err(could_not_run(
                "nothing to test: no case and no suite was found or let through",
            ));
        }
        if !report::passed(&runs) {
            return Err(Failure { message: String::new(), code: exit::FAILURE });
        }
        self.coverage.check(&covered)
    }

    /// Tests a chart, and prints what came of it where people read along.
    fn chart(
        &self,
        name: &str,
        review: &mut Review,
        host: &dyn Host,
        streams: &mut Streams<'_>,
    ) -> Result<ChartRun, Failure> {
        let args = self.args;
        let failed = |failure: Failure| could_not_run(format!("{name}: {}", failure.message));
        let path = locate_chart(name, host).map_err(failed)?;
        if host.stat(&path, true).map_or(true, |stat| stat.kind != FileKind::Dir) {
            return Err(could_not_run(format!(
                "{name} is no folder: tests stand in a chart's folder"
            )));
        }
        let collector = args.coverage.is_wanted().then(Arc::<Collector>::default);
        let mut plan = plan(host, &path).map_err(could_not_run)?;
        let orphans = if args.filter.is_none() { plan.orphans(host) } else { Vec::new() };
        let label = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(wanted) = &args.filter {
            plan.cases.retain(|case| format!("{label} {}", case.name).contains(wanted));
        }
        let ran = self.cases(&path, &plan, collector.as_ref(), host, streams);
        let folder = host.current_dir().unwrap_or_default();
        let shown = |path: &Path| path.strip_prefix(&folder).unwrap_or(path).display().to_string();
        let mut run = ChartRun {
            name: name.to_owned(),
            orphans: orphans.iter().map(|name| shown(&plan.snapshots.join(name))).collect(),
            ..ChartRun::default()
        };
        for (case, ran) in plan.cases.iter().zip(ran) {
            if let Some(ran) = ran {
                let snapshot = shown(&plan.snapshot(case));
                run.cases.push(CaseRun { name: case.name.clone(), snapshot, ran });
            }
        }
        if args.review {
            review.cases(&plan, &mut run, host, streams)?;
        }
        let printer = review.printer;
        let is_text = self.format == Format::Text;
        if is_text {
            write_out(streams.out, printer.cases(&run).as_bytes())?;
        }
        let failed = !report::passed(std::slice::from_ref(&run));
        if !(args.fail_fast && failed) {
            let suites = |accepted, host: &dyn Host, streams: &mut Streams<'_>| {
                self.suites(name, collector.as_ref(), accepted, host, streams)
            };
            run.suites = suites(Vec::new(), host, streams);
            if args.review
                && let Some(accepted) = review.suites(run.suites.as_ref(), host, streams)?
            {
                run.suites = suites(accepted, host, streams);
            }
            if is_text {
                write_out(streams.out, printer.suites(&run).as_bytes())?;
            }
        }
        if let Some(collector) = collector {
            let sources = Sources::new();
            let chart = crate::chart::load::load(host, &sources, &path, &mut Vec::new());
            run.coverage = chart.ok().map(|chart| of_chart(&chart, name, &collector.take()));
        }
        Ok(run)
    }

    /// How templates are rendered.
    fn render_options(&self, coverage: Option<&Arc<Collector>>) -> RenderOptions {
        RenderOptions { coverage: coverage.cloned(), ..self.global.limits.render_options() }
    }

    /// Runs the cases of a chart, with progress on a terminal.
    fn cases(
        &self,
        path: &Path,
        plan: &Plan,
        coverage: Option<&Arc<Collector>>,
        host: &dyn Host,
        streams: &mut Streams<'_>,
    ) -> Vec<Option<Ran>> {
        let namespace = self.global.namespace.clone().unwrap_or_else(|| "default".to_owned());
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
                options: self.render_options(coverage),
            };
            // Records of renders that pass are of no use here.
            let made = render(host, &wanted, &mut Vec::new()).map_err(|failure| failure.message)?;
            let text = made.text(false);
            Ok(Rendered { text, crds: made.crds.into_iter().map(|(_, text)| text).collect() })
        };
        let total = plan.cases.len();
        let mut progress = Progress::new(host, streams.err, "cases");
        let mut show = |done| progress.show(done, total);
        testing::run(host, plan, &self.options, &render_case, &mut show)
    }

    /// Runs the helm-unittest suites of a chart; none when it has none that the filter lets
    /// through. Differences from the snapshots of `accepted` jobs are stored.
    fn suites(
        &self,
        chart: &str,
        coverage: Option<&Arc<Collector>>,
        accepted: Vec<(String, String)>,
        host: &dyn Host,
        streams: &mut Streams<'_>,
    ) -> Option<unittest::ChartReport> {
        let args = self.args;
        let pattern = crate::golang::filepath::join(chart, DEFAULT_FILES);
        if unittest::glob::glob(host, &pattern).is_ok_and(|files| files.is_empty()) {
            return None;
        }
        let options = unittest::Options {
            update_snapshots: args.update,
            accepted,
            fail_fast: args.fail_fast,
            filter: args.filter.clone(),
            workers: args.max_workers,
            seed: self.options.seed,
            render: self.render_options(coverage),
            ..unittest::Options::default()
        };
        let limited = Limited { read_only: self.is_ci, ..Limited::new(host) };
        let mut progress = Progress::new(host, streams.err, "tests");
        let mut show = |done, total| progress.show(done, total);
        let report = unittest::run_chart(&limited, chart, &options, &mut show);
        let is_empty =
            report.suites.is_empty() && report.error.is_none() && report.unreadable.is_empty();
        (!is_empty).then_some(report)
    }
}
