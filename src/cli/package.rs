//! `rhumb package`: chart folders to archives.

use std::path::Path;

use super::flags::{GlobalFlags, ServerFlags};
use super::{Failure, Streams, repository, verify, write_out};
use crate::chart::load;
use crate::diag::io::{path_error, read_error, reason};
use crate::golang::quote::quote;
use crate::host::{FileKind, Host, Stream};
use crate::package;
use crate::provenance;
use crate::repo::Client;
use crate::repo::dependencies::Manager;
use crate::repo::locate::Provenance;
use crate::repo::signed::read_keyring;
use crate::source::Sources;

/// Pack chart folders into archives (.tgz)
///
/// The same chart gives the same bytes every time, on any machine: entries in a fixed order,
/// without owners, with one time (that of SOURCE_DATE_EPOCH, where it is set).
///
/// Example: rhumb package ./web --version 1.2.3 -d dist
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Folders of charts
    #[arg(value_name = "CHART_PATH")]
    positional: Vec<String>,

    /// Version to write into the chart
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,

    /// appVersion to write into the chart
    #[arg(long, value_name = "VERSION")]
    app_version: Option<String>,

    /// Folder for the archives; it is made
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    destination: String,

    /// Bring charts/ in line with Chart.yaml first
    #[arg(short = 'u', long)]
    dependency_update: bool,

    /// Sign the archive: writes a provenance file beside it
    #[arg(long, hide_short_help = true)]
    sign: bool,

    /// Name of the key to sign with, or a part of the name
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    key: Option<String>,

    /// Secret keys, as gpg --export-secret-keys writes them
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    keyring: Option<String>,

    /// File with the key's passphrase on its first line, - for standard input
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    passphrase_file: Option<String>,

    #[command(flatten)]
    server: ServerFlags,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    if args.positional.is_empty() {
        return Err(Failure::new("need at least one argument, the path to the chart"));
    }
    let epoch = package::source_date_epoch(host)?;
    if args.sign {
        if args.key.as_deref().unwrap_or_default().is_empty() {
            return Err(Failure::new("--key is required for signing a package"));
        }
        if args.keyring.as_ref().is_some_and(String::is_empty) {
            return Err(Failure::new("--keyring is required for signing a package"));
        }
    }
    let client = repository::checked_client(host, global, args.server.access())?;
    let mut passphrase = None;
    for chart in &args.positional {
        let mut log = Vec::new();
        let packed = pack(args, &client, chart, epoch, &mut passphrase, &mut log);
        super::flush_log(&mut log, streams.err);
        let text = format!("Successfully packaged chart and saved it to: {}\n", packed?);
        write_out(streams.out, text.as_bytes())?;
    }
    Ok(())
}

fn pack(
    args: &Args,
    client: &Client<'_>,
    chart: &str,
    epoch: Option<u64>,
    passphrase: &mut Option<Vec<u8>>,
    log: &mut Vec<String>,
) -> Result<String, Failure> {
    let host = client.host;
    let stat = host
        .stat(Path::new(chart), true)
        .map_err(|error| Failure::new(path_error("stat", Path::new(chart), &error)))?;
    let path = load::absolute(host, Path::new(chart))?;
    if args.dependency_update {
        Manager {
            client,
            chart_path: path.display().to_string(),
            skip_refresh: false,
            debug: false,
            recursive: false,
            provenance: Provenance::Unwanted,
            epoch,
            out: &mut std::io::sink(),
            log,
        }
        .update()?;
    }
    if stat.kind != FileKind::Dir {
        let (shown, inner) = (path.display(), path.join("Chart.yaml"));
        let inner = inner.display();
        return Err(Failure::new(format!(
            "unable to detect chart at {shown}/Chart.yaml: open {inner}: not a directory"
        )));
    }
    let mut loaded = load::load(host, &Sources::new(), &path, log)?;
    if let Some(version) = args.version.as_deref().filter(|version| !version.is_empty()) {
        loaded.metadata.version = version.to_string();
    }
    crate::golang::semver::Version::parse(&loaded.metadata.version).map_err(Failure::new)?;
    if let Some(version) = args.app_version.as_deref().filter(|version| !version.is_empty()) {
        loaded.metadata.app_version = version.to_string();
    }
    let missing = loaded.missing_dependencies();
    if !missing.is_empty() {
        return Err(Failure::new(format!(
            "found in Chart.yaml, but missing in charts/ directory: {}",
            missing.join(", ")
        )));
    }
    let folder = match args.destination.as_str() {
        "." => load::absolute(host, Path::new("."))?.display().to_string(),
        other => other.to_string(),
    };
    let saved = package::save(host, &loaded, &folder, epoch)
        .map_err(|fault| fault.context("failed to save"))?;
    if args.sign {
        let definition = String::from_utf8_lossy(&loaded.metadata.to_yaml()).into_owned();
        sign(args, host, &saved, &definition, passphrase)?;
    }
    Ok(saved.display().to_string())
}

/// Writes the provenance file of an archive. A passphrase is read once for all charts.
fn sign(
    args: &Args,
    host: &dyn Host,
    archive: &Path,
    definition: &str,
    passphrase: &mut Option<Vec<u8>>,
) -> Result<(), Failure> {
    let keyring = read_keyring(host, &verify::keyring(args.keyring.as_ref(), host))?;
    let key = args.key.as_deref().unwrap_or_default();
    let other = |error: crate::openpgp::Error| Failure::new(error.to_string());
    let signer = keyring.named(key).map_err(other)?;
    if let Some(file) = args.passphrase_file.as_deref().filter(|file| !file.is_empty())
        && passphrase.is_none()
    {
        *passphrase = Some(read_passphrase(host, file)?);
    }
    let mut signer = signer.cloned().ok_or_else(|| Failure::new("private key not found"))?;
    if !signer.has_secret() {
        return Err(Failure::new(
            "provided key is not a private key. Try providing a keyring with secret keys",
        ));
    }
    if signer.is_locked() {
        let passphrase = passphrase.as_ref().ok_or_else(|| {
            let name = quote(signer.names().next().unwrap_or_default().as_bytes());
            Failure::new(format!("the key {name} is locked: give --passphrase-file"))
        })?;
        signer.unlock(passphrase).map_err(other)?;
    }
    let failed = |error| {
        Failure::new(format!("failed to read chart archive: {}", read_error(archive, &error)))
    };
    let bytes = host.read(archive).map_err(failed)?;
    let name = archive.file_name().unwrap_or_default().to_string_lossy();
    let text =
        provenance::sign(&bytes, &name, definition, &signer, host.now().0).map_err(Failure::new)?;
    let path = format!("{}.prov", archive.display());
    let path = Path::new(&path);
    host.write(path, text.as_bytes())
        .map_err(|error| Failure::new(path_error("open", path, &error)))
}

fn read_passphrase(host: &dyn Host, file: &str) -> Result<Vec<u8>, Failure> {
    let bytes = if file == "-" {
        if host.is_terminal(Stream::Stdin) {
            return Err(Failure::new(
                "specified reading passphrase from stdin, without input on stdin",
            ));
        }
        host.read_stdin().map_err(|error| Failure::new(reason(&error)))?
    } else {
        let path = Path::new(file);
        host.read(path).map_err(|error| Failure::new(read_error(path, &error)))?
    };
    if bytes.is_empty() {
        return Err(Failure::new("EOF"));
    }
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(line.strip_suffix(b"\r").unwrap_or(line).to_vec())
}
