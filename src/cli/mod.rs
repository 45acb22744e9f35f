//! The command line: arguments to a job, its result to streams and an exit code.

mod arguments;
mod argv;
pub mod bug;
mod charts;
mod cluster;
mod completion;
mod composed;
mod coverage;
mod create;
mod dependency;
mod diff;
mod docs;
mod env;
pub mod exit;
mod expand;
mod flags;
mod jsonpath;
mod klog;
mod limits;
mod lint;
mod locate;
mod namespace;
mod output;
mod output_folder;
mod package;
mod persona;
mod pflag;
mod plugin;
mod post_render;
mod progress;
mod pull;
mod registry;
mod release_name;
mod render_once;
mod rendered;
mod repo;
mod repo_index;
mod repository;
mod schema;
mod schema_files;
mod schema_location;
mod search;
mod settings;
mod show;
mod strictness;
mod table;
mod template;
mod test;
mod test_review;
mod unittest;
mod validate;
mod values;
mod verify;
mod version;
mod watch;

use std::io::Write;
use std::mem::ManuallyDrop;

use clap::{CommandFactory as _, FromArgMatches as _, Parser};

use self::argv::{Line, Parsed};
use self::persona::Persona;
use crate::diag::Fault;
use crate::host::Host;
use crate::limited::Limited;

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
}

/// The subcommands, each a name (with other names for it), a variant and a module with its
/// arguments. A command line builds only the one that it names: building them all would take
/// longer than rendering a small chart.
macro_rules! commands {
    ($($name:literal $($alias:literal)* => $variant:ident($module:ident),)*) => {
        #[derive(Debug)]
        enum Command {
            $($variant($module::Args),)*
        }

        const COMMANDS: &[(&[&str], fn(clap::Command) -> clap::Command)] =
            &[$((&[$name, $($alias),*], <$module::Args as clap::Args>::augment_args),)*];

        impl Command {
            /// The subcommand that was named.
            fn from_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
                match matches.subcommand() {
                    $(Some(($name, own)) => $module::Args::from_arg_matches(own).map(Command::$variant),)*
                    _ => Err(clap::Error::new(clap::error::ErrorKind::MissingSubcommand)),
                }
            }
        }
    };
}

commands! {
    "charts" => Charts(charts),
    "create" => Create(create),
    "diff" => Diff(diff),
    "docs" => Docs(docs),
    "completion" => Completion(completion),
    "dependency" "dep" "dependencies" => Dependency(dependency),
    "env" => Env(env),
    "expand" => Expand(expand),
    "lint" => Lint(lint),
    "package" => Package(package),
    "plugin" => Plugin(plugin),
    "pull" "fetch" => Pull(pull),
    "registry" => Registry(registry),
    "repo" => Repo(repo),
    "schema" => Schema(schema),
    "search" => Search(search),
    "show" "inspect" => Show(show),
    "template" => Template(template),
    "test" => Test(test),
    "unittest" => Unittest(unittest),
    "validate" => Validate(validate),
    "values" => Values(values),
    "verify" => Verify(verify),
    "version" => Version(version),
}

/// The command line's grammar: with the subcommand `word` alone if there is one of that name,
/// with all of them otherwise.
fn grammar(word: Option<&str>) -> clap::Command {
    let named = |names: &[&str]| word.is_some_and(|word| names.contains(&word));
    let only = COMMANDS.iter().any(|(names, _)| named(names));
    let wanted = COMMANDS.iter().filter(|(names, _)| !only || named(names));
    wanted.fold(Cli::command(), |root, (names, build)| {
        let command = clap::Command::new(names[0]).visible_aliases(names[1..].iter().copied());
        root.subcommand(build(command))
    })
}

/// Where a command writes.
pub struct Streams<'a> {
    /// Standard output: manifests and what was asked for.
    pub out: &'a mut dyn Write,
    /// Standard error: everything else.
    pub err: &'a mut dyn Write,
}

/// Runs the command line `args` (the program's name first) and returns the exit code.
///
/// Started under the name `helm`, or as `rhumb helm …`, it is Helm to its caller.
pub fn run(args: &[String], host: &dyn Host, streams: &mut Streams<'_>) -> i32 {
    let (persona, args) = Persona::of(args);
    let command = persona.dress(pflag::adapt(grammar(args.get(1).map(String::as_str))));
    let command = cluster::hide_shadowed(persona, command);
    let asks = |arg: &String| matches!(arg.as_str(), "--help" | "-h" | "help");
    let command = if persona == Persona::Helm && args.iter().any(asks) {
        persona::with_all_flags(command)
    } else {
        command
    };
    let is_verdict = |name: &String| matches!(name.as_str(), "diff" | "test" | "validate");
    let validates = persona == Persona::Rhumb && args.get(1).is_some_and(is_verdict);
    let args = match args.get(1).map(String::as_str) {
        Some("validate") => validate::two_dashes(&args),
        Some("unittest") => unittest::color_words(&args),
        _ => args,
    };
    if let Some(color) = argv::early_color(&command, &args)
        && let Err(failure) = check_color(&color, streams)
    {
        return failure;
    }
    let line = Line::of(persona, &command, &args);
    if let Some(word) = line.first_word
        && let Some(text) = cluster::refusal(persona, word, line.names().next().is_some())
    {
        let _ = writeln!(streams.err, "Error: {text}");
        return exit::FAILURE;
    }
    let parsed = match line.unknown {
        Some(word) if word != "help" => Err(pflag::unknown_command(persona, line.leaf(), word)),
        _ => line.parse(),
    };
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(sentence) => {
            let _ = writeln!(streams.err, "Error: {sentence}");
            return if validates { exit::COULD_NOT_RUN } else { exit::FAILURE };
        }
    };
    let may_debug = !parsed.off.iter().any(|name| name == "--debug");
    let Some(args) = answered(&line, persona, &command, parsed, streams) else { return exit::OK };
    // The process ends with this command line, so that its grammar need not be freed.
    let mut parser = ManuallyDrop::new(command.clone());
    let parsed = parser.try_get_matches_from_mut(&args).map(ManuallyDrop::new);
    let parsed = parsed.and_then(|matches| {
        Ok((Cli::from_arg_matches(&matches)?, Command::from_matches(&matches)?))
    });
    let (mut cli, subcommand) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            let code = usage(&line, &error, streams);
            return if validates && code != exit::OK { exit::COULD_NOT_RUN } else { code };
        }
    };
    let offline = Limited { offline: true, ..Limited::new(host) };
    let host: &dyn Host = if cli.global.offline { &offline } else { host };
    cli.global.limits.watch(host);
    cli.global.persona = persona;
    cli.global.started_as = args.first().cloned().unwrap_or_default();
    let wants_debug = host.env("HELM_DEBUG").map(|text| pflag::parse_bool(&text));
    cli.global.debug |= may_debug && wants_debug == Some(Ok(true));
    if let Err(failure) = check_color(&cli.global.color, streams) {
        return failure;
    }
    let result = match &subcommand {
        Command::Charts(args) => charts::run(args, host, streams),
        Command::Create(args) => create::run(args, &cli.global, host, streams),
        Command::Diff(args) => diff::run(args, &cli.global, host, streams),
        Command::Docs(args) => docs::run(args, &cli.global, host, streams),
        Command::Completion(args) => {
            let command = persona.dress(grammar(None));
            completion::run(args, &cli.global, command, streams)
        }
        Command::Dependency(args) => dependency::run(args, &cli.global, host, streams),
        Command::Env(args) => env::run(args, &cli.global, host, streams),
        Command::Lint(args) => lint::run(args, &cli.global, host, streams),
        Command::Package(args) => package::run(args, &cli.global, host, streams),
        Command::Plugin(args) => plugin::run(args, &cli.global, host, streams),
        Command::Pull(args) => pull::run(args, &cli.global, host, streams),
        Command::Registry(args) => registry::run(args, &cli.global, host, streams),
        Command::Repo(args) => repo::run(args, &cli.global, host, streams),
        Command::Schema(args) => schema::run(args, &cli.global, host, streams),
        Command::Search(args) => search::run(args, &cli.global, host, streams),
        Command::Show(args) => show::run(args, &cli.global, host, streams),
        Command::Expand(args) => expand::run(args, &cli.global, host, streams),
        Command::Template(args) => template::run(args, &cli.global, host, streams),
        Command::Test(args) => test::run(args, &cli.global, host, streams),
        Command::Unittest(args) => unittest::run(args, &cli.global, host, streams),
        Command::Validate(args) => validate::run(args, &cli.global, host, streams),
        Command::Values(args) => values::run(args, &cli.global, host, streams),
        Command::Verify(args) => verify::run(args, &cli.global, host, streams),
        Command::Version(args) => version::run(args, &cli.global, host, streams),
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
    written(out.write_all(bytes).and_then(|()| out.flush()))
}

/// What came of writing to standard output, as the command ends.
fn written(result: std::io::Result<()>) -> Result<(), Failure> {
    match result {
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

/// Refuses what is no colour mode; the exit code then.
fn check_color(mode: &str, streams: &mut Streams<'_>) -> Result<(), i32> {
    if matches!(mode, "never" | "auto" | "always") {
        return Ok(());
    }
    let mode = crate::golang::quote::quote(mode.as_bytes());
    let text = format!("invalid color mode {mode}: must be one of: never, auto, always");
    let field = crate::diag::log::field(text);
    let _ = writeln!(streams.err, "level=WARN msg=\"command failed\" error={field}");
    Err(exit::FAILURE)
}

/// What is left for clap to do; nothing when a group of commands or a question for help has been
/// answered, as cobra does.
fn answered(
    line: &Line<'_>,
    persona: Persona,
    root: &clap::Command,
    parsed: Parsed,
    streams: &mut Streams<'_>,
) -> Option<Vec<String>> {
    let Parsed { mut args, help, words, .. } = parsed;
    if line.unknown == Some("help") {
        let topic: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        let known = topic
            .first()
            .is_none_or(|word| matches!(*word, "" | "-") || root.find_subcommand(word).is_some());
        if !known {
            let topic: Vec<String> = topic.iter().map(|word| format!("`{word}`")).collect();
            let _ = writeln!(streams.err, "Unknown help topic [{}]", topic.join(" "));
            let _ = streams.err.write_all(root.clone().render_help().to_string().as_bytes());
            return None;
        }
        args.truncate(1);
        let mut at = root;
        for word in topic {
            let Some(command) = at.find_subcommand(word) else { break };
            args.push(word.to_owned());
            at = command;
        }
        args.push("--help".to_owned());
        return Some(args);
    }
    if let Some(help) = help {
        args.truncate(1 + line.names().count());
        args.push(help.to_owned());
        return Some(args);
    }
    let is_group = line.leaf().has_subcommands() && line.leaf().is_subcommand_required_set();
    if is_group {
        // Values that do not fit come before help.
        let checked = root.clone().try_get_matches_from(&args);
        if let Err(error) = checked
            && error.kind() == clap::error::ErrorKind::ValueValidation
        {
            return Some(args);
        }
        let is_root = line.names().next().is_none();
        if is_root && args.iter().any(|arg| arg == "--version") {
            return Some(args);
        }
        if is_root {
            return Some(vec![args.swap_remove(0), "--help".to_owned()]);
        }
        let path: Vec<&str> = std::iter::once(persona.name()).chain(line.names()).collect();
        let mut group = line.leaf().clone().bin_name(path.join(" "));
        let _ = streams.out.write_all(group.render_help().to_string().as_bytes());
        return None;
    }
    Some(args)
}

fn usage(line: &Line<'_>, error: &clap::Error, streams: &mut Streams<'_>) -> i32 {
    if let Some(sentence) = pflag::sentence(line, error) {
        let _ = writeln!(streams.err, "Error: {sentence}");
        return exit::FAILURE;
    }
    let _ = streams.out.write_all(error.render().to_string().as_bytes());
    exit::OK
}
