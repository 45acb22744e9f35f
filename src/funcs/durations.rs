//! Durations: sprig's and Helm's.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
