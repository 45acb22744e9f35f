//! Charts with signatures on disk, and the keyrings that they are checked by.

use std::path::Path;

use crate::diag::Result;
use crate::diag::io::{path_error, read_error};
use crate::host::{FileKind, Host};
use crate::openpgp::Keyring;
use crate::provenance::{Verification, verify};

use super::fault;

/// Reads a keyring.
///
/// Errors: a file that cannot be read, or is no keyring.
pub fn read_keyring(host: &dyn Host, path: &Path) -> Result<Keyring> {
    let bytes = host.read(path).map_err(|error| fault(read_error(path, &error)))?;
    Keyring::read(&bytes, &path.display().to_string()).map_err(|error| fault(error.to_string()))
}

/// Reads the keyring that charts are checked by.
///
/// Errors: as [`read_keyring`], in Helm's words for it.
pub(super) fn load_keyring(host: &dyn Host, path: &Path) -> Result<Keyring> {
    read_keyring(host, path).map_err(|fault| fault.context("failed to load keyring"))
}

/// Checks an archive by the provenance file beside it.
///
/// Errors: in Helm's words: no archive, no provenance file, a signature that does not fit.
pub fn verify_file(host: &dyn Host, path: &Path, keyring: &Path) -> Result<Verification> {
    let stat = |path: &Path| {
        host.stat(path, true).map_err(|error| fault(path_error("stat", path, &error)))
    };
    if stat(path)?.kind == FileKind::Dir {
        return Err(fault("unpacked charts cannot be verified"));
    }
    if path.extension().is_none_or(|it| !it.eq_ignore_ascii_case("tgz")) {
        return Err(fault("chart must be a tgz file"));
    }
    let provenance = format!("{}.prov", path.display());
    let provenance = Path::new(&provenance);
    stat(provenance).map_err(|fault| {
        let shown = provenance.display();
        fault.context(format_args!("could not load provenance file {shown}"))
    })?;
    let keyring = load_keyring(host, keyring)?;
    let read = |path: &Path, what: &str| {
        let failed = |error| fault(format!("failed to read {what}: {}", read_error(path, &error)));
        host.read(path).map_err(failed)
    };
    let archive = read(path, "chart archive")?;
    let provenance = read(provenance, "provenance file")?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    verify(&archive, &name, &provenance, &keyring, host.now().0).map_err(fault)
}
