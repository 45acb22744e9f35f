//! Go's own functions: `index`, `printf`, `and`, `eq` and the like.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
