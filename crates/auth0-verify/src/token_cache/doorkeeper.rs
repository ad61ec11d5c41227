//! Who came before, as far as a table of fixed size can remember.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::token_digest::TokenDigest;

/// Remembers digests by four bytes each, the newest of those that share a place. It may forget, which costs a signature
/// check; once in four thousand million times it takes one for another, which costs a place in the cache. Nothing is
/// believed on its word.
pub(super) struct Doorkeeper {
    /// A power of two.
    places: Box<[AtomicU32]>,
}

impl Doorkeeper {
    /// Places for each entry of the cache: so many others may come between two sightings of a token, about, before it is
    /// forgotten.
    const PLACES_PER_ENTRY: usize = 4;

    pub(super) fn for_entries(entries: usize) -> Self {
        let places = entries.saturating_mul(Self::PLACES_PER_ENTRY).clamp(64, 1 << 24).next_power_of_two();
        Self { places: (0..places).map(|_| AtomicU32::new(0)).collect() }
    }

    /// Whether the digest is the one that was seen last at its place; from now on it is.
    pub(super) fn has_seen(&self, digest: &TokenDigest) -> bool {
        // Other parts of the digest than the one that places it in the cache.
        let place = usize::try_from(digest.word(1) % self.places.len() as u64).ok();
        // Zero is nobody.
        let tag = u32::try_from(digest.word(2) >> 32).map_or(1, |tag| tag.max(1));
        let place = place.and_then(|place| self.places.get(place));
        place.is_some_and(|place| place.swap(tag, Ordering::Relaxed) == tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests(count: usize) -> Vec<TokenDigest> {
        (0..count).map(|n| TokenDigest::of(&n.to_string())).collect()
    }

    #[test]
    fn whoever_comes_is_known_the_second_time() {
        let doorkeeper = Doorkeeper::for_entries(10_000);
        let [one, other] = [TokenDigest::of("one"), TokenDigest::of("other")];
        assert!(!doorkeeper.has_seen(&one));
        assert!(!doorkeeper.has_seen(&other));
        assert!(doorkeeper.has_seen(&one));
        assert!(doorkeeper.has_seen(&one));
        assert!(doorkeeper.has_seen(&other));
    }

    #[test]
    fn a_crowd_that_comes_once_is_not_taken_for_known() {
        let doorkeeper = Doorkeeper::for_entries(100);
        assert_eq!(digests(100_000).iter().filter(|digest| doorkeeper.has_seen(digest)).count(), 0);
    }

    #[test]
    fn most_of_a_cache_full_are_remembered_and_memory_stays_what_it_was() {
        let doorkeeper = Doorkeeper::for_entries(10_000);
        let places = doorkeeper.places.len();
        assert_eq!(places, 65_536);
        let digests = digests(10_000);
        assert!(!digests.iter().any(|digest| doorkeeper.has_seen(digest)));
        let known = digests.iter().filter(|digest| doorkeeper.has_seen(digest)).count();
        assert!(known > 8_000, "{known}");
        assert_eq!(doorkeeper.places.len(), places);
    }

    #[test]
    fn a_cache_of_any_size_has_one() {
        for entries in [0, 1, 3, usize::MAX] {
            assert!(Doorkeeper::for_entries(entries).places.len().is_power_of_two());
        }
    }
}
