//! `rhumb validate`: manifests against the Kubernetes API definitions, offline.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use bytes::Bytes;

use super::flags::GlobalFlags;
use super::{Failure, Streams, exit, schema_location, write_out};
use crate::diag::nearest::nearest;
use crate::golang::regexp::Regexp;
use crate::host::{FileKind, Host, Stream};
use crate::kube::catalog::Minors;
use crate::kube::custom::Customs;
use crate::kube::finding::{CODES, Level, Severity};
use crate::kube::report::{Format, Writer};
use crate::kube::rules::RULES;
use crate::kube::validate::{Input, Options, kinds, validate};
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
    #[arg(long, aliases = ["validate", "level"], default_value = "full", value_name = "LEVEL")]
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

    /// Name the documents that are right, too
    #[arg(long)]
    verbose: bool,

    /// Leave files out whose names match [regular expression, repeatable]
    #[arg(long, value_name = "REGEX")]
    ignore_filename_pattern: Vec<String>,

    /// List the rules and codes, then stop
    #[arg(long)]
    list_rules: bool,

    /// More schemas: a folder of JSON schemas or definitions, or a template of paths such as
    /// `DIR/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json`; what stands before
    /// `default` wins over what is built in [repeatable]
    #[arg(long, value_name = "DIR|TEMPLATE")]
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
    exit_on_error: bool,
    #[arg(long, hide = true)]
    insecure_skip_tls_verify: bool,
    #[arg(long, hide = true)]
    cache: Option<String>,
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
    let format = Format::parse(&args.output).ok_or_else(|| {
        could_not_run(format!(
            "unknown output form {:?}: one of text, json, junit, tap, sarif, github",
            args.output
        ))
    })?;
    let level = Level::parse(&args.validate_level).ok_or_else(|| {
        could_not_run(format!(
            "unknown level {:?}: one of schema, strict, full",
            args.validate_level
        ))
    })?;
    let target = target::parse(&args.kube_version).map_err(could_not_run)?;
    if args.list_rules {
        return write_out(streams.out, rule_list().as_bytes());
    }
    let split = |lists: &[String]| -> Vec<String> {
        lists.iter().flat_map(|list| super::flags::split_list(list)).collect()
    };
    let options = Options {
        target,
        level,
        skip: skipped(&args.skip_rule)?,
        allow_unknown: args.allow_unknown,
        ignore_missing: args.ignore_missing_schemas,
        skip_kinds: split(&args.skip),
        reject_kinds: split(&args.reject),
        is_last: true,
    };
    let sources = Sources::new();
    let mut customs = read_crds(&args.crds, host, &sources)?;

    let mut names = Vec::new();
    let mut texts = Vec::new();
    let ignored = patterns(&args.ignore_filename_pattern)?;
    // As other validators do it: without a name, what is piped in.
    let piped = args.inputs.is_empty().then(|| "-".to_owned());
    if piped.is_some() && host.is_terminal(Stream::Stdin) {
        return Err(could_not_run(
            "nothing to check: name files, folders, or - for standard input",
        ));
    }
    for input in args.inputs.iter().chain(&piped) {
        if input == "-" {
            let text = host
                .read_stdin()
                .map_err(|error| could_not_run(format!("standard input: {error}")))?;
            names.push("stdin".to_owned());
            texts.push((SourceKind::Stdin, text));
            continue;
        }
        if host.stat(&Path::new(input).join("Chart.yaml"), true).is_ok() {
            return Err(could_not_run(format!(
                "{input} is a chart, not manifests: \"rhumb template {input} --validate\" checks \
                 what it renders"
            )));
        }
        for path in files(Path::new(input), host)? {
            let name = path.to_string_lossy();
            if ignored.iter().any(|pattern| pattern.is_match(name.as_bytes())) {
                continue;
            }
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
    if !args.schema_location.is_empty() {
        let release = release(&args.kube_version, target);
        let kinds = kinds(&inputs);
        let (places, strict) = (&args.schema_location, !args.allow_unknown);
        schema_location::add(places, &kinds, &release, strict, &mut customs, host, &sources)?;
    }
    let report = validate(&inputs, customs, &options);

    let writer = Writer {
        sources: &sources,
        inputs: &names,
        target,
        color: global.colors(host, Stream::Stdout),
        summary: args.summary,
        verbose: args.verbose,
    };
    write_out(streams.out, writer.write(&report, format).as_bytes())?;
    if report.resources.is_empty() && !args.allow_empty {
        return Err(could_not_run("no documents to check (--allow-empty accepts that)"));
    }
    let failed =
        report.count(Severity::Error) > 0 || (args.werror && report.count(Severity::Warning) > 0);
    if failed { Err(Failure { message: String::new(), code: exit::FAILURE }) } else { Ok(()) }
}

/// Rules and codes with what they say, a line each.
fn rule_list() -> String {
    let lines = |list: &[(&str, &str)]| -> String {
        list.iter().map(|(name, line)| format!("  {name:<26} {line}\n")).collect()
    };
    format!(
        "Rules and formats (--skip-rule NAME switches one off):\n{}\nCodes of findings \
         (--skip-rule takes them, too):\n{}",
        lines(RULES),
        lines(CODES)
    )
}

/// The rules and codes that flags switch off.
///
/// Errors: a name that is none, with the nearest that is one.
pub(super) fn skipped(lists: &[String]) -> Result<Vec<String>, Failure> {
    let names: Vec<String> = lists.iter().flat_map(|list| super::flags::split_list(list)).collect();
    let known = || RULES.iter().chain(CODES).map(|(name, _)| *name);
    for name in &names {
        if !known().any(|known| known == name) {
            let meant = match nearest(name, known()) {
                Some(near) => format!("did you mean {near}?"),
                None => "\"rhumb validate --list-rules\" lists them".to_owned(),
            };
            return Err(could_not_run(format!("--skip-rule {name}: no such rule; {meant}")));
        }
    }
    Ok(names)
}

fn patterns(texts: &[String]) -> Result<Vec<Rc<Regexp>>, Failure> {
    let compile = |text: &String| {
        Regexp::compile(text.as_bytes())
            .map_err(|error| could_not_run(format!("--ignore-filename-pattern {text}: {error}")))
    };
    texts.iter().map(compile).collect()
}

/// The Kubernetes version that paths of schemas name: as it was given, or the .0 of the newest.
fn release(given: &[String], target: Minors) -> String {
    match given {
        [only] if only == "master" => only.clone(),
        [only] if only.matches('.').count() == 2 && !only.contains([',', ' ']) => {
            format!("v{}", only.trim_start_matches('v'))
        }
        _ => format!("v1.{}.0", target.iter().last().unwrap_or_default()),
    }
}

fn read(path: &Path, host: &dyn Host) -> Result<Vec<u8>, Failure> {
    host.read(path).map_err(|error| could_not_run(format!("{}: {error}", path.display())))
}

/// A file, or the manifests below a folder in the order of their names.
pub(super) fn files(path: &Path, host: &dyn Host) -> Result<Vec<PathBuf>, Failure> {
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
            any |= read_definitions(&file, &mut customs, host, sources)?;
        }
        if !any {
            return Err(could_not_run(format!("{path}: no custom resource definition")));
        }
    }
    Ok(customs)
}

/// Adds the custom kinds that a file defines; whether there are any.
pub(super) fn read_definitions(
    file: &Path,
    customs: &mut Customs,
    host: &dyn Host,
    sources: &Sources,
) -> Result<bool, Failure> {
    let text = Bytes::from(read(file, host)?);
    let source = sources.add(SourceKind::File, file.to_string_lossy(), text.clone());
    let mut any = false;
    for (start, end) in stream::split(&text) {
        let (doc, _) = parse_part(&text[start..end], source, start)
            .map_err(|fault| could_not_run(format!("{}: {fault}", file.display())))?;
        any |= customs.add(&doc);
    }
    Ok(any)
}
