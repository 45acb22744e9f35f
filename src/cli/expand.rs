//! `rhumb expand`: custom resources to the objects that their operator would make.

use bytes::Bytes;

use super::flags::{ChartFlags, GlobalFlags};
use super::locate::{locate_or_fetch, working_folder};
use super::release_name::check_release_name;
use super::render_once::adapted;
use super::schema_files::SchemaFiles;
use super::{Failure, Streams, composed, namespace, rendered, write_out};
use crate::chart::custom::{self, Custom};
use crate::chart::{Chart, shipped};
use crate::diag::{Fault, FaultKind};
use crate::doc::decode::Problem;
use crate::doc::{Doc, DocMap};
use crate::gotpl::RenderOptions;
use crate::host::{Host, Stream};
use crate::kube::stream;
use crate::kube::validate::plain_yaml_message;
use crate::manifest::{self, print};
use crate::render::capabilities::Capabilities;
use crate::render::trail::Guide;
use crate::render::{self, Job, Release, native};
use crate::source::{SourceKind, Sources};
use crate::values::Final;
use crate::yaml::read::parse_part;

/// Replace custom resources by the objects that they stand for
///
/// Reads a stream of manifests and replaces each resource that a chart stands for by the objects
/// of that chart: its spec are the values, its name and namespace the release's. All other
/// documents pass through unchanged. No operator and no cluster is needed:
///
///   rhumb expand workers.yaml | kubectl apply -f -
///
/// The shipped charts stand for OJSCluster and OJSWorker (ojs.openjobspec.dev/v1alpha1) and
/// Server (openvox.voxpupuli.org/v1alpha1). A chart of your own names its kind in the annotation
/// rhumb.dev/stands-for of its Chart.yaml.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Manifests; `-` for standard input
    file: String,

    /// Another chart that stands for a resource: folder, archive or address; it wins over a
    /// shipped one [repeatable]
    #[arg(long = "chart", value_name = "CHART")]
    charts: Vec<String>,

    /// Kubernetes version that templates see
    #[arg(long, value_name = "VERSION")]
    kube_version: Option<String>,

    /// API versions that templates see, added to the default ones [repeatable, or comma-separated]
    #[arg(short, long, value_name = "API")]
    api_versions: Vec<String>,

    #[command(flatten)]
    validation: rendered::RenderedFlags,

    #[command(flatten)]
    fetching: ChartFlags,
}

/// A chart and the resource that it stands for.
struct Stand {
    custom: Custom,
    chart: Chart,
}

/// What every document needs to become objects.
struct Expansion<'a> {
    args: &'a Args,
    host: &'a dyn Host,
    sources: &'a Sources,
    stands: Vec<Stand>,
    capabilities: Capabilities,
    /// Namespace of resources that name none.
    namespace: String,
    color: bool,
    /// How templates are rendered.
    options: RenderOptions,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let (name, text) = read(&args.file, host)?;
    let sources = Sources::new();
    let source = sources.add(SourceKind::File, name.as_str(), text.clone());
    let mut log = Vec::new();
    let stands = stands(args, global, host, &sources, &mut log);
    super::flush_log(&mut log, streams.err);
    let expansion = Expansion {
        args,
        host,
        sources: &sources,
        stands: stands?,
        capabilities: adapted(
            Capabilities::default(),
            args.kube_version.as_deref(),
            &args.api_versions,
        )?,
        namespace: namespace::namespace(host, global),
        color: global.colors(host, Stream::Stderr),
        options: global.limits.render_options(),
    };
    let mut out = Vec::with_capacity(text.len());
    let mut broken = Vec::new();
    let mut done = 0;
    for (index, (start, end)) in stream::split(&text).into_iter().enumerate() {
        out.extend_from_slice(&text[done..start]);
        done = end;
        let heading = format!("document {} of {name}", index + 1);
        let (doc, duplicates) = match parse_part(&text[start..end], source, start) {
            Ok(parsed) => parsed,
            Err(fault) => {
                let place = sources.describe(fault.span());
                let message = plain_yaml_message(fault.message());
                broken.push(format!("{heading}:\n  {place}: {message}"));
                continue;
            }
        };
        let Some(stand) = expansion.stand(&doc) else {
            if let Some(kind) = expansion.listed(&doc) {
                broken.push(format!(
                    "{heading}: a List that holds an {kind}; give its items as documents of their own"
                ));
            }
            out.extend_from_slice(&text[start..end]);
            continue;
        };
        let heading = format!("{heading} ({} {})", stand.custom.kind, resource_name(&doc));
        let twice = duplicates.iter().map(|duplicate| Problem {
            path: duplicate.key.clone(),
            span: duplicate.second,
            message: "the key is given twice".to_owned(),
            hint: None,
        });
        match expansion.objects(stand, &doc, &heading, twice.collect(), streams.err) {
            Ok(objects) => out.extend_from_slice(&objects),
            Err(failure) => broken.push(failure.message),
        }
    }
    out.extend_from_slice(&text[done..]);
    if broken.is_empty() {
        write_out(streams.out, &out)
    } else {
        Err(Failure::new(broken.join("\n")))
    }
}

/// The input's name in messages, and its text.
fn read(file: &str, host: &dyn Host) -> Result<(String, Bytes), Failure> {
    let (name, text) = match file {
        "-" => ("standard input", host.read_stdin()),
        file => (file, host.read(file.as_ref())),
    };
    let text = text.map_err(|error| Failure::new(format!("{name}: {error}")))?;
    Ok((name.to_owned(), text.into()))
}

/// The charts that stand for a resource: those named first, then the shipped ones.
fn stands(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    sources: &Sources,
    log: &mut Vec<String>,
) -> Result<Vec<Stand>, Failure> {
    let mut stands = Vec::new();
    for name in &args.charts {
        let path = locate_or_fetch(name, &args.fetching, global, host, log)?;
        let chart = composed::load_chart(host, sources, &path, log)?;
        let Some(custom) = Custom::of(&chart.metadata)? else {
            return Err(Failure::new(format!(
                "chart {name} stands for no custom resource: its Chart.yaml needs the annotation \
                 {}, such as example.com/v1/Widget",
                custom::STANDS_FOR
            )));
        };
        stands.push(Stand { custom, chart });
    }
    for chart in shipped::ALL {
        let chart = composed::load_chart(host, sources, &chart.path(), log)?;
        if let Some(custom) = Custom::of(&chart.metadata)? {
            stands.push(Stand { custom, chart });
        }
    }
    Ok(stands)
}

fn resource_name(doc: &Doc) -> &str {
    let name = doc.get("metadata").and_then(|metadata| metadata.get("name"));
    name.and_then(Doc::as_str).unwrap_or("without name")
}

impl Expansion<'_> {
    /// The chart that stands for a document.
    fn stand(&self, doc: &Doc) -> Option<&Stand> {
        self.stands.iter().find(|stand| stand.custom.describes(doc))
    }

    /// The kind of a resource inside of a list, which is not looked into.
    fn listed(&self, doc: &Doc) -> Option<&str> {
        let items = doc.get("items").and_then(Doc::as_list)?;
        let found = items.iter().find_map(|item| self.stand(item))?;
        Some(&found.custom.kind)
    }

    /// The objects of one resource, each behind a separator.
    ///
    /// Errors: what is wrong with the resource, below a heading that names its document.
    fn objects(
        &self,
        stand: &Stand,
        doc: &Doc,
        heading: &str,
        mut problems: Vec<Problem>,
        err: &mut dyn std::io::Write,
    ) -> Result<Vec<u8>, Failure> {
        let failed = |fault: Fault| Failure::from(fault.context(heading));
        problems.extend(stand.custom.problems(doc));
        let mut log = Vec::new();
        let mut chart = stand.chart.clone();
        let nothing = Doc::map(DocMap::default());
        let spec = doc.get("spec").filter(|spec| spec.as_map().is_some()).unwrap_or(&nothing);
        let composed = crate::values::compose(&mut chart, spec, &mut log).map_err(failed)?;
        let native = native::is_native(&chart);
        let completed =
            crate::typed::complete(&chart, &composed.values, self.sources).map_err(failed)?;
        let composed = match completed {
            Ok(values) => Final::from(values),
            Err(found) => {
                // What is missing was said in the words of the resource.
                let known = |path: &str| problems.iter().any(|problem| problem.path == path);
                let found = found
                    .into_iter()
                    .map(|problem| Problem { path: format!("spec.{}", problem.path), ..problem });
                let found: Vec<_> = found.filter(|problem| !known(&problem.path)).collect();
                problems.extend(found);
                composed
            }
        };
        if !problems.is_empty() {
            return Err(crate::models::report(heading, &problems, self.sources).into());
        }
        let foreign = SchemaFiles { host: self.host, chart: &chart, is_allowed: false };
        crate::values::schema::validate(&chart, &composed.values, &foreign, &mut log)
            .map_err(failed)?;
        let release = self.release(doc);
        check_release_name(&release.name, &mut log).map_err(|failure| {
            let fault = Fault::new(FaultKind::Usage, failure.message);
            failed(fault.context("metadata.name"))
        })?;
        let options = RenderOptions { trace: self.args.validation.asks(), ..self.options.clone() };
        let job = Job { release, capabilities: self.capabilities.clone(), options };
        let files = render::render(self.host, self.sources, &chart, &composed, &job, &mut log)
            .map_err(failed)?;
        let listed = files.iter().filter(|file| !render::is_notes(&file.path));
        let listed = listed.map(|file| (file.path.as_str(), &file.text));
        let mut sorted = manifest::sort_manifests(listed, &mut log).map_err(failed)?;
        sorted.trim_ends();
        let hooks = sorted.hooks.iter().map(|hook| &hook.manifest);
        let manifests: Vec<_> = sorted.manifests.iter().chain(hooks).collect();
        let crds = chart.crds();
        let folder = working_folder(self.host);
        let checked = rendered::RenderedChart {
            manifests: manifests.clone(),
            files: &files,
            crds: crds.iter().map(|crd| &*crd.file.data).collect(),
            native,
            kube_version: self.args.kube_version.as_deref(),
            place: None,
            guide: Guide {
                chart: &chart,
                sources: self.sources,
                values: &composed.values,
                layers: &[],
                folder: &folder,
            },
            trace: &|| native::render_traced(self.sources, &chart, &composed.values, &job),
        };
        rendered::check_rendered(&self.args.validation, &checked, self.color, self.host, err)
            .map_err(|failure| Failure::new(format!("{heading}: {}", failure.message)))?;
        let mut objects = Vec::new();
        for manifest in manifests {
            print::write_document(&mut objects, manifest.printed()).expect("memory takes all");
        }
        Ok(objects)
    }

    fn release(&self, doc: &Doc) -> Release {
        let namespace = doc.get("metadata").and_then(|metadata| metadata.get("namespace"));
        let namespace = namespace.and_then(Doc::as_str).filter(|name| !name.is_empty());
        Release {
            name: resource_name(doc).to_owned(),
            namespace: namespace.unwrap_or(&self.namespace).to_owned(),
            revision: 1,
            is_upgrade: false,
            is_install: true,
        }
    }
}
