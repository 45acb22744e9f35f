//! `rhumb values`: the values that templates see, and where each of them came from.

use std::fmt::Write as _;

use clap::ValueEnum;
use serde_json::{Value as Json, json};

use super::composed::{self, load_chart};
use super::flags::{ChartFlags, CompatFlag, GlobalFlags, ValueFlags};
use super::locate::{locate_chart, locate_or_fetch};
use super::schema_files::SchemaFlags;
use super::strictness::StrictFlags;
use super::{Failure, Streams, flush_log, write_out};
use crate::chart::Chart;
use crate::diag::nearest::nearest;
use crate::doc::{Doc, Node};
use crate::host::Host;
use crate::render::{native, reads};
use crate::source::{SourceId, Sources};
use crate::strict::{self, Declared};
use crate::values::ValueOptions;
use crate::values::explain::{self, Leaf, Step, Word};
use crate::values::layers::{self, Layer};
use crate::values::schema::Schemas;

/// Print the values that a chart's templates see
///
/// The chart's own values, those of its subcharts, -f files and --set flags, merged as for
/// `rhumb template`. For native charts also checked, with the defaults of their types.
///
/// Example: rhumb values ./chart -f prod.yaml --why image.tag
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Chart, a folder or an archive; a release name may stand before or after it
    #[arg(value_name = "CHART [NAME]")]
    positional: Vec<String>,

    /// Add to every value where it came from
    #[arg(long)]
    origin: bool,

    /// Show what each layer says of one value, and which wins: `a.b[0].c`
    #[arg(long, value_name = "PATH", conflicts_with = "origin")]
    why: Option<String>,

    /// Form of the output
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    output: Format,

    #[command(flatten)]
    schema: SchemaFlags,

    #[command(flatten)]
    compat: CompatFlag,
    #[command(flatten)]
    strictness: StrictFlags,
    #[command(flatten)]
    values: ValueFlags,
    #[command(flatten)]
    chart: ChartFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Yaml,
    Json,
}

/// Everything that the three reports draw on.
struct Job {
    sources: Sources,
    chart: Chart,
    declared: Declared,
    layers: Vec<Layer>,
    values: Doc,
    /// The working directory with a slash, which places are shown below.
    folder: String,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let path = args.why.as_deref().map(explain::parse_path).transpose()?;
    let mut log = Vec::new();
    let job = prepare(args, global, host, &mut log);
    flush_log(&mut log, streams.err);
    let job = job?;
    if args.strictness.is_on() {
        // Nothing is rendered, so what the templates say has to do.
        let uses = reads::of_chart(&job.chart, &job.values);
        let uses = (!native::is_native(&job.chart)).then_some(&uses);
        let Job { sources, chart, declared, layers, .. } = &job;
        let case = strict::Case { sources, chart, declared, layers, uses };
        args.strictness.report(&strict::check_values(&case), host, streams.err)?;
    }
    let text = match (path, args.output) {
        (Some(path), format) => why(&job, &path, format)?,
        (None, Format::Yaml) if args.origin => yaml_with_origins(&job),
        (None, Format::Json) if args.origin => {
            let leaves = explain::leaves(&job.chart, &job.sources, &job.values);
            let items: Vec<Json> = leaves.iter().map(|leaf| leaf_json(&job, leaf)).collect();
            pretty(&Json::Array(items))
        }
        (None, Format::Yaml) => crate::yaml::emit::doc_to_yaml(&job.values, false),
        (None, Format::Json) => pretty(&to_json(&job.values)),
    };
    write_out(streams.out, &text)
}

fn prepare(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    log: &mut Vec<String>,
) -> Result<Job, Failure> {
    let sources = Sources::new();
    let name = chart_of(&args.positional, host)?;
    let path = locate_or_fetch(name, &args.chart, global, host, log)?;
    let mut layers = Vec::new();
    let user = layers::merge_noting(
        host,
        &sources,
        &ValueOptions { compat: args.compat.compat, ..args.values.options() },
        &mut layers,
    )?;
    let mut chart = load_chart(host, &sources, &path, log)?;
    let declared = Declared::new(&chart);
    let schema = (args.schema, &Schemas::default());
    let compat = args.compat.compat;
    let composed = composed::compose(compat, &mut chart, &user, schema, host, &sources, log)?;
    let folder = host.current_dir().map(|dir| format!("{}/", dir.display())).unwrap_or_default();
    Ok(Job { sources, chart, declared, layers, values: composed.values, folder })
}

/// The chart among the arguments; next to it, a release name is taken for Helm's sake.
fn chart_of<'a>(positional: &'a [String], host: &dyn Host) -> Result<&'a str, Failure> {
    match positional {
        [chart] => Ok(chart),
        [first, second] => {
            let is_there = |name: &str| locate_chart(name, host).is_ok();
            let is_swapped = !is_there(first) && is_there(second);
            Ok(if is_swapped { second } else { first })
        }
        [] => Err(Failure::new("a chart is needed\n\nUsage:  rhumb values CHART [NAME] [flags]")),
        [_, _, rest @ ..] => Err(Failure::new(format!(
            "expected at most two arguments, unexpected arguments: {}",
            rest.join(", ")
        ))),
    }
}

impl Job {
    /// A place as it is shown: paths below the working directory without it.
    fn place<'p>(&self, place: &'p str) -> &'p str {
        place.strip_prefix(&self.folder).unwrap_or(place)
    }
}

/// What `--why` prints.
fn why(job: &Job, path: &[Step], format: Format) -> Result<Vec<u8>, Failure> {
    let words = explain::why(&job.chart, &job.sources, &job.layers, &job.values, path);
    let value = explain::look_up(&job.values, path);
    if words.is_empty() && value.is_none() {
        return Err(Failure::new(unknown_path(job, path)));
    }
    let origin = value.map(|value| {
        let origin = explain::origin(&job.chart, &job.sources, path, value.span);
        (origin.name(), job.sources.describe(value.span))
    });
    if format == Format::Json {
        let layers: Vec<Json> = words.iter().map(|word| word_json(job, word)).collect();
        return Ok(pretty(&json!({
            "path": explain::path_text(path),
            "value": value.map(to_json),
            "origin": origin.as_ref().map(|(name, _)| name),
            "layers": layers,
        })));
    }
    let mut text = match value {
        None => format!("{} is not set\n", explain::path_text(path)),
        Some(value) => format!("{} = {}\n", explain::path_text(path), shown(value)),
    };
    let rows: Vec<[String; 3]> = words.iter().map(|word| row(job, word)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let (first, second) = (width(0).unwrap_or(0), width(1).unwrap_or(0));
    for (row, word) in rows.iter().zip(&words) {
        let mark = if word.wins { '*' } else { ' ' };
        let line = format!("{mark} {:first$}  {:second$}  {}", row[0], row[1], row[2]);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let is_settled = words.iter().any(|word| word.wins);
    if let (Some(value), Some((name, place)), false) = (value, origin, is_settled) {
        if value.as_map().is_some() && !words.is_empty() {
            text.push_str("  the layers are merged\n");
        } else {
            let place = job.place(&place);
            let _ = writeln!(text, "{}", format!("* {name}  {place}").trim_end());
        }
    }
    Ok(text.into_bytes())
}

fn row(job: &Job, word: &Word) -> [String; 3] {
    [word.origin.name().to_owned(), job.place(&word.place).to_owned(), shown(&word.value)]
}

fn word_json(job: &Job, word: &Word) -> Json {
    json!({
        "origin": word.origin.name(),
        "place": job.place(&word.place),
        "value": to_json(&word.value),
        "wins": word.wins,
    })
}

fn leaf_json(job: &Job, leaf: &Leaf) -> Json {
    json!({
        "path": explain::path_text(&leaf.path),
        "value": to_json(&leaf.value),
        "origin": leaf.origin.name(),
        "place": job.place(&leaf.place),
    })
}

/// A value on one line.
fn shown(value: &Doc) -> String {
    to_json(value).to_string()
}

/// Says how far a path leads, and which key was probably meant.
fn unknown_path(job: &Job, path: &[Step]) -> String {
    let found = (0..path.len())
        .rev()
        .find_map(|length| Some((length, explain::look_up(&job.values, &path[..length])?)));
    let mut text = format!("{} is not set, and no layer speaks of it", explain::path_text(path));
    if let Some((length, table)) = found
        && let Step::Key(key) = &path[length]
        && let Some(near) =
            table.as_map().and_then(|map| nearest(key, map.keys().map(|key| &**key)))
    {
        let mut meant = path[..length].to_vec();
        meant.push(Step::Key(near.to_owned()));
        let _ = write!(text, "; did you mean {}?", explain::path_text(&meant));
    }
    text
}

/// The values as YAML; behind each leaf, or above it when it takes several lines, its origin.
fn yaml_with_origins(job: &Job) -> Vec<u8> {
    let text = crate::yaml::emit::doc_to_yaml(&job.values, false);
    let Ok(written) = crate::yaml::read::parse(&text, SourceId::NONE) else { return text };
    // By line: what to add to its end, and what to put above it.
    let mut behind = std::collections::BTreeMap::new();
    let mut above = std::collections::BTreeMap::new();
    for leaf in explain::leaves(&job.chart, &job.sources, &job.values) {
        let Some(at) = explain::look_up(&written, &leaf.path) else { continue };
        let line = |offset: u32| crate::source::line_col(&text, offset as usize).line as usize;
        let (first, last) = (line(at.span.start), line(at.span.end.max(at.span.start + 1) - 1));
        let place = job.place(&leaf.place);
        let comment = match (place, leaf.origin.name()) {
            ("", name) => name.to_owned(),
            (place, name) => format!("{place} ({name})"),
        };
        let is_block = matches!(text.get(at.span.start as usize), Some(b'|' | b'>'));
        if first == last || is_block {
            behind.insert(first, comment);
        } else {
            above.insert(first, comment);
        }
    }
    let text = String::from_utf8_lossy(&text);
    let width = text
        .lines()
        .enumerate()
        .filter(|(at, _)| behind.contains_key(&(at + 1)))
        .map(|(_, line)| line.chars().count())
        .filter(|width| *width <= 48)
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    for (at, line) in text.lines().enumerate() {
        if let Some(comment) = above.get(&(at + 1)) {
            let indent = line.len() - line.trim_start().len();
            let _ = writeln!(out, "{:indent$}# {comment}", "");
        }
        match behind.get(&(at + 1)) {
            Some(comment) => {
                let _ = writeln!(out, "{line:width$}  # {comment}");
            }
            None => {
                let _ = writeln!(out, "{line}");
            }
        }
    }
    out.into_bytes()
}

fn pretty(json: &Json) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(json).unwrap_or_default();
    text.push(b'\n');
    text
}

fn to_json(doc: &Doc) -> Json {
    match &doc.node {
        Node::Null => Json::Null,
        Node::Bool(value) => json!(value),
        Node::Int(value) | Node::Int64(value) => json!(value),
        Node::Float(value) => json!(value),
        Node::Str(text) => json!(text.to_str_lossy()),
        Node::List(items) => items.iter().map(to_json).collect(),
        Node::Map(map) => {
            let entries = map.iter().map(|(key, item)| (key.to_string(), to_json(item)));
            Json::Object(entries.collect())
        }
    }
}
