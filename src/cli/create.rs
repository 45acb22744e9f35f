//! `rhumb create`: a new chart.

use std::path::{Path, PathBuf};

use super::arguments::Usage;
use super::flags::GlobalFlags;
use super::{Failure, Streams, write_out};
use crate::chart::skeleton::{self, HELM, NATIVE};
use crate::golang::quote::quote;
use crate::host::{FileKind, Host};

/// Create a chart with the given name
///
/// NAME may be a path; its last part is the chart's name. The chart renders what that of `helm
/// create` does: Deployment, Service, service account, and on demand Ingress, HTTPRoute and
/// autoscaler. With --native its templates are Jinja on rhumb's workload library, and a
/// values.schema.json guards its values:
///
///   rhumb create --native web && rhumb template web
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Folder that becomes the chart; files of a chart that is there are overwritten
    #[arg(value_name = "NAME")]
    positional: Vec<String>,

    /// Write a native chart
    #[arg(long)]
    native: bool,
}

/// The longest name of a chart.
const LONGEST: usize = 250;

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    Usage { command: "create", rest: "NAME [flags]" }.exactly(global, &args.positional, 1)?;
    let given = &args.positional[0];
    write_out(streams.out, format!("Creating {given}\n").as_bytes())?;
    let name = Path::new(given).file_name().and_then(|name| name.to_str()).unwrap_or(".");
    check_name(name)?;
    let chart = folder(given, name, host)?;
    let failed =
        |path: &Path, error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    for (file, text) in if args.native { NATIVE } else { HELM } {
        let path = chart.join(file);
        if host.stat(&path, true).is_ok() {
            let shown = quote(path.to_string_lossy().as_bytes());
            let line = format!("WARNING: File {shown} already exists. Overwriting.\n");
            write_out(streams.out, line.as_bytes())?;
        }
        if let Some(folder) = path.parent() {
            host.create_dir_all(folder).map_err(|error| failed(folder, error))?;
        }
        host.write(&path, skeleton::named(text, name).as_bytes())
            .map_err(|error| failed(&path, error))?;
    }
    let charts = chart.join("charts");
    host.create_dir_all(&charts).map_err(|error| failed(&charts, error))
}

fn check_name(name: &str) -> Result<(), Failure> {
    if name.is_empty() || name.len() > LONGEST {
        let message = format!("chart name must be between 1 and {LONGEST} characters");
        return Err(Failure::new(message));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.bytes().all(plain) {
        return Ok(());
    }
    Err(Failure::new("chart name must match the regular expression \"^[a-zA-Z0-9._-]+$\""))
}

/// The chart's folder, absolute; the one above it must be there.
fn folder(given: &str, name: &str, host: &dyn Host) -> Result<PathBuf, Failure> {
    let above = Path::new(given).parent().unwrap_or(Path::new(""));
    let above = crate::chart::load::absolute(host, above)?;
    match host.stat(&above, true) {
        Ok(stat) if stat.kind == FileKind::Dir => {}
        Ok(_) => return Err(Failure::new(format!("no such directory {}", above.display()))),
        Err(error) => {
            return Err(Failure::new(crate::diag::io::path_error("stat", &above, &error)));
        }
    }
    let chart = crate::chart::load::absolute(host, &above.join(name))?;
    match host.stat(&chart, true) {
        Ok(stat) if stat.kind != FileKind::Dir => Err(Failure::new(format!(
            "file {} already exists and is not a directory",
            chart.display()
        ))),
        _ => Ok(chart),
    }
}
