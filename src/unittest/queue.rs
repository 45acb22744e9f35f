//! Work on a queue by several threads, with the results in order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};

use crate::stack;

/// Does the items of a queue on several threads (0: one per processor) with large stacks; none
/// for what stands behind the first result that ends the run. The second argument of `work` is
/// the thread's own, from its first item to its last.
///
/// `progress` hears on the calling thread how many are done.
///
/// # Panics
///
/// When the work does.
pub fn run<T: Copy + Sync, S: Default, R: Send>(
    queue: &[T],
    workers: usize,
    work: impl Fn(T, &S) -> R + Sync,
    ends: impl Fn(&R) -> bool + Sync,
    progress: &mut dyn FnMut(usize),
) -> Vec<Option<R>> {
    let next = AtomicUsize::new(0);
    let last = AtomicUsize::new(usize::MAX);
    let results: Vec<Mutex<Option<R>>> = queue.iter().map(|_| Mutex::default()).collect();
    let serve = |done: mpsc::Sender<()>| {
        let own = S::default();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = queue.get(at) else { break };
            if at > last.load(Ordering::Relaxed) {
                break;
            }
            let result = work(*item, &own);
            if ends(&result) {
                last.fetch_min(at, Ordering::Relaxed);
            }
            *results[at].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            // Nobody needs to listen.
            let _ = done.send(());
        }
    };
    let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = if workers == 0 { processors() } else { workers };
    let (sender, done) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..workers.min(queue.len()) {
            let (serve, sender) = (&serve, sender.clone());
            scope.spawn(move || stack::run(move || serve(sender)));
        }
        drop(sender);
        for count in 1.. {
            match done.recv() {
                Ok(()) => progress(count),
                Err(_) => break,
            }
        }
    });
    let last = last.into_inner();
    let results = results.into_iter().enumerate();
    results
        .map(|(at, result)| {
            let result = result.into_inner().unwrap_or_else(PoisonError::into_inner);
            // What ran at the same time behind the last one does not count.
            result.filter(|_| at <= last)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_are_in_order_up_to_the_last_one() {
        let queue: Vec<usize> = (0..50).collect();
        let mut counts = Vec::new();
        let done =
            super::run(&queue, 3, |it, ()| it * 2, |_| false, &mut |count| counts.push(count));
        assert_eq!(done, queue.iter().map(|it| Some(it * 2)).collect::<Vec<_>>());
        assert_eq!(counts, (1..=50).collect::<Vec<_>>());
        let ended = super::run(&queue, 4, |it, ()| it, |it| *it == 7, &mut |_| ());
        assert_eq!(ended.iter().flatten().count(), 8);
    }
}
