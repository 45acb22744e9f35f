//! Types of the shipped charts' values: one Rust type per chart.
//!
//! Their `values.schema.json` is made of these types, so [`crate::typed`] checks and completes
//! the values of shipped charts as those of any other native chart. What no schema can tell,
//! rules between values, is here, and so is advice for production. Blind to templates.

mod agdb;
mod common;
pub(crate) mod monitoring;
mod ojp_server;
mod ojs;
mod openvox_server;
mod schema;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::diag::{Fault, FaultKind};
use crate::doc::Doc;
use crate::doc::decode::{IN_QUOTES, Problem, decode};
#[cfg(test)]
use crate::doc::{DocMap, Node};
use crate::source::{Source, SourceKind, Sources, Span};

/// The values of one chart.
trait Model: Serialize + DeserializeOwned + Default {
    /// Rules between fields; what each field holds by itself is in its type.
    fn rules(&self, _check: &mut Rules<'_>) {}

    /// Defaults of structs that are items of lists, by name.
    fn items() -> Vec<(&'static str, serde_json::Value)> {
        Vec::new()
    }

    /// What works and is still not advisable in production.
    fn advice(&self, _check: &mut Rules<'_>) {}
}

/// The table of charts and their types.
macro_rules! charts {
    ($($name:literal => $model:ty),* $(,)?) => {
        /// Names of the charts whose values are typed here.
        pub const CHARTS: &[&str] = &[$($name),*];

        /// The rules between values that a chart's completed values break; none for values that
        /// its type does not take, as those of a changed copy of the chart.
        pub fn rules(chart: &str, values: &Doc) -> Vec<Problem> {
            match chart {
                $($name => rules_as::<$model>(values),)*
                _ => Vec::new(),
            }
        }

        /// The schema of a chart's values, as its values.schema.json says it. `kubernetes` gives
        /// the full name of the definition of the Kubernetes API with a short name and fields.
        pub fn schema(
            chart: &str,
            kubernetes: &dyn Fn(&str, &[&str]) -> Option<String>,
        ) -> Option<serde_json::Value> {
            match chart {
                $($name => Some(schema_as::<$model>(chart, kubernetes)),)*
                _ => None,
            }
        }

        /// What a chart's values should rather have in production, one line each with its
        /// place; nothing for values that are refused.
        pub fn advice(chart: &str, values: &Doc, sources: &Sources) -> Vec<String> {
            match chart {
                $($name => advice_as::<$model>(values, sources),)*
                _ => Vec::new(),
            }
        }
    };
}

charts! {
    "agdb" => agdb::Values,
    "ojp-server" => ojp_server::Values,
    "ojs-cluster" => ojs::ClusterValues,
    "ojs-worker" => ojs::WorkerValues,
    "openvox-server" => openvox_server::Values,
}

/// Problems of a document as one fault: a heading, then a line for each with its place.
pub fn report(heading: &str, problems: &[Problem], sources: &Sources) -> Fault {
    let place = problems.first().map_or(Span::NONE, |problem| problem.span);
    let lines: Vec<_> = problems.iter().map(|problem| line_of(problem, sources)).collect();
    Fault::new(FaultKind::Values, format!("{heading}:\n{}", lines.join("\n"))).at(place)
}

fn rules_as<M: Model>(values: &Doc) -> Vec<Problem> {
    let own = without_global(values);
    let Ok(model) = decode::<M>(&own) else { return Vec::new() };
    let mut problems = Vec::new();
    model.rules(&mut Rules { values: &own, problems: &mut problems });
    problems
}

/// Values without what Helm gives to every chart, wanted or not.
fn without_global(values: &Doc) -> Doc {
    let mut own = values.clone();
    own.as_map_mut().and_then(|map| map.shift_remove("global"));
    own
}

fn schema_as<M: Model>(
    chart: &str,
    kubernetes: &dyn Fn(&str, &[&str]) -> Option<String>,
) -> serde_json::Value {
    let items = M::items().into_iter().collect();
    let mut schema = schema::schema_of::<M>(&schema::Names { kubernetes, items });
    let map = schema.as_object_mut().expect("a model is a struct");
    map.shift_remove("default");
    if let Some(properties) = map.get_mut("properties").and_then(serde_json::Value::as_object_mut) {
        properties.insert("global".into(), serde_json::json!({"type": "object"}));
    }
    let mut whole = serde_json::Map::new();
    whole.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    whole.insert("title".into(), format!("Values of {chart}").into());
    whole.append(map);
    whole.into()
}

fn advice_as<M: Model>(values: &Doc, sources: &Sources) -> Vec<String> {
    let own = without_global(values);
    let Ok(model) = decode::<M>(&own) else { return Vec::new() };
    let mut problems = Vec::new();
    model.advice(&mut Rules { values: &own, problems: &mut problems });
    problems.iter().map(|problem| line_of(problem, sources).trim_start().to_owned()).collect()
}

fn line_of(problem: &Problem, sources: &Sources) -> String {
    let mut hint = problem.hint.as_deref();
    let place = match sources.get(problem.span.source).as_deref() {
        // Its text may hold a password; the path says enough.
        Some(Source { kind: SourceKind::Flag { flag }, .. }) => {
            if *flag == "--set" && hint == Some(IN_QUOTES) {
                hint = Some("use --set-string");
            }
            (*flag).to_owned()
        }
        _ => sources.describe(key_span(problem, sources)),
    };
    let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
    let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("  {place}{}: {}{hint}", problem.path, problem.message)
}

/// The place of a problem; for an unknown key that of the key.
fn key_span(problem: &Problem, sources: &Sources) -> Span {
    if problem.message != "unknown key" {
        return problem.span;
    }
    sources.key_span(problem.span, problem.path.rsplit('.').next().unwrap_or_default())
}

/// JSON as a document of no place.
#[cfg(test)]
pub(crate) fn from_json(json: serde_json::Value) -> Doc {
    use serde_json::Value as Json;
    match json {
        Json::Null => Doc::null(),
        Json::Bool(value) => Doc::new(Node::Bool(value), Span::NONE),
        Json::Number(number) => {
            let node = number
                .as_i64()
                .map_or_else(|| Node::Float(number.as_f64().unwrap_or_default()), Node::Int);
            Doc::new(node, Span::NONE)
        }
        Json::String(text) => Doc::str(text),
        Json::Array(items) => Doc::list(items.into_iter().map(from_json).collect()),
        Json::Object(map) => {
            let entries = map.into_iter().map(|(key, value)| (key.into(), from_json(value)));
            Doc::map(entries.collect::<DocMap>())
        }
    }
}

/// Collects broken rules, each at the value that breaks it.
struct Rules<'a> {
    values: &'a Doc,
    problems: &'a mut Vec<Problem>,
}

impl Rules<'_> {
    /// Notes a broken rule at a dotted path.
    fn broken(&mut self, path: &str, message: impl Into<String>) {
        let mut at = self.values;
        for step in path.split('.') {
            match at.get(step) {
                Some(next) => at = next,
                None => break,
            }
        }
        self.problems.push(Problem {
            path: path.to_owned(),
            span: at.span,
            message: message.into(),
            hint: None,
        });
    }

    /// Notes a rule at a path when it does not hold.
    fn holds(&mut self, path: &str, holds: bool, message: &str) {
        if !holds {
            self.broken(path, message);
        }
    }
}

/// Declares a part of a model: fields with their defaults.
macro_rules! model {
    ($(#[$meta:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $ty:ty = $default:expr),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", default, deny_unknown_fields)]
        pub(super) struct $name { $($(#[$attr])* pub(super) $field: $ty),* }

        impl Default for $name {
            fn default() -> Self {
                $name { $($field: $default),* }
            }
        }
    };
}
use model;

/// Declares the values of a chart: what all workloads share, then its own.
macro_rules! workload {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $ty:ty = $default:expr),* $(,)? }) => {
        $crate::models::model! {
            $(#[$meta])*
            $name {
                name_override: String = String::new(),
                fullname_override: String = String::new(),
                common_labels: $crate::models::common::Strings = Default::default(),
                common_annotations: $crate::models::common::Strings = Default::default(),
                image_pull_secrets: Vec<k8s_openapi::api::core::v1::LocalObjectReference> = Vec::new(),
                service_account: $crate::models::common::ServiceAccount = Default::default(),
                pod_annotations: $crate::models::common::Strings = Default::default(),
                pod_labels: $crate::models::common::Strings = Default::default(),
                node_selector: $crate::models::common::Strings = Default::default(),
                tolerations: Vec<k8s_openapi::api::core::v1::Toleration> = Vec::new(),
                affinity: k8s_openapi::api::core::v1::Affinity = Default::default(),
                topology_spread_constraints:
                    Vec<k8s_openapi::api::core::v1::TopologySpreadConstraint> = Vec::new(),
                priority_class_name: String = String::new(),
                liveness_probe: k8s_openapi::api::core::v1::Probe = Default::default(),
                readiness_probe: k8s_openapi::api::core::v1::Probe = Default::default(),
                startup_probe: k8s_openapi::api::core::v1::Probe = Default::default(),
                extra_env: Vec<k8s_openapi::api::core::v1::EnvVar> = Vec::new(),
                extra_env_from: Vec<k8s_openapi::api::core::v1::EnvFromSource> = Vec::new(),
                extra_volumes: Vec<k8s_openapi::api::core::v1::Volume> = Vec::new(),
                extra_volume_mounts: Vec<k8s_openapi::api::core::v1::VolumeMount> = Vec::new(),
                $($field: $ty = $default),*
            }
        }

        impl $name {
            /// Rules of what all workloads share.
            fn shared_rules(&self, check: &mut $crate::models::Rules<'_>) {
                let names = [
                    ("nameOverride", &self.name_override),
                    ("fullnameOverride", &self.fullname_override),
                ];
                for (path, name) in names {
                    if !name.is_empty() {
                        $crate::models::common::label(check, path, name);
                    }
                }
            }
        }
    };
}
use workload;
