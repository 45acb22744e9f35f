//! Downloaded charts by what they hold: `content/ab/abcd….chart`, as Helm lays them out.

use std::path::{Path, PathBuf};

use crate::host::{FileKind, Host};

use super::digest::sha256_hex;

/// What a file of the cache is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A chart's archive.
    Chart,
    /// A provenance file.
    Provenance,
    /// A registry's manifest, by the digest of its reference; for `--offline`.
    Manifest,
}

impl Kind {
    fn extension(self) -> &'static str {
        match self {
            Kind::Chart => "chart",
            Kind::Provenance => "prov",
            Kind::Manifest => "manifest",
        }
    }
}

/// The folder of downloaded charts.
pub(super) struct Cache<'a> {
    pub host: &'a dyn Host,
    pub root: &'a Path,
}

impl Cache<'_> {
    fn path(&self, digest: &str, kind: Kind) -> Option<PathBuf> {
        let hex = digest.rsplit(':').next()?.to_ascii_lowercase();
        let is_digest = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_digest.then(|| self.root.join(&hex[..2]).join(format!("{hex}.{}", kind.extension())))
    }

    /// A file by its digest, with or without `sha256:`; none when it is absent, empty, or (for a
    /// chart) does not have the digest any more.
    pub(super) fn get(&self, digest: &str, kind: Kind) -> Option<(PathBuf, Vec<u8>)> {
        let path = self.path(digest, kind)?;
        let is_file = self.host.stat(&path, true).is_ok_and(|stat| stat.kind == FileKind::File);
        let bytes = self.host.read(&path).ok().filter(|bytes| is_file && !bytes.is_empty())?;
        if kind == Kind::Chart && !path.ends_with(format!("{}.chart", sha256_hex(&bytes))) {
            return None;
        }
        Some((path, bytes))
    }

    /// Keeps a file. A cache that cannot be written is no cache, and no error.
    pub(super) fn put(&self, digest: &str, kind: Kind, bytes: &[u8]) -> Option<PathBuf> {
        let path = self.path(digest, kind)?;
        self.host.create_dir_all(path.parent()?).ok()?;
        self.host.write(&path, bytes).ok()?;
        Some(path)
    }
}
