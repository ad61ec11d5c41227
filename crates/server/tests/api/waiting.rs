//! Waiting for a condition, never for time.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use crate::client::PATIENCE;

/// Tries until there is an outcome, and fails after a while with what was waited for.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, attempt: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, what, attempt)
}

/// As [`eventually`], for what takes longer.
#[track_caller]
pub(crate) fn within<T>(patience: Duration, what: &str, attempt: impl FnMut() -> Option<T>) -> T {
    let Some(outcome) = outcome_within(patience, attempt) else { panic!("it did not come to this: {what}") };
    outcome
}

/// Tries until there is an outcome, and leaves it to the caller what it means that there is none.
pub(crate) fn outcome_within<T>(patience: Duration, mut attempt: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + patience;
    loop {
        let outcome = attempt();
        if outcome.is_some() || Instant::now() >= deadline {
            return outcome;
        }
        pause();
    }
}

/// Leaves the processor to others for a moment: nobody ever sends, so this ends with the time.
pub(crate) fn pause() {
    let (_sender, receiver) = channel::<()>();
    let _timed_out = receiver.recv_timeout(Duration::from_millis(15));
}
