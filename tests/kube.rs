//! `rhumb validate` against manifests with known faults, and valid ones that look faulty.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rhumb::cli::{Streams, run};
use rhumb::host::RealHost;
use serde_json::Value as Json;

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
