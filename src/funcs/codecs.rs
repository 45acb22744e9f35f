//! YAML, JSON and TOML.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
