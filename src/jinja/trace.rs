//! What wrote which part of a native template's output.
//!
//! The engine tells nobody where it is, so a template is rendered once more with a call before
//! each line and expression; it leaves a mark in the output and notes which values were read
//! since the last one. The marks are then taken out again.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use minijinja::Environment;

use super::{File, file_to_load, layout};
use crate::doc::{Doc, Node};
use crate::mapping::{Origin, Place, Stretch, Template, TextMap, carry};

/// What stands around the number of a mark in the output.
const MARKS: (char, char) = ('\u{e000}', '\u{e001}');

/// A value that was read.
#[derive(Debug)]
struct Read {
    origin: Origin,
    /// Its text, if it is a scalar.
    text: Option<String>,
    /// Address of the table or list, if it is one.
    inner: usize,
}

/// A place that was passed.
#[derive(Debug)]
struct Passed {
    /// Its number among [`Places`].
    place: u32,
    /// How many reads there were before.
    reads: usize,
}

/// What a traced render passed and read.
#[derive(Debug, Default)]
pub(super) struct Record {
    reads: Vec<Read>,
    passed: Vec<Passed>,
}

thread_local! {
    static RECORD: RefCell<Option<Record>> = const { RefCell::new(None) };
}

/// Runs a render and gives what it passed and read.
pub(super) fn record<T>(render: impl FnOnce() -> T) -> (T, Record) {
    RECORD.with_borrow_mut(|record| *record = Some(Record::default()));
    let result = render();
    (result, RECORD.with_borrow_mut(|record| record.take().unwrap_or_default()))
}

/// A member of the table or list at an address is read.
pub(super) fn read(holder: usize, doc: &Doc) {
    RECORD.with_borrow_mut(|record| {
        let Some(record) = record else { return };
        // Of `a.b.c` only `c` counts.
        let first = record.passed.last().map_or(0, |passed| passed.reads);
        if record.reads.len() > first && record.reads.last().is_some_and(|it| it.inner == holder) {
            record.reads.pop();
        }
        if !doc.span.is_some() {
            return;
        }
        let (text, inner) = match &doc.node {
            Node::Str(text) => (Some(text.to_str_lossy().into_owned()), 0),
            Node::Int(value) | Node::Int64(value) => (Some(value.to_string()), 0),
            Node::Float(value) => (Some(value.to_string()), 0),
            Node::Bool(value) => (Some(value.to_string()), 0),
            Node::Null => (None, 0),
            Node::List(list) => (None, Arc::as_ptr(list).addr()),
            Node::Map(map) => (None, Arc::as_ptr(map).addr()),
        };
        let origin = Origin { span: doc.span, item: None };
        record.reads.push(Read { origin, text, inner });
    });
}

/// The marked places of all templates: template, offset, whether it is text as it stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Places(Arc<Mutex<Vec<(String, u32, bool)>>>);

/// Makes an environment compile templates with marks.
pub(super) fn install(
    env: &mut Environment<'static>,
    places: &Places,
    files: &Arc<HashMap<String, File>>,
) {
    let (places, files) = (places.clone(), Arc::clone(files));
    env.set_loader(move |name| {
        let Some(file) = file_to_load(&files, name)? else { return Ok(None) };
        if !file.is_yaml {
            return Ok(Some(file.text.to_string()));
        }
        let mut known = places.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut number = |offset: usize, literal: bool| {
            known.push((name.to_owned(), offset as u32, literal));
            known.len() as u32 - 1
        };
        Ok(Some(layout::prepare_marked(&file.text, Some(&mut number)).text))
    });
    env.add_function(layout::MARK, |place: u32| {
        RECORD.with_borrow_mut(|record| {
            let Some(record) = record else { return String::new() };
            record.passed.push(Passed { place, reads: record.reads.len() });
            format!("{}{}{}", MARKS.0, record.passed.len() - 1, MARKS.1)
        })
    });
}

impl Places {
    /// What wrote each part of `text`, the output of template `root`, by its marked twin.
    pub(super) fn map(
        &self,
        root: &str,
        marked: &[u8],
        record: &Record,
        files: &HashMap<String, File>,
        text: &[u8],
    ) -> TextMap {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (plain, marks) = unmark(&String::from_utf8_lossy(marked));
        let mut map = TextMap::default();
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut caller = Place::NONE;
        let ends = marks.iter().skip(1).map(|mark| mark.0).chain([plain.len()]);
        for (&(start, mark), end) in marks.iter().zip(ends) {
            let Some(passed) = record.passed.get(mark) else { continue };
            let Some((name, pos, literal)) = known.get(passed.place as usize) else { continue };
            let file = *numbers.entry(name).or_insert_with(|| {
                let text = files.get(name).map(|file| Bytes::copy_from_slice(file.text.as_bytes()));
                let text = text.unwrap_or_default();
                map.templates.push(Arc::new(Template { name: name.clone(), text }));
                map.templates.len() as u32
            });
            let place = Place { file, pos: *pos };
            if name == root {
                caller = place;
            }
            let own = if *literal {
                Vec::new()
            } else {
                let until = record.passed.get(mark + 1).map_or(record.reads.len(), |it| it.reads);
                let own = record.reads.get(passed.reads..until).unwrap_or_default();
                behind(own, &record.reads[..until], plain[start..end].trim())
            };
            let values = if own.is_empty() {
                0
            } else {
                map.values.push(own.into());
                map.values.len() as u32
            };
            let literal = *literal;
            map.stretches.push(Stretch { start: start as u32, place, caller, literal, values });
        }
        if plain.as_bytes() != text {
            let mut moved = carry(plain.as_bytes(), &map.stretches, text);
            moved.sort_by_key(|stretch| stretch.start);
            map.stretches = moved;
        }
        map
    }
}

/// The places of the values behind a text: what its expression read, or the last value read
/// before that is this text, as an argument of a macro is.
fn behind(own: &[Read], all: &[Read], text: &str) -> Vec<Origin> {
    if !own.is_empty() {
        return own.iter().map(|read| read.origin).collect();
    }
    let text = text.trim_matches(['"', '\'']);
    let same = |read: &&Read| read.text.as_deref() == Some(text);
    all.iter().rev().find(same).map(|read| read.origin).into_iter().collect()
}

/// A text without its marks, and each mark with its place in the result.
fn unmark(marked: &str) -> (String, Vec<(usize, usize)>) {
    let mut plain = String::with_capacity(marked.len());
    let mut marks = Vec::new();
    let mut rest = marked;
    while let Some(open) = rest.find(MARKS.0) {
        plain.push_str(&rest[..open]);
        let after = &rest[open + MARKS.0.len_utf8()..];
        let Some((number, more)) = after.split_once(MARKS.1) else { break };
        if let Ok(number) = number.parse() {
            marks.push((plain.len(), number));
        }
        rest = more;
    }
    plain.push_str(rest);
    (plain, marks)
}
