//! How many files and connections the process may have open, and what follows from it.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept for everything that is no client: the database, the issuer, the log, and what a worker is made of.
const KEPT: u64 = 128;

/// No worker takes more connections than this, whatever the system would allow.
const MOST_OF_WORKER: u64 = 25_600;

/// No worker takes fewer.
const LEAST_OF_WORKER: u64 = 16;

/// Takes as many as the system gives without asking anybody: the soft limit, which is 1024 on most systems for the sake
/// of old programs, is raised to the hard one. What came of it is the limit.
pub(crate) fn take_all() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })
    {
        log::warn!("the limit of open files stays at {:?}: {error}", limit.current);
    }
    // None is no limit at all.
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// How many connections each worker takes of so many files. Beyond them new ones wait, unaccepted, for one that ends, so
/// that there is always a file for the database and the issuer.
pub(crate) fn connections_of_worker(files: u64, workers: usize) -> usize {
    let workers = u64::try_from(workers).unwrap_or(u64::MAX).max(1);
    let share = files.saturating_sub(KEPT) / workers;
    usize::try_from(share.clamp(LEAST_OF_WORKER, MOST_OF_WORKER)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_share_what_the_rest_of_the_process_leaves() {
        for (files, workers, connections) in [
            (1_024, 2, 448),
            (1_024, 1, 896),
            (256, 2, 64),
            (100, 2, 16),
            (0, 0, 16),
            (524_288, 2, 25_600),
            (u64::MAX, 64, 25_600),
        ] {
            assert_eq!(connections_of_worker(files, workers), connections, "{files} files, {workers} workers");
        }
    }

    #[test]
    fn nothing_is_left_of_the_soft_limit() {
        let taken = take_all();
        assert_eq!(Some(taken), getrlimit(Resource::Nofile).maximum.or(Some(u64::MAX)));
        assert_eq!(take_all(), taken);
    }
}
