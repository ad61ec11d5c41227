//! How many of those who log in are new.

use std::sync::atomic::{AtomicU32, Ordering};

/// The share of new users among those who logged in of late and were not in memory. Where nearly all are new, to look each
/// up before a row is made for them is a question whose answer is known: a fifth of what such a login costs.
#[derive(Debug, Default)]
pub(super) struct Newcomers(AtomicU32);

/// The share, where all are.
const ALL: u32 = 1 << 16;
/// The share from which on somebody unknown is taken for new.
const MOST: u32 = ALL / 4 * 3;
/// One login is so much of the share: some ninety new users in a row make [`MOST`], and of whom is known by then twenty
/// in a row unmake it.
const LOGINS: u32 = 64;

impl Newcomers {
    /// Somebody was or was not new. Of two at the same moment one may be lost: this is a guess.
    pub(super) fn note(&self, is_new: bool) {
        let share = self.0.load(Ordering::Relaxed);
        let part = if is_new { ALL / LOGINS } else { 0 };
        self.0.store(share - share / LOGINS + part, Ordering::Relaxed);
    }

    /// Whether the next one is new, most likely.
    pub(super) fn are_most(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(newcomers: &Newcomers, is_new: bool, times: usize) -> bool {
        (0..times).for_each(|_| newcomers.note(is_new));
        newcomers.are_most()
    }

    #[test]
    fn a_hundred_new_users_in_a_row_are_most_and_twenty_known_ones_end_that() {
        let newcomers = Newcomers::default();
        assert!(!noted(&newcomers, true, 50));
        assert!(noted(&newcomers, true, 50));
        assert!(noted(&newcomers, true, 500));
        assert!(noted(&newcomers, false, 10));
        assert!(!noted(&newcomers, false, 10));
    }

    #[test]
    fn one_in_three_who_is_known_is_too_many_however_long_it_goes_on() {
        let newcomers = Newcomers::default();
        for _ in 0..1_000 {
            assert!(!noted(&newcomers, true, 2));
            assert!(!noted(&newcomers, false, 1));
        }
        assert!(noted(&newcomers, true, 100_000), "the share has an upper end");
        assert!(!noted(&newcomers, false, 100_000), "and a lower one");
    }
}
