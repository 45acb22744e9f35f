//! helm-unittest suites: a chart rendered as each job wants it, and what is asserted of it.
//!
//! A suite file is read ([`suite`]), its charts and files are found ([`discover`]), every job is
//! rendered and judged ([`job`]), jobs side by side; results come in the order of the files.
//! The chart is loaded once, and each of its templates is parsed once. Blind to the command line.

mod assertion;
mod checks;
mod cluster;
mod decode;
mod discover;
mod document;
pub mod glob;
mod info;
mod job;
mod jsonpath;
mod post_render;
mod prepare;
pub mod print;
pub mod queue;
pub mod report;
pub mod result;
mod schema_words;
mod select;
mod snapshot;
mod suite;
mod values;
mod versions;

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::chart::Chart;
use crate::chart::load::load;
use crate::coverage::Collector;
use crate::gotpl::RenderOptions;
use crate::host::Host;
use crate::render::ParseCache;
use crate::render::coverage::of_chart;
use crate::source::Sources;
use crate::values::schema::Schemas;
pub use job::elapsed;
use job::{Bench, Ran};
pub use result::{ChartReport, Report};
use result::{JobResult, SuiteResult};
use snapshot::{Compared, Store};
pub use suite::FORMAT_VERSION;
use suite::Suite;

/// Where suites are looked for when nothing else is said.
pub const DEFAULT_FILES: &str = "tests/*_test.yaml";

/// How charts are tested.
#[derive(Clone, Debug)]
pub struct Options {
    /// Patterns of suite files, relative to the chart; absolute ones are taken as they are.
    pub files: Vec<String>,
    /// Values files for every suite, between its own and those of a job.
    pub values_files: Vec<String>,
    /// Whether unknown keys of suites are errors.
    pub strict: bool,
    /// Whether the suites of charts below are run, too.
    pub with_subcharts: bool,
    /// Whether differences from snapshots are accepted.
    pub update_snapshots: bool,
    /// Jobs whose differences from snapshots are accepted: suite files and names.
    pub accepted: Vec<(String, String)>,
    /// Whether a chart ends with the first failure.
    pub fail_fast: bool,
    /// Whether values are not checked against schemas.
    pub skip_schema_validation: bool,
    /// Folder below the chart with a chart that renders suites; empty for none.
    pub chart_tests_path: String,
    /// Folder for what was rendered, for debugging.
    pub render_path: Option<String>,
    /// Only jobs whose `suite it` holds this text.
    pub filter: Option<String>,
    /// Jobs at a time; 0 for as many as there are processors.
    pub workers: usize,
    /// Where random numbers begin, while the clock stands still; none for the machine's own.
    pub seed: Option<u64>,
    /// Whether what the jobs reach of a chart is counted.
    pub coverage: bool,
    /// How templates are rendered.
    pub render: RenderOptions,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            files: vec![DEFAULT_FILES.into()],
            values_files: Vec::new(),
            strict: false,
            with_subcharts: true,
            update_snapshots: false,
            accepted: Vec::new(),
            fail_fast: false,
            skip_schema_validation: false,
            chart_tests_path: String::new(),
            render_path: None,
            filter: None,
            workers: 0,
            seed: Some(1),
            coverage: false,
            render: RenderOptions::default(),
        }
    }
}

/// Hears how many of how many jobs of a chart are done.
pub type Progress<'a> = dyn FnMut(usize, usize) + 'a;

/// Runs the suites of charts.
pub fn run(
    host: &dyn Host,
    charts: &[String],
    options: &Options,
    progress: &mut Progress<'_>,
) -> Report {
    let started = host.now();
    let mut report = Report::default();
    for path in charts {
        let chart = run_chart(host, path, options, progress);
        let stop = options.fail_fast && chart.error.is_some();
        report.charts.push(chart);
        if stop {
            break;
        }
    }
    report.elapsed = job::elapsed(started, host.now());
    report
}

/// Runs the suites of one chart: a folder or an archive.
///
/// What keeps them from running is in the report, too. Snapshot files are written in place.
pub fn run_chart(
    host: &dyn Host,
    path: &str,
    options: &Options,
    progress: &mut Progress<'_>,
) -> ChartReport {
    let mut report = ChartReport { path: path.to_owned(), ..ChartReport::default() };
    let sources = Sources::new();
    let mut log = Vec::new();
    let mut chart = match load(host, &sources, Path::new(path), &mut log) {
        Ok(chart) => chart,
        Err(fault) => {
            report.error = Some(fault.message().to_owned());
            return report;
        }
    };
    chart.name().clone_into(&mut report.name);
    let (found, done) = discover::discover(host, &sources, options, &chart, path);
    report.unreadable = found.unreadable;
    report.warnings = found.warnings;
    if let Err(why) = done {
        report.error = Some(why);
        return report;
    }
    let mut suites = found.suites;
    versions::settle(&mut suites);
    let suites = filtered(suites, options);
    drop_raw(&mut chart);
    let collector = options.coverage.then(Arc::<Collector>::default);
    let counting = collector.clone().map(|it| Options {
        render: RenderOptions { coverage: Some(it), ..options.render.clone() },
        ..options.clone()
    });
    let options = counting.as_ref().unwrap_or(options);
    report.suites = run_suites(host, &sources, &chart, options, &suites, progress);
    report.coverage = collector.map(|it| of_chart(&chart, path, &it.take()));
    report.passed = report.suites.iter().all(|suite| suite.passed);
    report
}

/// Takes away what only packaging wants, since every job has a copy of the chart.
fn drop_raw(chart: &mut Chart) {
    chart.raw = Vec::new();
    chart.dependencies.iter_mut().for_each(drop_raw);
}

/// The suites with only those jobs that the filter lets through.
fn filtered(mut suites: Vec<Suite>, options: &Options) -> Vec<Suite> {
    if let Some(wanted) = &options.filter {
        for suite in &mut suites {
            let name = suite.name.clone();
            suite.jobs.retain(|job| format!("{name} {}", job.name).contains(wanted));
        }
        suites.retain(|suite| !suite.jobs.is_empty());
    }
    suites
}

/// Runs every job of the suites, several at a time, and puts the results in order.
fn run_suites(
    host: &dyn Host,
    sources: &Sources,
    chart: &Chart,
    options: &Options,
    suites: &[Suite],
    progress: &mut Progress<'_>,
) -> Vec<SuiteResult> {
    let bench = Bench {
        host,
        sources,
        chart,
        options,
        parsed: ParseCache::default(),
        known: prepare::Known::default(),
        files: Mutex::default(),
    };
    let shelf = Shelf::new(host, options, suites);
    let queue: Vec<(usize, usize)> = suites
        .iter()
        .enumerate()
        .filter(|(at, _)| shelf.of(*at).is_ok())
        .flat_map(|(at, suite)| (0..suite.jobs.len()).map(move |job| (at, job)))
        .collect();
    let work = |(suite, job): (usize, usize), schemas: &Schemas| {
        let store = shelf.of(suite).expect("the queue holds no suite without store");
        job::run(&bench, schemas, &suites[suite], &suites[suite].jobs[job], store)
    };
    let ends = |ran: &Ran| options.fail_fast && !ran.result.passed && !ran.result.skipped;
    let total = queue.len();
    let ran = queue::run(&queue, options.workers, work, ends, &mut |done| progress(done, total));
    let mut by_suite: Vec<Vec<Option<Ran>>> = suites.iter().map(|_| Vec::new()).collect();
    for ((suite, _), ran) in queue.into_iter().zip(ran) {
        by_suite[suite].push(ran);
    }
    let mut results = Vec::new();
    let mut compared: Vec<Vec<Compared>> = suites.iter().map(|_| Vec::new()).collect();
    let mut complete = vec![options.filter.is_none(); suites.len()];
    for (at, (suite, jobs)) in suites.iter().zip(by_suite).enumerate() {
        match shelf.of(at) {
            Ok(store) => {
                complete[at] &= jobs.iter().all(|ran| ran.as_ref().is_some_and(judged));
                let (result, jobs) = suite_result(suite, store, jobs, options);
                compared[at] = jobs;
                results.push(result);
            }
            Err(why) => results.push(SuiteResult {
                file: suite.file.clone(),
                error: Some(why.clone()),
                ..SuiteResult::default()
            }),
        }
        if results.last().is_some_and(|result| result.fail_fast) {
            complete[at + 1..].fill(false);
            break;
        }
    }
    shelf.save(host, suites, compared, &complete, &mut results);
    results
}

/// Whether a job came as far as its assertions.
fn judged(ran: &Ran) -> bool {
    ran.result.error.is_none() || ran.result.passed
}

/// The snapshot files of suites; suites of one file share one.
struct Shelf {
    stores: Vec<Result<Store, String>>,
    /// The store of each suite.
    numbers: Vec<usize>,
}

impl Shelf {
    fn new(host: &dyn Host, options: &Options, suites: &[Suite]) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut shelf = Shelf { stores: Vec::new(), numbers: Vec::new() };
        for suite in suites {
            let name = suite.snapshot_file();
            let number = names.iter().position(|known| *known == name).unwrap_or_else(|| {
                let of_file = options.accepted.iter().filter(|(file, _)| *file == suite.file);
                let accepted = of_file.map(|(_, job)| job.clone()).collect();
                shelf.stores.push(Store::read(host, &name, options.update_snapshots, accepted));
                names.push(name);
                names.len() - 1
            });
            shelf.numbers.push(number);
        }
        shelf
    }

    fn of(&self, suite: usize) -> Result<&Store, &String> {
        self.stores[self.numbers[suite]].as_ref()
    }

    /// Writes what the suites compared. What vanished counts for the last suite of a file; what
    /// could not be written is a result of its own.
    fn save(
        &self,
        host: &dyn Host,
        suites: &[Suite],
        compared: Vec<Vec<Compared>>,
        complete: &[bool],
        results: &mut Vec<SuiteResult>,
    ) {
        let mut by_store: Vec<Vec<Compared>> = self.stores.iter().map(|_| Vec::new()).collect();
        for (suite, jobs) in compared.into_iter().enumerate() {
            by_store[self.numbers[suite]].extend(jobs);
        }
        for (number, (store, jobs)) in self.stores.iter().zip(by_store).enumerate() {
            let Ok(store) = store else { continue };
            let members = || self.numbers.iter().enumerate().filter(|(_, it)| **it == number);
            let whole = members().all(|(suite, _)| complete[suite]);
            let Some((last, _)) = members().next_back() else { continue };
            match store.save(host, &jobs, whole) {
                Ok(vanished) => {
                    if let Some(result) = results.get_mut(last) {
                        result.snapshots.vanished = vanished;
                    }
                }
                Err(why) => results.push(SuiteResult {
                    file: suites[last].snapshot_file(),
                    error: Some(why),
                    ..SuiteResult::default()
                }),
            }
        }
    }
}

/// The result of a suite from those of its jobs, and what they compared with snapshots.
fn suite_result(
    suite: &Suite,
    store: &Store,
    jobs: Vec<Option<Ran>>,
    options: &Options,
) -> (SuiteResult, Vec<Compared>) {
    let (jobs, compared): (Vec<JobResult>, Vec<Compared>) =
        jobs.into_iter().flatten().map(|ran| (ran.result, ran.compared)).unzip();
    let good = |job: &JobResult| job.passed || job.skipped;
    let passed = jobs.iter().all(good);
    let result = SuiteResult {
        name: suite.name.clone(),
        file: suite.file.clone(),
        passed,
        skipped: jobs.len() == suite.jobs.len() && jobs.iter().all(|job| job.skipped),
        fail_fast: options.fail_fast && !passed,
        snapshots: store.count(&compared),
        error: None,
        jobs,
    };
    (result, compared)
}
