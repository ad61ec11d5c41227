//! Token verification that never blocks the thread it is asked on.
//!
//! A token whose key is at hand is judged where the caller stands: that takes microseconds, and a hop to another thread
//! would cost as much again. Only what may wait goes to the runtime's blocking threads: a fetch of an issuer's keys, one
//! at a time for each issuer, and the question whether a proof was used before.

use std::iter::repeat_with;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use domain::{AtOnce, BoxError, Presented, TokenVerifier, VerifiedToken, VerifyError};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// A verifier that never blocks the thread it is called on.
pub struct AsyncVerifier {
    verifier: Arc<dyn TokenVerifier>,
    /// Of each issuer, in the order of the reports: lets one request at a time wait for its keys on a blocking thread; the
    /// others wait here, which costs a few bytes each. Otherwise a slow issuer and some made-up `kid`s would take up the
    /// threads that the service needs. The last one is for whoever is in no report.
    key_fetches: Box<[Semaphore]>,
}

impl AsyncVerifier {
    /// How long a request waits for its turn to have keys fetched: a little longer than one fetch may take.
    const PATIENCE: Duration = Duration::from_secs(6);

    /// Wraps a verifier.
    #[must_use]
    pub fn new(verifier: Arc<dyn TokenVerifier>) -> Self {
        let issuers = verifier.key_reports().len();
        let key_fetches = repeat_with(|| Semaphore::new(1)).take(issuers + 1).collect();
        Self { verifier, key_fetches }
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
        let issuer = match without_fetch(so_far).await {
            ControlFlow::Break(outcome) => return outcome,
            ControlFlow::Continue(issuer) => issuer,
        };
        let Some(_turn) = self.turn_at(issuer).await else {
            return Err(VerifyError::KeysUnavailable("too many requests wait for the issuer's keys".into()));
        };
        // Whoever went before may have brought the key.
        if let ControlFlow::Break(outcome) = without_fetch(self.verify_at_once(&presented)).await {
            return outcome;
        }
        let verifier = Arc::clone(&self.verifier);
        on_a_blocking_thread(move || verifier.verify(&presented), VerifyError::KeysUnavailable).await
    }

    /// A turn to have the keys of that issuer fetched, if it comes in time.
    async fn turn_at(&self, issuer: usize) -> Option<SemaphorePermit<'_>> {
        let turns = self.key_fetches.get(issuer).or_else(|| self.key_fetches.last())?;
        timeout(Self::PATIENCE, turns.acquire()).await.ok()?.ok()
    }
}

/// The outcome, or whose keys have to be fetched first.
async fn without_fetch(so_far: AtOnce) -> ControlFlow<Result<Arc<VerifiedToken>, VerifyError>, usize> {
    match so_far {
        AtOnce::Judged(outcome) => ControlFlow::Break(outcome),
        AtOnce::NeedsStore(token) => {
            ControlFlow::Break(on_a_blocking_thread(move || token.settle(), VerifyError::ProofsUnavailable).await)
        }
        AtOnce::NeedsKeys { issuer } => ControlFlow::Continue(issuer),
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
    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, channel};

    use domain::{AccessToken, IssuerKeys, KeyReadiness, KeyReport, Rejection, UnsettledToken};
    use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

    use super::*;

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
                Self::AtTheKeys => AtOnce::NeedsKeys { issuer: 0 },
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

    /// Two issuers, and a token of each that is its name. The first one's keys are fetched for as long as the test likes, and
    /// each fetch is told of; the second one's are there at once.
    struct FirstStalls {
        fetches: UnboundedSender<String>,
        ends: Mutex<Receiver<()>>,
    }

    impl FirstStalls {
        /// With what tells of fetches, and what ends the first one's.
        fn new() -> (Arc<Self>, UnboundedReceiver<String>, std::sync::mpsc::Sender<()>) {
            let ((fetches, fetched), (end, ends)) = (unbounded_channel(), channel());
            (Arc::new(Self { fetches, ends: Mutex::new(ends) }), fetched, end)
        }
    }

    impl TokenVerifier for FirstStalls {
        fn verify(&self, presented: &Presented) -> Result<Arc<VerifiedToken>, VerifyError> {
            let token = presented.token().reveal();
            self.fetches.send(token.to_owned()).expect("a test that listens");
            if token == "first" {
                self.ends.lock().expect("no panic").recv().expect("a test that lets go");
            }
            Err(VerifyError::Rejected(Rejection::UnknownKey))
        }

        fn verify_at_once(&self, presented: &Presented) -> AtOnce {
            AtOnce::NeedsKeys { issuer: usize::from(presented.token().reveal() == "second") }
        }

        fn key_reports(&self) -> Vec<IssuerKeys> {
            let report = KeyReport {
                readiness: KeyReadiness::Missing,
                age: None,
                keys: 0,
                fetched: 0,
                not_modified: 0,
                fetch_failures: 0,
                last_fetch: None,
                stale_uses: 0,
            };
            ["first", "second"].map(|issuer| IssuerKeys { issuer: issuer.to_owned(), report }).into()
        }
    }

    #[tokio::test]
    async fn whoever_waits_for_the_keys_of_one_issuer_keeps_nobody_from_those_of_another() {
        let (stalls, mut fetched, end) = FirstStalls::new();
        let verifier = Arc::new(AsyncVerifier::new(stalls));
        let ask = |token: &'static str| {
            let verifier = Arc::clone(&verifier);
            async move { verifier.verify(Presented::Bearer(AccessToken::new(token))).await.map(|_| ()) }
        };
        let mut waiting = vec![tokio::spawn(ask("first"))];
        assert_eq!(fetched.recv().await.as_deref(), Some("first"));
        waiting.push(tokio::spawn(ask("first")));
        assert!(matches!(ask("second").await, Err(VerifyError::Rejected(_))), "it did not have its turn");
        assert_eq!(fetched.recv().await.as_deref(), Some("second"));
        assert!(fetched.try_recv().is_err(), "and of one issuer nothing is fetched twice at a time");
        for waits in waiting {
            end.send(()).expect("it waits");
            assert!(matches!(waits.await.expect("no panic"), Err(VerifyError::Rejected(_))));
        }
    }
}
