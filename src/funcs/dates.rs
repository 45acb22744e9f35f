//! Sprig's dates, with Go layouts.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
