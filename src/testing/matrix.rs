//! The test matrix of a chart: which cases are rendered, and what need not agree.
//!
//! It stands in `tests/matrix.yaml`. Without one there is a case for the chart's own values and
//! one for each file of `ci/*-values.yaml` and `values/*.yaml`.

use std::path::{Path, PathBuf};

use bytes::Bytes;

use serde::Deserialize;

use crate::diff::mask::{self, Mask};
use crate::doc::decode::decode;
use crate::golang::filepath;
use crate::host::Host;
use crate::kube::finding::Level;
use crate::kube::target;
use crate::source::{SourceKind, Sources};
use crate::unittest::glob::glob;

/// Where the matrix stands below the chart.
pub const FILE: &str = "tests/matrix.yaml";

/// Values files when the matrix names none.
const DEFAULT_VALUES: [&str; 2] = ["ci/*-values.yaml", "values/*.yaml"];

/// The name of the case with the chart's own values.
const DEFAULTS: &str = "defaults";

/// A render that is compared with a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// Its name, which is also that of its snapshot.
    pub name: String,
    /// Values files.
    pub values: Vec<String>,
    /// `path=value` pairs over them.
    pub set: Vec<String>,
    /// Kubernetes version; none for the newest.
    pub kube_version: Option<String>,
    /// API versions on top of the default ones.
    pub api_versions: Vec<String>,
    /// Release name.
    pub release: Option<String>,
    /// Namespace of the release.
    pub namespace: Option<String>,
    /// Text of the error with which it must fail.
    pub fails: Option<String>,
}

impl Case {
    /// Whether it renders nothing but the chart's own values, as every chart's first case does.
    pub fn is_defaults(&self) -> bool {
        self.name.split('@').next() == Some(DEFAULTS)
            && self.values.is_empty()
            && self.set.is_empty()
    }
}

/// All cases of a chart.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The cases, in the order of the matrix.
    pub cases: Vec<Case>,
    /// Fields that need not agree with the snapshots.
    pub masks: Vec<Mask>,
    /// Folder of the snapshots.
    pub snapshots: PathBuf,
    /// How much is checked against the Kubernetes API; none for nothing.
    pub level: Option<Level>,
}

impl Plan {
    /// The file of a case's snapshot.
    pub fn snapshot(&self, case: &Case) -> PathBuf {
        self.snapshots.join(format!("{}.yaml", case.name))
    }

    /// Names of the files beside the snapshots that belong to no case.
    pub fn orphans(&self, host: &dyn Host) -> Vec<String> {
        let names = host.read_dir(&self.snapshots).unwrap_or_default();
        let names = names.into_iter().map(|name| name.to_string_lossy().into_owned());
        names
            .filter(|name| {
                let case = name.strip_suffix(".yaml");
                case.is_some_and(|case| self.cases.iter().all(|it| it.name != case))
            })
            .collect()
    }
}

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct File {
    defaults: Option<bool>,
    values: Option<Vec<String>>,
    kube_versions: Vec<String>,
    api_versions: Vec<String>,
    release: Option<String>,
    namespace: Option<String>,
    snapshots: Option<String>,
    mask: Vec<String>,
    validate: Option<Validate>,
    cases: Vec<Named>,
}

/// A case that is written out.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Named {
    name: String,
    values: Vec<String>,
    set: Vec<String>,
    kube_versions: Vec<String>,
    api_versions: Vec<String>,
    release: Option<String>,
    namespace: Option<String>,
    fails: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Validate {
    Off,
    Schema,
    Strict,
    Full,
}

/// Reads the matrix of a chart folder, or makes the one of a chart without.
///
/// # Errors
/// A matrix that is none, with place; files that are not there; two cases of one name.
pub fn plan(host: &dyn Host, chart: &Path) -> Result<Plan, String> {
    let path = chart.join(FILE);
    let file = if host.stat(&path, true).is_ok() { read(host, &path)? } else { File::default() };
    let mut cases = Vec::new();
    if file.defaults != Some(false) {
        cases.push(Named { name: DEFAULTS.to_owned(), ..Named::default() });
    }
    let patterns: Vec<&str> = match &file.values {
        Some(patterns) => patterns.iter().map(String::as_str).collect(),
        None => DEFAULT_VALUES.to_vec(),
    };
    for pattern in patterns {
        let found =
            glob(host, &below(chart, pattern)).map_err(|why| format!("{pattern}: {why}"))?;
        if found.is_empty() && file.values.is_some() {
            return Err(format!("{}: values: no file is named {pattern}", path.display()));
        }
        for values in found {
            let name = values.rsplit('/').next().unwrap_or(&values);
            let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned();
            cases.push(Named { name, values: vec![values], ..Named::default() });
        }
    }
    for mut named in file.cases {
        named.values = named.values.iter().map(|values| below(chart, values)).collect();
        cases.push(named);
    }
    let versions = file.kube_versions.as_slice();
    let shared = Case {
        api_versions: file.api_versions,
        release: file.release,
        namespace: file.namespace,
        ..Case::default()
    };
    let mut plan = Plan {
        cases: Vec::new(),
        masks: mask::parse_all(&file.mask).map_err(|why| format!("{}: {why}", path.display()))?,
        snapshots: PathBuf::from(below(chart, file.snapshots.as_deref().unwrap_or("snapshots"))),
        level: match file.validate {
            Some(Validate::Off) => None,
            Some(Validate::Schema) => Some(Level::Schema),
            Some(Validate::Strict) => Some(Level::Strict),
            Some(Validate::Full) | None => Some(Level::Full),
        },
    };
    for named in cases {
        expand(named, versions, &shared, &mut plan.cases)
            .map_err(|why| format!("{}: {why}", path.display()))?;
    }
    Ok(plan)
}

fn read(host: &dyn Host, path: &Path) -> Result<File, String> {
    let text = host.read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let text = Bytes::from(text);
    let sources = Sources::new();
    let source = sources.add(SourceKind::File, path.to_string_lossy(), text.clone());
    let doc = crate::yaml::read::parse_map(&text, source)
        .map_err(|fault| format!("{}: {}", path.display(), fault.message()))?;
    decode(&doc).map_err(|problems| {
        crate::models::report("test matrix", &problems, &sources).message().to_owned()
    })
}

fn below(chart: &Path, path: &str) -> String {
    if path.starts_with('/') {
        path.to_owned()
    } else {
        filepath::join(&chart.to_string_lossy(), path)
    }
}

/// A case for each Kubernetes version; with several the version is part of the name.
fn expand(
    named: Named,
    versions: &[String],
    shared: &Case,
    cases: &mut Vec<Case>,
) -> Result<(), String> {
    if named.name.is_empty() || named.name.contains(['/', '\\']) {
        return Err(format!("cases: {:?} is no name for a case and its snapshot", named.name));
    }
    let versions = if named.kube_versions.is_empty() { versions } else { &named.kube_versions };
    for version in versions {
        target::parse(std::slice::from_ref(version))?;
    }
    let base = Case {
        name: named.name,
        values: named.values,
        set: named.set,
        kube_version: None,
        api_versions: [shared.api_versions.clone(), named.api_versions].concat(),
        release: named.release.or_else(|| shared.release.clone()),
        namespace: named.namespace.or_else(|| shared.namespace.clone()),
        fails: named.fails,
    };
    let versioned: Vec<Case> = match versions {
        [] => vec![base],
        [only] => vec![Case { kube_version: Some(only.clone()), ..base }],
        several => {
            let of = |version: &String| Case {
                name: format!("{}@{version}", base.name),
                kube_version: Some(version.clone()),
                ..base.clone()
            };
            several.iter().map(of).collect()
        }
    };
    for case in versioned {
        if cases.iter().any(|known| known.name == case.name) {
            return Err(format!(
                "two cases are named {}: list the files under cases: with names of their own",
                case.name
            ));
        }
        cases.push(case);
    }
    Ok(())
}
