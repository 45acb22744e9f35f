//! Coverage for people: a table, and what was not reached.

use std::fmt::Write as _;

use crate::coverage::{Coverage, FileCoverage, Measure, Ratio, ratio};

/// The columns of the table; values belong to no template.
const COLUMNS: [Measure; 3] = [Measure::Lines, Measure::Branches, Measure::Templates];

/// The table of the files of charts, then what was not reached in each.
pub fn text(charts: &[&Coverage], colors: bool) -> String {
    let files = || charts.iter().flat_map(|chart| &chart.files);
    let mut rows: Vec<(String, Vec<Ratio>)> =
        files().map(|file| (file.path.clone(), COLUMNS.map(|it| file.ratio(it)).into())).collect();
    let all = COLUMNS.map(|measure| ratio(charts, measure));
    rows.push(("all templates".to_owned(), all.into()));
    for chart in charts {
        rows.push((chart.values_file.clone(), vec![chart.values]));
    }
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let mut out = format!("{:width$}", "Coverage");
    for measure in COLUMNS {
        let _ = write!(out, "  {:>16}", measure.name());
    }
    out.push('\n');
    for (name, ratios) in &rows {
        let _ = write!(out, "{name:width$}");
        for ratio in ratios {
            let shown = match ratio.total {
                0 => format!("{:>16}", "-"),
                _ => format!(
                    "{:>16}",
                    format!("{}/{} {:>5} %", ratio.hit, ratio.total, ratio.percent())
                ),
            };
            let hue = if ratio.hit == ratio.total { "32" } else { "33" };
            let _ = if colors && ratio.total > 0 {
                write!(out, "  \x1b[{hue}m{shown}\x1b[0m")
            } else {
                write!(out, "  {shown}")
            };
        }
        if ratios.len() == 1 {
            out.push_str("  of the values");
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    let unseen = files().filter(|file| file.rendered == Some(0)).map(|file| file.path.as_str());
    let unseen: Vec<&str> = unseen.collect();
    if !unseen.is_empty() {
        let _ = writeln!(out, "\nNever rendered\n  {}", unseen.join("\n  "));
    }
    for chart in charts {
        let misses = chart.files.iter().filter_map(|file| {
            let lines = misses(file);
            (!lines.is_empty()).then_some((&file.path, lines))
        });
        let mut misses: Vec<_> = misses.collect();
        let values: Vec<String> = chart
            .unread
            .iter()
            .map(|value| {
                let why = if value.is_named { "is never read" } else { "is read by no template" };
                format!("line {}: {} {why}", value.line, value.path)
            })
            .collect();
        if !values.is_empty() {
            misses.push((&chart.values_file, values));
        }
        for (path, lines) in misses {
            let _ = writeln!(out, "\n{path}");
            for line in lines {
                let _ = writeln!(out, "  {line}");
            }
        }
    }
    out
}

/// What was not reached in a file.
fn misses(file: &FileCoverage) -> Vec<String> {
    if file.rendered == Some(0) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let ranges = ranges(file);
    if !ranges.is_empty() {
        let noun = if ranges.len() == 1 && !ranges[0].contains('-') { "line" } else { "lines" };
        found.push(format!("{noun} {}: never reached", ranges.join(", ")));
    }
    let forks = file.forks.iter().filter_map(|(fork, ways)| {
        missing_way(fork.word, *ways).map(|why| format!("line {}: {why}", fork.line))
    });
    found.extend(forks);
    for (named, _) in file.templates.iter().filter(|(_, count)| *count == 0) {
        found.push(format!("line {}: {} is never used", named.line, named.name));
    }
    found
}

/// The way of a fork that was never gone, in words; none when both were, or none.
pub(super) fn missing_way(word: &str, ways: [u64; 2]) -> Option<String> {
    let is_loop = matches!(word, "range" | "for");
    let why = match (ways.map(|count| count > 0), is_loop) {
        ([false, true], false) => "never holds",
        ([true, false], false) => "always holds",
        ([false, true], true) => "never has a turn",
        ([true, false], true) => "is never empty",
        _ => return None,
    };
    Some(format!("{word} {why}"))
}

/// The lines that were not reached, those without one reached between them together.
pub(super) fn ranges(file: &FileCoverage) -> Vec<String> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    let mut is_open = false;
    for (line, count) in &file.lines {
        match ranges.last_mut() {
            _ if *count > 0 => is_open = false,
            Some((_, last)) if is_open => *last = *line,
            _ => {
                ranges.push((*line, *line));
                is_open = true;
            }
        }
    }
    let shown = |(first, last): (u32, u32)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    ranges.into_iter().map(shown).collect()
}
