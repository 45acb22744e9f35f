//! The check of what `rhumb template` rendered, and the way from its output back to templates.

use std::io::Write;
use std::path::Path;

use super::validate::{could_not_run, read_crds, skipped};
use super::{Failure, pflag};
use crate::diag::Fault;
use crate::doc::Doc;
use crate::host::Host;
use crate::kube::finding::{Finding, Level, Severity};
use crate::kube::report::{Format, Writer};
use crate::kube::validate::{Input, Options, validate};
use crate::kube::{stream, target};
use crate::manifest::{Manifest, split};
use crate::render::RenderedFile;
use crate::render::trail::{Guide, Piece, Trail};
use crate::source::{SourceId, SourceKind, Sources};
use crate::yaml::head;
use crate::yaml::read::parse_part;

/// Flags of `rhumb template` about checking what was rendered.
#[derive(clap::Args, Clone, Debug, Default)]
pub(super) struct RenderedFlags {
    /// Check the rendered manifests: schema, strict or full; with an error nothing is printed
    #[arg(long, value_name = "LEVEL", num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = "Validation")]
    validate: Option<String>,

    /// Form of what --validate finds: text, json, junit, tap, sarif, github; with =FILE it is
    /// written there, beside the text
    #[arg(long, value_name = "FORM[=FILE]", help_heading = "Validation")]
    validate_output: Option<String>,

    /// Do not check what a native chart renders
    #[arg(long, help_heading = "Validation")]
    no_validate: bool,

    /// Custom resource definitions for --validate: a file or a folder [repeatable]
    #[arg(long, value_name = "FILE|DIR", help_heading = "Validation")]
    crds: Vec<String>,

    /// Let kinds without schema pass --validate
    #[arg(long, help_heading = "Validation")]
    ignore_missing_schemas: bool,

    /// Switch a rule of --validate off [repeatable, or comma-separated]
    #[arg(long, value_name = "ID", help_heading = "Validation")]
    skip_rule: Vec<String>,
}

impl RenderedFlags {
    /// The same under Helm's name, where `--validate` is a boolean that wants a cluster; whether
    /// it wants one. Notes on stderr go to `err`.
    ///
    /// Errors: Helm's, about a value that is no boolean, and about `--dry-run` beside it.
    pub(super) fn as_helm(
        &self,
        dry_run: bool,
        err: &mut dyn Write,
    ) -> Result<(RenderedFlags, bool), Failure> {
        let Some(text) = self.validate.as_deref() else { return Ok((self.clone(), false)) };
        let on = pflag::parse_bool(text);
        let on = on.map_err(|why| {
            let value = crate::golang::quote::quote(text.as_bytes());
            Failure::new(format!("invalid argument {value} for \"--validate\" flag: {why}"))
        })?;
        let note = "Flag --validate has been deprecated, use '--dry-run=server' instead\n";
        let _ = err.write_all(note.as_bytes());
        if dry_run {
            return Err(Failure::new(
                "if any flags in the group [validate dry-run] are set none of the others can be; \
                 [dry-run validate] were all set",
            ));
        }
        Ok((RenderedFlags { validate: None, ..self.clone() }, on))
    }

    /// Whether the user asked for a check.
    pub(super) fn asks(&self) -> bool {
        !self.no_validate && !matches!(self.validate.as_deref(), None | Some("false" | "off"))
    }
}

/// A rendered chart, as far as the check needs it.
pub(super) struct RenderedChart<'a> {
    /// Documents and hooks, in the order in which they are printed.
    pub manifests: Vec<&'a Manifest>,
    /// The files that they are from.
    pub files: &'a [RenderedFile],
    /// Texts of the chart's custom resource definitions.
    pub crds: Vec<&'a [u8]>,
    /// Whether the chart is native, which is checked unless switched off.
    pub native: bool,
    /// Kubernetes version that templates saw, if one was named.
    pub kube_version: Option<&'a str>,
    /// Where the chart is, seen from the working folder, if that is known.
    pub place: Option<&'a Path>,
    /// The way back to values.
    pub guide: Guide<'a>,
    /// Renders once more and keeps what wrote each part; for charts where that is not kept at
    /// once.
    pub trace: &'a dyn Fn() -> Vec<RenderedFile>,
}

/// Checks a rendered chart; findings go to `err`.
pub(super) fn check_rendered(
    flags: &RenderedFlags,
    chart: &RenderedChart<'_>,
    color: bool,
    host: &dyn Host,
    err: &mut dyn Write,
) -> Result<(), Failure> {
    let level = match flags.validate.as_deref() {
        _ if flags.no_validate => return Ok(()),
        Some("false" | "off") => return Ok(()),
        None if !chart.native => return Ok(()),
        None | Some("true") => Level::Full,
        Some(text) => Level::parse(text).ok_or_else(|| {
            could_not_run(format!(
                "unknown level of --validate {text:?}: one of schema, strict, full"
            ))
        })?,
    };
    let asked = flags.validate.is_some();
    let (form, file) = match flags.validate_output.as_deref().map(|text| text.split_once('=')) {
        None => ("text", None),
        Some(None) => (flags.validate_output.as_deref().unwrap_or_default(), None),
        Some(Some((form, file))) => (form, Some(file)),
    };
    let format = Format::parse(form).ok_or_else(|| {
        could_not_run(format!(
            "unknown form of --validate-output {form:?}: one of text, json, junit, tap, sarif, \
             github"
        ))
    })?;
    let version: Vec<String> = chart.kube_version.iter().map(|text| (*text).to_owned()).collect();
    let target = target::parse(&version).unwrap_or_else(|_| target::newest());
    let options = Options {
        skip: skipped(&flags.skip_rule)?,
        ignore_missing: flags.ignore_missing_schemas || !asked,
        is_last: true,
        ..Options::new(target, level)
    };
    let sources = Sources::new();
    let mut customs = read_crds(&flags.crds, host, &sources)?;
    for text in &chart.crds {
        for (start, end) in stream::split(text) {
            if let Ok((doc, _)) = parse_part(&text[start..end], SourceId::NONE, 0) {
                customs.add(&doc);
            }
        }
    }
    // Their texts are copied only when there is something to show of them.
    let mut inputs = Vec::with_capacity(chart.manifests.len());
    for manifest in &chart.manifests {
        let source = sources.add(SourceKind::Rendered, "", Vec::new());
        inputs.push(Input { source, text: &manifest.text, group: 0, first: inputs.len() });
    }
    let mut report = validate(&inputs, customs, &options);
    if !asked {
        report.findings.retain(|finding| finding.severity == Severity::Error);
    }
    report.findings.retain(|finding| finding.severity > Severity::Note);
    if report.findings.is_empty() && file.is_none() && format == Format::Text {
        return Ok(());
    }
    follow(&mut report.findings, chart);
    let sources = Sources::new();
    read_crds(&flags.crds, host, &sources)?;
    for manifest in &chart.manifests {
        sources.add(SourceKind::Rendered, manifest.path.as_str(), manifest.text.clone());
    }
    let names: Vec<String> =
        chart.manifests.iter().map(|manifest| format!("{} (rendered)", manifest.path)).collect();
    let (summary, verbose) = (false, false);
    let writer = Writer { sources: &sources, inputs: &names, target, color, summary, verbose };
    let text = writer.write(&report, if file.is_some() { Format::Text } else { format });
    // Losing what is said about a failure is no reason for another one.
    let _ = err.write_all(text.as_bytes());
    if let Some(file) = file {
        let writer = Writer { color: false, ..writer };
        host.write(Path::new(file), writer.write(&report, format).as_bytes())
            .map_err(|why| could_not_run(format!("{file}: {why}")))?;
    }
    match report.count(Severity::Error) {
        0 => Ok(()),
        1 => Err(Failure::new("a rendered manifest is not valid: 1 error")),
        count => Err(Failure::new(format!("rendered manifests are not valid: {count} errors"))),
    }
}

/// Gives each finding the template and the values behind it.
fn follow(findings: &mut [Finding], chart: &RenderedChart<'_>) {
    let known = chart.files.iter().any(|file| file.map.is_some());
    let traced = if known { Vec::new() } else { (chart.trace)() };
    let files = if known { chart.files } else { &traced };
    for finding in findings {
        let Some(manifest) = chart.manifests.get(finding.input) else { continue };
        let Some(file) = files.iter().find(|file| file.path == manifest.path) else { continue };
        let Some(map) = &file.map else { continue };
        let trail = chart.guide.trail(Piece {
            map,
            text: &file.text,
            start: manifest.offset + finding.span.start as usize,
            end: manifest.offset + finding.span.end as usize,
            field: &finding.path,
        });
        finding.trail = if finding.is_secret() { trail.map(Trail::concealed) } else { trail };
        if let Some(trail) = &mut finding.trail
            && let Some(place) = chart.place
            && place.extension().is_none_or(|end| end != "tgz")
            && let Some((_, rest)) = trail.template.split_once('/')
        {
            trail.file = Some(place.join(rest).to_string_lossy().into_owned());
        }
    }
}

/// More about output that is no YAML, to follow Helm's own sentence: the line that the reader
/// stumbled over, the template that wrote it and the values behind it. Empty when nothing is
/// known.
pub(super) fn explain_broken_yaml(
    files: &[RenderedFile],
    guide: &Guide<'_>,
    fault: &Fault,
    color: bool,
) -> String {
    let Some((file, place)) = broken(files, fault) else { return String::new() };
    let Some(map) = &file.map else { return String::new() };
    let end = file.text[place..].iter().position(|&byte| byte == b'\n');
    let end = end.map_or(file.text.len(), |at| place + at);
    let piece = Piece { map, text: &file.text, start: place, end, field: "" };
    let Some(mut trail) = guide.trail(piece) else { return String::new() };
    if memchr::memmem::find(&file.text, b"kind: Secret").is_some() {
        trail = trail.concealed();
    }
    trail_text(&trail, color)
}

/// A trail under a line that names its place.
fn trail_text(trail: &Trail, color: bool) -> String {
    let red = |text: &str| {
        if color { format!("\x1b[1;31m{text}\x1b[0m") } else { text.to_owned() }
    };
    let head = format!("\n  --> {}:{}:{}", trail.template, trail.line, trail.col);
    let mut text = head;
    for line in trail.lines(red) {
        text.push('\n');
        text.push_str(&line);
    }
    text
}

/// The file and the byte at which its first broken document stops to be YAML.
fn broken<'f>(files: &'f [RenderedFile], fault: &Fault) -> Option<(&'f RenderedFile, usize)> {
    let named = |file: &&RenderedFile| {
        let about = format!("YAML parse error on {}: ", file.path);
        fault.message().starts_with(&about)
    };
    let file = files.iter().find(named)?;
    for document in split::split(&file.text) {
        let offset = document.as_ptr() as usize - file.text.as_ptr() as usize;
        let fault = match parse_part(document, SourceId::NONE, 0) {
            Err(fault) => fault,
            Ok((doc, _)) if head::read(document).is_err() => {
                return Some((file, offset + unfit(&doc)));
            }
            Ok(_) => continue,
        };
        let line = line_of(fault.message()).unwrap_or(1);
        let starts = memchr::memchr_iter(b'\n', document).map(|at| at + 1);
        let start = std::iter::once(0).chain(starts).nth(line - 1).unwrap_or(0);
        let text = &document[start.min(document.len())..];
        let indent = text.len() - text.trim_ascii_start().len();
        return Some((file, offset + start + indent));
    }
    None
}

/// Where a document is YAML, yet not what Helm reads: an annotation that is a list or map, or the whole.
fn unfit(doc: &Doc) -> usize {
    let annotations = doc.get("metadata").and_then(|metadata| metadata.get("annotations"));
    let mut values = annotations.and_then(Doc::as_map).into_iter().flatten();
    let odd = values.find(|(_, value)| value.as_map().is_some() || value.as_list().is_some());
    odd.map_or(0, |(_, value)| value.span.start as usize)
}

/// The line that a sentence of the YAML reader names.
fn line_of(message: &str) -> Option<usize> {
    let (_, rest) = message.split_once("line ")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest[..digits].parse().ok().filter(|line| *line > 0)
}
