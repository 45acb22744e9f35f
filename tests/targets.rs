//! The fuzz targets: functions that take any bytes and must not panic, hang or use much memory.
//!
//! `fuzz/` hands them to libFuzzer, one program each. The integration tests run them, too
//! (`fuzzing.rs`), so that they keep up with the crate and what was found stays found.

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use rhumb::chart::{Chart, load};
use rhumb::compat::Compat;
use rhumb::doc::{Doc, DocMap};
use rhumb::golang::filepath;
use rhumb::golang::regexp::Regexp;
use rhumb::golang::semver::{Constraints, Version};
use rhumb::golang::time::{Duration, Zone, parse_in};
use rhumb::golang::url::Url;
use rhumb::gotpl::{RenderOptions, TemplateSet};
use rhumb::json;
use rhumb::kube::catalog::Minors;
use rhumb::kube::custom::Customs;
use rhumb::kube::finding::Level;
use rhumb::kube::validate::{Input, Options, validate};
use rhumb::manifest;
use rhumb::render::capabilities::Capabilities;
use rhumb::render::{self, Job, Release};
use rhumb::source::{SourceId, Sources};
use rhumb::value::from_doc::from_doc;
use rhumb::values::coalesce;
use rhumb::values::schema::validate_one;
use rhumb::values::set_flag;
use rhumb::yaml::{any_read, emit, emit_pretty, head, read};

use crate::support::MemoryHost;

/// A target: takes any bytes.
pub(crate) type Target = fn(&[u8]);

/// Every target by name.
pub(crate) const TARGETS: [(&str, Target); 8] = [
    ("archives", archives),
    ("jinja", jinja),
    ("render", render),
    ("schema", schema),
    ("set", set),
    ("small", small),
    ("templates", templates),
    ("yaml", yaml),
];

/// The line between the parts of one input.
const SEPARATOR: &[u8] = b"\n%%%\n";

/// Cuts an input into `N` parts at lines of three percent signs; missing parts are empty.
fn parts<const N: usize>(data: &[u8]) -> [&[u8]; N] {
    let mut rest = Some(data);
    std::array::from_fn(|index| {
        let text = rest.take().unwrap_or_default();
        let cut = text.windows(SEPARATOR.len()).position(|window| window == SEPARATOR);
        match cut.filter(|_| index + 1 < N) {
            Some(at) => {
                rest = Some(&text[at + SEPARATOR.len()..]);
                &text[..at]
            }
            None => text,
        }
    })
}

/// Chart archives: the bytes as they come, and zipped first, so that the tar inside is reached.
pub(crate) fn archives(data: &[u8]) {
    render_archive(data);
    let mut zipped = GzEncoder::new(Vec::new(), Compression::fast());
    zipped.write_all(data).expect("memory takes all");
    render_archive(&zipped.finish().expect("memory takes all"));
}

/// Native charts: a Jinja template, values, and a library of macros.
pub(crate) fn jinja(data: &[u8]) {
    let [template, values, helpers] = parts(data);
    render_folder(&[
        ("Chart.yaml", b"apiVersion: v2\nname: c\nversion: 0.1.0\n"),
        ("templates/t.yaml.j2", template),
        ("values.yaml", values),
        ("templates/_m.j2", helpers),
    ]);
}

/// Rendering: template, values, helpers and chart of one input, with small limits.
pub(crate) fn render(data: &[u8]) {
    let [template, values, helpers] = parts(data);
    render_folder(&[
        ("Chart.yaml", b"apiVersion: v2\nname: c\nversion: 0.1.0\n"),
        ("templates/t.yaml", template),
        ("values.yaml", values),
        ("templates/_helpers.tpl", helpers),
        ("files/a.txt", b"one\ntwo\n"),
    ]);
}

/// Validation: values against a JSON schema, and manifests against the Kubernetes catalogue.
pub(crate) fn schema(data: &[u8]) {
    let [first, second] = parts(data);
    if first.trim_ascii_start().starts_with(b"{") {
        if let Ok(values) = read::parse_map(second, SourceId::NONE) {
            let _ = validate_one(first, &values, None, &mut Vec::new());
        }
        return;
    }
    let input = Input { source: SourceId::NONE, text: data, group: 0, first: 0 };
    let options = Options::new(Minors::one(37).expect("a known minor"), Level::Full);
    let _ = validate(&[input], Customs::default(), &options);
}

/// The grammar of the `--set` family: style, argument, values below. The result is printed and
/// read again.
pub(crate) fn set(data: &[u8]) {
    use set_flag::{Style, apply};
    let Some((style, rest)) = data.split_first() else { return };
    let [argument, base] = parts(rest);
    let Ok(argument) = std::str::from_utf8(argument) else { return };
    let Ok(mut doc) = read::parse_map(if base.is_empty() { b"{}" } else { base }, SourceId::NONE)
    else {
        return;
    };
    let file = |path: &str| match path {
        "file" => Ok(b"text\n".to_vec()),
        _ => Err(format!("open {path}: no such file or directory")),
    };
    let style = match style % 5 {
        0 => Style::Typed,
        1 => Style::Text,
        2 => Style::Json,
        3 => Style::File(&file),
        _ => Style::Literal,
    };
    if apply(&mut doc, argument, &style, SourceId::NONE).is_ok() {
        let text = emit::doc_to_yaml(&doc, true);
        let _ = read::parse(&text, SourceId::NONE);
    }
}

/// Small grammars, one after another on the same text: versions and their ranges, regular
/// expressions, durations, dates, URLs, TOML, JSON, globs, paths into values.
pub(crate) fn small(data: &[u8]) {
    let [first, second] = parts(data);
    if let Ok(expression) = Regexp::compile(first) {
        let _ = expression.find_all(second, -1);
        let _ = expression.replace_all(second, b"${1}x$0");
        let _ = expression.split(second, 3);
    }
    if let (Ok(first), Ok(second)) = (std::str::from_utf8(first), std::str::from_utf8(second)) {
        if let (Ok(range), Ok(version)) = (Constraints::parse(first), Version::parse(second)) {
            let _ = range.check(&version);
        }
        let _ = rhumb::values::explain::parse_path(first);
    }
    if let Ok(duration) = Duration::parse(first) {
        let _ = duration.round(Duration(1_000_000_000));
    }
    if let Ok(time) = parse_in(first, second, &Zone::utc()) {
        let _ = time.format(first);
    }
    if let Ok(url) = Url::parse(first) {
        let _ = Url::parse(&url.to_bytes());
    }
    if let Ok(table) = rhumb::toml::read::parse(first, Zone::utc(), 0) {
        let _ = rhumb::toml::write::to_toml(&rhumb::value::Value::Map(table));
    }
    if let Ok(doc) = json::read::parse(first, SourceId::NONE) {
        let text = json::write::doc_to_json(&doc);
        let again = json::read::parse(&text, SourceId::NONE).expect("own JSON");
        assert_eq!(text, json::write::doc_to_json(&again));
    }
    let _ = filepath::matches(first, second);
    let _ = filepath::clean(first);
}

/// Go templates: lexing and parsing of any bytes.
pub(crate) fn templates(data: &[u8]) {
    let mut set = TemplateSet::new();
    if set.parse("c/templates/t.yaml", data).is_ok() {
        let _ = set.contains("x");
    }
}

/// YAML: every reader on any bytes; what was read is written, read again and must be the same.
pub(crate) fn yaml(data: &[u8]) {
    let _ = head::read(data);
    let _ = read::duplicates(data, SourceId::NONE);
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(all) = any_read::read_all(text)
    {
        for any in &all {
            let _ = emit_pretty::any_to_yaml(any);
        }
    }
    for doc in read::parse_all(data, SourceId::NONE).unwrap_or_default() {
        // Go writes the key `<<` without quotes, which makes it a merge when it is read again.
        if data.windows(2).any(|pair| pair == b"<<") {
            continue;
        }
        let value = from_doc(&doc);
        let _ = emit_pretty::to_yaml_pretty(&value);
        let texts = [emit::to_yaml(&value).ok(), Some(emit::doc_to_yaml(&doc, true))];
        for text in texts.into_iter().flatten() {
            let shown = || String::from_utf8_lossy(&text).into_owned();
            let again = read::parse(&text, SourceId::NONE)
                .unwrap_or_else(|fault| panic!("{fault}\n{}", shown()));
            let want = as_json(&doc);
            // Go folds a next-line character into a blank when it writes.
            if want.as_ref().is_some_and(|text| text.contains('\u{85}')) {
                continue;
            }
            assert_eq!(want, as_json(&again), "written as\n{}", shown());
        }
    }
}

/// What a document holds, with keys in one order; none for numbers that JSON does not know.
fn as_json(doc: &Doc) -> Option<String> {
    let options = json::write::Options { escape_html: false, indent: false };
    let text = json::write::to_json(&from_doc(doc), options).ok()?;
    // Go writes a negative zero as zero.
    Some(
        String::from_utf8_lossy(&text)
            .replace(":-0", ":0")
            .replace("[-0", "[0")
            .replace(",-0", ",0"),
    )
}

/// Renders a chart of some files (path below the chart, bytes) as `template` does, with limits
/// that keep one run short.
fn render_folder(files: &[(&str, &[u8])]) {
    let host = MemoryHost::new();
    for (path, bytes) in files {
        host.put(&format!("c/{path}"), bytes);
    }
    let sources = Sources::new();
    let Ok(chart) = load::load(&host, &sources, Path::new("/work/c"), &mut Vec::new()) else {
        return;
    };
    render_chart(&host, &sources, chart);
}

/// Loads an archive as a chart and renders it.
fn render_archive(bytes: &[u8]) {
    let host = MemoryHost::new();
    host.put("c.tgz", bytes);
    let sources = Sources::new();
    let loaded = load::load(&host, &sources, Path::new("/work/c.tgz"), &mut Vec::new());
    if let Ok(chart) = loaded {
        render_chart(&host, &sources, chart);
    }
}

fn render_chart(host: &MemoryHost, sources: &Sources, mut chart: Chart) {
    let mut log = Vec::new();
    let user = Doc::map(DocMap::default());
    let Ok(values) = coalesce::compose(&mut chart, &user, &mut log) else { return };
    let job = Job {
        release: Release {
            name: "r".into(),
            namespace: "ns".into(),
            revision: 1,
            is_upgrade: false,
            is_install: true,
        },
        capabilities: Capabilities::of(Compat::default()),
        options: RenderOptions {
            max_output_bytes: 1 << 20,
            max_steps: 20_000,
            trace: true,
            ..RenderOptions::default()
        },
    };
    if let Ok(files) = render::render(host, sources, &chart, &values, &job, &mut log) {
        let listed = files.iter().map(|file| (file.path.as_str(), &file.text));
        let _ = manifest::sort_manifests_as(Compat::default(), listed, &mut log);
    }
}
