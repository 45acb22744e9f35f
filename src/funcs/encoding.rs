//! Base64, base32, checksums.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
