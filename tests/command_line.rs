//! `rhumb template` as users call it: streams, exit codes, files, the shipped charts.

use crate::support::{MemoryHost, run};

fn demo() -> MemoryHost {
    let host = MemoryHost::new();
    host.put("demo/Chart.yaml", b"apiVersion: v2\nname: demo\nversion: 0.1.0\n");
    host.put("demo/values.yaml", b"a: 1\nb: {c: x}\n");
    host.put("demo/templates/a.yaml", b"kind: A\na: {{ .Values.a }}\nc: {{ .Values.b.c }}\n");
    host.put(
        "demo/templates/job.yaml",
        b"kind: Job\nmetadata:\n  annotations: {helm.sh/hook: test}\n",
    );
    host.put("demo/templates/NOTES.txt", b"hello {{ .Release.Name }}\n");
    host
}

const A: &str = "---\n# Source: demo/templates/a.yaml\nkind: A\n";
const JOB: &str = "---\n# Source: demo/templates/job.yaml\nkind: Job\nmetadata:\n  annotations: {helm.sh/hook: test}\n\n";

#[test]
fn manifests_then_hooks_on_stdout() {
    let output = run(&demo(), &["template", "demo"]);
    assert_eq!(String::from_utf8_lossy(&output.out), format!("{A}a: 1\nc: x\n{JOB}"));
    assert_eq!((output.code, output.err.as_str()), (0, ""));
}

#[test]
fn flags_before_and_after_the_arguments() {
    let host = demo();
    for args in [
        &["template", "--set=a=2", "demo", "--no-hooks"][..],
        &["template", "r", "demo", "--set", "a=2", "--no-hooks=true"],
        &["-n", "x", "template", "--skip-tests", "r", "demo", "--set", "a=9", "--set", "a=2"],
    ] {
        let output = run(&host, args);
        assert_eq!(String::from_utf8_lossy(&output.out), format!("{A}a: 2\nc: x\n"), "{args:?}");
    }
}

#[test]
fn values_from_standard_input() {
    let mut host = demo();
    host.set_stdin(b"b: {c: from stdin}\n");
    let output = run(&host, &["template", "demo", "-f", "-", "--no-hooks"]);
    assert_eq!(String::from_utf8_lossy(&output.out), format!("{A}a: 1\nc: from stdin\n"));
}

#[test]
fn an_output_folder_gets_one_file_per_template() {
    let host = demo();
    let output = run(&host, &["template", "demo", "--output-dir", "out"]);
    assert_eq!(
        String::from_utf8_lossy(&output.out),
        "wrote out/demo/templates/a.yaml\nwrote out/demo/templates/job.yaml\n\n"
    );
    let written = host.text("out/demo/templates/a.yaml");
    assert_eq!(written.as_deref(), Some(&*format!("{A}a: 1\nc: x\n\n")));
    assert_eq!(host.paths().iter().filter(|path| path.starts_with("out/")).count(), 2);
}

#[test]
fn errors_name_their_cause_and_leave_stdout_empty() {
    let host = demo();
    host.put("broken/Chart.yaml", b"apiVersion: v2\nname: broken\nversion: 0.1.0\n");
    host.put("broken/templates/a.yaml", b"{{ .Values.a.b }}");
    let debug = "\n\nUse --debug flag to render out invalid YAML";
    for (args, text) in [
        (
            &["template"][..],
            "\"helm template\" requires at least 1 argument\n\nUsage:  helm template [NAME] [CHART] [flags]",
        ),
        (&["template", "./nope"], "path \"./nope\" not found"),
        (&["template", "nope/x"], "repo nope not found"),
        (&["template", "demo", "--nope"], "unknown flag: --nope"),
        (&["template", "demo", "-z"], "unknown shorthand flag: 'z' in -z"),
        (&["template", "demo", "--set"], "flag needs an argument: --set"),
        (
            &["template", "demo", "--no-hooks=maybe"],
            "invalid argument \"maybe\" for \"--no-hooks\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax",
        ),
        (
            &["template", "demo", "--kube-version", "x"],
            "invalid kube version 'x': could not parse \"x\" as version",
        ),
        (&["template", "demo", "-s", "nope.yaml"], "could not find template nope.yaml in chart"),
        (&["template", "a", "b", "c"], "expected at most two arguments, unexpected arguments: c"),
        (&["template", "r", "demo", "-g"], "cannot set --generate-name and also specify a name"),
        (
            &["template", "broken"],
            &format!(
                "broken/templates/a.yaml:1:10\n  executing \"broken/templates/a.yaml\" at <.Values.a.b>:\n    nil pointer evaluating interface {{}}.b{debug}"
            ),
        ),
    ] {
        let output = run(&host, args);
        assert_eq!(output.err, format!("Error: {text}\n"), "{args:?}");
        assert_eq!((output.code, output.out.len()), (1, 0), "{args:?}");
    }
}

#[test]
fn the_shipped_chart_prints_whole_numbers() {
    let host = MemoryHost::new();
    host.put_folder("charts/ojp-server", "charts/ojp-server");
    host.put_folder("values/ojp-server", "values/ojp-server");
    let args =
        ["template", "ojp-server", "charts/ojp-server", "-f", "values/ojp-server/production.yaml"];
    let output = run(&host, &args);
    let text = String::from_utf8_lossy(&output.out);
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    assert!(text.contains("OJP_SERVER_MAXREQUESTSIZE: \"4194304\""), "{text}");
    assert!(text.contains("kind: StatefulSet"), "{text}");
}

#[test]
fn a_misspelt_value_of_the_shipped_chart_is_an_error() {
    let host = MemoryHost::new();
    host.put_folder("charts/ojp-server", "charts/ojp-server");
    host.put("my.yaml", b"replicaCount: 3\nserver:\n  prot: 1059\n");
    let output = run(&host, &["template", "charts/ojp-server", "-f", "my.yaml"]);
    assert_eq!((output.code, output.out.len()), (1, 0));
    assert!(output.err.contains("my.yaml:3"), "{}", output.err);
    assert!(output.err.contains("port"), "{}", output.err);
}

#[test]
fn notes_go_to_standard_error_when_asked_for() {
    let host = demo();
    host.put("demo/charts/sub/Chart.yaml", b"apiVersion: v2\nname: sub\nversion: 0.1.0\n");
    host.put("demo/charts/sub/templates/NOTES.txt", b"hello from below\n");
    let plain = run(&host, &["template", "r", "demo"]);
    assert_eq!(plain.err, "");
    let output = run(&host, &["template", "r", "demo", "--notes"]);
    assert_eq!((output.out, output.err.as_str()), (plain.out, "NOTES:\nhello r\n"));
    let all = run(&host, &["template", "r", "demo", "--notes", "--render-subchart-notes"]);
    assert!(all.err.ends_with("NOTES:\nhello from below\nhello r\n"), "{}", all.err);
    let shipped = run(&host, &["template", "my-ojp", "ojp-server", "-n", "ojp", "--notes"]);
    let first = "jdbc:ojp[my-ojp-ojp-server-0.my-ojp-ojp-server.ojp.svc.cluster.local:1059,";
    assert!(shipped.err.contains(first), "{}", shipped.err);
}
