//! What is counted about users in memory.

use prometheus::{IntCounter, IntGauge, Registry};

use super::{counters, registered};

/// The counters of the memory of users; a clone counts into the same.
#[derive(Clone, Debug)]
pub struct UserMetrics {
    hits: IntCounter,
    misses: IntCounter,
    bypassed: IntCounter,
    stale: IntCounter,
    entries: IntGauge,
    dropped_one: IntCounter,
    dropped_all: IntCounter,
}

impl UserMetrics {
    pub(super) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let lookups = counters(
            registry,
            "authsync_user_cache_lookups_total",
            "Users looked up in memory: hit, miss, or bypassed because changes of users go unseen at present.",
            &["outcome"],
        )?;
        let dropped = counters(
            registry,
            "authsync_user_cache_invalidations_total",
            "Word of changes: of one user, or of any (all users in memory).",
            &["of"],
        )?;
        let stale = IntCounter::new(
            "authsync_users_served_stale_total",
            "Users confirmed as they were last known, because the users table was out of reach.",
        )?;
        let entries = IntGauge::new("authsync_user_cache_entries", "Users in memory.")?;
        Ok(Self {
            hits: lookups.with_label_values(&["hit"]),
            misses: lookups.with_label_values(&["miss"]),
            bypassed: lookups.with_label_values(&["bypassed"]),
            stale: registered(registry, stale)?,
            entries: registered(registry, entries)?,
            dropped_one: dropped.with_label_values(&["one"]),
            dropped_all: dropped.with_label_values(&["any"]),
        })
    }

    /// Counts a look into memory that may be believed.
    pub(crate) fn looked_up(&self, found: bool) {
        if found { &self.hits } else { &self.misses }.inc();
    }

    /// Counts a look that was left, because memory may not be believed.
    pub(crate) fn bypassed(&self) {
        self.bypassed.inc();
    }

    /// Counts an answer from what was last known.
    pub(crate) fn served_stale(&self) {
        self.stale.inc();
    }

    /// Counts word of a change of one user.
    pub(crate) fn dropped_one(&self) {
        self.dropped_one.inc();
    }

    /// Counts word that any user may have changed.
    pub(crate) fn dropped_all(&self) {
        self.dropped_all.inc();
    }

    /// How many users there are in memory.
    pub(crate) fn holds(&self, users: usize) {
        self.entries.set(i64::try_from(users).unwrap_or(i64::MAX));
    }
}
