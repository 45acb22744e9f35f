//! `rhumb docs`: a chart's values as a table.

use super::flags::{ChartFlags, GlobalFlags};
use super::locate::locate_or_fetch;
use super::{Failure, Streams, write_out};
use crate::chart::load;
use crate::host::Host;
use crate::source::Sources;
use crate::values::describe;

/// Print a chart's values as a Markdown table
///
/// Each value with its default and the comment above it in values.yaml. With --write the table
/// goes into the chart's README.md, between the lines `<!-- values -->` and `<!-- /values -->`:
///
///   rhumb docs ./web --write
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Folder, archive, address, NAME/CHART of a known repository, or a shipped chart
    chart: String,

    /// Replace the table in the chart's README.md
    #[arg(long)]
    write: bool,

    #[command(flatten)]
    fetching: ChartFlags,
}

/// The line above the table in a README, and the one below.
const MARKS: [&str; 2] = ["<!-- values -->\n", "<!-- /values -->\n"];

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let mut log = Vec::new();
    let path = locate_or_fetch(&args.chart, &args.fetching, global, host, &mut log);
    super::flush_log(&mut log, streams.err);
    let path = path?;
    let chart = load::load(host, &Sources::new(), &path, &mut Vec::new())?;
    let rows = match &chart.raw_values {
        Some(text) => describe::describe(text)?,
        None => Vec::new(),
    };
    let table = describe::table(&rows);
    if !args.write {
        return write_out(streams.out, table.as_bytes());
    }
    let readme = path.join("README.md");
    let failed = |error| Failure::new(format!("{}: {error}", readme.display()));
    let text = host.read(&readme).map_err(failed)?;
    let text = String::from_utf8_lossy(&text);
    let Some(text) = replaced(&text, &table) else {
        return Err(Failure::new(format!(
            "{} has no place for the table: it stands between the lines {} and {}",
            readme.display(),
            MARKS[0].trim_end(),
            MARKS[1].trim_end(),
        )));
    };
    host.write(&readme, text.as_bytes()).map_err(failed)
}

/// A text with what stands between the marks replaced; none without marks.
fn replaced(text: &str, table: &str) -> Option<String> {
    let [open, close] = MARKS;
    let (before, rest) = text.split_once(open)?;
    let (_, after) = rest.split_once(close)?;
    Some(format!("{before}{open}{table}{close}{after}"))
}
