//! Which subcharts take part, under which names, and what they export to their parents.
//!
//! Tags first, then conditions, then `import-values`. Helm does this before it composes values,
//! with a coalescing pass of its own at each chart, whose warnings are part of its output.
//!
//! Helm copies a chart for every dependency that names it, but only one level deep: charts
//! further below, and the metadata of the level in between, are shared by all copies and change
//! for all of them at once. The working form here is a forest with the same sharing.

use crate::diag::Result;
use crate::diag::log::field;
use crate::doc::{Doc, Node};
use crate::value::from_doc::from_doc;
use crate::value::print;
use crate::values::coalesce::{ChartNode, Values, coalesce_values, merge_values};

use super::version::in_range;
use super::{Chart, Dependency, ImportValue, Metadata};

/// Prunes and renames the charts below `chart` by the values of a user, then takes over the
/// values that children export.
pub fn process(chart: &mut Chart, user: &Doc, log: &mut Vec<String>) -> Result<()> {
    let mut forest = Forest::default();
    let root = forest.plant(std::mem::take(chart), None);
    let done = forest.enable(root, user, "", log).and_then(|()| forest.import_values(root, log));
    *chart = forest.harvest(root);
    done
}

type Id = usize;

/// All charts that were ever part of the tree, and all their copies.
#[derive(Default)]
struct Forest {
    trees: Vec<Tree>,
    /// Metadata by number: copies of a chart may share it.
    metadata: Vec<Metadata>,
}

/// A chart, or a copy of one.
#[derive(Clone)]
struct Tree {
    /// The chart without what stands in the other fields.
    content: Chart,
    metadata: usize,
    values: Doc,
    parent: Option<Id>,
    below: Vec<Id>,
}

/// A chart of the forest as coalescing sees it.
#[derive(Clone, Copy)]
struct TreeRef<'a> {
    forest: &'a Forest,
    id: Id,
}

impl ChartNode for TreeRef<'_> {
    fn name(&self) -> &str {
        self.forest.name(self.id)
    }

    fn values(&self) -> &Doc {
        &self.forest.trees[self.id].values
    }

    fn below(&self) -> Vec<Self> {
        let below = &self.forest.trees[self.id].below;
        below.iter().map(|id| TreeRef { forest: self.forest, id: *id }).collect()
    }
}

impl Forest {
    fn plant(&mut self, mut chart: Chart, parent: Option<Id>) -> Id {
        let below = std::mem::take(&mut chart.dependencies);
        let metadata = self.metadata.len();
        self.metadata.push(std::mem::take(&mut chart.metadata));
        let values = std::mem::take(&mut chart.values);
        let id = self.trees.len();
        self.trees.push(Tree { content: chart, metadata, values, parent, below: Vec::new() });
        let below = below.into_iter().map(|child| self.plant(child, Some(id))).collect();
        self.trees[id].below = below;
        id
    }

    fn harvest(&self, id: Id) -> Chart {
        let tree = &self.trees[id];
        let mut chart = tree.content.clone();
        chart.metadata = self.metadata[tree.metadata].clone();
        chart.values = tree.values.clone();
        chart.path = self.path(id);
        chart.dependencies = tree.below.iter().map(|below| self.harvest(*below)).collect();
        chart
    }

    fn name(&self, id: Id) -> &str {
        &self.metadata[self.trees[id].metadata].name
    }

    fn path(&self, id: Id) -> String {
        match self.trees[id].parent {
            None => self.name(id).to_owned(),
            Some(parent) => format!("{}/charts/{}", self.path(parent), self.name(id)),
        }
    }

    fn metadata_of(&mut self, id: Id) -> &mut Metadata {
        &mut self.metadata[self.trees[id].metadata]
    }

    fn set_below(&mut self, id: Id, below: Vec<Id>) {
        for child in &below {
            self.trees[*child].parent = Some(id);
        }
        self.trees[id].below = below;
    }

    fn fits(&self, dependency: &Dependency, id: Id) -> bool {
        let version = &self.metadata[self.trees[id].metadata].version;
        self.name(id) == dependency.name && in_range(&dependency.version, version)
    }

    /// Copies a chart under a name: itself with its metadata, and the charts directly below.
    fn copy(&mut self, from: Id, alias: &str) -> Id {
        let mut tree = self.trees[from].clone();
        let mut metadata = self.metadata[tree.metadata].clone();
        if !alias.is_empty() {
            alias.clone_into(&mut metadata.name);
        }
        tree.metadata = self.metadata.len();
        self.metadata.push(metadata);
        let below = std::mem::take(&mut tree.below);
        let id = self.trees.len();
        self.trees.push(tree);
        let below = below
            .into_iter()
            .map(|child| {
                let copy = self.trees[child].clone();
                self.trees.push(copy);
                self.trees.len() - 1
            })
            .collect();
        self.set_below(id, below);
        id
    }

    fn enable(&mut self, id: Id, values: &Doc, path: &str, log: &mut Vec<String>) -> Result<()> {
        let Some(mut declared) = self.metadata_of(id).dependencies.take() else { return Ok(()) };
        // Charts that Chart.yaml does not list come first, then the listed ones in its order.
        let known = self.trees[id].below.clone();
        let mut present: Vec<Id> = known
            .iter()
            .copied()
            .filter(|below| !declared.iter().any(|dependency| self.fits(dependency, *below)))
            .collect();
        for dependency in &mut declared {
            if let Some(found) = known.iter().find(|below| self.fits(dependency, **below)) {
                present.push(self.copy(*found, &dependency.alias));
            }
            if !dependency.alias.is_empty() {
                dependency.name.clone_from(&dependency.alias);
            }
            dependency.enabled = true;
        }
        self.set_below(id, present);
        let values = coalesce_values(&TreeRef { forest: self, id }, values, log)?;
        apply_tags(&mut declared, &values, log);
        apply_conditions(&mut declared, &values, path, log);
        let off: Vec<String> = declared
            .iter()
            .filter(|dependency| !dependency.enabled)
            .map(|dependency| dependency.name.clone())
            .collect();
        let kept: Vec<Id> = self.trees[id]
            .below
            .iter()
            .copied()
            .filter(|below| !off.iter().any(|name| name == self.name(*below)))
            .collect();
        for below in &kept {
            let path = format!("{path}{}.", self.name(*below));
            self.enable(*below, &values, &path, log)?;
        }
        declared.retain(|dependency| !off.contains(&dependency.name));
        // An emptied list is the same as none from here on.
        self.metadata_of(id).dependencies = (!declared.is_empty()).then_some(declared);
        self.set_below(id, kept);
        Ok(())
    }

    fn import_values(&mut self, id: Id, log: &mut Vec<String>) -> Result<()> {
        for below in self.trees[id].below.clone() {
            self.import_values(below, log)?;
        }
        let Some(mut declared) = self.metadata_of(id).dependencies.take() else { return Ok(()) };
        let values = merge_values(&TreeRef { forest: self, id }, log)?;
        let mut imported = Values::new();
        for dependency in &mut declared {
            let mut pairs = Vec::new();
            for entry in &dependency.import_values {
                // What another copy has turned into a pair no longer counts.
                let ImportValue::Raw(entry) = entry else { continue };
                let Some((child, parent, missing)) = import_of(entry, &dependency.name) else {
                    continue;
                };
                match values.table(&format!("{}.{child}", dependency.name)) {
                    Ok(table) => imported.merge_under(&table.at_path(&parent), log)?,
                    Err(part) => {
                        let shown = crate::golang::quote::quote(part.as_bytes());
                        let error = field(format!("{shown} is not a table"));
                        log.push(format!("level=WARN {missing} error={error}"));
                    }
                }
                pairs.push(ImportValue::Pair { child, parent });
            }
            dependency.import_values = pairs;
        }
        // What the parent says itself wins over what it imports.
        self.trees[id].values = if imported.is_empty() {
            values.to_doc()?
        } else {
            let mut own = values.deep_copy()?;
            own.merge_under(&imported, log)?;
            own.to_doc()?
        };
        self.metadata_of(id).dependencies = Some(declared);
        Ok(())
    }
}

/// What an entry of `import-values` takes from where to where, and the head of the warning when
/// it is not there.
fn import_of(entry: &Doc, name: &str) -> Option<(String, String, String)> {
    match &entry.node {
        Node::Map(_) => {
            let text = |key| {
                let value = entry.get(key).map_or(crate::value::Value::Nil, from_doc);
                String::from_utf8_lossy(print::sprint(&value).as_bytes()).into_owned()
            };
            let chart = field(name);
            let missing = format!("msg=\"ImportValues missing table from chart\" chart={chart}");
            Some((text("child"), text("parent"), missing))
        }
        Node::Str(text) => {
            let missing = "msg=\"ImportValues missing table\"".to_owned();
            Some((format!("exports.{}", text.to_str_lossy()), ".".to_owned(), missing))
        }
        _ => None,
    }
}

fn apply_tags(declared: &mut [Dependency], values: &Doc, log: &mut Vec<String>) {
    let Some(tags) = values.get("tags").and_then(Doc::as_map) else { return };
    for dependency in declared {
        let (mut is_on, mut is_off) = (false, false);
        for tag in &dependency.tags {
            match tags.get(tag.as_str()).map(|value| &value.node) {
                None => {}
                Some(Node::Bool(true)) => is_on = true,
                Some(Node::Bool(false)) => is_off = true,
                Some(_) => log.push(format!(
                    "level=WARN msg=\"returned non-bool value\" tag={} chart={}",
                    field(tag),
                    field(&dependency.name)
                )),
            }
        }
        dependency.enabled = is_on || !is_off;
    }
}

fn apply_conditions(declared: &mut [Dependency], values: &Doc, path: &str, log: &mut Vec<String>) {
    for dependency in declared {
        let condition = dependency.condition.trim();
        for part in condition.split(',').filter(|part| !part.is_empty()) {
            let Some(value) = path_value(values, &format!("{path}{part}")) else { continue };
            if let Node::Bool(value) = value.node {
                dependency.enabled = value;
                break;
            }
            log.push(format!(
                "level=WARN msg=\"returned non-bool value\" path={} chart={}",
                field(part),
                field(&dependency.name)
            ));
        }
    }
}

/// What stands at the end of a dotted path, unless it is missing or a table.
fn path_value<'a>(values: &'a Doc, path: &str) -> Option<&'a Doc> {
    let found = path.split('.').try_fold(values, |doc, part| doc.get(part))?;
    found.as_map().is_none().then_some(found)
}
