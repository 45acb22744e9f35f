//! The `rhumb` binary: arguments in, exit code out.

use std::io::{BufWriter, Write as _};
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow};
use rhumb::cli::{Streams, bug, exit};
use rhumb::host::{Host as _, RealHost};

fn main() -> ExitCode {
    bug::install(RealHost.env("RUST_BACKTRACE").is_some_and(|value| value != "0"));
    match run() {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            // Nothing is left to do when standard error is gone, too.
            let _ = writeln!(std::io::stderr(), "Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<i32> {
    let args = std::env::args_os()
        .map(|arg| arg.into_string().map_err(|arg| anyhow!("{} is not UTF-8", arg.display())))
        .collect::<Result<Vec<String>>>()
        .context("reading the arguments")?;
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let code = bug::guarded(AssertUnwindSafe(|| {
        // Not locked: a bug on another thread must be told, too.
        let mut err = std::io::stderr();
        rhumb::cli::run(&args, &RealHost, &mut Streams { out: &mut out, err: &mut err })
    }));
    if code == exit::BUG {
        // Half of an output is worse than none.
        let _ = out.into_parts();
        return Ok(code);
    }
    match out.flush() {
        // A reader that went away is no reason for noise.
        // Nor does a command that failed over it need to say so twice.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe && code == exit::OK => {
            Err(error).context("writing to standard output")
        }
        _ => Ok(code),
    }
}
