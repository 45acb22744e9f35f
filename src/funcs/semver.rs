//! Semantic versions with Masterminds' constraint grammar.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
