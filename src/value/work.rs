//! How many values the functions of one render may walk over.
//!
//! Values share parts: sixty lists, each holding the one before it twice, are sixty lists in
//! memory and 2⁶⁰ items to whoever prints or copies them. So every walk pays for each value it
//! meets, and stops when the render has no more to spend. Outside of renders walks are free.

use std::cell::Cell;

use crate::diag::{Fault, FaultKind, Result};

const FREE: u64 = u64::MAX;

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(FREE) };
    static LIMIT: Cell<u64> = const { Cell::new(FREE) };
}

/// While it lives, walks on this thread pay; those inside of another's time pay with it.
#[derive(Debug)]
pub struct Allowance {
    before: u64,
    limit_before: u64,
}

impl Allowance {
    /// Grants `limit` values.
    pub fn grant(limit: u64) -> Self {
        Allowance { before: LEFT.replace(limit), limit_before: LIMIT.replace(limit) }
    }
}

impl Drop for Allowance {
    fn drop(&mut self) {
        LEFT.set(self.before);
        LIMIT.set(self.limit_before);
    }
}

/// Pays for `count` values; false when there is not enough left, and from then on.
pub fn spend(count: usize) -> bool {
    LEFT.with(|left| match left.get() {
        FREE => true,
        have => {
            let rest = have.saturating_sub(count as u64);
            left.set(rest);
            rest > 0
        }
    })
}

/// As [`spend`].
///
/// Errors: nothing left.
pub fn pay(count: usize) -> Result<()> {
    if spend(count) { Ok(()) } else { Err(Fault::new(FaultKind::Limit, complaint())) }
}

/// Whether nothing is left.
pub fn is_spent() -> bool {
    LEFT.get() == 0
}

/// What to say then.
pub fn complaint() -> String {
    format!("functions walk over more than {} values (--limit-steps)", LIMIT.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_pay_only_in_a_render() {
        assert!(spend(usize::MAX));
        {
            let _allowance = Allowance::grant(50_000_000);
            assert!(spend(1_000_000) && !is_spent());
            assert!(!spend(50_000_000) && is_spent() && pay(1).is_err());
        }
        assert!(spend(usize::MAX) && !is_spent());
    }
}
