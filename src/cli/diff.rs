//! `rhumb diff`: two renders or saved manifests compared object by object, without a cluster.

use std::path::Path;

use bytes::Bytes;

use super::flags::{ChartFlags, CompatFlag, GlobalFlags, ValueFlags};
use super::locate::locate_or_fetch;
use super::render_once::{Case, render};
use super::schema_files::SchemaFlags;
use super::validate::{could_not_run, files};
use super::{Failure, Streams, exit, flush_log, namespace, write_out};
use crate::diff::mask::parse_all;
use crate::diff::objects::{self, Object};
use crate::diff::print::Printer;
use crate::diff::{compare, report};
use crate::gotpl::RenderOptions;
use crate::host::{FileKind, Host, Stream};
use crate::kube::validate::plain_yaml_message;
use crate::limited::Limited;
use crate::source::{SourceKind, Sources};

/// Compare two renders or saved manifests, object by object
///
/// Each side is a chart (a folder, an archive, the name of a shipped chart or of one in a
/// repository), a file or folder of manifests, or `-` for manifests on standard input. A right
/// side that is left out is the left chart with the flags of the right.
///
/// Objects are paired by kind, namespace and name, list items by the keys by which Kubernetes
/// merges them; contents of Secrets are told by their lengths. The clock of templates stands still
/// and their random numbers repeat, so that they make no difference. Exits with 0 when both sides are
/// the same, 1 when they differ, 2 when the comparison could not run.
///
///   rhumb diff ./web-1.2.tgz ./web -f prod.yaml
///   rhumb diff ./web -f base.yaml --left-values old.yaml --right-values new.yaml
///   kubectl get -n shop -o yaml deploy,svc | rhumb diff - ./web -f prod.yaml --release-name web
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The old side
    #[arg(value_name = "LEFT")]
    left: String,

    /// The new side; default: the left chart
    #[arg(value_name = "RIGHT")]
    right: Option<String>,

    /// Form of the result: text, json, markdown (for comments on pull requests)
    #[arg(short, long, default_value = "text", value_name = "FORM")]
    output: String,

    /// Fields that need not agree: `[KIND[/NAME]:] PATH` with `*` and `**`, such as
    /// `Deployment: **.annotations["checksum/*"]`; or checksums, versions, secrets [repeatable]
    #[arg(long, value_name = "MASK")]
    ignore: Vec<String>,

    /// Release name of charts on both sides
    #[arg(long, default_value = "release-name", value_name = "NAME")]
    release_name: String,

    /// Kubernetes version that templates of both sides see
    #[arg(long, value_name = "VERSION")]
    kube_version: Option<String>,

    /// API versions that templates see, added to the default ones [repeatable, or comma-separated]
    #[arg(short, long, value_name = "API")]
    api_versions: Vec<String>,

    /// Compare the charts' custom resource definitions, too
    #[arg(long)]
    include_crds: bool,

    /// Leave all hooks out
    #[arg(long)]
    no_hooks: bool,

    #[command(flatten)]
    compat: CompatFlag,
    #[command(flatten)]
    sides: Sides,
    #[command(flatten)]
    schema: SchemaFlags,
    #[command(flatten)]
    values: ValueFlags,
    #[command(flatten)]
    chart: ChartFlags,
}

/// Flags of one side alone.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "One side alone, over the shared flags")]
struct Sides {
    /// Values file of the left side [repeatable]
    #[arg(long, value_name = "FILE")]
    left_values: Vec<String>,

    /// Values file of the right side [repeatable]
    #[arg(long, value_name = "FILE")]
    right_values: Vec<String>,

    /// Set values of the left side [repeatable]
    #[arg(long, value_name = "PATH=VALUE")]
    left_set: Vec<String>,

    /// Set values of the right side [repeatable]
    #[arg(long, value_name = "PATH=VALUE")]
    right_set: Vec<String>,

    /// Kubernetes version of the left side
    #[arg(long, value_name = "VERSION")]
    left_kube_version: Option<String>,

    /// Kubernetes version of the right side
    #[arg(long, value_name = "VERSION")]
    right_kube_version: Option<String>,

    /// Version of a chart in a repository, for the left side
    #[arg(long, value_name = "VERSION")]
    left_version: Option<String>,

    /// Version of a chart in a repository, for the right side
    #[arg(long, value_name = "VERSION")]
    right_version: Option<String>,
}

/// A form of the result.
#[derive(Clone, Copy)]
enum Format {
    Text,
    Json,
    Markdown,
}

/// One side with its own flags.
struct Side<'a> {
    name: &'a str,
    values: &'a [String],
    set: &'a [String],
    kube_version: Option<&'a String>,
    version: Option<&'a String>,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let format = match args.output.as_str() {
        "text" => Format::Text,
        "json" => Format::Json,
        "markdown" | "md" => Format::Markdown,
        other => {
            let text = format!("unknown output form {other:?}: text, json and markdown are known");
            return Err(could_not_run(text));
        }
    };
    let masks = parse_all(&args.ignore).map_err(could_not_run)?;
    let own = &args.sides;
    let left = Side {
        name: &args.left,
        values: &own.left_values,
        set: &own.left_set,
        kube_version: own.left_kube_version.as_ref(),
        version: own.left_version.as_ref(),
    };
    let right = Side {
        name: args.right.as_deref().unwrap_or(&args.left),
        values: &own.right_values,
        set: &own.right_set,
        kube_version: own.right_kube_version.as_ref(),
        version: own.right_version.as_ref(),
    };
    if left.name == "-" && right.name == "-" {
        return Err(could_not_run("standard input can be one side only: name the other one"));
    }
    let mut log = Vec::new();
    let mut read = |side: &Side<'_>| {
        let objects = objects(side, args, global, host, &mut log);
        flush_log(&mut log, streams.err);
        // Whatever went wrong: there is no comparison.
        objects.map_err(|Failure { message, .. }| {
            let named = message.starts_with(side.name);
            could_not_run(if named { message } else { format!("{}: {message}", side.name) })
        })
    };
    let (left, right) = (read(&left)?, read(&right)?);
    let difference = compare(&left, &right, &masks);
    let printer = Printer { colors: global.colors(host, Stream::Stdout) };
    let text = match format {
        Format::Text => printer.text(&difference).into_bytes(),
        Format::Json => report::json(&difference),
        Format::Markdown => report::markdown(&difference).into_bytes(),
    };
    write_out(streams.out, &text)?;
    if difference.is_empty() {
        return Ok(());
    }
    Err(Failure { message: String::new(), code: exit::FAILURE })
}

/// The objects of a side.
fn objects(
    side: &Side<'_>,
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    log: &mut Vec<String>,
) -> Result<Vec<Object>, Failure> {
    let mut texts = Vec::new();
    if side.name == "-" {
        let text = host.read_stdin().map_err(|error| could_not_run(error.to_string()))?;
        texts.push((SourceKind::Stdin, "standard input".to_owned(), text));
    } else if is_manifests(Path::new(side.name), host) {
        for path in files(Path::new(side.name), host)? {
            let name = path.to_string_lossy().into_owned();
            let text = host.read(&path).map_err(|error| could_not_run(error.to_string()))?;
            texts.push((SourceKind::File, name, text));
        }
    } else {
        texts.push((
            SourceKind::Rendered,
            "rendered".to_owned(),
            rendered(side, args, global, host, log)?,
        ));
    }
    let sources = Sources::new();
    let mut found = Vec::new();
    for (kind, name, text) in texts {
        let text = Bytes::from(text);
        let source = sources.add(kind, name, text.clone());
        let objects = objects::read(&text, source).map_err(|fault| {
            let place = sources.describe(fault.span());
            could_not_run(format!("{place}: {}", plain_yaml_message(fault.message())))
        })?;
        found.extend(objects);
    }
    Ok(found)
}

/// Whether a path holds manifests: a file that is no archive, or a folder that is no chart.
fn is_manifests(path: &Path, host: &dyn Host) -> bool {
    let name = path.to_string_lossy();
    match host.stat(path, true).map(|stat| stat.kind) {
        Ok(FileKind::Dir) => host.stat(&path.join("Chart.yaml"), true).is_err(),
        Ok(_) => ![".tgz", ".tar.gz", ".tar"].iter().any(|end| name.ends_with(end)),
        Err(_) => false,
    }
}

/// The manifests of a chart, as text.
fn rendered(
    side: &Side<'_>,
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    log: &mut Vec<String>,
) -> Result<Vec<u8>, Failure> {
    let mut flags = args.chart.clone();
    flags.version = side.version.or(args.chart.version.as_ref()).cloned();
    let path = locate_or_fetch(side.name, &flags, global, host, log)?;
    let mut values = args.values.options();
    values.files.extend(side.values.iter().cloned());
    values.set.extend(side.set.iter().cloned());
    let case = Case {
        chart: &path,
        values,
        release: args.release_name.clone(),
        namespace: namespace::namespace(host, global),
        kube_version: side.kube_version.or(args.kube_version.as_ref()).cloned(),
        api_versions: args.api_versions.clone(),
        schema: args.schema,
        options: RenderOptions { compat: args.compat.compat, ..global.limits.render_options() },
    };
    // What is random would differ on both sides.
    let mut made = render(&Limited::frozen(host, 1), &case, log)?;
    if args.no_hooks {
        made.documents.hooks.clear();
    }
    Ok(made.text(args.include_crds))
}
