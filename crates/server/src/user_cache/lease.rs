//! For how long memory may be believed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How far behind the table an answer from memory can be, whatever breaks: a row may have changed right after the last
/// proof that no change was missed. Short of the second that is promised, and several times as long as two proofs are
/// apart, so that a busy machine does not lose its memory.
pub const LEASE: Duration = Duration::from_millis(800);

/// The last proof, as nanoseconds of uptime from 1; 0: there was none yet.
#[derive(Debug, Default)]
pub(super) struct Lease(AtomicU64);

impl Lease {
    /// Everything that had changed by this moment has been told.
    pub(super) fn prove(&self, moment: Duration) {
        let nanos = u64::try_from(moment.as_nanos()).unwrap_or(u64::MAX).max(1);
        self.0.fetch_max(nanos, Ordering::SeqCst);
    }

    /// The moment of the last proof.
    pub(super) fn proven(&self) -> Option<Duration> {
        Some(self.0.load(Ordering::SeqCst)).filter(|nanos| *nanos > 0).map(Duration::from_nanos)
    }

    /// Whether the last proof is young enough.
    pub(super) fn holds(&self, now: Duration) -> bool {
        self.proven().is_some_and(|proven| now.saturating_sub(proven) < LEASE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_for_a_time_after_each_proof_and_never_before_the_first() {
        let lease = Lease::default();
        assert!(!lease.holds(Duration::ZERO));
        lease.prove(Duration::from_secs(10));
        assert!(lease.holds(Duration::from_secs(10)));
        assert!(lease.holds(Duration::from_secs(10) + LEASE - Duration::from_nanos(1)));
        assert!(!lease.holds(Duration::from_secs(10) + LEASE));
        lease.prove(Duration::from_secs(9));
        assert_eq!(lease.proven(), Some(Duration::from_secs(10)), "an older proof takes nothing back");
    }
}
