//! Stack space: a thread with much of it, and a test for running out.
//!
//! Templates may nest 100,000 deep before Go refuses, so renders run on a thread of their own
//! with a large stack, of which the system commits only what is used. Whatever recurses over
//! input asks [`is_low`] and gives an error in time. Blind to all other modules.

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

/// Stack of the thread that [`run`] starts.
pub const STACK_BYTES: usize = 1 << 30;

/// Left for functions that do not ask, and for unwinding.
const RESERVE: usize = 512 * 1024;

/// Assumed below the first caller on a thread of unknown size; Rust's own threads have 2 MiB.
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

/// Runs a function on a thread with a stack of [`STACK_BYTES`], and passes its panics on.
///
/// Falls back to smaller stacks where the system refuses one that large, and to the calling
/// thread where it refuses all.
///
/// # Panics
///
/// When the function does.
pub fn run<R: Send>(function: impl FnOnce() -> R + Send) -> R {
    let pending = Mutex::new(Some(function));
    let take = || pending.lock().unwrap_or_else(PoisonError::into_inner).take();
    for bytes in [STACK_BYTES, STACK_BYTES / 4, STACK_BYTES / 16] {
        let result = std::thread::scope(|scope| {
            let started = std::thread::Builder::new()
                .name("render".to_owned())
                .stack_size(bytes)
                .spawn_scoped(scope, || {
                    FLOOR.set(here().saturating_sub(bytes - RESERVE));
                    take().map(|function| function())
                });
            started.ok().map(std::thread::ScopedJoinHandle::join)
        });
        match result {
            Some(Ok(Some(result))) => return result,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            Some(Ok(None)) | None => {}
        }
    }
    take().expect("no thread has taken the function")()
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
