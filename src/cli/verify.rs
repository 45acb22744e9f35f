//! `rhumb verify`: who signed an archive.

use std::path::{Path, PathBuf};

use super::arguments::Usage;
use super::flags::{GlobalFlags, VerifyFlags};
use super::{Failure, Streams, write_out};
use crate::golang::filepath;
use crate::host::Host;
use crate::repo::locate::Provenance;
use crate::repo::signed::verify_file;

/// Check that an archive is signed, by the provenance file beside it
///
/// `web-1.2.3.tgz.prov` beside `web-1.2.3.tgz` holds the archive's digest and a signature. The
/// keyring is what `gpg --export` writes, or GnuPG's keybox; without --keyring it is pubring.gpg
/// in GNUPGHOME or ~/.gnupg, else pubring.kbx there. Archives are signed by `package --sign`.
///
/// Example: rhumb verify web-1.2.3.tgz --keyring keys.gpg
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The archive
    #[arg(value_name = "PATH")]
    positional: Vec<String>,

    /// Public keys to check signatures by
    #[arg(long, value_name = "FILE")]
    keyring: Option<String>,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    Usage { command: "verify", rest: "PATH [flags]" }.exactly(global, &args.positional, 1)?;
    let keyring = keyring(args.keyring.as_ref(), host);
    let verified = verify_file(host, Path::new(&args.positional[0]), &keyring)?;
    write_out(streams.out, verified.to_string().as_bytes())
}

/// The keyring that is named, or GnuPG's.
pub(super) fn keyring(flag: Option<&String>, host: &dyn Host) -> PathBuf {
    if let Some(path) = flag {
        return path.into();
    }
    let folder = host
        .env("GNUPGHOME")
        .filter(|folder| !folder.is_empty())
        .unwrap_or_else(|| filepath::join(&host.env("HOME").unwrap_or_default(), ".gnupg"));
    let [old, new] =
        ["pubring.gpg", "pubring.kbx"].map(|name| PathBuf::from(filepath::join(&folder, name)));
    let is_there = |path: &Path| host.stat(path, true).is_ok();
    if !is_there(&old) && is_there(&new) { new } else { old }
}

/// What `--verify` asks of a chart's provenance file.
pub(super) fn wanted(flags: &VerifyFlags, host: &dyn Host) -> Provenance {
    if flags.verify {
        Provenance::Verified(keyring(flags.keyring.as_ref(), host))
    } else {
        Provenance::Unwanted
    }
}
