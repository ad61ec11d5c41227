//! Who came before, as far as a table of fixed size can remember.
//!
//! A cache that admits at the second sighting is neither filled nor emptied by a crowd that comes once. Whoever asks brings a
//! hash of 64 bits that are as good as random; four bytes of it are kept.
//!
//! ```
//! let sight = second_sight::SecondSight::with_places(1024);
//! assert!(!sight.again(0x1234_5678_9abc_def0));
//! assert!(sight.again(0x1234_5678_9abc_def0));
//! ```

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

/// Remembers those who came lately. It may forget, which costs one sighting more; about once in a thousand million times it
/// takes one for another, which costs a place in the cache. Nothing is to be believed on its word.
pub struct SecondSight {
    /// A power of two.
    buckets: Box<[Bucket]>,
    turns: AtomicU32,
}

/// Those whose hashes agree in the bits that choose it; zero is nobody. One alone would be driven out by the next one: two who
/// come in turns would be strangers for ever.
#[derive(Default)]
#[repr(align(16))]
struct Bucket([AtomicU32; WAYS]);

const WAYS: usize = 4;

impl SecondSight {
    /// A table that remembers about so many, and never fewer than a few dozen; four bytes for each.
    #[must_use]
    pub fn with_places(places: usize) -> Self {
        let buckets = (places / WAYS).clamp(16, 1 << 22).next_power_of_two();
        Self { buckets: (0..buckets).map(|_| Bucket::default()).collect(), turns: AtomicU32::new(0) }
    }

    /// Whether this one came before; from now on it has.
    pub fn again(&self, hash: u64) -> bool {
        let place = usize::try_from(hash % self.buckets.len() as u64).ok();
        let tag = u32::try_from(hash >> 32).map_or(1, |tag| tag.max(1));
        place.and_then(|place| self.buckets.get(place)).is_some_and(|bucket| bucket.again(tag, &self.turns))
    }

    /// The number of those who can be remembered.
    #[must_use]
    pub fn places(&self) -> usize {
        self.buckets.len() * WAYS
    }
}

impl Bucket {
    fn again(&self, tag: u32, turns: &AtomicU32) -> bool {
        let mut free = None;
        for place in &self.0 {
            match place.load(Ordering::Relaxed) {
                known if known == tag => return true,
                0 => free = Some(place),
                _ => {}
            }
        }
        // Not the oldest one: five who come in turns would drive each other out just in time.
        let gives_way = || self.0.get(scattered(turns.fetch_add(1, Ordering::Relaxed)) as usize % WAYS);
        if let Some(place) = free.or_else(gives_way) {
            place.store(tag, Ordering::Relaxed);
        }
        false
    }
}

/// Makes the numbers of a count as good as random (the finalizer of MurmurHash3).
fn scattered(count: u32) -> u32 {
    let mut bits = count;
    bits = (bits ^ (bits >> 16)).wrapping_mul(0x85eb_ca6b);
    bits = (bits ^ (bits >> 13)).wrapping_mul(0xc2b2_ae35);
    bits ^ (bits >> 16)
}

impl fmt::Debug for SecondSight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecondSight").field("places", &self.places()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher as _, RandomState};

    use super::*;

    fn crowd(count: u64) -> Vec<u64> {
        let hasher = RandomState::new();
        (0..count).map(|number| hasher.hash_one(number)).collect()
    }

    /// All in one bucket.
    fn neighbours(count: u64) -> Vec<u64> {
        (1..=count).map(|tag| tag << 32).collect()
    }

    /// Lets those come in turns who have not been known yet; how many rounds it takes until all have.
    fn rounds_until_all_are_known(mut strangers: Vec<u64>) -> usize {
        let sight = SecondSight::with_places(64);
        (1..10_000)
            .find(|_| {
                strangers.retain(|hash| !sight.again(*hash));
                strangers.is_empty()
            })
            .expect("an end")
    }

    #[test]
    fn whoever_comes_is_known_the_second_time_and_from_then_on() {
        let sight = SecondSight::with_places(1024);
        assert_eq!([7, 8, 7, 7, 8].map(|hash| sight.again(hash << 40)), [false, false, true, true, true]);
    }

    #[test]
    fn those_who_share_a_bucket_are_all_known_in_the_end() {
        for count in 1..=4 {
            assert_eq!(rounds_until_all_are_known(neighbours(count)), 2);
        }
        for count in 5..=12 {
            let rounds = rounds_until_all_are_known(neighbours(count));
            assert!(rounds < 50, "{count} of them: {rounds} rounds");
        }
    }

    #[test]
    fn a_crowd_that_comes_once_is_not_taken_for_known() {
        let sight = SecondSight::with_places(400);
        let mistaken = crowd(100_000).into_iter().filter(|hash| sight.again(*hash)).count();
        assert!(mistaken < 10, "{mistaken}");
    }

    #[test]
    fn nearly_all_of_half_as_many_as_there_are_places_are_remembered() {
        let sight = SecondSight::with_places(1 << 14);
        let crowd = crowd(1 << 13);
        crowd.iter().for_each(|hash| _ = sight.again(*hash));
        let known = crowd.iter().filter(|hash| sight.again(**hash)).count();
        assert!(known > crowd.len() * 9 / 10, "{known}");
    }

    #[test]
    fn a_table_of_any_size_has_places_and_an_end() {
        for places in [0, 1, 3, 1 << 16, usize::MAX] {
            let there_are = SecondSight::with_places(places).places();
            assert!(there_are.is_power_of_two() && (64..=1 << 24).contains(&there_are), "{there_are}");
        }
    }
}
