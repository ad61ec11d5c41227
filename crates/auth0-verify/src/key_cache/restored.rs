//! What an earlier process or another node has kept of the keys.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use domain::{UnixTime, in_one_line};

use super::KeyCache;
use crate::key_holding::HeldKeys;
use crate::key_set::KeySet;

impl KeyCache {
    /// Takes over what an earlier process or another node has kept, once.
    pub(super) fn restore(&self) {
        let Some(archive) = self.archive.as_ref().filter(|_| !self.restored.load(Ordering::Acquire)) else { return };
        let _turn = self.restoring.lock().unwrap_or_else(PoisonError::into_inner);
        if self.restored.load(Ordering::Acquire) {
            return;
        }
        match archive.load() {
            Ok(kept) => {
                self.restored.store(true, Ordering::Release);
                if let Some((set, fetched_at)) = kept {
                    self.take_over(set, fetched_at);
                }
            }
            Err(error) => log::warn!("the kept keys of the issuer could not be read: {}", in_one_line(&error)),
        }
    }

    /// Holds a kept set if it is newer than the one in use. What its issuer said of it is not known any more.
    pub(super) fn take_over(&self, set: KeySet, fetched_at: UnixTime) {
        // A time to come is that of another clock: such a set is as old as the clocks are apart, and not new for that long.
        let now = self.clock.now();
        let (age_then, since) = (now.since(fetched_at).max(fetched_at.since(now)), self.clock.uptime());
        let count = set.count();
        if self.hold_if_newer(set, fetched_at, (age_then, since)) {
            log::info!("took over {count} kept keys of the issuer, {} s old", age_then.as_secs());
        }
    }

    /// Whether it was, and is held. Compared and replaced under one lock: what a fetch brings meanwhile is newer than both.
    fn hold_if_newer(&self, set: KeySet, fetched_at: UnixTime, (age_then, since): (Duration, Duration)) -> bool {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        // Uptime is finer than a kept time: by age alone a set would be newer than itself, and what was said of it forgotten.
        let is_newer = held.as_ref().is_none_or(|held| held.fetched_at != fetched_at && held.age(since) > age_then);
        if is_newer {
            let (max_age, set) = (self.policy.max_age, Self::with_known_keys(set, held.as_deref()));
            *held = Some(Arc::new(HeldKeys { set, validator: None, max_age, fetched_at, age_then, since }));
        }
        is_newer
    }
}
