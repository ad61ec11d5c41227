//! The proofs that one process has seen.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{ProofUse, ReplayStore, RepositoryError, UnixTime, UsedProof};

/// Remembers used proofs in memory, up to a number of them: enough for one node. Several nodes that share it not would
/// each take the same proof once.
///
/// When it is full it refuses rather than forget a proof that still counts.
pub struct InMemoryReplayStore {
    capacity: usize,
    used: Mutex<Used>,
}

#[derive(Default)]
struct Used {
    digests: HashSet<[u8; 32]>,
    /// The same ones, the first to be forgotten in front.
    ends: BTreeSet<(UnixTime, [u8; 32])>,
}

impl InMemoryReplayStore {
    /// About 15 MB when full. With proofs that count for 90 seconds in all, room for 1,100 requests a second.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// How many are forgotten by one call at most: more than it adds, so that memory shrinks, and few enough that no call
    /// pays for all that a busy minute left behind.
    const FORGOTTEN_PER_CALL: usize = 16;

    /// An empty store for so many proofs.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { capacity, used: Mutex::default() }
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        // Nothing between two changes can panic but for want of memory, which ends the process.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Used {
    fn forget_some(&mut self, now: UnixTime) {
        for _ in 0..InMemoryReplayStore::FORGOTTEN_PER_CALL {
            let Some((_, digest)) = self.ends.first().filter(|(end, _)| *end <= now).copied() else { break };
            self.ends.pop_first();
            self.digests.remove(&digest);
        }
    }
}

impl ReplayStore for InMemoryReplayStore {
    fn remember(&self, proof: &UsedProof) -> Result<ProofUse, RepositoryError> {
        let mut used = self.used();
        used.forget_some(proof.used_at);
        if used.digests.contains(&proof.digest) {
            return Ok(ProofUse::Repeated);
        }
        if used.digests.len() >= self.capacity {
            return Err(RepositoryError::Unavailable("as many used proofs as there is room for".into()));
        }
        used.digests.insert(proof.digest);
        used.ends.insert((proof.forget_at, proof.digest));
        Ok(ProofUse::First)
    }

    fn answers_at_once(&self) -> bool {
        true
    }
}

impl Default for InMemoryReplayStore {
    fn default() -> Self {
        Self::with_capacity(Self::DEFAULT_CAPACITY)
    }
}

impl fmt::Debug for InMemoryReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InMemoryReplayStore").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The use of proof number `number` at a second, to be forgotten 90 seconds later.
    fn at(number: u8, secs: i64) -> UsedProof {
        let (used_at, forget_at) = (UnixTime::from_secs(secs), UnixTime::from_secs(secs + 90));
        UsedProof { digest: [number; 32], used_at, forget_at }
    }

    fn remember(store: &InMemoryReplayStore, proof: UsedProof) -> Option<ProofUse> {
        store.remember(&proof).ok()
    }

    #[test]
    fn a_proof_is_new_once() {
        let store = InMemoryReplayStore::default();
        assert_eq!(remember(&store, at(1, 0)), Some(ProofUse::First));
        assert_eq!(remember(&store, at(1, 0)), Some(ProofUse::Repeated));
        assert_eq!(remember(&store, at(1, 89)), Some(ProofUse::Repeated));
        assert_eq!(remember(&store, at(2, 89)), Some(ProofUse::First));
    }

    #[test]
    fn a_full_store_refuses_rather_than_forget_what_still_counts() {
        let store = InMemoryReplayStore::with_capacity(2);
        assert_eq!(remember(&store, at(1, 0)), Some(ProofUse::First));
        assert_eq!(remember(&store, at(2, 10)), Some(ProofUse::First));
        assert!(matches!(store.remember(&at(3, 89)), Err(RepositoryError::Unavailable(_))));
        assert_eq!(remember(&store, at(2, 89)), Some(ProofUse::Repeated), "known ones are still told");
        assert_eq!(remember(&store, at(3, 90)), Some(ProofUse::First), "the first is forgotten");
        assert!(store.remember(&at(4, 90)).is_err());
    }

    #[test]
    fn what_a_busy_minute_left_behind_is_forgotten_bit_by_bit() {
        let store = InMemoryReplayStore::default();
        for number in 0..100 {
            assert_eq!(remember(&store, at(number, 0)), Some(ProofUse::First));
        }
        for number in 100..110 {
            let before = store.used().digests.len();
            assert_eq!(remember(&store, at(number, 1000)), Some(ProofUse::First));
            let now = store.used().digests.len();
            assert!(now <= before.saturating_sub(15).max(number.into()), "{before} before, {now} now");
        }
        assert_eq!(store.used().digests.len(), 10);
        assert_eq!(store.used().ends.len(), 10);
    }

    #[test]
    fn of_many_calls_at_once_one_is_the_first() {
        let store = InMemoryReplayStore::default();
        let firsts: usize = std::thread::scope(|scope| {
            let calls: Vec<_> = (0..8).map(|_| scope.spawn(|| remember(&store, at(1, 0)))).collect();
            calls.into_iter().filter_map(|call| call.join().ok()).filter(|told| *told == Some(ProofUse::First)).count()
        });
        assert_eq!(firsts, 1);
    }
}
