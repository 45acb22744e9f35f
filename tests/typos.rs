//! A table of typos and wrong types in values of ojp-server, and what is said of each.
//!
//! `cases/typos.txt` has the values on one line and the answer, indented, on the next;
//! `UPDATE=1 cargo test typos` writes the answers.

use std::fmt::Write as _;

use crate::support::{MemoryHost, cases, run, same_as_file};

/// Values that look right until one knows better.
const LEAST: usize = 60;

#[test]
fn every_slip_is_named_with_place_and_way_out() {
    let table = std::fs::read_to_string(cases().join("typos.txt")).expect("the table");
    let mut written = String::new();
    let mut count = 0;
    for values in table.lines().filter(|line| !line.starts_with(' ')) {
        let host = MemoryHost::new();
        host.put("first.yaml", b"replicaCount: 3\n");
        host.put("my.yaml", format!("# mine\n{values}\n").as_bytes());
        let output = run(&host, &["template", "ojp-server", "-f", "first.yaml", "-f", "my.yaml"]);
        assert_eq!((output.code, output.out.len()), (1, 0), "{values}");
        let answer: Vec<&str> =
            output.err.lines().filter(|line| line.starts_with("  my.yaml:2:")).collect();
        assert_eq!(answer.len(), 1, "{values}: {}", output.err);
        writeln!(written, "{values}\n  {}", answer[0]).expect("a string takes any text");
        count += 1;
    }
    assert!(count >= LEAST, "{count}");
    same_as_file("tests/cases/typos.txt", &written);
}
