//! Defaults and choices.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
