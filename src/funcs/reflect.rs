//! Kinds, types and equality.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
