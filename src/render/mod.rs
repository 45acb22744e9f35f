//! A chart, its values and a release to rendered files.
//!
//! Brings the parts together: the dot, the order of templates, both template languages. Blind
//! to the command line and to Kubernetes schemas.

pub mod capabilities;
pub mod context;
pub mod coverage;
pub mod files;
pub mod native;
pub mod order;
pub mod reads;
pub mod release_name;
pub mod trail;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use capabilities::Capabilities;

use crate::chart::Chart;
use crate::diag::helm::{one_line_error, template_error};
use crate::diag::{Fault, FaultKind, Result};
use crate::doc::Doc;
use crate::gotpl::watch::{Notes, Watch};
use crate::gotpl::{Parsed, RenderOptions, Renderer, TemplateSet, stack};
use crate::host::{Budget, Host};
use crate::mapping::TextMap;
use crate::parallel;
use crate::source::Sources;
use crate::value::from_doc::from_doc;
use crate::value::{Map, MapType, Value};
use crate::values::Final;

/// Memory in which a native chart is rendered, unless the user gave another limit.
const NATIVE_MEMORY: u64 = 4 << 30;

/// What `.Release` holds.
#[derive(Clone, Debug)]
pub struct Release {
    /// Name.
    pub name: String,
    /// Namespace.
    pub namespace: String,
    /// Revision: 1 for `template`, 0 for `lint`.
    pub revision: i64,
    /// Whether this renders an upgrade.
    pub is_upgrade: bool,
    /// Whether this renders an installation.
    pub is_install: bool,
}

/// Everything that decides a render besides chart and values.
#[derive(Clone, Debug)]
pub struct Job {
    /// The release.
    pub release: Release,
    /// What the cluster can do.
    pub capabilities: Capabilities,
    /// How the engine behaves.
    pub options: RenderOptions,
}

/// One rendered file.
#[derive(Clone, Debug, Default)]
pub struct RenderedFile {
    /// Template name, as `# Source:` shows it.
    pub path: String,
    /// Its text.
    pub text: Bytes,
    /// What wrote each part of it, if that was asked for and is known.
    pub map: Option<TextMap>,
}

/// Renders every template of a chart tree. NOTES.txt files are rendered, too: their errors
/// count; the caller sets them apart with [`is_notes`].
///
/// `values` are the composed values of the root chart; `log` receives Helm's records.
/// Errors: a Kubernetes version that the chart refuses, a template that does not parse or fails.
pub fn render(
    host: &dyn Host,
    sources: &Sources,
    chart: &Chart,
    values: &Final,
    job: &Job,
    log: &mut Vec<String>,
) -> Result<Vec<RenderedFile>> {
    render_with(host, sources, chart, values, job, &ParseCache::default(), None, log)
}

/// Like [`render`], with parsed templates that the caller keeps, and notes, if that is wanted,
/// what the Go templates read of the values, whether it fails or not.
#[expect(clippy::too_many_arguments, reason = "the parts of one render")]
pub fn render_with(
    host: &dyn Host,
    sources: &Sources,
    chart: &Chart,
    values: &Final,
    job: &Job,
    cache: &ParseCache,
    notes: Option<&mut Notes>,
    log: &mut Vec<String>,
) -> Result<Vec<RenderedFile>> {
    // Lint wants to look at charts for any version.
    if !job.options.lint_mode {
        check_kube_version(chart, &job.capabilities)?;
    }
    let mut files = stack::run(|| render_go(host, chart, values, job, cache, notes, log))
        .map_err(|failed| failed.fault)?;
    if native::is_native(chart) {
        // Jinja does not count what its values hold.
        host.watch(Budget { time: None, memory: Some(NATIVE_MEMORY) });
    }
    native::render(sources, chart, chart.name(), &values.values, job, &mut files)?;
    Ok(files)
}

/// Templates that were parsed once, for many renders of one chart, which may run at a time.
///
/// Wants the texts of the templates to stay alive, as those of a chart and of its copies do.
#[derive(Debug, Default)]
pub struct ParseCache(Mutex<HashMap<(String, usize), Result<Parsed>>>);

impl ParseCache {
    /// The parsed form of every template, in their order.
    fn parsed(&self, templates: &[context::Template<'_>]) -> Vec<Result<Parsed>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Without the dot, which stays on its thread.
        let texts = templates.iter().map(|template| (template.name.clone(), template.text));
        let texts: Vec<_> =
            texts.map(|(name, text)| ((name, text.as_ptr().addr()), text)).collect();
        let missing: Vec<_> = texts.iter().filter(|(key, _)| !known.contains_key(key)).collect();
        let parsed = parallel::map_texts(
            &missing,
            |(_, text)| text.len(),
            |((name, _), text)| Parsed::new(name, Bytes::clone(text)),
        );
        for ((key, _), parsed) in missing.into_iter().zip(parsed) {
            known.insert(key.clone(), parsed);
        }
        texts.iter().map(|(key, _)| known[key].clone()).collect()
    }
}

/// Like [`render`] on the calling thread, which wants a large stack ([`stack::run`]); parses only
/// what no render before it has parsed, and asks nothing of the Kubernetes version.
pub fn render_again(
    host: &dyn Host,
    sources: &Sources,
    chart: &Chart,
    values: &Final,
    job: &Job,
    cache: &ParseCache,
    log: &mut Vec<String>,
) -> Result<Vec<RenderedFile>, TemplateFault> {
    let mut files = render_go(host, chart, values, job, cache, None, log)?;
    native::render(sources, chart, chart.name(), &values.values, job, &mut files).map_err(
        |fault| {
            let one_line = fault.message().to_owned();
            TemplateFault { fault, one_line }
        },
    )?;
    Ok(files)
}

/// A template that does not parse or that failed.
#[derive(Clone, Debug)]
pub struct TemplateFault {
    /// The fault in the words of Helm 4.
    pub fault: Fault,
    /// In the words of Helm 3, which suites quote.
    pub one_line: String,
}

/// Whether a rendered file is release notes, which are never printed with the manifests.
pub fn is_notes(path: &str) -> bool {
    path.ends_with("NOTES.txt")
}

/// Evaluates a `--name-template`: a Go template without data.
///
/// Errors: as the template engine words them.
pub fn name_template(host: &dyn Host, text: &str) -> Result<String> {
    let text = lone_template(host, "name-template", text, &from_doc(&Doc::null()))
        .map_err(|fault| in_one_line(fault, "name-template"))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Evaluates a Go template over a few named texts.
///
/// Errors: as the template engine words them.
pub fn text_template(host: &dyn Host, text: &str, fields: &[(&str, &str)]) -> Result<Vec<u8>> {
    let fields = fields.iter().map(|(name, value)| ((*name).into(), Doc::str(*value)));
    let fields = Doc::map(fields.collect());
    value_template(host, text, &from_doc(&fields)).map_err(|fault| worded(fault, "_").fault)
}

/// Evaluates a Go template over one value, as `version --template` does.
///
/// Errors: as Go words them.
pub fn value_template(host: &dyn Host, text: &str, dot: &Value) -> Result<Vec<u8>> {
    lone_template(host, "_", text, dot).map_err(|fault| in_one_line(fault, "_"))
}

/// Gives a fault of the engine Go's own words: `template: …: executing …`.
fn in_one_line(fault: Fault, file: &str) -> Fault {
    if fault.message().to_string().starts_with("template: ") {
        return fault;
    }
    let text = one_line_error(&fault, file);
    fault.reworded(text)
}

fn lone_template(host: &dyn Host, name: &str, text: &str, dot: &Value) -> Result<Vec<u8>> {
    stack::run(|| {
        let mut set = TemplateSet::new();
        set.parse(name, text.as_bytes())?;
        Renderer::new(&set, host, RenderOptions::default()).render(name, dot)
    })
}

fn check_kube_version(chart: &Chart, capabilities: &Capabilities) -> Result<()> {
    let wanted = chart.metadata.kube_version.as_str();
    let version = &capabilities.kube_version;
    if wanted.is_empty() || crate::chart::version::in_range(wanted, &version.normalized) {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::Chart,
        format!(
            "chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {}",
            version.version
        ),
    ))
}

/// The fault of a template in Helm's words.
fn worded(fault: Fault, file: &str) -> TemplateFault {
    let one_line = one_line_error(&fault, file);
    let text = template_error(&fault, file);
    TemplateFault { fault: fault.reworded(text), one_line }
}

fn render_go(
    host: &dyn Host,
    chart: &Chart,
    values: &Final,
    job: &Job,
    cache: &ParseCache,
    notes: Option<&mut Notes>,
    log: &mut Vec<String>,
) -> Result<Vec<RenderedFile>, TemplateFault> {
    let root = context::values(values);
    let mut templates = context::templates(chart, &root, job);
    order::sort_templates(&mut templates, |template| &template.name);
    let mut set = TemplateSet::new();
    for (template, parsed) in templates.iter().zip(cache.parsed(&templates)) {
        set.add(&parsed.map_err(|fault| worded(fault, &template.name))?);
    }
    let mut renderer = Renderer::new(&set, host, job.options.clone());
    if notes.is_some() || job.options.coverage.is_some() {
        renderer.watch(Watch::new(&root, &reads::prefixes(chart)));
    }
    let result = execute(&mut renderer, &templates, log);
    let noted = renderer.take_notes();
    renderer.give_hits(noted.as_ref().map(|notes| notes.uses.clone()));
    if let Some(notes) = notes {
        *notes = noted.unwrap_or_default();
        notes.uses.join(reads::of_set(&set, chart, &values.values));
    }
    if job.options.is_last {
        // To free trees node by node takes a tenth of a run.
        std::mem::forget((renderer, templates, root));
        std::mem::forget(set);
    }
    result
}

fn execute(
    renderer: &mut Renderer<'_>,
    templates: &[context::Template<'_>],
    log: &mut Vec<String>,
) -> Result<Vec<RenderedFile>, TemplateFault> {
    let mut files = Vec::with_capacity(templates.len());
    for template in templates {
        let base = template.name.rsplit('/').next().unwrap_or(&template.name);
        if base.starts_with('_') {
            continue;
        }
        let about = Map::typed(MapType::Values);
        about.insert("Name", template.name.as_str());
        about.insert("BasePath", template.base_path.as_str());
        template.dot.insert("Template", Value::Map(about));
        let text = renderer.render(&template.name, &Value::Map(template.dot.clone()));
        log.append(&mut renderer.take_logs());
        files.push(RenderedFile {
            path: template.name.clone(),
            text: text.map_err(|fault| worded(fault, &template.name))?.into(),
            map: renderer.take_map(),
        });
    }
    Ok(files)
}
