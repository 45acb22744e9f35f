//! `rhumb verify`: signatures of charts, which are Helm's to check.

use super::Failure;
use super::arguments::Usage;
use super::flags::{GlobalFlags, VerifyFlags};

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

pub(super) fn run(args: &Args, global: &GlobalFlags) -> Result<(), Failure> {
    Usage { command: "verify", rest: "PATH [flags]" }.exactly(global, &args.positional, 1)?;
    Err(Failure::new(REFUSAL))
}

/// Refuses `--verify`: to go on unverified would be worse.
pub(super) fn refuse(flags: &VerifyFlags) -> Result<(), Failure> {
    if flags.verify { Err(Failure::new(REFUSAL)) } else { Ok(()) }
}
