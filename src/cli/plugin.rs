//! `rhumb plugin`: Helm's plugins, as far as rendering needs them.

use std::path::{Path, PathBuf};

use super::arguments::Usage;
use super::flags::GlobalFlags;
use super::settings::Settings;
use super::table::table;
use super::{Failure, Streams, write_out};
use crate::chart::load::absolute;
use crate::diag::io::{mkdir_all, path_error};
use crate::golang::quote::quote;
use crate::host::{FileKind, Host, Program};
use crate::plugin::{Plugin, installed};

/// Install, list and uninstall Helm's plugins; rhumb runs those that post-render
///
/// Plugins are folders with a plugin.yaml. They are shared with Helm: what one installs, the
/// other sees.
#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// Install a plugin from a folder, by a link to it
    ///
    /// Example: rhumb plugin install ./my-post-renderer
    #[command(visible_alias = "add")]
    Install(InstallArgs),
    /// List the plugins
    ///
    /// Example: rhumb plugin list --type postrenderer/v1
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// Pack a plugin; rhumb does not
    #[command(hide = true)]
    Package(RestArgs),
    /// Uninstall plugins
    ///
    /// Example: rhumb plugin uninstall my-post-renderer
    #[command(visible_aliases = ["rm", "remove"])]
    Uninstall(UninstallArgs),
    /// Update plugins; those in folders are as they are
    #[command(hide = true)]
    Update(RestArgs),
    /// Check a plugin's signature; rhumb does not
    #[command(hide = true)]
    Verify(RestArgs),
}

#[derive(clap::Args, Debug)]
struct RestArgs {
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

#[derive(clap::Args, Debug)]
struct InstallArgs {
    /// Folder of the plugin
    #[arg(value_name = "PATH")]
    positional: Vec<String>,

    /// Accepted for Helm's sake: a folder has no versions
    #[arg(long, value_name = "VERSION", hide_short_help = true)]
    version: Option<String>,

    /// Accepted for Helm's sake: a folder has no signature
    #[arg(long, hide_short_help = true)]
    verify: bool,
}

#[derive(clap::Args, Debug)]
struct ListArgs {
    /// Words that Helm takes and does not look at
    #[arg(hide = true)]
    _words: Vec<String>,

    /// Only plugins of this type: postrenderer/v1, cli/v1, getter/v1
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
}

#[derive(clap::Args, Debug)]
struct UninstallArgs {
    /// Names of plugins
    #[arg(value_name = "PLUGIN")]
    positional: Vec<String>,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    match &args.action {
        Action::Install(args) => install(args, global, host, streams),
        Action::List(args) => list(args, global, host, streams),
        Action::Uninstall(args) => uninstall(args, global, host, streams),
        Action::Package(_) => Err(refused(global, "package")),
        Action::Update(_) => Err(refused(global, "update")),
        Action::Verify(_) => Err(refused(global, "verify")),
    }
}

fn refused(global: &GlobalFlags, action: &str) -> Failure {
    let name = global.persona.name();
    Failure::new(format!("\"{name} plugin {action}\" is not done by rhumb: use Helm"))
}

const LOCAL: &[u8] = b"Installing plugin from local directory (development mode)\n";

fn is_archive(name: &str) -> bool {
    [".tgz", ".tar.gz"].iter().any(|end| name.ends_with(end))
}

fn install(
    args: &InstallArgs,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    Usage { command: "plugin install", rest: "[options] <path|url> [flags]" }.exactly(
        global,
        &args.positional,
        1,
    )?;
    let given = &args.positional[0];
    let source = absolute(host, Path::new(given))?;
    match host.stat(&source, true).map(|stat| stat.kind).ok().filter(|_| !given.is_empty()) {
        Some(FileKind::Dir) => {}
        Some(_) if is_archive(given) => {
            return Err(Failure::new(format!(
                "rhumb installs plugins from folders: unpack {given} and name the folder"
            )));
        }
        Some(_) => {
            write_out(streams.out, LOCAL)?;
            return Err(Failure::new(
                "expected plugin to be a directory (containing a file 'plugin.yaml')",
            ));
        }
        None if given.contains("://") => {
            return Err(Failure::new(format!(
                "rhumb installs plugins from folders: fetch {given} and name the folder"
            )));
        }
        None => {
            return Err(Failure::new(format!(
                "cannot get information about plugin source {} (if it's a local directory, does \
                 it exist?), last error was: Cannot detect VCS",
                quote(given.as_bytes())
            )));
        }
    }
    write_out(streams.out, LOCAL)?;
    let link = home(host, global).join(source.file_name().unwrap_or_default());
    if host.stat(&link, false).is_ok() {
        let place = crate::diag::log::field(link.display());
        let _ = writeln!(
            streams.err,
            "level=WARN msg=\"plugin already exists\" path={place} error=<nil>"
        );
        return Err(Failure::new("plugin already exists"));
    }
    if host.stat(&source.join("plugin.yaml"), true).is_err() {
        return Err(Failure::new("plugin metadata (plugin.yaml) missing"));
    }
    let io =
        |what, path: &Path, error: &std::io::Error| Failure::new(path_error(what, path, error));
    let folder = link.parent().unwrap_or(&link);
    mkdir_all(host, folder).map_err(Failure::new)?;
    host.link_dir(&source, &link).map_err(|error| io("symlink", &link, &error))?;
    let plugin = Plugin::load(host, &link)
        .map_err(|why| Failure::new(format!("plugin is installed but unusable: {why}")))?;
    run_hook(&plugin, "install", global, host, streams)?;
    write_out(streams.out, format!("Installed plugin: {}\n", plugin.name).as_bytes())
}

/// The folder for new plugins: the first of those that are looked at.
fn home(host: &dyn Host, global: &GlobalFlags) -> PathBuf {
    let folders = Settings::new(host, global).plugins();
    std::env::split_paths(folders.as_os_str()).next().unwrap_or(folders)
}

fn plugins(host: &dyn Host, global: &GlobalFlags, streams: &mut Streams<'_>) -> Vec<Plugin> {
    let mut log = Vec::new();
    let found = installed(host, &Settings::new(host, global).plugins(), &mut log);
    super::flush_log(&mut log, streams.err);
    found
}

fn list(
    args: &ListArgs,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    if global.debug {
        let folder = crate::diag::log::field(Settings::new(host, global).plugins().display());
        let _ = writeln!(streams.err, "level=DEBUG msg=pluginDirs directory={folder}");
    }
    let found = plugins(host, global, streams);
    let mut rows = vec![vec!["NAME", "VERSION", "TYPE", "APIVERSION", "PROVENANCE", "SOURCE"]];
    let wanted = args.kind.as_deref().unwrap_or_default();
    for it in found.iter().filter(|it| wanted.is_empty() || it.kind == wanted) {
        let source = if it.source.is_empty() { "unknown" } else { &it.source };
        // What was installed from a folder is a link to it.
        let is_link = host.stat(&it.folder, false).is_ok_and(|stat| stat.kind == FileKind::Symlink);
        let provenance = if is_link { "local dev" } else { "unknown" };
        rows.push(vec![&it.name, &it.version, &it.kind, &it.api_version, provenance, source]);
    }
    write_out(streams.out, table(&rows, 0).as_bytes())
}

fn uninstall(
    args: &UninstallArgs,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    if args.positional.is_empty() {
        return Err(Failure::new("please provide plugin name to uninstall"));
    }
    let found = plugins(host, global, streams);
    let mut failures = Vec::new();
    for name in &args.positional {
        let Some(plugin) = found.iter().find(|it| it.name == *name) else {
            failures.push(format!("plugin: {name} not found"));
            continue;
        };
        match remove(plugin, host) {
            Ok(()) => {
                run_hook(plugin, "delete", global, host, streams)?;
                write_out(streams.out, format!("Uninstalled plugin: {name}\n").as_bytes())?;
            }
            Err(why) => {
                failures.push(format!("failed to uninstall plugin {name}, got error ({why})"));
            }
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::new(failures.join("\n"))) }
}

/// Removes a plugin's folder, or the link to it.
fn remove(plugin: &Plugin, host: &dyn Host) -> Result<(), String> {
    let folder = &plugin.folder;
    let is_link = host.stat(folder, false).is_ok_and(|stat| stat.kind == FileKind::Symlink);
    let removed = if is_link { host.remove_file(folder) } else { host.remove_dir_all(folder) };
    removed.map_err(|error| path_error("remove", folder, &error))
}

fn run_hook(
    plugin: &Plugin,
    event: &str,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let settings = Settings::new(host, global).variables();
    let settings: Vec<(String, String)> =
        settings.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
    let env = plugin.variables(&settings);
    let Some((path, args)) = plugin.hook(event, &env) else { return Ok(()) };
    let program = Program { path: &path, args: &args, env: &env, input: &[] };
    let output =
        host.pipe(&program).map_err(|error| Failure::new(crate::diag::io::reason(&error)))?;
    write_out(streams.out, &output.stdout)?;
    let _ = streams.err.write_all(&output.stderr);
    if output.code == Some(0) {
        return Ok(());
    }
    let name = &plugin.name;
    Err(Failure::new(format!("plugin {name} hook for \"{event}\" exited with error")))
}
