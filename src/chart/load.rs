//! Charts from folders and archives.
//!
//! Reads files in the order of their names, leaves out what `.helmignore` says, and sorts the
//! rest into roles. Error texts and log records are Helm's.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::diag::io::{path_error, read_error, reason};
use crate::diag::log::field;
use crate::diag::{Fault, FaultKind, Result};
use crate::doc::Doc;
use crate::host::{FileKind, Host};
use crate::source::{SourceId, SourceKind, Sources};
use crate::values::read;

use super::archive::{self, Entry};
use super::ignore::{self, Rules};
use super::{Chart, File, Lock, Metadata, meta, shipped};

/// Loads a chart from a folder or an archive, or one that comes with the program (see
/// [`shipped`]). `log` receives ready records, as Helm prints them on standard error.
pub fn load(
    host: &dyn Host,
    sources: &Sources,
    path: &Path,
    log: &mut Vec<String>,
) -> Result<Chart> {
    let chart = Loader { host, sources, detects: true }.load(path, log)?;
    if chart.metadata.api_version == "v3" && shipped::at(path).is_none() {
        refuse_v3(&chart)?;
    }
    Ok(chart)
}

/// Like [`load`] for commands that only look at a chart: Helm does not choose a loader by the
/// API version then, takes any of them, and words its complaints a little otherwise.
pub fn load_any(
    host: &dyn Host,
    sources: &Sources,
    path: &Path,
    log: &mut Vec<String>,
) -> Result<Chart> {
    Loader { host, sources, detects: false }.load(path, log)
}

/// One of Helm's two ways to load.
struct Loader<'a> {
    host: &'a dyn Host,
    sources: &'a Sources,
    /// Whether the API version is looked at first.
    detects: bool,
}

impl Loader<'_> {
    fn load(&self, path: &Path, log: &mut Vec<String>) -> Result<Chart> {
        let Loader { host, sources, .. } = *self;
        let display = path.display().to_string();
        if let Some(chart) = shipped::at(path) {
            return Assembly { sources, log, display }.chart(chart.entries(), "");
        }
        let full = absolute(host, path)?;
        let stat =
            host.stat(&full, true).map_err(|error| fault(path_error("stat", path, &error)))?;
        let entries = if stat.kind == FileKind::Dir {
            self.folder(&full, log)?
        } else {
            self.archive(&full, path)?
        };
        Assembly { sources, log, display }.chart(entries, "")
    }

    fn folder(&self, full: &Path, log: &mut Vec<String>) -> Result<Vec<Entry>> {
        if self.detects {
            let name = full.join("Chart.yaml");
            let text = self.host.read(&name).map_err(|error| {
                let (reason, name) = (read_error(&name, &error), name.display());
                fault(format!("unable to detect chart at {name}: {reason}"))
            })?;
            check_version(&text)?;
        }
        Folder { host: self.host, root: full, remaining: archive::MAX_CHART_SIZE, log }.read()
    }

    fn archive(&self, full: &Path, given: &Path) -> Result<Vec<Entry>> {
        let bytes = self.host.read(full).map_err(|error| fault(read_error(given, &error)))?;
        let shown = given.display();
        check_gzip(&shown.to_string(), &bytes)?;
        let entries = archive::read(&bytes).map_err(|message| match &*message {
            "gzip: invalid header" => fault(format!(
                "file '{shown}' does not appear to be a valid chart file (details: {message})"
            )),
            _ if self.detects => fault("unable to load chart archive"),
            _ => fault(message),
        })?;
        if self.detects {
            let Some(chart_yaml) = entries.iter().find(|entry| entry.name == "Chart.yaml") else {
                return Err(fault("unable to detect chart version, no Chart.yaml found"));
            };
            check_version(&chart_yaml.data)?;
        }
        Ok(entries)
    }
}

/// Charts of the third API version load in Helm, but `template` does not render them yet. It
/// says so in one of two ways, after the checks that any chart passes.
fn refuse_v3(chart: &Chart) -> Result<()> {
    chart.check_installable()?;
    // Helm takes the list of dependencies for as long as there are charts, and stumbles over
    // the empty places.
    let declared = chart.metadata.dependencies.as_deref().unwrap_or_default().len();
    if chart.dependencies.len() > declared {
        return Err(fault(
            "an error occurred while checking for chart dependencies. You may need to run 'helm \
             dependency build' to fetch missing dependencies: unsupported chart dependency type",
        ));
    }
    chart.check_dependencies()?;
    Err(fault("invalid chart apiVersion"))
}

/// A path made absolute and cleaned by its text alone, as Go's `filepath.Abs`.
pub fn absolute(host: &dyn Host, path: &Path) -> Result<PathBuf> {
    let base = if path.is_absolute() {
        PathBuf::new()
    } else {
        host.current_dir().map_err(|error| fault(format!("getwd: {}", reason(&error))))?
    };
    let mut clean = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            part => clean.push(part),
        }
    }
    Ok(clean)
}

fn fault(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Chart, message)
}

/// Whether a name ends in a dot and just this.
fn has_extension(name: &str, extension: &str) -> bool {
    name.strip_suffix(extension).is_some_and(|rest| rest.ends_with('.'))
}

/// Helm reads the API version first, to choose a loader.
fn check_version(chart_yaml: &[u8]) -> Result<()> {
    let doc = read::single(chart_yaml, SourceId::NONE)
        .map_err(|error| error.context("cannot load Chart.yaml"))?;
    let version =
        meta::api_version(&doc).map_err(|error| error.context("cannot load Chart.yaml"))?;
    match version.as_str() {
        "" | "v1" | "v2" | "v3" => Ok(()),
        _ => Err(fault("unsupported chart version")),
    }
}

fn check_gzip(name: &str, bytes: &[u8]) -> Result<()> {
    if archive::is_gzip(bytes) {
        return Ok(());
    }
    let extension = Path::new(name).extension().unwrap_or_default();
    if extension == "yml" || extension == "yaml" {
        return Err(fault(format!(
            "file '{name}' seems to be a YAML file, but expected a gzipped archive"
        )));
    }
    Err(fault(format!(
        "file '{name}' does not appear to be a gzipped archive; got '{}'",
        content_type(bytes)
    )))
}

/// The common part of Go's `http.DetectContentType` over a buffer of 512 bytes, which Helm
/// leaves filled with zeros behind a shorter file.
fn content_type(bytes: &[u8]) -> &'static str {
    let mut buffer = [0; 512];
    let len = bytes.len().min(512);
    buffer[..len].copy_from_slice(&bytes[..len]);
    let text = buffer.trim_ascii_start();
    let is_tag = |tag: &[u8]| {
        text.len() > tag.len()
            && text[..tag.len()].eq_ignore_ascii_case(tag)
            && matches!(text[tag.len()], b' ' | b'>')
    };
    let html = ["<!doctype html", "<html", "<head", "<script", "<body", "<p", "<!--", "<div"];
    if html.iter().any(|tag| is_tag(tag.as_bytes())) {
        return "text/html; charset=utf-8";
    }
    let signatures: [(&[u8], &str); 11] = [
        (b"<?xml", "text/xml; charset=utf-8"),
        (b"%PDF-", "application/pdf"),
        (b"%!PS-Adobe-", "application/postscript"),
        (b"\xEF\xBB\xBF", "text/plain; charset=utf-8"),
        (b"\xFE\xFF", "text/plain; charset=utf-16be"),
        (b"\xFF\xFE", "text/plain; charset=utf-16le"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xFF\xD8\xFF", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"Rar!\x1a\x07", "application/x-rar-compressed"),
    ];
    for (signature, name) in signatures {
        let from = if name.starts_with("text/xml") { text } else { &buffer };
        if from.starts_with(signature) {
            return name;
        }
    }
    let is_binary = |b: &u8| matches!(b, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    if text.iter().any(is_binary) {
        "application/octet-stream"
    } else {
        "text/plain; charset=utf-8"
    }
}

/// A walk through a chart folder.
struct Folder<'a> {
    host: &'a dyn Host,
    root: &'a Path,
    remaining: u64,
    log: &'a mut Vec<String>,
}

impl Folder<'_> {
    fn read(mut self) -> Result<Vec<Entry>> {
        let file = self.root.join(ignore::FILE_NAME);
        let patterns = match self.host.stat(&file, true) {
            Ok(_) => self.host.read(&file).map_err(|error| fault(read_error(&file, &error)))?,
            Err(_) => Vec::new(),
        };
        let rules = Rules::parse(&patterns)?;
        let mut found = Vec::new();
        self.names(self.root, "", &rules, &mut found)?;
        Ok(found)
    }

    fn names(
        &mut self,
        path: &Path,
        relative: &str,
        rules: &Rules,
        found: &mut Vec<Entry>,
    ) -> Result<()> {
        let entries =
            self.host.entries(path).map_err(|error| fault(path_error("open", path, &error)))?;
        for (name, kind) in entries {
            let child = path.join(&name);
            let name = name.to_string_lossy();
            let relative =
                if relative.is_empty() { name.into_owned() } else { format!("{relative}/{name}") };
            let kind = if kind == FileKind::Symlink { self.follow(&child)? } else { kind };
            let is_dir = kind == FileKind::Dir;
            if rules.ignores(&relative, is_dir) {
                continue;
            }
            match kind {
                FileKind::Dir => self.names(&child, &relative, rules, found)?,
                FileKind::File => self.file(&child, relative, found)?,
                FileKind::Symlink | FileKind::Other => {
                    return Err(fault(format!(
                        "cannot load irregular file {} as it has file mode type bits set",
                        child.display()
                    )));
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, name: String, found: &mut Vec<Entry>) -> Result<()> {
        let too_large = |name: &str| {
            fault(format!(
                "error reading {name}: chart exceeds maximum decompressed size of {} bytes",
                archive::MAX_CHART_SIZE
            ))
        };
        let data = self.host.read_within(path, self.remaining).map_err(|error| {
            fault(format!("error reading {name}: {}", read_error(path, &error)))
        })?;
        let data = data.ok_or_else(|| too_large(&name))?;
        self.remaining =
            self.remaining.checked_sub(data.len() as u64).ok_or_else(|| too_large(&name))?;
        found.push(Entry { name, data: archive::without_bom(data) });
        Ok(())
    }

    /// Looks through a link and says so; the file keeps the name of the link.
    fn follow(&mut self, path: &Path) -> Result<FileKind> {
        let resolved = self.host.canonicalize(path).map_err(|error| {
            let reason = self.broken_link(path, &error);
            fault(format!("error evaluating symlink {}: {reason}", path.display()))
        })?;
        self.log.push(format!(
            "level=INFO msg=\"found symbolic link in path. Contents of linked file included and \
             used\" path={} resolved={}",
            field(path.display()),
            field(resolved.display())
        ));
        let stat = self.host.stat(&resolved, false);
        Ok(stat.map_err(|error| fault(path_error("lstat", &resolved, &error)))?.kind)
    }

    /// Why a link leads nowhere: the first part of the way that is not there.
    fn broken_link(&self, path: &Path, error: &std::io::Error) -> String {
        const MAX_LINKS: usize = 255;
        let mut links = 0;
        let mut done = PathBuf::new();
        let mut todo: Vec<PathBuf> =
            path.components().rev().map(|part| PathBuf::from(part.as_os_str())).collect();
        while let Some(part) = todo.pop() {
            if part == Path::new("..") {
                done.pop();
                continue;
            }
            done.push(&part);
            match self.host.stat(&done, false) {
                Err(error) => return path_error("lstat", &done, &error),
                Ok(stat) if stat.kind == FileKind::Symlink => {
                    links += 1;
                    if links > MAX_LINKS {
                        return "EvalSymlinks: too many links".into();
                    }
                    let Ok(target) = self.host.read_link(&done) else { break };
                    done.pop();
                    todo.extend(
                        target.components().rev().map(|part| PathBuf::from(part.as_os_str())),
                    );
                }
                Ok(_) => {}
            }
        }
        reason(error)
    }
}

/// Turns files into charts.
struct Assembly<'a> {
    sources: &'a Sources,
    log: &'a mut Vec<String>,
    /// The chart's path as the user typed it, for places in messages.
    display: String,
}

impl Assembly<'_> {
    /// Sorts files into roles and loads the charts below. `parent` is the full name of the
    /// chart above, empty for the root.
    fn chart(&mut self, entries: Vec<Entry>, parent: &str) -> Result<Chart> {
        let mut chart = Chart::default();
        let mut metadata = Metadata::default();
        let mut is_there = false;
        let raw: Vec<File> =
            entries.into_iter().map(|entry| File { name: entry.name, data: entry.data }).collect();
        for file in raw.iter().filter(|file| file.name == "Chart.yaml") {
            let wrap = |error: Fault| error.context("cannot load Chart.yaml");
            metadata.decode(&self.parse(file).map_err(wrap)?).map_err(wrap)?;
            is_there = true;
            if metadata.api_version.is_empty() {
                metadata.api_version = "v1".into();
            }
        }
        let full_name = if parent.is_empty() {
            metadata.name.clone()
        } else {
            format!("{parent}/charts/{}", metadata.name)
        };
        let mut subcharts: BTreeMap<&str, Vec<&File>> = BTreeMap::new();
        for file in &raw {
            let wrap = |error: Fault| error.context(format!("cannot load {}", file.name));
            match file.name.as_str() {
                "Chart.yaml" => {}
                "Chart.lock" => {
                    chart.lock = self.lock(file).map_err(wrap)?;
                }
                "values.yaml" => {
                    let kind = SourceKind::ChartValues { chart: full_name.clone() };
                    let source = self.sources.add(kind, self.shown(file), file.data.clone());
                    chart.values = read::documents(&file.data, source).map_err(wrap)?;
                    chart.raw_values = Some(file.data.clone());
                }
                "values.schema.json" => chart.schema = Some(file.data.clone()),
                "requirements.yaml" => {
                    is_there = true;
                    self.warn_unless_old(
                        &metadata,
                        "Dependencies are handled in Chart.yaml since apiVersion \\\"v2\\\". We \
                         recommend migrating dependencies to Chart.yaml.",
                    );
                    metadata.decode(&self.parse(file).map_err(wrap)?).map_err(wrap)?;
                    if metadata.api_version == "v1" {
                        chart.files.push(file.clone());
                    }
                }
                "requirements.lock" => {
                    is_there = true;
                    chart.lock = self.lock(file).map_err(wrap)?;
                    self.warn_unless_old(
                        &metadata,
                        "Dependency locking is handled in Chart.lock since apiVersion \\\"v2\\\". \
                         We recommend migrating to Chart.lock.",
                    );
                    if metadata.api_version == "v1" {
                        chart.files.push(file.clone());
                    }
                }
                name if name.starts_with("templates/") => chart.templates.push(file.clone()),
                name => match name.strip_prefix("charts/") {
                    Some(rest) if !has_extension(rest, "prov") => {
                        let folder = rest.split('/').next().unwrap_or(rest);
                        subcharts.entry(folder).or_default().push(file);
                    }
                    _ => chart.files.push(file.clone()),
                },
            }
        }
        if !is_there {
            return Err(fault("Chart.yaml file is missing"));
        }
        metadata.validate()?;
        // Helm takes them in the random order of a Go map.
        for (folder, files) in subcharts {
            if folder.starts_with(['_', '.']) {
                continue;
            }
            let below = self.subchart(folder, &files, &metadata.name, &full_name)?;
            chart.dependencies.push(below);
        }
        chart.metadata = metadata;
        if chart.values.is_null() {
            chart.values = Doc::map(crate::doc::DocMap::default());
        }
        chart.defaults = chart.values.clone();
        chart.path = full_name;
        chart.raw = raw;
        Ok(chart)
    }

    fn subchart(
        &mut self,
        folder: &str,
        files: &[&File],
        parent_name: &str,
        parent: &str,
    ) -> Result<Chart> {
        let wrap = |error: Fault| {
            error.context(format!("error unpacking subchart {folder} in {parent_name}"))
        };
        let display = format!("{}/charts/{folder}", self.display);
        let outer = std::mem::replace(&mut self.display, display);
        let loaded = if has_extension(folder, "tgz") {
            let file = files[0];
            let name = &file.name["charts/".len()..];
            if name != folder {
                return Err(fault(format!(
                    "error unpacking subchart tar in {parent_name}: expected {folder}, got {name}"
                )));
            }
            archive::read(&file.data).map_err(fault).and_then(|entries| self.chart(entries, parent))
        } else {
            // A plain file in charts/ is no chart: nothing is left of it here.
            let prefix = "charts/".len() + folder.len() + 1;
            let entries = files
                .iter()
                .filter_map(|file| {
                    let name = file.name.get(prefix..)?.to_owned();
                    Some(Entry { name, data: file.data.clone() })
                })
                .collect();
            self.chart(entries, parent)
        };
        self.display = outer;
        loaded.map_err(wrap)
    }

    /// Interns and reads a YAML file of the chart.
    fn parse(&self, file: &File) -> Result<Doc> {
        let source = self.sources.add(SourceKind::File, self.shown(file), file.data.clone());
        read::single(&file.data, source)
    }

    fn shown(&self, file: &File) -> String {
        format!("{}/{}", self.display.trim_end_matches('/'), file.name)
    }

    /// Charts of the second API version are told where things belong.
    /// A lock; an empty file is none.
    fn lock(&self, file: &File) -> Result<Option<Lock>> {
        let doc = self.parse(file)?;
        if doc.is_null() { Ok(None) } else { Lock::decode(&doc).map(Some) }
    }

    fn warn_unless_old(&mut self, metadata: &Metadata, advice: &str) {
        if metadata.api_version != "v1" {
            self.log.push(format!("level=INFO msg=\"Warning: {advice}\""));
        }
    }
}
