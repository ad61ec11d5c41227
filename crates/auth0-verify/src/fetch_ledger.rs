//! What was fetched, what failed, and what may be tried.

use std::sync::Arc;
use std::time::Duration;

use domain::FetchOutcome;

use crate::cache_policy::CachePolicy;
use crate::fetch_budget::FetchBudget;
use crate::key_lookup::{KeyLookupError, KeysUnavailable};
use crate::refresh_schedule::RefreshSchedule;

/// The books of one key cache. Looked into for moments only, never for the length of a fetch.
pub(crate) struct FetchLedger {
    pub(crate) budget: FetchBudget,
    pub(crate) schedule: RefreshSchedule,
    /// Fetches begun since start: tells a waiter whether one began after it came.
    pub(crate) begun: u64,
    pub(crate) fetched: u64,
    pub(crate) not_modified: u64,
    pub(crate) failed: u64,
    pub(crate) last: Option<FetchOutcome>,
    /// Why the last fetch failed; `None` after a good one.
    trouble: Option<KeysUnavailable>,
}

impl FetchLedger {
    pub(crate) fn open(policy: &CachePolicy, now: Duration) -> Self {
        Self {
            budget: FetchBudget::full(policy.cooldown, now),
            schedule: RefreshSchedule::due_at(now),
            begun: 0,
            fetched: 0,
            not_modified: 0,
            failed: 0,
            last: None,
            trouble: None,
        }
    }

    /// Whether the last fetch failed.
    pub(crate) fn in_trouble(&self) -> bool {
        self.trouble.is_some()
    }

    /// Whether whoever looks for a `kid` that is not known does well to wait: for the fetch under way, whose answer may hold
    /// it, or for one of their own. While fetches fail, one at a time tries, and nobody waits for it.
    pub(crate) fn fetch_would_tell(&mut self, now: Duration) -> bool {
        let is_under_way = self.begun > self.fetched + self.not_modified + self.failed;
        if is_under_way { !self.in_trouble() } else { self.budget.has_one(now) }
    }

    /// How many fetches were begun, and how many failed.
    pub(crate) fn so_far(&self) -> (u64, u64) {
        (self.begun, self.failed)
    }

    /// What to say of a `kid` that is in no set we hold: that it does not exist, unless the issuer could not be asked.
    pub(crate) fn verdict(&self, has_keys: bool) -> KeyLookupError {
        match &self.trouble {
            Some(trouble) => KeyLookupError::Unavailable(trouble.clone()),
            None if has_keys => KeyLookupError::Unknown,
            None => KeyLookupError::Unavailable(KeysUnavailable { reason: "none fetched yet".into() }),
        }
    }

    /// A fetch brought a set, or word that the one in use is still good, for so long.
    pub(crate) fn succeeded(&mut self, now: Duration, outcome: FetchOutcome, max_age: Duration) {
        match outcome {
            FetchOutcome::NotModified => self.not_modified += 1,
            FetchOutcome::Fetched | FetchOutcome::Failed => self.fetched += 1,
        }
        self.last = Some(outcome);
        self.schedule.succeeded(now, max_age);
        if self.trouble.take().is_some() {
            log::info!("the issuer's keys can be fetched again");
        }
    }

    pub(crate) fn failed(&mut self, now: Duration, policy: &CachePolicy, has_keys: bool, reason: Arc<str>) {
        self.failed += 1;
        self.last = Some(FetchOutcome::Failed);
        self.schedule.failed(now, policy.cooldown, has_keys);
        self.trouble = Some(KeysUnavailable { reason });
    }
}
