//! Sprig's string functions.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
