//! Small charts with the exact result of Helm v4.3.1, one JSON object a line, by subject.
//!
//! A case: `template`, `helpers`, `values`, `chart` (texts of the usual files), `files` and
//! `files_b64` (further ones), `extra` (files beside the chart), `args`, `env`, `release`; then
//! what Helm gave: `exit`, `stdout` (or `stdout_b64`), `stderr`.

use base64::Engine as _;
use serde_json::Value;

use crate::support::{MemoryHost, WORK, cases, in_parallel, run};

const CHART: &str = "apiVersion: v2\nname: t\nversion: 0.1.0\nappVersion: \"1.2.3\"\n";

fn decode(text: &str) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}

/// What differs between a case's recorded result and ours; empty when nothing does.
fn check(case: &Value) -> Option<String> {
    let mut host = MemoryHost::new();
    let text = |key: &str| case[key].as_str();
    host.put("chart/Chart.yaml", text("chart").unwrap_or(CHART).as_bytes());
    for (key, path) in [
        ("values", "chart/values.yaml"),
        ("template", "chart/templates/t.yaml"),
        ("helpers", "chart/templates/_helpers.tpl"),
    ] {
        if let Some(text) = text(key) {
            host.put(path, text.as_bytes());
        }
    }
    let members = |key: &str| case[key].as_object().cloned().unwrap_or_default();
    for (path, text) in members("files") {
        host.put(&format!("chart/{path}"), text.as_str().unwrap_or_default().as_bytes());
    }
    for (path, text) in members("files_b64") {
        host.put(&format!("chart/{path}"), &decode(text.as_str().unwrap_or_default()));
    }
    for (path, text) in members("extra") {
        host.put(&path, text.as_str().unwrap_or_default().as_bytes());
    }
    host.set_env("TZ", "UTC");
    for (name, value) in members("env") {
        host.set_env(&name, value.as_str().unwrap_or_default());
    }
    let mut args = vec!["template"];
    match &case["release"] {
        Value::Null if case.get("release").is_some() => {}
        release => args.push(release.as_str().unwrap_or("rel")),
    }
    args.extend(["chart", "-n", "ns"]);
    args.extend(case["args"].as_array().into_iter().flatten().filter_map(Value::as_str));
    let output = run(&host, &args);

    let expected = match case["stdout_b64"].as_str() {
        Some(text) => decode(text),
        None => text("stdout").unwrap_or_default().as_bytes().to_vec(),
    };
    let failed = case["exit"].as_i64() != Some(0);
    let id = text("id").unwrap_or_default();
    let stdout = String::from_utf8_lossy(&output.out).replace(WORK, "<WORK>");
    if stdout.as_bytes() != expected && output.out != expected {
        let expected = String::from_utf8_lossy(&expected);
        return Some(format!(
            "{id}: stdout\n--- expected\n{expected}\n--- got\n{stdout}\n{}",
            output.err
        ));
    }
    if failed != (output.code != 0) {
        return Some(format!("{id}: exit code {}, stderr {}", output.code, output.err));
    }
    let stderr = output.err.replace(WORK, "<WORK>");
    let expected = text("stderr").unwrap_or_default();
    (stderr != expected)
        .then(|| format!("{id}: stderr\n--- expected\n{expected}\n--- got\n{stderr}"))
}

/// Cases whose error text is known to differ; stdout and exit code never may.
///
/// Two name a remote schema: Helm tells what its resolver said.
const OTHER_TEXT: &[&str] = &["layering-0269", "layering-0270"];

#[test]
fn equals_helm() {
    let mut all = Vec::new();
    let folder = cases().join("recorded");
    for entry in std::fs::read_dir(folder).expect("folder of cases") {
        let text = std::fs::read_to_string(entry.expect("entry").path()).expect("cases");
        all.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a case")));
    }
    assert!(all.len() > 3000, "only {} cases were found", all.len());
    let known = |difference: &String| {
        OTHER_TEXT.iter().any(|id| difference.starts_with(&format!("{id}: stderr")))
    };
    let differences: Vec<String> = in_parallel(&all, check)
        .into_iter()
        .flatten()
        .filter(|difference| !known(difference))
        .collect();
    let shown = differences.iter().take(5).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(
        differences.is_empty(),
        "{} of {} cases differ:\n{shown}",
        differences.len(),
        all.len()
    );
}
