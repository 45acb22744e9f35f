//! The coverage of a chart from what its renders have reached.
//!
//! A chart's own templates and values count, those of the charts below do not.

use super::native::is_jinja;
use super::reads;
use crate::chart::Chart;
use crate::coverage::{Coverage, FileCoverage, Hits, Ratio, UnreadValue};
use crate::doc::decode::push_key;
use crate::doc::uses::Uses;
use crate::doc::{Doc, Node};
use crate::golang::filepath::join;
use crate::gotpl::{Parsed, outline};
use crate::source::line_col;

/// How much of a chart its renders have reached. `folder` is the chart's path as people gave it.
///
/// A template that does not parse counts for nothing; renders say what is wrong with it.
pub fn of_chart(chart: &Chart, folder: &str, hits: &Hits) -> Coverage {
    let mut coverage = Coverage {
        chart: chart.name().to_owned(),
        values_file: join(folder, "values.yaml"),
        ..Coverage::default()
    };
    for file in &chart.templates {
        let name = join(&chart.path, &file.name);
        let outline = if is_jinja(&file.name) {
            crate::jinja::outline(&name, &String::from_utf8_lossy(&file.data))
        } else {
            match Parsed::new(&name, file.data.clone()) {
                Ok(parsed) => outline(&name, &parsed),
                Err(_) => continue,
            }
        };
        let base = file.name.rsplit('/').next().unwrap_or(&file.name);
        let is_rendered = !base.starts_with('_') && !chart.metadata.is_library();
        let path = join(folder, &file.name);
        coverage.files.push(FileCoverage::new(path, &name, is_rendered, outline, hits));
    }
    coverage.files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut named = reads::of_chart(chart, &chart.defaults);
    named.join(reads::of_jinja(chart));
    let mut walk = Values { chart, coverage: &mut coverage, path: String::new() };
    let (mut read, decided) = (hits.uses.clone(), decided(chart));
    read.join(decided);
    for (key, value) in chart.defaults.as_map().into_iter().flatten() {
        if !below(chart, key) {
            walk.key(key, value, &[&read], &[&named]);
        }
    }
    coverage
}

/// Whether a key holds the values of a chart below.
fn below(chart: &Chart, key: &str) -> bool {
    let declared = chart.metadata.dependencies.iter().flatten();
    let mut names = declared.flat_map(|it| [it.name.as_str(), it.alias.as_str()]);
    names.any(|name| name == key) || chart.dependencies.iter().any(|it| it.name() == key)
}

/// The values that decide which charts take part.
fn decided(chart: &Chart) -> Uses {
    let mut uses = Uses::default();
    for dependency in chart.metadata.dependencies.iter().flatten() {
        for condition in dependency.condition.split(',').filter(|path| !path.trim().is_empty()) {
            let path: Vec<_> = condition.trim().split('.').map(|key| Some(key.into())).collect();
            uses.note(&path, None, None);
        }
        for tag in &dependency.tags {
            uses.note(&[Some("tags".into()), Some(tag.as_str().into())], None, None);
        }
    }
    uses
}

/// A walk over the values of values.yaml.
struct Values<'a> {
    chart: &'a Chart,
    coverage: &'a mut Coverage,
    path: String,
}

impl Values<'_> {
    /// `read` is what was read of the map around, `named` what templates would read of it.
    fn key(&mut self, key: &str, value: &Doc, read: &[&Uses], named: &[&Uses]) {
        let length = self.path.len();
        push_key(&mut self.path, key);
        let read: Vec<&Uses> = read.iter().flat_map(|uses| uses.below(Some(key))).collect();
        let named_here: Vec<&Uses> = named.iter().flat_map(|uses| uses.below(Some(key))).collect();
        let (leaves, inner) = (leaves(value), value.as_map().filter(|map| !map.is_empty()));
        if read.iter().any(|uses| uses.whole) || (inner.is_none() && !read.is_empty()) {
            self.count(leaves, leaves);
        } else if let Some(map) = inner.filter(|_| !read.is_empty()) {
            for (key, value) in map {
                self.key(key, value, &read, &named_here);
            }
        } else {
            self.count(0, leaves);
            let is_named = !named_here.is_empty() || named.iter().any(|uses| uses.whole);
            let line = self.line(key, value);
            self.coverage.unread.push(UnreadValue { path: self.path.clone(), line, is_named });
        }
        self.path.truncate(length);
    }

    fn count(&mut self, hit: usize, total: usize) {
        let Ratio { hit: hits, total: all } = self.coverage.values;
        self.coverage.values = Ratio { hit: hits + hit, total: all + total };
    }

    /// The line of a key, which stands before its value.
    fn line(&self, key: &str, value: &Doc) -> u32 {
        let text = self.chart.raw_values.as_deref().unwrap_or_default();
        let end = (value.span.start as usize).min(text.len());
        let before = text[..end].windows(key.len().max(1)).rposition(|it| it == key.as_bytes());
        line_col(text, before.unwrap_or(end)).line
    }
}

/// Values that are not maps of others.
fn leaves(value: &Doc) -> usize {
    match &value.node {
        Node::Map(map) if !map.is_empty() => map.values().map(leaves).sum(),
        _ => 1,
    }
}
