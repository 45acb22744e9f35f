//! clap's parser with pflag's manners, which scripts written for Helm rely on.
//!
//! Values may begin with a dash, boolean flags take `--flag=false`, a repeated flag's last
//! value wins, and errors are worded as Helm words them.

use clap::builder::TypedValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};

/// Boolean values as Go's `strconv.ParseBool` takes them.
#[derive(Clone, Copy, Debug)]
struct GoBool;

impl TypedValueParser for GoBool {
    type Value = bool;
    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<bool, clap::Error> {
        match value.to_str() {
            Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Ok(true),
            Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(false),
            _ => Err(invalid(
                command,
                arg,
                value,
                &format!("strconv.ParseBool: parsing \"{}\": invalid syntax", value.display()),
            )),
        }
    }
}

/// pflag's sentence for a value that does not parse.
fn invalid(
    command: &Command,
    arg: Option<&Arg>,
    value: &std::ffi::OsStr,
    why: &str,
) -> clap::Error {
    let flag = arg.map(flag_name).unwrap_or_default();
    clap::Error::raw(
        ErrorKind::ValueValidation,
        format!("invalid argument \"{}\" for \"{flag}\" flag: {why}", value.display()),
    )
    .with_cmd(command)
}

/// A flag as pflag names it: `-l, --labels`, or `--timeout`.
fn flag_name(arg: &Arg) -> String {
    match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(long)) => format!("-{short}, --{long}"),
        (None, Some(long)) => format!("--{long}"),
        _ => arg.get_id().to_string(),
    }
}

/// Gives a command and its subcommands pflag's manners.
pub(super) fn adapt(command: Command) -> Command {
    let command = command.args_override_self(true).mut_args(|arg| {
        if arg.is_positional() {
            return arg;
        }
        match arg.get_action() {
            ArgAction::SetTrue => arg
                .action(ArgAction::Set)
                .num_args(0..=1)
                .require_equals(true)
                .default_value("false")
                .default_missing_value("true")
                .hide_default_value(true)
                .value_name("BOOL")
                .hide_possible_values(true)
                .value_parser(GoBool),
            ArgAction::Set | ArgAction::Append => arg.allow_hyphen_values(true),
            _ => arg,
        }
    });
    command.mut_subcommands(adapt)
}

/// The sentence that Helm prints after `Error: ` for a parse failure; none for clap's own
/// `--help` and `--version`, which are no errors.
pub(super) fn sentence(error: &clap::Error, args: &[String]) -> Option<String> {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => None,
        ErrorKind::UnknownArgument => {
            let flag = context(ContextKind::InvalidArg).unwrap_or_default();
            if flag.starts_with("--") {
                let bare = flag.split('=').next().unwrap_or(&flag);
                return Some(format!("unknown flag: {bare}"));
            }
            if let Some(short) = flag.strip_prefix('-').and_then(|rest| rest.chars().next()) {
                // pflag quotes the whole group of short flags that the character stood in.
                let group = args
                    .iter()
                    .find(|arg| {
                        arg.starts_with('-') && !arg.starts_with("--") && arg.contains(short)
                    })
                    .map_or(flag.as_str(), String::as_str);
                return Some(format!("unknown shorthand flag: '{short}' in {group}"));
            }
            Some(format!("unexpected argument: {flag}"))
        }
        ErrorKind::InvalidValue if matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty()) =>
        {
            let flag = context(ContextKind::InvalidArg).unwrap_or_default();
            Some(needs_argument(&flag, args))
        }
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues | ErrorKind::NoEquals => {
            let flag = context(ContextKind::InvalidArg).unwrap_or_default();
            Some(needs_argument(&flag, args))
        }
        ErrorKind::InvalidSubcommand => {
            let name = context(ContextKind::InvalidSubcommand).unwrap_or_default();
            let near = match error.get(ContextKind::SuggestedSubcommand) {
                Some(ContextValue::Strings(names)) if !names.is_empty() => {
                    format!("\n\nDid you mean this?\n\t{}\n", names.join("\n\t"))
                }
                _ => String::new(),
            };
            Some(format!(
                "unknown command \"{name}\" for \"helm\"{near}\nRun 'helm --help' for usage."
            ))
        }
        ErrorKind::ValueValidation => {
            // Either our own sentence, or clap's around a parser of std.
            if let (Some(flag), Some(value)) =
                (context(ContextKind::InvalidArg), context(ContextKind::InvalidValue))
            {
                let flag = flag.split(' ').next().unwrap_or_default().to_string();
                return Some(format!(
                    "invalid argument \"{value}\" for \"{flag}\" flag: invalid syntax"
                ));
            }
            Some(plain(error))
        }
        _ => Some(plain(error)),
    }
}

/// `flag needs an argument: --set`, or pflag's form for a short flag.
fn needs_argument(flag: &str, args: &[String]) -> String {
    let long = flag.split([' ', '=']).next().unwrap_or(flag);
    match args.last() {
        Some(last) if last.starts_with('-') && !last.starts_with("--") => {
            let short = last.chars().last().unwrap_or('-');
            format!("flag needs an argument: '{short}' in {last}")
        }
        _ => format!("flag needs an argument: {long}"),
    }
}

/// clap's first line without its own prefix.
fn plain(error: &clap::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_string()
}
