//! A chart's name on the command line to its place.

use std::path::{Path, PathBuf};

use super::Failure;
use crate::chart::shipped;
use crate::golang::quote::quote;
use crate::host::Host;

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
    if name.starts_with('/') || name.starts_with('.') {
        return Err(Failure::new(format!("path {} not found", quote(name.as_bytes()))));
    }
    match name.split_once('/') {
        Some((repository, _)) if !name.contains("://") => {
            Err(Failure::new(format!("repo {repository} not found")))
        }
        None => Err(Failure::new(format!(
            "non-absolute URLs should be in form of repo_name/path_to_chart, got: {name}"
        ))),
        Some(_) => Err(Failure::new(format!(
            "charts are not fetched yet: download {name} and name the file"
        ))),
    }
}
