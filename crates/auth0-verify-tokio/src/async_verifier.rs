//! Token verification that never blocks the thread it is asked on.
//!
//! A token whose key is at hand is judged where the caller stands: that takes microseconds, and a hop to another thread
//! would cost as much again. Only what may wait goes to the runtime's blocking threads: a fetch of the issuer's keys, one
//! at a time, and the question whether a proof was used before.

use std::sync::Arc;
use std::time::Duration;

use domain::{AtOnce, Presented, TokenVerifier, VerifiedToken, VerifyError};
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
    pub async fn verify(&self, presented: Presented) -> Result<VerifiedToken, VerifyError> {
        match self.verifier.verify_at_once(&presented) {
            AtOnce::Judged(outcome) => outcome,
            AtOnce::NeedsStore(token) => settled(move || token.settle()).await,
            AtOnce::NeedsKeys => self.verify_with_new_keys(presented).await,
        }
    }

    async fn verify_with_new_keys(&self, presented: Presented) -> Result<VerifiedToken, VerifyError> {
        let _permit = match timeout(Self::PATIENCE, self.key_fetches.acquire()).await {
            Ok(Ok(permit)) => permit,
            _ => return Err(VerifyError::KeysUnavailable("too many requests wait for the issuer's keys".into())),
        };
        // Whoever went before may have brought the key.
        match self.verifier.verify_at_once(&presented) {
            AtOnce::Judged(outcome) => outcome,
            AtOnce::NeedsStore(token) => settled(move || token.settle()).await,
            AtOnce::NeedsKeys => {
                let verifier = Arc::clone(&self.verifier);
                settled(move || verifier.verify(&presented)).await
            }
        }
    }
}

/// Runs what may wait on a thread that may.
async fn settled(
    question: impl FnOnce() -> Result<VerifiedToken, VerifyError> + Send + 'static,
) -> Result<VerifiedToken, VerifyError> {
    spawn_blocking(question).await.unwrap_or_else(|gone| Err(VerifyError::KeysUnavailable(gone.into())))
}

impl std::fmt::Debug for AsyncVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AsyncVerifier").finish_non_exhaustive()
    }
}
