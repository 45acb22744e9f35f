//! `--compat 3`: where Helm 3.20 renders differently.

use crate::support::{MemoryHost, run};

fn chart(values: &str, template: &str) -> MemoryHost {
    let host = MemoryHost::new();
    host.put("c/Chart.yaml", b"apiVersion: v2\nname: c\nversion: 0.1.0\n");
    host.put("c/values.yaml", values.as_bytes());
    host.put("c/templates/a.yaml", template.as_bytes());
    host
}

fn both(host: &MemoryHost, more: &[&str]) -> [String; 2] {
    ["3", "4"].map(|version| {
        let output = run(host, &[&["template", "c", "--compat", version], more].concat());
        let text = String::from_utf8_lossy(&output.out).into_owned();
        if output.code == 0 { text } else { output.err }
    })
}

#[test]
fn documents_are_trimmed() {
    let [three, four] = both(&chart("", "kind: A\n\n---\nkind: B\n---\n# end\n"), &[]);
    let head = "---\n# Source: c/templates/a.yaml\n";
    assert_eq!(three, format!("{head}# end\n{head}kind: A\n{head}kind: B\n"));
    assert_eq!(four, format!("{head}# end\n\n{head}kind: A\n\n\n{head}kind: B\n"));
    let [shown, _] = both(&chart("", "kind: A\n\n"), &["-s", "templates/a.yaml"]);
    assert_eq!(shown, format!("---\n{}kind: A\n", &head[4..]));
}

#[test]
fn values_have_one_document_and_keep_nulls() {
    let host = chart(
        "a: 1\nnone: null\n---\na: 2\n",
        "a: {{ .Values.a }}\nn: {{ hasKey .Values \"none\" }}\nf: {{ .Values.f }}\n",
    );
    host.put("my.yaml", b"f: 1\n---\nf: 2\n");
    let [three, four] = both(&host, &["-f", "my.yaml"]);
    assert!(three.ends_with("a: 1\nn: true\nf: 1\n"), "{three}");
    assert!(four.ends_with("a: 2\nn: false\nf: 2\n"), "{four}");
}

#[test]
fn the_chart_is_a_struct_and_the_cluster_older() {
    let host = chart("", "v: {{ .Capabilities.KubeVersion.Version }}\nk: {{ .Chart.Name }}\n");
    let [three, four] = both(&host, &[]);
    assert!(three.contains("v: v1.35.0\nk: c\n"), "{three}");
    assert!(four.contains("v: v1.37.0\nk: c\n"), "{four}");
    let [three, four] = both(&chart("", "k: {{ .Chart.Nope }}\n"), &[]);
    assert!(three.contains("can't evaluate field Nope"), "{three}");
    assert!(four.contains("k:"), "{four}");
}

#[test]
fn webhooks_are_sorted_with_unknown_kinds() {
    let host = chart("", "kind: ValidatingWebhookConfiguration\n---\nkind: Alpha\n");
    let [three, four] = both(&host, &[]);
    assert!(three.find("Alpha") < three.find("Validating"), "{three}");
    assert!(four.find("Validating") < four.find("Alpha"), "{four}");
    let output = run(&host, &["template", "c", "--compat", "2"]);
    assert_eq!(output.code, 1);
    assert!(output.err.contains("--compat"), "{}", output.err);
}
