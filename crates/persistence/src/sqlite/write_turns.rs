//! One writer at a time.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// SQLite lets one connection write and makes the others poll the file for their turn; waiting here instead costs
/// nothing, hands over at once and has an end.
#[derive(Debug, Default)]
pub(crate) struct WriteTurns {
    taken: Mutex<bool>,
    freed: Condvar,
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(super) struct WriteTurn<'a>(&'a WriteTurns);

impl WriteTurns {
    /// Waits for a turn; `None` if none came within the time.
    pub(super) fn take(&self, patience: Duration) -> Option<WriteTurn<'_>> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut taken, waited) =
            self.freed.wait_timeout_while(taken, patience, |taken| *taken).unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return None;
        }
        *taken = true;
        Some(WriteTurn(self))
    }
}

impl Drop for WriteTurn<'_> {
    fn drop(&mut self) {
        *self.0.taken.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_ends_with_its_guard() {
        let turns = WriteTurns::default();
        let turn = turns.take(Duration::ZERO).expect("the first turn");
        assert!(turns.take(Duration::ZERO).is_none());
        drop(turn);
        assert!(turns.take(Duration::ZERO).is_some());
    }
}
