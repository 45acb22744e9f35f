//! `rhumb schema`: drafts, and what has drifted apart.

use crate::support::{MemoryHost, run};

fn web() -> MemoryHost {
    let host = MemoryHost::new();
    host.put("web/Chart.yaml", b"apiVersion: v2\nname: web\nversion: 0.1.0\n");
    host.put(
        "web/values.yaml",
        b"# Number of pods.\nreplicas: 2\nimage:\n  # Name without tag.\n  name: web\n  tag: \"\"\nlabels: {}\nenv:\n- {name: A, value: b}\nargs: [\"-v\"]\nhost: null\n",
    );
    host.put(
        "web/templates/a.yaml",
        b"kind: A\nreplicas: {{ .Values.replicas }}\nimage: {{ .Values.image.name }}:{{ .Values.image.tag | quote }}\nlabels: {{- toYaml .Values.labels | nindent 2 }}\n{{ range .Values.env }}{{ .name }}: {{ .value }}{{ .secret }}{{ end }}\nargs: {{ .Values.args | join \",\" }}\nhost: {{ .Values.host | quote }}\n{{ if .Values.debug }}d: 1{{ end }}\n",
    );
    host
}

#[test]
fn a_draft_says_what_the_chart_says() {
    let host = web();
    let output = run(&host, &["schema", "web"]);
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    let schema: serde_json::Value = serde_json::from_slice(&output.out).expect("JSON");
    let at = |path: &str| schema.pointer(&format!("/properties/{path}")).cloned();
    assert_eq!(at("replicas/type"), Some("integer".into()));
    assert_eq!(at("replicas/description"), Some("Number of pods.".into()));
    assert_eq!(at("image/properties/name/description"), Some("Name without tag.".into()));
    assert_eq!(at("image/additionalProperties"), Some(false.into()));
    assert_eq!(at("labels/additionalProperties"), None);
    assert_eq!(
        at("env/items/properties/secret/description"),
        Some("Read by web/templates/a.yaml:5.".into())
    );
    assert_eq!(at("args/items/type"), Some("string".into()));
    assert_eq!(at("host/type"), Some(serde_json::json!(["string", "null"])));
    assert!(at("debug").is_some());
    assert_eq!(schema["additionalProperties"], false);
    // The draft takes the chart's own values, and is up to date.
    host.put("web/values.schema.json", &output.out);
    let rendered = run(&host, &["template", "web"]);
    assert_eq!((rendered.code, rendered.err.as_str()), (0, ""));
    let check = run(&host, &["schema", "web", "--check"]);
    assert_eq!((check.code, String::from_utf8_lossy(&check.out).as_ref()), (0, ""));
}

#[test]
fn drift_is_told_with_its_place() {
    let host = web();
    host.put(
        "web/values.schema.json",
        br#"{"additionalProperties": false, "properties": {"replicas": {"type": "string"}, "image": {"properties": {"name": {}, "tag": {}, "digest": {}}}, "labels": {}, "env": {}, "args": {}, "host": {}}}"#,
    );
    host.put(
        "web/values.yaml",
        b"replicas: 2\nimage: {name: web, tag: x}\nlabels: {}\nenv: []\nargs: []\nextra: 1\n",
    );
    let check = run(&host, &["schema", "web", "--check"]);
    assert_eq!(
        String::from_utf8_lossy(&check.out),
        "values.schema.json: image.digest: in the schema alone: no default has it, no template reads it\nweb/values.yaml:6:1: extra: has a default that the schema does not know\nweb/templates/a.yaml:8: debug: read here; neither schema nor defaults know it\nvalues.yaml: at '/replicas': got number, want string\nvalues.yaml: at '': additional properties 'extra' not allowed\n"
    );
    assert_eq!(check.err, "Error: 5 differences between schema, defaults and templates\n");
}

#[test]
fn the_shipped_charts_have_not_drifted() {
    for chart in rhumb::models::CHARTS {
        let check = run(&MemoryHost::new(), &["schema", chart, "--check"]);
        assert_eq!((check.code, String::from_utf8_lossy(&check.out).as_ref()), (0, ""), "{chart}");
    }
}
