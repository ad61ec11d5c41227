//! Whether a kept row still is the row of its user.

use std::sync::atomic::{AtomicU8, Ordering};

/// Nobody knows yet: word may have come while the row was on its way into memory.
const UNSETTLED: u8 = 0;
/// No word of its user has come since it was read.
const CURRENT: u8 = 1;
/// Word has come. That is for good.
const VOID: u8 = 2;

/// What word of its own user has made of a kept row.
///
/// Whoever keeps a row puts it into memory first, looks at its ticket then, and settles it if the ticket is good. Whoever has
/// word voids the tickets first, and the row that is in memory then. Memory has the one in it before the other or after it:
/// either the ticket is void when it is looked at, or the row is found and voided.
#[derive(Debug, Default)]
pub(super) struct Validity(AtomicU8);

impl Validity {
    /// The ticket was good after the row had come into memory.
    pub(super) fn settle(&self) {
        let _void_already = self.0.compare_exchange(UNSETTLED, CURRENT, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// Word of a change of this very user has come.
    pub(super) fn void(&self) {
        self.0.store(VOID, Ordering::SeqCst);
    }

    /// Whether the row may be told.
    pub(super) fn holds(&self) -> bool {
        self.0.load(Ordering::SeqCst) == CURRENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_holds_from_when_it_is_settled_until_word_comes_and_never_again() {
        let validity = Validity::default();
        assert!(!validity.holds());
        validity.settle();
        assert!(validity.holds());
        validity.void();
        validity.settle();
        assert!(!validity.holds());
    }

    #[test]
    fn word_that_comes_before_it_is_settled_is_not_overheard() {
        let validity = Validity::default();
        validity.void();
        validity.settle();
        assert!(!validity.holds());
    }
}
