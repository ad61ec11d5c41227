//! The port to a place where an issuer's keys outlive the process.

use crate::{RepositoryError, UnixTime};

/// Keeps the last good key set of each issuer, so that a restart during an outage of the issuer serves at once, and nodes
/// that share a database share its keys.
pub trait KeySetStore: Send + Sync {
    /// The set that was kept last, if any.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] or [`RepositoryError::Failed`].
    fn load_key_set(&self, issuer: &str) -> Result<Option<StoredKeySet>, RepositoryError>;

    /// Keeps a set in place of the one before, unless that one was fetched later.
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
