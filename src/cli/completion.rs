//! `rhumb completion`: scripts that let a shell complete commands and flags.

use clap_complete::Shell;

use super::arguments::Usage;
use super::flags::GlobalFlags;
use super::{Failure, Streams, write_out};

/// Print a completion script for a shell
///
/// bash: source <(rhumb completion bash), or write it to /etc/bash_completion.d/rhumb.
/// zsh: rhumb completion zsh > "${fpath[1]}/_rhumb".
/// fish: rhumb completion fish > ~/.config/fish/completions/rhumb.fish.
/// powershell: rhumb completion powershell | Out-String | Invoke-Expression.
#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true, verbatim_doc_comment)]
pub(super) struct Args {
    #[command(subcommand)]
    shell: Wanted,
}

#[derive(clap::Subcommand, Debug)]
enum Wanted {
    /// Print the script for bash
    Bash(ScriptArgs),
    /// Print the script for fish
    Fish(ScriptArgs),
    /// Print the script for PowerShell
    Powershell(ScriptArgs),
    /// Print the script for zsh
    Zsh(ScriptArgs),
}

#[derive(clap::Args, Debug)]
struct ScriptArgs {
    #[arg(hide = true)]
    positional: Vec<String>,

    /// Complete without descriptions
    #[arg(long)]
    no_descriptions: bool,
}

/// Prints the script for `command`, the whole tree of commands.
pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    mut command: clap::Command,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let (name, shell, args) = match &args.shell {
        Wanted::Bash(args) => ("completion bash", Shell::Bash, args),
        Wanted::Fish(args) => ("completion fish", Shell::Fish, args),
        Wanted::Powershell(args) => ("completion powershell", Shell::PowerShell, args),
        Wanted::Zsh(args) => ("completion zsh", Shell::Zsh, args),
    };
    Usage { command: name, rest: "[flags]" }.none(global, &args.positional)?;
    if args.no_descriptions {
        command = without_descriptions(command);
    }
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, global.persona.name(), &mut script);
    write_out(streams.out, &script)
}

fn without_descriptions(command: clap::Command) -> clap::Command {
    command.about("").mut_args(|arg| arg.help("")).mut_subcommands(without_descriptions)
}
