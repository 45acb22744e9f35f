//! Slash and system paths.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
