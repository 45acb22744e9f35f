//! `rhumb package`: chart folders to archives.

use std::path::Path;

use super::flags::{GlobalFlags, ServerFlags};
use super::{Failure, Streams, repository, write_out};
use crate::chart::load;
use crate::diag::io::path_error;
use crate::host::{FileKind, Host};
use crate::package;
use crate::repo::dependencies::Manager;
use crate::source::Sources;

/// Pack chart folders into archives (.tgz)
///
/// The same chart gives the same bytes every time, on any machine: entries in a fixed order,
/// without owners, with one time (that of SOURCE_DATE_EPOCH, where it is set).
///
/// Example: rhumb package ./web --version 1.2.3 -d dist
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Folders of charts
    #[arg(value_name = "CHART_PATH")]
    positional: Vec<String>,

    /// Version to write into the chart
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,

    /// appVersion to write into the chart
    #[arg(long, value_name = "VERSION")]
    app_version: Option<String>,

    /// Folder for the archives; it is made
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    destination: String,

    /// Bring charts/ in line with Chart.yaml first
    #[arg(short = 'u', long)]
    dependency_update: bool,

    /// Sign the archive; rhumb holds no keys and refuses
    #[arg(long, hide_short_help = true)]
    sign: bool,

    /// Name of the key to sign with
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    key: Option<String>,

    /// File of keys
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    keyring: Option<String>,

    /// File with the key's passphrase
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    passphrase_file: Option<String>,

    #[command(flatten)]
    server: ServerFlags,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    if args.positional.is_empty() {
        return Err(Failure::new("need at least one argument, the path to the chart"));
    }
    let epoch = package::source_date_epoch(host)?;
    if args.sign {
        if args.key.as_deref().unwrap_or_default().is_empty() {
            return Err(Failure::new("--key is required for signing a package"));
        }
        return Err(Failure::new(
            "rhumb does not sign: package without --sign, then sign the archive with Helm or gpg",
        ));
    }
    for chart in &args.positional {
        let mut log = Vec::new();
        let packed = pack(args, global, host, chart, epoch, &mut log);
        super::flush_log(&mut log, streams.err);
        let text = format!("Successfully packaged chart and saved it to: {}\n", packed?);
        write_out(streams.out, text.as_bytes())?;
    }
    Ok(())
}

fn pack(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    chart: &str,
    epoch: Option<u64>,
    log: &mut Vec<String>,
) -> Result<String, Failure> {
    let stat = host
        .stat(Path::new(chart), true)
        .map_err(|error| Failure::new(path_error("stat", Path::new(chart), &error)))?;
    let path = load::absolute(host, Path::new(chart))?;
    if args.dependency_update {
        let client = repository::client(host, global, args.server.access());
        Manager {
            client: &client,
            chart_path: path.display().to_string(),
            skip_refresh: false,
            debug: false,
            recursive: false,
            epoch,
            out: &mut std::io::sink(),
            log,
        }
        .update()?;
    }
    if stat.kind != FileKind::Dir {
        let (shown, inner) = (path.display(), path.join("Chart.yaml"));
        let inner = inner.display();
        return Err(Failure::new(format!(
            "unable to detect chart at {shown}/Chart.yaml: open {inner}: not a directory"
        )));
    }
    let mut loaded = load::load(host, &Sources::new(), &path, log)?;
    if let Some(version) = args.version.as_deref().filter(|version| !version.is_empty()) {
        loaded.metadata.version = version.to_string();
    }
    crate::golang::semver::Version::parse(&loaded.metadata.version).map_err(Failure::new)?;
    if let Some(version) = args.app_version.as_deref().filter(|version| !version.is_empty()) {
        loaded.metadata.app_version = version.to_string();
    }
    let missing = loaded.missing_dependencies();
    if !missing.is_empty() {
        return Err(Failure::new(format!(
            "found in Chart.yaml, but missing in charts/ directory: {}",
            missing.join(", ")
        )));
    }
    let folder = match args.destination.as_str() {
        "." => load::absolute(host, Path::new("."))?.display().to_string(),
        other => other.to_string(),
    };
    let saved = package::save(host, &loaded, &folder, epoch)
        .map_err(|fault| fault.context("failed to save"))?;
    Ok(saved.display().to_string())
}
