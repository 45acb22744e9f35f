//! Rules across the objects of a run.

use super::catalog::Minors;
use super::finding::Finding;
use crate::doc::Doc;

/// The objects of a run.
pub struct Objects;

impl Objects {
    /// Objects by input, document and content.
    pub fn new<'d>(
        _docs: impl Iterator<Item = (usize, usize, &'d Doc)>,
        _target: Minors,
        _skip: &[String],
    ) -> Self {
        Objects
    }

    /// What does not fit together.
    pub fn check(&self) -> Vec<Finding> {
        Vec::new()
    }
}
