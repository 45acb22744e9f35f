//! `rhumb schema`: a draft of a chart's values.schema.json, or where the one it has is out of date.

use super::flags::{ChartFlags, GlobalFlags};
use super::locate::locate_or_fetch;
use super::{Failure, Streams, write_out};
use crate::chart::load;
use crate::doc::Doc;
use crate::drafting::{draft, drifts};
use crate::host::Host;
use crate::source::Sources;
use crate::typed::Definitions;
use crate::values::schema;

/// Draft a chart's values.schema.json
///
/// From the defaults in values.yaml, the comments above them, and what the templates do with each
/// value:
///
///   rhumb schema ./chart > ./chart/values.schema.json
///
/// With --check it tells where an existing schema, the defaults and the templates have drifted
/// apart, and fails when they have.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Folder, archive, address, or NAME/CHART of a known repository
    chart: String,

    /// Compare the chart's schema with its defaults and templates
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    fetching: ChartFlags,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let sources = Sources::new();
    let mut log = Vec::new();
    let path = locate_or_fetch(&args.chart, &args.fetching, global, host, &mut log);
    super::flush_log(&mut log, streams.err);
    let path = path?;
    let chart = load::load(host, &sources, &path, &mut Vec::new())?;
    if !args.check {
        let mut text = serde_json::to_vec_pretty(&draft(&chart)?).unwrap_or_default();
        text.push(b'\n');
        return write_out(streams.out, &text);
    }
    let Some(text) = &chart.schema else {
        return Err(Failure::new(format!(
            "{} has no values.schema.json: `rhumb schema {0}` drafts one",
            args.chart
        )));
    };
    let folder = host.current_dir().map(|dir| format!("{}/", dir.display())).unwrap_or_default();
    let mut count = 0;
    for drift in drifts(&chart, &sources) {
        let place = match drift.place.strip_prefix(&folder).unwrap_or(&drift.place) {
            "" => "values.schema.json",
            place => place,
        };
        // Losing a line is no reason to fail.
        let _ = writeln!(streams.out, "{place}: {}", drift.message);
        count += 1;
    }
    let mut defaults: Doc = chart.defaults.clone();
    if let Some(map) = defaults.as_map_mut() {
        map.retain(|_, item| !item.is_null());
    }
    let result = schema::validate_one(text, &defaults, Some(&Definitions), &mut Vec::new());
    for line in result.err().iter().flat_map(|report| report.lines()) {
        let _ = writeln!(streams.out, "values.yaml: {}", line.trim_start_matches("- "));
        count += 1;
    }
    match count {
        0 => Ok(()),
        1 => Err(Failure::new("1 difference between schema, defaults and templates")),
        _ => {
            Err(Failure::new(format!("{count} differences between schema, defaults and templates")))
        }
    }
}
