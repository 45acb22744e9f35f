//! Helm's commands that talk to a cluster: refused at once, with the way out.

use super::persona::Persona;

/// Names and aliases of commands that need a cluster, as Helm has them.
const CLUSTER: [&str; 16] = [
    "delete",
    "del",
    "un",
    "diff",
    "get",
    "hist",
    "history",
    "install",
    "list",
    "ls",
    "rollback",
    "status",
    "test",
    "uninstall",
    "upgrade",
    "push",
];

/// Whether a word is a command of Helm that is not done here, and what to say then.
///
/// Takes: who is asked, the word, whether rhumb has a command of this name.
pub(super) fn refusal(persona: Persona, word: &str, is_known: bool) -> Option<String> {
    // rhumb's own commands may share a name with Helm's; under Helm's name Helm's is meant.
    if !CLUSTER.contains(&word) || (is_known && persona == Persona::Rhumb) {
        return None;
    }
    let name = persona.name();
    Some(match word {
        "push" => format!("\"{name} push\" uploads charts, which rhumb does not do: use Helm"),
        "diff" => format!("\"{name} diff\" is a plugin that needs a cluster: use Helm"),
        _ => format!(
            "\"{name} {word}\" needs a cluster, which rhumb never reaches: use Helm, or apply \
             what \"{name} template\" prints"
        ),
    })
}

/// Commands that may be meant by a word that is none: those that begin with it, or differ in two
/// letters at most. Names alone count, as in Cobra, and those of Helm that are refused, too.
pub(super) fn suggestions(persona: Persona, root: &clap::Command, word: &str) -> Vec<String> {
    const REFUSED: [&str; 10] = [
        "get",
        "history",
        "install",
        "list",
        "push",
        "rollback",
        "status",
        "test",
        "uninstall",
        "upgrade",
    ];
    let own = root.get_subcommands().filter(|command| !command.is_hide_set());
    let mut names: Vec<&str> = own.map(clap::Command::get_name).collect();
    if persona == Persona::Helm {
        names.extend(REFUSED);
        names.sort_unstable();
        names.dedup();
    }
    let word = word.to_lowercase();
    names.retain(|name| name.starts_with(&word) || strsim::levenshtein(&word, name) <= 2);
    names.into_iter().map(str::to_string).collect()
}

/// Hides commands whose names mean something else under Helm's name.
pub(super) fn hide_shadowed(persona: Persona, mut command: clap::Command) -> clap::Command {
    if persona == Persona::Helm {
        for word in CLUSTER {
            if command.find_subcommand(word).is_some() {
                command = command.mut_subcommand(word, |shadowed| shadowed.hide(true));
            }
        }
    }
    command
}
