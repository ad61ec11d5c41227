//! The keys of one issuer: kept, refreshed, and never a reason to wait for a known `kid`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use domain::{Clock, KeyReadiness, KeyReport};

use crate::fetch_budget::FetchBudget;
use crate::jwk::PublicKey;
use crate::key_fetch::{FetchError, KeyFetcher};
use crate::key_set::{KeyId, KeySet};
use crate::refresh_schedule::RefreshSchedule;

/// How long keys are used and how often they may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachePolicy {
    /// The age by which keys are replaced, so that a withdrawn key stops verifying. Refreshed ahead at 80 % of it.
    pub max_age: Duration,
    /// The pause after a failed fetch, and the time in which an unknown `kid` earns one more fetch.
    pub cooldown: Duration,
    /// The age up to which keys serve while the issuer is out of reach. Zero, or anything up to `max_age`: never
    /// beyond `max_age`.
    pub stale_if_error: Duration,
}

impl Default for CachePolicy {
    /// 10 minutes, 30 seconds, 24 hours.
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(600),
            cooldown: Duration::from_secs(30),
            stale_if_error: Duration::from_secs(86_400),
        }
    }
}

/// What the cache knows of a `kid` without asking anybody.
#[derive(Debug)]
pub enum CachedKey {
    /// The key.
    Known(Arc<PublicKey>),
    /// The issuer has no such key, as far as we may ask.
    Unknown,
    /// No keys, or the last fetch failed: nobody can tell at present, and we may not ask again yet.
    Unavailable(KeysUnavailable),
    /// A fetch would tell; see [`KeyCache::find`].
    FetchWouldTell,
}

/// The issuer's keys could not be obtained.
#[derive(Clone, Debug, thiserror::Error)]
#[error("no current keys of the issuer: {reason}")]
pub struct KeysUnavailable {
    reason: Arc<str>,
}

/// Why [`KeyCache::find`] brought no key.
#[derive(Debug)]
pub enum KeyLookupError {
    /// The issuer has no such key.
    Unknown,
    /// The issuer could not be asked.
    Unavailable(KeysUnavailable),
}

/// The cache. Cheap to read from any number of threads; one fetch at a time, ever.
pub struct KeyCache {
    fetcher: Arc<dyn KeyFetcher>,
    clock: Arc<dyn Clock>,
    policy: CachePolicy,
    /// The newest set that parsed whole. Locked only to copy the pointer or to replace it.
    held: RwLock<Option<Held>>,
    /// What was tried and may be tried. Never locked during a fetch.
    ledger: Mutex<Ledger>,
    /// Held for the length of a fetch.
    flight: Mutex<()>,
    stale_uses: AtomicU64,
}

#[derive(Clone)]
struct Held {
    set: Arc<KeySet>,
    fetched_at: Duration,
}

struct Ledger {
    budget: FetchBudget,
    schedule: RefreshSchedule,
    /// Fetches begun since start: tells a waiter whether one began after it came.
    begun: u64,
    fetched: u64,
    failed: u64,
    /// Why the last fetch failed; `None` after a good one.
    trouble: Option<KeysUnavailable>,
}

impl KeyCache {
    /// An empty cache. Nothing is fetched before the first [`find`](Self::find) or
    /// [`refresh_if_due`](Self::refresh_if_due).
    #[must_use]
    pub fn new(fetcher: Arc<dyn KeyFetcher>, clock: Arc<dyn Clock>, policy: CachePolicy) -> Self {
        let now = clock.uptime();
        Self {
            fetcher,
            policy,
            held: RwLock::new(None),
            ledger: Mutex::new(Ledger {
                budget: FetchBudget::full(policy.cooldown, now),
                schedule: RefreshSchedule::due_at(now),
                begun: 0,
                fetched: 0,
                failed: 0,
                trouble: None,
            }),
            flight: Mutex::new(()),
            stale_uses: AtomicU64::new(0),
            clock,
        }
    }

    /// What is known of a key at this moment. Never waits.
    #[must_use]
    pub fn cached(&self, id: &KeyId) -> CachedKey {
        let held = self.usable();
        if let Some(key) = held.as_ref().and_then(|held| held.set.find(id)) {
            return CachedKey::Known(key);
        }
        let mut ledger = self.ledger();
        if ledger.in_flight() || ledger.budget.has_one(self.clock.uptime()) {
            return CachedKey::FetchWouldTell;
        }
        match ledger.verdict(held.is_some()) {
            KeyLookupError::Unknown => CachedKey::Unknown,
            KeyLookupError::Unavailable(trouble) => CachedKey::Unavailable(trouble),
        }
    }

    /// The key of that name, after one fetch if it is not known and the budget allows it. Waits for a fetch under way
    /// rather than to begin another.
    ///
    /// # Errors
    /// [`KeyLookupError`] tells a key that does not exist from an issuer that cannot be asked.
    pub fn find(&self, id: &KeyId) -> Result<Arc<PublicKey>, KeyLookupError> {
        let begun_before = self.ledger().begun;
        if let CachedKey::Known(key) = self.cached(id) {
            return Ok(key);
        }
        let _flight = self.flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = self.usable().and_then(|held| held.set.find(id)) {
            return Ok(key);
        }
        // A fetch that began before this call may have been answered before a rotation; one that began after it
        // speaks for this call, too.
        let mut ledger = self.ledger();
        let answered_meanwhile = ledger.begun > begun_before;
        if !answered_meanwhile && ledger.budget.take(self.clock.uptime()) {
            drop(ledger);
            self.fetch();
            if let Some(key) = self.usable().and_then(|held| held.set.find(id)) {
                return Ok(key);
            }
            ledger = self.ledger();
        }
        Err(ledger.verdict(self.usable().is_some()))
    }

    /// Fetches if it is time to: at start, at 80 % of the greatest age, and again some time after a failure. To be called
    /// often, off the request's path; [`KeyRefresher`](crate::KeyRefresher) does.
    pub fn refresh_if_due(&self) {
        if !self.ledger().schedule.is_due(self.clock.uptime()) {
            return;
        }
        let Ok(_flight) = self.flight.try_lock() else { return };
        // Whoever had the lock may have fetched.
        if self.ledger().schedule.is_due(self.clock.uptime()) {
            self.fetch();
        }
    }

    /// How the keys stand.
    #[must_use]
    pub fn report(&self) -> KeyReport {
        let held = self.newest();
        let age = held.as_ref().map(|held| self.age(held));
        let readiness = match age {
            Some(age) if age <= self.policy.max_age => KeyReadiness::Fresh,
            Some(age) if age <= self.longest_use() => KeyReadiness::Stale,
            _ => KeyReadiness::Missing,
        };
        let ledger = self.ledger();
        KeyReport {
            readiness,
            age,
            keys: held.map_or(0, |held| held.set.count()),
            fetched: ledger.fetched,
            fetch_failures: ledger.failed,
            stale_uses: self.stale_uses.load(Ordering::Relaxed),
        }
    }

    /// How long until an unknown `kid` may cause a fetch again.
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        self.ledger().budget.wait(self.clock.uptime())
    }

    /// One fetch. The caller holds the flight lock.
    fn fetch(&self) {
        self.ledger().begun += 1;
        let outcome = self.fetcher.fetch();
        let now = self.clock.uptime();
        match outcome {
            Ok(set) => {
                log::debug!("fetched {} keys of the issuer", set.count());
                let held = Held { set: Arc::new(set), fetched_at: now };
                *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
                let mut ledger = self.ledger();
                ledger.fetched += 1;
                ledger.schedule.succeeded(now, self.policy.max_age);
                if ledger.trouble.take().is_some() {
                    log::info!("the issuer's keys can be fetched again");
                }
            }
            Err(error) => {
                let trouble = KeysUnavailable { reason: chain(&error).into() };
                log::warn!("fetching the issuer's keys failed: {}", trouble.reason);
                let has_keys = self.usable().is_some();
                let mut ledger = self.ledger();
                ledger.failed += 1;
                ledger.schedule.failed(now, self.policy.cooldown, has_keys);
                ledger.trouble = Some(trouble);
            }
        }
    }

    /// The newest set, while it may be used.
    fn usable(&self) -> Option<Held> {
        let held = self.newest()?;
        let age = self.age(&held);
        if age > self.longest_use() {
            return None;
        }
        if age > self.policy.max_age {
            self.stale_uses.fetch_add(1, Ordering::Relaxed);
        }
        Some(held)
    }

    fn newest(&self) -> Option<Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn age(&self, held: &Held) -> Duration {
        self.clock.uptime().saturating_sub(held.fetched_at)
    }

    fn longest_use(&self) -> Duration {
        self.policy.max_age.max(self.policy.stale_if_error)
    }

    fn ledger(&self) -> std::sync::MutexGuard<'_, Ledger> {
        // Each change to the ledger leaves it whole, so a panic elsewhere does not spoil it.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyCache").field("policy", &self.policy).field("report", &self.report()).finish_non_exhaustive()
    }
}

impl Ledger {
    /// Whether a fetch is under way, whose answer may hold what is looked for.
    fn in_flight(&self) -> bool {
        self.begun > self.fetched + self.failed
    }

    /// What to say of a `kid` that is in no set we hold: that it does not exist, unless the issuer could not be asked.
    fn verdict(&self, has_keys: bool) -> KeyLookupError {
        match &self.trouble {
            Some(trouble) => KeyLookupError::Unavailable(trouble.clone()),
            None if has_keys => KeyLookupError::Unknown,
            None => KeyLookupError::Unavailable(KeysUnavailable { reason: "none fetched yet".into() }),
        }
    }
}

/// An error and its causes in one line.
fn chain(error: &FetchError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
