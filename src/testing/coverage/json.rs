//! Coverage as one JSON value.

use serde_json::{Value as Json, json};

use super::text::{missing_way, ranges};
use crate::coverage::{Coverage, FileCoverage, Measure, Ratio, ratio};

/// The totals, then each chart with its files and its values.
pub fn json(charts: &[&Coverage]) -> Json {
    let mut all = totals(&Measure::ALL, &|measure| self::ratio(charts, measure));
    all["charts"] = charts.iter().map(|it| chart(it)).collect();
    all
}

fn chart(chart: &Coverage) -> Json {
    let unread = chart.unread.iter().map(
        |value| json!({ "path": value.path, "line": value.line, "in_templates": value.is_named }),
    );
    let mut object = totals(&Measure::ALL, &|measure| chart.ratio(measure));
    object["name"] = json!(chart.chart);
    object["files"] = chart.files.iter().map(file).collect();
    object["values_file"] = json!(chart.values_file);
    object["unread_values"] = unread.collect();
    object
}

fn file(file: &FileCoverage) -> Json {
    let measures = [Measure::Lines, Measure::Branches, Measure::Templates];
    let mut object = totals(&measures, &|measure| file.ratio(measure));
    object["path"] = json!(file.path);
    object["rendered"] = json!(file.rendered.map(|count| count > 0));
    object["missed_lines"] = json!(ranges(file));
    let missed = file.forks.iter().filter_map(|(fork, ways)| {
        let why = missing_way(fork.word, *ways)?;
        Some(json!({ "line": fork.line, "message": why }))
    });
    object["missed_branches"] = missed.collect();
    let unused = file.templates.iter().filter(|(_, count)| *count == 0);
    object["unused_templates"] =
        unused.map(|(named, _)| json!({ "line": named.line, "name": named.name })).collect();
    object
}

fn totals(measures: &[Measure], of: &dyn Fn(Measure) -> Ratio) -> Json {
    let mut object = json!({});
    for measure in measures {
        let ratio = of(*measure);
        let percent = ratio.permille() as f64 / 10.0;
        object[measure.name()] =
            json!({ "covered": ratio.hit, "total": ratio.total, "percent": percent });
    }
    object
}
