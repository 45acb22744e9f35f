//! Regular expressions.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
