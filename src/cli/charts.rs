//! `rhumb charts`: the charts that come with the program.

use std::path::Path;

use super::{Failure, Streams, write_out};
use crate::chart::load;
use crate::chart::shipped::{self, Shipped};
use crate::diag::nearest::nearest;
use crate::host::{FileKind, Host};
use crate::source::Sources;

/// List the charts that come with rhumb, or copy one
///
/// Each can be rendered by its name in any folder, `rhumb template my-ojp ojp-server -f my.yaml`,
/// unless a folder or file of that name is there. `rhumb charts copy ojp-server ./ojp` makes an
/// own copy, to be changed at will.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// Copy a shipped chart to a folder: `rhumb charts copy agdb ./agdb`
    Copy {
        /// Name of the chart, as `rhumb charts` lists it
        name: String,
        /// Folder that becomes the chart; made when it is absent, else it must be empty
        dir: String,
    },
}

pub(super) fn run(args: &Args, host: &dyn Host, streams: &mut Streams<'_>) -> Result<(), Failure> {
    match &args.action {
        None => write_out(streams.out, list(host)?.as_bytes()),
        Some(Action::Copy { name, dir }) => copy(name, dir, host, streams),
    }
}

/// One line for each chart: name, version, version of the system, what it is.
fn list(host: &dyn Host) -> Result<String, Failure> {
    let sources = Sources::new();
    let mut rows = vec![["NAME", "VERSION", "APP VERSION", "DESCRIPTION"].map(str::to_owned)];
    for chart in shipped::ALL {
        let about = load::load(host, &sources, &chart.path(), &mut Vec::new())?.metadata;
        rows.push([about.name, about.version, about.app_version, about.description]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let widths = [width(0), width(1), width(2)];
    let line = |row: &[String; 4]| {
        let [name, version, app, what] = row;
        let [a, b, c] = widths;
        format!("{name:a$}  {version:b$}  {app:c$}  {what}\n")
    };
    Ok(rows.iter().map(line).collect())
}

fn copy(name: &str, dir: &str, host: &dyn Host, streams: &mut Streams<'_>) -> Result<(), Failure> {
    let chart = shipped::find(name).ok_or_else(|| unknown(name))?;
    let dir = Path::new(dir);
    if let Ok(stat) = host.stat(dir, true) {
        let shown = dir.display();
        if stat.kind != FileKind::Dir {
            return Err(Failure::new(format!("{shown} is not a folder")));
        }
        if host.read_dir(dir).is_ok_and(|names| !names.is_empty()) {
            return Err(Failure::new(format!(
                "{shown} is not empty: name a folder that is not there yet"
            )));
        }
    }
    chart.write(host, dir).map_err(Failure::new)?;
    let count = chart.files.len();
    write_out(streams.out, format!("wrote {} ({count} files)\n", dir.display()).as_bytes())
}

/// The refusal of a name, with the nearest one or all of them.
fn unknown(name: &str) -> Failure {
    let names = || shipped::ALL.iter().map(|chart: &Shipped| chart.name);
    let hint = match nearest(name, names()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
    };
    Failure::new(format!("no shipped chart is named {name:?}; {hint}"))
}
