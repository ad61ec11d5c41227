//! An order to stop, for a thread that works through something piece by piece.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The order, and whether a piece is under way.
#[derive(Debug, Default)]
pub struct Stop {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    ordered: bool,
    busy: bool,
}

/// A piece is under way until this is dropped.
#[derive(Debug)]
pub(super) struct Piece<'a>(&'a Stop);

impl Stop {
    /// No other piece begins from now on, and whoever pauses goes on at once.
    pub fn order(&self) {
        self.state().ordered = true;
        self.changed.notify_all();
    }

    /// Waits until no piece is under way. `false`: the time was up first.
    #[must_use]
    pub fn wait_until_idle(&self, patience: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.state(), patience, |state| state.busy);
        !waited.unwrap_or_else(PoisonError::into_inner).0.busy
    }

    pub(super) fn is_ordered(&self) -> bool {
        self.state().ordered
    }

    /// Begins a piece; none once the order is given.
    pub(super) fn begin_piece(&self) -> Option<Piece<'_>> {
        let mut state = self.state();
        if state.ordered {
            return None;
        }
        state.busy = true;
        Some(Piece(self))
    }

    /// Lets time pass, until the order is given.
    pub(super) fn pause(&self, span: Duration) {
        let _either = self.changed.wait_timeout_while(self.state(), span, |state| !state.ordered);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Piece<'_> {
    fn drop(&mut self) {
        self.0.state().busy = false;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_order_no_piece_begins_and_nobody_pauses() {
        let stop = Stop::default();
        drop(stop.begin_piece().expect("a piece"));
        stop.order();
        assert!(stop.begin_piece().is_none() && stop.is_ordered());
        stop.pause(Duration::from_secs(3600));
    }

    #[test]
    fn a_piece_that_is_under_way_is_waited_for() {
        let stop = Stop::default();
        let piece = stop.begin_piece().expect("a piece");
        stop.order();
        assert!(!stop.wait_until_idle(Duration::ZERO));
        drop(piece);
        assert!(stop.wait_until_idle(Duration::ZERO));
    }
}
