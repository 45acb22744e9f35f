//! LCOV trace files, as `geninfo` describes them.

use std::fmt::Write as _;

use crate::coverage::{Coverage, Measure};

/// A record for each template file; its named templates are the functions.
pub(super) fn write(charts: &[&Coverage]) -> String {
    let mut out = String::new();
    for file in charts.iter().flat_map(|chart| &chart.files) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "TN:\nSF:{}", file.path);
        for (named, _) in &file.templates {
            let _ = writeln!(out, "FN:{},{}", named.line, named.name);
        }
        for (named, count) in &file.templates {
            let _ = writeln!(out, "FNDA:{count},{}", named.name);
        }
        let used = file.templates.iter().filter(|(_, count)| *count > 0).count();
        let _ = writeln!(out, "FNF:{}\nFNH:{used}", file.templates.len());
        for (block, (fork, ways)) in file.forks.iter().enumerate() {
            for (way, count) in ways.iter().enumerate() {
                let shown = if ways[0] + ways[1] == 0 { "-".to_owned() } else { count.to_string() };
                let _ = writeln!(out, "BRDA:{},{block},{way},{shown}", fork.line);
            }
        }
        let branches = file.ratio(Measure::Branches);
        let _ = writeln!(out, "BRF:{}\nBRH:{}", branches.total, branches.hit);
        for (line, count) in &file.lines {
            let _ = writeln!(out, "DA:{line},{count}");
        }
        let lines = file.ratio(Measure::Lines);
        let _ = writeln!(out, "LF:{}\nLH:{}\nend_of_record", lines.total, lines.hit);
    }
    out
}
