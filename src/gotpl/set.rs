//! Named templates: those of a render, and the layers that `tpl` puts over them.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;

use super::ast::Tree;
use super::parse;
use crate::diag::Result;

/// Name of the template that stands for the whole set, and of every text given to `tpl`.
pub(super) const ROOT: &str = "gotpl";

/// The templates of one parsed text: its body under the text's name, its defines and blocks.
///
/// Immutable and shared: parse once, add to as many sets as needed, from any thread.
#[derive(Clone, Debug)]
pub struct Parsed(Arc<Vec<Arc<Tree>>>);

impl Parsed {
    /// Parses a text. The fault is of kind `Parse` and carries Go's sentence,
    /// `template: name:line: …`.
    pub fn new(name: &str, text: impl Into<Bytes>) -> Result<Self> {
        parse::parse(name, &text.into()).map(|trees| Parsed(Arc::new(trees)))
    }

    /// The template of a name.
    pub(super) fn get(&self, name: &str) -> Option<&Arc<Tree>> {
        self.0.iter().find(|tree| *tree.name == *name)
    }

    /// All its templates.
    pub(super) fn trees(&self) -> &[Arc<Tree>] {
        &self.0
    }
}

/// Named templates of one render.
#[derive(Clone, Debug, Default)]
pub struct TemplateSet {
    trees: HashMap<Box<str>, Arc<Tree>, foldhash::fast::RandomState>,
}

impl TemplateSet {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Parses a file's text and adds its body and its defines.
    ///
    /// A later template replaces an earlier one of its name, unless it holds only blanks.
    pub fn parse(&mut self, name: &str, text: &[u8]) -> Result<()> {
        self.add(&Parsed::new(name, Bytes::copy_from_slice(text))?);
        Ok(())
    }

    /// Adds the templates of a parsed text.
    pub fn add(&mut self, parsed: &Parsed) {
        for tree in parsed.0.iter() {
            if !(tree.is_empty() && self.trees.contains_key(&tree.name)) {
                self.trees.insert(tree.name.clone(), Arc::clone(tree));
            }
        }
    }

    /// The template of a name.
    pub(super) fn tree(&self, name: &str) -> Option<&Arc<Tree>> {
        self.trees.get(name)
    }

    /// All templates, sorted by name.
    pub(super) fn trees(&self) -> impl Iterator<Item = &Arc<Tree>> {
        let mut trees: Vec<_> = self.trees.values().collect();
        trees.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        trees.into_iter()
    }

    /// Whether a template of that name exists.
    pub fn contains(&self, name: &str) -> bool {
        self.trees.contains_key(name)
    }
}

/// A set seen through the layers of the `tpl` calls that are being executed.
///
/// Helm clones the set for each call; a layer has the same effect: what a text defines is seen
/// by everything executed on its behalf, and by nothing else.
#[derive(Debug)]
pub(super) struct Layered<'a> {
    base: &'a TemplateSet,
    layers: Vec<Vec<Arc<Tree>>>,
}

impl<'a> Layered<'a> {
    /// The bare set.
    pub(super) fn new(base: &'a TemplateSet) -> Self {
        Layered { base, layers: Vec::new() }
    }

    /// The template of a name.
    pub(super) fn get(&self, name: &str) -> Option<Arc<Tree>> {
        for layer in self.layers.iter().rev() {
            if let Some(tree) = layer.iter().find(|tree| *tree.name == *name) {
                return Some(Arc::clone(tree));
            }
        }
        self.base.trees.get(name).cloned()
    }

    /// Names of all templates that can be seen.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let layered = self.layers.iter().flatten().map(|tree| &*tree.name);
        let mut names: Vec<&str> = self.base.trees.keys().map(|name| &**name).collect();
        names.sort_unstable();
        layered.chain(names)
    }

    /// Puts the templates of a text over all others. Its own body always counts, even when it
    /// is blank.
    pub(super) fn push(&mut self, parsed: &Parsed) {
        let visible = |tree: &&Arc<Tree>| {
            *tree.name == *ROOT || !tree.is_empty() || self.get(&tree.name).is_none()
        };
        let layer = parsed.0.iter().filter(visible).cloned().collect();
        self.layers.push(layer);
    }

    /// How many layers there are.
    pub(super) fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Takes the newest layer away.
    pub(super) fn pop(&mut self) {
        self.layers.pop();
    }

    /// Takes all layers away.
    pub(super) fn clear(&mut self) {
        self.layers.clear();
    }
}
