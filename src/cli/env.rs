//! `rhumb env`: Helm's settings as variables.

use super::arguments::Usage;
use super::flags::GlobalFlags;
use super::settings::Settings;
use super::{Failure, Streams, write_out};
use crate::host::Host;

/// Print Helm's environment: where its files are, and its settings
///
/// With a NAME, only that value.
///
/// Example: rhumb env HELM_CACHE_HOME
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The variable to print
    #[arg(value_name = "NAME")]
    positional: Vec<String>,
}

const USAGE: Usage = Usage { command: "env", rest: "[flags]" };

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    USAGE.at_most(global, &args.positional, 1)?;
    let variables = Settings::new(host, global).variables();
    let text = match args.positional.first() {
        None => variables.iter().map(|(name, value)| format!("{name}=\"{value}\"\n")).collect(),
        Some(wanted) => {
            let found = variables.iter().find(|(name, _)| name == wanted);
            format!("{}\n", found.map_or("", |(_, value)| value))
        }
    };
    write_out(streams.out, text.as_bytes())
}
