//! Typed values of the shipped charts: one Rust type per chart, checked and completed.
//!
//! Values decode into the type of their chart, so that a misspelt key or a wrong type anywhere,
//! inside `affinity` too, is an error that names place and nearest spelling; rules between
//! fields follow. The templates then see what the type prints: every default in its place,
//! whole numbers whole. Blind to templates.

mod agdb;
mod common;
pub(crate) mod monitoring;
mod ojp_server;
mod ojs;
mod openvox_server;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::diag::{Fault, FaultKind, Result};
use crate::doc::decode::{IN_QUOTES, Problem, decode};
use crate::doc::{Doc, DocMap, Node};
use crate::source::{Source, SourceKind, Sources, Span};

/// The values of one chart.
trait Model: Serialize + DeserializeOwned + Default {
    /// Rules between fields; what each field holds by itself is in its type.
    fn rules(&self, _check: &mut Rules<'_>) {}

    /// What works and is still not advisable in production.
    fn advice(&self, _check: &mut Rules<'_>) {}
}

/// The table of charts and their types.
macro_rules! charts {
    ($($name:literal => $model:ty),* $(,)?) => {
        /// Names of the charts whose values are typed here.
        pub const CHARTS: &[&str] = &[$($name),*];

        /// The values of a chart as its type prints them, defaults filled in and places kept;
        /// values of charts without a type pass as they are.
        ///
        /// # Errors
        /// One fault for every problem of the values, each with its place, path and nearest
        /// spelling.
        pub fn check(chart: &str, values: &Doc, sources: &Sources) -> Result<Doc> {
            complete(chart, values).map_err(|problems| {
                report(&format!("values of {chart}"), &problems, sources)
            })
        }

        /// [`check`] without a report.
        ///
        /// # Errors
        /// All problems of the values, their paths from the root of the values.
        pub fn complete(chart: &str, values: &Doc) -> Result<Doc, Vec<Problem>> {
            match chart {
                $($name => complete_as::<$model>(values),)*
                _ => Ok(values.clone()),
            }
        }

        /// What a chart's values should rather have in production, one line each with its
        /// place; nothing for values that [`check`] refuses.
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

fn complete_as<M: Model>(values: &Doc) -> Result<Doc, Vec<Problem>> {
    // Helm gives every chart `global`, wanted or not.
    let mut own = values.clone();
    let global = own.as_map_mut().and_then(|map| map.shift_remove("global"));
    let mut problems = Vec::new();
    let mut printed = None;
    match decode::<M>(&own) {
        Ok(model) => {
            let mut rules = Rules { values: &own, problems: &mut problems };
            model.rules(&mut rules);
            printed = Some(print(&model));
        }
        Err(found) => problems = found,
    }
    if let (Some(mut printed), true) = (printed, problems.is_empty()) {
        adopt_spans(&mut printed, &own);
        if let (Some(global), Some(map)) = (global, printed.as_map_mut()) {
            map.insert("global".into(), global);
        }
        return Ok(printed);
    }
    Err(problems)
}

fn advice_as<M: Model>(values: &Doc, sources: &Sources) -> Vec<String> {
    let mut own = values.clone();
    own.as_map_mut().and_then(|map| map.shift_remove("global"));
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

/// A model as a document.
fn print<T: Serialize>(model: &T) -> Doc {
    let json = serde_json::to_value(model).expect("models hold nothing that JSON cannot");
    from_json(json)
}

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

/// Gives every node that the user supplied its place back.
fn adopt_spans(printed: &mut Doc, given: &Doc) {
    printed.span = given.span;
    if let (Some(map), Some(from)) = (printed.as_map_mut(), given.as_map()) {
        for (key, item) in map {
            if let Some(from) = from.get(key) {
                adopt_spans(item, from);
            }
        }
    } else if let (Some(items), Some(from)) = (printed.as_list_mut(), given.as_list()) {
        for (item, from) in items.iter_mut().zip(from) {
            adopt_spans(item, from);
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
    };
}
use workload;
