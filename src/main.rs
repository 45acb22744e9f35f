//! The `rhumb` binary: arguments in, exit code out.

use std::io::{BufWriter, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> =
        std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let mut err = std::io::stderr().lock();
    let mut streams = rhumb::cli::Streams { out: &mut out, err: &mut err };
    let code = rhumb::cli::run(&args, &rhumb::host::RealHost, &mut streams);
    // A reader that went away is no reason for noise.
    let _ = out.flush();
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
