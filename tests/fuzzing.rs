//! The fuzz targets on seeds from the test data and on changed copies of them, the same every time;
//! and on the inputs below `cases/fuzz`, each of which once broke a target.

use std::fs;

use serde_json::Value;

use crate::support::{cases, in_parallel};
use crate::targets;

/// How many seeds each target gets, and how many changed copies of each.
const SEEDS: usize = 40;
const COPIES: u64 = 25;

/// Numbers that look random and never change.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        // Knuth's multiplier; the high bits are the good ones.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

/// A copy with a few bytes changed, cut out, doubled or swapped for what grammars care about.
fn changed(seed: &[u8], number: u64) -> Vec<u8> {
    const WORDS: [&[u8]; 16] = [
        b"{{",
        b"}}",
        b"\n",
        b": ",
        b"- ",
        b"\"",
        b"\\",
        b"%%%",
        b"\0",
        b"\xff",
        b"[",
        b"{",
        b"|",
        b"&a",
        b"*a",
        b"999999999999",
    ];
    let mut numbers = Numbers(number);
    let mut copy = seed.to_vec();
    for _ in 0..=numbers.below(4) {
        let (one, other) = (numbers.below(copy.len() + 1), numbers.below(copy.len() + 1));
        let (start, end) = (one.min(other), one.max(other).min(one.min(other) + 40));
        match numbers.below(4) {
            0 => {
                copy.drain(start..end);
            }
            1 => {
                let piece = copy[start..end].to_vec();
                copy.splice(one..one, piece);
            }
            2 => {
                let word = WORDS[numbers.below(WORDS.len())];
                copy.splice(one..one, word.iter().copied());
            }
            _ => {
                if let Some(byte) = copy.get_mut(one) {
                    *byte = numbers.below(256) as u8;
                }
            }
        }
    }
    copy
}

fn join(parts: &[&str]) -> Vec<u8> {
    parts.join("\n%%%\n").into_bytes()
}

/// Every `step`-th recorded case.
fn recorded(step: usize) -> Vec<Value> {
    let mut found = Vec::new();
    for entry in fs::read_dir(cases().join("recorded")).expect("the folder") {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("text");
        found.extend(text.lines().map(str::to_owned));
    }
    found.sort();
    let lines = found.iter().step_by(step);
    lines.map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn archive(case: &Value) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
    for (name, text) in [
        ("Chart.yaml", "apiVersion: v2\nname: t\nversion: 0.1.0\n".to_owned()),
        ("values.yaml", text("values")),
        ("templates/t.yaml", text("template")),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("c/{name}"), text.as_bytes())
            .expect("memory takes all");
    }
    tar.into_inner().expect("memory takes all")
}

/// What a target is given before anything is changed.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let text = |case: &Value, key: &str| case[key].as_str().unwrap_or_default().to_owned();
    let all = recorded(37);
    let mut found: Vec<Vec<u8>> = match target {
        "archives" => all.iter().map(archive).collect(),
        "templates" => all.iter().map(|case| text(case, "template").into_bytes()).collect(),
        "render" => {
            let input = |case: &Value| {
                join(&[&text(case, "template"), &text(case, "values"), &text(case, "helpers")])
            };
            all.iter().map(input).collect()
        }
        "yaml" => {
            let keys = ["values", "stdout"];
            all.iter().flat_map(|case| keys.map(|key| text(case, key).into_bytes())).collect()
        }
        "set" => {
            let args = recorded(1).into_iter().flat_map(|case| {
                let args = case["args"].as_array().cloned().unwrap_or_default();
                args.into_iter().filter_map(|arg| arg.as_str().map(str::to_owned))
            });
            let texts = args.filter(|arg| arg.contains('=')).step_by(11);
            texts.enumerate().map(|(at, arg)| [&[at as u8], arg.as_bytes()].concat()).collect()
        }
        "schema" => {
            let schemas = recorded(1).into_iter().filter_map(|case| {
                let schema = case["files"]["values.schema.json"].as_str()?;
                Some(join(&[schema, &text(&case, "values")]))
            });
            let kinds = ["Deployment", "Service", "Ingress", "CronJob"].map(|kind| {
                format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: a}}\nspec: {{a: 1}}\n")
            });
            schemas.step_by(5).chain(kinds.map(String::into_bytes)).collect()
        }
        "jinja" => rhumb::chart::shipped::ALL
            .iter()
            .flat_map(|chart| chart.files.iter())
            .filter(|(name, _)| name.contains(".j2"))
            .map(|(_, text)| [*text, b"\n%%%\na: {b: [1]}\n"].concat())
            .collect(),
        "small" => ["1.2.3", ">=1.2 <2 || ^3", "(a|b)*c{2,3}", "1h2m3s", "a = [1, {b = 'c'}]"]
            .map(|first| join(&[first, "1.2.3 abc 2024-01-02"]))
            .into(),
        other => panic!("no seeds for {other}"),
    };
    let step = found.len().div_ceil(SEEDS).max(1);
    found = found.into_iter().step_by(step).collect();
    assert!(!found.is_empty(), "{target} has seeds");
    found
}

#[test]
fn targets_bear_seeds_and_changed_seeds() {
    let counts = in_parallel(&targets::TARGETS, |(name, target)| {
        let seeds = seeds(name);
        for (at, seed) in seeds.iter().enumerate() {
            target(seed);
            for copy in 0..COPIES {
                target(&changed(seed, at as u64 * COPIES + copy));
            }
        }
        seeds.len()
    });
    assert!(counts.iter().all(|count| *count > 4), "{counts:?}");
}

#[test]
fn what_was_found_stays_found() {
    let mut count = 0;
    for (name, target) in targets::TARGETS {
        let Ok(entries) = fs::read_dir(cases().join("fuzz").join(name)) else { continue };
        for entry in entries {
            target(&fs::read(entry.expect("an entry").path()).expect("bytes"));
            count += 1;
        }
    }
    assert!(count > 1, "the inputs are there");
}
