//! `rhumb unittest`: helm-unittest suites of charts.

use std::path::{Path, PathBuf};

use super::coverage::{CoverageFlags, Plan};
use super::flags::GlobalFlags;
use super::progress::Progress;
use super::watch::watch;
use super::{Failure, Streams, exit, write_out};
use crate::host::{Host, Stream};
use crate::unittest::print::Printer;
use crate::unittest::report::Format;
use crate::unittest::{self, DEFAULT_FILES, Options, Report};

/// Run helm-unittest suites
///
/// Renders each chart as its suites want it and checks what they assert. Takes the flags of
/// `helm unittest` and prints what it prints. Suites stand in tests/*_test.yaml:
///
///   suite: deployment
///   templates: [deployment.yaml]
///   tests:
///     - it: runs three replicas
///       set: {replicas: 3}
///       asserts:
///         - equal: {path: spec.replicas, value: 3}
///
/// The clock stands still, at the first second of 2024, and random numbers repeat.
///
/// Exits with 0 when everything passed, 1 when something failed, 3 when less is covered than
/// --coverage-min wants.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Folders of charts, or packaged charts
    #[arg(required = true, value_name = "CHART")]
    charts: Vec<String>,

    /// Suite files, as patterns below the chart (`**` for any folders); absolute paths as they
    /// are; default: tests/*_test.yaml [repeatable]
    #[arg(short, long, value_name = "PATTERN")]
    file: Vec<String>,

    /// Values files for all suites [repeatable]
    #[arg(short = 'v', long, value_name = "FILE")]
    values: Vec<String>,

    /// Store what snapshots do not expect
    #[arg(short, long)]
    update_snapshot: bool,

    /// Run the suites of the charts below, too; --with-subchart=false leaves them out
    #[arg(short = 's', long, action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", value_parser = super::pflag::parse_bool, value_name = "BOOL")]
    with_subchart: bool,

    /// Refuse unknown keys in suites
    #[arg(long)]
    strict: bool,

    /// Stop at the first failure
    #[arg(short = 'q', long, alias = "fail-fast")]
    failfast: bool,

    /// Write the results to a file, too
    #[arg(short, long, value_name = "FILE")]
    output_file: Option<String>,

    /// Form of that file: JUnit, NUnit, XUnit, Sonar
    #[arg(short = 't', long, default_value = "XUnit", value_name = "FORM")]
    output_type: String,

    /// Folder below the chart with a chart that renders suites
    #[arg(long, default_value = "", hide_default_value = true, value_name = "DIR")]
    chart_tests_path: String,

    /// Do not check values against values.schema.json
    #[arg(long)]
    skip_schema_validation: bool,

    /// Run only the tests whose suite and name hold this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,

    /// Tests at a time; default: one per processor
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "N")]
    max_workers: usize,

    /// Run again whenever a file of the charts changes, until Ctrl-C
    #[arg(short, long)]
    watch: bool,

    /// Where the repeatable random numbers begin
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,

    /// Use the real clock and random numbers
    #[arg(long, conflicts_with = "seed")]
    live: bool,

    /// Accepted for helm-unittest's sake: tests always run side by side
    #[arg(long, hide = true)]
    parallel: bool,

    /// Write what was rendered below .debug
    #[arg(short = 'd', long = "debugPlugin")]
    debug_plugin: bool,

    #[command(flatten)]
    coverage: CoverageFlags,
}

/// helm-unittest's `--color`, which takes a boolean or nothing, as the flag of all commands.
pub(super) fn color_words(args: &[String]) -> Vec<String> {
    let word = |arg: &String| match arg.as_str() {
        "--color" | "--colour" => "--color=always".to_owned(),
        other => match other.strip_prefix("--color=").map(super::pflag::parse_bool) {
            Some(Ok(true)) => "--color=always".to_owned(),
            Some(Ok(false)) => "--color=never".to_owned(),
            _ => arg.clone(),
        },
    };
    args.iter().map(word).collect()
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let coverage = args.coverage.plan()?;
    if !args.watch {
        return run_once(args, &coverage, global, host, streams);
    }
    let roots: Vec<PathBuf> = args.charts.iter().chain(&args.values).map(PathBuf::from).collect();
    let mut once = |host: &dyn Host, streams: &mut Streams<'_>| {
        run_once(args, &coverage, global, host, streams)
    };
    watch(host, &roots, streams, &mut once)
}

fn run_once(
    args: &Args,
    coverage: &Plan,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let files =
        if args.file.is_empty() { vec![DEFAULT_FILES.to_owned()] } else { args.file.clone() };
    let options = Options {
        files,
        values_files: args.values.clone(),
        strict: args.strict,
        with_subcharts: args.with_subchart,
        update_snapshots: args.update_snapshot,
        fail_fast: args.failfast,
        skip_schema_validation: args.skip_schema_validation,
        chart_tests_path: args.chart_tests_path.clone(),
        render_path: args.debug_plugin.then(|| ".debug".to_owned()),
        filter: args.filter.clone(),
        workers: args.max_workers,
        seed: (!args.live).then_some(args.seed),
        coverage: args.coverage.is_wanted(),
        render: global.limits.render_options(),
        ..Options::default()
    };
    let mut progress = Progress::new(host, streams.err, "tests");
    let mut show = |done, total| progress.show(done, total);
    let report = unittest::run(host, &args.charts, &options, &mut show);
    drop(progress);
    for warning in report.charts.iter().flat_map(|chart| &chart.warnings) {
        // Losing a record is no reason to fail.
        let _ = writeln!(streams.err, "{warning}");
    }
    let printer = Printer { colors: global.colors(host, Stream::Stdout) };
    write_out(streams.out, printer.report(&report).as_bytes())?;
    if let Some(path) = args.output_file.as_deref().filter(|path| !path.is_empty()) {
        write_report(Path::new(path), &args.output_type, &report, host, streams)?;
    }
    let covered: Vec<_> =
        report.charts.iter().filter_map(|chart| chart.coverage.as_ref()).collect();
    coverage.report(&covered, printer.colors, host, streams)?;
    if !report.passed() {
        return Err(Failure { message: String::new(), code: exit::FAILURE });
    }
    if let Some(wanted) = &args.filter
        && report.suites().all(|suite| suite.jobs.is_empty())
    {
        return Err(Failure::new(format!("no test has {wanted:?} in its suite or name")));
    }
    coverage.check(&covered)
}

/// Writes the results for another program. helm-unittest writes nothing in a form that it does
/// not know, and says nothing either.
fn write_report(
    path: &Path,
    form: &str,
    report: &Report,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let Some(format) = Format::parse(form) else {
        let known = "JUnit, NUnit, XUnit and Sonar are known";
        let path = path.display();
        // Losing a record is no reason to fail.
        let _ = writeln!(
            streams.err,
            "warning: --output-type {form:?} is unknown, {path} is not written: {known}"
        );
        return Ok(());
    };
    let failed = |error| Failure::new(format!("cannot write {}: {error}", path.display()));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        host.create_dir_all(folder).map_err(failed)?;
    }
    host.write(path, format.write(report, host).as_bytes()).map_err(failed)
}
