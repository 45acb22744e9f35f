//! The charts of the top-level `charts/`, part of the program.
//!
//! A shipped chart has the path `rhumb:NAME`, which [`super::load::load`] takes like any other.
//! Such a path is relative, and paths that come from a disk are absolute by then, so none hides
//! the other.

use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::archive::Entry;
use crate::host::Host;

/// What stands before the name in the path of a shipped chart.
const SCHEME: &str = "rhumb:";

/// A chart that comes with the program.
#[derive(Debug)]
pub struct Shipped {
    /// Its name, as on the command line.
    pub name: &'static str,
    /// Its files: path below the chart with slashes, and bytes.
    pub files: &'static [(&'static str, &'static [u8])],
}

/// Every shipped chart, by name.
pub static ALL: &[Shipped] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// The shipped chart of a name.
pub fn find(name: &str) -> Option<&'static Shipped> {
    ALL.iter().find(|chart| chart.name == name)
}

/// The shipped chart of a path that [`Shipped::path`] made.
pub fn at(path: &Path) -> Option<&'static Shipped> {
    path.to_str()?.strip_prefix(SCHEME).and_then(find)
}

impl Shipped {
    /// The path under which the chart is loaded and its files stand in messages.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(format!("{SCHEME}{}", self.name))
    }

    /// Writes the chart to a folder, which becomes the chart.
    ///
    /// Errors: what the disk says, with the path.
    pub fn write(&self, host: &dyn Host, folder: &Path) -> Result<(), String> {
        let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
        for (name, bytes) in self.files {
            let path = folder.join(name);
            if let Some(above) = path.parent() {
                host.create_dir_all(above).map_err(|error| failed(above, error))?;
            }
            host.write(&path, bytes).map_err(|error| failed(&path, error))?;
        }
        Ok(())
    }

    /// The files before they have roles.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let entry = |(name, data): &(&str, &'static [u8])| Entry {
            name: (*name).to_owned(),
            data: Bytes::from_static(data),
        };
        self.files.iter().map(entry).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_back() {
        for chart in ALL {
            assert!(std::ptr::eq(at(&chart.path()).unwrap(), chart));
        }
        assert!(find("nope").is_none());
        assert!(at(Path::new("/rhumb:agdb")).is_none());
    }
}
