//! `rhumb test`: snapshots of a chart's cases, and its suites.

use crate::support::{MemoryHost, Output, run};

const CHART: &[u8] = b"apiVersion: v2\nname: web\nversion: 1.0.0\n";
const TEMPLATE: &[u8] = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n\
    data: {size: '{{ .Values.size }}', id: {{ uuidv4 }}, at: {{ now | date \"2006\" | quote }}}\n\
    {{ if gt (int .Values.size) 9 }}{{ fail \"size: at most 9\" }}{{ end }}\n";

fn host() -> MemoryHost {
    let host = MemoryHost::new();
    host.put("web/Chart.yaml", CHART);
    host.put("web/values.yaml", b"size: 1\n");
    host.put("web/templates/all.yaml", TEMPLATE);
    host.put("web/ci/big-values.yaml", b"size: 8\n");
    host
}

fn text(output: &Output) -> String {
    assert_eq!(output.err, "");
    // How long it took is nobody's business.
    let lines = String::from_utf8_lossy(&output.out).into_owned();
    lines
        .lines()
        .filter(|line| !line.starts_with("Time:"))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn snapshots_are_written_once_and_then_compared() {
    let host = host();
    let first = run(&host, &["test", "web"]);
    insta::assert_snapshot!(text(&first), @r"
    web
      NEW   defaults: wrote web/snapshots/defaults.yaml
      NEW   big-values: wrote web/snapshots/big-values.yaml

    Cases:       2 passed, 2 written, 2 total
    ");
    assert_eq!(first.code, 0);
    let stored = host.text("web/snapshots/big-values.yaml").expect("written");
    assert!(stored.contains("at: \"2024\"") && stored.contains("size: '8'"), "{stored}");
    host.put("web/snapshots/big-values.yaml", format!("# a comment\n{stored}").as_bytes());
    host.put("web/snapshots/old.yaml", b"a: 1\n");
    host.put("web/values.yaml", b"size: 2\n");
    let second = run(&host, &["test", "web"]);
    insta::assert_snapshot!(text(&second), @r#"
    web
      FAIL  defaults: not as in web/snapshots/defaults.yaml; rhumb test --update accepts that
            ~ v1 ConfigMap web
              ~ data.size: "1" → "2"
            1 object changed
      PASS  big-values
      note  web/snapshots/old.yaml belongs to no case

    Cases:       1 failed, 1 passed, 2 total
    "#);
    assert_eq!(second.code, 1);
    let fast = run(&host, &["test", "web", "--fail-fast", "--max-workers", "1"]);
    assert!(!text(&fast).contains("big-values"), "{}", text(&fast));
    assert_eq!(run(&host, &["test", "web", "--filter", "web big"]).code, 0);
    let updated = run(&host, &["test", "web", "-u", "--filter", "defaults"]);
    assert!(text(&updated).contains("wrote web/snapshots/defaults.yaml: 1 object changed"));
    assert_eq!(run(&host, &["test", "web"]).code, 0);
    // Other random numbers, and the host's own clock, which repeats itself.
    let other = run(&host, &["test", "web", "--seed", "2"]);
    assert!(text(&other).contains("data.id: "), "{}", text(&other));
    assert!(text(&run(&host, &["test", "web", "--live"])).contains("data.at: \"2024\" → \"2026\""));
}

#[test]
fn ci_writes_nothing() {
    let mut host = host();
    host.set_env("CI", "true");
    host.put("web/tests/a_test.yaml", b"tests:\n- it: works\n  asserts:\n  - matchSnapshot: {}\n");
    let before = host.paths();
    let output = run(&host, &["test", "web"]);
    let shown = text(&output);
    let missing = "FAIL  defaults: web/snapshots/defaults.yaml is missing, and CI=true writes none";
    assert!(shown.contains(missing), "{shown}");
    assert_eq!((output.code, host.paths()), (1, before), "{shown}");
    assert!(shown.contains("nothing is, in this run"), "{shown}");
    let update = run(&host, &["test", "web", "--update"]);
    assert_eq!(update.code, 2);
    assert!(update.err.starts_with("Error: --update and CI=true: "), "{}", update.err);
}

#[test]
fn a_matrix_names_the_cases() {
    let host = host();
    host.put("prod/all.yaml", b"size: 3\n");
    host.put(
        "web/tests/matrix.yaml",
        b"values: [../prod/*.yaml]\nkubeVersions: ['1.29', '1.37']\nsnapshots: ../kept\n\
          mask: ['ConfigMap/web: data.id']\nrelease: mine\n\
          cases:\n- {name: too-big, set: [size=10], fails: at most 9, kubeVersions: ['1.30']}\n\
          - {name: bad, set: [size=10], fails: at most 8, kubeVersions: ['1.30']}\n",
    );
    let output = run(&host, &["test", "web"]);
    assert_eq!(output.code, 1);
    insta::assert_snapshot!(text(&output), @r#"
    web
      NEW   defaults@1.29: wrote kept/defaults@1.29.yaml
      NEW   defaults@1.37: wrote kept/defaults@1.37.yaml
      NEW   all@1.29: wrote kept/all@1.29.yaml
      NEW   all@1.37: wrote kept/all@1.37.yaml
      PASS  too-big
      FAIL  bad: should fail with "at most 8", but fails with: execution error at (web/templates/all.yaml:5:35): size: at most 9

    Cases:       1 failed, 5 passed, 4 written, 6 total
    "#);
    // The mask covers the random field.
    assert_eq!(run(&host, &["test", "web", "--seed", "2", "--filter", "all"]).code, 0);
    for (matrix, why) in [
        (
            "valeus: []\n",
            "web/tests/matrix.yaml:1:1: valeus: unknown key; did you mean \"values\"?",
        ),
        ("values: [nothing/*]\n", "values: no file is named nothing/*"),
        ("mask: [a..b]\n", "mask \"a..b\": a name is missing beside a dot"),
        ("cases: [{name: a/b}]\n", "\"a/b\" is no name for a case"),
        ("cases: [{name: defaults}]\n", "two cases are named defaults"),
        ("kubeVersions: [x]\n", "x"),
    ] {
        host.put("web/tests/matrix.yaml", matrix.as_bytes());
        let output = run(&host, &["test", "web"]);
        assert_eq!(output.code, 2, "{matrix}");
        assert!(output.err.contains(why), "{matrix}: {}", output.err);
    }
}

#[test]
fn renders_are_checked_and_suites_run() {
    let host = host();
    host.put(
        "web/templates/bad.yaml",
        b"apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: high}]}\n",
    );
    host.put("web/tests/a_test.yaml", b"suite: all\ntemplates: [all.yaml]\ntests:\n- it: works\n  asserts:\n  - isKind: {of: ConfigMap}\n");
    let output = run(&host, &["test", "web", "--filter", "s"]);
    let shown = text(&output);
    assert_eq!(output.code, 1);
    assert!(shown.contains("  FAIL  defaults: is not valid:\n        error["), "{shown}");
    assert!(shown.contains(" PASS  all\tweb/tests/a_test.yaml"), "{shown}");
    assert!(shown.contains("\nCases:       2 failed, 0 passed, 2 total\n"), "{shown}");
    assert!(shown.contains("\nTests:       1 passed, 1 total\n"), "{shown}");
    assert_eq!(run(&host, &["test", "web", "--no-validate"]).code, 0);
    assert_eq!(run(&host, &["test", "nowhere"]).code, 2);
    assert_eq!(run(&host, &["test", "agdb"]).code, 2);
    assert_eq!(run(&host, &["test", "web", "--filter", "zzz"]).code, 2);
    let helm = crate::support::run_as(&host, "helm", &["test", "web"]);
    assert_eq!(helm.code, 1);
    assert!(helm.err.contains("needs a cluster"), "{}", helm.err);
}

/// The snapshots that this repository keeps of the shipped charts, and the charts' suites.
#[test]
fn shipped_charts_pass() {
    for chart in rhumb::models::CHARTS {
        let mut host = MemoryHost::new();
        host.put_folder(&format!("charts/{chart}"), chart);
        host.put_folder(&format!("values/{chart}"), &format!("{chart}/values"));
        host.put_folder(&format!("snapshots/{chart}"), &format!("{chart}/snapshots"));
        let matrix = format!("release: {chart}\nnamespace: demo\n");
        host.put(&format!("{chart}/tests/matrix.yaml"), matrix.as_bytes());
        host.set_env("CI", "true");
        let output = run(&host, &["test", chart]);
        assert_eq!(output.code, 0, "{}{}", text(&output), output.err);
    }
}
