//! Many small things at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// Does something with each item on so many threads, and gives the results in the items' order. After an error no new
/// item is begun; the first one by order is returned.
pub(crate) fn at_once<T: Sync, R: Send, E: Send>(
    items: &[T],
    threads: usize,
    act: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        let mut results = Vec::new();
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { break };
            let result = act(item);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            results.push((index, result));
        }
        results
    };
    let mut results = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(items.len())).map(|_| scope.spawn(work)).collect();
        let mut results = work();
        for other in others {
            match other.join() {
                Ok(theirs) => results.extend(theirs),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u32> = (0..1_000).collect();
        for threads in [0, 1, 7, 2_000] {
            let doubled: Result<Vec<u32>, ()> = at_once(&items, threads, |item| Ok(item * 2));
            assert_eq!(doubled, Ok(items.iter().map(|item| item * 2).collect()), "{threads}");
        }
        assert_eq!(at_once(&[], 3, |_: &u32| Ok::<u32, ()>(1)), Ok(Vec::new()));
    }

    #[test]
    fn so_many_are_worked_on_at_once() {
        let all_there = Barrier::new(4);
        let leaders: Result<Vec<bool>, ()> = at_once(&[(); 4], 4, |()| Ok(all_there.wait().is_leader()));
        assert_eq!(leaders.map(|leaders| leaders.len()), Ok(4));
    }

    #[test]
    fn after_an_error_nothing_new_is_begun() {
        let begun = AtomicUsize::new(0);
        let outcome = at_once(&[1, 2, 3, 4, 5], 1, |item| {
            begun.fetch_add(1, Ordering::Relaxed);
            if *item == 2 { Err(*item) } else { Ok(()) }
        });
        assert_eq!((outcome, begun.into_inner()), (Err(2), 2));
    }
}
