//! `rhumb repo index`: a folder of archives to the index of a repository.

use std::path::Path;

use super::arguments::Usage;
use super::flags::GlobalFlags;
use super::{Failure, Streams, flush_log};
use crate::chart::load;
use crate::diag::io::{path_error, read_error};
use crate::golang::filepath;
use crate::host::{FileKind, Host};
use crate::package::timestamp;
use crate::repo::index::{ChartVersion, Index};
use crate::repo::{sha256_hex, url};
use crate::source::Sources;

/// Write index.yaml for a folder of packaged charts
///
/// Archives in the folder and one folder below are listed; what is no chart is passed over.
///
/// Example: rhumb repo index dist --url https://charts.example.com --merge old/index.yaml
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Folder of the archives
    #[arg(value_name = "DIR")]
    positional: Vec<String>,

    /// Address that the archives will have
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    /// Index whose charts are taken over, unless the folder has them
    #[arg(long, value_name = "FILE")]
    merge: Option<String>,

    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    Usage { command: "repo index", rest: "[DIR] [flags]" }.exactly(global, &args.positional, 1)?;
    let folder = load::absolute(host, Path::new(&args.positional[0]))?.display().to_string();
    let epoch = crate::package::source_date_epoch(host)?;
    let (seconds, nanos) = host.now();
    let (seconds, nanos) = epoch.map_or((seconds, nanos), |epoch| (epoch as i64, 0));
    let now = timestamp(seconds, nanos).unwrap_or_default();
    let mut index = Index { generated: now.clone(), ..Index::default() };
    let base = args.url.as_deref().unwrap_or_default();
    let mut below = vec![String::new()];
    below.extend(names(host, &folder).into_iter().filter(|name| {
        let path = filepath::join(&folder, name);
        host.stat(Path::new(&path), true).is_ok_and(|stat| stat.kind == FileKind::Dir)
    }));
    for part in &below {
        for name in names(host, &filepath::join(&folder, part)) {
            if Path::new(&name).extension().is_none_or(|extension| extension != "tgz") {
                continue;
            }
            let path = filepath::join(&filepath::join(&folder, part), &name);
            let Some(metadata) = chart_of(host, &path) else { continue };
            let bytes = host
                .read(Path::new(&path))
                .map_err(|error| Failure::new(read_error(Path::new(&path), &error)))?;
            let address = match url::join(base, part).as_str() {
                "" | "." => name,
                place => url::join(place, &name),
            };
            let version = ChartVersion {
                urls: vec![address],
                created: now.clone(),
                digest: sha256_hex(&bytes),
                removed: false,
                metadata,
            };
            index.entries.entry(version.metadata.name.clone()).or_default().push(version);
        }
    }
    let write = |index: &Index, path: &Path| {
        let text = if args.json { index.to_json() } else { index.to_yaml() };
        host.write(path, &text).map_err(|error| Failure::new(path_error("open", path, &error)))
    };
    if let Some(merge) = args.merge.as_deref().filter(|path| !path.is_empty()) {
        let path = Path::new(merge);
        match host.read(path) {
            Ok(bytes) => {
                let mut log = Vec::new();
                let other = Index::parse(&bytes, merge, &mut log);
                flush_log(&mut log, streams.err);
                let other = other.map_err(|fault| {
                    fault.context(format_args!("merge failed: error loading {merge}"))
                })?;
                index.merge(&other);
            }
            Err(_) => write(&Index { generated: now, ..Index::default() }, path)?,
        }
    }
    index.sort();
    write(&index, Path::new(&filepath::join(&folder, "index.yaml")))
}

fn names(host: &dyn Host, folder: &str) -> Vec<String> {
    let names = host.read_dir(Path::new(folder)).unwrap_or_default();
    names.into_iter().filter_map(|name| name.into_string().ok()).collect()
}

/// The metadata of an archive that is a chart.
fn chart_of(host: &dyn Host, path: &str) -> Option<crate::chart::Metadata> {
    let chart = load::load_any(host, &Sources::new(), Path::new(path), &mut Vec::new()).ok()?;
    Some(chart.metadata)
}
