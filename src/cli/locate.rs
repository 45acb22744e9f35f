//! A chart's name on the command line to its place.

use std::path::{Path, PathBuf};

use super::flags::{ChartFlags, GlobalFlags};
use super::{Failure, repository, verify};
use crate::chart::shipped;
use crate::diag::log::debug;
use crate::golang::quote::quote;
use crate::host::Host;
use crate::repo::locate::Provenance;
use crate::repo::signed::verify_file;

/// The chart's path: on disk and absolute, or that of a shipped chart when nothing on disk has
/// the name.
///
/// Errors: neither is there, in Helm's words.
pub(super) fn locate_chart(name: &str, host: &dyn Host) -> Result<PathBuf, Failure> {
    let name = name.trim();
    if host.stat(Path::new(name), true).is_ok() {
        let path = Path::new(name);
        if path.is_absolute() {
            return Ok(crate::golang::filepath::clean_text(name).into());
        }
        let cwd = host
            .current_dir()
            .map_err(|error| Failure::new(format!("working directory: {error}")))?;
        let joined = cwd.join(path);
        return Ok(crate::golang::filepath::clean_text(&joined.to_string_lossy()).into());
    }
    if let Some(chart) = shipped::find(name) {
        return Ok(chart.path());
    }
    if is_path(name) {
        return Err(Failure::new(format!("path {} not found", quote(name.as_bytes()))));
    }
    match name.split_once('/') {
        Some((repository, _)) if !name.contains("://") => {
            Err(Failure::new(format!("repo {repository} not found")))
        }
        None => Err(Failure::new(format!(
            "non-absolute URLs should be in form of repo_name/path_to_chart, got: {name}"
        ))),
        Some(_) => {
            Err(Failure::new(format!("charts are not fetched here: pull {name} and name the file")))
        }
    }
}

/// Like [`locate_chart`], and fetches what is neither on disk nor shipped: a chart of a known
/// repository, of the one that `--repo` names, or at an address.
///
/// `log` receives Helm's records.
/// Errors: in Helm's words.
pub(super) fn locate_or_fetch(
    name: &str,
    flags: &ChartFlags,
    global: &GlobalFlags,
    host: &dyn Host,
    log: &mut Vec<String>,
) -> Result<PathBuf, Failure> {
    let name = name.trim();
    let provenance = verify::wanted(&flags.verify, host);
    let client = repository::checked_client(host, global, flags.access())?;
    let repository = flags.repo.as_deref().filter(|repository| !repository.is_empty());
    if repository.is_none() {
        let is_there = host.stat(Path::new(name), true).is_ok();
        if is_there || is_path(name) || shipped::find(name).is_some() {
            let path = locate_chart(name, host)?;
            if let Provenance::Verified(keyring) = &provenance {
                verify_file(host, &path, keyring)?;
            }
            return Ok(path);
        }
    }
    if global.debug && repository.is_none() {
        log.push(debug("set up default downloader cache", &[]));
    }
    let source = match repository {
        Some(repository) => {
            client.find_in_repository(repository, name, flags.wanted(), &client.access, log)?
        }
        None => client.resolve(name, flags.wanted(), log)?,
    };
    Ok(client.fetch_to_cache(&source, &provenance, log)?)
}

/// Whether a name can only mean a place on disk.
fn is_path(name: &str) -> bool {
    name.starts_with(['/', '.'])
}

/// The working directory with a slash at its end, which places below it are shown without; empty
/// when it is not known.
pub(super) fn working_folder(host: &dyn Host) -> String {
    host.current_dir().map(|dir| format!("{}/", dir.display())).unwrap_or_default()
}
