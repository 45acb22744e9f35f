//! `rhumb validate` against manifests with known faults, and valid ones that look faulty.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rhumb::cli::{Streams, run};
use rhumb::host::RealHost;
use serde_json::Value as Json;

use crate::support::MemoryHost;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/kube").join(name)
}

fn validate(args: &[&str]) -> (i32, String, String) {
    let mut line = vec!["rhumb".to_owned(), "validate".to_owned()];
    line.extend(args.iter().map(|arg| (*arg).to_owned()));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(&line, &RealHost, &mut Streams { out: &mut out, err: &mut err });
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (code, text(out), text(err))
}

/// Documents, paths and codes of what was found: errors, and warnings that a case names.
fn found(report: &Json, codes: &BTreeSet<String>) -> BTreeSet<(u64, String, String)> {
    let findings = report["findings"].as_array().expect("findings");
    let text = |finding: &Json, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    findings
        .iter()
        .filter(|finding| finding["severity"] == "error" || codes.contains(&text(finding, "code")))
        .map(|finding| {
            let document = finding["document"].as_u64().expect("number");
            (document, text(finding, "path"), text(finding, "code"))
        })
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "tests read the repository")]
fn check(name: &str) {
    let mut faults = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder(name)).expect("folder") {
        let path = entry.expect("entry").path();
        if path.extension().is_none_or(|end| end != "yaml") {
            continue;
        }
        count += 1;
        let expect = std::fs::read_to_string(path.with_extension("expect.json")).expect("expect");
        let expect: Json = serde_json::from_str(&expect).expect("JSON");
        let crds = folder("crds");
        let mut args =
            vec!["-o", "json", "--kube-version", expect["kubernetes"].as_str().expect("version")];
        if !expect["crds"].as_array().expect("crds").is_empty() {
            args.extend(["--crds", crds.to_str().expect("path")]);
        }
        args.push(path.to_str().expect("path"));
        let (code, out, err) = validate(&args);
        let report: Json = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
        let wanted = expect["findings"].as_array().expect("findings");
        let text = |finding: &Json, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let codes = wanted.iter().map(|finding| text(finding, "code")).collect();
        let wanted: BTreeSet<_> = wanted
            .iter()
            .map(|one| (one["doc"].as_u64().expect("doc"), text(one, "path"), text(one, "code")))
            .collect();
        let got = found(&report, &codes);
        if got != wanted || code != i32::from(!wanted.is_empty()) {
            faults.push(format!("{}: exit {code}, {got:?}", path.display()));
        }
    }
    assert!(count > 10, "{count} cases");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn invalid_manifests_give_the_finding_that_they_hold() {
    check("invalid");
}

#[test]
fn valid_manifests_pass() {
    check("valid");
}

#[test]
fn what_cannot_run_exits_with_2() {
    for args in [
        vec![],
        vec!["nowhere.yaml"],
        vec!["-o", "xml", "a.yaml"],
        vec!["--kube-version", "1.12", "a.yaml"],
        vec!["--nonsense"],
    ] {
        let (code, out, err) = validate(&args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(err.starts_with("Error: "), "{err}");
    }
}

const WIDGET: &str = "apiVersion: demo.example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec:\n  size: tiny\n  weight: \"3\"\n  colour: red\n";

const SCHEMA: &str = r#"{"type": "object", "properties": {"spec": {"type": "object",
    "additionalProperties": false, "properties": {
        "size": {"type": ["string", "null"], "enum": ["small", "large"]},
        "weight": {"$ref": "_definitions.json#/definitions/Weight"}}}}}"#;

const DEFINITIONS: &str = r#"{"definitions": {"Weight": {"type": ["integer", "null"]}}}"#;

/// Codes and paths that a run on a disk in memory reports.
fn codes(host: &MemoryHost, args: &[&str]) -> (i32, Vec<String>, String) {
    let mut line = vec!["validate", "-o", "json"];
    line.extend(args);
    let result = crate::support::run(host, &line);
    let report: Json = serde_json::from_slice(&result.out).unwrap_or_default();
    let findings = report["findings"].as_array().cloned().unwrap_or_default();
    let one = |it: &Json| {
        let text = |key: &str| it[key].as_str().unwrap_or_default().to_owned();
        format!("{} {}", text("code"), text("path"))
    };
    (result.code, findings.iter().map(one).collect(), result.err)
}

#[test]
fn schemas_come_from_folders_and_templates() {
    let host = MemoryHost::new();
    host.put("w.yaml", WIDGET.as_bytes());
    host.put("catalog/demo.example.com/widget_v1.json", SCHEMA.as_bytes());
    host.put("catalog/demo.example.com/_definitions.json", DEFINITIONS.as_bytes());
    let layout = "folder/v1.36.0-standalone-strict";
    host.put(&format!("{layout}/widget-demo-v1.json"), SCHEMA.as_bytes());
    host.put(&format!("{layout}/_definitions.json"), DEFINITIONS.as_bytes());
    let wanted = ["invalid-enum spec.size", "wrong-type spec.weight", "unknown-field spec.colour"];
    let template = "catalog/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json";
    let own = "folder/{{ .NormalizedKubernetesVersion }}-standalone{{ .StrictSuffix }}/{{ .ResourceKind }}{{ .KindSuffix }}.json";
    for location in ["catalog", "folder", template, own] {
        let args = ["-kubernetes-version", "1.36.0", "-schema-location", "default"];
        let args = [&args[..], &["-schema-location", location, "w.yaml"]].concat();
        let (code, found, err) = codes(&host, &args);
        assert_eq!((code, found), (1, wanted.map(str::to_owned).to_vec()), "{location}: {err}");
    }
    let (code, found, _) = codes(&host, &["w.yaml"]);
    assert_eq!((code, found), (1, vec!["unknown-kind kind".to_owned()]));
    // Projects around Kubernetes have groups below k8s.io; a slip in a group's name is none.
    let object = |group: &str, kind: &str| {
        format!("apiVersion: {group}/v1\nkind: {kind}\nmetadata: {{name: a}}\n")
    };
    for (group, kind, wanted) in [
        ("autoscaling.k8s.io", "VerticalPodAutoscaler", 0),
        ("gateway.networking.k8s.io", "HTTPRoute", 0),
        ("snapshot.storage.k8s.io", "VolumeSnapshot", 0),
        ("networkin.k8s.io", "NetworkPolcy", 1),
        ("extensions.k8s.io", "Ingress", 1),
    ] {
        host.put("o.yaml", object(group, kind).as_bytes());
        assert_eq!(codes(&host, &["-ignore-missing-schemas", "o.yaml"]).0, wanted, "{group}");
    }
    let (code, _, err) = codes(&host, &["-schema-location", "https://example.com/x", "w.yaml"]);
    assert!(code == 2 && err.contains("never uses the network"), "{err}");
}

#[test]
fn a_folder_before_default_wins_over_built_in_kinds() {
    let host = MemoryHost::new();
    host.put("c.yaml", b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: 1}\n");
    host.put("own/configmap-v1.json", br#"{"type": "object"}"#);
    let (code, found, _) = codes(&host, &["--schema-location", "own", "c.yaml"]);
    assert_eq!((code, found), (0, Vec::new()));
    let args = ["--schema-location", "default", "--schema-location", "own", "c.yaml"];
    assert_eq!(codes(&host, &args).0, 1);
}

#[test]
fn command_lines_written_for_kubeconform_work() {
    let mut host = MemoryHost::new();
    host.put("m/a.yaml", b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n");
    host.put("m/skip-me.yaml", WIDGET.as_bytes());
    let run = |host: &MemoryHost, args: &[&str]| crate::support::run(host, args);
    let args =
        ["validate", "-strict", "-summary", "-verbose", "-n", "4", "-ignore-filename-pattern"];
    let result = run(&host, &[&args[..], &["skip-.*", "-output", "text", "m"]].concat());
    let text = String::from_utf8(result.out).expect("UTF-8");
    assert_eq!(result.code, 0, "{text}");
    assert!(text.starts_with("m/a.yaml: ConfigMap/c: valid\n1 document: 1 valid"), "{text}");
    let result = run(&host, &["validate", "-ignore-missing-schemas", "m"]);
    assert_eq!(result.code, 0);
    host.set_stdin(b"apiVersion: v1\nkind: Secret\n");
    let (code, found, _) = codes(&host, &[]);
    assert_eq!((code, found), (1, vec!["missing-required metadata.name".to_owned()]));
}

#[test]
fn rules_are_listed_and_misspelt_ones_refused() {
    let host = MemoryHost::new();
    host.put("m.yaml", WIDGET.as_bytes());
    let (code, _, err) = codes(&host, &["--skip-rule", "quantty", "m.yaml"]);
    assert!(code == 2 && err.contains("did you mean quantity?"), "{err}");
    let listed = crate::support::run(&host, &["validate", "--list-rules"]).out;
    let listed = String::from_utf8(listed).expect("UTF-8");
    let known: BTreeSet<&str> =
        listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let mut missing = Vec::new();
    for text in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kube")) {
        for start in ["Finding::new(\"", "Finding::warning(\"", ".rule(\""] {
            for (_, rest) in text.match_indices(start).map(|(at, _)| text.split_at(at)) {
                let name = rest[start.len()..].split('"').next().unwrap_or_default();
                if !known.contains(name) {
                    missing.push(name.to_owned());
                }
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[expect(clippy::disallowed_methods, reason = "tests read the repository")]
fn sources(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            texts.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            texts.push(std::fs::read_to_string(&path).expect("text"));
        }
    }
    texts
}

#[test]
fn under_helms_name_the_flag_wants_a_cluster() {
    let host = MemoryHost::new();
    host.put("c/Chart.yaml", b"apiVersion: v2\nname: c\nversion: 1.0.0\n");
    let run = |args: &[&str]| crate::support::run(&host, args);
    let result = run(&["helm", "template", "r", "c", "--validate"]);
    let first = "Flag --validate has been deprecated, use '--dry-run=server' instead\n";
    assert_eq!((result.code, result.err.starts_with(first)), (1, true), "{}", result.err);
    assert!(result.err.contains("kubernetes cluster unreachable"), "{}", result.err);
    let result = run(&["helm", "template", "r", "c", "--validate=full"]);
    let sentence = "Error: invalid argument \"full\" for \"--validate\" flag: strconv.ParseBool: parsing \"full\": invalid syntax\n";
    assert_eq!(result.err, sentence);
    let result = run(&["helm", "template", "r", "c", "--validate=false"]);
    assert_eq!((result.code, result.err.as_str()), (0, first));
}

#[test]
fn findings_on_rendered_output_come_in_forms_for_machines() {
    let host = MemoryHost::new();
    host.put("d/Chart.yaml", b"apiVersion: v2\nname: c\nversion: 1.0.0\n");
    let text = b"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  type: {{ .Values.t }}\n  ports: [{port: 80}]\n";
    host.put("d/templates/s.yaml", text);
    let run = |args: &[&str]| {
        let line = ["template", "r", "d", "--set", "t=Nodeport", "--validate"];
        crate::support::run(&host, &[&line[..], args].concat())
    };
    let result = run(&["--validate-output", "github"]);
    let start = "::error file=d/templates/s.yaml,line=5,col=12,title=invalid-enum::spec.type: ";
    assert!(result.code == 1 && result.err.starts_with(start), "{}", result.err);
    let result = run(&["--validate-output=sarif=out.sarif"]);
    assert!(result.err.starts_with("error[invalid-enum]: spec.type"), "{}", result.err);
    let report: Json =
        serde_json::from_slice(&host.bytes("out.sarif").expect("a report")).expect("JSON");
    let place = &report["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "d/templates/s.yaml");
    let result = run(&["--validate-output", "xml"]);
    assert!(result.code == 2 && result.err.contains("unknown form"), "{}", result.err);
}

/// Sets or removes what keys and indexes lead to; what is missing on the way is made.
fn patch(doc: &mut Json, way: &[Json], value: Option<&Json>) {
    let Some((step, rest)) = way.split_first() else {
        *doc = value.cloned().unwrap_or_default();
        return;
    };
    if let Some(index) = step.as_u64() {
        if !doc.is_array() {
            *doc = Json::Array(Vec::new());
        }
        let list = doc.as_array_mut().expect("list");
        let index = usize::try_from(index).expect("index");
        while list.len() <= index {
            list.push(Json::Object(serde_json::Map::new()));
        }
        patch(&mut list[index], rest, value);
        return;
    }
    let key = step.as_str().expect("key");
    if !doc.is_object() {
        *doc = Json::Object(serde_json::Map::new());
    }
    let map = doc.as_object_mut().expect("object");
    if rest.is_empty() && value.is_none() {
        map.remove(key);
    } else {
        patch(map.entry(key).or_insert(Json::Null), rest, value);
    }
}

#[test]
fn each_change_of_a_valid_object_is_found_where_it_is() {
    let text = include_str!("cases/kube/patched.json");
    let table: Json = serde_json::from_str(text).expect("JSON");
    let crd = include_bytes!("cases/kube/crds/widgets.yaml");
    let mut faults = Vec::new();
    for case in table["cases"].as_array().expect("cases") {
        let mut doc = match case["base"].as_str() {
            Some(base) => table["bases"][base].clone(),
            None => case["doc"].clone(),
        };
        for change in case["set"].as_array().into_iter().flatten() {
            patch(&mut doc, change[0].as_array().expect("way"), Some(&change[1]));
        }
        for way in case["remove"].as_array().into_iter().flatten() {
            patch(&mut doc, way.as_array().expect("way"), None);
        }
        let host = MemoryHost::new();
        host.put("crds/widgets.yaml", crd);
        host.put("m.json", doc.to_string().as_bytes());
        let version = case["kubernetes"].as_str().unwrap_or("1.36");
        let args = ["validate", "-o", "json", "--crds", "crds", "--kube-version", version];
        let result = crate::support::run(&host, &[&args[..], &["m.json"]].concat());
        let report: Json = serde_json::from_slice(&result.out).expect("JSON");
        let found = found(&report, &BTreeSet::new());
        let found: BTreeSet<_> = found.into_iter().map(|(_, path, code)| (path, code)).collect();
        let text = |it: &Json| it.as_str().expect("text").to_owned();
        let wanted = case["findings"].as_array().into_iter().flatten();
        let wanted: BTreeSet<_> = wanted.map(|it| (text(&it[0]), text(&it[1]))).collect();
        if found != wanted {
            faults.push(format!("{}: found {found:?}, expected {wanted:?}", case["name"]));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
