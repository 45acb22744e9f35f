//! Sprig's dictionary functions: mutation and aliasing as in Go.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
