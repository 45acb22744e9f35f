//! One job: its values, its render, its assertions.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Options;
use super::assertion::{Defaults, Message, Outcome};
use super::document::{Document, read_values};
use super::post_render;
use super::prepare::{Known, prepare};
use super::result::JobResult;
use super::schema_words;
use super::select::{Filter, full_name};
use super::snapshot::{Compared, Store};
use super::suite::{Job, Suite};
use super::values::{at_path, lay_over};
use crate::chart::Chart;
use crate::diag::io::read_error;
use crate::doc::{Doc, DocMap};
use crate::golang::regexp::Regexp;
use crate::gotpl::RenderOptions;
use crate::host::Host;
use crate::limited::Limited;
use crate::render::capabilities::{Capabilities, KubeVersion};
use crate::render::{self, ParseCache, Release, release_name};
use crate::source::Sources;
use crate::values::schema::Schemas;
use crate::yaml::any::Any;

/// What all jobs of a chart share.
pub(super) struct Bench<'a> {
    pub(super) host: &'a dyn Host,
    pub(super) sources: &'a Sources,
    pub(super) chart: &'a Chart,
    pub(super) options: &'a Options,
    /// Templates parsed so far.
    pub(super) parsed: ParseCache,
    /// What values made of the chart.
    pub(super) known: Known,
    /// Values files read so far.
    pub(super) files: Mutex<HashMap<PathBuf, Result<Any, String>>>,
}

/// A job that ran.
pub(super) struct Ran {
    pub(super) result: JobResult,
    pub(super) compared: Compared,
}

/// What rendering a job gave: files by name, or why there are none.
struct Rendered {
    /// The chart that the job rendered, for the custom resource definitions.
    chart: Option<Chart>,
    files: BTreeMap<String, String>,
    /// Messages of failed templates, by template.
    failed: BTreeMap<String, String>,
    alternates: Vec<String>,
    error: Option<Message>,
}

impl Rendered {
    fn refused(message: Message) -> Self {
        Rendered {
            chart: None,
            files: BTreeMap::new(),
            failed: BTreeMap::new(),
            alternates: Vec::new(),
            error: Some(message),
        }
    }
}

/// Why a job could not be rendered, before or in its templates.
enum Stop {
    /// Told as it is.
    Plain(String),
    /// By a template: the one line of Helm 3, and the text of Helm 4.
    Template(String, String),
}

/// Runs a job on the calling thread, which wants a large stack and keeps `schemas` from job to
/// job.
pub(super) fn run(
    bench: &Bench<'_>,
    schemas: &Schemas,
    suite: &Suite,
    job: &Job,
    store: &Store,
) -> Ran {
    let started = bench.host.now();
    let mut result = JobResult { name: job.name.clone(), ..JobResult::default() };
    let mut comparer = store.comparer(&job.name);
    if !job.skip_reason.is_empty() {
        result.skipped = true;
        return Ran { result, compared: comparer.into_compared() };
    }
    let outcome = user_values(bench, suite, job)
        .and_then(|values| outcome(bench, schemas, suite, job, &values));
    match outcome {
        Err(error) => result.error = Some(error),
        Ok((outcome, names)) => {
            result.error = outcome.error.as_ref().map(|error| error.text.clone());
            let defaults = Defaults {
                document_index: job.document_index,
                selector: job.selector.as_ref(),
                fail_fast: bench.options.fail_fast,
            };
            result.passed = true;
            for (index, assertion) in job.assertions.iter().enumerate() {
                let Some(assertion) = assertion else { continue };
                let templates = templates_of(suite, job, &assertion.template, &names);
                let judged = assertion.judge(index, &outcome, &templates, &defaults, &mut comparer);
                result.passed &= judged.passed;
                result.assertions.push(judged);
                if !result.passed && bench.options.fail_fast {
                    break;
                }
            }
            let skipped = !result.assertions.is_empty()
                && result.assertions.iter().all(|assertion| assertion.skipped);
            result.skipped = skipped;
        }
    }
    result.duration = elapsed(started, bench.host.now());
    Ran { result, compared: comparer.into_compared() }
}

/// The time between two readings of a clock.
pub fn elapsed(from: (i64, u32), to: (i64, u32)) -> Duration {
    let nanos =
        |(seconds, nanos): (i64, u32)| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    let passed = nanos(to).saturating_sub(nanos(from));
    Duration::from_nanos(u64::try_from(passed).unwrap_or_default())
}

/// The values of a job: files first, then the suite's paths, then its own.
fn user_values(bench: &Bench<'_>, suite: &Suite, job: &Job) -> Result<Doc, String> {
    let mut values = Doc::map(DocMap::default());
    let folder = Path::new(&suite.file).parent().unwrap_or_else(|| Path::new(""));
    for file in &job.values {
        let path = folder.join(file);
        let mut known = bench.files.lock().unwrap_or_else(PoisonError::into_inner);
        let read = known.entry(path).or_insert_with_key(|path| {
            let bytes = bench.host.read(path).map_err(|error| read_error(path, &error))?;
            read_values(&String::from_utf8_lossy(&bytes))
                .map_err(|error| format!("failed to parse {file}: {error}"))
        });
        values = lay_over(&values, &suite.route, read.clone()?);
    }
    for (path, value) in suite.set.iter().chain(&job.set) {
        values = lay_over(&values, &suite.route, at_path(path, value)?);
    }
    Ok(values)
}

/// Renders a job and reads what came of it; also gives the names of all its files.
fn outcome(
    bench: &Bench<'_>,
    schemas: &Schemas,
    suite: &Suite,
    job: &Job,
    values: &Doc,
) -> Result<(Outcome, Vec<String>), String> {
    let rendered = match rendered(bench, schemas, suite, job, values) {
        Ok((chart, files)) => Rendered {
            chart: Some(chart),
            files,
            failed: BTreeMap::new(),
            alternates: Vec::new(),
            error: None,
        },
        Err(Stop::Plain(text)) => {
            let alternates = schema_words::older(&text);
            Rendered::refused(Message { text, alternates })
        }
        Err(Stop::Template(line, text)) => translated(suite, job, line, text),
    };
    write_debug_files(bench, rendered.files.iter().chain(&rendered.failed))?;
    let succeeded = rendered.error.is_none() && rendered.failed.is_empty();
    let chart_name = bench.chart.name();
    let mut outcome = Outcome {
        succeeded,
        error: rendered.error,
        alternates: rendered.alternates,
        ..Outcome::default()
    };
    let mut names: Vec<String> =
        rendered.files.keys().chain(rendered.failed.keys()).cloned().collect();
    if suite.include_crds {
        // A chart that was refused still has them.
        for crd in rendered.chart.as_ref().unwrap_or(bench.chart).crds() {
            let text = String::from_utf8_lossy(&crd.file.data);
            outcome.documents.insert(crd.name.clone(), Document::read_all(&text)?);
            names.push(crd.name);
        }
    }
    let under_chart = |name: &str| {
        if name.starts_with(chart_name) { name.to_owned() } else { format!("{chart_name}/{name}") }
    };
    for (name, message) in &rendered.failed {
        outcome.documents.insert(under_chart(name), vec![Document::raw(message)]);
    }
    let mut files = rendered.files;
    if succeeded && !job.post_renderer.command.is_empty() {
        files = post_render::run(bench.host, &job.post_renderer, &files)?;
        outcome.post_rendered = true;
    }
    for (name, text) in files {
        let name = under_chart(&name);
        let base = name.rsplit('/').next().unwrap_or(&name);
        let documents = match base.rsplit_once('.').map(|(_, extension)| extension) {
            Some("yaml" | "yml" | "tpl") => Document::read_all(&text)?,
            Some("txt") => vec![Document::raw(&text)],
            _ => continue,
        };
        outcome.documents.insert(name, documents);
    }
    Ok((outcome, names))
}

/// With `--debugPlugin` what was rendered lands below `.debug`.
fn write_debug_files<'f>(
    bench: &Bench<'_>,
    files: impl Iterator<Item = (&'f String, &'f String)>,
) -> Result<(), String> {
    let Some(folder) = &bench.options.render_path else { return Ok(()) };
    for (name, text) in files {
        let path = Path::new(folder).join(name);
        let parent = path.parent().unwrap_or_else(|| Path::new(folder));
        bench.host.create_dir_all(parent).map_err(|error| error.to_string())?;
        bench.host.write(&path, text.as_bytes()).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The full names of the templates that an assertion is about.
fn templates_of(suite: &Suite, job: &Job, own: &str, rendered: &[String]) -> Vec<String> {
    let prefixed = |names: &[String]| {
        names.iter().map(|name| full_name(&suite.route, name)).collect::<Vec<_>>()
    };
    if !own.is_empty() {
        return vec![full_name(&suite.route, own)];
    }
    if !job.templates.is_empty() {
        return prefixed(&job.templates);
    }
    if !job.template.is_empty() {
        return vec![full_name(&suite.route, &job.template)];
    }
    if suite.templates.is_empty() || suite.templates.iter().any(|name| name.contains('*')) {
        return rendered.to_vec();
    }
    prefixed(&suite.templates)
}

fn rendered(
    bench: &Bench<'_>,
    schemas: &Schemas,
    suite: &Suite,
    job: &Job,
    values: &Doc,
) -> Result<(Chart, BTreeMap<String, String>), Stop> {
    if !job.release.name.is_empty()
        && let Some(problem) = release_name::problem(&job.release.name)
    {
        return Err(Stop::Plain(problem.to_owned()));
    }
    let prepared = prepare(bench, schemas, values).map_err(Stop::Plain)?;
    let mut chart = prepared.chart.clone();
    override_metadata(&mut chart, job);
    let all = ["**".to_owned()];
    let wanted = if suite.templates.is_empty() { &all } else { suite.templates.as_slice() };
    Filter::new(&suite.route, wanted, &suite.exclude_templates).apply(&mut chart);
    // Each job starts anew, so that no job hangs on the ones before it.
    let frozen = bench.options.seed.map(|seed| Limited::frozen(bench.host, seed));
    let files = render::render_again(
        frozen.as_ref().map_or(bench.host, |host| host),
        bench.sources,
        &chart,
        &prepared.composed,
        &render_job(bench.options, job),
        &bench.parsed,
        &mut Vec::new(),
    );
    match files {
        Ok(files) => {
            let texts = files
                .into_iter()
                .map(|file| (file.path, String::from_utf8_lossy(&file.text).into_owned()));
            Ok((chart, texts.collect()))
        }
        Err(failed) => Err(Stop::Template(failed.one_line, failed.fault.message().to_owned())),
    }
}

/// `chart`: other versions for the chart and the charts directly below it.
fn override_metadata(chart: &mut Chart, job: &Job) {
    let below = chart.dependencies.iter_mut().map(|child| &mut child.metadata);
    for metadata in below.chain([&mut chart.metadata]) {
        if !job.chart.version.is_empty() {
            metadata.version.clone_from(&job.chart.version);
        }
        if !job.chart.app_version.is_empty() {
            metadata.app_version.clone_from(&job.chart.app_version);
        }
    }
}

fn render_job(options: &Options, job: &Job) -> render::Job {
    let or = |own: &str, other: &str| {
        if own.is_empty() { other.to_owned() } else { own.to_owned() }
    };
    let (major, minor) = (job.capabilities.major.clone(), job.capabilities.minor.clone());
    let version = format!("v{major}.{minor}.0");
    render::Job {
        release: Release {
            name: or(&job.release.name, "RELEASE-NAME"),
            namespace: or(&job.release.namespace, "NAMESPACE"),
            revision: job.release.revision,
            is_upgrade: job.release.upgrade,
            is_install: !job.release.upgrade,
        },
        capabilities: Capabilities {
            kube_version: KubeVersion { normalized: version.clone(), version, major, minor },
            extra_api_versions: job.capabilities.api_versions.clone().unwrap_or_default(),
            only_extra: true,
        },
        options: RenderOptions { cluster: job.provider.cluster(), ..options.render.clone() },
    }
}

/// A template's error as assertions see it: by template where one can be named, whole otherwise,
/// and whole too when no assertion expects a failure.
fn translated(suite: &Suite, job: &Job, line: String, text: String) -> Rendered {
    let expected = job.assertions.iter().flatten().any(|assertion| !assertion.wants_success());
    let found = if expected { message(&line) } else { None };
    let Some((template, raw)) = found else {
        let alternates = if line == text { Vec::new() } else { vec![text] };
        return Rendered::refused(Message { text: line, alternates });
    };
    let mut alternates = Vec::new();
    if line != text {
        alternates.extend(message(&text).map(|(_, raw)| raw));
        // The last paragraph of Helm 4 is what went wrong, the first line is the place.
        alternates.extend(text.split_once('\n').map(|(_, rest)| rest.to_owned()));
        alternates.extend(text.rsplit_once('\n').map(|(_, last)| last.trim().to_owned()));
        alternates.push(text);
    }
    // Not one line of suites quotes more than what stands behind the last node.
    alternates.extend(line.rsplit_once(">: ").map(|(_, last)| last.to_owned()));
    let base = template.rsplit('/').next().unwrap_or(&template);
    let all = ["**".to_owned()];
    let names: Vec<String> = if base.starts_with('_') {
        let wanted = if suite.templates.is_empty() { &all } else { suite.templates.as_slice() };
        wanted.iter().map(|name| full_name(&suite.route, name)).collect()
    } else {
        vec![template]
    };
    Rendered {
        chart: None,
        files: BTreeMap::new(),
        failed: names.into_iter().map(|name| (name, raw.clone())).collect(),
        alternates,
        error: None,
    }
}

/// Takes an error of a template apart: the template and what went wrong.
fn message(text: &str) -> Option<(String, String)> {
    let expression = br"(?msU)^(?:.+: |.+ \()(?:(.+):\d+:\d+).+(?:.+>)*: (.+)$";
    let regexp = Regexp::compile(expression).ok()?;
    let groups = regexp.find_groups(text.as_bytes())?;
    let group = |number: usize| {
        let bytes = groups.get(number).copied().flatten().unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    };
    let raw = match text.split_once('\n') {
        Some((_, rest)) => rest.to_owned(),
        None => group(2),
    };
    Some((group(1), raw.trim_start_matches('\n').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn messages() {
        let of = |text: &str| message(text).unwrap_or_default();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            of("execution error at (c/templates/a.yaml:3:4): some: text"),
            pair("c/templates/a.yaml", "some: text")
        );
        assert_eq!(
            of("execution error at (c/templates/NOTES.txt:3:4): \nFIRST\n  second"),
            pair("c/templates/NOTES.txt", "FIRST\n  second")
        );
        assert_eq!(
            of("template: c/templates/a.yaml:1:3: executing \"c/templates/a.yaml\" at <include \
                \"x\" .>: error calling include: template: no template \"x\" associated with \
                template \"gotpl\""),
            pair(
                "c/templates/a.yaml",
                "error calling include: template: no template \"x\" associated with template \
                 \"gotpl\""
            )
        );
        assert_eq!(message("parse error at (c/templates/a.yaml:3): unexpected"), None);
    }
}
