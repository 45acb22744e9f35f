//! `rhumb verify`: signatures of charts, which are Helm's to check.

use std::path::Path;

use super::Failure;
use super::arguments::Usage;
use super::flags::{GlobalFlags, VerifyFlags};
use crate::diag::io::path_error;
use crate::host::{FileKind, Host};

/// Check the signature of an archive; rhumb has no OpenPGP and refuses
///
/// Use `helm verify`, or `gpg --verify CHART.tgz.prov` and compare the digest in it with that
/// of the archive.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The archive
    #[arg(value_name = "PATH")]
    positional: Vec<String>,

    /// Public keys to check signatures by
    #[arg(long, value_name = "FILE")]
    keyring: Option<String>,
}

const REFUSAL: &str = "rhumb does not check signatures yet: use helm verify, or gpg --verify on \
                       the .prov file";

pub(super) fn run(args: &Args, global: &GlobalFlags, host: &dyn Host) -> Result<(), Failure> {
    Usage { command: "verify", rest: "PATH [flags]" }.exactly(global, &args.positional, 1)?;
    let path = Path::new(&args.positional[0]);
    let stat =
        host.stat(path, true).map_err(|error| Failure::new(path_error("stat", path, &error)))?;
    if stat.kind == FileKind::Dir {
        return Err(Failure::new("unpacked charts cannot be verified"));
    }
    if path.extension().is_none_or(|it| !it.eq_ignore_ascii_case("tgz")) {
        return Err(Failure::new("chart must be a tgz file"));
    }
    Err(Failure::new(REFUSAL))
}

/// Refuses `--verify`: to go on unverified would be worse.
pub(super) fn refuse(flags: &VerifyFlags) -> Result<(), Failure> {
    if flags.verify { Err(Failure::new(REFUSAL)) } else { Ok(()) }
}
