//! The port to a place where an issuer's keys outlive the process.

use std::time::Duration;

use crate::{RepositoryError, UnixTime};

/// Keeps the last good key set of each issuer, so that a restart during an outage of the issuer serves at once, and nodes
/// that share a database share its keys.
pub trait KeySetStore: Send + Sync {
    /// The set that was kept last, if any.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] or [`RepositoryError::Failed`].
    fn load_key_set(&self, issuer: &str) -> Result<Option<StoredKeySet>, RepositoryError>;

    /// Keeps a set in place of the one before, unless that one was fetched later: see [`StoredKeySet::gives_way_to`].
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] or [`RepositoryError::Failed`].
    fn store_key_set(&self, issuer: &str, set: &StoredKeySet) -> Result<(), RepositoryError>;
}

/// A key set as the issuer published it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKeySet {
    /// The JSON document, to be judged again by whoever loads it.
    pub document: String,
    /// When the issuer gave it.
    pub fetched_at: UnixTime,
}

impl StoredKeySet {
    /// So far apart the clocks of nodes may be. A set that seems to have been fetched by more than this after one which is to
    /// be kept now was dated by a clock that runs ahead.
    pub const CLOCKS_APART: Duration = Duration::from_secs(60);

    /// Up to when a set may have been fetched that this one must not replace, because it is newer. What lies beyond has not
    /// come yet, and would keep out every set until then.
    #[must_use]
    pub fn outdone_up_to(&self) -> UnixTime {
        self.fetched_at.plus(Self::CLOCKS_APART)
    }

    /// Whether the other one takes this one's place: it is as new, or this one is of a time to come.
    #[must_use]
    pub fn gives_way_to(&self, other: &Self) -> bool {
        self.fetched_at <= other.fetched_at || self.fetched_at > other.outdone_up_to()
    }
}
