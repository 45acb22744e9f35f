//! Work on many items at a time. Blind to all other modules but [`stack`].

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::stack;

/// Fewer items than this are not worth a thread.
const MANY: usize = 64;

/// Threads that are used at most.
const THREADS: usize = 4;

/// Texts shorter than this in all are not worth a thread.
const LONG: usize = 96 * 1024;

/// Like [`map`], for work that takes as long as the items have bytes.
///
/// # Panics
///
/// When the function does.
pub(crate) fn map_texts<T: Sync, R: Send>(
    items: &[T],
    length: impl Fn(&T) -> usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    if items.iter().map(length).sum::<usize>() < LONG {
        return items.iter().map(work).collect();
    }
    map(items, work)
}

/// Applies a function to every item, on several processors when there are many; the results are
/// in the order of the items.
///
/// # Panics
///
/// When the function does.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = if items.len() < MANY {
        1
    } else {
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(THREADS)
    };
    if threads == 1 {
        return items.iter().map(work).collect();
    }
    // Items differ in what they cost: whoever is done takes the next.
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::with_capacity(items.len() / threads);
        loop {
            let at = next.fetch_add(1, Relaxed);
            let Some(item) = items.get(at) else { return done };
            done.push((at, work(item)));
        }
    };
    let run = &run;
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(move || stack::run(run))).collect();
        let mut results = run();
        for other in others {
            match other.join() {
                Ok(more) => results.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results.sort_unstable_by_key(|(at, _)| *at);
        results.into_iter().map(|(_, result)| result).collect()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_keep_their_order() {
        let items: Vec<usize> = (0..1000).collect();
        let doubled: Vec<usize> = items.iter().map(|item| item * 2).collect();
        assert_eq!(super::map(&items, |item| item * 2), doubled);
        assert_eq!(super::map(&items[..3], |item| item * 2), doubled[..3]);
    }
}
