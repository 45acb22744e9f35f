//! `lint`: what is wrong, or not as it should be, with a chart before it is installed.
//!
//! The rules, their order, severities and texts are Helm's; each has a name here, by which
//! `rhumb lint` shows it and lets it be switched. Blind to the command line.

mod chartfile;
mod crds;
mod dependencies;
mod deprecations;
mod mail;
mod names;
mod templates;
mod values;

use std::path::{Path, PathBuf};

use crate::chart::shipped::Shipped;
use crate::diag::io::path_error;
use crate::doc::Doc;
use crate::gotpl::RenderOptions;
use crate::host::{FileKind, Host};
use crate::render::capabilities::KubeVersion;
use crate::{diag, package};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Against a convention, and will likely work.
    Warning,
    /// Will likely not work.
    Error,
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Severity::Info => "INFO",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
        })
    }
}

/// A rule: its name, its severity, and what it says in a word.
#[derive(Debug)]
pub struct Rule {
    /// The name.
    pub name: &'static str,
    /// The severity, unless the user sets another.
    pub severity: Severity,
    /// What it looks for.
    pub about: &'static str,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The name of the rule.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where: a file or folder of the chart, or nothing.
    pub path: String,
    /// What.
    pub text: String,
}

impl std::fmt::Display for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}] {}: {}", self.severity, self.path, self.text)
    }
}

macro_rules! rules {
    ($($ident:ident $name:literal $severity:ident $about:literal;)*) => {
        $(pub(super) static $ident: Rule =
            Rule { name: $name, severity: Severity::$severity, about: $about };)*
        pub(super) static ALL: &[&Rule] = &[$(&$ident),*];
    };
}

/// The rules in the order in which they look.
mod rule {
    use super::{Rule, Severity};

    rules! {
        CHART_FILE "chart-file" Error "Chart.yaml is a file and can be read";
        CHART_STRICT "chart-strict" Warning "Chart.yaml has known fields only, each once";
        CHART_NAME "chart-name" Error "the chart has a name that is no path";
        CHART_API_VERSION "chart-api-version" Error "apiVersion is v1 or v2";
        CHART_VERSION "chart-version" Error "the version is a text that is a version";
        CHART_APP_VERSION "chart-app-version" Error "appVersion is a text";
        CHART_MAINTAINERS "chart-maintainers" Error "maintainers have names, good addresses";
        CHART_SOURCES "chart-sources" Error "sources are addresses";
        CHART_ICON "chart-icon" Info "there is an icon";
        CHART_ICON_URL "chart-icon-url" Error "the icon is an address";
        CHART_TYPE "chart-type" Error "only v2 charts have a type";
        CHART_DEPENDENCIES "chart-dependencies" Error "only v2 charts list dependencies here";
        CHART_SEMVER "chart-semver" Warning "the version is a strict semantic version";
        VALUES_FILE "values-file" Info "there is a values.yaml";
        VALUES "values" Error "the values can be read and fit their schema";
        TEMPLATES_FOLDER "templates-folder" Warning "there is a templates folder";
        TEMPLATES "templates" Error "the chart can be loaded and rendered";
        PRODUCTION "production" Warning "values of shipped charts suit production";
        TEMPLATE_EXTENSION "template-extension" Error "templates are .yaml, .yml, .tpl or .txt";
        MANIFEST_INDENT "manifest-indent" Warning "manifests do not begin indented";
        MANIFEST_YAML "manifest-yaml" Error "manifests are YAML";
        OBJECT_NAME "object-name" Warning "objects have names that Kubernetes takes";
        DEPRECATED_API "deprecated-api" Warning "APIs are not deprecated";
        SELECTOR "selector" Error "workloads select their pods";
        LIST_ANNOTATION "list-annotation" Error "no resource policy where it is not seen";
        LOADABLE "loadable" Error "the chart can be loaded";
        DEPENDENCY_UNLISTED "dependency-unlisted" Error "charts/ holds what Chart.yaml lists";
        DEPENDENCY_TWICE "dependency-twice" Error "dependencies have names of their own";
        DEPENDENCY_MISSING "dependency-missing" Warning "charts/ has all that Chart.yaml lists";
        CRD_FOLDER "crd-folder" Error "crds/ is a folder of a chart";
        CRD_YAML "crd-yaml" Error "definitions are YAML and no templates";
        CRD_KIND "crd-kind" Error "crds/ holds custom resource definitions";
    }
}

/// All rules, in the order in which they look.
pub fn rules() -> &'static [&'static Rule] {
    rule::ALL
}

/// What to lint by.
#[derive(Clone, Debug)]
pub struct Options {
    /// Namespace of the release.
    pub namespace: String,
    /// Kubernetes version, if one was named.
    pub kube_version: Option<KubeVersion>,
    /// Whether schemas are passed over.
    pub skip_schema_validation: bool,
    /// Whether to keep records of what is going on.
    pub debug: bool,
    /// How templates are rendered; lint's own ways are put on top.
    pub render: RenderOptions,
}

/// One run over one chart.
struct Linter<'a> {
    host: &'a dyn Host,
    folder: PathBuf,
    options: &'a Options,
    /// What the user gave, over the chart's values.
    given: &'a Doc,
    /// The same as Helm's rule for values.yaml leaves it behind.
    touched: Option<Doc>,
    is_native: bool,
    messages: Vec<Message>,
    log: &'a mut Vec<String>,
}

impl Linter<'_> {
    /// Takes what a rule found; whether it found nothing.
    fn check(&mut self, rule: &'static Rule, path: &str, found: Result<(), String>) -> bool {
        match found {
            Ok(()) => true,
            Err(text) => {
                let (rule, severity) = (rule.name, rule.severity);
                self.messages.push(Message { rule, severity, path: path.to_string(), text });
                false
            }
        }
    }

    fn kind_of(&self, below: &str) -> Option<FileKind> {
        self.host.stat(&self.folder.join(below), true).ok().map(|stat| stat.kind)
    }
}

/// Lints the chart in a folder, with the user's `values` over its own. `log` receives Helm's records.
///
/// Helm's linter fills the maps among the user's values in from each chart that it looks at, and
/// takes them on to the next; so does this.
///
/// Errors: there is no Chart.yaml, in Helm's words.
pub fn lint(
    host: &dyn Host,
    chart: &str,
    options: &Options,
    values: &mut Doc,
    log: &mut Vec<String>,
) -> Result<Vec<Message>, String> {
    let file = crate::golang::filepath::join(chart, "Chart.yaml");
    if let Err(error) = host.stat(Path::new(&file), true) {
        let why = path_error("stat", Path::new(&file), &error);
        return Err(format!("unable to check Chart.yaml file in chart: {why}"));
    }
    let folder = crate::chart::load::absolute(host, Path::new(chart))
        .map_err(|fault| fault.message().to_string())?;
    let mut linter = Linter {
        host,
        folder,
        options,
        given: values,
        touched: None,
        is_native: false,
        messages: Vec::new(),
        log,
    };
    linter.chartfile();
    linter.values();
    linter.templates();
    linter.dependencies();
    linter.crds();
    let Linter { messages, touched, is_native, .. } = linter;
    if let Some(touched) = touched.filter(|_| !is_native) {
        *values = touched;
    }
    Ok(messages)
}

/// Unpacks an archive for linting into a folder below the temporary one.
///
/// Returns the chart's folder and the one to remove afterwards.
/// Errors: in Helm's words.
pub fn unpack(host: &dyn Host, archive: &str) -> Result<(String, PathBuf), String> {
    let bytes = host.read(Path::new(archive)).map_err(|error| {
        let why = diag::io::read_error(Path::new(archive), &error);
        format!("unable to open tarball: {why}")
    })?;
    let folder = temporary(host)?;
    let unpacked = package::unpack(host, &bytes, &folder);
    match unpacked {
        Ok(chart) => Ok((chart.display().to_string(), folder)),
        Err(why) => {
            // Half of an archive helps nobody.
            let _ = host.remove_dir_all(&folder);
            Err(format!("unable to extract tarball: {why}"))
        }
    }
}

/// Lints a chart that comes with the program, by way of a folder below the temporary one.
///
/// Errors: as [`lint`]; the temporary folder cannot be written.
pub fn lint_shipped(
    host: &dyn Host,
    chart: &Shipped,
    options: &Options,
    values: &mut Doc,
    log: &mut Vec<String>,
) -> Result<Vec<Message>, String> {
    let folder = temporary(host)?;
    let shown = folder.display().to_string();
    let mut found =
        chart.write(host, &folder).and_then(|()| lint(host, &shown, options, values, log));
    // What stays behind is in the way of nobody.
    let _ = host.remove_dir_all(&folder);
    for message in found.iter_mut().flatten() {
        message.text = message.text.replace(&shown, &chart.path().to_string_lossy());
    }
    found
}

/// A folder below the temporary one that is not there yet.
fn temporary(host: &dyn Host) -> Result<PathBuf, String> {
    let mut random = [0; 8];
    host.random(&mut random).map_err(|error| error.to_string())?;
    let name = u64::from_le_bytes(random);
    let above = host.env("TMPDIR").filter(|it| !it.is_empty()).unwrap_or_else(|| "/tmp".into());
    Ok(Path::new(&above).join(format!("helm-lint{name}")))
}
