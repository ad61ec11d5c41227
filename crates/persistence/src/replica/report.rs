//! What can be seen of a standby from outside.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How a standby is doing. Counters begin with the database's opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaReport {
    /// Whether lookups go there, or why not.
    pub state: ReplicaState,
    /// How old the last proof is that it shows everything; none where there was none yet.
    pub lag: Option<Duration>,
    /// Lookups that it answered.
    pub answered: u64,
    /// Lookups that it answered with nobody who may come in, so that the primary was asked as well.
    pub asked_again: u64,
    /// Lookups that went to the primary because the user had just been written here.
    pub just_written: u64,
    /// Lookups that went to the primary because the standby was not proven to be current.
    pub not_current: u64,
    /// Lookups that the standby failed to answer, so that they went to the primary.
    pub failed: u64,
}

/// Whether a standby may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplicaState {
    /// It is.
    Current,
    /// It has not replayed what the primary committed, or the primary does not say.
    Behind,
    /// It does not answer, or has not been reached yet.
    OutOfReach,
    /// It follows no primary.
    NoStandby,
    /// It is of another cluster, or another database.
    Stranger,
    /// It follows the log of another server of this cluster, as one does that was left behind by a failover; or it has not said yet
    /// that it follows this one's.
    Diverged,
}

impl ReplicaState {
    /// One word.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Behind => "behind",
            Self::OutOfReach => "unreachable",
            Self::NoStandby => "no_standby",
            Self::Stranger => "other_database",
            Self::Diverged => "diverged",
        }
    }
}

/// The counters.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(super) answered: AtomicU64,
    pub(super) asked_again: AtomicU64,
    pub(super) just_written: AtomicU64,
    pub(super) not_current: AtomicU64,
    pub(super) failed: AtomicU64,
}

impl Counters {
    pub(super) fn one(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn report(&self, state: ReplicaState, lag: Option<Duration>) -> ReplicaReport {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ReplicaReport {
            state,
            lag,
            answered: read(&self.answered),
            asked_again: read(&self.asked_again),
            just_written: read(&self.just_written),
            not_current: read(&self.not_current),
            failed: read(&self.failed),
        }
    }
}
