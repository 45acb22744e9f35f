//! `rhumb lint`: what is wrong with charts, in Helm's words.

use std::path::Path;

use super::arguments::Usage;
use super::flags::{GlobalFlags, ValueFlags, split_list};
use super::persona::Persona;
use super::{Failure, Streams, namespace, write_out};
use crate::chart::shipped;
use crate::doc::Doc;
use crate::host::{FileKind, Host};
use crate::lint::{Message, Options, Severity, lint, lint_shipped, rules, unpack};
use crate::render::capabilities::KubeVersion;
use crate::source::Sources;
use crate::values::layers;

/// Look for mistakes in charts
///
/// Errors will likely break an installation, warnings go against a convention, infos are worth
/// knowing. Each finding names its rule; `--list-rules` explains them all. The exit code is 1
/// when a chart has errors, with --strict when it has warnings.
///
/// Example: rhumb lint ./web -f prod.yaml --strict --severity chart-icon=off
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Charts: folders, archives, or names of shipped charts
    #[arg(value_name = "PATH")]
    positional: Vec<String>,

    /// Fail on warnings, too
    #[arg(long)]
    strict: bool,

    /// Print nothing but warnings and errors
    #[arg(long)]
    quiet: bool,

    /// Lint the charts below charts/, too
    #[arg(long)]
    with_subcharts: bool,

    /// Kubernetes version that templates see and deprecations are told for
    #[arg(long, value_name = "VERSION")]
    kube_version: Option<String>,

    /// Do not check values against values.schema.json
    #[arg(long)]
    skip_schema_validation: bool,

    /// Give a rule another severity: error, warning, info, off [repeatable, or comma-separated]
    #[arg(long, value_name = "RULE=SEVERITY")]
    severity: Vec<String>,

    /// List the rules with their severities, then stop
    #[arg(long)]
    list_rules: bool,

    #[command(flatten)]
    values: ValueFlags,
}

/// What is to become of a rule's findings; none to drop them.
type Severities = Vec<(&'static str, Option<Severity>)>;

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    if args.list_rules {
        return list_rules(streams);
    }
    Usage { command: "lint", rest: "PATH [flags]" }.at_least(global, &args.positional, 1)?;
    let kube_version = match args.kube_version.as_deref().filter(|version| !version.is_empty()) {
        None => None,
        Some(version) => Some(
            KubeVersion::parse(version)
                .map_err(|fault| fault.context(format_args!("invalid kube version '{version}'")))?,
        ),
    };
    let severities = severities(&args.severity)?;
    let mut paths = args.positional.clone();
    if args.with_subcharts {
        for path in &args.positional {
            subcharts(host, &crate::golang::filepath::join(path, "charts"), &mut paths);
        }
    }
    let mut values = layers::merge(host, &Sources::new(), &args.values.options())?;
    let options = Options {
        namespace: namespace::namespace(host, global),
        kube_version,
        skip_schema_validation: args.skip_schema_validation,
        debug: global.debug,
        render: global.limits.render_options(),
    };
    let lowest = if args.strict { Severity::Warning } else { Severity::Error };
    let (mut text, mut failed, mut noisy) = (String::new(), 0, 0);
    for path in &paths {
        let mut log = Vec::new();
        let found = lint_one(host, path, &options, &mut values, &mut log);
        super::flush_log(&mut log, streams.err);
        let (messages, error) = match found {
            Ok(messages) => (adjust(messages, &severities), None),
            Err(why) => (Vec::new(), Some(why)),
        };
        let is_noisy = error.is_some() || messages.iter().any(|it| it.severity > Severity::Info);
        noisy += usize::from(is_noisy);
        if args.quiet && !is_noisy {
            continue;
        }
        text.extend(["==> Linting ", path, "\n"]);
        if let Some(why) = &error {
            text.extend(["Error ", why, "\n"]);
        }
        for message in &messages {
            if args.quiet && message.severity == Severity::Info {
                continue;
            }
            text.push_str(&message.to_string());
            if global.persona == Persona::Rhumb {
                text.extend([" (", message.rule, ")"]);
            }
            text.push('\n');
        }
        let is_failure = error.is_some() || messages.iter().any(|it| it.severity >= lowest);
        failed += usize::from(is_failure);
        text.push('\n');
    }
    write_out(streams.out, text.as_bytes())?;
    let summary = format!("{} chart(s) linted, {failed} chart(s) failed", paths.len());
    if failed > 0 {
        return Err(Failure::new(summary));
    }
    if !args.quiet || noisy > 0 {
        write_out(streams.out, format!("{summary}\n").as_bytes())?;
    }
    Ok(())
}

fn lint_one(
    host: &dyn Host,
    path: &str,
    options: &Options,
    values: &mut Doc,
    log: &mut Vec<String>,
) -> Result<Vec<Message>, String> {
    if host.stat(Path::new(path), true).is_err()
        && let Some(chart) = shipped::find(path)
    {
        return lint_shipped(host, chart, options, values, log);
    }
    if !is_archive(path) {
        return lint(host, path, options, values, log);
    }
    let (chart, folder) = unpack(host, path)?;
    let found = lint(host, &chart, options, values, log);
    // What stays behind is in the way of nobody.
    let _ = host.remove_dir_all(&folder);
    found
}

fn is_archive(path: &str) -> bool {
    [".tgz", ".tar.gz"].iter().any(|ending| path.ends_with(ending))
}

/// Charts below a folder, depth first, in the order of their names.
fn subcharts(host: &dyn Host, folder: &str, found: &mut Vec<String>) {
    for name in host.read_dir(Path::new(folder)).unwrap_or_default() {
        let path = crate::golang::filepath::join(folder, &name.to_string_lossy());
        let kind = host.stat(Path::new(&path), false).map(|stat| stat.kind);
        if kind.is_ok_and(|kind| kind == FileKind::Dir) {
            subcharts(host, &path, found);
        } else if name == "Chart.yaml" {
            found.push(folder.to_string());
        } else if is_archive(&path) {
            found.push(path);
        }
    }
}

fn severities(given: &[String]) -> Result<Severities, Failure> {
    let mut found = Vec::new();
    for pair in given.iter().flat_map(|list| split_list(list)) {
        let broken = |why: String| Failure::new(format!("--severity {pair}: {why}"));
        let (name, severity) =
            pair.split_once('=').ok_or_else(|| broken("expected RULE=SEVERITY".into()))?;
        let known = rules().iter().find(|rule| rule.name == name);
        let rule = known.ok_or_else(|| {
            let names = rules().iter().map(|rule| rule.name);
            let hint = crate::diag::nearest::nearest(name, names)
                .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
            broken(format!("no such rule{hint}"))
        })?;
        let severity = match severity {
            "error" => Some(Severity::Error),
            "warning" => Some(Severity::Warning),
            "info" => Some(Severity::Info),
            "off" => None,
            _ => return Err(broken("expected error, warning, info or off".into())),
        };
        found.push((rule.name, severity));
    }
    Ok(found)
}

fn adjust(messages: Vec<Message>, severities: &Severities) -> Vec<Message> {
    let adjusted = messages.into_iter().filter_map(|mut message| {
        let wanted = severities.iter().rfind(|(name, _)| *name == message.rule);
        if let Some((_, severity)) = wanted {
            message.severity = (*severity)?;
        }
        Some(message)
    });
    adjusted.collect()
}

fn list_rules(streams: &mut Streams<'_>) -> Result<(), Failure> {
    let rows = rules().iter().map(|rule| {
        format!(
            "{:<20} {:<8} {}\n",
            rule.name,
            rule.severity.to_string().to_lowercase(),
            rule.about
        )
    });
    write_out(streams.out, rows.collect::<String>().as_bytes())
}
