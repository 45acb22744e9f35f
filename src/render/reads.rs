//! Which values the templates of a tree of charts read, found without rendering them.

use std::collections::HashSet;
use std::sync::Arc;

use super::native::is_jinja;
use crate::chart::Chart;
use crate::doc::uses::{Seg, UsePlace, Uses, Way};
use crate::doc::{Doc, Node};
use crate::gotpl::TemplateSet;
use crate::gotpl::uses::{Start, uses};

/// Files larger than this are not taken for templates.
const MAX_TEXT: usize = 256 << 10;

/// What the Go templates of a chart and of the charts below read. `values` are the composed ones
/// of `chart`: texts in them that hold actions count as templates. Templates that do not parse
/// count for nothing.
pub fn of_chart(chart: &Chart, values: &Doc) -> Uses {
    let mut set = TemplateSet::new();
    fill(&mut set, chart);
    of_set(&set, chart, values)
}

fn fill(set: &mut TemplateSet, chart: &Chart) {
    for child in &chart.dependencies {
        fill(set, child);
    }
    for file in chart.templates.iter().filter(|file| !is_jinja(&file.name)) {
        // What does not parse is reported where it is rendered.
        let _ = set.parse(&template_name(chart, &file.name), &file.data);
    }
}

/// What the parsed templates of a chart and of the charts below read.
pub(super) fn of_set(set: &TemplateSet, chart: &Chart, values: &Doc) -> Uses {
    let mut starts = Vec::new();
    collect(chart, values, &mut Vec::new(), &mut starts);
    crate::stack::run(|| uses(set, &starts))
}

/// The paths of the values of every chart below `chart`.
pub(super) fn prefixes(chart: &Chart) -> HashSet<Vec<Seg>> {
    fn collect(chart: &Chart, path: &mut Vec<Seg>, found: &mut HashSet<Vec<Seg>>) {
        for child in &chart.dependencies {
            path.push(Some(child.name().into()));
            found.insert(path.clone());
            collect(child, path, found);
            path.pop();
        }
    }
    let mut found = HashSet::new();
    collect(chart, &mut Vec::new(), &mut found);
    found
}

fn collect(chart: &Chart, values: &Doc, path: &mut Vec<Arc<str>>, starts: &mut Vec<Start>) {
    let templates = chart.templates.iter().filter(|file| !is_jinja(&file.name));
    let mut texts = Vec::new();
    for file in &chart.files {
        if file.data.len() <= MAX_TEXT && is_template(&file.data) {
            texts.push((template_name(chart, &file.name), file.data.to_vec()));
        }
    }
    collect_texts(values, &mut texts);
    starts.push(Start {
        templates: templates.map(|file| template_name(chart, &file.name)).collect(),
        texts,
        path: path.clone(),
    });
    let nothing = Doc::null();
    for child in &chart.dependencies {
        path.push(child.name().into());
        collect(child, values.get(child.name()).unwrap_or(&nothing), path, starts);
        path.pop();
    }
}

fn template_name(chart: &Chart, file: &str) -> String {
    crate::golang::filepath::join(&chart.path, file)
}

fn is_template(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"{{").is_some() && memchr::memmem::find(text, b".Values").is_some()
}

fn collect_texts(doc: &Doc, texts: &mut Vec<(String, Vec<u8>)>) {
    match &doc.node {
        Node::Str(text) if is_template(text.as_bytes()) => {
            texts.push(("values".to_owned(), text.as_bytes().to_vec()));
        }
        Node::List(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Node::Map(map) => map.values().for_each(|item| collect_texts(item, texts)),
        _ => {}
    }
}

/// What the Jinja templates of a chart and the library name: every path that begins with
/// `values.`, whole.
pub fn of_jinja(chart: &Chart) -> Uses {
    let mut uses = Uses::default();
    let own: Vec<_> = chart.templates.iter().filter(|file| is_jinja(&file.name)).collect();
    if own.is_empty() {
        return uses;
    }
    for file in own {
        let text = String::from_utf8_lossy(&file.data);
        named(&template_name(chart, &file.name), &text, &mut uses);
    }
    for (name, text) in crate::jinja::library::FILES {
        named(name, text, &mut uses);
    }
    uses
}

fn named(file: &str, text: &str, uses: &mut Uses) {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    for (at, start) in text.match_indices("values.") {
        if text[..at].ends_with(is_part) {
            continue;
        }
        let rest = &text[at + start.len()..];
        let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        let keys = rest[..end].split('.').filter(|key| !key.is_empty());
        let path: Vec<Seg> = keys.map(|key| Some(key.into())).collect();
        if path.is_empty() {
            continue;
        }
        let line = crate::source::line_col(text.as_bytes(), at).line;
        let place = UsePlace { file: file.to_owned(), line };
        uses.note(&path, Some(Way::Whole), Some(place));
    }
}
