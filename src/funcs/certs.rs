//! Keys and certificates.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
