//! Native charts: the `*.j2` templates of a chart tree through Jinja.

use super::{Job, RenderedFile, capabilities};
use crate::chart::Chart;
use crate::diag::Result;
use crate::doc::uses::Seg;
use crate::doc::{Doc, DocMap, Node};
use crate::gotpl::RenderOptions;
use crate::jinja::{Context, Templates};
use crate::source::Sources;
use crate::source::Span;

/// Whether a template file is written in Jinja.
pub fn is_jinja(path: &str) -> bool {
    path.strip_suffix(".j2").is_some()
}

/// Whether a chart has Jinja templates, which makes it a native chart: strict and typed.
pub fn is_native(chart: &Chart) -> bool {
    chart.templates.iter().any(|file| is_jinja(&file.name))
}

/// Renders the Jinja templates of a chart and of the charts below it; the rendered file is
/// named like its template without `.j2`.
///
/// `values` are the composed values of `chart`, `path` its full name in the tree.
pub fn render(
    sources: &Sources,
    chart: &Chart,
    path: &str,
    values: &Doc,
    job: &Job,
    rendered: &mut Vec<RenderedFile>,
) -> Result<()> {
    for child in &chart.dependencies {
        let nothing = Doc::map(DocMap::default());
        let child_values = values.get(child.name()).unwrap_or(&nothing);
        let child_path = format!("{path}/charts/{}", child.name());
        render(sources, child, &child_path, child_values, job, rendered)?;
    }
    if !is_native(chart) {
        return Ok(());
    }
    let jinja = chart.templates.iter().filter(|file| is_jinja(&file.name));
    let files: Vec<_> =
        jinja.map(|file| (format!("{path}/{}", file.name), file.data.clone())).collect();
    // An instruction of Jinja does about as much as half a step of a Go template.
    let templates = Templates::new(&files, sources)?.with_fuel(job.options.max_steps / 2);
    let context = context(chart, values, job);
    let covering = job.options.coverage.as_ref().map(|it| (it, templates.covering()));
    let prefix: Vec<Seg> = path.split("/charts/").skip(1).map(|name| Some(name.into())).collect();
    for (name, _) in &files {
        let base = name.rsplit('/').next().unwrap_or(name);
        if base.starts_with('_') {
            continue;
        }
        if let Some((collector, covering)) = &covering {
            collector.add(covering.render(name, &context, &prefix).1);
        }
        let text = templates.render(name, &context)?;
        let path = name.strip_suffix(".j2").unwrap_or(name).to_string();
        let map = job.options.trace.then(|| templates.map(name, &context, &text)).transpose()?;
        rendered.push(RenderedFile { path, text: text.into(), map });
    }
    Ok(())
}

/// Renders the Jinja templates of a chart once more and keeps what wrote each part; nothing when
/// they fail now.
pub fn render_traced(
    sources: &Sources,
    chart: &Chart,
    values: &Doc,
    job: &Job,
) -> Vec<RenderedFile> {
    let mut files = Vec::new();
    let job = Job { options: RenderOptions { trace: true, ..job.options.clone() }, ..job.clone() };
    // What fails now has rendered before; it is only the way back that is lost.
    let _ = render(sources, chart, chart.name(), values, &job, &mut files);
    files
}

fn map<const N: usize>(entries: [(&str, Doc); N]) -> Doc {
    Doc::map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn node(node: Node) -> Doc {
    Doc::new(node, Span::NONE)
}

fn context(chart: &Chart, values: &Doc, job: &Job) -> Context {
    let release = &job.release;
    let version = &job.capabilities.kube_version;
    let files = chart.files.iter().map(|file| (file.name.as_str().into(), Doc::str(&*file.data)));
    Context {
        values: values.clone(),
        release: map([
            ("name", Doc::str(release.name.as_str())),
            ("namespace", Doc::str(release.namespace.as_str())),
            ("service", Doc::str("Helm")),
            ("revision", node(Node::Int(release.revision))),
            ("isInstall", node(Node::Bool(release.is_install))),
            ("isUpgrade", node(Node::Bool(release.is_upgrade))),
        ]),
        chart: metadata(chart),
        capabilities: map([
            (
                "kubeVersion",
                map([
                    ("version", Doc::str(version.normalized.as_str())),
                    ("major", Doc::str(version.major.as_str())),
                    ("minor", Doc::str(version.minor.as_str())),
                ]),
            ),
            ("apiVersions", Doc::list(job.capabilities.api_versions().map(Doc::str).collect())),
            ("helmVersion", map([("version", Doc::str(capabilities::HELM_VERSION))])),
        ]),
        files: Doc::map(files.collect()),
    }
}

/// The fields of Chart.yaml that templates use, under their own names.
fn metadata(chart: &Chart) -> Doc {
    let metadata = &chart.metadata;
    let annotations = metadata.annotations.iter().flatten();
    map([
        ("name", Doc::str(metadata.name.as_str())),
        ("version", Doc::str(metadata.version.as_str())),
        ("appVersion", Doc::str(metadata.app_version.as_str())),
        ("apiVersion", Doc::str(metadata.api_version.as_str())),
        ("description", Doc::str(metadata.description.as_str())),
        ("home", Doc::str(metadata.home.as_str())),
        ("icon", Doc::str(metadata.icon.as_str())),
        ("type", Doc::str(metadata.kind.as_str())),
        ("kubeVersion", Doc::str(metadata.kube_version.as_str())),
        (
            "keywords",
            Doc::list(metadata.keywords.iter().map(|word| Doc::str(word.as_str())).collect()),
        ),
        (
            "annotations",
            Doc::map(
                annotations
                    .map(|(key, value)| (key.as_str().into(), Doc::str(value.as_str())))
                    .collect(),
            ),
        ),
    ])
}
