//! Which regions of native templates a render reaches, and what it reads of the values.
//!
//! The engine tells nobody where it is, so a template is rendered once more with a counting call
//! at its start and beside each of its tags. What stands between two tags is one region: its
//! lines are counted together.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Environment;

use super::layout::{self, Kind, Piece, tag_word};
use super::{Context, File, Templates, file_to_load};
use crate::coverage::{Fork, Hits, Named, Outline, counts};
use crate::doc::uses::{Seg, Uses, Way};
use crate::doc::{Doc, DocMap, Node};
use crate::source::line_col;

/// The function that counts.
const COUNT: &str = "__count";

/// A template with counting calls, and what their numbers mean.
#[derive(Debug, Default)]
struct Counted {
    text: String,
    outline: Outline,
    ways: Vec<Ways>,
    /// The mark in the body of each macro.
    macros: Vec<(String, u32)>,
    /// How many marks there are.
    marks: u32,
}

/// How the counts of a fork follow from those of marks; its spot is the mark of its body.
#[derive(Debug)]
struct Ways {
    body: u32,
    /// The mark before the tag that the fork begins with.
    reached: u32,
    /// The bodies of the same tag that were asked before.
    before: Vec<u32>,
    is_loop: bool,
}

/// A tag whose end has not come yet.
struct Open {
    reached: u32,
    bodies: Vec<u32>,
}

/// Puts the counting calls into a template; their numbers are those of the file plus `base`.
fn counted(name: &str, source: &str, base: u32) -> Counted {
    let prepared =
        if layout::is_yaml(name) { layout::prepare(source).text } else { source.to_owned() };
    let pieces = layout::split(&prepared);
    let mut writer = Writer { base, region: 0, out: Counted::default(), source: &prepared };
    let mut open: Vec<Open> = Vec::new();
    let mut raw = false;
    for piece in &pieces {
        let text = &prepared[piece.start..piece.end];
        let is_text = piece.kind == Kind::Text;
        let lead = if !is_text && text[2..].starts_with(['-', '+']) { &text[2..3] } else { "" };
        if writer.out.marks == 0 && !(is_text && text.trim().is_empty()) {
            writer.mark(lead, "", false);
        }
        let word = match piece.kind {
            Kind::Tag if text.starts_with("{%") => tag_word(text),
            Kind::Tag => "",
            Kind::Text => {
                writer.lines(piece);
                ""
            }
            Kind::Expr { .. } => {
                writer.line(piece);
                ""
            }
        };
        let is_tag = !word.is_empty() && (!raw || word == "endraw");
        raw = is_tag && word == "raw" || raw && !is_tag;
        if !is_tag {
            writer.out.text.push_str(text);
            continue;
        }
        if matches!(word, "if" | "for") {
            writer.region = writer.mark(lead, "", false);
            open.push(Open { reached: writer.region, bodies: Vec::new() });
        }
        let is_end = word.starts_with("end");
        if !is_end && !matches!(word, "elif" | "else" | "macro" | "raw") {
            writer.line(piece);
        }
        writer.out.text.push_str(text);
        let opens = matches!(word, "if" | "for" | "elif" | "else" | "macro");
        if !(opens || is_end && word != "endraw" && word != "endset") {
            continue;
        }
        let before_end = text[..text.len() - 2].chars().next_back();
        let trail = match before_end {
            Some('-') => "-",
            Some('+') => "+",
            _ => "",
        };
        writer.region = writer.mark("", trail, word == "for");
        let (body, line) = (writer.region, line_col(prepared.as_bytes(), piece.start).line);
        match (word, open.last_mut()) {
            ("if" | "elif" | "for", Some(fork)) => {
                let word = if word == "for" { "for" } else { "if" };
                writer.out.outline.forks.push(Fork { spot: body, line, word });
                let (reached, is_loop) = (fork.reached, word == "for");
                let before = fork.bodies.clone();
                writer.out.ways.push(Ways { body, reached, before, is_loop });
                fork.bodies.push(body);
            }
            ("endif" | "endfor", _) => {
                open.pop();
            }
            ("macro", _) => {
                let rest = text[2..].trim_start_matches(['-', '+']).trim_start();
                let name = rest.trim_start_matches("macro").trim_start();
                let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_'));
                let name = name[..end.unwrap_or(name.len())].to_owned();
                writer.out.outline.templates.push(Named { name: name.clone(), line });
                writer.out.macros.push((name, body));
            }
            _ => {}
        }
    }
    writer.out
}

/// A template on its way.
struct Writer<'a> {
    base: u32,
    /// The mark of what is being written.
    region: u32,
    out: Counted,
    source: &'a str,
}

impl Writer<'_> {
    /// Writes a counting call between the trim markers of the tag beside it.
    fn mark(&mut self, lead: &str, trail: &str, is_loop: bool) -> u32 {
        use std::fmt::Write as _;
        let mark = self.out.marks;
        self.out.marks += 1;
        let (number, turn) = (self.base + mark, if is_loop { ", loop.index0" } else { "" });
        write!(self.out.text, "{{%{lead} do {COUNT}({number}{turn}) {trail}%}}")
            .expect("a string takes any text");
        mark
    }

    /// The line of a tag belongs to the region.
    fn line(&mut self, piece: &Piece) {
        let line = line_col(self.source.as_bytes(), piece.start).line;
        self.out.outline.lines.entry(line).or_default().push(self.region);
    }

    /// The lines of a text, which ends with its first line break.
    fn lines(&mut self, piece: &Piece) {
        let text = self.source.as_bytes();
        let first = memchr::memrchr(b'\n', &text[..piece.start]).map_or(0, |at| at + 1);
        let end = memchr::memchr(b'\n', &text[first..]).map_or(text.len(), |at| first + at);
        if counts(&text[first..end], &text[piece.start..piece.end]) {
            self.line(piece);
        }
    }
}

/// What there is to reach in a template file.
pub fn outline(name: &str, source: &str) -> Outline {
    counted(name, source, 0).outline
}

/// What a render counts and reads.
#[derive(Debug, Default)]
struct Counter {
    marks: BTreeMap<u32, u64>,
    /// How often loops had a first turn.
    loops: BTreeMap<u32, u64>,
    /// Paths of the tables of the values, by address.
    paths: HashMap<usize, Vec<Vec<Seg>>>,
    uses: Uses,
}

thread_local! {
    static COUNTER: RefCell<Option<Counter>> = const { RefCell::new(None) };
}

impl Counter {
    fn register(&mut self, doc: &Doc, path: &mut Vec<Seg>) {
        match &doc.node {
            Node::Map(map) => {
                let known = self.paths.entry(Arc::as_ptr(map).addr()).or_default();
                known.push(path.clone());
                for (key, inner) in map.iter() {
                    path.push(Some(key.clone()));
                    self.register(inner, path);
                    path.pop();
                }
            }
            Node::List(items) => {
                path.push(None);
                items.iter().for_each(|item| self.register(item, path));
                path.pop();
            }
            _ => {}
        }
    }

    fn note(&mut self, map: &Arc<DocMap>, more: Option<Seg>, way: Option<Way>) {
        for path in self.paths.get(&Arc::as_ptr(map).addr()).into_iter().flatten() {
            let mut path = path.clone();
            path.extend(more.clone());
            self.uses.note(&path, way, None);
        }
    }
}

fn with_counter(work: impl FnOnce(&mut Counter)) {
    COUNTER.with_borrow_mut(|counter| counter.as_mut().map(work));
}

/// A key of a table is read.
pub(super) fn key(map: &Arc<DocMap>, key: &str) {
    with_counter(|counter| counter.note(map, Some(Some(key.into())), None));
}

/// The keys of a table are listed.
pub(super) fn members(map: &Arc<DocMap>) {
    with_counter(|counter| counter.note(map, Some(None), Some(Way::Tested)));
}

/// A table is used whole.
pub(super) fn whole(map: &Arc<DocMap>) {
    with_counter(|counter| counter.note(map, None, Some(Way::Whole)));
}

/// The templates of a chart once more, with counting calls.
#[derive(Debug)]
pub struct Covering {
    templates: Templates,
    /// The files compiled so far: name, first number, meanings.
    files: Arc<Mutex<Vec<(String, u32, Counted)>>>,
}

impl Templates {
    /// The same templates with counting calls.
    pub fn covering(&self) -> Covering {
        let files: Arc<Mutex<Vec<(String, u32, Counted)>>> = Arc::default();
        let mut env = super::environment(Arc::clone(&self.files), self.fuel);
        install(&mut env, Arc::clone(&files), Arc::clone(&self.files));
        let templates = Templates { env, files: Arc::clone(&self.files), fuel: self.fuel };
        Covering { templates, files }
    }
}

fn install(
    env: &mut Environment<'static>,
    counted_files: Arc<Mutex<Vec<(String, u32, Counted)>>>,
    files: Arc<HashMap<String, File>>,
) {
    env.set_loader(move |name| {
        let Some(file) = file_to_load(&files, name)? else { return Ok(None) };
        let mut known = counted_files.lock().unwrap_or_else(PoisonError::into_inner);
        let base = known.last().map_or(0, |(_, base, file)| base + file.marks);
        let mut counted = counted(name, &file.text, base);
        let text = std::mem::take(&mut counted.text);
        known.push((name.to_owned(), base, counted));
        Ok(Some(text))
    });
    env.add_function(COUNT, |mark: u32, turn: Option<u32>| {
        with_counter(|counter| {
            *counter.marks.entry(mark).or_default() += 1;
            if turn == Some(0) {
                *counter.loops.entry(mark).or_default() += 1;
            }
        });
    });
}

impl Covering {
    /// Renders a template and gives its text, unless it fails, and what that reaches. `prefix` is
    /// the path of the chart's values among those of the root.
    pub fn render(&self, name: &str, context: &Context, prefix: &[Seg]) -> (Option<Vec<u8>>, Hits) {
        let mut counter = Counter::default();
        counter.register(&context.values, &mut prefix.to_vec());
        COUNTER.with_borrow_mut(|own| *own = Some(counter));
        let text = self.templates.render(name, context).ok();
        let counter = COUNTER.with_borrow_mut(Option::take).unwrap_or_default();
        let mut hits = self.hits_of(&counter);
        hits.files.entry(name.to_owned()).or_default().templates.insert(name.to_owned(), 1);
        hits.uses = counter.uses;
        (text, hits)
    }

    fn hits_of(&self, counter: &Counter) -> Hits {
        let mut hits = Hits::default();
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, base, file) in files.iter() {
            let count = |mark: u32| counter.marks.get(&(base + mark)).copied().unwrap_or_default();
            let own = hits.files.entry(name.clone()).or_default();
            own.spots = (0..file.marks).map(|mark| (mark, count(mark))).collect();
            for ways in &file.ways {
                let taken = if ways.is_loop {
                    counter.loops.get(&(base + ways.body)).copied().unwrap_or_default()
                } else {
                    count(ways.body)
                };
                let before: u64 = ways.before.iter().map(|body| count(*body)).sum();
                let other = count(ways.reached).saturating_sub(before + taken);
                own.forks.insert(ways.body, [taken, other]);
            }
            for (name, body) in &file.macros {
                own.templates.insert(name.clone(), count(*body));
            }
        }
        hits
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::coverage::FileCoverage;
    use crate::source::Sources;

    const NAME: &str = "c/templates/t.yaml.j2";

    fn covered(template: &str, values: Vec<(&str, Doc)>) -> (FileCoverage, Uses) {
        let files = [(NAME.to_owned(), Bytes::copy_from_slice(template.as_bytes()))];
        let templates = Templates::new(&files, &Sources::new()).expect("good text");
        let values = values.into_iter().map(|(key, value)| (key.into(), value)).collect();
        let context = Context { values: Doc::map(values), ..Context::default() };
        let (counted, hits) = templates.covering().render(NAME, &context, &[]);
        if let Ok(plain) = templates.render(NAME, &context) {
            let shown = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
            assert_eq!(counted.as_deref().map(shown), Some(shown(&plain)), "{template}");
        }
        let file = FileCoverage::new("t".into(), NAME, true, outline(NAME, template), &hits);
        (file, hits.uses)
    }

    #[test]
    fn regions_forks_and_macros_are_counted() {
        let template = "{% macro used(x) %}\nm: {{ x }}\n{% endmacro %}\n\
                        {% macro unused() -%}\nn: 1\n{%- endmacro %}\n# comment\n\
                        kind: A\n{% if values.a %}\na: 1\n{% elif values.b %}\nb: 1\n\
                        {% else %}\nc: 1\n{% endif %}\n  {%- for i in values.l %}\n\
                        - {{ i }}\n  {% endfor %}\n{% for i in values.none %}\nx\n\
                        {% else %}\nempty: 1\n{% endfor %}\n{{ used(1) }}\n\
                        {% raw %}{% if %}{% endraw %}\n{{ fail(\"x\") }}\n\
                        {% if values.a %}\nlate: 1\n{% endif %}\n";
        let texts = ["i", "j", "k"].map(Doc::str);
        let empty = || Doc::list(Vec::new());
        let values = vec![
            ("a", Doc::new(Node::Bool(false), crate::source::Span::NONE)),
            ("b", Doc::str("yes")),
            ("l", Doc::list(texts.to_vec())),
            ("none", empty()),
            ("other", empty()),
        ];
        let (file, uses) = covered(template, values);
        let hit: Vec<_> = file.lines.iter().filter(|it| *it.1 > 0).map(|it| *it.0).collect();
        assert_eq!(hit, [2, 8, 9, 12, 16, 17, 19, 22, 24, 25, 26]);
        let missed: Vec<_> = file.lines.iter().filter(|it| *it.1 == 0).map(|it| *it.0).collect();
        assert_eq!(missed, [5, 10, 14, 20, 27, 28]);
        let forks: Vec<_> =
            file.forks.iter().map(|(fork, ways)| (fork.line, fork.word, *ways)).collect();
        let wanted = [
            (9, "if", [0, 1]),
            (11, "if", [1, 0]),
            (16, "for", [1, 0]),
            (19, "for", [0, 1]),
            (27, "if", [0, 0]),
        ];
        assert_eq!(forks, wanted);
        let macros: Vec<_> =
            file.templates.iter().map(|(it, count)| (&*it.name, it.line, *count)).collect();
        assert_eq!(macros, [("used", 1, 1), ("unused", 4, 0)]);
        let read: Vec<_> = uses.keys.keys().map(ToString::to_string).collect();
        assert_eq!(read, ["a", "b", "l", "none"]);
    }

    #[test]
    fn counting_leaves_the_text_alone() {
        let yes = || vec![("a", Doc::str("x")), ("l", Doc::list(vec![Doc::str("1")]))];
        for template in [
            "{% if values.a -%}\n  a\n{%- endif %}\nb\n",
            "\n\na\n",
            "  {% if values.a %}\n  a: 1\n  {% else -%}\n b\n  {%- endif +%}\nc\n",
            "a:\n  {%- for i in values.l %}\n  - {{ i }}\n  {%- endfor %}\nb: 1\n",
            "{% set x %}\n a\n{% endset %}\nx: {{ x | trim }}\n{% set y = 1 %}\ny: {{ y }}\n",
            "a:\n  {{ values.l }}\n{% if values.a %}b: {{ values.a }}{% endif %}\n",
            "{# c #}\n{%+ if values.a %}\n a\n{%+ endif %}\n",
            "{% macro m() %}\nx: 1\n{% endmacro %}\na:\n  {{ m() }}\n",
        ] {
            covered(template, yes());
        }
    }
}
