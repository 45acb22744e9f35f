//! The part of the Prometheus operator's API that charts write.
#![expect(dead_code, reason = "decoded to be checked, never read")]

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::{Deserialize, Serialize};

/// `monitoring.coreos.com/v1` `ServiceMonitor`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ServiceMonitor {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: ServiceMonitorSpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ServiceMonitorSpec {
    selector: LabelSelector,
    endpoints: Vec<Endpoint>,
    namespace_selector: Option<NamespaceSelector>,
    job_label: Option<String>,
    target_labels: Option<Vec<String>>,
    pod_target_labels: Option<Vec<String>>,
    sample_limit: Option<u64>,
    target_limit: Option<u64>,
    label_limit: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NamespaceSelector {
    any: Option<bool>,
    match_names: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Endpoint {
    port: Option<String>,
    target_port: Option<IntOrString>,
    path: Option<String>,
    scheme: Option<String>,
    params: Option<BTreeMap<String, Vec<String>>>,
    interval: Option<String>,
    scrape_timeout: Option<String>,
    tls_config: Option<serde_json::Value>,
    bearer_token_file: Option<String>,
    honor_labels: Option<bool>,
    honor_timestamps: Option<bool>,
    basic_auth: Option<serde_json::Value>,
    authorization: Option<serde_json::Value>,
    follow_redirects: Option<bool>,
    #[serde(rename = "enableHttp2")]
    enable_http2: Option<bool>,
    metric_relabelings: Option<Vec<Relabeling>>,
    relabelings: Option<Vec<Relabeling>>,
}

/// One step of Prometheus relabelling; values are typed by it too.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Relabeling {
    #[serde(skip_serializing_if = "Option::is_none")]
    source_labels: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    separator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    regex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modulus: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replacement: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
}
