//! What can be seen of the lanes from outside.

use std::sync::atomic::{AtomicU64, Ordering};

/// How the lanes of a database are doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueReport {
    /// Users being looked up.
    pub lookups: LaneReport,
    /// Logins being written, many at a time.
    pub logins: LaneReport,
    /// Logins that need a transaction of their own.
    pub single_logins: LaneReport,
}

/// How one lane is doing. Counters begin with the database's opening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaneReport {
    /// How many questions wait.
    pub depth: usize,
    /// How many may.
    pub capacity: usize,
    /// Batches that were begun.
    pub batches: u64,
    /// Questions in them.
    pub questions: u64,
    /// Questions refused because the lane was full.
    pub overflows: u64,
    /// Questions that waited for too long, and whose statement took too long.
    pub expired: u64,
    /// Whether there is a connection that answers.
    pub connected: bool,
}

/// The counters of a lane.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) batches: Counter,
    pub(super) questions: Counter,
    pub(super) overflows: Counter,
    pub(super) expired: Counter,
}

#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, more: usize) {
        self.0.fetch_add(u64::try_from(more).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
