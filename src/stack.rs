//! Stack space: much of it for those who ask, and a test for running out.
//!
//! Templates may nest 100,000 deep before Go refuses, so renders run on a large stack of their
//! own, of which the system commits only what is used. They stay on the calling thread: a new
//! one would get an arena of its own from the C library's allocator, which grows page by page.
//! Whatever recurses over input asks [`is_low`] and gives an error in time. Blind to all other
//! modules.

use std::cell::Cell;

use corosensei::on_stack;
use corosensei::stack::DefaultStack;

/// Stack that [`run`] provides.
pub const STACK_BYTES: usize = 1 << 30;

/// Left for functions that do not ask, and for unwinding.
const RESERVE: usize = 512 * 1024;

/// Assumed below the first caller on a stack of unknown size; Rust's own threads have 2 MiB.
const UNKNOWN_BYTES: usize = 1536 * 1024;

thread_local! {
    /// Lowest address that may be used; 0 while unknown.
    static FLOOR: Cell<usize> = const { Cell::new(0) };
}

/// Address of the current stack frame, near enough.
fn here() -> usize {
    let marker = 0u8;
    std::hint::black_box(std::ptr::from_ref(&marker)).addr()
}

/// Puts the floor of the stack back that is returned to, whether by result or by panic.
struct Floor(usize);

impl Drop for Floor {
    fn drop(&mut self) {
        FLOOR.set(self.0);
    }
}

/// Runs a function on a stack of [`STACK_BYTES`], and passes its panics on.
///
/// Falls back to smaller stacks where the system refuses one that large, and to the present one
/// where it refuses all.
///
/// # Panics
///
/// When the function does.
pub fn run<R>(function: impl FnOnce() -> R) -> R {
    let stack = [STACK_BYTES, STACK_BYTES / 4, STACK_BYTES / 16]
        .into_iter()
        .find_map(|bytes| DefaultStack::new(bytes).ok().map(|stack| (bytes, stack)));
    let Some((bytes, stack)) = stack else {
        return function();
    };
    let _floor = Floor(FLOOR.get());
    on_stack(stack, || {
        FLOOR.set(here().saturating_sub(bytes - RESERVE));
        function()
    })
}

/// Whether the stack is nearly used up.
pub fn is_low() -> bool {
    let here = here();
    FLOOR.with(|floor| {
        if floor.get() == 0 {
            floor.set(here.saturating_sub(UNKNOWN_BYTES).max(1));
        }
        here < floor.get()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_recursion_is_noticed() {
        fn dive(depth: u32) -> u32 {
            if is_low() || depth == 150_000 {
                return depth;
            }
            std::hint::black_box(dive(depth + 1))
        }
        let small = dive(0);
        assert!((1000..150_000).contains(&small), "{small}");
        assert_eq!(run(|| dive(0)), 150_000);
    }
}
