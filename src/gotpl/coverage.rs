//! Which nodes of its trees a render reaches: counted only when its options ask for it.

use std::collections::HashMap;
use std::sync::Arc;

use super::ast::{Branch, File, Node, Tree};
use super::set::{Parsed, ROOT};
use crate::coverage::{self, FileHits, Fork, Hits, Named, Outline};
use crate::golang::quote::quote;
use crate::source::line_col;

type Counts<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// The counts of a render. Files are known by their address; they are kept, so that addresses
/// stay theirs.
#[derive(Debug, Default)]
pub(super) struct Cover {
    files: Counts<usize, Arc<File>>,
    spots: Counts<(usize, u32), u64>,
    forks: Counts<(usize, u32), [u64; 2]>,
    templates: Counts<(usize, Box<str>), u64>,
}

fn address(file: &Arc<File>) -> usize {
    Arc::as_ptr(file) as usize
}

/// The number of a node: where it begins. A `break` has none; its list tells as much.
fn spot(node: &Node) -> Option<u32> {
    match node {
        Node::Text(range) => Some(range.start),
        Node::Action(pipe) => Some(pipe.pos),
        Node::If(branch) | Node::With(branch) | Node::Range(branch) => Some(branch.pipe.pos),
        Node::Template(invocation) => Some(invocation.pos),
        Node::Break | Node::Continue => None,
    }
}

impl Cover {
    /// A template begins.
    pub(super) fn enter(&mut self, tree: &Tree) {
        let key = address(&tree.file);
        self.files.entry(key).or_insert_with(|| Arc::clone(&tree.file));
        *self.templates.entry((key, tree.name.clone())).or_default() += 1;
    }

    /// A node of a template that has begun is reached.
    pub(super) fn reach(&mut self, file: &Arc<File>, node: &Node) {
        if let Some(spot) = spot(node) {
            *self.spots.entry((address(file), spot)).or_default() += 1;
        }
    }

    /// A condition held, or a loop has a first turn; or not.
    pub(super) fn fork(&mut self, file: &Arc<File>, branch: &Branch, holds: bool) {
        let counts = self.forks.entry((address(file), branch.pipe.pos)).or_default();
        counts[usize::from(!holds)] += 1;
    }

    /// The counts by the names of files; texts that were given to `tpl` have none.
    pub(super) fn into_hits(self) -> Hits {
        let mut hits = Hits::default();
        let mut of = |key: &usize, add: &mut dyn FnMut(&mut FileHits)| {
            if let Some(file) = self.files.get(key).filter(|file| file.name != ROOT) {
                add(hits.files.entry(file.name.clone()).or_default());
            }
        };
        self.spots.iter().for_each(|((key, spot), count)| {
            of(key, &mut |file| *file.spots.entry(*spot).or_default() += count);
        });
        self.forks.iter().for_each(|((key, spot), counts)| {
            of(key, &mut |file| {
                let sum = file.forks.entry(*spot).or_default();
                *sum = [sum[0] + counts[0], sum[1] + counts[1]];
            });
        });
        self.templates.iter().for_each(|((key, name), count)| {
            of(key, &mut |file| *file.templates.entry(name.to_string()).or_default() += count);
        });
        hits
    }
}

/// What there is to reach in a parsed file of that name.
pub fn outline(name: &str, parsed: &Parsed) -> Outline {
    let mut outline = Outline::default();
    for tree in parsed.trees() {
        if *tree.name != *name {
            let line = defined_at(&tree.file.text, &tree.name);
            outline.templates.push(Named { name: tree.name.to_string(), line });
        }
        list(&tree.file, &tree.root, &mut outline);
    }
    outline.templates.sort_by_key(|named| named.line);
    outline.forks.sort_by_key(|fork| fork.spot);
    outline
}

fn list(file: &File, nodes: &[Node], outline: &mut Outline) {
    for node in nodes {
        let Some(spot) = spot(node) else { continue };
        match node {
            Node::Text(piece) => text_lines(file, piece.start, piece.end, outline),
            _ => {
                outline.lines.entry(file.place(spot).0).or_default().push(spot);
            }
        }
        let (branch, word) = match node {
            Node::If(branch) => (branch, "if"),
            Node::With(branch) => (branch, "with"),
            Node::Range(branch) => (branch, "range"),
            _ => continue,
        };
        outline.forks.push(Fork { spot, line: file.place(spot).0, word });
        list(file, &branch.list, outline);
        list(file, branch.otherwise.as_deref().unwrap_or_default(), outline);
    }
}

/// The lines of a text that count.
fn text_lines(file: &File, start: u32, end: u32, outline: &mut Outline) {
    let text = &file.text;
    let mut at = start as usize;
    let mut number = line_col(text, at).line;
    let mut first = text[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    while at < end as usize {
        let stop = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |found| at + found);
        if coverage::counts(&text[first..stop], &text[at..stop.min(end as usize)]) {
            outline.lines.entry(number).or_default().push(start);
        }
        at = stop + 1;
        first = at;
        number += 1;
    }
}

/// The line of the `define` or `block` of a name; 1 where it cannot be found.
fn defined_at(text: &[u8], name: &str) -> u32 {
    let quoted = quote(name.as_bytes());
    let found = [quoted, format!("`{name}`")].iter().find_map(|word| {
        memchr::memmem::find_iter(text, word.as_bytes()).find(|at| {
            let before = text[..*at].trim_ascii_end();
            before.ends_with(b"define") || before.ends_with(b"block")
        })
    });
    found.map_or(1, |at| line_col(text, at).line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::FileCoverage;
    use crate::gotpl::{RenderOptions, Renderer, TemplateSet};
    use crate::host::FixedHost;
    use crate::value::{Map, Value};

    const FILE: &str = "# c\nkind: A\n{{ if .x }}\nx: {{ .x }} # y\n{{- else }}\nnone: 1\n\n{{ end \
                        }}\n{{ range .l }}\n- {{ . }}\n{{ end }}{{ include \"used\" . }}\n\
                        {{ define \"used\" }}u{{ end }}\n{{- define `unused` -}}\nn\n{{ end }}\n\
                        {{ fail \"x\" }}\nlast: 1\n";

    #[test]
    fn lines_branches_and_templates_are_counted() {
        let parsed = Parsed::new("c/templates/a.yaml", FILE.as_bytes()).expect("good template");
        let mut set = TemplateSet::new();
        set.add(&parsed);
        let collector = Arc::new(coverage::Collector::default());
        let options =
            RenderOptions { coverage: Some(Arc::clone(&collector)), ..RenderOptions::default() };
        let host = FixedHost::new(0, 1);
        let rendered = crate::stack::run(|| {
            let dot = Map::new();
            dot.insert("l", Value::list(vec![Value::str("i"), Value::str("j")]));
            let mut renderer = Renderer::new(&set, &host, options.clone());
            let rendered = renderer.render("c/templates/a.yaml", &Value::Map(dot));
            renderer.give_hits(None);
            rendered.is_err()
        });
        assert!(rendered);
        let outline = outline("c/templates/a.yaml", &parsed);
        let path = "a.yaml".to_owned();
        let file = FileCoverage::new(path, "c/templates/a.yaml", true, outline, &collector.take());
        let lines: Vec<_> = file.lines.iter().map(|(line, count)| (*line, *count)).collect();
        let wanted = [
            (2, 1),
            (3, 1),
            (4, 0),
            (6, 1),
            (9, 1),
            (10, 2),
            (11, 1),
            (12, 1),
            (14, 0),
            (16, 1),
            (17, 0),
        ];
        assert_eq!(lines, wanted);
        let forks: Vec<_> =
            file.forks.iter().map(|(fork, ways)| (fork.line, fork.word, *ways)).collect();
        assert_eq!(forks, [(3, "if", [0, 1]), (9, "range", [1, 0])]);
        let templates: Vec<_> =
            file.templates.iter().map(|(it, count)| (it.line, &*it.name, *count)).collect();
        assert_eq!(templates, [(12, "used", 1), (13, "unused", 0)]);
        assert_eq!(file.rendered, Some(1));
    }
}
