//! The text that a render makes.
//!
//! One buffer serves a file and everything it includes: an include notes where it starts, and
//! cuts its text off the end when it is done.

use std::borrow::Cow;

use memchr::memmem;

use crate::diag::{Fault, FaultKind, Result};
use crate::value::Str;

/// What Go prints for a value that is not there, and Helm removes from finished text.
pub(super) const NO_VALUE: &[u8] = b"<no value>";

/// A growing text with a limit on all that was ever written.
#[derive(Debug)]
pub(super) struct Output {
    bytes: Vec<u8>,
    charged: usize,
    limit: usize,
}

impl Output {
    /// An empty text that refuses to take more than `limit` bytes in all.
    pub(super) fn new(limit: usize) -> Self {
        Output { bytes: Vec::new(), charged: 0, limit }
    }

    /// Adds text.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.charge(bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Accounts for bytes, written here or elsewhere.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<()> {
        self.charged = self.charged.saturating_add(bytes);
        if self.charged > self.limit { Err(self.overflow()) } else { Ok(()) }
    }

    #[cold]
    fn overflow(&self) -> Fault {
        let limit = self.limit;
        Fault::new(
            FaultKind::Limit,
            format!("rendered text exceeds the limit of {limit} bytes (--limit-output)"),
        )
    }

    /// Where the next byte goes.
    pub(super) fn mark(&self) -> usize {
        self.bytes.len()
    }

    /// Cuts off what was written since a mark.
    pub(super) fn cut(&mut self, mark: usize) -> Str {
        let text = Str::from(&self.bytes[mark..]);
        self.bytes.truncate(mark);
        text
    }

    /// Cuts off what was written since a mark, less every `<no value>` in it.
    pub(super) fn cut_clean(&mut self, mark: usize) -> Str {
        let text = match without_no_value(&self.bytes[mark..]) {
            Cow::Borrowed(text) => Str::from(text),
            Cow::Owned(text) => Str::from(text),
        };
        self.bytes.truncate(mark);
        text
    }

    /// Where `<no value>` stands in what was written since a mark, counted from there.
    pub(super) fn no_values(&self, mark: usize) -> Vec<std::ops::Range<usize>> {
        let found = memmem::find_iter(&self.bytes[mark..], NO_VALUE);
        found.map(|at| at..at + NO_VALUE.len()).collect()
    }

    /// Takes the whole text, less every `<no value>` in it, and starts again.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        self.charged = 0;
        // A copy of the right size; the next text finds room that has grown already.
        let text = without_no_value(&self.bytes).into_owned();
        self.bytes.clear();
        text
    }
}

/// A text less every `<no value>` in it.
pub(super) fn without_no_value(text: &[u8]) -> Cow<'_, [u8]> {
    let mut found = memmem::find_iter(text, NO_VALUE).peekable();
    if found.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut start = 0;
    for at in found {
        out.extend_from_slice(&text[start..at]);
        start = at + NO_VALUE.len();
    }
    out.extend_from_slice(&text[start..]);
    Cow::Owned(out)
}
