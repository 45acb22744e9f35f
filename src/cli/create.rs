//! `rhumb create`: a new chart.

use std::path::{Path, PathBuf};

use super::arguments::Usage;
use super::flags::GlobalFlags;
use super::settings::Settings;
use super::{Failure, Streams, write_out};
use crate::chart::skeleton::{self, HELM, NATIVE};
use crate::chart::{Metadata, load};
use crate::diag::io::{mkdir_all, path_error};
use crate::golang::filepath;
use crate::golang::quote::quote;
use crate::host::{FileKind, Host};
use crate::source::Sources;

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

    /// Begin with a chart of your own: a path, or a name below Helm's folder `starters`
    #[arg(short = 'p', long, value_name = "CHART")]
    starter: Option<String>,
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
    let name = filepath::base(given);
    let name = name.as_str();
    check_name(name)?;
    let chart = folder(given, name, host)?;
    if let Some(starter) = args.starter.as_deref().filter(|starter| !starter.is_empty()) {
        let starters = Settings::new(host, global).starters();
        return from_starter(&starters.join(starter), &chart, name, host);
    }
    for (file, text) in if args.native { NATIVE } else { HELM } {
        let path = chart.join(file);
        if host.stat(&path, true).is_ok() {
            let shown = quote(path.to_string_lossy().as_bytes());
            let line = format!("WARNING: File {shown} already exists. Overwriting.\n");
            write_out(streams.out, line.as_bytes())?;
        }
        put(host, &path, skeleton::named(text, name).as_bytes())?;
    }
    mkdir_all(host, &chart.join("charts")).map_err(Failure::new)
}

fn put(host: &dyn Host, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        mkdir_all(host, folder).map_err(Failure::new)?;
    }
    host.write(path, bytes).map_err(|error| Failure::new(path_error("open", path, &error)))
}

/// Writes a chart like another: `<CHARTNAME>` in its templates and values becomes the name.
fn from_starter(starter: &Path, chart: &Path, name: &str, host: &dyn Host) -> Result<(), Failure> {
    let loaded = load::load(host, &Sources::new(), starter, &mut Vec::new())
        .map_err(|fault| fault.context(format_args!("could not load {}", starter.display())))?;
    let mut metadata = Metadata::default();
    metadata.name = name.into();
    metadata.description = "A Helm chart for Kubernetes".into();
    metadata.kind = "application".into();
    metadata.version = "0.1.0".into();
    metadata.app_version = "0.1.0".into();
    metadata.api_version = "v2".into();
    let named =
        |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("<CHARTNAME>", name).into_bytes();
    put(host, &chart.join("Chart.yaml"), &metadata.to_yaml())?;
    if let Some(values) = &loaded.raw_values {
        put(host, &chart.join("values.yaml"), &named(values))?;
    }
    if let Some(schema) = &loaded.schema {
        put(host, &chart.join("values.schema.json"), schema)?;
    }
    for template in &loaded.templates {
        put(host, &chart.join(&*template.name), &named(&template.data))?;
    }
    for file in &loaded.files {
        put(host, &chart.join(&*file.name), &file.data)?;
    }
    let charts = chart.join("charts");
    for dependency in &loaded.dependencies {
        crate::package::save(host, dependency, &charts.display().to_string(), None)?;
    }
    Ok(())
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
    let above = filepath::dir(given);
    let above = crate::chart::load::absolute(host, Path::new(&above))?;
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
