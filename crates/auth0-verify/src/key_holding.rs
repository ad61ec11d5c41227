//! A key set in use, and for how long it is good.

use std::sync::Arc;
use std::time::Duration;

use domain::{KeyReadiness, UnixTime};

use crate::KeySet;
use crate::cache_policy::CachePolicy;
use crate::fetch_validator::Validator;

/// The set, and what its issuer said about it.
pub(crate) struct HeldKeys {
    pub(crate) set: Arc<KeySet>,
    /// By what the issuer recognises it.
    pub(crate) validator: Option<Validator>,
    /// The age by which it is to be replaced.
    pub(crate) max_age: Duration,
    /// When its issuer gave it, by the wall clock: under that time it is kept.
    pub(crate) fetched_at: UnixTime,
    /// How old it was when it was taken into use, and when that was.
    pub(crate) age_then: Duration,
    pub(crate) since: Duration,
}

impl HeldKeys {
    pub(crate) fn age(&self, now: Duration) -> Duration {
        self.age_then.saturating_add(now.saturating_sub(self.since))
    }

    /// Whether the set may be used, and whether it should have been replaced.
    pub(crate) fn readiness(&self, now: Duration, policy: &CachePolicy) -> KeyReadiness {
        let age = self.age(now);
        if age <= self.max_age {
            KeyReadiness::Fresh
        } else if age <= policy.stale_if_error {
            KeyReadiness::Stale
        } else {
            KeyReadiness::Missing
        }
    }
}
