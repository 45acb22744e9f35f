//! Writes the table of shipped charts, which `chart::shipped` includes in the program, and says how
//! the program is linked.
#![expect(clippy::disallowed_methods, reason = "runs at build time, without the program's host")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=charts");
    if variable("CARGO_CFG_TARGET_OS") == "linux" && variable("CARGO_CFG_TARGET_ENV") == "gnu" {
        // At fixed addresses nothing need be relocated at start: a third of the pages that a short
        // run touches.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
    let charts = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("charts");
    let mut table = String::from("&[\n");
    for (name, folder) in entries(&charts) {
        let _ = writeln!(table, "Shipped {{ name: {name:?}, files: &[");
        files(&folder, "", &mut table);
        table.push_str("] },\n");
    }
    table.push_str("]\n");
    let out = PathBuf::from(variable("OUT_DIR")).join("shipped.rs");
    std::fs::write(out, table).expect("the output folder is writable");
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}

/// Names and paths in a folder, sorted; hidden ones are an editor's own.
fn entries(folder: &Path) -> Vec<(String, PathBuf)> {
    let read =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<_> = read
        .map(|entry| entry.expect("a readable folder"))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    found.sort();
    found
}

/// A row for each file below a folder, named relative to the chart.
fn files(folder: &Path, below: &str, table: &mut String) {
    for (name, path) in entries(folder) {
        let name = format!("{below}{name}");
        if path.is_dir() {
            files(&path, &format!("{name}/"), table);
        } else {
            let path = path.to_str().expect("the source folder has a UTF-8 name");
            let _ = writeln!(table, "({name:?}, include_bytes!({path:?})),");
        }
    }
}
