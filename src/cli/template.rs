//! `rhumb template`: a chart to manifests on standard output.

use std::io::{BufWriter, Write};
use std::mem::ManuallyDrop;

use super::flags::{ChartFlags, CompatFlag, GlobalFlags, InstallFlags, ValueFlags, split_list};
use super::locate::{locate_or_fetch, working_folder};
use super::output_folder::OutputFolder;
use super::persona::Persona;
use super::pflag;
use super::post_render::PostRenderer;
use super::release_name::check_release_name;
use super::render_once::adapted;
use super::schema_files::SchemaFlags;
use super::strictness::StrictFlags;
use super::{
    Failure, Streams, composed, dependency, flush_log, namespace, rendered, write_out, written,
};
use crate::chart::Chart;
use crate::diag::log::debug;
use crate::diag::{Fault, FaultKind};
use crate::golang::quote::quote;
use crate::gotpl::RenderOptions;
use crate::gotpl::watch::Notes;
use crate::host::{Host, Stream};
use crate::limited::Limited;
use crate::manifest::print::{self, Document};
use crate::manifest::{self, Sorted, split};
use crate::render::capabilities::Capabilities;
use crate::render::trail::Guide;
use crate::render::{self, Job, ParseCache, Release, RenderedFile, native};
use crate::source::Sources;
use crate::strict;
use crate::values::schema::Schemas;
use crate::values::{Final, ValueOptions, layers};

/// Bytes that go to standard output at a time: what a pipe holds.
const OUTPUT_CHUNK: usize = 64 * 1024;

/// Render a chart to standard output
///
/// CHART is a folder, a packaged chart (.tgz), or the name of a shipped chart (see `rhumb charts`).
/// Values come from the chart's values.yaml, then
/// from each -f file, then from the --set flags.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Release name and chart; the name may be left out
    #[arg(value_name = "[NAME] CHART")]
    positional: Vec<String>,

    /// Print only the manifests of these templates (globs allowed) [repeatable]
    #[arg(short, long, value_name = "PATH")]
    show_only: Vec<String>,

    /// Kubernetes version that templates see
    #[arg(long, value_name = "VERSION")]
    kube_version: Option<String>,

    /// API versions that templates see, added to the default ones [repeatable, or comma-separated]
    #[arg(short, long, value_name = "API", value_parser = pflag::parse_list)]
    api_versions: Vec<String>,

    /// Print the chart's custom resource definitions, too
    #[arg(long)]
    include_crds: bool,

    /// Leave test hooks out
    #[arg(long)]
    skip_tests: bool,

    /// Leave all hooks out
    #[arg(long)]
    no_hooks: bool,

    /// Set .Release.IsUpgrade instead of .Release.IsInstall
    #[arg(long)]
    is_upgrade: bool,

    /// Write files below this folder instead of standard output
    #[arg(long, value_name = "DIR")]
    output_dir: Option<String>,

    /// Put the release name between --output-dir and the files
    #[arg(long)]
    release_name: bool,

    /// Go template that makes the release name
    #[arg(long, value_name = "TEMPLATE")]
    name_template: Option<String>,

    /// Accepted for Helm's sake; the name stays `release-name`
    #[arg(short, long)]
    generate_name: bool,

    #[command(flatten)]
    schema: SchemaFlags,

    /// Let getHostByName ask the resolver
    #[arg(long)]
    enable_dns: bool,

    /// Fetch dependencies that charts/ does not have first; progress goes to standard output
    #[arg(long, hide_short_help = true)]
    dependency_update: bool,

    /// `client` (there is no cluster here)
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "unset")]
    dry_run: Option<String>,

    /// Send all manifests through this plugin (see `rhumb plugin`) or program
    #[arg(long, value_name = "NAME|PATH")]
    post_renderer: Option<String>,

    /// Argument for the post-renderer [repeatable]
    #[arg(long = "post-renderer-args", value_name = "ARG")]
    renderer_args: Vec<String>,

    /// Let the clock of templates stand still, at the first second of 2024, and their random numbers
    /// begin here, so that every render is the same
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Print the chart's notes to standard error, as an installation would show them
    #[arg(long)]
    notes: bool,

    #[command(flatten)]
    compat: CompatFlag,
    #[command(flatten)]
    strictness: StrictFlags,
    #[command(flatten)]
    values: ValueFlags,
    #[command(flatten)]
    validation: rendered::RenderedFlags,
    #[command(flatten)]
    install: InstallFlags,
    #[command(flatten)]
    chart: ChartFlags,
}

/// A finished command so far: the fault that ended it, if any, and the records for stderr.
struct Rendered {
    /// Every rendered file but the notes.
    files: Vec<RenderedFile>,
    sorted: Sorted,
    /// Rendered notes, those of the charts below too.
    notes: Vec<RenderedFile>,
    fault: Option<Fault>,
}

impl Rendered {
    /// Every document, hooks last: the path of its template and its text.
    fn documents(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let hooks = self.sorted.hooks.iter().map(|hook| &hook.manifest);
        let documents = self.sorted.manifests.iter().chain(hooks);
        documents.map(|it| (it.path.as_str(), &*it.text))
    }
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let mut log = Vec::new();
    for text in args.install.deprecations() {
        let _ = streams.err.write_all(text.as_bytes());
    }
    let (validation, wants_cluster) = match global.persona {
        Persona::Helm => args.validation.as_helm(args.dry_run.is_some(), streams.err)?,
        Persona::Rhumb => (args.validation.clone(), false),
    };
    args.install.check().map_err(Failure::new)?;
    let check = Check { flags: &validation, wants_cluster };
    let result = prepare_and_print(args, &check, global, host, streams.out, &mut log, streams.err);
    flush_log(&mut log, streams.err);
    result
}

/// How the output is to be checked.
struct Check<'a> {
    flags: &'a rendered::RenderedFlags,
    /// Whether Helm would ask a cluster.
    wants_cluster: bool,
}

fn prepare_and_print(
    args: &Args,
    check: &Check<'_>,
    global: &GlobalFlags,
    host: &dyn Host,
    out: &mut dyn Write,
    log: &mut Vec<String>,
    err: &mut dyn Write,
) -> Result<(), Failure> {
    let renderer = match args.post_renderer.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => Some(PostRenderer::find(name, host, global, log)?),
        None => None,
    };
    if args.positional.is_empty() {
        return Err(Failure::new(
            "\"helm template\" requires at least 1 argument\n\nUsage:  helm template [NAME] [CHART] [flags]",
        ));
    }
    let compat = args.compat.compat;
    let capabilities = Capabilities::of(compat);
    let capabilities = adapted(capabilities, args.kube_version.as_deref(), &args.api_versions)?;
    check_dry_run(args.dry_run.as_deref(), log)?;

    if global.debug {
        log.push(debug("Original chart version", &[("version", &args.chart.version())]));
        if args.chart.takes_devel() {
            log.push(debug("setting version to >0.0.0-0", &[]));
        }
    }
    let (name, chart_ref) = name_and_chart(args, host)?;
    let path = locate_or_fetch(&chart_ref, &args.chart, global, host, log)?;
    if global.debug {
        log.push(debug("Chart path", &[("path", &path.display())]));
    }
    let is_updated = args.dependency_update
        && dependency::update_missing(&path, &args.chart, global, host, out, log)?;
    let sources = Sources::new();
    let mut layers = Vec::new();
    let options = ValueOptions { compat, ..args.values.options() };
    let mut user = layers::merge_noting(host, &sources, &options, &mut layers)?;
    // The process ends with this command, so that nothing need be freed.
    let load = if is_updated { composed::load_updated } else { composed::load_chart };
    let mut chart = ManuallyDrop::new(load(host, &sources, &path, log)?);
    let declared = strict::Declared::new(&chart);
    if check.wants_cluster {
        return Err(Failure::new(
            "cluster reachability check failed: kubernetes cluster unreachable: rhumb never \
             reaches one; its own offline check is \"rhumb template --validate\"",
        ));
    }
    let mut release = Release {
        name,
        namespace: namespace::namespace(host, global),
        revision: 1,
        is_upgrade: args.is_upgrade,
        is_install: !args.is_upgrade,
    };
    if let Some(resource) = composed::resource(&chart, &user, &sources)? {
        user = resource.values;
        let named = args.positional.len() > 1 || args.name_template.is_some();
        release.name = resource.name.filter(|_| !named).unwrap_or(release.name);
        let placed = global.namespace.is_some();
        release.namespace = resource.namespace.filter(|_| !placed).unwrap_or(release.namespace);
    }
    check_release_name(&release.name, log)?;
    let schemas = ManuallyDrop::new(Schemas::default());
    let schema = (args.schema, &*schemas);
    let composed = composed::compose(compat, &mut chart, &user, schema, host, &sources, log);
    let is_checked = composed.as_ref().map_or_else(|why| why.kind() == FaultKind::Values, |_| true);
    if global.debug && is_checked && !args.schema.skip_schema_validation {
        crate::values::schema::records(&chart, log);
    }
    let composed = ManuallyDrop::new(composed?);
    check_labels(&args.install.labels)?;
    // Under its own name Helm says no more than Helm.
    let explains = check.flags.asks() || (global.debug && global.persona == Persona::Rhumb);
    let options = RenderOptions {
        enable_dns: args.enable_dns,
        trace: explains,
        compat,
        is_last: true,
        ..global.limits.render_options()
    };
    let job = Job { release, capabilities, options };
    flush_log(log, err);
    let mut notes = args.strictness.is_on().then(Notes::default);
    let mut after = |files: &[RenderedFile], log: &mut Vec<String>| match &renderer {
        Some(renderer) => renderer.run(files, &args.renderer_args, host, global, log).map(Some),
        None => Ok(None),
    };
    let frozen = args.seed.map(|seed| Limited::frozen(host, seed));
    let clock: &dyn Host = frozen.as_ref().map_or(host, |frozen| frozen);
    let rendered =
        render_and_sort(clock, &sources, &chart, &composed, &job, notes.as_mut(), &mut after, log);
    let values = &composed.values;
    if let Some(notes) = &notes {
        flush_log(log, err);
        let uses = (!native::is_native(&chart)).then_some(&notes.uses);
        let (chart, layers) = (&chart, layers.as_slice());
        let case = strict::Case { sources: &sources, chart, declared: &declared, layers, uses };
        let mut findings = strict::check_values(&case);
        findings.extend(strict::check_notes(notes, values, &sources));
        findings.extend(strict::check_documents(rendered.documents()));
        let verdict = args.strictness.report(&findings, host, err);
        if rendered.fault.is_none() {
            verdict?;
        }
    }
    let folder = working_folder(host);
    let guide =
        Guide { chart: &chart, sources: &sources, values, layers: &layers, folder: &folder };
    let color = global.colors(host, Stream::Stderr);
    let failure = rendered.fault.as_ref().map(|fault| {
        let mut failure = Failure::from(fault.clone());
        if !global.debug {
            failure.message.push_str("\n\nUse --debug flag to render out invalid YAML");
        }
        // Helm's own sentence stays as it is unless more was asked for.
        if explains {
            let more = rendered::explain_broken_yaml(&rendered.files, &guide, fault, color);
            failure.message.push_str(&more);
        }
        failure
    });
    if let Some(failure) = failure {
        if global.debug {
            print_documents(args, host, &chart, &job, &rendered, out)?;
        }
        return Err(failure);
    }
    let hooks = rendered.sorted.hooks.iter().map(|hook| &hook.manifest);
    let crds = chart.crds();
    let checked = rendered::RenderedChart {
        manifests: rendered.sorted.manifests.iter().chain(hooks).collect(),
        files: &rendered.files,
        crds: crds.iter().map(|crd| &*crd.file.data).collect(),
        native: native::is_native(&chart),
        kube_version: args.kube_version.as_deref(),
        place: Some(path.strip_prefix(&folder).unwrap_or(&path)),
        guide,
        trace: &|| native::render_traced(&sources, &chart, values, &job),
    };
    rendered::check_rendered(check.flags, &checked, color, host, err)?;
    print_documents(args, host, &chart, &job, &rendered, out)?;
    if args.notes {
        print_notes(args, &chart, &rendered.notes, err);
    }
    Ok(())
}

/// What a post-renderer makes of the rendered files; none without one.
type PostRender<'a> =
    dyn FnMut(&[RenderedFile], &mut Vec<String>) -> Result<Option<Vec<RenderedFile>>, Fault> + 'a;

#[expect(clippy::too_many_arguments, reason = "the parts of one render")]
fn render_and_sort(
    host: &dyn Host,
    sources: &Sources,
    chart: &Chart,
    values: &Final,
    job: &Job,
    notes: Option<&mut Notes>,
    after: &mut PostRender<'_>,
    log: &mut Vec<String>,
) -> Rendered {
    let failed = |fault, files| Rendered {
        files,
        sorted: Sorted::default(),
        notes: Vec::new(),
        fault: Some(fault),
    };
    // See where the chart is loaded.
    let cache = ManuallyDrop::new(ParseCache::default());
    let result = render::render_with(host, sources, chart, values, job, &cache, notes, log);
    let (notes, files): (Vec<_>, Vec<_>) = match result {
        Ok(files) => files.into_iter().partition(|file| render::is_notes(&file.path)),
        Err(fault) => return failed(fault, Vec::new()),
    };
    let files = match after(&files, log) {
        Ok(changed) => changed.unwrap_or(files),
        Err(fault) => return failed(fault, files),
    };
    let listed = files.iter().map(|file| (file.path.as_str(), &file.text));
    match manifest::sort_manifests_as(job.options.compat, listed, log) {
        Ok(mut sorted) => {
            if native::is_native(chart) {
                sorted.trim_ends();
            }
            Rendered { files, sorted, notes, fault: None }
        }
        Err(fault) => failed(fault, files),
    }
}

fn print_documents(
    args: &Args,
    host: &dyn Host,
    chart: &Chart,
    job: &Job,
    rendered: &Rendered,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut folder = args
        .output_dir
        .as_deref()
        .filter(|dir| !dir.is_empty())
        .map(|dir| OutputFolder::new(host, dir));
    let mut body: Vec<Document<'_>> = Vec::new();
    if rendered.fault.is_some() {
        // With --debug, every file as it is when the documents could not be sorted.
        let files = rendered.files.iter().filter(|file| !split::trim(&file.text).is_empty());
        body.extend(files.map(|file| (file.path.as_str(), &*file.text)));
    }
    let crds = if args.include_crds && rendered.fault.is_none() { chart.crds() } else { vec![] };
    for crd in &crds {
        match &mut folder {
            Some(folder) => folder.write(None, &crd.name, &crd.file.data, false, out)?,
            None => body.push((&crd.name, &crd.file.data)),
        }
    }
    let below = args.release_name.then_some(job.release.name.as_str());
    for manifest in &rendered.sorted.manifests {
        match &mut folder {
            Some(folder) => folder.write(below, &manifest.path, &manifest.text, false, out)?,
            None => body.push(manifest.printed()),
        }
    }
    let mut hooks: Vec<Document<'_>> = Vec::new();
    if !args.no_hooks {
        let wanted =
            rendered.sorted.hooks.iter().filter(|hook| !(args.skip_tests && hook.is_test()));
        for manifest in wanted.map(|hook| &hook.manifest) {
            match &mut folder {
                Some(folder) => folder.write(below, &manifest.path, &manifest.text, true, out)?,
                None => hooks.push(manifest.printed()),
            }
        }
    }
    if args.show_only.is_empty() {
        let mut out = BufWriter::with_capacity(OUTPUT_CHUNK, out);
        return written(print::write_render(&mut out, &body, &hooks).and_then(|()| out.flush()));
    }
    let mut output = Vec::new();
    written(print::write_render(&mut output, &body, &hooks))?;
    let mut shown = Vec::new();
    let documents = match manifest::show_only(args.compat.compat, &output, &args.show_only) {
        Ok(documents) => documents,
        // The manifest may be too broken to be found; the render's own fault says more.
        Err(_) if rendered.fault.is_some() => return Ok(()),
        Err(fault) => return Err(fault.into()),
    };
    for document in documents {
        shown.extend_from_slice(b"---\n");
        shown.extend_from_slice(document);
        shown.push(b'\n');
    }
    write_out(out, &shown)
}

/// The notes as `helm install` shows them: the chart's own, and with --render-subchart-notes
/// those of the charts below it.
fn print_notes(args: &Args, chart: &Chart, notes: &[RenderedFile], err: &mut dyn Write) {
    let own = format!("{}/templates/NOTES.txt", chart.name());
    let shown = notes.iter().filter(|file| args.install.render_subchart_notes || file.path == own);
    let texts: Vec<_> = shown.map(|file| file.text.trim_ascii()).collect();
    if texts.iter().any(|text| !text.is_empty()) {
        // Losing the notes is no reason to fail.
        let _ = err.write_all(&[b"NOTES:\n", &*texts.join(&b"\n"[..]), b"\n"].concat());
    }
}

/// The release name and the chart from the arguments, by Helm's rules.
fn name_and_chart(args: &Args, host: &dyn Host) -> Result<(String, String), Failure> {
    let given = args.name_template.as_deref().filter(|text| !text.is_empty());
    match args.positional.as_slice() {
        [name, chart] => {
            if args.generate_name {
                return Err(Failure::new("cannot set --generate-name and also specify a name"));
            }
            if given.is_some() {
                return Err(Failure::new("cannot set --name-template and also specify a name"));
            }
            Ok((name.clone(), chart.clone()))
        }
        [chart] => match given {
            Some(text) => Ok((render::name_template(host, text)?, chart.clone())),
            None => Ok(("release-name".to_string(), chart.clone())),
        },
        [_, _, rest @ ..] => Err(Failure::new(format!(
            "expected at most two arguments, unexpected arguments: {}",
            rest.join(", ")
        ))),
        [] => Err(Failure::new("a chart is needed")),
    }
}

fn check_labels(labels: &[String]) -> Result<(), Failure> {
    const SYSTEM: [&str; 6] = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];
    for label in labels.iter().flat_map(|list| split_list(list)) {
        if label.split_once('=').is_some_and(|(key, _)| SYSTEM.contains(&key)) {
            return Err(Failure::new(format!(
                "user supplied labels contains system reserved label name. System labels: [{}]",
                SYSTEM.join(" ")
            )));
        }
    }
    Ok(())
}

fn check_dry_run(value: Option<&str>, log: &mut Vec<String>) -> Result<(), Failure> {
    match value {
        None | Some("client") => Ok(()),
        Some("unset") => {
            log.push(
                "level=WARN msg=\"--dry-run is deprecated and should be replaced with '--dry-run=client'\""
                    .to_string(),
            );
            Ok(())
        }
        Some("true") => {
            log.push(
                "level=WARN msg=\"boolean '--dry-run=true' flag is deprecated and must be replaced with '--dry-run=client'\""
                    .to_string(),
            );
            Ok(())
        }
        Some("server") => Err(Failure::new("rhumb reaches no cluster: use --dry-run=client")),
        Some(off @ ("none" | "false")) => Err(Failure::new(format!(
            "invalid dry-run value (\"{off}\"). Must be \"server\" or \"client\""
        ))),
        Some(other) => Err(Failure::new(format!(
            "invalid dry-run value ({}). Must be \"none\", \"server\", or \"client\"",
            quote(other.as_bytes())
        ))),
    }
}
