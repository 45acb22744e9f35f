//! Charts on disk and in archives.
//!
//! A chart is its metadata, its files by role, its own values and the charts below it. Loading
//! says nothing of rendering; [`deps`] prunes and renames subcharts by the values of a job.
//! Blind to templates and the command line.

pub mod archive;
pub mod custom;
pub mod deps;
mod encode;
pub mod ignore;
pub mod load;
pub mod meta;
pub mod shipped;
pub mod skeleton;
pub(crate) mod version;

use bytes::Bytes;

use crate::diag::{Fault, FaultKind, Result};
use crate::doc::Doc;

pub use meta::{Dependency, ImportValue, Lock, Maintainer, Metadata};

/// A file of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Path below the root of the chart, with slashes.
    pub name: String,
    /// Its bytes.
    pub data: Bytes,
}

/// A custom resource definition of a chart.
#[derive(Clone, Debug)]
pub struct Crd<'a> {
    /// Full name: path of the chart in the tree and of the file in the chart.
    pub name: String,
    /// The file.
    pub file: &'a File,
}

/// A chart and the charts below it.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// The fields of Chart.yaml.
    pub metadata: Metadata,
    /// Everything that was read, in order, as `helm show` and packaging want it.
    pub raw: Vec<File>,
    /// What templates reach as `.Files`.
    pub files: Vec<File>,
    /// The files below `templates/`.
    pub templates: Vec<File>,
    /// Full name in the tree of charts, as in template names: `parent/charts/child`. Helm keeps
    /// the old one for charts far below an alias, so it may differ from where the chart hangs.
    pub path: String,
    /// The chart's own values; dependency processing adds imported ones.
    pub values: Doc,
    /// The values of `values.yaml` alone.
    pub defaults: Doc,
    /// `values.yaml` as it was read.
    pub raw_values: Option<Bytes>,
    /// `values.schema.json` as it was read.
    pub schema: Option<Bytes>,
    /// The lock file.
    pub lock: Option<Lock>,
    /// The charts below this one.
    pub dependencies: Vec<Chart>,
}

impl Chart {
    /// The name: that of Chart.yaml, or the alias after dependency processing.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// The custom resource definitions of this chart and those below, in Helm's order.
    pub fn crds(&self) -> Vec<Crd<'_>> {
        let mut found = Vec::new();
        self.collect_crds(&mut found);
        found
    }

    fn collect_crds<'a>(&'a self, found: &mut Vec<Crd<'a>>) {
        let is_manifest = |name: &str| {
            let extension = name.rsplit('/').next().and_then(|base| base.rsplit_once('.'));
            extension.is_some_and(|(_, extension)| {
                ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
            })
        };
        for file in &self.files {
            if file.name.starts_with("crds/") && is_manifest(&file.name) {
                found.push(Crd { name: format!("{}/{}", self.path, file.name), file });
            }
        }
        for child in &self.dependencies {
            child.collect_crds(found);
        }
    }

    /// Refuses library charts, which cannot be rendered by themselves.
    pub fn check_installable(&self) -> Result<()> {
        match self.metadata.kind.as_str() {
            "" | "application" => Ok(()),
            kind => Err(Fault::new(FaultKind::Chart, format!("{kind} charts are not installable"))),
        }
    }

    /// The charts that Chart.yaml lists and that are not there.
    pub fn missing_dependencies(&self) -> Vec<&str> {
        let declared = self.metadata.dependencies.as_deref().unwrap_or_default();
        declared
            .iter()
            .map(|dependency| dependency.name.as_str())
            .filter(|name| !self.dependencies.iter().any(|chart| chart.name() == *name))
            .collect()
    }

    /// Fails when Chart.yaml lists charts that are not there.
    pub fn check_dependencies(&self) -> Result<()> {
        let missing = self.missing_dependencies();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Fault::new(
            FaultKind::Chart,
            format!(
                "an error occurred while checking for chart dependencies. You may need to run \
                 'helm dependency build' to fetch missing dependencies: found in Chart.yaml, but \
                 missing in charts/ directory: {}",
                missing.join(", ")
            ),
        ))
    }
}
