//! `rhumb registry`: credentials for OCI registries.

use super::arguments::Usage;
use super::flags::GlobalFlags;
use super::{Failure, Streams, repo, repository, write_out};
use crate::diag::log::field;
use crate::golang::quote::quote;
use crate::host::{Host, Stream};
use crate::repo::Access;
use crate::repo::credentials::Store;

/// Log in to and out of OCI registries
#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// Check credentials with a registry, and keep them
    ///
    /// Example: echo "$TOKEN" | rhumb registry login registry.example.com -u me --password-stdin
    Login(LoginArgs),
    /// Forget the credentials for a registry
    ///
    /// Example: rhumb registry logout registry.example.com
    Logout(LogoutArgs),
}

#[derive(clap::Args, Debug)]
struct LoginArgs {
    /// Host of the registry, with its port
    #[arg(value_name = "HOST")]
    positional: Vec<String>,

    /// User name
    #[arg(short, long, value_name = "NAME")]
    username: Option<String>,

    /// Password or token; others may see it in the list of processes
    #[arg(short, long, value_name = "PASSWORD")]
    password: Option<String>,

    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,

    /// Do not check the registry's certificate
    #[arg(long)]
    insecure: bool,

    /// Ask over HTTP
    #[arg(long)]
    plain_http: bool,

    /// Certificates (PEM) to trust instead of the system's
    #[arg(long, value_name = "FILE")]
    ca_file: Option<String>,

    /// Certificate (PEM) by which the registry knows this client
    #[arg(long, value_name = "FILE")]
    cert_file: Option<String>,

    /// Key (PEM) of that certificate
    #[arg(long, value_name = "FILE")]
    key_file: Option<String>,
}

#[derive(clap::Args, Debug)]
struct LogoutArgs {
    /// Host of the registry, with its port
    #[arg(value_name = "HOST")]
    positional: Vec<String>,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    match &args.action {
        Action::Login(args) => login(args, global, host, streams),
        Action::Logout(args) => logout(args, global, host, streams),
    }
}

fn login(
    args: &LoginArgs,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    Usage { command: "registry login", rest: "[host] [flags]" }.at_least(
        global,
        &args.positional,
        1,
    )?;
    let server = &args.positional[0];
    let text = |flag: &Option<String>| flag.clone().unwrap_or_default();
    let username = text(&args.username);
    let mut password = text(&args.password);
    if args.password_stdin {
        password = repo::password_from_stdin(host)?;
    } else if password.is_empty() {
        return Err(unasked(&username, host, streams));
    } else {
        let _ = writeln!(
            streams.err,
            "level=WARN msg=\"using --password via the CLI is insecure. Use --password-stdin\""
        );
    }
    if let Some((suggested, _)) = server.split_once('/') {
        let (host, suggested) = (field(server), field(suggested));
        let _ = writeln!(
            streams.err,
            "level=WARN msg=\"registry login currently only supports registry hostname, not a \
             repository path\" host={host} suggested={suggested}"
        );
    }
    if server.is_empty() || server.contains('/') {
        let server = quote(server.as_bytes());
        return Err(Failure::new(format!("invalid reference: invalid registry {server}")));
    }
    let access = Access {
        username,
        password,
        pass_credentials: false,
        cert_file: text(&args.cert_file),
        key_file: text(&args.key_file),
        ca_file: text(&args.ca_file),
        insecure: args.insecure,
        plain_http: args.plain_http,
    };
    let client = repository::client(host, global, access);
    client.ping(server, &client.access).map_err(|fault| {
        fault.context(format_args!("authenticating to {}", quote(server.as_bytes())))
    })?;
    let store = Store { host, path: &client.paths.registry_config };
    store.put(server, &client.access.username, &client.access.password)?;
    write_out(streams.out, b"Login Succeeded\n")
}

/// Helm asks for what the flags do not give, at a terminal; elsewhere it gets no answer.
pub(super) fn unasked(username: &str, host: &dyn Host, streams: &mut Streams<'_>) -> Failure {
    if host.is_terminal(Stream::Stdin) {
        return Failure::new("a password is needed: give --password-stdin or --password");
    }
    if username.is_empty() {
        let asked = write_out(streams.out, b"Username: ");
        let answer = host.read_stdin().unwrap_or_default();
        if asked.is_err() || answer.is_empty() {
            return Failure::new("EOF");
        }
    }
    match write_out(streams.out, b"Password: ") {
        Ok(()) => Failure::new("inappropriate ioctl for device"),
        Err(failure) => failure,
    }
}

fn logout(
    args: &LogoutArgs,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    Usage { command: "registry logout", rest: "[host] [flags]" }.at_least(
        global,
        &args.positional,
        1,
    )?;
    let client = repository::client(host, global, Access::default());
    let server = &args.positional[0];
    Store { host, path: &client.paths.registry_config }.remove(server)?;
    write_out(streams.out, format!("Removing login credentials for {server}\n").as_bytes())
}
