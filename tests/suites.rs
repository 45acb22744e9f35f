//! `rhumb unittest`: helm-unittest suites, their texts, files and snapshots.

use crate::support::{MemoryHost, Output, run, same_as_file};

fn host() -> MemoryHost {
    let host = MemoryHost::new();
    host.put_folder("tests/cases/suites/web", "web");
    host
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.out).into_owned()
}

#[test]
fn the_shipped_charts_pass_their_own() {
    for chart in rhumb::models::CHARTS {
        let host = MemoryHost::new();
        host.put_folder(&format!("charts/{chart}"), chart);
        let output = run(&host, &["unittest", "--strict", chart]);
        assert_eq!(output.code, 0, "{}", text(&output));
        assert!(!text(&output).contains("Tests:       0 passed"), "{}", text(&output));
    }
}

#[test]
fn every_assertion_and_setting() {
    let host = host();
    let args = ["unittest", "web", "--chart-tests-path", "tests-chart", "--strict"];
    let output = run(&host, &args);
    same_as_file("tests/cases/suites/passed.out", &text(&output));
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    // Every run says the same, however many jobs run side by side.
    let again = run(&host, &[&args[..], &["--max-workers", "1"]].concat());
    let counts = |output: &Output| text(output).replace("5 passed, 5 total", "");
    assert_eq!(counts(&again), counts(&output));
}

#[test]
fn failures_read_as_people_know_them() {
    let args = ["unittest", "web", "-f", "tests_failed/*_test.yaml", "-s=false"];
    let output = run(&host(), &args);
    same_as_file("tests/cases/suites/failed.out", &text(&output));
    assert_eq!(output.code, 1);
    let first = run(&host(), &[&args[..], &["-q"]].concat());
    assert!(text(&first).contains("Tests:       1 failed, 0 passed, 1 total"), "{}", text(&first));
    let colored = run(&host(), &[&args[..], &["--color"]].concat());
    assert!(text(&colored).contains("\u{1b}[41;37m FAIL \u{1b}[0;0m"), "{}", text(&colored));
}

#[test]
fn files_for_other_programs() {
    for form in ["JUnit", "XUnit", "NUnit", "Sonar"] {
        let host = host();
        let file = format!("out/{form}.xml");
        let args = ["unittest", "web", "-f", "tests*/*_test.yaml", "-o", &file, "-t", form];
        assert_eq!(run(&host, &args).code, 1);
        let text = host.text(&file).expect("a report");
        let text = text.replace(&format!("rhumb{}.", env!("CARGO_PKG_VERSION")), "rhumb.");
        let machine = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
        let text = text.replace(&machine.replace("x86_64", "amd64"), "linux-amd64");
        same_as_file(&format!("tests/cases/suites/report.{}.xml", form.to_lowercase()), &text);
    }
}

#[test]
fn snapshots_are_made_kept_and_updated() {
    const SNAP: &str = "web/tests/__snapshot__/asserts_test.yaml.snap";
    let host = host();
    let args = ["unittest", "web", "-f", "tests/asserts_test.yaml"];
    assert!(host.text(SNAP).is_none());
    assert_eq!(run(&host, &args).code, 0);
    let made = host.text(SNAP).expect("a snapshot file");
    same_as_file("tests/cases/suites/made.snap", &made);

    host.put(SNAP, made.replace("name: one", "name: old").as_bytes());
    let differs = run(&host, &args);
    assert_eq!(differs.code, 1);
    let summary = "Snapshot Summary: 1 snapshot failed in 1 test suite. Check changes and use `-u`";
    assert!(text(&differs).contains(summary), "{}", text(&differs));
    assert!(host.text(SNAP).is_some_and(|kept| kept.contains("name: old")));

    assert_eq!(run(&host, &[&args[..], &["-u"]].concat()).code, 0);
    assert_eq!(host.text(SNAP).expect("a snapshot file"), made);
}

#[test]
fn suites_that_cannot_be_read() {
    for (name, why) in [
        ("noasserts", "no asserts found"),
        ("notests", "no tests found"),
        ("unknown", "Assertion type `equals` is invalid"),
        ("twice", "assertion type `equal` and `exists` is declared duplicately"),
        ("types", "line 2: cannot unmarshal !!map into []string"),
        ("strict", "line 2: field sweet not found in type unittest.TestSuite"),
    ] {
        let args = ["unittest", "--strict", "web", "-f", &format!("broken/{name}.yaml")];
        let output = run(&host(), &args);
        assert_eq!(output.code, 1, "{name}");
        assert!(text(&output).contains(why), "{name}: {}", text(&output));
    }
    let lenient = run(&host(), &["unittest", "web", "-f", "broken/strict.yaml", "-s=false"]);
    assert!(text(&lenient).contains("Tests:       1 failed, 0 passed, 1 total"));
    let missing = run(&host(), &["unittest", "nowhere"]);
    assert_eq!(missing.code, 1);
    assert!(text(&missing).contains("Charts:      1 failed, 1 errored, 0 passed, 1 total"));
}

#[test]
fn a_filter_runs_some_and_a_disabled_chart_none() {
    let output = run(&host(), &["unittest", "web", "--filter", "values merges"]);
    assert!(text(&output).contains("Tests:       1 passed, 1 total"), "{}", text(&output));
    let host = host();
    host.put("web/off.yaml", b"cache: {enabled: false}\n");
    let args = ["unittest", "web", "-f", "tests/cache_test.yaml", "-v", "off.yaml"];
    let output = run(&host, &args);
    assert!(text(&output).contains("Test Suites: 0 passed, 0 total"), "{}", text(&output));
}

#[test]
fn a_line_that_tests_nothing_fails() {
    for (args, why) in [
        (&["unittest"][..], "arguments were not provided: <CHART>..."),
        (&["test"], "arguments were not provided: <CHART>..."),
        (
            &["unittest", "web", "--filter", "no such"],
            "no test has \"no such\" in its suite or name",
        ),
    ] {
        let output = run(&host(), args);
        assert!(output.code != 0 && output.err.contains(why), "{args:?}: {}", output.err);
    }
    let output = run(&host(), &["unittest", "web", "-o", "x.xml", "-t", "Junitt"]);
    assert!(output.err.contains("x.xml is not written"), "{}", output.err);
}

#[test]
fn schemas_refuse_in_the_words_of_any_helm_3() {
    let host = host();
    let suite = "templates: [found.yaml]\nset: {replicas: many}\ntests:\n\
         - it: older\n  asserts: [{failedTemplate: {errorPattern: 'replicas: Invalid type. Expected: integer, given: string'}}]\n\
         - it: newer\n  asserts: [{failedTemplate: {errorPattern: got string}}]\n\
         - it: neither\n  asserts: [{failedTemplate: {errorPattern: given number}}]\n";
    host.put("web/tests/words_test.yaml", suite.as_bytes());
    let output = run(&host, &["unittest", "web", "-f", "tests/words_test.yaml", "-s=false"]);
    assert!(text(&output).contains("1 failed, 1 errored, 2 passed, 3 total"), "{}", text(&output));
}

#[test]
fn charts_below_are_left_out_in_every_spelling() {
    for off in ["--with-subchart=false", "-s=false", "-s=0"] {
        let output = run(&host(), &["unittest", "web", "-f", "tests/cache_test.yaml", off]);
        assert!(text(&output).contains("Test Suites: 0 passed"), "{off}: {}", text(&output));
    }
    for on in ["--with-subchart", "--with-subchart=true", "-s"] {
        let output = run(&host(), &["unittest", "web", "-f", "tests/cache_test.yaml", on]);
        assert!(text(&output).contains("Test Suites: 1 passed"), "{on}: {}", text(&output));
    }
}

#[test]
fn snapshots_of_older_versions_keep_line_ends_at_the_start() {
    const SNAP: &str = "web/tests/__snapshot__/lead_test.yaml.snap";
    let host = host();
    host.put("web/templates/lead.yaml", b"a: \"\\n\\nx\\n\"\n");
    let suite = "templates: [lead.yaml]\ntests: [{it: j, asserts: [matchSnapshot: {}]}]\n";
    host.put("web/tests/lead_test.yaml", suite.as_bytes());
    let args = ["unittest", "web", "-f", "tests/lead_test.yaml", "-s=false"];
    assert_eq!(run(&host, &args).code, 0);
    let made = host.text(SNAP).expect("a snapshot file");
    assert_eq!(made, "j:\n  1: |\n    a: |\n      x\n");
    let older = "j:\n  1: |\n    a: |2\n\n\n      x\n";
    for (stored, code) in [(older, 0), ("j:\n  1: |\n    a: \"\\nx\\n\"\n", 1)] {
        host.put(SNAP, stored.as_bytes());
        let output = run(&host, &args);
        assert_eq!(output.code, code, "{}", text(&output));
        assert_eq!(host.text(SNAP).as_deref(), Some(stored));
    }
}

#[test]
fn a_kubernetes_version_stays_until_a_job_names_another() {
    let host = host();
    let suite = "templates: [found.yaml]\ntests:\n\
         - it: begins with 1.20\n  asserts: [{equal: {path: kube, value: v1.20.0}}]\n\
         - it: is left out\n  skip: {reason: no}\n  capabilities: {minorVersion: 40}\n  asserts: [{hasDocuments: {count: 9}}]\n\
         - it: names one\n  capabilities: {minorVersion: 31}\n  asserts: [{equal: {path: kube, value: v1.31.0}}]\n\
         ---\ntemplates: [found.yaml]\ntests:\n\
         - it: follows\n  asserts: [{equal: {path: kube, value: v1.31.0}}]\n";
    host.put("web/tests/kube_test.yaml", suite.as_bytes());
    for args in [&[][..], &["--filter", "follows"], &["--max-workers", "1"]] {
        let args = [&["unittest", "web", "-f", "tests/kube_test.yaml", "-s=false"], args].concat();
        let output = run(&host, &args);
        assert_eq!(output.code, 0, "{}", text(&output));
    }
}
