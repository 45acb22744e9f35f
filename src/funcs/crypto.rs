//! Hashes, bcrypt, AES, passwords.

use super::Def;

pub(super) const FUNCS: &[Def] = &[];
