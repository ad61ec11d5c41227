//! Verified tokens, kept so that one which comes again costs no signature check.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{TokenCacheReport, VerifiedToken};
use quick_cache::UnitWeighter;
use quick_cache::sync::{Cache, DefaultLifecycle};
use second_sight::SecondSight;

use crate::dpop::Confirmation;
use crate::jwk::KeySerial;
use crate::lifetime::Lifetime;
use crate::token_digest::{DigestPlacing, TokenDigest};

/// A token whose signature was good, and all that has to be judged again whenever it comes.
#[derive(Clone)]
pub(crate) struct KnownToken {
    pub(crate) token: Arc<VerifiedToken>,
    pub(crate) lifetime: Lifetime,
    /// The key that its sender must hold, if it is bound to one.
    pub(crate) confirmation: Option<Confirmation>,
    /// Which of the trusted issuers it names, and which of that issuer's keys signed it.
    pub(crate) issuer: usize,
    pub(crate) key: KeySerial,
}

/// The tokens, by their digests: their text is not kept. Bounded; a token is kept from the second time on that it was
/// found good, so that those which come once neither take up room nor displace others.
pub(crate) struct TokenCache {
    kept: Cache<TokenDigest, KnownToken, UnitWeighter, DigestPlacing>,
    second_sight: SecondSight,
    capacity: usize,
    hits: AtomicU64,
    misses: AtomicU64,
    admissions: AtomicU64,
}

impl TokenCache {
    /// The longest token that is kept, in bytes. It bounds what a token takes up, and what looking for one costs.
    pub(crate) const MAX_TOKEN_BYTES: usize = 4 * 1024;
    /// So many others may come between two sightings of a token, about, before it is forgotten.
    const SIGHTINGS_PER_ENTRY: usize = 4;

    pub(crate) fn of(capacity: usize) -> Self {
        let (weighter, lifecycle) = (UnitWeighter, DefaultLifecycle::default());
        Self {
            kept: Cache::with(capacity, capacity as u64, weighter, DigestPlacing::default(), lifecycle),
            second_sight: SecondSight::with_places(capacity.saturating_mul(Self::SIGHTINGS_PER_ENTRY)),
            capacity,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            admissions: AtomicU64::new(0),
        }
    }

    /// What is known of a token, if `holds` of it all that may have changed since; otherwise it is forgotten. Counts either
    /// as a hit or as a miss.
    pub(crate) fn recall(&self, digest: &TokenDigest, holds: impl FnOnce(&KnownToken) -> bool) -> Option<KnownToken> {
        let Some(known) = self.kept.get(digest) else {
            self.misses.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        if !holds(&known) {
            self.kept.remove(digest);
            self.misses.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(known)
    }

    /// Tells of a token that was judged from the beginning and is good.
    pub(crate) fn found_good(&self, digest: TokenDigest, token: &KnownToken) {
        // Another part of the digest than the one that places it in the map.
        if self.second_sight.again(digest.word(1)) {
            self.kept.insert(digest, token.clone());
            self.admissions.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn report(&self) -> TokenCacheReport {
        TokenCacheReport {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            admissions: self.admissions.load(Ordering::Relaxed),
            entries: self.kept.len(),
            capacity: self.capacity,
        }
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TokenCache").field(&self.report()).finish()
    }
}
