//! `rhumb repo`: the repositories that the user knows by name.

use std::path::Path;

use super::arguments::Usage;
use super::flags::{GlobalFlags, ServerFlags};
use super::output::{self, Format};
use super::table::table;
use super::{Failure, Streams, pflag, registry, repo_index, repository, write_out};
use crate::doc::Doc;
use crate::doc::members::Members;
use crate::golang::quote::quote;
use crate::golang::time::duration::Duration;
use crate::host::{Host, Stream};
use crate::repo::config::{Entry, Repositories};
use crate::repo::locate::index_path;

/// Add, list, update, remove and index chart repositories
#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// Add a repository under a name of your own
    ///
    /// Example: rhumb repo add prometheus https://prometheus-community.github.io/helm-charts
    Add(AddArgs),
    Index(repo_index::Args),
    /// List the repositories
    ///
    /// Example: rhumb repo list -o json
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// Remove repositories and what is kept of them
    ///
    /// Example: rhumb repo remove prometheus
    #[command(visible_alias = "rm")]
    Remove(NamesArgs),
    /// Fetch the indexes of all repositories, or of those named
    ///
    /// Example: rhumb repo update prometheus
    #[command(visible_alias = "up")]
    Update(UpdateArgs),
}

#[derive(clap::Args, Debug)]
struct AddArgs {
    /// Name and address
    #[arg(value_name = "NAME URL")]
    positional: Vec<String>,

    /// Replace a repository of this name
    #[arg(long)]
    force_update: bool,

    /// Send the credentials to other hosts, too
    #[arg(long)]
    pass_credentials: bool,

    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,

    /// Time to wait for the index
    #[arg(long, value_name = "DURATION", value_parser = pflag::parse_duration)]
    timeout: Option<Duration>,

    /// Accepted for Helm's sake: addresses that no longer serve are told apart by asking them
    #[arg(long, hide_short_help = true)]
    allow_deprecated_repos: bool,

    /// Accepted for old scripts: nothing is updated by adding
    #[arg(long, hide = true)]
    no_update: bool,

    #[command(flatten)]
    server: ServerFlags,
}

#[derive(clap::Args, Debug)]
struct ListArgs {
    #[arg(hide = true)]
    positional: Vec<String>,

    /// Leave the line of headings out
    #[arg(long)]
    no_headers: bool,

    /// Format: table, json, yaml
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = output::parse)]
    output: Format,
}

#[derive(clap::Args, Debug)]
struct NamesArgs {
    /// Names of repositories
    #[arg(value_name = "NAME")]
    positional: Vec<String>,
}

#[derive(clap::Args, Debug)]
struct UpdateArgs {
    /// Names of repositories; all if none is named
    #[arg(value_name = "NAME")]
    positional: Vec<String>,

    /// Time to wait for an index
    #[arg(long, value_name = "DURATION", value_parser = pflag::parse_duration)]
    timeout: Option<Duration>,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    match &args.action {
        Action::Add(args) => add(args, global, host, streams),
        Action::Index(args) => repo_index::run(args, global, host, streams),
        Action::List(args) => list(args, global, host, streams),
        Action::Remove(args) => remove(args, global, host, streams),
        Action::Update(args) => update(args, global, host, streams),
    }
}

/// Addresses of repositories that are gone, and of those that took their place.
const GONE: [(&str, &str); 2] = [
    ("https://kubernetes-charts.storage.googleapis.com", "https://charts.helm.sh/stable"),
    (
        "https://kubernetes-charts-incubator.storage.googleapis.com",
        "https://charts.helm.sh/incubator",
    ),
];

fn add(
    args: &AddArgs,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    Usage { command: "repo add", rest: "[NAME] [URL] [flags]" }.exactly(
        global,
        &args.positional,
        2,
    )?;
    let (name, address) = (&args.positional[0], &args.positional[1]);
    // Charts have moved, and Helm knows where to.
    let gone = GONE.iter().find(|(old, _)| address.contains(old));
    if let Some((_, now)) = gone.filter(|_| !args.allow_deprecated_repos) {
        let address = quote(address.as_bytes());
        return Err(Failure::new(format!(
            "repo {address} is no longer available; try \"{now}\" instead"
        )));
    }
    let client = repository::client(host, global, args.server.access());
    let path = &client.paths.repository_config;
    let mut known = Repositories::load(host, path)?;
    let mut access = client.access.clone();
    access.pass_credentials = args.pass_credentials;
    access.plain_http = false;
    if !access.username.is_empty() && access.password.is_empty() {
        if !args.password_stdin {
            let unasked = registry::unasked(&access.username, host, streams);
            if !host.is_terminal(Stream::Stdin) {
                write_out(streams.out, b"\n")?;
            }
            return Err(unasked);
        }
        access.password = password_from_stdin(host)?;
    }
    if name.contains('/') {
        return Err(Failure::new(format!(
            "repository name ({name}) contains '/', please specify a different name without '/'"
        )));
    }
    let entry = Entry { name: name.clone(), url: address.clone(), access };
    let quoted = quote(name.as_bytes());
    if let Some(before) = known.get(name).filter(|_| !args.force_update) {
        if *before != entry {
            return Err(Failure::new(format!(
                "repository name ({name}) already exists, please specify a different name"
            )));
        }
        let text = format!("{quoted} already exists with the same configuration, skipping\n");
        return write_out(streams.out, text.as_bytes());
    }
    crate::repo::url::check_scheme(address)?;
    let mut log = Vec::new();
    let updated = client.update_index(&entry, &mut log);
    super::flush_log(&mut log, streams.err);
    updated.map_err(|fault| {
        let address = quote(address.as_bytes());
        fault.context(format_args!(
            "looks like {address} is not a valid chart repository or cannot be reached"
        ))
    })?;
    known.update(entry);
    known.save(host, path)?;
    write_out(streams.out, format!("{quoted} has been added to your repositories\n").as_bytes())
}

/// A password on standard input, without the end of its line.
pub(super) fn password_from_stdin(host: &dyn Host) -> Result<String, Failure> {
    let bytes = host.read_stdin().map_err(|error| {
        Failure::new(format!("read stdin: {}", crate::diag::io::reason(&error)))
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_string())
}

fn list(
    args: &ListArgs,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    Usage { command: "repo list", rest: "[flags]" }.none(global, &args.positional)?;
    let client = repository::client(host, global, crate::repo::Access::default());
    // What cannot be read lists nothing, as in Helm.
    let known = Repositories::load(host, &client.paths.repository_config);
    let known = known.unwrap_or_default().entries;
    if known.is_empty() && args.output == Format::Table {
        let _ = writeln!(streams.err, "no repositories to show");
        return Ok(());
    }
    if args.output == Format::Table {
        let mut rows = Vec::new();
        if !args.no_headers {
            rows.push(vec!["NAME", "URL"]);
        }
        rows.extend(known.iter().map(|entry| vec![entry.name.as_str(), entry.url.as_str()]));
        return write_out(streams.out, table(&rows, 80).as_bytes());
    }
    let members = known.iter().map(|entry| {
        let mut members = Members::default();
        members.put_text("name", &entry.name);
        members.put_text("url", &entry.url);
        members.doc()
    });
    write_out(streams.out, &args.output.encode(&Doc::list(members.collect())))
}

fn remove(
    args: &NamesArgs,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    Usage { command: "repo remove", rest: "[REPO1 [REPO2 ...]] [flags]" }.at_least(
        global,
        &args.positional,
        1,
    )?;
    let client = repository::client(host, global, crate::repo::Access::default());
    let path = &client.paths.repository_config;
    let mut known = Repositories::load(host, path).unwrap_or_default();
    if known.entries.is_empty() {
        return Err(Failure::new("no repositories configured"));
    }
    for name in &args.positional {
        let quoted = quote(name.as_bytes());
        if known.get(name).is_none() {
            return Err(Failure::new(format!("no repo named {quoted} found")));
        }
        known.entries.retain(|entry| entry.name != *name);
        known.save(host, path)?;
        let folder = &client.paths.repository_cache;
        for file in [folder.join(format!("{name}-charts.txt")), index_path(folder, name)] {
            remove_if_there(host, &file)?;
        }
        let text = format!("{quoted} has been removed from your repositories\n");
        write_out(streams.out, text.as_bytes())?;
    }
    Ok(())
}

fn remove_if_there(host: &dyn Host, path: &Path) -> Result<(), Failure> {
    match host.remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::new(crate::diag::io::path_error("remove", path, &error)))
        }
        _ => Ok(()),
    }
}

fn update(
    args: &UpdateArgs,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let client = repository::client(host, global, crate::repo::Access::default());
    let path = &client.paths.repository_config;
    let known = Repositories::load(host, path)
        .map_err(|fault| fault.context(format_args!("failed loading file: {}", path.display())))?
        .entries;
    if known.is_empty() {
        return Err(Failure::new("no repositories found. You must add one before updating"));
    }
    let names = &args.positional;
    if let Some(unknown) = names.iter().find(|name| !known.iter().any(|it| it.name == **name)) {
        return Err(Failure::new(format!(
            "no repositories found matching '{unknown}'.  Nothing will be updated"
        )));
    }
    write_out(
        streams.out,
        b"Hang tight while we grab the latest from your chart repositories...\n",
    )?;
    let mut failed = Vec::new();
    for entry in known.iter().filter(|it| names.is_empty() || names.contains(&it.name)) {
        let mut log = Vec::new();
        let updated = client.update_index(entry, &mut log);
        super::flush_log(&mut log, streams.err);
        let quoted = quote(entry.name.as_bytes());
        let text = match updated {
            Ok(_) => {
                format!("...Successfully got an update from the {quoted} chart repository\n")
            }
            Err(why) => {
                failed.push(entry.url.as_str());
                let address = &entry.url;
                format!(
                    "...Unable to get an update from the {quoted} chart repository \
                     ({address}):\n\t{why}\n"
                )
            }
        };
        write_out(streams.out, text.as_bytes())?;
    }
    if !failed.is_empty() {
        return Err(Failure::new(format!(
            "failed to update the following repositories: [{}]",
            failed.join(" ")
        )));
    }
    write_out(streams.out, "Update Complete. ⎈Happy Helming!⎈\n".as_bytes())
}
