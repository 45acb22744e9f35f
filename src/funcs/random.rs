//! Random text and numbers.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
