//! What asking for a key brings.

use std::sync::Arc;

use crate::jwk::PublicKey;

/// What the cache knows of a `kid` without asking anybody.
#[derive(Debug)]
pub enum CachedKey {
    /// The key.
    Known(Arc<PublicKey>),
    /// The issuer has no such key, as far as we may ask.
    Unknown,
    /// No keys, or the last fetch failed: nobody can tell at present, and we may not ask again yet.
    Unavailable(KeysUnavailable),
    /// A fetch would tell; see [`KeyCache::find`](crate::KeyCache::find).
    FetchWouldTell,
}

/// The issuer's keys could not be obtained.
#[derive(Clone, Debug, thiserror::Error)]
#[error("no current keys of the issuer: {reason}")]
pub struct KeysUnavailable {
    pub(crate) reason: Arc<str>,
}

/// Why [`KeyCache::find`](crate::KeyCache::find) brought no key.
#[derive(Debug)]
pub enum KeyLookupError {
    /// The issuer has no such key.
    Unknown,
    /// The issuer could not be asked.
    Unavailable(KeysUnavailable),
}
