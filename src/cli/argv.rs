//! A command line read as Helm's libraries read it: cobra finds the command, pflag its flags.
//!
//! What comes out is the same line in the one spelling that leaves clap nothing to doubt: the
//! command's words, `--flag=value` for each flag, `--`, the other arguments.

use clap::{Arg, ArgAction, Command};

use super::klog;
use super::persona::Persona;
use super::pflag::{parse_bool, wants_value};
use crate::golang::quote::{quote, quote_rune};

/// The command that a line means, and the flags that it may hold.
pub(super) struct Line<'a> {
    persona: Persona,
    program: &'a str,
    path: Vec<&'a Command>,
    /// The line without the program's name and the command's words.
    rest: Vec<&'a str>,
    /// The first word that is neither a flag nor the value of one.
    pub(super) first_word: Option<&'a str>,
    /// A word that should be a command of the program and is none.
    pub(super) unknown: Option<&'a str>,
}

/// A line in its one spelling.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Parsed {
    /// For clap, the program's name first.
    pub(super) args: Vec<String>,
    /// How help was asked for, if it was: `-h` or `--help`.
    pub(super) help: Option<&'static str>,
    /// Switches that were turned off: what the environment says of them does not count.
    pub(super) off: Vec<String>,
    /// The arguments that are neither flags nor their values.
    pub(super) words: Vec<String>,
}

/// What a name on the line stands for.
enum Flag<'a> {
    Own(&'a Arg),
    Help,
    Version,
    Klog(&'static klog::Flag),
}

impl Flag<'_> {
    fn needs_value(&self) -> bool {
        match self {
            Flag::Own(arg) => wants_value(arg),
            Flag::Help | Flag::Version => false,
            Flag::Klog(flag) => !flag.is_switch(),
        }
    }

    fn is_switch(&self) -> bool {
        match self {
            Flag::Own(arg) => matches!(arg.get_action(), ArgAction::SetTrue),
            Flag::Help | Flag::Version => true,
            Flag::Klog(_) => false,
        }
    }

    /// As pflag names it: `-l, --labels`, or `--timeout`.
    fn described(&self) -> String {
        let (short, long) = match self {
            Flag::Own(arg) => (arg.get_short(), arg.get_long().unwrap_or_default()),
            Flag::Help => (Some('h'), "help"),
            Flag::Version => (Some('V'), "version"),
            Flag::Klog(flag) => (flag.short(), flag.name),
        };
        match short {
            Some(short) => format!("-{short}, --{long}"),
            None => format!("--{long}"),
        }
    }

    /// For a value that does not fit.
    fn refused(&self, value: &str, why: &str) -> String {
        format!(
            "invalid argument {} for \"{}\" flag: {why}",
            quote(value.as_bytes()),
            self.described()
        )
    }
}

impl<'a> Line<'a> {
    /// Finds the command that the arguments (the program's name first) name.
    pub(super) fn of(persona: Persona, root: &'a Command, args: &'a [String]) -> Self {
        let (program, rest) =
            args.split_first().map_or(("", args), |(first, rest)| (first.as_str(), rest));
        let rest = rest.iter().map(String::as_str).collect();
        let mut line =
            Line { persona, program, path: vec![root], rest, first_word: None, unknown: None };
        while let Some(at) = line.next_word() {
            let word = line.rest[at];
            line.first_word.get_or_insert(word);
            let Some(command) = line.leaf().find_subcommand(word) else {
                // Below the root, cobra leaves it to the command what to make of the word.
                line.unknown = (line.path.len() == 1).then_some(word);
                break;
            };
            line.path.push(command);
            line.rest.remove(at);
        }
        line
    }

    /// The command that is meant.
    pub(super) fn leaf(&self) -> &'a Command {
        self.path.last().expect("there is a root")
    }

    /// The names that lead to the command, below the root.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.path.iter().skip(1).map(|command| command.get_name())
    }

    /// Where the next word stands that could name a command. Flags that are not known yet are
    /// those of a command to come, and cobra takes each for one with a value.
    fn next_word(&self) -> Option<usize> {
        let mut at = 0;
        while at < self.rest.len() {
            let arg = self.rest[at];
            if arg == "--" {
                return None;
            }
            let takes_next = !arg.contains('=')
                && match arg.strip_prefix("--") {
                    Some(long) => self.long(long).is_none_or(|flag| flag.needs_value()),
                    None => {
                        arg.len() == 2
                            && arg.starts_with('-')
                            && self
                                .short(arg.chars().nth(1).unwrap_or('-'))
                                .is_none_or(|flag| flag.needs_value())
                    }
                };
            if takes_next {
                // With nothing behind the value, the search is over.
                at += 1;
            } else if !arg.is_empty() && !arg.starts_with('-') {
                return Some(at);
            }
            at += 1;
        }
        None
    }

    /// A flag as pflag names it: `-l, --labels`, or `--timeout`.
    pub(super) fn described(&self, long: &str) -> String {
        self.long(long).map_or_else(|| format!("--{long}"), |flag| flag.described())
    }

    fn find(&self, fits: impl Fn(&Arg) -> bool) -> Option<Flag<'a>> {
        let leaf = self.path.len() - 1;
        let own = self.path.iter().enumerate().rev().find_map(|(at, command)| {
            command.get_arguments().find(|arg| (at == leaf || arg.is_global_set()) && fits(arg))
        });
        own.map(Flag::Own)
    }

    fn has_version(&self) -> bool {
        self.path.len() == 1 && !self.leaf().is_disable_version_flag_set()
    }

    fn long(&self, name: &str) -> Option<Flag<'a>> {
        let own = self.find(|arg| {
            arg.get_long() == Some(name)
                || arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&name))
        });
        own.or(match name {
            "help" => Some(Flag::Help),
            "version" if self.has_version() => Some(Flag::Version),
            _ => klog::long(self.persona, name).map(Flag::Klog),
        })
    }

    fn short(&self, name: char) -> Option<Flag<'a>> {
        self.find(|arg| arg.get_short() == Some(name)).or(match name {
            'h' => Some(Flag::Help),
            'V' if self.has_version() => Some(Flag::Version),
            _ => klog::short(self.persona, name).map(Flag::Klog),
        })
    }

    /// Reads the flags.
    ///
    /// Errors: pflag's sentences.
    pub(super) fn parse(&self) -> Result<Parsed, String> {
        let mut reader = Reader { line: self, flags: Vec::new(), parsed: Parsed::default() };
        let is_refused = self.leaf().get_arguments().any(Arg::is_trailing_var_arg_set);
        if is_refused {
            // A command that only tells why it does nothing looks at no flag.
            reader.parsed.words.extend(self.rest.iter().map(|arg| (*arg).to_owned()));
        }
        let mut args = self.rest.iter().copied().take(if is_refused { 0 } else { usize::MAX });
        while let Some(arg) = args.next() {
            if arg == "--" {
                reader.parsed.words.extend(args.map(str::to_owned));
                break;
            }
            if arg.len() < 2 || !arg.starts_with('-') {
                reader.parsed.words.push(arg.to_owned());
            } else if let Some(long) = arg.strip_prefix("--") {
                reader.long(arg, long, &mut args)?;
            } else {
                reader.shorts(&arg[1..], &mut args)?;
            }
        }
        let Reader { flags, mut parsed, .. } = reader;
        let words = self.names().map(str::to_owned);
        parsed.args = std::iter::once(self.program.to_owned()).chain(words).collect();
        parsed.args.extend(flags);
        if !parsed.words.is_empty() {
            parsed.args.push("--".to_owned());
            parsed.args.extend(parsed.words.iter().cloned());
        }
        Ok(parsed)
    }
}

/// Reads the flags of one line.
struct Reader<'l, 'a> {
    line: &'l Line<'a>,
    flags: Vec<String>,
    parsed: Parsed,
}

impl<'a> Reader<'_, 'a> {
    fn long(
        &mut self,
        arg: &str,
        long: &str,
        args: &mut impl Iterator<Item = &'a str>,
    ) -> Result<(), String> {
        if long.starts_with(['-', '=']) {
            return Err(format!("bad flag syntax: {arg}"));
        }
        let (name, value) = match long.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (long, None),
        };
        let flag = self.line.long(name).ok_or_else(|| format!("unknown flag: --{name}"))?;
        let value = match value {
            None if flag.needs_value() => {
                Some(args.next().ok_or_else(|| format!("flag needs an argument: --{name}"))?)
            }
            value => value,
        };
        self.set(&flag, value, "--help")
    }

    /// A group of short flags; the last may have a value.
    fn shorts(
        &mut self,
        group: &str,
        args: &mut impl Iterator<Item = &'a str>,
    ) -> Result<(), String> {
        let mut rest = group;
        while let Some(short) = rest.chars().next() {
            let after = &rest[short.len_utf8()..];
            let flag = self.line.short(short).ok_or_else(|| {
                // pflag looks at bytes.
                let first = quote_rune(u64::from(rest.as_bytes()[0]));
                format!("unknown shorthand flag: {first} in -{rest}")
            })?;
            let value = match after.strip_prefix('=') {
                Some(value) if !value.is_empty() => Some(value),
                _ if !flag.needs_value() => {
                    self.set(&flag, None, "-h")?;
                    rest = after;
                    continue;
                }
                _ if !after.is_empty() => Some(after),
                _ => Some(args.next().ok_or_else(|| {
                    format!(
                        "flag needs an argument: {} in -{rest}",
                        quote_rune(u64::from(u32::from(short)))
                    )
                })?),
            };
            return self.set(&flag, value, "-h");
        }
        Ok(())
    }

    fn set(
        &mut self,
        flag: &Flag<'a>,
        value: Option<&str>,
        help: &'static str,
    ) -> Result<(), String> {
        let on = match value {
            Some(value) if flag.is_switch() => {
                parse_bool(value).map_err(|why| flag.refused(value, &why))?
            }
            _ => true,
        };
        match flag {
            Flag::Help => self.parsed.help = on.then_some(help),
            Flag::Klog(known) => {
                if let Some(value) = value {
                    known.check(value).map_err(|why| flag.refused(value, &why))?;
                }
            }
            Flag::Version | Flag::Own(_) => {
                let name = match flag {
                    Flag::Own(arg) => arg
                        .get_long()
                        .map(|long| format!("--{long}"))
                        .or_else(|| arg.get_short().map(|short| format!("-{short}"))),
                    _ => Some("--version".to_owned()),
                };
                let name = name.unwrap_or_default();
                if flag.is_switch() {
                    // The last word counts.
                    self.flags.retain(|earlier| *earlier != name);
                    if on {
                        self.flags.push(name);
                    } else {
                        self.parsed.off.push(name);
                    }
                } else {
                    self.flags.push(match value {
                        Some(value) => format!("{name}={value}"),
                        None => name,
                    });
                }
            }
        }
        Ok(())
    }
}

/// The colour mode that Helm sees before it looks for a command: flags it does not know at this
/// point swallow a word, and the first error ends the reading.
pub(super) fn early_color(root: &Command, args: &[String]) -> Option<String> {
    let line = Line {
        persona: Persona::Helm,
        program: "",
        path: vec![root],
        rest: Vec::new(),
        first_word: None,
        unknown: None,
    };
    let mut color = None;
    let mut args = args.iter().skip(1).map(String::as_str).peekable();
    while let Some(arg) = args.next() {
        if arg == "--" {
            break;
        }
        if let Some(long) = arg.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            match line.long(name) {
                Some(Flag::Help) => break,
                Some(flag) => {
                    let value = match value {
                        None if flag.needs_value() => Some(args.next()?),
                        value => value,
                    };
                    if matches!(name, "color" | "colour") {
                        color = value.map(str::to_owned);
                    }
                }
                None if value.is_none() => {
                    args.next_if(|next| !next.starts_with('-'));
                }
                None => {}
            }
        } else if arg.len() == 2 && arg.starts_with('-') {
            match line.short(arg.chars().nth(1).unwrap_or('-')) {
                Some(Flag::Help) => break,
                Some(flag) if !flag.needs_value() => {}
                Some(_) => drop(args.next()),
                None => {
                    args.next_if(|next| !next.starts_with('-'));
                }
            }
        }
    }
    color
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> Command {
        let text = |name: &'static str| Arg::new(name).long(name).action(ArgAction::Set);
        let switch = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
        Command::new("helm")
            .arg(switch("debug").global(true))
            .arg(text("namespace").short('n').global(true))
            .subcommand(
                Command::new("template")
                    .arg(text("set"))
                    .arg(switch("include-crds"))
                    .arg(Arg::new("wait").long("wait").num_args(0..=1).require_equals(true)),
            )
            .subcommand(Command::new("repo").subcommand(Command::new("list").alias("ls")))
    }

    fn read(text: &str) -> String {
        let root = root();
        let args: Vec<String> = text.split(' ').map(str::to_owned).collect();
        let line = Line::of(Persona::Helm, &root, &args);
        if let Some(word) = line.unknown {
            return format!("unknown command {word}");
        }
        match line.parse() {
            Ok(parsed) => parsed.args[1..].join(" "),
            Err(why) => why,
        }
    }

    #[test]
    fn flags_come_in_every_spelling() {
        for (text, want) in [
            ("helm template x", "template -- x"),
            ("helm --debug template x --debug=false", "template -- x"),
            ("helm -nx template --set a=b", "template --namespace=x --set=a=b"),
            ("helm template -n=x -n y", "template --namespace=x --namespace=y"),
            ("helm template -n=", "template --namespace=="),
            ("helm template --wait y --wait=x", "template --wait --wait=x -- y"),
            ("helm --set a=b template y", "template --set=a=b -- y"),
            ("helm template -- --debug", "template -- --debug"),
            ("helm repo ls", "repo list"),
            ("helm -v 3 repo --vmodule a=1 list --skip-headers", "repo list"),
            // What is no flag of the program takes the next word.
            ("helm --include-crds template y", "unknown command y"),
            ("helm template ---", "bad flag syntax: ---"),
            ("helm template --=x", "bad flag syntax: --=x"),
            ("helm template --nope=1", "unknown flag: --nope"),
            ("helm template -xy", "unknown shorthand flag: 'x' in -xy"),
            ("helm template --set", "flag needs an argument: --set"),
            ("helm template -n", "flag needs an argument: 'n' in -n"),
            (
                "helm template --debug=x",
                "invalid argument \"x\" for \"--debug\" flag: strconv.ParseBool: parsing \"x\": invalid syntax",
            ),
        ] {
            assert_eq!(read(text), want, "{text}");
        }
    }
}
