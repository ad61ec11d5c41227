//! What is counted of syncs.

use domain::{Saved, SyncError};
use prometheus::Registry;

use super::striped::{Striped, StripedFamily};

/// The counters of the syncs of a user with the table.
#[derive(Debug)]
pub(super) struct SyncMetrics {
    created: Striped,
    updated: Striped,
    unchanged: Striped,
    conflict: Striped,
    forbidden: Striped,
    unavailable: Striped,
    failed: Striped,
}

impl SyncMetrics {
    pub(super) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let mut outcomes =
            StripedFamily::new("authsync_syncs_total", "Syncs of a user with the table, by outcome.", "outcome")?;
        let metrics = Self {
            created: outcomes.counter("created"),
            updated: outcomes.counter("updated"),
            unchanged: outcomes.counter("unchanged"),
            conflict: outcomes.counter("conflict"),
            forbidden: outcomes.counter("forbidden"),
            unavailable: outcomes.counter("unavailable"),
            failed: outcomes.counter("failed"),
        };
        registry.register(Box::new(outcomes))?;
        Ok(metrics)
    }

    pub(super) fn again(&self) {
        self.unchanged.inc();
    }

    pub(super) fn ended(&self, outcome: &Result<Saved, SyncError>) {
        let counter = match outcome {
            Ok(Saved::Created(_)) => &self.created,
            Ok(Saved::Updated(_)) => &self.updated,
            Ok(Saved::Unchanged(_)) => &self.unchanged,
            Err(SyncError::EmailTaken) => &self.conflict,
            Err(SyncError::NotYourIdentity | SyncError::UnknownToAuth0 | SyncError::Blocked) => &self.forbidden,
            Err(SyncError::Unavailable(_)) => &self.unavailable,
            Err(SyncError::Failed(_)) => &self.failed,
        };
        counter.inc();
    }
}
