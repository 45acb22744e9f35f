//! The command line: arguments to a job, its result to streams and an exit code.

mod charts;
mod composed;
pub mod exit;
mod flags;
mod locate;
mod namespace;
mod output_folder;
mod pflag;
mod release_name;
mod template;
mod validate;
mod values;

use std::io::Write;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::diag::Fault;
use crate::host::Host;

/// Renders Helm charts without Helm
#[derive(Debug, Parser)]
#[command(
    name = "rhumb",
    version,
    about = "Renders Helm charts without Helm",
    long_about = "Renders Helm charts without Helm: Go template charts byte for byte like Helm 4.3.1, \
                  and typed native charts written in Jinja.\n\nManifests go to standard output, \
                  everything else to standard error.",
    disable_help_subcommand = false,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(flatten)]
    global: flags::GlobalFlags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Charts(charts::Args),
    Template(template::Args),
    Validate(validate::Args),
    Values(values::Args),
}

/// Where a command writes.
pub struct Streams<'a> {
    /// Standard output: manifests and what was asked for.
    pub out: &'a mut dyn Write,
    /// Standard error: everything else.
    pub err: &'a mut dyn Write,
}

/// Runs the command line `args` (the program's name first) and returns the exit code.
pub fn run(args: &[String], host: &dyn Host, streams: &mut Streams<'_>) -> i32 {
    let command = pflag::adapt(Cli::command());
    let validates = args.get(1).is_some_and(|name| name == "validate");
    let one_dash = if validates { Some(validate::two_dashes(args)) } else { None };
    let args = one_dash.as_deref().unwrap_or(args);
    let args = match pflag::switches(&command, args) {
        Ok(args) => args,
        Err(sentence) => {
            let _ = writeln!(streams.err, "Error: {sentence}");
            return if validates { exit::COULD_NOT_RUN } else { exit::FAILURE };
        }
    };
    let parsed = command
        .clone()
        .try_get_matches_from(&args)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            let code = usage(&command, &error, &args, streams);
            return if validates && code != exit::OK { exit::COULD_NOT_RUN } else { code };
        }
    };
    if !matches!(cli.global.color.as_str(), "never" | "auto" | "always") {
        let mode = crate::golang::quote::quote(cli.global.color.as_bytes());
        let text = format!("invalid color mode {mode}: must be one of: never, auto, always");
        let field = crate::diag::log::field(text);
        let _ = writeln!(streams.err, "level=WARN msg=\"command failed\" error={field}");
        return exit::FAILURE;
    }
    let result = match &cli.command {
        Command::Charts(args) => charts::run(args, host, streams),
        Command::Template(args) => template::run(args, &cli.global, host, streams),
        Command::Validate(args) => validate::run(args, &cli.global, host, streams),
        Command::Values(args) => values::run(args, host, streams),
    };
    match result {
        Ok(()) => exit::OK,
        Err(failure) => {
            // A reader that went away has seen all it wanted.
            if !failure.message.is_empty() {
                let _ = writeln!(streams.err, "Error: {}", failure.message);
            }
            failure.code
        }
    }
}

/// A failed command: what to print after `Error: `, and the exit code.
#[derive(Debug)]
struct Failure {
    message: String,
    code: i32,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure { message: fault.message().to_string(), code: exit::FAILURE }
    }
}

impl Failure {
    fn new(message: impl Into<String>) -> Self {
        Failure { message: message.into(), code: exit::FAILURE }
    }
}

/// Writes to standard output fail quietly when the reader is gone, loudly otherwise.
fn write_out(out: &mut dyn Write, bytes: &[u8]) -> Result<(), Failure> {
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            Err(Failure { message: String::new(), code: exit::FAILURE })
        }
        Err(error) => Err(Failure::new(format!("could not write to standard output: {error}"))),
    }
}

/// Writes Helm's records to standard error.
fn flush_log(log: &mut Vec<String>, err: &mut dyn Write) {
    for record in log.drain(..) {
        // Losing a record is no reason to fail.
        let _ = writeln!(err, "{record}");
    }
}

fn usage(
    command: &clap::Command,
    error: &clap::Error,
    args: &[String],
    streams: &mut Streams<'_>,
) -> i32 {
    if let Some(sentence) = pflag::sentence(command, error, args) {
        let _ = writeln!(streams.err, "Error: {sentence}");
        return exit::FAILURE;
    }
    let _ = streams.out.write_all(error.render().to_string().as_bytes());
    exit::OK
}
