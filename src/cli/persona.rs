//! The name under which the program was started: its own, or Helm's.

use std::path::Path;

/// Who the program is to its caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Persona {
    /// Started as rhumb.
    #[default]
    Rhumb,
    /// Started through a link or copy named `helm`, or as `rhumb helm …`.
    Helm,
}

impl Persona {
    /// Who the program is by its arguments (the program's name first), and the arguments
    /// without the word that says so.
    pub(super) fn of(args: &[String]) -> (Self, Vec<String>) {
        let mut args = args.to_vec();
        let stem = args.first().and_then(|program| Path::new(program).file_stem()?.to_str());
        if stem.is_some_and(|stem| stem.eq_ignore_ascii_case("helm")) {
            return (Persona::Helm, args);
        }
        if args.get(1).is_some_and(|word| word == "helm") {
            args.remove(1);
            return (Persona::Helm, args);
        }
        (Persona::Rhumb, args)
    }

    /// The name for usage texts and messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Persona::Rhumb => "rhumb",
            Persona::Helm => "helm",
        }
    }

    /// Gives a command tree this name.
    pub(super) fn dress(self, command: clap::Command) -> clap::Command {
        match self {
            Persona::Rhumb => command,
            // Helm has no `--version`; clients that try it take the error for an answer.
            Persona::Helm => command
                .name("helm")
                .bin_name("helm")
                .disable_version_flag(true)
                .about("Helm's commands that need no cluster, done by rhumb")
                .long_about(
                    "Helm's commands that need no cluster, done by rhumb: same flags, output and \
                     exit codes as Helm 4.3.1. Commands that need a cluster are refused.\n\nFiles \
                     are where Helm keeps them: see `helm env`. The network is used only for \
                     addresses that are named; --offline forbids it.",
                ),
        }
    }
}

/// Shows the flags, too, that are only accepted: who replaces Helm looks for them in the help.
pub(super) fn with_all_flags(command: clap::Command) -> clap::Command {
    let show = |arg: clap::Arg| {
        if !arg.is_hide_set() || arg.get_long().is_none() {
            return arg;
        }
        let arg = arg.hide(false).help_heading("Accepted as Helm accepts them");
        match arg.get_help() {
            Some(_) => arg,
            None => arg.help("For clusters; without effect here"),
        }
    };
    command.mut_args(show).mut_subcommands(with_all_flags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_or_a_word_makes_it_helm() {
        let of = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_string()).collect();
            let (persona, rest) = Persona::of(&words);
            (persona, rest[1..].join(" "))
        };
        assert_eq!(of(&["rhumb", "env"]), (Persona::Rhumb, "env".into()));
        assert_eq!(of(&["/usr/bin/helm", "env"]), (Persona::Helm, "env".into()));
        assert_eq!(of(&["helm.exe", "env"]), (Persona::Helm, "env".into()));
        assert_eq!(of(&["rhumb", "helm", "env"]), (Persona::Helm, "env".into()));
    }
}
