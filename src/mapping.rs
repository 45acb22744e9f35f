//! Where a text came from: which place of which template wrote each stretch of it, and the places
//! of the values that went in.
//!
//! A map is made only when it is asked for. Blind to template languages and to what values are.

use std::sync::Arc;

use bytes::Bytes;

use crate::source::{LineCol, Span, line_col};

/// A template, as places in it are shown.
#[derive(Debug)]
pub struct Template {
    /// Its name: `chart/templates/a.yaml`.
    pub name: String,
    /// Its text.
    pub text: Bytes,
}

/// A byte of a template; file 0 is no file, others count from one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Number of the template.
    pub file: u32,
    /// Byte offset in its text.
    pub pos: u32,
}

impl Place {
    /// No place.
    pub const NONE: Place = Place { file: 0, pos: 0 };

    /// Whether it is a place.
    pub fn is_some(self) -> bool {
        self.file != 0
    }
}

/// Where a value stands: its own place, or that of the list that holds it and its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Place of the value, or of the list.
    pub span: Span,
    /// Index in the list.
    pub item: Option<u32>,
}

/// Part of a text, from its start to the start of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// First byte.
    pub start: u32,
    /// What wrote it: the innermost place.
    pub place: Place,
    /// The place in the rendered file that led there.
    pub caller: Place,
    /// Whether it is template text as it stands, so that the place goes along with the text.
    pub literal: bool,
    /// Number of its set of values; 0 for none.
    pub values: u32,
}

/// The stretches of one rendered text.
#[derive(Clone, Debug, Default)]
pub struct TextMap {
    /// Templates; place 1 is the first.
    pub templates: Vec<Arc<Template>>,
    /// Sets of values; set 1 is the first.
    pub values: Vec<Box<[Origin]>>,
    /// Stretches in the order of the text.
    pub stretches: Vec<Stretch>,
}

/// What wrote a byte.
#[derive(Clone, Copy, Debug)]
pub struct Writer<'m> {
    /// The template.
    pub template: &'m Template,
    /// The place in it: of the byte for literal text, of the expression otherwise.
    pub at: LineCol,
    /// The same as a byte offset.
    pub offset: usize,
    /// Whether the byte is template text as it stands.
    pub literal: bool,
    /// The place in the rendered file that led there, when it is another.
    pub caller: Option<(&'m Template, LineCol)>,
    /// Values that went into it.
    pub values: &'m [Origin],
}

impl TextMap {
    /// What wrote a range of the text: the first expression in it, or else the literal text that
    /// it begins with.
    pub fn writer(&self, start: usize, end: usize) -> Option<Writer<'_>> {
        let first = self.stretches.partition_point(|it| it.start as usize <= start).checked_sub(1);
        let first = first.unwrap_or(0);
        let covering = self.stretches.get(first..)?;
        let within = |it: &&Stretch| (it.start as usize) < end.max(start + 1);
        let expression =
            covering.iter().take_while(within).find(|it| !it.literal && it.place.is_some());
        let stretch = expression.or_else(|| covering.first().filter(|it| it.place.is_some()))?;
        let template = self.template(stretch.place)?;
        let ahead = if stretch.literal { start.saturating_sub(stretch.start as usize) } else { 0 };
        let offset = stretch.place.pos as usize + ahead;
        let caller = self.template(stretch.caller).filter(|_| stretch.caller != stretch.place);
        let caller = caller.map(|it| (it, line_col(&it.text, stretch.caller.pos as usize)));
        let values = (stretch.values as usize).checked_sub(1).and_then(|at| self.values.get(at));
        Some(Writer {
            template,
            at: line_col(&template.text, offset),
            offset,
            literal: stretch.literal,
            caller,
            values: values.map_or(&[], |values| values),
        })
    }

    fn template(&self, place: Place) -> Option<&Template> {
        let index = (place.file as usize).checked_sub(1)?;
        self.templates.get(index).map(|template| &**template)
    }
}

/// Lays the stretches of `from` over `to`, a text that was made of it: found whole, or line by
/// line where lines are the same but for white space around them. Gives the stretches in `to`,
/// not necessarily sorted.
pub fn carry(from: &[u8], stretches: &[Stretch], to: &[u8]) -> Vec<Stretch> {
    if from.is_empty() || to.is_empty() {
        return Vec::new();
    }
    if let Some(at) = memchr::memmem::find(to, from) {
        return part(stretches, 0, from.len(), at);
    }
    if let Some(at) = memchr::memmem::find(from, to) {
        return part(stretches, at, at + to.len(), 0);
    }
    by_line(from, stretches, to)
}

/// The stretches of `start..end`, moved so that `start` comes to stand at `target`.
fn part(stretches: &[Stretch], start: usize, end: usize, target: usize) -> Vec<Stretch> {
    let first = stretches.partition_point(|it| it.start as usize <= start).saturating_sub(1);
    let covering = stretches[first..].iter().take_while(|it| (it.start as usize) < end);
    let moved = covering.map(|it| {
        let at = it.start as usize;
        let ahead = start.saturating_sub(at);
        let mut it = *it;
        if it.literal {
            it.place.pos += ahead as u32;
        }
        it.start = (at.max(start) - start + target) as u32;
        it
    });
    moved.collect()
}

/// How many lines ahead the next line is looked for.
const WINDOW: usize = 64;

fn by_line(from: &[u8], stretches: &[Stretch], to: &[u8]) -> Vec<Stretch> {
    let lines = |text: &[u8]| -> Vec<(usize, usize)> {
        let mut at = 0;
        let split = text.split_inclusive(|&byte| byte == b'\n');
        let ranges = split.map(|line| {
            let start = at + line.len() - line.trim_ascii_start().len();
            let end = start + line.trim_ascii().len();
            at += line.len();
            (start.min(end), end)
        });
        ranges.collect()
    };
    let (old, new) = (lines(from), lines(to));
    let same_count = old.len() == new.len();
    let mut out = Vec::new();
    let mut next = 0;
    for (index, &(start, end)) in new.iter().enumerate() {
        let text = &to[start..end];
        let is = |&(start, end): &(usize, usize)| &from[start..end] == text;
        let hit = if same_count {
            Some(index)
        } else {
            let window = &old[next..old.len().min(next + WINDOW)];
            window.iter().position(is).map(|at| next + at)
        };
        let Some(hit) = hit else { continue };
        next = hit + 1;
        let (old_start, old_end) = old[hit];
        out.extend(part(stretches, old_start, old_end.max(old_start + 1), start));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(start: u32, pos: u32, literal: bool) -> Stretch {
        let place = Place { file: 1, pos };
        Stretch { start, place, caller: Place::NONE, literal, values: 0 }
    }

    #[test]
    fn stretches_follow_indented_lines() {
        let from = b"a: 1\nb: x\n";
        let stretches = [stretch(0, 10, true), stretch(8, 30, false), stretch(9, 40, true)];
        let moved = carry(from, &stretches, b"\n    a: 1\n    b: x\n    ");
        let starts: Vec<(u32, u32)> = moved.iter().map(|it| (it.start, it.place.pos)).collect();
        assert_eq!(starts, [(5, 10), (14, 15), (17, 30)]);
        let quoted = carry(from, &stretches, b"\"a: 1\nb: x\n\"");
        assert_eq!((quoted[0].start, quoted[1].start), (1, 9));
        let trimmed = carry(from, &stretches, b"b: x");
        assert_eq!((trimmed[0].start, trimmed[0].place.pos), (0, 15));
        assert_eq!(trimmed[1].start, 3);
    }

    #[test]
    fn the_expression_in_a_range_counts() {
        let template = Template { name: "t".into(), text: Bytes::from_static(b"x: \"{{ a }}\"\n") };
        let map = TextMap {
            templates: vec![Arc::new(template)],
            values: Vec::new(),
            stretches: vec![stretch(0, 0, true), stretch(4, 7, false), stretch(5, 11, true)],
        };
        let writer = map.writer(3, 6).expect("covered");
        assert_eq!((writer.literal, writer.at.col), (false, 7));
        assert_eq!(map.writer(0, 1).map(|writer| writer.at.col), Some(0));
        assert_eq!(map.writer(5, 6).map(|writer| writer.at.col), Some(11));
    }
}
