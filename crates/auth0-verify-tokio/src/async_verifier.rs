//! Token verification that never blocks the thread it is asked on.
//!
//! A token whose key is at hand is judged where the caller stands: that takes microseconds, and a hop to another thread
//! would cost as much again. Only what may wait goes to the runtime's blocking threads: a fetch of the issuer's keys, one
//! at a time, and the question whether a proof was used before.

use std::sync::Arc;
use std::time::Duration;

use domain::{AtOnce, BoxError, Presented, TokenVerifier, VerifiedToken, VerifyError};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// A verifier that never blocks the thread it is called on.
pub struct AsyncVerifier {
    verifier: Arc<dyn TokenVerifier>,
    /// Lets one request at a time wait for the issuer's keys on a blocking thread; the others wait here, which costs a
    /// few bytes each. Otherwise a slow issuer and some made-up `kid`s would take up the threads that the service needs.
    key_fetches: Semaphore,
}

impl AsyncVerifier {
    /// How long a request waits for its turn to have keys fetched: a little longer than one fetch may take.
    const PATIENCE: Duration = Duration::from_secs(6);

    /// Wraps a verifier.
    #[must_use]
    pub fn new(verifier: Arc<dyn TokenVerifier>) -> Self {
        Self { verifier, key_fetches: Semaphore::new(1) }
    }

    /// Judges the token.
    ///
    /// # Errors
    /// As [`TokenVerifier::verify`].
    ///
    /// # Panics
    /// Outside of a tokio runtime with its clock enabled.
    pub async fn verify(&self, presented: Presented) -> Result<Arc<VerifiedToken>, VerifyError> {
        let so_far = self.verify_at_once(&presented);
        self.go_on(presented, so_far).await
    }

    /// What can be told of the token before a signature is checked.
    pub(crate) fn recognise(&self, presented: &Presented) -> Option<AtOnce> {
        self.verifier.recognise(presented)
    }

    /// Checks the signature of a token that was not recognised.
    pub(crate) fn check_at_once(&self, presented: &Presented) -> AtOnce {
        self.verifier.check_at_once(presented)
    }

    /// Judges the token with what is at hand and never waits.
    fn verify_at_once(&self, presented: &Presented) -> AtOnce {
        self.verifier.verify_at_once(presented)
    }

    /// Judges the token to the end. `so_far`: what was told without waiting.
    pub(crate) async fn go_on(&self, presented: Presented, so_far: AtOnce) -> Result<Arc<VerifiedToken>, VerifyError> {
        if let Some(outcome) = without_fetch(so_far).await {
            return outcome;
        }
        let _permit = match timeout(Self::PATIENCE, self.key_fetches.acquire()).await {
            Ok(Ok(permit)) => permit,
            _ => return Err(VerifyError::KeysUnavailable("too many requests wait for the issuer's keys".into())),
        };
        // Whoever went before may have brought the key.
        if let Some(outcome) = without_fetch(self.verify_at_once(&presented)).await {
            return outcome;
        }
        let verifier = Arc::clone(&self.verifier);
        on_a_blocking_thread(move || verifier.verify(&presented), VerifyError::KeysUnavailable).await
    }
}

/// `None`: only a fetch can tell.
async fn without_fetch(so_far: AtOnce) -> Option<Result<Arc<VerifiedToken>, VerifyError>> {
    match so_far {
        AtOnce::Judged(outcome) => Some(outcome),
        AtOnce::NeedsStore(token) => {
            Some(on_a_blocking_thread(move || token.settle(), VerifyError::ProofsUnavailable).await)
        }
        AtOnce::NeedsKeys => None,
    }
}

/// Runs what may wait on a thread that may. `gone` words a thread that ended without an answer: our own trouble.
async fn on_a_blocking_thread(
    question: impl FnOnce() -> Result<Arc<VerifiedToken>, VerifyError> + Send + 'static,
    gone: fn(BoxError) -> VerifyError,
) -> Result<Arc<VerifiedToken>, VerifyError> {
    spawn_blocking(question).await.unwrap_or_else(|error| Err(gone(error.into())))
}

impl std::fmt::Debug for AsyncVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AsyncVerifier").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{AccessToken, IssuerKeys, UnsettledToken};

    /// What stops on the way to an answer.
    enum Stops {
        AtTheKeys,
        AtTheStore,
    }

    impl TokenVerifier for Stops {
        fn verify(&self, _: &Presented) -> Result<Arc<VerifiedToken>, VerifyError> {
            panic!("a defect while keys are fetched");
        }

        fn verify_at_once(&self, _: &Presented) -> AtOnce {
            match self {
                Self::AtTheKeys => AtOnce::NeedsKeys,
                Self::AtTheStore => AtOnce::NeedsStore(UnsettledToken::new(|| panic!("a defect in the store"))),
            }
        }

        fn key_reports(&self) -> Vec<IssuerKeys> {
            Vec::new()
        }
    }

    #[tokio::test]
    async fn a_thread_that_ends_without_an_answer_is_our_own_trouble() {
        let ask = async |stops| {
            let presented = Presented::Bearer(AccessToken::new("a.b.c"));
            AsyncVerifier::new(Arc::new(stops)).verify(presented).await.map(|_| ())
        };
        assert!(matches!(ask(Stops::AtTheKeys).await, Err(VerifyError::KeysUnavailable(_))));
        assert!(matches!(ask(Stops::AtTheStore).await, Err(VerifyError::ProofsUnavailable(_))));
    }
}
