//! How far a run has come, on standard error when that is a terminal.

use std::io::Write;

use crate::host::{Host, Stream};

/// A line that is written over and over.
pub(super) struct Progress<'a> {
    err: &'a mut dyn Write,
    shows: bool,
    noun: &'static str,
}

impl<'a> Progress<'a> {
    /// A line that counts `noun`.
    pub(super) fn new(host: &dyn Host, err: &'a mut dyn Write, noun: &'static str) -> Self {
        Progress { err, shows: host.is_terminal(Stream::Stderr), noun }
    }

    /// So many are done.
    pub(super) fn show(&mut self, done: usize, total: usize) {
        if self.shows {
            // Losing the progress is no reason to fail.
            let _ = write!(self.err, "\r\x1b[K{done} of {total} {}", self.noun)
                .and_then(|()| self.err.flush());
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if self.shows {
            let _ = write!(self.err, "\r\x1b[K").and_then(|()| self.err.flush());
        }
    }
}
