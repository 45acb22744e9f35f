//! A values schema drafted from what a chart says elsewhere: its defaults, the comments on them,
//! and what its templates do with each value. Blind to the command line.

mod drift;

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};

use crate::chart::Chart;
use crate::diag::Result;
use crate::doc::uses::{Uses, Way};
use crate::doc::{Doc, DocMap, Node};
use crate::render::{native, reads};
use crate::values::describe;

pub use drift::{Drift, drifts};

/// What the templates of a chart read, Go templates by analysis, Jinja by the paths they name.
pub fn uses_of(chart: &Chart) -> Uses {
    let mut uses = reads::of_chart(chart, &chart.defaults);
    uses.join(reads::of_jinja(chart));
    uses
}

/// Drafts the schema of a chart's values.
///
/// # Errors
/// A values.yaml that cannot be read.
pub fn draft(chart: &Chart) -> Result<Json> {
    let rows = match &chart.raw_values {
        Some(text) => describe::describe(text)?,
        None => Vec::new(),
    };
    let comments = rows.into_iter().map(|row| (row.path, row.text)).collect();
    let uses = uses_of(chart);
    let draft = Draft { comments, is_native: native::is_native(chart) };
    let nothing = DocMap::default();
    let mut properties = draft.properties(chart.defaults.as_map().unwrap_or(&nothing), &uses, "");
    for child in &chart.dependencies {
        let about = format!("Values of the subchart {}.", child.name());
        let entry = json!({"description": about, "type": "object"});
        properties.insert(child.name().to_owned(), entry);
    }
    for dependency in chart.metadata.dependencies.iter().flatten() {
        let name = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
        let about = format!("Values of the subchart {name}.");
        properties.insert(name.clone(), json!({"description": about, "type": "object"}));
    }
    let global = json!({"description": "Values for charts above and below.", "type": "object"});
    properties.entry("global").or_insert(global);
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": format!("Values of {}", chart.name()),
        "type": "object",
        "properties": properties,
    });
    if !uses.whole
        && let Some(map) = schema.as_object_mut()
    {
        map.insert("additionalProperties".to_owned(), false.into());
    }
    Ok(schema)
}

struct Draft {
    comments: HashMap<String, String>,
    is_native: bool,
}

/// Keys under which charts keep parts of Kubernetes objects, and the definitions of these.
const DEFINITIONS: [(&str, &str); 9] = [
    ("affinity", "io.k8s.api.core.v1.Affinity"),
    ("resources", "io.k8s.api.core.v1.ResourceRequirements"),
    ("podSecurityContext", "io.k8s.api.core.v1.PodSecurityContext"),
    ("securityContext", "io.k8s.api.core.v1.SecurityContext"),
    ("livenessProbe", "io.k8s.api.core.v1.Probe"),
    ("readinessProbe", "io.k8s.api.core.v1.Probe"),
    ("startupProbe", "io.k8s.api.core.v1.Probe"),
    ("lifecycle", "io.k8s.api.core.v1.Lifecycle"),
    ("strategy", "io.k8s.api.apps.v1.DeploymentStrategy"),
];

impl Draft {
    fn properties(&self, defaults: &DocMap, uses: &Uses, path: &str) -> Map<String, Json> {
        let mut properties = Map::new();
        for (key, default) in defaults {
            let below = joined(path, key);
            let uses = uses.below(Some(key)).cloned().reduce(|mut all, more| {
                all.join(more);
                all
            });
            let schema = self.value(key, default, &uses.unwrap_or_default(), &below);
            properties.insert(key.to_string(), schema);
        }
        for (key, uses) in &uses.keys {
            if !properties.contains_key(&**key) && key.parse::<usize>().is_err() {
                properties.insert(key.to_string(), self.unknown(uses));
            }
        }
        properties
    }

    /// The schema of a value that has a default.
    fn value(&self, key: &str, default: &Doc, uses: &Uses, path: &str) -> Json {
        let mut schema = Map::new();
        if let Some(text) = self.comments.get(path).filter(|text| !text.is_empty()) {
            schema.insert("description".to_owned(), json!(text));
        }
        let definition = DEFINITIONS.iter().find(|(name, _)| *name == key);
        if let (true, Some((_, name)), Node::Map(_)) = (self.is_native, definition, &default.node) {
            schema.insert("$ref".to_owned(), json!(format!("kubernetes:{name}")));
            return Json::Object(schema);
        }
        match &default.node {
            Node::Map(map) => {
                schema.insert("type".to_owned(), json!("object"));
                self.object(map, uses, path, &mut schema);
            }
            Node::List(items) => {
                schema.insert("type".to_owned(), json!("array"));
                if let Some(items) = self.items(items, uses, path) {
                    schema.insert("items".to_owned(), items);
                }
            }
            _ => {
                let types = types(default, uses);
                match types.as_slice() {
                    [] => {}
                    [one] => {
                        schema.insert("type".to_owned(), json!(one));
                    }
                    several => {
                        schema.insert("type".to_owned(), json!(several));
                    }
                }
                schema.insert("default".to_owned(), plain(default));
            }
        }
        Json::Object(schema)
    }

    fn object(&self, map: &DocMap, uses: &Uses, path: &str, schema: &mut Map<String, Json>) {
        let is_open = uses.whole || uses.items.is_some() || map.is_empty() && uses.keys.is_empty();
        let is_strings = |doc: &Doc| doc.as_str().is_some();
        // Labels and the like: any names, texts alone.
        if is_open && uses.keys.is_empty() && !map.is_empty() && map.values().all(is_strings) {
            schema.insert("additionalProperties".to_owned(), json!({"type": "string"}));
            schema.insert("default".to_owned(), plain(&Doc::map(map.clone())));
            return;
        }
        let properties = self.properties(map, uses, path);
        if !properties.is_empty() {
            schema.insert("properties".to_owned(), Json::Object(properties));
        }
        if !is_open {
            schema.insert("additionalProperties".to_owned(), false.into());
        }
    }

    /// The schema of the items of a list: of one kind, or none at all.
    fn items(&self, items: &[Doc], uses: &Uses, path: &str) -> Option<Json> {
        let uses = uses.items.as_deref().cloned().unwrap_or_default();
        let Some(first) = items.first() else {
            return (!uses.keys.is_empty()).then(|| self.unknown(&uses));
        };
        if items.iter().any(|item| item.kind() != first.kind()) {
            return None;
        }
        match &first.node {
            Node::Map(_) => {
                let mut all = DocMap::default();
                for item in items.iter().filter_map(Doc::as_map) {
                    for (key, value) in item {
                        all.entry(key.clone()).or_insert_with(|| value.clone());
                    }
                }
                // Items differ in what they have: nothing is refused and nothing filled in.
                let mut properties = self.properties(&all, &uses, &format!("{path}[]"));
                for property in properties.values_mut().filter_map(Json::as_object_mut) {
                    property.shift_remove("default");
                }
                Some(json!({"type": "object", "properties": properties}))
            }
            Node::List(_) => Some(json!({"type": "array"})),
            _ => {
                let types = types(first, &Uses::default());
                types.first().map(|name| json!({"type": name}))
            }
        }
    }

    /// The schema of a value that only templates know.
    fn unknown(&self, uses: &Uses) -> Json {
        let mut schema = Map::new();
        if let Some(place) = uses.places.first() {
            let about = format!("Read by {}:{}.", place.file, place.line);
            schema.insert("description".to_owned(), json!(about));
        }
        if !uses.keys.is_empty() {
            schema.insert("type".to_owned(), json!("object"));
            self.object(&DocMap::default(), uses, "", &mut schema);
            // Nobody has said that this is all.
            schema.shift_remove("additionalProperties");
            return Json::Object(schema);
        }
        match types(&Doc::null(), uses).as_slice() {
            [] => {}
            several => {
                schema.insert("type".to_owned(), json!(several));
            }
        }
        Json::Object(schema)
    }
}

/// The types of a plain value, by its default and by what is done with it.
fn types(default: &Doc, uses: &Uses) -> Vec<&'static str> {
    let is = |way: Way| uses.ways.contains(&way);
    let mut types = match &default.node {
        Node::Bool(_) => vec!["boolean"],
        Node::Int(_) | Node::Int64(_) => vec!["integer"],
        Node::Float(_) => vec!["number"],
        Node::Str(text) if text.as_bytes().is_empty() && is(Way::Number) => {
            vec!["string", "integer"]
        }
        Node::Str(_) => vec!["string"],
        Node::List(_) | Node::Map(_) => Vec::new(),
        Node::Null => {
            let kind = if is(Way::Whole) || uses.ways.is_empty() {
                return Vec::new();
            } else if is(Way::Ranged) {
                return vec!["array", "object", "null"];
            } else if is(Way::List) {
                "array"
            } else if is(Way::Map) {
                "object"
            } else if is(Way::Number) {
                "integer"
            } else if is(Way::Text) || is(Way::Required) {
                "string"
            } else if is(Way::Bool) {
                "boolean"
            } else {
                return Vec::new();
            };
            vec![kind, "null"]
        }
    };
    types.dedup();
    types
}

/// A value as JSON.
fn plain(doc: &Doc) -> Json {
    let text = crate::json::write::doc_to_json(doc);
    serde_json::from_slice(&text).unwrap_or_default()
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
