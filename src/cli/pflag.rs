//! clap's parser with pflag's manners, which scripts written for Helm rely on.
//!
//! Values may begin with a dash, boolean flags take `--flag=false`, a repeated flag's last
//! value wins, and errors are worded as Helm words them.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};

use super::cluster::suggestions;
use super::persona::Persona;
use crate::golang::quote::quote;
use crate::golang::time::duration::Duration;

/// Gives a command and its subcommands pflag's manners.
pub(super) fn adapt(command: Command) -> Command {
    let command = command.args_override_self(true).mut_args(|arg| match arg.get_action() {
        ArgAction::Set | ArgAction::Append if !arg.is_positional() => arg.allow_hyphen_values(true),
        _ => arg,
    });
    command.mut_subcommands(adapt)
}

/// The flags that one command line may hold: those of the subcommand that it names, and the
/// global ones of the commands above.
pub(super) struct Scope<'a> {
    path: Vec<&'a Command>,
    /// The first word that is neither a flag nor the value of one.
    pub(super) first_word: Option<&'a str>,
}

impl<'a> Scope<'a> {
    /// Finds the subcommand that the arguments (the program's name first) name.
    pub(super) fn of(root: &'a Command, args: &'a [String]) -> Self {
        let mut scope = Scope { path: vec![root], first_word: None };
        let mut is_value = false;
        for arg in args.iter().skip(1) {
            if std::mem::take(&mut is_value) {
                continue;
            }
            if arg == "--" {
                break;
            }
            if arg.len() > 1 && arg.starts_with('-') {
                is_value = scope.takes_next(arg);
                continue;
            }
            scope.first_word.get_or_insert(arg);
            match scope.leaf().find_subcommand(arg) {
                Some(subcommand) => scope.path.push(subcommand),
                None => break,
            }
        }
        scope
    }

    /// The command that is meant.
    pub(super) fn leaf(&self) -> &'a Command {
        self.path.last().expect("there is a root")
    }

    /// The names that lead to the command, below the root.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.path.iter().skip(1).map(|command| command.get_name())
    }

    fn find(&self, fits: impl Fn(&Arg) -> bool) -> Option<&'a Arg> {
        let leaf = self.path.len() - 1;
        self.path.iter().enumerate().rev().find_map(|(at, command)| {
            command.get_arguments().find(|arg| (at == leaf || arg.is_global_set()) && fits(arg))
        })
    }

    fn long(&self, name: &str) -> Option<&'a Arg> {
        self.find(|arg| {
            arg.get_long() == Some(name)
                || arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&name))
        })
    }

    /// Whether an argument makes the next one its value.
    fn takes_next(&self, arg: &str) -> bool {
        if let Some(long) = arg.strip_prefix("--") {
            return !long.contains('=') && self.long(long).is_some_and(wants_value);
        }
        // Of a group of short flags only the last can take the next argument.
        for (at, short) in arg.char_indices().skip(1) {
            if self.find(|arg| arg.get_short() == Some(short)).is_some_and(wants_value) {
                return at + short.len_utf8() == arg.len();
            }
        }
        false
    }

    /// A flag as pflag names it: `-l, --labels`, or `--timeout`.
    fn described(&self, long: &str) -> String {
        match self.long(long).and_then(Arg::get_short) {
            Some(short) => format!("-{short}, --{long}"),
            None => format!("--{long}"),
        }
    }
}

fn wants_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
        && arg.get_num_args().is_none_or(|range| range.min_values() > 0)
}

/// Rewrites `--switch=true` and `--switch=false` to the switch or nothing, the last word
/// winning, as pflag reads them.
///
/// Errors: a value that is no boolean, in pflag's words.
pub(super) fn switches(scope: &Scope<'_>, args: &[String]) -> Result<Vec<String>, String> {
    let mut rewritten: Vec<String> = Vec::with_capacity(args.len());
    let mut is_value = false;
    for (index, arg) in args.iter().enumerate() {
        if is_value || index == 0 {
            is_value = false;
            rewritten.push(arg.clone());
            continue;
        }
        if arg == "--" {
            rewritten.extend_from_slice(&args[index..]);
            break;
        }
        let is_switch = |name: &str| {
            scope.long(name).is_some_and(|arg| matches!(arg.get_action(), ArgAction::SetTrue))
        };
        let switch = arg
            .strip_prefix("--")
            .and_then(|long| long.split_once('='))
            .filter(|(name, _)| is_switch(name));
        if let Some((name, value)) = switch {
            let on = parse_bool(value).map_err(|why| {
                let (value, flag) = (quote(value.as_bytes()), scope.described(name));
                format!("invalid argument {value} for \"{flag}\" flag: {why}")
            })?;
            let plain = format!("--{name}");
            if on {
                rewritten.push(plain);
            } else {
                rewritten.retain(|earlier| *earlier != plain);
            }
            continue;
        }
        is_value = scope.takes_next(arg);
        rewritten.push(arg.clone());
    }
    Ok(rewritten)
}

/// A boolean as Go's `strconv.ParseBool` takes it.
pub(super) fn parse_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(format!("strconv.ParseBool: parsing {}: invalid syntax", quote(text.as_bytes()))),
    }
}

/// A duration as Go's `time.ParseDuration` takes it.
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    Duration::parse(text.as_bytes())
}

/// A whole number as pflag's int flags take it.
pub(super) fn parse_int(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| {
        format!("strconv.ParseInt: parsing {}: invalid syntax", quote(text.as_bytes()))
    })
}

/// A number as pflag's float flags take it.
pub(super) fn parse_float(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| {
        format!("strconv.ParseFloat: parsing {}: invalid syntax", quote(text.as_bytes()))
    })
}

/// `--wait`'s strategies.
pub(super) fn parse_wait(text: &str) -> Result<String, String> {
    match text {
        "watcher" | "hookOnly" | "legacy" => Ok(text.to_string()),
        "true" => Ok("watcher".to_string()),
        "false" => Ok("hookOnly".to_string()),
        _ => Err(format!(
            "invalid wait input {}. Valid inputs are watcher, hookOnly, and legacy",
            quote(text.as_bytes())
        )),
    }
}

/// A label: `key=value`, several joined by commas.
pub(super) fn parse_labels(text: &str) -> Result<String, String> {
    match super::flags::split_list(text).iter().find(|label| !label.contains('=')) {
        Some(label) => Err(format!("{label} must be formatted as key=value")),
        None => Ok(text.to_string()),
    }
}

/// The sentence that Helm prints after `Error: ` for a parse failure; none for clap's own
/// `--help` and `--version`, which are no errors.
pub(super) fn sentence(
    scope: &Scope<'_>,
    persona: Persona,
    error: &clap::Error,
    args: &[String],
) -> Option<String> {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    let flag = || {
        let shown = context(ContextKind::InvalidArg).unwrap_or_default();
        shown.split([' ', '=', '[']).next().unwrap_or_default().to_string()
    };
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => None,
        ErrorKind::UnknownArgument => {
            let shown = context(ContextKind::InvalidArg).unwrap_or_default();
            if shown.starts_with("--") {
                let bare = shown.split('=').next().unwrap_or(&shown);
                return Some(format!("unknown flag: {bare}"));
            }
            if let Some(short) = shown.strip_prefix('-').and_then(|rest| rest.chars().next()) {
                // pflag quotes what is left of the group of short flags, from there on.
                let group = args
                    .iter()
                    .filter(|arg| arg.starts_with('-') && !arg.starts_with("--"))
                    .find_map(|arg| arg.find(short).map(|at| format!("-{}", &arg[at..])))
                    .unwrap_or(shown);
                return Some(format!("unknown shorthand flag: '{short}' in {group}"));
            }
            Some(format!("unexpected argument: {shown}"))
        }
        ErrorKind::InvalidValue if matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty()) => {
            Some(needs_argument(&flag(), args))
        }
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues | ErrorKind::NoEquals => {
            Some(needs_argument(&flag(), args))
        }
        ErrorKind::InvalidSubcommand => {
            let name = context(ContextKind::InvalidSubcommand).unwrap_or_default();
            let near = match suggestions(persona, scope.leaf(), &name).as_slice() {
                [] => String::new(),
                names => format!("\n\nDid you mean this?\n\t{}\n", names.join("\n\t")),
            };
            let program = persona.name();
            Some(format!(
                "unknown command \"{name}\" for \"{program}\"{near}\nRun '{program} --help' for usage."
            ))
        }
        ErrorKind::ValueValidation => {
            let value = context(ContextKind::InvalidValue).unwrap_or_default();
            let flag = flag();
            let long = flag.trim_start_matches('-');
            let flag = scope.described(long);
            let why = error.source().map_or_else(|| plain(error), ToString::to_string);
            Some(format!("invalid argument {} for \"{flag}\" flag: {why}", quote(value.as_bytes())))
        }
        _ => Some(plain(error)),
    }
}

/// `flag needs an argument: --set`, or pflag's form for a short flag.
fn needs_argument(flag: &str, args: &[String]) -> String {
    match args.last() {
        Some(last) if last.starts_with('-') && !last.starts_with("--") => {
            let short = last.chars().last().unwrap_or('-');
            format!("flag needs an argument: '{short}' in -{short}")
        }
        _ => format!("flag needs an argument: {flag}"),
    }
}

/// clap's first line without its own prefix, with what it lists below that.
fn plain(error: &clap::Error) -> String {
    let text = error.to_string();
    let mut lines = text.lines();
    let line = lines.next().unwrap_or_default();
    let line = line.strip_prefix("error: ").unwrap_or(line);
    let listed: Vec<&str> =
        lines.take_while(|line| line.starts_with("  ")).map(str::trim_start).collect();
    if listed.is_empty() { line.to_owned() } else { format!("{line} {}", listed.join(", ")) }
}
