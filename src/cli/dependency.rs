//! `rhumb dependency`: the charts that a chart depends on.

use std::io::Write;
use std::path::Path;

use super::arguments::Usage;
use super::flags::{ChartFlags, GlobalFlags, ServerFlags, VerifyFlags};
use super::table::table;
use super::{Failure, Streams, repository, verify, write_out};
use crate::chart::{Chart, Dependency, load};
use crate::diag::io::path_error;
use crate::golang::filepath;
use crate::golang::quote::quote;
use crate::golang::semver::{Constraints, Version};
use crate::host::{FileKind, Host};
use crate::package;
use crate::repo::dependencies::Manager;
use crate::repo::locate::Provenance;
use crate::source::Sources;

/// List, update or rebuild a chart's dependencies
///
/// Chart.yaml names them with version ranges and repositories: the address of one, `@name` of
/// one that was added, `oci://…`, or `file://…` beside the chart. Chart.lock keeps what was
/// chosen, charts/ the charts themselves.
#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// Fill charts/ with what Chart.lock names; without a lock, update
    ///
    /// Example: rhumb dependency build ./web
    Build(FetchArgs),
    /// List the dependencies and whether charts/ has them
    ///
    /// Example: rhumb dependency list ./web
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// Choose versions by Chart.yaml, fill charts/ with them, and write Chart.lock
    ///
    /// Example: rhumb dependency update ./web
    #[command(visible_alias = "up")]
    Update(FetchArgs),
}

#[derive(clap::Args, Debug)]
struct ListArgs {
    /// Folder or archive of the chart; the working directory if none is named
    #[arg(value_name = "CHART")]
    positional: Vec<String>,

    /// Cut wider columns; 0 does not
    #[arg(long, value_name = "WIDTH", value_parser = super::pflag::parse_uint, default_value = "80")]
    max_col_width: usize,
}

#[derive(clap::Args, Debug)]
struct FetchArgs {
    /// Folder of the chart; the working directory if none is named
    #[arg(value_name = "CHART")]
    positional: Vec<String>,

    /// Take the repositories' indexes as they are
    #[arg(long)]
    skip_refresh: bool,

    /// Do the same for dependencies that are folders first
    #[arg(long)]
    recursive: bool,

    #[command(flatten)]
    server: ServerFlags,

    #[command(flatten)]
    verify: VerifyFlags,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    match &args.action {
        Action::Build(args) => fetch(args, true, global, host, streams),
        Action::Update(args) => fetch(args, false, global, host, streams),
        Action::List(args) => list(args, global, host, streams),
    }
}

fn fetch(
    args: &FetchArgs,
    build: bool,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let command = if build { "dependency build" } else { "dependency update" };
    Usage { command, rest: "CHART [flags]" }.at_most(global, &args.positional, 1)?;
    let epoch = package::source_date_epoch(host)?;
    let client = repository::checked_client(host, global, args.server.access())?;
    let chart_path =
        args.positional.first().map_or_else(|| ".".into(), |it| filepath::clean_text(it));
    let mut log = Vec::new();
    let mut out = Vec::new();
    let mut manager = Manager {
        client: &client,
        chart_path,
        skip_refresh: args.skip_refresh,
        debug: global.debug,
        recursive: args.recursive,
        provenance: verify::wanted(&args.verify, host),
        epoch,
        out: &mut out,
        log: &mut log,
    };
    let result = if build { manager.build() } else { manager.update() };
    write_out(streams.out, &out)?;
    super::flush_log(&mut log, streams.err);
    Ok(result?)
}

/// `--dependency-update` of commands that render: fetches what `charts/` does not have; whether
/// there was anything to do.
///
/// Errors: a chart that cannot be loaded, dependencies that are not to be had.
pub(super) fn update_missing(
    path: &Path,
    flags: &ChartFlags,
    global: &GlobalFlags,
    host: &dyn Host,
    out: &mut dyn Write,
    log: &mut Vec<String>,
) -> Result<bool, Failure> {
    if !host.stat(path, true).is_ok_and(|stat| stat.kind == FileKind::Dir) {
        return Ok(false);
    }
    // Helm loads the chart once more when its dependencies have changed, and tells of both.
    let mut told = Vec::new();
    let loaded = load::load(host, &Sources::new(), path, &mut told);
    let is_complete = loaded.as_ref().is_ok_and(|chart| chart.missing_dependencies().is_empty());
    if !is_complete {
        log.append(&mut told);
    }
    loaded?;
    if is_complete {
        return Ok(false);
    }
    let client = repository::checked_client(host, global, flags.access())?;
    let mut progress = Vec::new();
    let mut manager = Manager {
        client: &client,
        chart_path: path.display().to_string(),
        skip_refresh: false,
        debug: global.debug,
        recursive: false,
        provenance: Provenance::Unwanted,
        epoch: package::source_date_epoch(host)?,
        out: &mut progress,
        log,
    };
    let updated = manager.update();
    write_out(out, &progress)?;
    updated?;
    Ok(true)
}

fn list(
    args: &ListArgs,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    Usage { command: "dependency list", rest: "CHART [flags]" }.at_most(
        global,
        &args.positional,
        1,
    )?;
    let path = args.positional.first().map_or_else(|| ".".into(), |it| filepath::clean_text(it));
    let mut log = Vec::new();
    let chart = load::load_any(host, &Sources::new(), Path::new(&path), &mut log);
    super::flush_log(&mut log, streams.err);
    let chart = chart?;
    let folder = filepath::join(&path, "charts");
    let Some(dependencies) = &chart.metadata.dependencies else {
        let text = format!("WARNING: no dependencies at {folder}\n");
        return write_out(streams.out, text.as_bytes());
    };
    let mut rows = vec![vec!["NAME", "VERSION", "REPOSITORY", "STATUS"]];
    let statuses: Vec<&str> =
        dependencies.iter().map(|it| status(host, &folder, it, &chart)).collect();
    for (it, status) in dependencies.iter().zip(statuses) {
        rows.push(vec![&it.name, &it.version, &it.repository, status]);
    }
    let mut text = table(&rows, args.max_col_width);
    text.push('\n');
    text.push_str(&unlisted(host, &folder, dependencies));
    write_out(streams.out, text.as_bytes())
}

/// What is to be said of one dependency.
fn status(host: &dyn Host, folder: &str, wanted: &Dependency, parent: &Chart) -> &'static str {
    let names = host.read_dir(Path::new(folder)).unwrap_or_default();
    let prefix = format!("{}-", wanted.name);
    let archives: Vec<String> = names
        .into_iter()
        .filter_map(|name| name.into_string().ok())
        .filter(|name| version_in(name, &prefix).is_some())
        .collect();
    let archive = match archives.as_slice() {
        [one] => Some(one),
        more => {
            let is_version = |name: &&String| {
                version_in(name, &prefix).is_some_and(|text| Version::parse_strict(text).is_ok())
            };
            let versions: Vec<&String> = more.iter().filter(is_version).collect();
            match versions.as_slice() {
                [] => None,
                [one] => Some(*one),
                _ => return "too many matches",
            }
        }
    };
    if let Some(name) = archive {
        let path = filepath::join(folder, name);
        let chart = load::load_any(host, &Sources::new(), Path::new(&path), &mut Vec::new());
        let Ok(chart) = chart else { return "corrupt" };
        if chart.metadata.name != wanted.name {
            return "misnamed";
        }
        return version_fits(wanted, &chart).unwrap_or("ok");
    }
    match parent.dependencies.iter().rfind(|chart| chart.metadata.name == wanted.name) {
        None => "missing",
        Some(chart) => version_fits(wanted, chart).unwrap_or("unpacked"),
    }
}

/// What stands between the chart's name and the extension of an archive.
fn version_in<'a>(file: &'a str, prefix: &str) -> Option<&'a str> {
    file.strip_prefix(prefix)?.strip_suffix(".tgz")
}

/// What is wrong with a chart's version, if anything.
fn version_fits(wanted: &Dependency, chart: &Chart) -> Option<&'static str> {
    let found = &chart.metadata.version;
    if *found == wanted.version {
        return None;
    }
    match (Constraints::parse(&wanted.version), Version::parse(found)) {
        (Ok(range), Ok(version)) if range.check(&version) => None,
        (Ok(_), Ok(_)) => Some("wrong version"),
        _ => Some("invalid version"),
    }
}

/// Charts in the folder that Chart.yaml does not name.
fn unlisted(host: &dyn Host, folder: &str, dependencies: &[Dependency]) -> String {
    let mut text = String::new();
    for name in host.read_dir(Path::new(folder)).unwrap_or_default() {
        let path = filepath::join(folder, &name.to_string_lossy());
        let shown = quote(path.as_bytes());
        match host.stat(Path::new(&path), true) {
            Err(error) => {
                let why = path_error("stat", Path::new(&path), &error);
                text.extend(["Warning: ", &why, "\n"]);
                continue;
            }
            Ok(stat) if stat.kind != FileKind::Dir && path.strip_suffix(".tgz").is_none() => {
                continue;
            }
            Ok(_) => {}
        }
        match load::load_any(host, &Sources::new(), Path::new(&path), &mut Vec::new()) {
            Err(_) => text.extend(["WARNING: ", &shown, " is not a chart.\n"]),
            Ok(chart) if !dependencies.iter().any(|it| it.name == chart.metadata.name) => {
                text.extend(["WARNING: ", &shown, " is not in Chart.yaml.\n"]);
            }
            Ok(_) => {}
        }
    }
    text
}
