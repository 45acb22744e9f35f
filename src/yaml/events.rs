//! Events: the grammar of YAML over tokens, one event per call, without recursion.

use std::borrow::Cow;

use super::scan::{Kind, Problem, Scanner, Token};

/// Prefix of the tags that YAML itself defines.
pub(crate) const CORE_TAG: &str = "tag:yaml.org,2002:";

/// The anchor and tag in front of a node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Properties<'t> {
    pub(crate) anchor: Option<&'t str>,
    /// The tag, written out in full; none when absent.
    pub(crate) tag: Option<String>,
}

/// A step through a document.
#[derive(Clone, Debug)]
pub(crate) enum Event<'t> {
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    Alias(&'t str),
    Scalar {
        properties: Properties<'t>,
        value: Cow<'t, str>,
        /// Whether the text decides the type: plain, or tagged `!`.
        implicit: bool,
    },
    SequenceStart(Properties<'t>),
    SequenceEnd,
    MappingStart(Properties<'t>),
    MappingEnd,
}

/// Byte offsets of an event.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Zero-based line of the start.
    pub(crate) line: usize,
}

#[derive(Clone, Copy, Debug)]
enum State {
    ImplicitDocumentStart,
    DocumentStart,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceFirst,
    BlockSequenceNext,
    IndentlessSequence,
    BlockMappingFirst,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirst,
    FlowSequenceNext,
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowMappingFirst,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingNoValue,
    End,
}

/// Reads events.
pub(crate) struct Events<'t> {
    scanner: Scanner<'t>,
    state: State,
    /// What to go on with after the present node.
    after: Vec<State>,
    tag_directives: Vec<(Cow<'t, str>, Vec<u8>)>,
}

type Step<'t> = Result<(Event<'t>, Place), Problem>;

fn place(token: &Token<'_>) -> Place {
    Place { start: token.start, end: token.end, line: token.line }
}

/// go-yaml names the zero-based line of the token, and none when that is 0.
fn fail<T>(text: &'static str, place: Place) -> Result<T, Problem> {
    Err(Problem { text: text.into(), line: place.line, at: place.start })
}

fn empty_scalar<'t>(at: usize, line: usize) -> (Event<'t>, Place) {
    let event = Event::Scalar {
        properties: Properties::default(),
        value: Cow::Borrowed(""),
        implicit: true,
    };
    (event, Place { start: at, end: at, line })
}

impl<'t> Events<'t> {
    /// Starts at the beginning of a text.
    pub(crate) fn new(text: &'t [u8]) -> Self {
        Events {
            scanner: Scanner::new(text),
            state: State::ImplicitDocumentStart,
            after: Vec::new(),
            tag_directives: Vec::new(),
        }
    }

    /// The next event; the last one is [`Event::StreamEnd`].
    pub(crate) fn next(&mut self) -> Step<'t> {
        match self.state {
            State::ImplicitDocumentStart => self.document_start(true),
            State::DocumentStart => self.document_start(false),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(true, false),
            State::BlockSequenceFirst => {
                self.scanner.skip();
                self.block_sequence()
            }
            State::BlockSequenceNext => self.block_sequence(),
            State::IndentlessSequence => self.indentless_sequence(),
            State::BlockMappingFirst => {
                self.scanner.skip();
                self.block_mapping_key()
            }
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirst => {
                self.scanner.skip();
                self.flow_sequence(true)
            }
            State::FlowSequenceNext => self.flow_sequence(false),
            State::FlowPairKey => self.flow_pair_key(),
            State::FlowPairValue => self.flow_pair_value(),
            State::FlowPairEnd => {
                let at = place(self.scanner.peek()?);
                self.state = State::FlowSequenceNext;
                Ok((Event::MappingEnd, Place { end: at.start, ..at }))
            }
            State::FlowMappingFirst => {
                self.scanner.skip();
                self.flow_mapping_key(true)
            }
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingNoValue => {
                let at = place(self.scanner.peek()?);
                self.state = State::FlowMappingKey;
                Ok(empty_scalar(at.start, at.line))
            }
            State::End => Ok((Event::StreamEnd, Place::default())),
        }
    }

    fn pop(&mut self) {
        self.state = self.after.pop().expect("a node has a continuation");
    }

    fn document_start(&mut self, implicit: bool) -> Step<'t> {
        if !implicit {
            while self.scanner.peek()?.kind == Kind::DocumentEnd {
                self.scanner.skip();
            }
        }
        let token = self.scanner.peek()?;
        let at = place(token);
        match token.kind {
            Kind::StreamEnd => {
                self.state = State::End;
                self.scanner.skip();
                Ok((Event::StreamEnd, at))
            }
            Kind::Version(..) | Kind::TagDirective { .. } | Kind::DocumentStart => {
                self.explicit_document_start(at)
            }
            _ if implicit => {
                self.directives()?;
                self.after.push(State::DocumentEnd);
                self.state = State::BlockNode;
                Ok((Event::DocumentStart, at))
            }
            _ => self.explicit_document_start(at),
        }
    }

    fn explicit_document_start(&mut self, at: Place) -> Step<'t> {
        self.directives()?;
        let token = self.scanner.peek()?;
        if token.kind != Kind::DocumentStart {
            return fail("did not find expected <document start>", place(token));
        }
        let end = token.end;
        self.after.push(State::DocumentEnd);
        self.state = State::DocumentContent;
        self.scanner.skip();
        Ok((Event::DocumentStart, Place { end, ..at }))
    }

    fn directives(&mut self) -> Result<(), Problem> {
        let mut versioned = false;
        loop {
            let token = self.scanner.peek()?;
            let at = place(token);
            match &mut token.kind {
                Kind::Version(major, minor) => {
                    if versioned {
                        return fail("found duplicate %YAML directive", at);
                    }
                    if (*major, *minor) != (1, 1) {
                        return fail("found incompatible YAML document", at);
                    }
                    versioned = true;
                }
                Kind::TagDirective { handle, prefix } => {
                    let (handle, prefix) = (*handle, std::mem::take(prefix));
                    if self.tag_directives.iter().any(|(known, _)| known == handle) {
                        return fail("found duplicate %TAG directive", at);
                    }
                    self.tag_directives.push((handle.into(), prefix));
                }
                _ => break,
            }
            self.scanner.skip();
        }
        for (handle, prefix) in [("!", "!"), ("!!", CORE_TAG)] {
            if !self.tag_directives.iter().any(|(known, _)| known == handle) {
                self.tag_directives.push((handle.into(), prefix.into()));
            }
        }
        Ok(())
    }

    fn document_content(&mut self) -> Step<'t> {
        let token = self.scanner.peek()?;
        match token.kind {
            Kind::Version(..)
            | Kind::TagDirective { .. }
            | Kind::DocumentStart
            | Kind::DocumentEnd
            | Kind::StreamEnd => {
                let at = place(token);
                self.pop();
                Ok(empty_scalar(at.start, at.line))
            }
            _ => self.node(true, false),
        }
    }

    fn document_end(&mut self) -> Step<'t> {
        let token = self.scanner.peek()?;
        let mut at = place(token);
        if token.kind == Kind::DocumentEnd {
            self.scanner.skip();
        } else {
            at.end = at.start;
        }
        self.tag_directives.clear();
        self.state = State::DocumentStart;
        Ok((Event::DocumentEnd, at))
    }

    fn resolve_tag(&self, handle: &str, suffix: &[u8]) -> Option<String> {
        let prefix: &[u8] = if handle.is_empty() {
            b""
        } else {
            &self.tag_directives.iter().find(|(known, _)| known == handle)?.1
        };
        let tag = [prefix, suffix].concat();
        Some(String::from_utf8_lossy(&tag).into_owned()).filter(|tag| !tag.is_empty())
    }

    fn node(&mut self, block: bool, indentless: bool) -> Step<'t> {
        let token = self.scanner.peek()?;
        let mut at = place(token);
        if let Kind::Alias(name) = token.kind {
            self.pop();
            self.scanner.skip();
            return Ok((Event::Alias(name), at));
        }
        let mut properties = Properties::default();
        let mut tagged = false;
        at.end = at.start;
        // At most one anchor and one tag, in either order.
        for _ in 0..2 {
            let token = self.scanner.peek()?;
            let here = place(token);
            match &mut token.kind {
                Kind::Anchor(name) if properties.anchor.is_none() => properties.anchor = Some(name),
                Kind::Tag { handle, suffix } if !tagged => {
                    tagged = true;
                    let (handle, suffix) = (*handle, std::mem::take(suffix));
                    properties.tag = self.resolve_tag(handle, &suffix);
                    if properties.tag.is_none() && !handle.is_empty() {
                        return self.undefined_handle(here);
                    }
                }
                _ => break,
            }
            at.end = here.end;
            self.scanner.skip();
        }
        let token = self.scanner.peek()?;
        let here = place(token);
        match &mut token.kind {
            Kind::BlockEntry if indentless => {
                at.end = here.end;
                self.state = State::IndentlessSequence;
                Ok((Event::SequenceStart(properties), at))
            }
            Kind::Scalar { value, plain } => {
                let implicit = match properties.tag.as_deref() {
                    None => *plain,
                    Some(tag) => tag == "!",
                };
                let value = std::mem::take(value);
                at.end = here.end;
                self.pop();
                self.scanner.skip();
                Ok((Event::Scalar { properties, value, implicit }, at))
            }
            Kind::FlowSequenceStart => {
                at.end = here.end;
                self.state = State::FlowSequenceFirst;
                Ok((Event::SequenceStart(properties), at))
            }
            Kind::FlowMappingStart => {
                at.end = here.end;
                self.state = State::FlowMappingFirst;
                Ok((Event::MappingStart(properties), at))
            }
            Kind::BlockSequenceStart if block => {
                self.state = State::BlockSequenceFirst;
                Ok((Event::SequenceStart(properties), at))
            }
            Kind::BlockMappingStart if block => {
                self.state = State::BlockMappingFirst;
                Ok((Event::MappingStart(properties), at))
            }
            _ if properties.anchor.is_some() || properties.tag.is_some() => {
                let implicit = properties.tag.is_none();
                self.pop();
                Ok((Event::Scalar { properties, value: Cow::Borrowed(""), implicit }, at))
            }
            _ => fail("did not find expected node content", here),
        }
    }

    /// go-yaml notices an unknown handle only after it has looked at the next tokens.
    fn undefined_handle(&mut self, at: Place) -> Step<'t> {
        self.scanner.skip();
        if matches!(self.scanner.peek()?.kind, Kind::Anchor(_)) {
            self.scanner.skip();
            self.scanner.peek()?;
        }
        fail("found undefined tag handle", at)
    }

    /// A node that `continuation` follows.
    fn child(&mut self, continuation: State, block: bool, indentless: bool) -> Step<'t> {
        self.after.push(continuation);
        self.node(block, indentless)
    }

    fn end_collection(&mut self, event: Event<'t>, at: Place) -> (Event<'t>, Place) {
        self.pop();
        self.scanner.skip();
        (event, at)
    }

    fn block_sequence(&mut self) -> Step<'t> {
        let token = self.scanner.peek()?;
        let at = place(token);
        match token.kind {
            Kind::BlockEntry => {
                self.scanner.skip();
                if matches!(self.scanner.peek()?.kind, Kind::BlockEntry | Kind::BlockEnd) {
                    self.state = State::BlockSequenceNext;
                    return Ok(empty_scalar(at.end, at.line));
                }
                self.child(State::BlockSequenceNext, true, false)
            }
            Kind::BlockEnd => Ok(self.end_collection(Event::SequenceEnd, at)),
            _ => fail("did not find expected '-' indicator", at),
        }
    }

    fn indentless_sequence(&mut self) -> Step<'t> {
        let token = self.scanner.peek()?;
        let at = place(token);
        if token.kind != Kind::BlockEntry {
            self.pop();
            return Ok((Event::SequenceEnd, Place { end: at.start, ..at }));
        }
        self.scanner.skip();
        match self.scanner.peek()?.kind {
            Kind::BlockEntry | Kind::Key | Kind::Value | Kind::BlockEnd => {
                self.state = State::IndentlessSequence;
                Ok(empty_scalar(at.end, at.line))
            }
            _ => self.child(State::IndentlessSequence, true, false),
        }
    }

    fn block_mapping_key(&mut self) -> Step<'t> {
        let token = self.scanner.peek()?;
        let at = place(token);
        match token.kind {
            Kind::Key => {
                self.scanner.skip();
                match self.scanner.peek()?.kind {
                    Kind::Key | Kind::Value | Kind::BlockEnd => {
                        self.state = State::BlockMappingValue;
                        Ok(empty_scalar(at.end, at.line))
                    }
                    _ => self.child(State::BlockMappingValue, true, true),
                }
            }
            Kind::BlockEnd => Ok(self.end_collection(Event::MappingEnd, at)),
            _ => fail("did not find expected key", at),
        }
    }

    fn block_mapping_value(&mut self) -> Step<'t> {
        let token = self.scanner.peek()?;
        let at = place(token);
        self.state = State::BlockMappingKey;
        if token.kind != Kind::Value {
            return Ok(empty_scalar(at.start, at.line));
        }
        self.scanner.skip();
        match self.scanner.peek()?.kind {
            Kind::Key | Kind::Value | Kind::BlockEnd => Ok(empty_scalar(at.end, at.line)),
            _ => self.child(State::BlockMappingKey, true, true),
        }
    }

    /// Moves behind the comma between two entries; whether it was there.
    fn entry_separator(&mut self, first: bool) -> Result<bool, Problem> {
        if first {
            return Ok(true);
        }
        let found = self.scanner.peek()?.kind == Kind::FlowEntry;
        if found {
            self.scanner.skip();
        }
        Ok(found)
    }

    fn flow_sequence(&mut self, first: bool) -> Step<'t> {
        let token = self.scanner.peek()?;
        let at = place(token);
        if token.kind == Kind::FlowSequenceEnd {
            return Ok(self.end_collection(Event::SequenceEnd, at));
        }
        if !self.entry_separator(first)? {
            return fail("did not find expected ',' or ']'", at);
        }
        let token = self.scanner.peek()?;
        let at = place(token);
        match token.kind {
            Kind::Key => {
                self.state = State::FlowPairKey;
                self.scanner.skip();
                Ok((Event::MappingStart(Properties::default()), at))
            }
            Kind::FlowSequenceEnd => Ok(self.end_collection(Event::SequenceEnd, at)),
            _ => self.child(State::FlowSequenceNext, false, false),
        }
    }

    fn flow_pair_key(&mut self) -> Step<'t> {
        let token = self.scanner.peek()?;
        match token.kind {
            Kind::Value | Kind::FlowEntry | Kind::FlowSequenceEnd => {
                let at = place(token);
                self.scanner.skip();
                self.state = State::FlowPairValue;
                Ok(empty_scalar(at.end, at.line))
            }
            _ => self.child(State::FlowPairValue, false, false),
        }
    }

    fn flow_pair_value(&mut self) -> Step<'t> {
        let token = self.scanner.peek()?;
        let at = place(token);
        if token.kind == Kind::Value {
            self.scanner.skip();
            let next = &self.scanner.peek()?.kind;
            if !matches!(next, Kind::FlowEntry | Kind::FlowSequenceEnd) {
                return self.child(State::FlowPairEnd, false, false);
            }
        }
        self.state = State::FlowPairEnd;
        Ok(empty_scalar(at.start, at.line))
    }

    fn flow_mapping_key(&mut self, first: bool) -> Step<'t> {
        let token = self.scanner.peek()?;
        let at = place(token);
        if token.kind == Kind::FlowMappingEnd {
            return Ok(self.end_collection(Event::MappingEnd, at));
        }
        if !self.entry_separator(first)? {
            return fail("did not find expected ',' or '}'", at);
        }
        let token = self.scanner.peek()?;
        let at = place(token);
        match token.kind {
            Kind::Key => {
                self.scanner.skip();
                let token = self.scanner.peek()?;
                let at = place(token);
                if matches!(token.kind, Kind::Value | Kind::FlowEntry | Kind::FlowMappingEnd) {
                    self.state = State::FlowMappingValue;
                    return Ok(empty_scalar(at.start, at.line));
                }
                self.child(State::FlowMappingValue, false, false)
            }
            Kind::FlowMappingEnd => Ok(self.end_collection(Event::MappingEnd, at)),
            _ => self.child(State::FlowMappingNoValue, false, false),
        }
    }

    fn flow_mapping_value(&mut self) -> Step<'t> {
        let token = self.scanner.peek()?;
        let mut at = place(token);
        if token.kind == Kind::Value {
            self.scanner.skip();
            let token = self.scanner.peek()?;
            at = place(token);
            if !matches!(token.kind, Kind::FlowEntry | Kind::FlowMappingEnd) {
                return self.child(State::FlowMappingKey, false, false);
            }
        }
        self.state = State::FlowMappingKey;
        Ok(empty_scalar(at.start, at.line))
    }
}
