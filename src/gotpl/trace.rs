//! What wrote which bytes: kept beside a render when its options ask for it.
//!
//! The output and every text that an `include` gives have a list of stretches. Texts are known by
//! their address, as Go strings are shared and immutable, so no value grows for it. A pipeline
//! collects the places of the values that it reads; what it prints belongs to them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::ast::File;
use super::render::Renderer;
use crate::mapping::{Origin, Place, Stretch, Template, TextMap, carry};
use crate::source::Span;
use crate::value::{Map, Slot, Str, Value};

/// What is known of a text.
#[derive(Debug, Default)]
struct Known {
    stretches: Vec<Stretch>,
    origins: Vec<Origin>,
}

/// The state of a traced render.
#[derive(Debug, Default)]
pub(super) struct Trace {
    templates: Vec<Arc<Template>>,
    /// Numbers of the files by address; the files are kept so that addresses stay theirs.
    numbers: HashMap<usize, (u32, Arc<File>)>,
    values: Vec<Box<[Origin]>>,
    value_numbers: HashMap<Box<[Origin]>, u32>,
    /// Stretches of the output.
    out: Vec<Stretch>,
    /// Texts by address; the text is kept so that the address stays its own.
    texts: HashMap<usize, (Str, Known)>,
    /// Places of the values read so far, by all pipelines that are being evaluated.
    reads: Vec<Origin>,
    /// Where the reads of the innermost pipeline begin.
    pipe: usize,
    /// Places behind each variable in scope.
    variables: Vec<Vec<Origin>>,
    /// Places behind the dot.
    dot: Vec<Origin>,
    /// Places of the elements of each loop.
    loops: Vec<Vec<Vec<Origin>>>,
}

fn address(text: &Str) -> usize {
    text.as_bytes().as_ptr() as usize
}

impl Trace {
    /// A template text goes to the output at `at`.
    pub(super) fn literal(&mut self, file: &Arc<File>, pos: u32, at: usize) {
        let place = Place { file: self.number(file), pos };
        self.push(at, place, true, 0);
    }

    fn push(&mut self, at: usize, place: Place, literal: bool, values: u32) {
        self.out.push(Stretch { start: at as u32, place, caller: place, literal, values });
    }

    fn number(&mut self, file: &Arc<File>) -> u32 {
        let key = Arc::as_ptr(file) as usize;
        if let Some((number, _)) = self.numbers.get(&key) {
            return *number;
        }
        let template = Template { name: file.name.clone(), text: file.text.clone() };
        self.templates.push(Arc::new(template));
        let number = self.templates.len() as u32;
        self.numbers.insert(key, (number, Arc::clone(file)));
        number
    }

    fn set(&mut self, origins: &[Origin]) -> u32 {
        if origins.is_empty() {
            return 0;
        }
        if let Some(number) = self.value_numbers.get(origins) {
            return *number;
        }
        self.values.push(origins.into());
        let number = self.values.len() as u32;
        self.value_numbers.insert(origins.into(), number);
        number
    }

    fn known(&self, value: &Value) -> Option<&Known> {
        let text = value.as_str()?;
        self.texts.get(&address(text)).map(|(_, known)| known)
    }

    fn learn(&mut self, text: &Str) -> Option<&mut Known> {
        if text.is_empty() {
            return None;
        }
        let entry = self.texts.entry(address(text));
        Some(&mut entry.or_insert_with(|| (text.clone(), Known::default())).1)
    }

    /// An action wrote a value to `at` of the output.
    fn printed(
        &mut self,
        file: &Arc<File>,
        pos: u32,
        at: Range<usize>,
        mark: usize,
        value: &Value,
    ) {
        if at.is_empty() {
            return;
        }
        let place = Place { file: self.number(file), pos };
        let reads = self.reads[mark.min(self.reads.len())..].to_vec();
        let values = self.set(&reads);
        let text = value.as_str().and_then(|text| self.texts.get(&address(text)));
        let Some((_, Known { stretches, .. })) = text.filter(|it| !it.1.stretches.is_empty())
        else {
            self.push(at.start, place, false, values);
            return;
        };
        let moved = stretches.iter().map(|it| {
            let mut it = *it;
            it.start += at.start as u32;
            if !it.place.is_some() {
                it.place = place;
                if it.values == 0 {
                    it.values = values;
                }
            }
            it.caller = place;
            it
        });
        self.out.extend(moved);
    }

    /// Cuts off the stretches from `mark` on; they belong to `text` from now on. `removed` are the
    /// ranges of the cut text that were dropped from it.
    pub(super) fn cut(&mut self, mark: usize, removed: &[Range<usize>], text: &Str) {
        let first = self.out.partition_point(|it| (it.start as usize) < mark);
        let mut cut = self.out.split_off(first);
        for it in &mut cut {
            it.start -= mark as u32;
        }
        without(&mut cut, removed);
        if let Some(known) = self.learn(text) {
            known.stretches = cut;
        }
    }

    /// The finished map of a file; what was known of texts is forgotten.
    pub(super) fn finish(&mut self, removed: &[Range<usize>]) -> TextMap {
        let mut stretches = std::mem::take(&mut self.out);
        without(&mut stretches, removed);
        let values = std::mem::take(&mut self.values);
        let templates = self.templates.clone();
        let (files, templates_kept) =
            (std::mem::take(&mut self.numbers), std::mem::take(&mut self.templates));
        *self = Trace { numbers: files, templates: templates_kept, ..Trace::default() };
        TextMap { templates, values, stretches }
    }

    /// A slot of a map was read.
    fn read(&mut self, slot: &Slot) {
        if slot.origin.is_some() {
            let origin = Origin { span: slot.origin, item: None };
            self.reads.push(origin);
            if let Some(known) = slot.value.as_str().and_then(|text| self.learn(text)) {
                known.origins = vec![origin];
            }
        } else {
            self.read_text(&slot.value);
        }
    }

    /// A text that came from values by another way; whether it is one.
    fn read_text(&mut self, value: &Value) -> bool {
        let origins = self.known(value).map(|known| known.origins.clone()).unwrap_or_default();
        let any = !origins.is_empty();
        self.reads.extend(origins);
        any
    }

    /// The place behind a way of keys and indexes into a value.
    fn follow(value: &Value, read: &[Origin], way: &[Value]) -> Option<Origin> {
        let mut at = value.clone();
        let mut origin = if let [only] = read { Some(*only) } else { None };
        for step in way {
            let (next, place) = match (&at, step) {
                (Value::Map(map), Value::Str(key)) => {
                    let slot = map.slot(key)?;
                    let place = slot.origin.is_some();
                    (slot.value, place.then_some(Origin { span: slot.origin, item: None }))
                }
                (Value::List(list), Value::Int(index, _)) => {
                    let index = usize::try_from(*index).ok()?;
                    let place = origin.filter(|origin| origin.item.is_none());
                    let place = place.map(|it| Origin { item: Some(index as u32), ..it });
                    (list.items().get(index)?.clone(), place)
                }
                _ => return None,
            };
            (at, origin) = (next, place);
        }
        origin
    }

    /// A function was called; `reads[i]` are the reads of argument `i`.
    fn called(&mut self, name: &str, args: &[Value], reads: &[Range<usize>], result: &Value) {
        match (name, args) {
            ("default", [_, given]) => self.keep(reads, usize::from(given.truth())),
            ("ternary", [_, _, test]) => self.keep(reads, usize::from(!test.truth())),
            ("coalesce", args) => {
                if let Some(first) = args.iter().position(Value::truth) {
                    self.keep(reads, first);
                }
            }
            ("index" | "get", [value, way @ ..]) => {
                let read = self.read_by(reads.first());
                if let Some(origin) = Self::follow(value, read, way) {
                    self.replace(reads, origin);
                }
            }
            ("dig", [way @ .., _, value]) => {
                let read = self.read_by(reads.last());
                if let Some(origin) = Self::follow(value, read, way) {
                    self.replace(reads, origin);
                }
            }
            ("dict", _) => {
                if let Value::Map(map) = result {
                    self.mark_slots(map, args, reads);
                }
            }
            _ => {}
        }
        let Value::Str(text) = result else { return };
        if text.is_empty() || name == "include" {
            return;
        }
        if name == "tpl" {
            self.expanded(args, reads, text);
        } else if self.known(result).is_none_or(|known| known.stretches.is_empty()) {
            self.carry_over(args, text);
        }
    }

    /// The reads of an argument.
    fn read_by(&self, range: Option<&Range<usize>>) -> &[Origin] {
        range.and_then(|range| self.reads.get(range.clone())).unwrap_or_default()
    }

    /// Drops the reads of every argument but one.
    fn keep(&mut self, reads: &[Range<usize>], index: usize) {
        let Some(start) = reads.iter().map(|range| range.start).min() else { return };
        let kept = self.read_by(reads.get(index)).to_vec();
        self.reads.truncate(start);
        self.reads.extend(kept);
    }

    fn replace(&mut self, reads: &[Range<usize>], origin: Origin) {
        if let Some(start) = reads.iter().map(|range| range.start).min() {
            self.reads.truncate(start);
        }
        self.reads.push(origin);
    }

    /// Gives the slots of a new map the places of the values that went in.
    fn mark_slots(&self, map: &Map, args: &[Value], reads: &[Range<usize>]) {
        for (pair, ranges) in args.chunks(2).zip(reads.chunks(2)) {
            let ([Value::Str(key), _], [_, range]) = (pair, ranges) else { continue };
            let read = self.read_by(Some(range));
            if let [Origin { span, item: None }] = read
                && let Some(slot) = map.slot(key)
            {
                map.insert_slot(key.clone(), Slot { value: slot.value, origin: *span });
            }
        }
    }

    /// What `tpl` made of a text: places in the text become those of the text itself.
    fn expanded(&mut self, args: &[Value], reads: &[Range<usize>], result: &Str) {
        let read = self.read_by(reads.first()).to_vec();
        let values = self.set(&read);
        let source = args.first().and_then(|text| self.known(text));
        let source = source.map(|known| known.stretches.clone()).unwrap_or_default();
        let text_files: Vec<u32> = self
            .numbers
            .values()
            .filter(|(_, file)| file.name == super::set::ROOT)
            .map(|(number, _)| *number)
            .collect();
        let Some(known) = self.learn(result) else { return };
        for it in &mut known.stretches {
            if !text_files.contains(&it.place.file) {
                continue;
            }
            let pos = it.place.pos;
            let before = source.partition_point(|other| other.start <= pos).checked_sub(1);
            let own = before.and_then(|at| source.get(at)).copied();
            if let Some(own) = own.filter(|own| own.place.is_some()) {
                let ahead = if own.literal { pos - own.start } else { 0 };
                it.place = Place { pos: own.place.pos + ahead, ..own.place };
                it.literal &= own.literal;
                if it.values == 0 {
                    it.values = own.values;
                }
            } else {
                it.place = Place::NONE;
                it.literal = false;
            }
            if it.values == 0 {
                it.values = values;
            }
        }
        if known.stretches.is_empty() {
            // Nothing to expand: the text is as it was.
            known.stretches = source;
        }
    }

    /// What a function made of texts whose stretches are known.
    fn carry_over(&mut self, args: &[Value], result: &Str) {
        let mut found = Vec::new();
        for arg in args {
            let Value::Str(text) = arg else { continue };
            let Some(known) = self.known(arg) else { continue };
            if !known.stretches.is_empty() {
                found.extend(carry(text.as_bytes(), &known.stretches, result.as_bytes()));
            }
        }
        if found.is_empty() {
            return;
        }
        found.sort_by_key(|it| it.start);
        if found[0].start > 0 {
            let (place, caller) = (Place::NONE, Place::NONE);
            found.insert(0, Stretch { start: 0, place, caller, literal: false, values: 0 });
        }
        if let Some(known) = self.learn(result) {
            known.stretches = found;
        }
    }
}

/// Moves stretches where ranges of their text were dropped.
fn without(stretches: &mut [Stretch], removed: &[Range<usize>]) {
    if removed.is_empty() {
        return;
    }
    for it in stretches {
        let at = it.start as usize;
        let before = removed.iter().take_while(|range| range.start < at);
        let gone: usize = before.map(|range| range.end.min(at) - range.start).sum();
        it.start -= gone as u32;
    }
}

/// Hooks of the evaluator; each does nothing unless the render is traced.
impl Renderer<'_> {
    /// How many reads there are, to come back to with [`Self::forget_reads`].
    pub(super) fn reads(&self) -> usize {
        self.trace.as_ref().map_or(0, |trace| trace.reads.len())
    }

    /// Drops the reads since a mark.
    pub(super) fn forget_reads(&mut self, mark: usize) {
        if let Some(trace) = &mut self.trace {
            trace.reads.truncate(mark);
        }
    }

    /// An action at `pos` of a file wrote a value to the output from `start` on; the reads since
    /// a mark are its own, and forgotten.
    pub(super) fn note_print(
        &mut self,
        file: &Arc<File>,
        pos: u32,
        start: usize,
        mark: usize,
        value: &Value,
    ) {
        let end = self.out.mark();
        if let Some(trace) = &mut self.trace {
            trace.printed(file, pos, start..end, mark, value);
            trace.reads.truncate(mark);
        }
    }

    /// Begins a pipeline; gives the mark of the one around it.
    pub(super) fn begin_pipe(&mut self) -> usize {
        self.trace.as_mut().map_or(0, |trace| {
            let start = trace.reads.len();
            std::mem::replace(&mut trace.pipe, start)
        })
    }

    /// Ends a pipeline.
    pub(super) fn end_pipe(&mut self, outer: usize) {
        if let Some(trace) = &mut self.trace {
            trace.pipe = outer;
        }
    }

    /// Gives the dot the places read since a mark, which are then forgotten; what the dot had.
    pub(super) fn swap_dot(&mut self, mark: usize, with: bool) -> Vec<Origin> {
        let Some(trace) = &mut self.trace else { return Vec::new() };
        let read = trace.reads.split_off(mark.min(trace.reads.len()));
        if with { std::mem::replace(&mut trace.dot, read) } else { trace.dot.clone() }
    }

    /// Gives the dot its places back.
    pub(super) fn restore_dot(&mut self, dot: Vec<Origin>) {
        if let Some(trace) = &mut self.trace {
            trace.dot = dot;
        }
    }

    /// The dot is read.
    pub(super) fn read_dot(&mut self, value: &Value) {
        if let Some(trace) = &mut self.trace
            && !trace.read_text(value)
        {
            trace.reads.extend_from_slice(&trace.dot);
        }
    }

    /// A variable without fields is read.
    pub(super) fn read_variable(&mut self, index: usize, value: &Value) {
        if let Some(trace) = &mut self.trace
            && !trace.read_text(value)
            && let Some(origins) = trace.variables.get(index)
        {
            trace.reads.extend_from_slice(origins);
        }
    }

    /// A variable takes what the innermost pipeline read.
    pub(super) fn note_variable(&mut self, index: usize) {
        if let Some(trace) = &mut self.trace {
            let read = trace.reads[trace.pipe.min(trace.reads.len())..].to_vec();
            trace.name(index, read);
        }
    }

    /// A key of a map is read.
    pub(super) fn read_key(&mut self, map: &Map, name: &str) {
        if let Some(trace) = &mut self.trace
            && let Some(slot) = map.slot(name)
        {
            trace.read(&slot);
        }
    }

    /// A function that was called gave a result; `starts` are where the reads of its arguments
    /// begin, `piped` says whether the last came from the stage before.
    pub(super) fn note_call(
        &mut self,
        name: &str,
        args: &[Value],
        starts: &[usize],
        piped: bool,
        result: &Value,
    ) {
        let Some(trace) = &mut self.trace else { return };
        let end = trace.reads.len();
        let mut reads = Vec::with_capacity(args.len());
        for (index, &start) in starts.iter().enumerate() {
            let next = starts.get(index + 1).copied().unwrap_or(end);
            reads.push(start..next.max(start));
        }
        if piped {
            let entry = starts.first().copied().unwrap_or(end);
            reads.push(trace.pipe.min(entry)..entry);
        }
        trace.called(name, args, &reads, result);
    }

    /// A loop over a value begins; the reads since a mark are the value's.
    pub(super) fn begin_loop(&mut self, value: &Value, mark: usize) {
        let Some(trace) = &mut self.trace else { return };
        let over = trace.reads.split_off(mark.min(trace.reads.len()));
        let elements: Vec<Vec<Origin>> = match value {
            Value::Map(map) => {
                let spans = map.entries().into_iter().map(|(_, slot)| slot.origin);
                let known = |span: Span| span.is_some().then_some(Origin { span, item: None });
                spans.map(|span| known(span).into_iter().collect()).collect()
            }
            Value::List(list) => {
                let whole = match over.as_slice() {
                    [Origin { span, item: None }] => Some(*span),
                    _ => None,
                };
                let origin = |index: usize| match whole {
                    Some(span) => vec![Origin { span, item: Some(index as u32) }],
                    None => over.clone(),
                };
                (0..list.items().len()).map(origin).collect()
            }
            _ => Vec::new(),
        };
        trace.loops.push(elements);
    }

    /// A turn of a loop begins; `variable` is the one that holds the element.
    pub(super) fn turn(&mut self, index: usize, element: &Value, variable: Option<usize>) {
        let Some(trace) = &mut self.trace else { return };
        let place = trace.loops.last().and_then(|all| all.get(index)).cloned().unwrap_or_default();
        if let Value::Str(text) = element
            && !place.is_empty()
            && let Some(known) = trace.learn(text)
        {
            known.origins.clone_from(&place);
        }
        if let Some(variable) = variable {
            trace.name(variable, place.clone());
        }
        trace.dot = place;
    }

    /// A loop ends.
    pub(super) fn end_loop(&mut self) {
        if let Some(trace) = &mut self.trace {
            trace.loops.pop();
        }
    }
}

impl Trace {
    fn name(&mut self, variable: usize, origins: Vec<Origin>) {
        if self.variables.len() <= variable {
            self.variables.resize(variable + 1, Vec::new());
        }
        self.variables[variable] = origins;
    }
}
