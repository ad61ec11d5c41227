//! The keys of one issuer: kept, refreshed, and never a reason to wait for a known `kid`.

mod restored;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError};
use std::time::Duration;

use domain::{Clock, FetchOutcome, KeyReadiness, KeyReport, in_one_line};
use ureq::http::StatusCode;

use crate::cache_policy::CachePolicy;
use crate::fetch_ledger::FetchLedger;
use crate::jwk::{KeySerial, PublicKey};
use crate::key_answer::{AnsweredKeys, KeyAnswer};
use crate::key_archive::KeyArchive;
use crate::key_fetch::{FetchError, KeyFetcher, attempt};
use crate::key_holding::HeldKeys;
use crate::key_id::KeyId;
use crate::key_lookup::{CachedKey, KeyLookupError};
use crate::key_set::KeySet;

/// The cache. Cheap to read from any number of threads; one fetch at a time, ever.
pub struct KeyCache {
    fetcher: Arc<dyn KeyFetcher>,
    clock: Arc<dyn Clock>,
    policy: CachePolicy,
    archive: Option<KeyArchive>,
    /// Whether the archive has answered, or need not be asked any more; from then on only failures lead there.
    restored: AtomicBool,
    /// Held while the archive is asked at start.
    restoring: Mutex<()>,
    /// The newest set that parsed whole. Locked only to copy the pointer or to replace it.
    held: RwLock<Option<Arc<HeldKeys>>>,
    /// What was tried and may be tried. Never locked during a fetch.
    ledger: Mutex<FetchLedger>,
    /// Held for the length of a fetch.
    flight: Mutex<()>,
    stale_uses: AtomicU64,
}

impl KeyCache {
    /// An empty cache. Nothing is fetched before the first [`find`](Self::find) or
    /// [`refresh_if_due`](Self::refresh_if_due).
    #[must_use]
    pub fn new(fetcher: Arc<dyn KeyFetcher>, clock: Arc<dyn Clock>, policy: CachePolicy) -> Self {
        let (now, policy) = (clock.uptime(), policy.within_bounds());
        Self {
            fetcher,
            policy,
            archive: None,
            restored: AtomicBool::new(false),
            restoring: Mutex::new(()),
            held: RwLock::new(None),
            ledger: Mutex::new(FetchLedger::open(&policy, now)),
            flight: Mutex::new(()),
            stale_uses: AtomicU64::new(0),
            clock,
        }
    }

    /// The same with a place where the keys outlive this process and are shared with others.
    #[must_use]
    pub fn with_archive(self, archive: KeyArchive) -> Self {
        Self { archive: Some(archive), ..self }
    }

    /// What is known of a key at this moment. Never waits.
    #[must_use]
    pub fn cached(&self, id: &KeyId) -> CachedKey {
        if let Some(key) = self.known(id) {
            return CachedKey::Known(key);
        }
        let mut ledger = self.ledger();
        if ledger.fetch_would_tell(self.clock.uptime()) {
            return CachedKey::FetchWouldTell;
        }
        match ledger.verdict(self.has_usable_keys()) {
            KeyLookupError::Unknown => CachedKey::Unknown,
            KeyLookupError::Unavailable(trouble) => CachedKey::Unavailable(trouble),
        }
    }

    /// The key of that name, after one fetch if it is not known and the budget allows it. Waits for a fetch under way
    /// rather than to begin another; and for nobody's but its own while fetches fail.
    ///
    /// # Errors
    /// [`KeyLookupError`] tells a key that does not exist from an issuer that cannot be asked.
    pub fn find(&self, id: &KeyId) -> Result<Arc<PublicKey>, KeyLookupError> {
        if let Some(key) = self.known(id) {
            return Ok(key);
        }
        let (begun_before, failed_before) = self.ledger().so_far();
        self.restore();
        if let Some(key) = self.known(id) {
            return Ok(key);
        }
        let flight = self.turn_to_fetch();
        if let Some(key) = self.known(id) {
            return Ok(key);
        }
        // A fetch that began before this call may have been answered before a rotation; one that began after it, or that
        // failed after it, speaks for this call, too.
        let mut ledger = self.ledger();
        let (begun, failed) = ledger.so_far();
        let answered_meanwhile = flight.is_none() || begun > begun_before || failed > failed_before;
        if !answered_meanwhile && ledger.budget.take(self.clock.uptime()) {
            drop(ledger);
            self.fetch();
            if let Some(key) = self.known(id) {
                return Ok(key);
            }
            ledger = self.ledger();
        }
        Err(ledger.verdict(self.has_usable_keys()))
    }

    /// Whether this very key may still be used. Counts as a use of it. Never waits.
    pub(crate) fn still_uses(&self, key: KeySerial) -> bool {
        self.used(|set| set.holds(key).then_some(())).is_some()
    }

    /// Fetches if it is time to: at start, at 80 % of the keys' greatest age, and again after a failure. To be called often,
    /// off the request's path; [`KeyRefresher`](crate::KeyRefresher) does.
    pub fn refresh_if_due(&self) {
        if !self.ledger().schedule.is_due(self.clock.uptime()) {
            return;
        }
        std::thread::scope(|scope| {
            // What was kept is read while the issuer is asked: whichever comes first lets tokens be judged.
            let begun = std::thread::Builder::new().spawn_scoped(scope, || self.restore());
            begun.map_or_else(|_| self.restore(), drop);
            let Some(_flight) = self.turn_if_free() else { return };
            if self.ledger().schedule.is_due(self.clock.uptime()) {
                self.fetch();
            }
        });
    }

    /// How the keys stand.
    #[must_use]
    pub fn report(&self) -> KeyReport {
        let held = self.newest();
        let (now, ledger) = (self.clock.uptime(), self.ledger());
        let age = held.as_ref().map(|held| held.age(now));
        let readiness = held.as_ref().map_or(KeyReadiness::Missing, |held| held.readiness(now, &self.policy));
        KeyReport {
            readiness,
            age,
            keys: held.map_or(0, |held| held.set.count()),
            fetched: ledger.fetched,
            not_modified: ledger.not_modified,
            fetch_failures: ledger.failed,
            last_fetch: ledger.last,
            stale_uses: self.stale_uses.load(Ordering::Relaxed),
        }
    }

    /// The age by which keys are replaced.
    pub(crate) fn max_age(&self) -> Duration {
        self.policy.max_age
    }

    /// The flight lock, which is waited for: what comes of the fetch under way is wanted. `None`: that one is another
    /// attempt after a failure, and may well take all of its time in vain.
    fn turn_to_fetch(&self) -> Option<MutexGuard<'_, ()>> {
        if !self.ledger().in_trouble() {
            return Some(self.flight.lock().unwrap_or_else(PoisonError::into_inner));
        }
        self.turn_if_free()
    }

    /// The flight lock; `None` while a fetch is under way. One that ended in a panic is not.
    fn turn_if_free(&self) -> Option<MutexGuard<'_, ()>> {
        match self.flight.try_lock() {
            Ok(flight) => Some(flight),
            Err(TryLockError::Poisoned(flight)) => Some(flight.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// One fetch. The caller holds the flight lock.
    fn fetch(&self) {
        let held = self.newest();
        let mut ledger = self.ledger();
        ledger.begun += 1;
        // After a failure the set is asked for whole: no validator must come between us and the keys for long.
        let known = held.filter(|held| held.validator.is_some() && !ledger.in_trouble());
        drop(ledger);
        let answer = attempt(&*self.fetcher, known.as_ref().and_then(|held| held.validator.as_ref()));
        match answer.and_then(|answer| self.judge(answer, known)) {
            Ok((held, outcome)) => self.renew(held, outcome),
            Err(error) => self.make_do(&error),
        }
    }

    /// What is to be held from now on.
    fn judge(&self, answer: KeyAnswer, known: Option<Arc<HeldKeys>>) -> Result<(HeldKeys, FetchOutcome), FetchError> {
        let (fetched_at, age_then, since) = (self.clock.now(), Duration::ZERO, self.clock.uptime());
        match (answer.keys, known) {
            (AnsweredKeys::Set(set, validator), _) => {
                let max_age = self.policy.max_age_of(answer.freshness);
                let set = Self::with_known_keys(set, self.newest().as_deref());
                Ok((HeldKeys { set, validator, max_age, fetched_at, age_then, since }, FetchOutcome::Fetched))
            }
            (AnsweredKeys::NotModified, Some(held)) => {
                // What is not said anew stays as it was (RFC 9111 §4.3.4).
                let max_age = answer.freshness.map_or(held.max_age, |stated| self.policy.max_age_of(Some(stated)));
                let (set, validator) = (Arc::clone(&held.set), held.validator.clone());
                Ok((HeldKeys { set, validator, max_age, fetched_at, age_then, since }, FetchOutcome::NotModified))
            }
            (AnsweredKeys::NotModified, None) => Err(FetchError::Status(StatusCode::NOT_MODIFIED)),
        }
    }

    fn renew(&self, held: HeldKeys, outcome: FetchOutcome) {
        log::debug!("the issuer has {} keys ({outcome:?})", held.set.count());
        let (now, max_age, fetched_at, set) = (held.since, held.max_age, held.fetched_at, Arc::clone(&held.set));
        self.hold(held);
        self.ledger().succeeded(now, outcome, max_age);
        // Nothing that was kept before can be newer.
        self.restored.store(true, Ordering::Release);
        if let Some(archive) = &self.archive {
            archive.keep(&set, fetched_at);
        }
    }

    fn make_do(&self, error: &FetchError) {
        let reason = in_one_line(error);
        log::warn!("fetching the issuer's keys failed: {reason}");
        // Another node may have had more luck.
        if let Some(Ok(Some((set, fetched_at)))) = self.archive.as_ref().map(KeyArchive::load) {
            self.take_over(set, fetched_at);
        }
        let has_keys = self.has_usable_keys();
        self.ledger().failed(self.clock.uptime(), &self.policy, has_keys, reason.into());
    }

    fn hold(&self, held: HeldKeys) {
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(held));
    }

    /// The set, with the keys that were known before as they were held.
    fn with_known_keys(set: KeySet, held: Option<&HeldKeys>) -> Arc<KeySet> {
        Arc::new(match held {
            Some(earlier) => set.keeping(&earlier.set),
            None => set,
        })
    }

    /// The key of that name in the set in use.
    fn known(&self, id: &KeyId) -> Option<Arc<PublicKey>> {
        self.used(|set| set.find(id))
    }

    /// What is found in the set in use. Counts the use where something is.
    fn used<T>(&self, find: impl FnOnce(&KeySet) -> Option<T>) -> Option<T> {
        let now = self.clock.uptime();
        // Looked into under the lock: no counter that all requests share is touched but the lock's own.
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let (set, readiness) = held.as_ref().map(|held| (&held.set, held.readiness(now, &self.policy)))?;
        if readiness == KeyReadiness::Missing {
            return None;
        }
        let found = find(set)?;
        if readiness != KeyReadiness::Fresh {
            self.stale_uses.fetch_add(1, Ordering::Relaxed);
        }
        Some(found)
    }

    fn has_usable_keys(&self) -> bool {
        let now = self.clock.uptime();
        self.newest().is_some_and(|held| held.readiness(now, &self.policy) != KeyReadiness::Missing)
    }

    fn newest(&self) -> Option<Arc<HeldKeys>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn ledger(&self) -> MutexGuard<'_, FetchLedger> {
        // Each change to the ledger leaves it whole, so a panic elsewhere does not spoil it.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyCache").field("report", &self.report()).finish_non_exhaustive()
    }
}
