//! One render from a chart's place to its documents, as commands want it that do not print it.

use std::path::Path;

use super::flags::split_list;
use super::schema_files::SchemaFlags;
use super::{Failure, composed};
use crate::gotpl::RenderOptions;
use crate::host::Host;
use crate::manifest::{self, Manifest, Sorted, print};
use crate::render::capabilities::{Capabilities, KubeVersion};
use crate::render::{self, Job, Release, native, release_name};
use crate::source::Sources;
use crate::values::schema::Schemas;
use crate::values::{ValueOptions, layers};

/// What is rendered.
#[derive(Clone, Debug)]
pub(super) struct Case<'a> {
    /// The chart, absolute.
    pub chart: &'a Path,
    /// Values on top of the chart's own.
    pub values: ValueOptions,
    /// Release name.
    pub release: String,
    /// Namespace of the release.
    pub namespace: String,
    /// Kubernetes version that templates see; none for the newest.
    pub kube_version: Option<String>,
    /// API versions that templates see, added to the default ones.
    pub api_versions: Vec<String>,
    /// Whether and how values are held against schemas.
    pub schema: SchemaFlags,
    /// How templates are rendered.
    pub options: RenderOptions,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Made {
    /// Manifests and hooks.
    pub documents: Sorted,
    /// The chart's custom resource definitions: names and texts.
    pub crds: Vec<(String, Vec<u8>)>,
}

impl Made {
    /// The text that `rhumb template` prints.
    pub(super) fn text(&self, with_crds: bool) -> Vec<u8> {
        let crds = self.crds.iter().filter(|_| with_crds);
        let crds = crds.map(|(name, text)| (name.as_str(), text.as_slice()));
        let body: Vec<_> =
            crds.chain(self.documents.manifests.iter().map(Manifest::printed)).collect();
        let hooks: Vec<_> =
            self.documents.hooks.iter().map(|hook| hook.manifest.printed()).collect();
        let mut text = Vec::new();
        print::write_render(&mut text, &body, &hooks).expect("memory takes all");
        text
    }
}

/// What templates know of the cluster, changed by flags.
///
/// Errors: a version that is none.
pub(super) fn adapted(
    mut capabilities: Capabilities,
    version: Option<&str>,
    apis: &[String],
) -> Result<Capabilities, Failure> {
    if let Some(version) = version.filter(|version| !version.is_empty()) {
        capabilities.kube_version = KubeVersion::parse(version)
            .map_err(|fault| fault.context(format_args!("invalid kube version '{version}'")))?;
    }
    capabilities.extra_api_versions = apis.iter().flat_map(|list| split_list(list)).collect();
    Ok(capabilities)
}

/// Loads a chart, composes its values, renders it and sorts its documents.
///
/// `log` receives Helm's records.
/// Errors: whatever `rhumb template` would end with.
pub(super) fn render(
    host: &dyn Host,
    case: &Case<'_>,
    log: &mut Vec<String>,
) -> Result<Made, Failure> {
    let compat = case.options.compat;
    let capabilities =
        adapted(Capabilities::of(compat), case.kube_version.as_deref(), &case.api_versions)?;
    let sources = Sources::new();
    let options = ValueOptions { compat, ..case.values.clone() };
    let mut user = layers::merge(host, &sources, &options)?;
    let mut chart = composed::load_chart(host, &sources, case.chart, log)?;
    let mut release = Release {
        name: case.release.clone(),
        namespace: case.namespace.clone(),
        revision: 1,
        is_upgrade: false,
        is_install: true,
    };
    if let Some(resource) = composed::resource(&chart, &user, &sources)? {
        user = resource.values;
        release.name = resource.name.unwrap_or(release.name);
        release.namespace = resource.namespace.unwrap_or(release.namespace);
    }
    if let Some(why) = release_name::problem(&release.name) {
        return Err(Failure::new(format!("release name {:?}: {why}", release.name)));
    }
    let schemas = Schemas::default();
    let composed =
        composed::compose(compat, &mut chart, &user, (case.schema, &schemas), host, &sources, log)?;
    let job = Job { release, capabilities, options: case.options.clone() };
    let files = render::render(host, &sources, &chart, &composed, &job, log)?;
    let files = files.iter().filter(|file| !render::is_notes(&file.path));
    let mut documents = manifest::sort_manifests_as(
        compat,
        files.map(|file| (file.path.as_str(), &file.text)),
        log,
    )?;
    if native::is_native(&chart) {
        documents.trim_ends();
    }
    let crds = chart.crds();
    let crds = crds.into_iter().map(|crd| (crd.name, crd.file.data.to_vec())).collect();
    Ok(Made { documents, crds })
}
