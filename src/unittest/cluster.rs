//! The fake cluster of a suite: objects that `lookup` finds.

use std::sync::Arc;

use super::decode::Decoder;
use super::values::to_value;
use crate::diag::{Fault, Result};
use crate::funcs::Cluster;
use crate::value::{Map, Value};
use crate::yaml::any::{Any, AnyMap, Entry};

/// `kubernetesProvider`.
#[derive(Clone, Debug, Default)]
pub(super) struct Provider {
    /// Kinds by `apiVersion/Kind`.
    kinds: Vec<(String, Kind)>,
    objects: Vec<Any>,
}

#[derive(Clone, Debug, Default)]
struct Kind {
    group: String,
    version: String,
    resource: String,
    namespaced: bool,
    error: String,
}

impl Provider {
    /// A suite's or a job's provider.
    pub(super) fn decode(decoder: &mut Decoder, entry: &Entry) -> Self {
        let mut provider = Provider::default();
        let ty = "unittest.KubernetesFakeClientProvider";
        for entry in decoder.fields(&entry.value, entry.line, ty, &["scheme", "objects"]) {
            match entry.key.as_str() {
                Some("scheme") => {
                    let map = decoder.map(entry, "map[string]unittest.KubernetesFakeKindProps");
                    for entry in map.map(AnyMap::entries).unwrap_or_default() {
                        let name = entry.key.scalar_text().unwrap_or_default().into_owned();
                        provider.kinds.push((name, Kind::decode(decoder, entry)));
                    }
                }
                Some("objects") => {
                    let items = decoder.list(entry, "[]map[string]interface {}");
                    provider.objects = items.unwrap_or_default().to_vec();
                }
                _ => {}
            }
        }
        provider
    }

    /// Adds a suite's provider to a job's: its objects behind, its kinds over the job's.
    pub(super) fn add(&mut self, suite: &Provider) {
        self.objects.extend_from_slice(&suite.objects);
        for (name, kind) in &suite.kinds {
            self.kinds.retain(|(own, _)| own != name);
            self.kinds.push((name.clone(), kind.clone()));
        }
    }

    /// The cluster, unless it is empty.
    pub(super) fn cluster(&self) -> Option<Arc<dyn Cluster>> {
        (!self.objects.is_empty()).then(|| Arc::new(self.clone()) as Arc<dyn Cluster>)
    }
}

impl Kind {
    fn decode(decoder: &mut Decoder, entry: &Entry) -> Self {
        let mut kind = Kind::default();
        let known = ["gvr", "namespaced", "should_err"];
        let ty = "unittest.KubernetesFakeKindProps";
        for entry in decoder.fields(&entry.value, entry.line, ty, &known) {
            match entry.key.as_str() {
                Some("namespaced") => kind.namespaced = decoder.switch(entry),
                Some("should_err") => kind.error = decoder.text(entry),
                Some("gvr") => {
                    let known = ["group", "version", "resource"];
                    let ty = "schema.GroupVersionResource";
                    for entry in decoder.fields(&entry.value, entry.line, ty, &known) {
                        match entry.key.as_str() {
                            Some("group") => kind.group = decoder.text(entry),
                            Some("version") => kind.version = decoder.text(entry),
                            Some("resource") => kind.resource = decoder.text(entry),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        kind
    }

    /// Whether an object is one of this kind: its group and version, and the resource that
    /// client-go guesses from its kind.
    fn holds(&self, object: &Any) -> bool {
        let text = |name| object.get(name).and_then(Any::as_str).unwrap_or_default();
        let api = text("apiVersion");
        let (group, version) = api.split_once('/').unwrap_or(("", api));
        group == self.group && version == self.version && resource(text("kind")) == self.resource
    }
}

/// The plural of a kind as client-go guesses it.
fn resource(kind: &str) -> String {
    let singular = kind.to_lowercase();
    for ending in ["endpoints"] {
        if singular.ends_with(ending) {
            return singular;
        }
    }
    match singular.as_bytes() {
        [] => singular,
        [.., b's'] => format!("{singular}es"),
        [start @ .., b'y'] => format!("{}ies", String::from_utf8_lossy(start)),
        _ => format!("{singular}s"),
    }
}

impl Cluster for Provider {
    fn lookup(&self, api: &str, kind: &str, namespace: &str, name: &str) -> Result<Value> {
        let full = format!("{api}/{kind}");
        let Some((_, props)) = self.kinds.iter().find(|(known, _)| *known == full) else {
            return Ok(Value::Map(Map::new()));
        };
        if !props.error.is_empty() {
            return Err(Fault::function(props.error.clone()));
        }
        let namespace = if props.namespaced { namespace } else { "" };
        let member = |object: &'_ Any, name: &str| {
            let text = object.get("metadata").and_then(|metadata| metadata.get(name));
            text.and_then(Any::as_str).unwrap_or_default().to_owned()
        };
        let mut held = self.objects.iter().filter(|object| props.holds(object));
        if name.is_empty() {
            let inside = held
                .filter(|object| namespace.is_empty() || member(object, "namespace") == namespace);
            let list = Map::new();
            list.insert("apiVersion", api);
            list.insert("kind", format!("{kind}List").as_str());
            let metadata = Map::new();
            metadata.insert("continue", "");
            metadata.insert("resourceVersion", "");
            list.insert("metadata", Value::Map(metadata));
            list.insert("items", Value::list(inside.map(to_value).collect()));
            return Ok(Value::Map(list));
        }
        let found = held.find(|object| {
            member(object, "name") == name && member(object, "namespace") == namespace
        });
        Ok(found.map_or_else(|| Value::Map(Map::new()), to_value))
    }
}
