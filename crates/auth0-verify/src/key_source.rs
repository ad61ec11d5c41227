//! Who is trusted, where their keys come from, and how those are kept.

use std::fmt;
use std::sync::Arc;

use domain::{Clock, KeySetStore};

use crate::Issuer;
use crate::cache_policy::CachePolicy;
use crate::key_archive::KeyArchive;
use crate::key_cache::KeyCache;
use crate::key_fetch::HttpKeyFetcher;

/// An issuer and its own keys: a key of one issuer never verifies a token of another.
#[derive(Clone, Debug)]
pub struct TrustedIssuer {
    /// The `iss` that a token must have, to the byte.
    pub issuer: Issuer,
    /// Where its keys are kept.
    pub keys: Arc<KeyCache>,
}

/// Where keys come from, and how they are kept.
#[derive(Clone)]
pub struct KeySource {
    issuers: Vec<Issuer>,
    policy: CachePolicy,
    store: Option<Arc<dyn KeySetStore>>,
}

impl KeySource {
    /// Each issuer's own key set over HTTP, kept as [`CachePolicy::default`] says.
    #[must_use]
    pub fn of(issuers: Vec<Issuer>) -> Self {
        Self { issuers, policy: CachePolicy::default(), store: None }
    }

    /// The same, kept otherwise.
    #[must_use]
    pub fn kept_by(self, policy: CachePolicy) -> Self {
        Self { policy, ..self }
    }

    /// The same with a store, in which the keys outlive the process and are shared between nodes.
    #[must_use]
    pub fn stored_in(self, store: Arc<dyn KeySetStore>) -> Self {
        Self { store: Some(store), ..self }
    }

    /// The issuers, each with an empty cache of keys.
    pub(crate) fn trusted(&self, clock: &Arc<dyn Clock>) -> Vec<TrustedIssuer> {
        self.issuers.iter().map(|issuer| self.trust(issuer, clock)).collect()
    }

    fn trust(&self, issuer: &Issuer, clock: &Arc<dyn Clock>) -> TrustedIssuer {
        let cache = KeyCache::new(Arc::new(HttpKeyFetcher::new(issuer)), Arc::clone(clock), self.policy);
        let cache = match &self.store {
            Some(store) => cache.with_archive(KeyArchive::new(Arc::clone(store), issuer.clone())),
            None => cache,
        };
        TrustedIssuer { issuer: issuer.clone(), keys: Arc::new(cache) }
    }
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySource")
            .field("issuers", &self.issuers)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
