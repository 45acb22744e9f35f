//! `rhumb diff`: charts, archives, saved manifests and standard input against each other.

use crate::support::{MemoryHost, run};

fn host() -> MemoryHost {
    let host = MemoryHost::new();
    host.put("web/Chart.yaml", b"apiVersion: v2\nname: web\nversion: 1.0.0\n");
    host.put("web/values.yaml", b"replicas: 1\ntoken: hunter2\n");
    host.put(
        "web/templates/all.yaml",
        b"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {kube: '{{ .Capabilities.KubeVersion }}'}}\n\
          spec: {replicas: {{ .Values.replicas }}}\n---\n\
          apiVersion: v1\nkind: Secret\nmetadata: {name: {{ .Release.Name }}}\nstringData: {token: {{ .Values.token }}}\n",
    );
    host.put("more.yaml", b"replicas: 3\ntoken: hunter22\n");
    host
}

#[test]
fn values_of_one_side() {
    let same = run(&host(), &["diff", "web", "web"]);
    assert_eq!(
        (same.code, String::from_utf8_lossy(&same.out).as_ref()),
        (0, "2 objects the same\n")
    );
    let output =
        run(&host(), &["diff", "web", "--right-values", "more.yaml", "--kube-version", "1.30"]);
    assert_eq!((output.code, output.err.as_str()), (1, ""));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.out), @r"
    ~ v1 Secret release-name
      ~ data.token: (hidden, 7 bytes) → (hidden, 8 bytes)
    ~ apps/v1 Deployment web
      ~ spec.replicas: 1 → 3
    2 objects changed
    ");
    let versions = ["diff", "web", "--left-kube-version", "1.29", "--right-kube-version=1.30"];
    let output = run(&host(), &[&versions[..], &["--ignore", "secrets"]].concat());
    assert!(String::from_utf8_lossy(&output.out).contains("\"v1.29\" → \"v1.30\""));
    let masked = [&versions[..], &["--ignore", "Deployment: metadata.labels"]].concat();
    assert_eq!(run(&host(), &masked).code, 0);
}

#[test]
fn saved_manifests_and_standard_input() {
    let mut host = host();
    let saved = run(&host, &["template", "web"]).out;
    host.put("saved/all.yaml", &saved);
    assert_eq!(run(&host, &["diff", "saved/all.yaml", "web"]).code, 0);
    host.set_stdin(&saved);
    let output = run(&host, &["diff", "-", "web", "--set", "replicas=2", "-o", "json"]);
    assert_eq!(output.code, 1);
    insta::assert_snapshot!(String::from_utf8_lossy(&output.out), @r#"{"same":false,"changed":1,"added":0,"removed":0,"unchanged":1,"objects":[{"change":"changed","apiVersion":"apps/v1","kind":"Deployment","name":"web","fields":[{"path":"spec.replicas","change":"changed","from":1,"to":2}]}]}"#);
    let output = run(&host, &["diff", "saved", "web", "--right-set", "token=x", "-o", "markdown"]);
    insta::assert_snapshot!(String::from_utf8_lossy(&output.out), @r"
    **1 object changed, 1 the same**

    <details open><summary>v1 Secret release-name changed</summary>

    ```diff
    - data.token: (hidden, 7 bytes)
    + data.token: (hidden, 1 byte)
    ```

    </details>
    ");
}

#[test]
fn versions_of_a_chart_in_a_repository() {
    let port = crate::dropin::serve(crate::support::cases().join("dropin/served"));
    let host = crate::dropin::fresh(port);
    let address = format!("http://127.0.0.1:{port}/repository");
    let args = ["diff", "kid", "--repo", &address, "--left-version", "0.1.0"];
    let output = run(&host, &[&args[..], &["--right-version", "0.2.0"]].concat());
    let text = String::from_utf8_lossy(&output.out);
    assert_eq!((output.code, &*text), (0, "1 object the same\n"), "{}", output.err);
    let missing = run(&host, &[&args[..], &["--right-version", "9.9.9"]].concat());
    assert!(missing.code == 2 && missing.err.contains("9.9.9"), "{}", missing.err);
}

#[test]
fn archives_hooks_and_definitions() {
    let host = host();
    assert_eq!(run(&host, &["package", "web"]).code, 0);
    assert_eq!(run(&host, &["diff", "web-1.0.0.tgz", "web"]).code, 0);
    host.put(
        "web/templates/hook.yaml",
        b"apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {{ randAlpha 9 | lower }}\n  \
          annotations: {helm.sh/hook: pre-install, at: '{{ now }}'}\n",
    );
    host.put(
        "web/crds/c.yaml",
        b"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: c.x}\n",
    );
    let shown = |args: &[&str]| {
        let output = run(&host, &[&["diff", "web-1.0.0.tgz", "web"], args].concat());
        (output.code, String::from_utf8_lossy(&output.out).into_owned())
    };
    assert!(shown(&[]).1.contains("+ batch/v1 Job "));
    assert_eq!(shown(&["--no-hooks"]).0, 0);
    let (code, text) = shown(&["--no-hooks", "--include-crds"]);
    assert!(code == 1 && text.contains("CustomResourceDefinition c.x"), "{text}");
    // Random names and times are the same on both sides.
    assert_eq!(run(&host, &["diff", "web"]).code, 0);
}

#[test]
fn either_helm_can_be_followed() {
    let host = host();
    host.put(
        "web/templates/all.yaml",
        b"kind: A\nmetadata: {name: {{ .Capabilities.KubeVersion }}}\n",
    );
    let saved = run(&host, &["template", "web", "--compat", "3"]).out;
    host.put("saved.yaml", &saved);
    assert_eq!(run(&host, &["diff", "saved.yaml", "web", "--compat", "3"]).code, 0);
    assert_eq!(run(&host, &["diff", "saved.yaml", "web"]).code, 1);
    assert_eq!(run(&host, &["diff", "saved.yaml", "web", "--compat", "2"]).code, 2);
}

#[test]
fn a_seed_makes_renders_repeat() {
    let host = host();
    host.put("web/templates/all.yaml", b"kind: A\nid: {{ uuidv4 }}\nat: {{ now }}\n");
    let seeded = |seed: &str| run(&host, &["template", "web", "--seed", seed]).out;
    assert_eq!(seeded("1"), seeded("1"));
    assert_ne!(seeded("1"), seeded("2"));
    assert!(String::from_utf8_lossy(&seeded("1")).contains("at: 2024-01-01 00:00:00"));
}

#[test]
fn what_cannot_be_compared_has_a_code_of_its_own() {
    let host = host();
    host.put("broken.yaml", b"a: 1\n---\na: [\n");
    for (args, text) in [
        (&["diff", "web", "nowhere"][..], "Error: nowhere: "),
        (&["diff", "-", "-"], "Error: standard input can be one side only"),
        (&["diff", "broken.yaml", "web"], "Error: broken.yaml:4:"),
        (&["diff", "web", "web", "-o", "xml"], "Error: unknown output form \"xml\""),
        (&["diff", "web", "web", "--ignore", "a..b"], "Error: mask \"a..b\": "),
        (&["diff", "web", "--right-values", "none.yaml"], "Error: web: "),
        (&["diff"], "Error: "),
    ] {
        let output = run(&host, args);
        assert_eq!((output.code, output.out.len()), (2, 0), "{args:?}: {}", output.err);
        assert!(output.err.starts_with(text), "{args:?}: {}", output.err);
    }
}
