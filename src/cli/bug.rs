//! Bugs of rhumb itself: a panic becomes one line on standard error and an exit code of its own.

use std::io::Write as _;
use std::panic::{self, Location, UnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit;

/// Replaces the runtime's own words about panics. What the panic says is left out, because it may
/// quote values; with `RUST_BACKTRACE` set (`verbose`) the runtime says all it knows.
pub fn install(verbose: bool) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if verbose {
            before(info);
        }
        // Threads that work on the same input tend to fall over the same thing.
        if !TOLD.swap(true, Ordering::SeqCst) {
            // Nothing is left to do when standard error is gone, too.
            let _ = writeln!(std::io::stderr(), "{}", report(info.location()));
        }
    }));
}

/// What a user reads about a bug at a place.
fn report(place: Option<&Location<'_>>) -> String {
    let place = place.map_or_else(String::new, |place| {
        format!(" at {}:{}:{}", place.file(), place.line(), place.column())
    });
    format!(
        "Error: this is a bug in rhumb {}{place}, not in the chart: please report this line, the \
         command and, if you can, the chart (RUST_BACKTRACE=1 tells more)",
        env!("CARGO_PKG_VERSION")
    )
}

/// Runs a command; a panic, already reported, becomes [`exit::BUG`].
pub fn guarded(command: impl FnOnce() -> i32 + UnwindSafe) -> i32 {
    panic::catch_unwind(command).unwrap_or(exit::BUG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_one_line_and_a_code() {
        let line = report(Some(Location::caller()));
        assert!(line.starts_with("Error: this is a bug in rhumb 0."), "{line}");
        assert!(line.contains(" at src/cli/bug.rs:") && !line.contains('\n'), "{line}");
        assert_eq!(guarded(|| exit::FAILURE), exit::FAILURE);
        assert_eq!(guarded(|| std::panic::resume_unwind(Box::new("a secret"))), exit::BUG);
        let on_a_render_thread =
            || crate::stack::run(|| std::panic::resume_unwind(Box::new("a secret")));
        assert_eq!(guarded(on_a_render_thread), exit::BUG);
    }
}
