//! The dot: what each template of a chart tree is executed with.
//!
//! One map per chart, shared by its templates; a subchart's `Values` is the parent's table
//! itself, so what one file `set`s the files after it see.

use bytes::Bytes;

use super::Job;
use super::files::Files;
use crate::chart::{Chart, Metadata};
use crate::value::from_doc::{from_doc, from_values};
use crate::value::{List, Map, MapType, Value};
use crate::values::Final;

/// A template and the dot it is executed with.
pub struct Template<'a> {
    /// Full name: `parent/charts/child/templates/x.yaml`.
    pub name: String,
    /// Its text.
    pub text: &'a Bytes,
    /// `.Template.BasePath`.
    pub base_path: String,
    /// The dot, without `Template`; shared by the templates of one chart.
    pub dot: Map,
}

/// The root's `.Values`.
pub fn values(values: &Final) -> Map {
    match from_values(&values.values, &values.shared) {
        Value::Map(map) => map.with_type(MapType::Values),
        _ => Map::typed(MapType::Values),
    }
}

/// Every template of a chart tree with its dot. `values` are those of the root, from [`values`].
pub fn templates<'a>(chart: &'a Chart, values: &Map, job: &Job) -> Vec<Template<'a>> {
    let shared = Shared { release: release(job), capabilities: job.capabilities.to_value() };
    let mut found = Vec::new();
    collect(chart, true, values, &shared, &mut found);
    without_doubles(found)
}

struct Shared {
    release: Value,
    capabilities: Value,
}

fn collect<'a>(
    chart: &'a Chart,
    root: bool,
    values: &Map,
    shared: &Shared,
    found: &mut Vec<Template<'a>>,
) -> Map {
    let dot = Map::typed(MapType::Values);
    let subcharts = Map::new();
    dot.insert("Chart", metadata(&chart.metadata, root));
    dot.insert("Files", Value::object(Files::new(&chart.files)));
    dot.insert("Release", shared.release.clone());
    dot.insert("Capabilities", shared.capabilities.clone());
    dot.insert("Values", Value::Map(values.clone()));
    dot.insert("Subcharts", Value::Map(subcharts.clone()));
    for child in &chart.dependencies {
        let child_values = match values.get(child.name()) {
            Some(Value::Map(map)) => map.with_type(MapType::Values),
            _ => Map::typed(MapType::Values),
        };
        let child_dot = collect(child, false, &child_values, shared, found);
        // A subchart's root object is a plain map when it is reached from its parent.
        subcharts.insert(child.name(), Value::Map(child_dot.with_type(MapType::Interface)));
    }
    for file in &chart.templates {
        // A library chart contributes only its partials.
        let base = file.name.rsplit('/').next().unwrap_or(&file.name);
        if chart.metadata.is_library() && !base.starts_with('_') {
            continue;
        }
        if super::native::is_jinja(&file.name) {
            continue;
        }
        found.push(Template {
            name: crate::golang::filepath::join(&chart.path, &file.name),
            text: &file.data,
            base_path: format!("{}/templates", chart.path),
            dot: dot.clone(),
        });
    }
    dot
}

/// Keeps the last template of each name: below a chart that has two aliases, Helm's names meet.
fn without_doubles(found: Vec<Template<'_>>) -> Vec<Template<'_>> {
    let last: std::collections::HashMap<String, usize> =
        found.iter().enumerate().map(|(at, template)| (template.name.clone(), at)).collect();
    if last.len() == found.len() {
        return found;
    }
    let numbered = found.into_iter().enumerate();
    numbered.filter(|(at, it)| last[&it.name] == *at).map(|(_, template)| template).collect()
}

fn release(job: &Job) -> Value {
    let map = Map::new();
    map.insert("Name", job.release.name.as_str());
    map.insert("Namespace", job.release.namespace.as_str());
    map.insert("IsUpgrade", job.release.is_upgrade);
    map.insert("IsInstall", job.release.is_install);
    map.insert("Revision", Value::int(job.release.revision));
    map.insert("Service", "Helm");
    Value::Map(map)
}

fn strings(items: &[String]) -> Value {
    Value::list(items.iter().map(|item| Value::str(item.as_str())).collect())
}

/// `.Chart`: every field of Chart.yaml by its Go name, present or not.
fn metadata(metadata: &Metadata, root: bool) -> Value {
    let map = Map::new();
    let text = |name: &str, value: &str| map.insert(name, value);
    text("APIVersion", &metadata.api_version);
    text("AppVersion", &metadata.app_version);
    text("Condition", &metadata.condition);
    text("Description", &metadata.description);
    text("Home", &metadata.home);
    text("Icon", &metadata.icon);
    text("KubeVersion", &metadata.kube_version);
    text("Name", &metadata.name);
    text("Tags", &metadata.tags);
    text("Type", &metadata.kind);
    text("Version", &metadata.version);
    let annotations = match &metadata.annotations {
        None => Map::nil(MapType::String),
        Some(pairs) => {
            let map = Map::typed(MapType::String);
            for (key, value) in pairs {
                map.insert(key.as_str(), value.as_str());
            }
            map
        }
    };
    map.insert("Annotations", annotations);
    map.insert("Deprecated", metadata.deprecated);
    map.insert("IsRoot", root);
    map.insert("Keywords", strings(&metadata.keywords));
    map.insert("Sources", strings(&metadata.sources));
    let maintainers = metadata.maintainers.iter().map(|maintainer| {
        let map = Map::new();
        map.insert("Name", maintainer.name.as_str());
        map.insert("Email", maintainer.email.as_str());
        map.insert("URL", maintainer.url.as_str());
        Value::Map(map)
    });
    map.insert("Maintainers", Value::list(maintainers.collect()));
    let dependencies = metadata.dependencies.as_deref().unwrap_or_default().iter().map(dependency);
    map.insert("Dependencies", Value::List(List::new(dependencies.collect())));
    Value::Map(map)
}

fn dependency(dependency: &crate::chart::Dependency) -> Value {
    let map = Map::new();
    map.insert("Name", dependency.name.as_str());
    map.insert("Version", dependency.version.as_str());
    map.insert("Repository", dependency.repository.as_str());
    map.insert("Condition", dependency.condition.as_str());
    map.insert("Tags", strings(&dependency.tags));
    map.insert("Enabled", dependency.enabled);
    map.insert("ImportValues", import_values(&dependency.import_values));
    map.insert("Alias", dependency.alias.as_str());
    Value::Map(map)
}

/// Pairs as dependency processing leaves them are `map[string]string`; others stay as read.
fn import_values(values: &[crate::chart::ImportValue]) -> Value {
    let items = values.iter().map(|value| match value {
        crate::chart::ImportValue::Raw(doc) => from_doc(doc),
        crate::chart::ImportValue::Pair { child, parent } => {
            let map = Map::typed(MapType::String);
            map.insert("child", child.as_str());
            map.insert("parent", parent.as_str());
            Value::Map(map)
        }
    });
    Value::list(items.collect())
}
