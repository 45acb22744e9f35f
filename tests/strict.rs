//! `--strict` and `--warn`: what Helm lets pass.

use crate::support::{MemoryHost, run};

fn web() -> MemoryHost {
    let host = MemoryHost::new();
    host.put("web/Chart.yaml", b"apiVersion: v2\nname: web\nversion: 0.1.0\n");
    host.put(
        "web/values.yaml",
        b"server:\n  port: 80\n  max: 4194304\nlabels: {}\nreplicas: 1\nreplicas: 2\n",
    );
    host.put(
        "web/templates/config.yaml",
        b"kind: ConfigMap\nmetadata:\n  name: web\n  labels: {{- toYaml .Values.labels | nindent 4 }}\ndata:\n  port: {{ .Values.server.port | quote }}\n  max: {{ .Values.server.max | quote }}\n  host: {{ .Values.server.host }}\n  safe: {{ int64 .Values.server.max }}\n{{- if .Values.extra }}\n  extra: {{ .Values.extra.text }}\n{{- end }}\n  other: {{ .Values.other | default 1 }}\n{{ if .Values.debug }}{{ end }}\n",
    );
    host.put(
        "my.yaml",
        b"server:\n  prot: 81\n  port: \"82\"\ndebug: null\nlabels: {any: thing}\nextra: {text: x}\n",
    );
    host
}

/// Every finding of the chart and values above, as the README shows them.
const FINDINGS: [&str; 6] = [
    "web/values.yaml:6:1: duplicate-key: \"replicas\" is set a second time; the value of line 5 is lost",
    "my.yaml:2:3: unknown-value: server.prot: no template, schema or default knows it; did you mean \"port\"?",
    "my.yaml:3:9: type-differs: server.port: a string where the default is a number (web/values.yaml:2:9); write it without quotes",
    "my.yaml:4:8: null-without-effect: debug: there is no default that null could remove",
    "web/templates/config.yaml:8:19: missing-key: server.host is not set, and the template does not provide for that",
    "web/values.yaml:3:8: number-exponent: server.max: 4194304 is written as 4.194304e+06 by web/templates/config.yaml:7:32; convert it with int64 in the template, or put the value in quotes",
];

#[test]
fn warnings_change_nothing_else() {
    let plain = run(&web(), &["template", "web", "-f", "my.yaml"]);
    assert_eq!((plain.code, plain.err.as_str()), (0, ""));
    let warned = run(&web(), &["template", "web", "-f", "my.yaml", "--warn"]);
    assert_eq!(warned.code, 0);
    assert_eq!(plain.out, warned.out);
    let lines: Vec<String> = FINDINGS.iter().map(|it| format!("warning: {it}\n")).collect();
    assert_eq!(warned.err, lines.concat());
}

#[test]
fn strict_fails_on_findings_alone() {
    let output = run(&web(), &["template", "web", "-f", "my.yaml", "--strict"]);
    assert_eq!((output.code, output.out.len()), (1, 0));
    let lines: Vec<String> = FINDINGS.iter().map(|it| format!("error: {it}\n")).collect();
    assert_eq!(output.err, lines.concat() + "Error: 6 findings with --strict\n");
    let host = web();
    host.put(
        "web/values.yaml",
        b"server:\n  port: 80\n  max: \"4194304\"\n  host: a\nlabels: {}\n",
    );
    let clean =
        run(&host, &["template", "web", "--strict", "--set", "server.port=82,extra.text=y"]);
    assert_eq!((clean.code, clean.err.as_str()), (0, ""));
}

#[test]
fn flags_are_named_without_their_text() {
    let output = run(&web(), &["template", "web", "--warn", "--set", "server.pasword=hunter2"]);
    let line =
        "warning: --set: unknown-value: server.pasword: no template, schema or default knows it";
    assert!(output.err.lines().any(|it| it == line), "{}", output.err);
    assert!(!output.err.contains("hunter2"));
}

#[test]
fn values_of_subcharts_are_known() {
    let host = web();
    host.put(
        "web/Chart.yaml",
        b"apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies:\n- {name: db, version: '*', alias: store, condition: store.enabled, tags: [back]}\n- {name: gone, version: '*', condition: gone.enabled}\n",
    );
    for name in ["db", "gone"] {
        let head = format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n");
        host.put(&format!("web/charts/{name}/Chart.yaml"), head.as_bytes());
        host.put(&format!("web/charts/{name}/values.yaml"), b"size: 1\n");
    }
    host.put(
        "web/charts/db/templates/a.yaml",
        b"kind: A\nn: {{ .Values.global.zone }}{{ range .Values.users }}{{ .name }}{{ end }}\n",
    );
    host.put(
        "my.yaml",
        b"server: {host: a, max: 1}\nstore: {size: 2, sise: 3, enabled: true, users: [{name: a, nam: b}]}\ngone: {enabled: false, what: ever}\ntags: {back: true}\nglobal: {zone: z}\n",
    );
    let output = run(&host, &["template", "web", "-f", "my.yaml", "--warn"]);
    let found: Vec<&str> = output.err.lines().filter(|it| it.contains("unknown-value")).collect();
    assert_eq!(
        found,
        [
            "warning: my.yaml:2:18: unknown-value: store.sise: no template, schema or default knows it; did you mean \"size\"?",
            "warning: my.yaml:2:60: unknown-value: store.users[0].nam: no template, schema or default knows it; did you mean \"name\"?",
        ]
    );
}

#[test]
fn duplicate_keys_in_documents() {
    let host = web();
    host.put("web/values.yaml", b"a: 1\n");
    host.put(
        "web/templates/config.yaml",
        b"kind: ConfigMap\nmetadata: {name: web}\ndata:\n  a: x\n  a: y\n",
    );
    let output = run(&host, &["template", "web", "--strict"]);
    assert_eq!(
        output.err,
        "error: web/templates/config.yaml: duplicate-key: \"a\" is set twice in ConfigMap/web: lines 4 and 5 of the document\nError: 1 finding with --strict\n"
    );
}
