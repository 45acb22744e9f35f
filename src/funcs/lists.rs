//! Sprig's list functions.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
