//! Which tables of a document are one table in several places.

use std::collections::HashSet;
use std::sync::Arc;

use super::DocMap;

/// Tables of a document that a template finds in several places: a write in one place shows in
/// the others.
///
/// Keyed by address, so it belongs to the document that it was made with and to its copies.
#[derive(Clone, Debug, Default)]
pub struct Shared(HashSet<usize, foldhash::fast::RandomState>);

impl Shared {
    /// Adds a table.
    pub fn insert(&mut self, table: &Arc<DocMap>) {
        self.0.insert(Arc::as_ptr(table).addr());
    }

    /// Whether a table is one of them. Documents share equal tables for other reasons, too.
    pub fn contains(&self, table: &Arc<DocMap>) -> bool {
        self.0.contains(&Arc::as_ptr(table).addr())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
