//! What tells a row that was being read when word of a change came from one that is read after it.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::Subject;
use quick_cache::DefaultHashBuilder;

/// Users share a counter where their hashes agree in so many bits: a row is not kept if one of the others changes while it
/// is read, which is a matter of milliseconds. So few will do: 64 KiB.
const COUNTERS: usize = 1 << 14;

/// Counts the changes of each user, and those of all.
pub(super) struct Generations {
    of: Box<[AtomicU32]>,
    all: AtomicU32,
    hasher: DefaultHashBuilder,
}

/// The state of affairs at one moment, for one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    counter: usize,
    of: u32,
    all: u32,
}

impl Generations {
    /// A ticket that is good until the next change of this user. Drawn before the row is read.
    pub(super) fn ticket(&self, subject: &Subject) -> Ticket {
        let counter = self.counter(subject);
        Ticket { counter, of: self.value(counter), all: self.all.load(Ordering::SeqCst) }
    }

    /// Whether nothing has changed since the ticket was drawn.
    pub(super) fn honour(&self, ticket: Ticket) -> bool {
        ticket.of == self.value(ticket.counter) && self.honour_for_all(ticket)
    }

    /// Whether there was no word of everybody since the ticket was drawn.
    pub(super) fn honour_for_all(&self, ticket: Ticket) -> bool {
        ticket.all == self.all.load(Ordering::SeqCst)
    }

    /// Something has changed about this user.
    pub(super) fn changed(&self, subject: &Subject) {
        if let Some(counter) = self.of.get(self.counter(subject)) {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Something may have changed about anybody.
    pub(super) fn all_changed(&self) {
        self.all.fetch_add(1, Ordering::SeqCst);
    }

    fn counter(&self, subject: &Subject) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "a hash is as good as any part of it")]
        let hash = self.hasher.hash_one(subject) as usize;
        hash % COUNTERS
    }

    fn value(&self, counter: usize) -> u32 {
        self.of.get(counter).map_or(0, |value| value.load(Ordering::SeqCst))
    }
}

impl Default for Generations {
    fn default() -> Self {
        let of = (0..COUNTERS).map(|_| AtomicU32::new(0)).collect();
        Self { of, all: AtomicU32::new(0), hasher: DefaultHashBuilder::default() }
    }
}

impl std::fmt::Debug for Generations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generations").field("all", &self.all).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(name: &str) -> Subject {
        Subject::parse(name).expect("a subject")
    }

    #[test]
    fn a_ticket_is_good_until_its_user_changes() {
        let generations = Generations::default();
        let (ann, bob) = (subject("auth0|ann"), subject("auth0|bob"));
        let (of_ann, of_bob) = (generations.ticket(&ann), generations.ticket(&bob));
        generations.changed(&ann);
        assert!(!generations.honour(of_ann));
        // The two share a counter once in 16,384 runs.
        assert!(generations.honour(of_bob) || of_ann.counter == of_bob.counter);
        assert!(generations.honour(generations.ticket(&ann)));
    }

    #[test]
    fn no_ticket_outlives_a_change_of_all() {
        let generations = Generations::default();
        let ticket = generations.ticket(&subject("auth0|ann"));
        generations.all_changed();
        assert!(!generations.honour(ticket));
    }
}
