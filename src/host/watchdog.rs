//! A thread that ends the process when it has used up its time or memory.
//!
//! Renders count what they do and stop by themselves; this is for whatever does not count, such
//! as a text that doubles in Jinja.
#![expect(clippy::disallowed_methods, reason = "this file belongs to the host")]

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a process may use; none for as much as it likes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Time from now.
    pub time: Option<Duration>,
    /// Bytes of memory in use at a time, where the system tells (Linux).
    pub memory: Option<u64>,
}

/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// The budget that is watched, and since when.
static WATCHED: Mutex<Option<(Budget, Instant)>> = Mutex::new(None);

/// Starts to watch; parts of a budget that are watched already stay as they are.
pub(super) fn watch(budget: Budget) {
    let mut watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
    if budget == Budget::default() {
        return;
    }
    if let Some((known, _)) = &mut *watched {
        known.time = known.time.or(budget.time);
        known.memory = known.memory.or(budget.memory);
        return;
    }
    *watched = Some((budget, Instant::now()));
    let look = || {
        loop {
            let watched = *WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
            let (budget, start) = watched.expect("set before this thread starts");
            let memory = budget.memory.and_then(|_| resident());
            if let Some(sentence) = complaint(&budget, start.elapsed(), memory) {
                // Nothing is left to do when standard error is gone, too.
                let _ = writeln!(std::io::stderr(), "Error: {sentence}");
                std::process::exit(crate::host::LIMIT_EXIT);
            }
            std::thread::sleep(PAUSE);
        }
    };
    // Without a thread to spare the render's own limits still hold.
    let _ = std::thread::Builder::new().name("watchdog".to_owned()).spawn(look);
}

/// What to say when something is used up.
fn complaint(budget: &Budget, time: Duration, memory: Option<u64>) -> Option<String> {
    if let Some(limit) = budget.time.filter(|limit| time >= *limit) {
        return Some(format!("stopped after {limit:?}: a longer time is given with --limit-time"));
    }
    let limit = budget.memory.filter(|limit| memory.is_some_and(|used| used > *limit))?;
    let limit = limit >> 20;
    Some(format!("stopped at {limit} MiB of memory: more is given with --limit-memory"))
}

/// Bytes of memory that the process uses; none where the system does not say.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_name_the_flag() {
        let budget = Budget { time: Some(Duration::from_secs(2)), memory: Some(64 << 20) };
        let after = |seconds, memory| complaint(&budget, Duration::from_secs(seconds), memory);
        assert_eq!(after(1, Some(64 << 20)), None);
        assert_eq!(after(1, None), None);
        assert_eq!(
            after(2, None).as_deref(),
            Some("stopped after 2s: a longer time is given with --limit-time")
        );
        assert_eq!(
            after(1, Some(65 << 20)).as_deref(),
            Some("stopped at 64 MiB of memory: more is given with --limit-memory")
        );
        if cfg!(target_os = "linux") {
            assert!(resident().expect("Linux tells") > 1 << 20);
        }
    }
}
