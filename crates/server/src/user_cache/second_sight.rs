//! Who is worth a place in memory: whoever comes a second time.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::Subject;
use quick_cache::DefaultHashBuilder;

/// Remembers by their hashes who came lately, four bytes each. A flood of users who come once overwrites this and
/// nothing else. Who is mistaken for another gets a place at first sight, which does no harm.
pub(super) struct SecondSight {
    seen: Box<[AtomicU32]>,
    hasher: DefaultHashBuilder,
}

impl SecondSight {
    /// For a memory of so many users.
    pub(super) fn for_entries(entries: usize) -> Self {
        let places = entries.saturating_mul(2).clamp(1 << 10, 1 << 20).next_power_of_two();
        Self { seen: (0..places).map(|_| AtomicU32::new(0)).collect(), hasher: DefaultHashBuilder::default() }
    }

    /// Whether this user came before, not long ago.
    pub(super) fn again(&self, subject: &Subject) -> bool {
        let hash = self.hasher.hash_one(subject);
        #[expect(clippy::cast_possible_truncation, reason = "one half chooses the place, the other is kept there")]
        let (place, print) = (hash as usize % self.seen.len(), (hash >> 32) as u32);
        self.seen.get(place).is_some_and(|seen| seen.swap(print, Ordering::Relaxed) == print)
    }
}

impl std::fmt::Debug for SecondSight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondSight").field("places", &self.seen.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_twice_is_seen_again() {
        let sight = SecondSight::for_entries(1);
        let ann = Subject::parse("auth0|ann").expect("a subject");
        sight.again(&ann);
        assert!(sight.again(&ann));
    }

    #[test]
    fn of_many_who_come_once_nearly_nobody_is_taken_for_another() {
        let sight = SecondSight::for_entries(10_000);
        let mistaken = (0..100_000)
            .filter(|number| sight.again(&Subject::parse(&format!("auth0|{number}")).expect("a subject")))
            .count();
        assert!(mistaken < 10, "{mistaken}");
    }
}
