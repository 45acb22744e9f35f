//! What the program is built from: licences, sources, and crates that come in two versions, as
//! `deny.toml` allows them. cargo-deny says more (`just deny`); this needs nothing but cargo.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// The texts of one list of `deny.toml`, comments left out.
fn listed(deny: &str, list: &str) -> Vec<String> {
    let from = deny.find(&format!("\n{list} = [")).expect("the list is there");
    let body = deny[from..].split_once("= [").expect("a list").1;
    let body = body.split_once("\n]").expect("the end of the list").0;
    let lines = body.lines().map(|line| line.split('#').next().unwrap_or_default());
    lines.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned)).collect()
}

/// Whether an SPDX expression is met by licences that are allowed; `/` is an old way to write OR.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], "");
    // No expression in use has an AND within an OR.
    expression.split(" AND ").all(|part| {
        part.split(" OR ").any(|licence| allowed.iter().any(|known| known == licence.trim()))
    })
}

#[test]
fn crates_are_licensed_listed_and_single() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let deny = std::fs::read_to_string(root.join("deny.toml")).expect("deny.toml");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let tree = Command::new(cargo)
        .args(["tree", "--locked", "--offline", "-e", "normal,build", "--prefix", "none"])
        .args(["--format", "{p}|{l}"])
        .current_dir(root)
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let (allowed, banned) = (listed(&deny, "allow"), listed(&deny, "deny"));
    let twice = listed(&deny, "skip");
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for line in String::from_utf8_lossy(&tree.stdout).lines() {
        let (package, licence) = line.trim_end_matches(" (*)").split_once('|').expect("a licence");
        let mut words = package.split(' ');
        let name = words.next().unwrap_or_default().to_owned();
        let version = words.next().unwrap_or_default().to_owned();
        // A place behind the version is a folder or a repository; only ours may have one.
        let place = words.find(|word| !matches!(*word, "(proc-macro)"));
        if place.is_some() && name != env!("CARGO_PKG_NAME") {
            wrong.push(format!("{name} does not come from the registry"));
        }
        if !is_allowed(licence, &allowed) {
            wrong.push(format!("{name} has the licence {licence}"));
        }
        if banned.contains(&name) {
            wrong.push(format!("{name} is banned"));
        }
        let known = versions.entry(name).or_default();
        if !known.contains(&version) {
            known.push(version);
        }
    }
    assert!(versions.len() > 50, "only {} crates were found", versions.len());
    for (name, versions) in &versions {
        if versions.len() > 1 && !twice.contains(name) {
            wrong.push(format!("{name} comes in versions {}", versions.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for name in twice {
        let count = versions.get(&name).map_or(0, Vec::len);
        assert!(count > 1, "deny.toml need not skip {name} any longer");
    }
}

#[test]
fn expressions_are_read() {
    let allowed = ["MIT".to_owned(), "ISC".to_owned()];
    assert!(is_allowed("Apache-2.0 OR MIT", &allowed) && is_allowed("MIT/GPL-3.0", &allowed));
    assert!(is_allowed("(MIT OR Apache-2.0) AND ISC", &allowed));
    assert!(!is_allowed("MIT AND GPL-3.0", &allowed) && !is_allowed("", &allowed));
}
