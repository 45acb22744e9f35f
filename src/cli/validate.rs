//! `rhumb validate`: manifests against the Kubernetes API definitions, offline.

use std::path::{Path, PathBuf};

use super::flags::GlobalFlags;
use super::{Failure, Streams, exit, write_out};
use crate::host::{FileKind, Host};
use crate::kube::custom::Customs;
use crate::kube::finding::{Level, Severity};
use crate::kube::report::{Format, Writer};
use crate::kube::rules::RULES;
use crate::kube::validate::{Input, Options, validate};
use crate::kube::{stream, target};
use crate::source::{SourceKind, Sources};
use crate::yaml::read::parse_part;

/// Check manifests against the Kubernetes API, offline
///
/// Reads YAML or JSON files, folders of them, or standard input (`-`), and reports every field
/// that an API server would refuse. Exits with 0 when nothing of error severity was found, 1
/// when something was, 2 when the check could not run.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "FILE|DIR|-")]
    inputs: Vec<String>,

    /// Kubernetes versions to check for: 1.31, a list, or a range 1.29..1.37; default: the newest
    #[arg(long, alias = "kubernetes-version", value_name = "VERSION")]
    kube_version: Vec<String>,

    /// Form of the result: text, json, junit, tap, sarif, github
    #[arg(short, long, default_value = "text", value_name = "FORM")]
    output: String,

    /// How much is checked: schema, strict (unknown fields, too), full (rules, too)
    #[arg(long, alias = "validate", default_value = "full", value_name = "LEVEL")]
    validate_level: String,

    /// Custom resource definitions: a file or a folder [repeatable]
    #[arg(long, alias = "crd", value_name = "FILE|DIR")]
    crds: Vec<String>,

    /// Let kinds without schema pass
    #[arg(long)]
    ignore_missing_schemas: bool,

    /// Let unknown fields pass
    #[arg(long)]
    allow_unknown: bool,

    /// Switch a rule or a code off [repeatable, or comma-separated]
    #[arg(long, value_name = "ID")]
    skip_rule: Vec<String>,

    /// Kinds to leave out: Kind or apiVersion/Kind [repeatable, or comma-separated]
    #[arg(long, value_name = "KIND")]
    skip: Vec<String>,

    /// Kinds that are errors by themselves [repeatable, or comma-separated]
    #[arg(long, value_name = "KIND")]
    reject: Vec<String>,

    /// Fail on warnings, too
    #[arg(long)]
    werror: bool,

    /// Accept input without any document
    #[arg(long)]
    allow_empty: bool,

    /// Print counts at the end
    #[arg(long)]
    summary: bool,

    /// List the rules, then stop
    #[arg(long)]
    list_rules: bool,

    /// Folder of CustomResourceDefinitions; `default` is what is built in [repeatable]
    #[arg(long, value_name = "DIR")]
    schema_location: Vec<String>,

    #[command(flatten)]
    ignored: Ignored,
}

/// Flags of kubeconform that have no meaning here, or are the default: accepted.
#[derive(clap::Args, Debug)]
struct Ignored {
    #[arg(long, hide = true)]
    strict: bool,
    #[arg(long, hide = true)]
    verbose: bool,
    #[arg(long, hide = true)]
    exit_on_error: bool,
    #[arg(long, hide = true)]
    insecure_skip_tls_verify: bool,
    #[arg(long, hide = true)]
    cache: Option<String>,
    #[arg(long, hide = true)]
    ignore_filename_pattern: Vec<String>,
}

/// Flags of kubeconform, which have one dash there.
const ONE_DASH: [&str; 16] = [
    "cache",
    "debug",
    "exit-on-error",
    "ignore-filename-pattern",
    "ignore-missing-schemas",
    "insecure-skip-tls-verify",
    "kubernetes-version",
    "output",
    "reject",
    "schema-location",
    "skip",
    "strict",
    "summary",
    "verbose",
    "version",
    "help",
];

/// Command lines written for kubeconform keep working: `-summary` is `--summary`.
pub(super) fn two_dashes(args: &[String]) -> Vec<String> {
    let known = |arg: &str| {
        let name = arg.split('=').next().unwrap_or_default();
        ONE_DASH.iter().any(|flag| name.strip_prefix('-') == Some(flag))
    };
    args.iter().map(|arg| if known(arg) { format!("-{arg}") } else { arg.clone() }).collect()
}

/// A failure of a check that could not run.
pub(super) fn could_not_run(message: impl Into<String>) -> Failure {
    Failure { message: message.into(), code: exit::COULD_NOT_RUN }
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let format = Format::parse(&args.output)
        .ok_or_else(|| could_not_run(format!("unknown output form {:?}", args.output)))?;
    let level = Level::parse(&args.validate_level)
        .ok_or_else(|| could_not_run(format!("unknown level {:?}", args.validate_level)))?;
    let target = target::parse(&args.kube_version).map_err(could_not_run)?;
    if args.list_rules {
        let lines: String =
            RULES.iter().map(|(name, line)| format!("{name:<26} {line}\n")).collect();
        return write_out(streams.out, lines.as_bytes());
    }
    if args.inputs.is_empty() {
        return Err(could_not_run(
            "nothing to check: name files, folders, or - for standard input",
        ));
    }
    let split = |lists: &[String]| -> Vec<String> {
        lists.iter().flat_map(|list| super::flags::split_list(list)).collect()
    };
    let options = Options {
        target,
        level,
        skip: split(&args.skip_rule),
        allow_unknown: args.allow_unknown,
        ignore_missing: args.ignore_missing_schemas,
        skip_kinds: split(&args.skip),
        reject_kinds: split(&args.reject),
    };
    let sources = Sources::new();
    let mut crds = args.crds.clone();
    let folders = args.schema_location.iter().filter(|place| {
        // Templates of addresses point to remote or converted schemas, which are not needed.
        !place.contains("{{") && host.stat(Path::new(place), true).is_ok()
    });
    crds.extend(folders.cloned());
    let customs = read_crds(&crds, host, &sources)?;

    let mut names = Vec::new();
    let mut texts = Vec::new();
    for input in &args.inputs {
        if input == "-" {
            let text = host
                .read_stdin()
                .map_err(|error| could_not_run(format!("standard input: {error}")))?;
            names.push("stdin".to_owned());
            texts.push((SourceKind::Stdin, text));
            continue;
        }
        for path in files(Path::new(input), host)? {
            names.push(path.to_string_lossy().into_owned());
            texts.push((SourceKind::File, read(&path, host)?));
        }
    }
    let ids: Vec<_> = texts
        .into_iter()
        .zip(&names)
        .map(|((kind, text), name)| sources.add(kind, name, text))
        .collect();
    let held: Vec<_> = ids.iter().filter_map(|id| sources.get(*id)).collect();
    let inputs: Vec<Input<'_>> = ids
        .iter()
        .zip(&held)
        .enumerate()
        .map(|(group, (id, held))| Input { source: *id, text: &held.text, group, first: 0 })
        .collect();
    let report = validate(&inputs, customs, &options);

    let no_color = host.env("NO_COLOR").is_some_and(|value| !value.is_empty());
    let writer = Writer {
        sources: &sources,
        inputs: &names,
        target,
        color: global.color == "always" && !no_color,
        summary: args.summary,
    };
    write_out(streams.out, writer.write(&report, format).as_bytes())?;
    if report.resources.is_empty() && !args.allow_empty {
        return Err(could_not_run("no documents to check (--allow-empty accepts that)"));
    }
    let failed =
        report.count(Severity::Error) > 0 || (args.werror && report.count(Severity::Warning) > 0);
    if failed { Err(Failure { message: String::new(), code: exit::FAILURE }) } else { Ok(()) }
}

fn read(path: &Path, host: &dyn Host) -> Result<Vec<u8>, Failure> {
    host.read(path).map_err(|error| could_not_run(format!("{}: {error}", path.display())))
}

/// A file, or the manifests below a folder in the order of their names.
fn files(path: &Path, host: &dyn Host) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error| could_not_run(format!("{}: {error}", path.display()));
    if host.stat(path, true).map_err(failed)?.kind != FileKind::Dir {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for name in host.read_dir(path).map_err(failed)? {
        let inner = path.join(name);
        let manifest = inner.extension().is_some_and(|end| {
            ["yaml", "yml", "json"].iter().any(|known| end.eq_ignore_ascii_case(known))
        });
        match host.stat(&inner, true).map_err(failed)?.kind {
            FileKind::Dir => found.extend(files(&inner, host)?),
            FileKind::File if manifest => found.push(inner),
            _ => {}
        }
    }
    Ok(found)
}

/// The custom kinds that files and folders define.
pub(super) fn read_crds(
    paths: &[String],
    host: &dyn Host,
    sources: &Sources,
) -> Result<Customs, Failure> {
    let mut customs = Customs::default();
    for path in paths {
        let mut any = false;
        for file in files(Path::new(path), host)? {
            let text = read(&file, host)?;
            let source = sources.add(SourceKind::File, file.to_string_lossy(), text.as_slice());
            for (start, end) in stream::split(&text) {
                let doc = parse_part(&text[start..end], source, start)
                    .map_err(|fault| could_not_run(format!("{}: {fault}", file.display())))?
                    .0;
                any |= customs.add(&doc);
            }
        }
        if !any {
            return Err(could_not_run(format!("{path}: no custom resource definition")));
        }
    }
    Ok(customs)
}
