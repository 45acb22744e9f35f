//! Which suites a chart has: its files, those of the charts below it, and rendered ones.

use std::path::Path;

use super::Options;
use super::document::{parts, read_values};
use super::glob::glob;
use super::result::SuiteResult;
use super::suite::{Place, Suite};
use crate::chart::load::{absolute, load};
use crate::chart::{Chart, Dependency};
use crate::doc::{Doc, DocMap};
use crate::golang::filepath;
use crate::host::Host;
use crate::render::capabilities::Capabilities;
use crate::render::{self, Release};
use crate::source::Sources;
use crate::yaml::any::Any;

/// What was found for a chart.
#[derive(Default)]
pub(super) struct Found {
    pub(super) suites: Vec<Suite>,
    /// Files that could not be read.
    pub(super) unreadable: Vec<SuiteResult>,
    pub(super) warnings: Vec<String>,
}

/// A search through a tree of charts.
pub(super) struct Search<'a> {
    pub(super) host: &'a dyn Host,
    pub(super) sources: &'a Sources,
    pub(super) options: &'a Options,
    /// `--values`, absolute.
    values: Vec<String>,
    found: Found,
}

/// Finds the suites of a chart and, where wanted, of the charts below it.
///
/// Errors: what keeps the chart's own suites from being read; the suites read before and the
/// unreadable file come with it.
pub(super) fn discover(
    host: &dyn Host,
    sources: &Sources,
    options: &Options,
    chart: &Chart,
    path: &str,
) -> (Found, Result<(), String>) {
    let mut search = Search { host, sources, options, values: Vec::new(), found: Found::default() };
    let done = values_files(host, &options.values_files).and_then(|values| {
        search.values = values;
        search.chart(chart, path, chart.name(), None)
    });
    (search.found, done)
}

/// The files of patterns, absolute.
fn values_files(host: &dyn Host, patterns: &[String]) -> Result<Vec<String>, String> {
    let mut files = Vec::new();
    for pattern in compacted(patterns) {
        let found =
            if pattern.starts_with('/') { vec![pattern.clone()] } else { glob(host, pattern)? };
        for file in found {
            let path =
                absolute(host, Path::new(&file)).map_err(|fault| fault.message().to_owned())?;
            files.push(path.to_string_lossy().into_owned());
        }
    }
    Ok(files)
}

/// Patterns without those that repeat the one before.
fn compacted(patterns: &[String]) -> Vec<&String> {
    let mut kept: Vec<&String> = Vec::new();
    for pattern in patterns {
        if kept.last() != Some(&pattern) {
            kept.push(pattern);
        }
    }
    kept
}

impl Search<'_> {
    /// `merged` are the root's values for conditions and tags, once they are known.
    fn chart(
        &mut self,
        chart: &Chart,
        path: &str,
        route: &str,
        merged: Option<&Any>,
    ) -> Result<(), String> {
        self.own_suites(path, route)?;
        if !self.options.with_subcharts || chart.dependencies.is_empty() {
            return Ok(());
        }
        let owned;
        let merged = match merged {
            Some(merged) => Some(merged),
            None => match self.merged_values(chart, path) {
                Ok(values) => {
                    owned = values;
                    Some(&owned)
                }
                Err(why) => {
                    self.found.warnings.push(format!(
                        "level=WARN msg=\"failed to merge values for the conditions of charts \
                         below; the tests of all of them are run\" error={}",
                        crate::diag::log::field(&why)
                    ));
                    None
                }
            },
        };
        for child in &chart.dependencies {
            if merged.is_some_and(|values| !is_enabled(chart, child, values)) {
                continue;
            }
            let child_path = filepath::join(path, &format!("charts/{}", child.name()));
            let child_route = format!("{route}/charts/{}", child.name());
            let suites = self.found.suites.len();
            if let Err(why) = self.chart(child, &child_path, &child_route, merged) {
                self.found.suites.truncate(suites);
                self.found.warnings.push(format!(
                    "level=WARN msg=\"failed to get test suites of a chart below\" chart={} error={}",
                    crate::diag::log::field(child.name()),
                    crate::diag::log::field(&why)
                ));
            }
        }
        Ok(())
    }

    fn own_suites(&mut self, path: &str, route: &str) -> Result<(), String> {
        let base = format!("{path}/");
        let mut files = Vec::new();
        for pattern in compacted(&self.options.files) {
            if pattern.starts_with('/') {
                files.push(pattern.clone());
            } else if pattern.contains(&base) {
                files.extend(glob(self.host, pattern)?);
            } else {
                files.extend(glob(self.host, &filepath::join(path, pattern))?);
            }
        }
        let rendered = self.rendered_suites(path, route)?;
        for file in files {
            if let Err(why) = self.suite_file(&file, route) {
                let unreadable =
                    SuiteResult { file, error: Some(why.clone()), ..SuiteResult::default() };
                self.found.unreadable.push(unreadable);
                return Err(why);
            }
        }
        self.found.suites.extend(rendered);
        Ok(())
    }

    fn suite_file(&mut self, file: &str, route: &str) -> Result<(), String> {
        let path = Path::new(file);
        let bytes =
            self.host.read(path).map_err(|error| crate::diag::io::read_error(path, &error))?;
        let text = String::from_utf8_lossy(&bytes);
        let shown = relative(self.host, file)?;
        let place = Place { file: &shown, route, rendered: false };
        for part in parts(&text) {
            if part.trim().is_empty() {
                continue;
            }
            let suite = Suite::parse(part, place, self.options.strict, &self.values)?;
            self.found.suites.extend(suite);
        }
        Ok(())
    }

    /// `--chart-tests-path`: every document that this chart renders is a suite.
    fn rendered_suites(&self, path: &str, route: &str) -> Result<Vec<Suite>, String> {
        let below = &self.options.chart_tests_path;
        if below.is_empty() {
            return Ok(Vec::new());
        }
        let folder = filepath::join(path, below);
        if self.host.stat(Path::new(&folder), true).is_err() {
            return Ok(Vec::new());
        }
        let plain = |fault: crate::diag::Fault| fault.message().to_owned();
        let mut log = Vec::new();
        let mut chart =
            load(self.host, self.sources, Path::new(&folder), &mut log).map_err(plain)?;
        let nothing = Doc::map(DocMap::default());
        let composed = crate::values::compose(&mut chart, &nothing, &mut log).map_err(plain)?;
        let definitions = &crate::typed::Definitions;
        crate::values::schema::validate(&chart, &composed.values, definitions, &mut log)
            .map_err(plain)?;
        let job = render::Job {
            release: Release {
                name: "TEST-SUITE-RELEASE".into(),
                namespace: "NAMESPACE".into(),
                revision: 1,
                is_upgrade: false,
                is_install: false,
            },
            capabilities: Capabilities::default(),
            options: self.options.render.clone(),
        };
        let mut files = render::render(self.host, self.sources, &chart, &composed, &job, &mut log)
            .map_err(plain)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut suites = Vec::new();
        let mut errors = Vec::new();
        for file in files {
            let text = String::from_utf8_lossy(&file.text);
            let name = file.path.replacen(chart.name(), "", 1);
            let shown = relative(self.host, &filepath::join(&folder, &name))?;
            let place = Place { file: &shown, route, rendered: true };
            let before = suites.len();
            let filled = parts(&text).into_iter().filter(|part| !part.trim().is_empty());
            for (number, part) in filled.enumerate() {
                match Suite::parse(part, place, self.options.strict, &self.values) {
                    Ok(Some(mut suite)) => {
                        if suite.snapshot_id.is_empty() {
                            suite.snapshot_id = number.to_string();
                        }
                        suites.push(suite);
                    }
                    Ok(None) => {}
                    Err(why) => errors.push(format!(
                        "test suite template ({}) error: chart {number} error: {why}",
                        file.path
                    )),
                }
            }
            if suites.len() == before {
                errors.push(format!(
                    "test suite template ({}) file did not render a manifest",
                    file.path
                ));
            }
        }
        if errors.is_empty() { Ok(suites) } else { Err(errors.join("\n")) }
    }

    /// The values that decide which charts below take part: the chart's own and `--values`.
    fn merged_values(&self, chart: &Chart, path: &str) -> Result<Any, String> {
        let mut merged = match &chart.raw_values {
            Some(text) => read_values(&String::from_utf8_lossy(text))?,
            None => Any::map([]),
        };
        for file in &self.options.values_files {
            let full =
                if file.starts_with('/') { file.clone() } else { filepath::join(path, file) };
            let bytes = self.host.read(Path::new(&full)).map_err(|error| {
                let why = crate::diag::io::read_error(Path::new(&full), &error);
                format!("failed to read values file {file}: {why}")
            })?;
            let values = read_values(&String::from_utf8_lossy(&bytes))
                .map_err(|why| format!("failed to parse values file {file}: {why}"))?;
            merged = merged_over(&merged, &values);
        }
        Ok(merged)
    }
}

/// One map laid over another.
fn merged_over(under: &Any, over: &Any) -> Any {
    let (Some(below), Some(above)) = (under.as_text_map(), over.as_text_map()) else {
        return over.clone();
    };
    let kept = below.entries().iter().filter_map(|entry| {
        let key = entry.key.as_str()?;
        above.get(key).is_none().then(|| (key, entry.value.clone()))
    });
    let laid = above.entries().iter().filter_map(|entry| {
        let key = entry.key.as_str()?;
        let value =
            below.get(key).map_or_else(|| entry.value.clone(), |it| merged_over(it, &entry.value));
        Some((key, value))
    });
    Any::map(kept.chain(laid))
}

/// Whether the suites of a chart below are run: a single condition first, then tags.
fn is_enabled(parent: &Chart, child: &Chart, values: &Any) -> bool {
    let declared = parent.metadata.dependencies.as_deref().unwrap_or_default();
    let named = |dependency: &&Dependency| {
        let name = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
        name == child.name()
    };
    let Some(dependency) = declared.iter().find(named) else { return true };
    if !dependency.condition.is_empty() {
        let found = dependency.condition.split('.').try_fold(values, |value, part| value.get(part));
        return found != Some(&Any::Bool(false));
    }
    if dependency.tags.is_empty() {
        return true;
    }
    let Some(tags) = values.get("tags").filter(|tags| tags.as_map().is_some()) else { return true };
    dependency.tags.iter().any(|tag| tags.get(tag) == Some(&Any::Bool(true)))
}

/// A path relative to the working directory.
fn relative(host: &dyn Host, path: &str) -> Result<String, String> {
    let text = |fault: crate::diag::Fault| fault.message().to_owned();
    let here = absolute(host, Path::new(".")).map_err(text)?;
    let there = absolute(host, Path::new(path)).map_err(text)?;
    let common = here.components().zip(there.components()).take_while(|(a, b)| a == b).count();
    let up = here.components().skip(common).map(|_| "..".to_owned());
    let down = there.components().skip(common);
    let down = down.map(|part| part.as_os_str().to_string_lossy().into_owned());
    Ok(up.chain(down).collect::<Vec<_>>().join("/"))
}
