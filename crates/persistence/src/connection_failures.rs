//! What the log says while the database cannot be reached.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::r2d2::HandleError;

/// The pool tries again several times a second with each connection it lacks; one line in this time is enough.
const PAUSE: Duration = Duration::from_secs(5);

/// Says why no connection could be had, as a warning: the pool goes on trying.
#[derive(Debug, Default)]
pub(crate) struct ConnectionFailures {
    last_said: Mutex<Option<Instant>>,
}

impl ConnectionFailures {
    fn is_due(&self) -> bool {
        let mut last_said = self.last_said.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last_said.is_none_or(|last| last.elapsed() >= PAUSE);
        if due {
            *last_said = Some(Instant::now());
        }
        due
    }
}

impl<E: fmt::Display> HandleError<E> for ConnectionFailures {
    fn handle_error(&self, error: E) {
        if self.is_due() {
            log::warn!("no connection to the database: {}", one_line(&error.to_string()));
        }
    }
}

/// The text on one line: libpq puts one line per host it tried.
///
/// libpq names user, host and database in these and never the password; a URL of which it would quote a piece of the
/// password is refused by [`DatabaseUrl::parse`](crate::DatabaseUrl::parse).
pub(crate) fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_not_said_at_every_attempt() {
        let failures = ConnectionFailures::default();
        assert!(failures.is_due());
        assert!(!failures.is_due());
    }

    #[test]
    fn a_message_of_several_lines_becomes_one() {
        assert_eq!(one_line("refused\n\tIs the server running?\n\n"), "refused; Is the server running?");
    }
}
