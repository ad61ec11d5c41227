//! A request that is under way, and those who wait for its answer.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use domain::DirectoryAnswer;

use crate::ManagementError;

/// What comes of a request.
pub(crate) type Outcome = Result<DirectoryAnswer, ManagementError>;

/// One request about one user. Lands once.
#[derive(Debug, Default)]
pub(crate) struct Flight {
    outcome: Mutex<Option<Outcome>>,
    landed: Condvar,
}

impl Flight {
    /// Gives the outcome to all who wait.
    pub(crate) fn land(&self, outcome: Outcome) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        self.landed.notify_all();
    }

    /// The outcome, once it is there.
    ///
    /// # Errors
    /// That of the request, or [`ManagementError::TooSlow`] when the time is up.
    pub(crate) fn wait(&self, patience: Duration) -> Outcome {
        let outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        let (outcome, _) = self
            .landed
            .wait_timeout_while(outcome, patience, |outcome| outcome.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        outcome.clone().unwrap_or(Err(ManagementError::TooSlow))
    }
}

#[cfg(test)]
mod tests {
    use domain::UnixTime;

    use super::*;

    const NOBODY: DirectoryAnswer = DirectoryAnswer::NoSuchUser { asked_at: UnixTime::from_secs(7) };

    #[test]
    fn everybody_gets_the_one_outcome_early_or_late() {
        let flight = Flight::default();
        std::thread::scope(|scope| {
            let waiting: Vec<_> = (0..4).map(|_| scope.spawn(|| flight.wait(Duration::from_secs(60)))).collect();
            flight.land(Ok(NOBODY));
            for one in waiting {
                assert!(matches!(one.join().unwrap(), Ok(answer) if answer == NOBODY));
            }
        });
        assert!(matches!(flight.wait(Duration::ZERO), Ok(answer) if answer == NOBODY));
    }

    #[test]
    fn nobody_waits_for_longer_than_their_patience() {
        assert!(matches!(Flight::default().wait(Duration::ZERO), Err(ManagementError::TooSlow)));
    }
}
