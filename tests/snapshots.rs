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
            unstable: v1 ConfigMap web: data.id
            unstable: v1 ConfigMap web: data.at
            to leave that out: mask: ['ConfigMap/web: data.id', 'ConfigMap/web: data.at']
      NEW   big-values: wrote web/snapshots/big-values.yaml
            unstable: v1 ConfigMap web: data.id
            unstable: v1 ConfigMap web: data.at
            to leave that out: mask: ['ConfigMap/web: data.id', 'ConfigMap/web: data.at']

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
    // Other random numbers.
    let other = run(&host, &["test", "web", "--seed", "2"]);
    assert!(text(&other).contains("data.id: "), "{}", text(&other));
}

#[test]
fn fields_that_are_not_stable_are_named_and_can_be_masked() {
    let host = host();
    host.put("web/tests/matrix.yaml", b"values: []\n");
    assert_eq!(run(&host, &["test", "web"]).code, 0);
    let live = run(&host, &["test", "web", "--live"]);
    insta::assert_snapshot!(text(&live), @r"
    web
      PASS  defaults
            unstable: v1 ConfigMap web: data.id
            unstable: v1 ConfigMap web: data.at
            to leave that out: mask: ['ConfigMap/web: data.id', 'ConfigMap/web: data.at']

    Cases:       1 passed, 1 total
    ");
    let matrix = b"values: []\nmask: ['ConfigMap/web: data.id', 'ConfigMap/web: data.at']\n";
    host.put("web/tests/matrix.yaml", matrix);
    assert!(!text(&run(&host, &["test", "web", "--live"])).contains("unstable"));
    assert_eq!(run(&host, &["test", "web", "--seed", "2"]).code, 0);
}

#[test]
fn suites_have_a_frozen_clock_too() {
    let host = host();
    host.put(
        "web/tests/a_test.yaml",
        b"suite: a\ntests:\n- it: is in 2024\n  asserts:\n  - equal: {path: data.at, value: '2024'}\n  \
          - matchSnapshot: {}\n",
    );
    for args in [&["test", "web"][..], &["unittest", "web"], &["unittest", "web"]] {
        let output = run(&host, args);
        assert_eq!(output.code, 0, "{}", text(&output));
    }
    let other = run(&host, &["unittest", "web", "--seed", "2"]);
    assert!(other.code == 1 && text(&other).contains("+  id: "), "{}", text(&other));
    assert_eq!(run(&host, &["unittest", "web", "--live"]).code, 1);
}

#[test]
fn programs_read_results() {
    let host = host();
    host.put(
        "web/tests/a_test.yaml",
        b"suite: a\ntests:\n- it: fails\n  asserts:\n  - isKind: {of: B}\n",
    );
    assert_eq!(run(&host, &["test", "web"]).code, 1);
    host.put("web/values.yaml", b"size: 2\n");
    let output = run(&host, &["test", "web", "-o", "json", "--coverage"]);
    assert_eq!((output.code, output.err.as_str()), (1, ""));
    let json: serde_json::Value = serde_json::from_slice(&output.out).expect("JSON");
    assert_eq!(json["passed"], false);
    let cases = &json["charts"][0]["cases"];
    assert_eq!(cases[0]["status"], "differs");
    assert_eq!(cases[0]["difference"]["objects"][0]["fields"][0]["path"], "data.size");
    assert_eq!(cases[1]["status"], "passed");
    let test = &json["charts"][0]["suites"][0]["tests"][0];
    assert_eq!(
        (&test["status"], &test["failures"][0]["type"]),
        (&"failed".into(), &"isKind".into())
    );
    assert_eq!(json["summary"]["cases"]["failed"], 1);
    assert_eq!(json["coverage"]["values"]["percent"], 100.0);
    let output = run(&host, &["test", "web", "-o", "junit", "--coverage"]);
    let xml = String::from_utf8_lossy(&output.out);
    for part in [
        "<testsuite id=\"0\" name=\"web snapshots\" tests=\"2\" failures=\"1\" time=\"0.000\">",
        "<failure type=\"differs\" message=\"differs\">not as in web/snapshots/defaults.yaml&#xA;",
        "<testsuite id=\"1\" tests=\"1\" failures=\"1\" errors=\"0\"",
        "<property name=\"coverage.values\" value=\"100.0\">",
    ] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
    let unknown = run(&host, &["test", "web", "-o", "html"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("unknown output form \"html\": text, json and junit are known"));
}

#[test]
fn a_review_asks_about_every_difference() {
    let mut host = host();
    let refused = run(&host, &["test", "web", "--review"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.starts_with("Error: --review asks in a terminal"), "{}", refused.err);
    host.put(
        "web/tests/a_test.yaml",
        b"suite: a\ntests:\n- it: fits\n  asserts:\n  - matchSnapshot: {}\n",
    );
    assert_eq!(run(&host, &["test", "web"]).code, 0);
    let old = host.text("web/snapshots/defaults.yaml").expect("written");
    host.put("web/values.yaml", b"size: 2\n");
    host.put("web/ci/big-values.yaml", b"size: 9\n");
    host.put("web/ci/new-values.yaml", b"size: 5\n");
    let review = |host: &mut MemoryHost, lines: &[&str]| {
        host.type_lines(lines);
        run(host, &["test", "web", "--review", "--color=never"])
    };
    // Reject, what?, skip, and the end of the input.
    let output = review(&mut host, &["r", "what?", "s"]);
    let shown = String::from_utf8_lossy(&output.out).into_owned();
    assert_eq!(output.code, 1);
    for part in [
        "\nweb: defaults, web/snapshots/defaults.yaml\n        ~ v1 ConfigMap web\n          \
         ~ data.size: \"1\" → \"2\"\n        1 object changed\n[a]ccept, [r]eject, [s]kip, accept \
         [A]ll, [q]uit? ",
        "        + v1 ConfigMap web\n        never stored\n",
        "  FAIL  defaults: rejected; web/snapshots/defaults.yaml is as it was\n",
        "  FAIL  big-values: not reviewed; ",
        "web/tests/a_test.yaml\n\t- fits",
    ] {
        assert!(shown.contains(part), "{part}\n---\n{shown}");
    }
    assert_eq!(host.text("web/snapshots/defaults.yaml"), Some(old));
    assert!(host.text("web/snapshots/new-values.yaml").is_none());
    // One by one, then all.
    let output = review(&mut host, &["a", "A"]);
    let shown = String::from_utf8_lossy(&output.out).into_owned();
    assert_eq!(output.code, 0, "{shown}");
    assert!(
        shown.contains("NEW   big-values: wrote web/snapshots/big-values.yaml: 1 object changed")
    );
    assert!(shown.contains("Tests:       1 passed, 1 total"), "{shown}");
    assert_eq!(run(&host, &["test", "web"]).code, 0);
    host.set_env("CI", "true");
    assert_eq!(review(&mut host, &["a"]).code, 2);
}

#[test]
fn a_watch_runs_again_when_files_change() {
    let host = host();
    host.put(
        "web/tests/a_test.yaml",
        b"suite: a\ntests:\n- it: fits\n  asserts:\n  - isKind: {of: ConfigMap}\n",
    );
    host.change_later("web/values.yaml", b"size: 1\n"); // The same bytes are no change.
    host.change_later("elsewhere.yaml", b"a: 1\n");
    host.change_later("web/values.yaml", b"size: 2\n");
    host.change_later("web/.values.yaml.swp", b"x");
    host.change_later("web/templates/all.yaml", b"kind: B\n");
    let output = run(&host, &["test", "web", "--watch", "--no-validate", "-u"]);
    let shown = String::from_utf8_lossy(&output.out).into_owned();
    assert_eq!(shown.matches("Waiting for changes; Ctrl-C ends.").count(), 3, "{shown}");
    assert_eq!((output.code, output.err.as_str()), (1, ""), "the last run failed");
    assert!(!shown.contains('\u{1b}'), "{shown}");
    let mut host = self::host();
    host.put(
        "web/tests/a_test.yaml",
        b"suite: a\ntests:\n- it: fits\n  asserts:\n  - isKind: {of: A}\n",
    );
    host.change_later(
        "web/tests/a_test.yaml",
        b"suite: a\ntests:\n- it: fits\n  asserts:\n  - isKind: {of: ConfigMap}\n",
    );
    host.type_lines(&[]);
    let output = run(&host, &["unittest", "web", "--watch", "--color=never"]);
    let shown = String::from_utf8_lossy(&output.out).into_owned();
    assert_eq!(shown.matches("\u{1b}[2J\u{1b}[3J\u{1b}[H").count(), 2, "{shown}");
    assert_eq!(output.code, 0);
    assert!(output.err.contains("\r\u{1b}[K1 of 1 tests\r\u{1b}[K"), "{:?}", output.err);
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
            unstable: v1 ConfigMap web: data.at
            to leave that out: mask: ['ConfigMap/web: data.at']
      NEW   defaults@1.37: wrote kept/defaults@1.37.yaml
            unstable: v1 ConfigMap web: data.at
            to leave that out: mask: ['ConfigMap/web: data.at']
      NEW   all@1.29: wrote kept/all@1.29.yaml
            unstable: v1 ConfigMap web: data.at
            to leave that out: mask: ['ConfigMap/web: data.at']
      NEW   all@1.37: wrote kept/all@1.37.yaml
            unstable: v1 ConfigMap web: data.at
            to leave that out: mask: ['ConfigMap/web: data.at']
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

#[test]
fn a_chart_that_needs_values_hears_how_to_go_without_defaults() {
    let host = host();
    host.put("web/values.yaml", b"size: 10\n");
    let output = run(&host, &["test", "web"]);
    let shown = text(&output);
    assert!(shown.contains("size: at most 9\n        (where values are needed, "), "{shown}");
    assert!(shown.contains("\nCases:       1 failed, 1 passed, 1 written, 2 total\n"), "{shown}");
    host.put("web/tests/matrix.yaml", b"defaults: false\n");
    assert_eq!(run(&host, &["test", "web"]).code, 0);
}
