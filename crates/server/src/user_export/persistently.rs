//! Calls of the database that may have to wait for it.

use std::sync::mpsc::channel;
use std::time::Duration;

use domain::RepositoryError;

/// What is waited after each failure. Two who contend for one row are out of each other's way in no time; a database that
/// restarts takes some seconds.
const PAUSES: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_millis(50),
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(15),
];

/// Calls until the database is there. Other errors end it at once.
///
/// # Errors
/// The last one.
pub(crate) fn persistently<T>(call: impl Fn() -> Result<T, RepositoryError>) -> Result<T, RepositoryError> {
    with_pauses(&PAUSES, call)
}

fn with_pauses<T>(pauses: &[Duration], call: impl Fn() -> Result<T, RepositoryError>) -> Result<T, RepositoryError> {
    for pause in pauses {
        match call() {
            Err(RepositoryError::Unavailable(error)) => {
                log::debug!("once more in {} ms: {error}", pause.as_millis());
                // Nobody ever sends.
                let (_keep, never) = channel::<()>();
                let _ = never.recv_timeout(*pause);
            }
            outcome => return outcome,
        }
    }
    call()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn calls(outcomes: &[fn() -> Result<u32, RepositoryError>]) -> (Option<u32>, usize) {
        let count = Cell::new(0);
        let outcome = with_pauses(&[Duration::ZERO; 2], || {
            count.set(count.get() + 1);
            outcomes[(count.get() - 1).min(outcomes.len() - 1)]()
        });
        (outcome.ok(), count.get())
    }

    #[test]
    fn only_an_outage_is_waited_for_and_not_for_ever() {
        let down = || Err(RepositoryError::Unavailable("down".into()));
        assert_eq!(calls(&[down, || Ok(7)]), (Some(7), 2));
        assert_eq!(calls(&[|| Err(RepositoryError::EmailTaken), || Ok(7)]), (None, 1));
        assert_eq!(calls(&[down]), (None, 3));
    }
}
