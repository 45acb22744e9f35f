//! What the fuzz targets share: a disk in memory, charts on it, and renders with small limits.

#[path = "../../tests/support.rs"]
#[allow(dead_code, reason = "the integration tests use the rest")]
mod support;

use std::path::Path;

use rhumb::chart::{Chart, load};
use rhumb::compat::Compat;
use rhumb::doc::{Doc, DocMap};
use rhumb::gotpl::RenderOptions;
use rhumb::manifest;
use rhumb::render::capabilities::Capabilities;
use rhumb::render::{self, Job, Release};
use rhumb::source::{SourceId, Sources};
use rhumb::values::coalesce;
use rhumb::yaml;

use support::MemoryHost;

/// The line between the parts of one input.
const SEPARATOR: &[u8] = b"\n%%%\n";

/// Cuts an input into `N` parts at lines of three percent signs; missing parts are empty.
pub fn parts<const N: usize>(data: &[u8]) -> [&[u8]; N] {
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

/// Renders a chart of some files (path below the chart, bytes) as `template` does, with limits
/// that keep one run short.
pub fn render(files: &[(&str, &[u8])]) {
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
pub fn render_archive(bytes: &[u8]) {
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

/// Applies a `--set` argument of one of five styles; the result is printed, parsed and compared.
pub fn set(base: &[u8], style: u8, argument: &str) {
    use rhumb::values::set_flag::{Style, apply};
    let Ok(mut doc) = yaml::read::parse_map(base, SourceId::NONE) else { return };
    let read = |path: &str| match path {
        "file" => Ok(b"text\n".to_vec()),
        _ => Err(format!("open {path}: no such file or directory")),
    };
    let style = match style % 5 {
        0 => Style::Typed,
        1 => Style::Text,
        2 => Style::Json,
        3 => Style::File(&read),
        _ => Style::Literal,
    };
    if apply(&mut doc, argument, &style, SourceId::NONE).is_ok() {
        let text = yaml::emit::doc_to_yaml(&doc, true);
        let _ = yaml::read::parse(&text, SourceId::NONE);
    }
}
