//! Sprig's arithmetic.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
