//! `rhumb expand`: custom resources to objects, everything else byte for byte.

use crate::support::{MemoryHost, run, same_as_file};

fn host() -> MemoryHost {
    let host = MemoryHost::new();
    host.put_folder("tests/cases/expand", ".");
    host
}

#[test]
fn examples_become_objects() {
    for name in ["mixed", "ojs-minimal", "ojs-multi", "ojs-production", "openvox-ca"] {
        let output = run(&host(), &["expand", &format!("{name}.yaml")]);
        assert_eq!((output.code, output.err.as_str()), (0, ""), "{name}");
        let text = String::from_utf8(output.out).expect("UTF-8");
        same_as_file(&format!("tests/cases/expand/{name}.out"), &text);
    }
}

#[test]
fn what_no_chart_stands_for_stays() {
    for text in [
        "",
        "# only a comment",
        "\u{feff}a: 1\r\n---\r\nb: 2",
        "%YAML 1.1\n---\nkind: OJSWorker # of another group\napiVersion: v1\n...\n\n---\n---\nlast: {}\n",
        "{\"apiVersion\": \"ojs.openjobspec.dev/v2\", \"kind\": \"OJSWorker\"}",
    ] {
        let mut host = MemoryHost::new();
        host.set_stdin(text.as_bytes());
        let output = run(&host, &["expand", "-"]);
        assert_eq!((output.code, String::from_utf8_lossy(&output.out).as_ref()), (0, text));
    }
}

#[test]
fn broken_resources_name_document_line_and_field() {
    let output = run(&host(), &["expand", "broken.yaml"]);
    assert_eq!((output.code, output.out.len()), (1, 0));
    same_as_file("tests/cases/expand/broken.err", &output.err);
}

#[test]
fn the_namespace_is_the_resources_or_the_flags() {
    for (args, namespace) in [
        (&["expand", "ojs-minimal.yaml"][..], "default"),
        (&["expand", "ojs-minimal.yaml", "-n", "jobs"], "jobs"),
        (&["expand", "ojs-production.yaml", "-n", "jobs"], "ojs-system"),
    ] {
        let text = String::from_utf8(run(&host(), args).out).expect("UTF-8");
        let mut found: Vec<_> =
            text.lines().filter_map(|line| line.strip_prefix("  namespace: ")).collect();
        found.dedup();
        assert_eq!(found, [namespace], "{args:?}");
    }
}

#[test]
fn a_chart_of_ones_own() {
    let host = MemoryHost::new();
    host.put("w/Chart.yaml", b"apiVersion: v2\nname: w\nversion: 1.0.0\nannotations:\n  rhumb.dev/stands-for: example.com/v1/Widget\n  rhumb.dev/requires: size\n");
    host.put("w/values.yaml", b"colour: red\n");
    host.put(
        "w/templates/a.yaml",
        b"kind: A\nsize: {{ .Values.size }}\ncolour: {{ .Values.colour }}\nname: {{ .Release.Name }}\n",
    );
    host.put(
        "in.yaml",
        b"apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: x}\nspec: {size: 3}\n",
    );
    let plain = run(&host, &["expand", "in.yaml"]);
    assert!(plain.out.starts_with(b"apiVersion: example.com/v1\n"));
    let output = run(&host, &["expand", "in.yaml", "--chart", "w"]);
    let text = String::from_utf8_lossy(&output.out).into_owned();
    let expected = "---\n# Source: w/templates/a.yaml\nkind: A\nsize: 3\ncolour: red\nname: x\n";
    assert_eq!((output.code, text.as_str()), (0, expected), "{}", output.err);
    let none = run(&host, &["expand", "in.yaml", "--chart", "ojp-server"]);
    assert!(none.err.contains("stands for no custom resource"), "{}", none.err);
}

#[test]
fn a_resource_is_a_values_layer_of_its_chart() {
    let host = host();
    let expanded = String::from_utf8(run(&host, &["expand", "ojs-production.yaml"]).out);
    let args = ["template", "ojs-cluster", "-f", "ojs-production.yaml"];
    let rendered = run(&host, &args);
    assert_eq!((rendered.code, rendered.err.as_str()), (0, ""));
    assert_eq!(String::from_utf8(rendered.out), expanded);
    let args = ["template", "own", "ojs-cluster", "-f", "ojs-production.yaml", "-n", "here"];
    let more = ["--set", "replicas=7,autoScaling.enabled=false"];
    let text = String::from_utf8(run(&host, &[&args[..], &more].concat()).out).expect("UTF-8");
    for line in ["\n  replicas: 7\n", "\n  name: own-server\n", "\n  namespace: here\n"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    host.put("bad.yaml", b"apiVersion: ojs.openjobspec.dev/v1alpha1\nkind: OJSWorker\nmetadata: {name: a}\nspec:\n  image: x\n  clusterRef: c\n");
    let refused = run(&host, &["template", "ojs-worker", "-f", "bad.yaml"]);
    assert_eq!(
        refused.err,
        "Error: OJSWorker a:\n  bad.yaml:5:3: spec.jobTypes: is required: every OJSWorker has one\n"
    );
}
