//! A suite file as data: what is rendered, and what is asserted of it.

use super::assertion::Assertion;
use super::cluster::Provider;
use super::decode::Decoder;
use super::select::Selector;
use crate::golang::semver::Version;
use crate::yaml::any::{Any, AnyMap, Entry};
use crate::yaml::any_read::read_first;

/// Version of helm-unittest whose format this is; `skip.minimumVersion` is compared with it.
pub const FORMAT_VERSION: &str = "1.1.1";

/// `release`.
#[derive(Clone, Debug, Default)]
pub(super) struct Release {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) revision: i64,
    pub(super) upgrade: bool,
}

/// `chart`: overrides of Chart.yaml.
#[derive(Clone, Debug, Default)]
pub(super) struct ChartFields {
    pub(super) version: String,
    pub(super) app_version: String,
}

/// `capabilities`.
#[derive(Clone, Debug, Default)]
pub(super) struct CapabilityFields {
    pub(super) major: String,
    pub(super) minor: String,
    /// None when a job has unset the list.
    pub(super) api_versions: Option<Vec<String>>,
}

/// `postRenderer`.
#[derive(Clone, Debug, Default)]
pub(super) struct PostRenderer {
    pub(super) command: String,
    pub(super) arguments: Vec<String>,
}

/// A suite.
#[derive(Debug, Default)]
pub(super) struct Suite {
    pub(super) name: String,
    /// The file, relative to the working directory.
    pub(super) file: String,
    /// Where the chart stands in the tree: `parent/charts/child`.
    pub(super) route: String,
    pub(super) values: Vec<String>,
    pub(super) set: Vec<(String, Any)>,
    pub(super) templates: Vec<String>,
    pub(super) exclude_templates: Vec<String>,
    pub(super) include_crds: bool,
    pub(super) post_renderer: PostRenderer,
    pub(super) snapshot_id: String,
    pub(super) jobs: Vec<Job>,
    release: Release,
    chart: ChartFields,
    capabilities: CapabilityFields,
    provider: Provider,
    skip_reason: String,
}

/// One test of a suite, with what the suite says for all of them filled in.
#[derive(Debug, Default)]
pub(super) struct Job {
    pub(super) name: String,
    pub(super) values: Vec<String>,
    pub(super) set: Vec<(String, Any)>,
    pub(super) template: String,
    pub(super) templates: Vec<String>,
    pub(super) document_index: Option<i64>,
    pub(super) selector: Option<Selector>,
    pub(super) release: Release,
    pub(super) chart: ChartFields,
    pub(super) capabilities: CapabilityFields,
    /// None for an empty item of the list.
    pub(super) assertions: Vec<Option<Assertion>>,
    pub(super) skip_reason: String,
    pub(super) provider: Provider,
    pub(super) post_renderer: PostRenderer,
}

const SUITE: &str = "unittest.TestSuite";
const JOB: &str = "unittest.TestJob";
const SUITE_KEYS: &[&str] = &[
    "suite",
    "values",
    "set",
    "templates",
    "excludeTemplates",
    "includeCrds",
    "release",
    "chart",
    "capabilities",
    "kubernetesProvider",
    "postRenderer",
    "tests",
    "snapshotId",
    "skip",
];
const JOB_KEYS: &[&str] = &[
    "it",
    "values",
    "set",
    "template",
    "templates",
    "documentIndex",
    "documentindices",
    "documentSelector",
    "release",
    "chart",
    "capabilities",
    "asserts",
    "skip",
    "kubernetesProvider",
    "postRenderer",
];

/// Where a suite comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    pub(super) route: &'a str,
    /// Whether the text was rendered, which makes a name necessary.
    pub(super) rendered: bool,
}

impl Suite {
    /// Reads one suite; none for a text that holds nothing. `values` are appended to its list of
    /// values files.
    ///
    /// Errors: what is wrong with the text, as helm-unittest words it.
    pub(super) fn parse(
        text: &str,
        place: Place<'_>,
        strict: bool,
        values: &[String],
    ) -> Result<Option<Suite>, String> {
        let document = match read_first(text) {
            Err(error) if error.contains("unknown escape character") => {
                read_first(&double_backslashes(text)).map_err(|_| error)?
            }
            read => read?,
        };
        let Some(document) = document else { return Ok(None) };
        let mut decoder = Decoder::new(strict);
        let mut suite = Suite::decode(&document, &mut decoder)?;
        decoder.finish()?;
        suite.file = place.file.to_owned();
        suite.route = place.route.to_owned();
        suite.validate(place.rendered)?;
        suite.values.extend_from_slice(values);
        suite.complete_jobs();
        Ok(Some(suite))
    }

    fn decode(document: &Any, decoder: &mut Decoder) -> Result<Suite, String> {
        let mut suite = Suite::default();
        for entry in decoder.fields(document, 1, SUITE, SUITE_KEYS) {
            match entry.key.as_str().unwrap_or_default() {
                "suite" => suite.name = decoder.text(entry),
                "values" => suite.values = decoder.texts(entry).unwrap_or_default(),
                "set" => suite.set = set_paths(decoder, entry),
                "templates" => suite.templates = decoder.texts(entry).unwrap_or_default(),
                "excludeTemplates" => {
                    suite.exclude_templates = decoder.texts(entry).unwrap_or_default();
                }
                "includeCrds" => suite.include_crds = decoder.switch(entry),
                "release" => suite.release = release(decoder, entry),
                "chart" => suite.chart = chart(decoder, entry),
                "capabilities" => suite.capabilities = suite_capabilities(decoder, entry),
                "kubernetesProvider" => suite.provider = Provider::decode(decoder, entry),
                "postRenderer" => suite.post_renderer = post_renderer(decoder, entry),
                "snapshotId" => suite.snapshot_id = decoder.text(entry),
                "skip" => {
                    let known = ["reason", "minimumVersion"];
                    for inner in decoder.fields(&entry.value, entry.line, "struct", &known) {
                        match inner.key.as_str() {
                            Some("reason") => suite.skip_reason = decoder.text(inner),
                            Some("minimumVersion") => {
                                let wanted = decoder.text(inner);
                                if let Some(reason) = too_old(&wanted) {
                                    suite.skip_reason = reason;
                                }
                            }
                            _ => {}
                        }
                    }
                }
                "tests" => {
                    for item in decoder.list(entry, "[]*unittest.TestJob").unwrap_or_default() {
                        suite.jobs.push(Job::decode(item, entry.line, decoder)?);
                    }
                }
                _ => {}
            }
        }
        Ok(suite)
    }

    fn validate(&self, rendered: bool) -> Result<(), String> {
        if self.jobs.is_empty() {
            return Err("no tests found".into());
        }
        if rendered && self.name.is_empty() {
            return Err("helm chart based test suites must include `suite` field".into());
        }
        if self.jobs.iter().any(|job| job.assertions.is_empty()) {
            return Err("no asserts found".into());
        }
        Ok(())
    }

    /// Fills in what the suite says for all jobs. An empty field of a job takes the suite's.
    fn complete_jobs(&mut self) {
        for job in &mut self.jobs {
            if !self.skip_reason.is_empty() {
                job.skip_reason.clone_from(&self.skip_reason);
            }
            let or = |own: &mut String, suites: &String| {
                if own.is_empty() {
                    own.clone_from(suites);
                }
            };
            or(&mut job.release.name, &self.release.name);
            or(&mut job.release.namespace, &self.release.namespace);
            if job.release.revision == 0 {
                job.release.revision = self.release.revision;
            }
            job.release.upgrade |= self.release.upgrade;
            or(&mut job.chart.version, &self.chart.version);
            or(&mut job.chart.app_version, &self.chart.app_version);
            or(&mut job.capabilities.major, &self.capabilities.major);
            or(&mut job.capabilities.minor, &self.capabilities.minor);
            if let Some(own) = &mut job.capabilities.api_versions {
                own.extend_from_slice(
                    self.capabilities.api_versions.as_deref().unwrap_or_default(),
                );
            }
            job.provider.add(&self.provider);
            job.values.splice(0..0, self.values.iter().cloned());
            if job.post_renderer.command.is_empty() {
                job.post_renderer.clone_from(&self.post_renderer);
            }
        }
    }

    /// The name of the snapshot file's suite file: with the snapshot id, if there is one.
    pub(super) fn snapshot_file(&self) -> String {
        if self.snapshot_id.is_empty() {
            return self.file.clone();
        }
        format!("{}_{}", self.file, self.snapshot_id)
    }
}

impl Job {
    fn decode(value: &Any, line: usize, decoder: &mut Decoder) -> Result<Job, String> {
        let mut job = Job::default();
        job.capabilities.api_versions = Some(Vec::new());
        for entry in decoder.fields(value, line, JOB, JOB_KEYS) {
            match entry.key.as_str().unwrap_or_default() {
                "it" => job.name = decoder.text(entry),
                "values" => job.values = decoder.texts(entry).unwrap_or_default(),
                "set" => job.set = set_paths(decoder, entry),
                "template" => job.template = decoder.text(entry),
                "templates" => job.templates = decoder.texts(entry).unwrap_or_default(),
                "documentIndex" => job.document_index = decoder.int(entry),
                "documentSelector" => job.selector = Selector::decode(decoder, entry),
                "release" => job.release = release(decoder, entry),
                "chart" => job.chart = chart(decoder, entry),
                "capabilities" => {
                    if let Some(map) = decoder.map(entry, "unittest.CapabilitiesFields") {
                        job.capabilities = job_capabilities(map);
                    }
                }
                "asserts" => {
                    for item in decoder.list(entry, "[]*unittest.Assertion").unwrap_or_default() {
                        job.assertions.push(match item {
                            Any::Null => None,
                            item => Some(Assertion::decode(item)?),
                        });
                    }
                }
                "skip" => {
                    for inner in decoder.fields(&entry.value, entry.line, "struct", &["reason"]) {
                        if inner.key.as_str() == Some("reason") {
                            job.skip_reason = decoder.text(inner);
                        }
                    }
                }
                "kubernetesProvider" => job.provider = Provider::decode(decoder, entry),
                "postRenderer" => job.post_renderer = post_renderer(decoder, entry),
                _ => {}
            }
        }
        Ok(job)
    }
}

fn set_paths(decoder: &mut Decoder, entry: &Entry) -> Vec<(String, Any)> {
    let map = decoder.map(entry, "map[string]interface {}");
    let entries = map.map(AnyMap::entries).unwrap_or_default();
    let named = entries.iter().filter_map(|entry| {
        let path = entry.key.scalar_text()?.into_owned();
        Some((path, entry.value.clone()))
    });
    named.collect()
}

fn release(decoder: &mut Decoder, entry: &Entry) -> Release {
    let mut release = Release::default();
    let known = ["name", "namespace", "revision", "upgrade"];
    for entry in decoder.fields(&entry.value, entry.line, "struct", &known) {
        match entry.key.as_str() {
            Some("name") => release.name = decoder.text(entry),
            Some("namespace") => release.namespace = decoder.text(entry),
            Some("revision") => release.revision = decoder.int(entry).unwrap_or_default(),
            Some("upgrade") => release.upgrade = decoder.switch(entry),
            _ => {}
        }
    }
    release
}

fn chart(decoder: &mut Decoder, entry: &Entry) -> ChartFields {
    let mut chart = ChartFields::default();
    for entry in decoder.fields(&entry.value, entry.line, "struct", &["version", "appVersion"]) {
        match entry.key.as_str() {
            Some("version") => chart.version = decoder.text(entry),
            Some("appVersion") => chart.app_version = decoder.text(entry),
            _ => {}
        }
    }
    chart
}

fn suite_capabilities(decoder: &mut Decoder, entry: &Entry) -> CapabilityFields {
    let mut capabilities = CapabilityFields::default();
    let known = ["majorVersion", "minorVersion", "apiVersions"];
    for entry in decoder.fields(&entry.value, entry.line, "struct", &known) {
        match entry.key.as_str() {
            Some("majorVersion") => capabilities.major = decoder.text(entry),
            Some("minorVersion") => capabilities.minor = decoder.text(entry),
            Some("apiVersions") => capabilities.api_versions = decoder.texts(entry),
            _ => {}
        }
    }
    capabilities
}

/// A job's capabilities, which are read loosely; an unset `apiVersions` keeps the suite's list
/// out.
fn job_capabilities(map: &AnyMap) -> CapabilityFields {
    let version = |name| match map.get(name) {
        Some(Any::Str(text)) => text.to_string(),
        Some(Any::Int(number)) => number.to_string(),
        _ => String::new(),
    };
    CapabilityFields {
        major: version("majorVersion"),
        minor: version("minorVersion"),
        api_versions: match map.get("apiVersions") {
            None => Some(Vec::new()),
            Some(Any::List(items)) => {
                Some(items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
            }
            Some(_) => None,
        },
    }
}

fn post_renderer(decoder: &mut Decoder, entry: &Entry) -> PostRenderer {
    let mut renderer = PostRenderer::default();
    let known = ["cmd", "args"];
    let ty = "unittest.PostRendererConfig";
    for entry in decoder.fields(&entry.value, entry.line, ty, &known) {
        match entry.key.as_str() {
            Some("cmd") => renderer.command = decoder.text(entry),
            Some("args") => renderer.arguments = decoder.texts(entry).unwrap_or_default(),
            _ => {}
        }
    }
    renderer
}

/// Why a suite that wants a version is skipped, if it is.
fn too_old(wanted: &str) -> Option<String> {
    if wanted.is_empty() {
        return None;
    }
    let own = Version::parse(FORMAT_VERSION);
    let enough = match (Version::parse(wanted), own) {
        (Ok(wanted), Ok(own)) => own.compare(&wanted).is_ge(),
        _ => false,
    };
    (!enough).then(|| {
        format!(
            "Test suite requires minimum unittest plugin version {wanted}, but current version is \
             {FORMAT_VERSION}"
        )
    })
}

/// A text in which every run of backslashes has an even length.
fn double_backslashes(text: &str) -> String {
    let mut doubled = String::with_capacity(text.len() + 16);
    let mut run = 0;
    for c in text.chars() {
        if c != '\\' && run % 2 == 1 {
            doubled.push('\\');
        }
        run = if c == '\\' { run + 1 } else { 0 };
        doubled.push(c);
    }
    if run % 2 == 1 {
        doubled.push('\\');
    }
    doubled
}
