//! clap's parser with pflag's manners, which scripts written for Helm rely on.
//!
//! Values may begin with a dash, boolean flags take `--flag=false`, a repeated flag's last
//! value wins, and errors are worded as Helm words them.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};

use super::argv::Line;
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

/// Whether a flag cannot stand without a value.
pub(super) fn wants_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
        && arg.get_num_args().is_none_or(|range| range.min_values() > 0)
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

/// A list joined by commas as pflag's slices take it: one line of CSV.
pub(super) fn parse_list(text: &str) -> Result<String, String> {
    let wrong = |column: usize, what: &str| {
        Err(format!("parse error on line 1, column {}: {what}", column + 1))
    };
    let mut at = 0;
    while at < text.len() {
        let field = &text[at..];
        let Some(quoted) = field.strip_prefix('"') else {
            let field = field.split(',').next().unwrap_or_default();
            if let Some(quote) = field.find('"') {
                return wrong(at + quote, "bare \" in non-quoted-field");
            }
            at += field.len() + 1;
            continue;
        };
        at += 1;
        let mut rest = quoted;
        loop {
            let Some(quote) = rest.find('"') else {
                return wrong(text.len(), "extraneous or missing \" in quoted-field");
            };
            at += quote + 1;
            rest = &rest[quote + 1..];
            match rest.chars().next() {
                Some('"') => {
                    at += 1;
                    rest = &rest[1..];
                }
                Some(',') => {
                    at += 1;
                    break;
                }
                None => break,
                Some(_) => return wrong(at - 1, "extraneous or missing \" in quoted-field"),
            }
        }
    }
    Ok(text.to_owned())
}

/// A whole number as pflag's int flags take it.
pub(super) fn parse_int(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| {
        format!("strconv.ParseInt: parsing {}: invalid syntax", quote(text.as_bytes()))
    })
}

/// A number as pflag's flags take it that cannot be below zero.
pub(super) fn parse_uint(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| {
        format!("strconv.ParseUint: parsing {}: invalid syntax", quote(text.as_bytes()))
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

/// What to print after `Error: ` about a word that is no command.
pub(super) fn unknown_command(persona: Persona, root: &Command, word: &str) -> String {
    let near = match suggestions(persona, root, word).as_slice() {
        [] => String::new(),
        names => format!("\n\nDid you mean this?\n\t{}\n", names.join("\n\t")),
    };
    let (word, program) = (quote(word.as_bytes()), persona.name());
    format!("unknown command {word} for \"{program}\"{near}\nRun '{program} --help' for usage.")
}

/// The sentence that Helm prints after `Error: ` for a parse failure; none for clap's own
/// `--help` and `--version`, which are no errors.
pub(super) fn sentence(line: &Line<'_>, error: &clap::Error) -> Option<String> {
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
        ErrorKind::ValueValidation => {
            let value = context(ContextKind::InvalidValue).unwrap_or_default();
            let flag = flag();
            let long = flag.trim_start_matches('-');
            let flag = line.described(long);
            let why = error.source().map_or_else(|| plain(error), ToString::to_string);
            Some(format!("invalid argument {} for \"{flag}\" flag: {why}", quote(value.as_bytes())))
        }
        _ => Some(plain(error)),
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
