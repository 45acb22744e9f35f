//! `rhumb pull`: charts from repositories and registries to disk.

use std::path::Path;

use super::arguments::Usage;
use super::flags::{ChartFlags, GlobalFlags};
use super::{Failure, Streams, repository, verify, write_out};
use crate::diag::io::{mkdir_all, path_error};
use crate::diag::log::debug;
use crate::golang::filepath;
use crate::host::Host;
use crate::package;
use crate::repo::locate::Provenance;

/// Download charts, and unpack them if wanted
///
/// CHART is REPOSITORY/NAME of a repository that was added, a name together with --repo, the
/// address of an archive, or oci://REGISTRY/PATH/NAME.
///
/// Example: rhumb pull oci://registry.example.com/org/charts/web --version ^1.2 --untar
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Charts to download
    #[arg(value_name = "CHART")]
    positional: Vec<String>,

    /// Folder for what is downloaded
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    destination: String,

    /// Unpack the archive
    #[arg(long)]
    untar: bool,

    /// Folder to unpack into, below --destination
    #[arg(long, value_name = "DIR", default_value = ".")]
    untardir: String,

    /// Fetch the provenance file, too
    #[arg(long)]
    prov: bool,

    #[command(flatten)]
    chart: ChartFlags,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    Usage { command: "pull", rest: "[chart URL | repo/chartname] [...] [flags]" }.at_least(
        global,
        &args.positional,
        1,
    )?;
    for name in &args.positional {
        let mut log = Vec::new();
        let mut told = Vec::new();
        let pulled = pull(args, name, global, host, &mut told, &mut log);
        super::flush_log(&mut log, streams.err);
        let told: String = told.iter().flat_map(|text| [text.as_str(), "\n"]).collect();
        write_out(streams.out, told.as_bytes())?;
        pulled?;
    }
    Ok(())
}

/// Downloads one chart; `told` receives what is to be told of it.
fn pull(
    args: &Args,
    name: &str,
    global: &GlobalFlags,
    host: &dyn Host,
    told: &mut Vec<String>,
    log: &mut Vec<String>,
) -> Result<(), Failure> {
    let client = repository::checked_client(host, global, args.chart.access())?;
    let wanted = args.chart.wanted();
    let repo = args.chart.repo.as_deref().filter(|repo| !repo.is_empty());
    if global.debug && repo.is_none() {
        log.push(debug("set up default downloader cache", &[]));
    }
    let source = match repo {
        Some(repo) => client.find_in_repository(repo, name, wanted, &client.access, log)?,
        None => client.resolve(name, wanted, log)?,
    };
    let provenance = match verify::wanted(&args.chart.verify, host) {
        Provenance::Unwanted if args.prov => Provenance::Wanted,
        wanted => wanted,
    };
    let fetched = client.fetch(&source, &provenance, told)?;
    if let Some(Err(why)) = &fetched.provenance {
        let name = if args.chart.repo.is_some() { &source.address } else { name };
        told.push(format!("WARNING: Verification not found for {name}: {why}"));
    }
    told.extend(fetched.verified.as_ref().map(|it| it.to_string().trim_end().to_string()));
    let io = |path: &Path, error: &std::io::Error| Failure::new(path_error("open", path, error));
    if !args.untar {
        let path = filepath::join(&args.destination, &source.file_name);
        let path = Path::new(&path);
        host.write(path, &fetched.chart).map_err(|error| io(path, &error))?;
        if let Some(Ok(provenance)) = &fetched.provenance {
            let path = path.with_file_name(format!("{}.prov", source.file_name));
            host.write(&path, provenance).map_err(|error| io(&path, &error))?;
        }
        return Ok(());
    }
    let folder = if args.untardir.starts_with('/') {
        args.untardir.clone()
    } else {
        filepath::join(&args.destination, &args.untardir)
    };
    let base = name.rsplit('/').next().unwrap_or(name);
    let target = if folder == "." { base.to_string() } else { filepath::join(&folder, base) };
    if host.stat(Path::new(&target), true).is_ok() {
        return Err(Failure::new(format!(
            "failed to untar: a file or directory with the name {target} already exists"
        )));
    }
    // Helm makes a folder of the name's last part, whatever the chart is called.
    mkdir_all(host, Path::new(&target))
        .map_err(|why| Failure::new(format!("failed to untar (mkdir): {why}")))?;
    package::unpack(host, &fetched.chart, Path::new(&folder))?;
    Ok(())
}
