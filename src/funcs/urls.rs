//! URLs and host names.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
