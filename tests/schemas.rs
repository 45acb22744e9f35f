//! The shipped charts' `values.schema.json` say what their Rust types say.
//!
//! `UPDATE=1 cargo test` writes them.

use rhumb::kube::catalog::Struct;

use crate::support::same_as_file;

/// The full name of the definition that has a short name and all of these fields; of several
/// versions the stable one of the core, apps or networking group.
fn kubernetes(name: &str, fields: &[&str]) -> Option<String> {
    let groups = [
        "api.core.v1",
        "api.apps.v1",
        "api.networking.v1",
        "apimachinery.pkg.apis.meta.v1",
        "api.autoscaling.v2",
        "api.policy.v1",
    ];
    let found = groups.iter().map(|group| format!("io.k8s.{group}.{name}"));
    let mut found = found.filter(|full| {
        Struct::find(full).is_some_and(|definition| {
            fields.iter().all(|field| definition.property(field).next().is_some())
        })
    });
    found.next()
}

#[test]
fn schemas_are_current() {
    for chart in rhumb::models::CHARTS {
        let schema = rhumb::models::schema(chart, &kubernetes).expect("a type");
        let text = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
        same_as_file(&format!("charts/{chart}/values.schema.json"), &text);
    }
}
