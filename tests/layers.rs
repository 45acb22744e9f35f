//! Every values layer of every shipped chart: rendered, valid for every Kubernetes version, and
//! the same as `snapshots/<chart>/<case>.yaml`.
//!
//! `UPDATE=1 cargo test` writes the snapshots; what changed is then in `git diff`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::{MemoryHost, in_parallel, run, same_as_file};

/// The chart's own values, as a case.
const DEFAULTS: &str = "defaults";

/// The versions for which snapshots are kept. One that differs from the newest has a file of its
/// own, `<case>@<version>.yaml`.
const KEPT: [&str; 2] = ["1.37", "1.28"];

/// A chart with one of its layers.
struct Case {
    chart: &'static str,
    name: String,
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("values");
    let mut cases = Vec::new();
    for chart in rhumb::models::CHARTS {
        cases.push(Case { chart, name: DEFAULTS.to_owned() });
        let layers = std::fs::read_dir(root.join(chart)).expect("every chart has layers");
        let names = layers.map(|entry| entry.expect("entry").file_name().into_string());
        for name in names.map(|name| name.expect("UTF-8")) {
            let name = name.strip_suffix(".yaml").expect("layers are YAML").to_owned();
            cases.push(Case { chart, name });
        }
    }
    cases
}

impl Case {
    /// What the case renders to; nothing may be said about it.
    fn render(&self, version: &str, more: &[&str]) -> String {
        let host = MemoryHost::new();
        let folder = format!("values/{}", self.chart);
        host.put_folder(&folder, &folder);
        let layer = format!("{folder}/{}.yaml", self.name);
        let mut args = vec!["template", self.chart, self.chart, "-n", "demo"];
        args.extend(["--kube-version", version]);
        if self.name != DEFAULTS {
            args.extend(["-f", &layer]);
        }
        args.extend(more);
        let output = run(&host, &args);
        let Case { chart, name } = self;
        assert_eq!((output.code, output.err.as_str()), (0, ""), "{chart} {name} {version}");
        String::from_utf8(output.out).expect("UTF-8")
    }
}

#[test]
fn every_layer_is_valid_everywhere() {
    in_parallel(&cases(), |case| {
        // Most render alike for every version, and are checked for all of them at once.
        let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for minor in 25..=37 {
            let version = format!("1.{minor}");
            let quick = ["--no-validate", "--skip-schema-validation"];
            let text = case.render(&version, &quick);
            texts.entry(text).or_default().push(version);
        }
        for (text, versions) in texts {
            let mut host = MemoryHost::new();
            host.set_stdin(text.as_bytes());
            let versions = versions.join(",");
            // Layers refer to Secrets and ConfigMaps of their users.
            let skip = "--skip-rule=secret-reference,configmap-reference,service-account-reference";
            let known = ["--ignore-missing-schemas", skip, "--werror"];
            let args = ["validate", "-", "--kube-version", &versions];
            let output = run(&host, &[&args[..], &known].concat());
            let found = String::from_utf8_lossy(&output.out).into_owned();
            assert_eq!((output.code, found.as_str()), (0, ""), "{} {}", case.chart, case.name);
        }
    });
}

#[test]
fn every_layer_renders_as_kept() {
    in_parallel(&cases(), |case| {
        let Case { chart, name } = case;
        let [newest, old] = KEPT;
        let text = case.render(newest, &[]);
        same_as_file(&format!("snapshots/{chart}/{name}.yaml"), &text);
        let older = case.render(old, &[]);
        if older != text {
            same_as_file(&format!("snapshots/{chart}/{name}@{old}.yaml"), &older);
        }
    });
}

#[test]
fn every_snapshot_has_a_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let known: Vec<_> = cases().iter().map(|case| root.join(case.chart).join(&case.name)).collect();
    for chart in std::fs::read_dir(root).expect("snapshots") {
        for file in std::fs::read_dir(chart.expect("entry").path()).expect("folder") {
            let path = file.expect("entry").path();
            let name = path.file_stem().and_then(|name| name.to_str()).expect("UTF-8");
            let case = name.split('@').next().expect("a first part");
            assert!(known.contains(&path.with_file_name(case)), "{}", path.display());
        }
    }
}
