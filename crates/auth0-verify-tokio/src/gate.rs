//! What a service judges its requests by.

use std::fmt;
use std::sync::Arc;

use auth0_verify::{Challenger, NotPresented, RefusalReason};
use domain::{
    AtOnce, ConfirmError, Presented, Requirement, TokenVerifier, User, UserRepository, VerifiedToken, VerifyError,
    confirm_user,
};
use tokio::task::spawn_blocking;

use crate::turns::Turns;
use crate::{AsyncVerifier, Denial, Guard, LogWatcher, Watcher};

/// Judges who comes, and words the refusal: put together once, cloned for little.
#[derive(Clone)]
pub struct Gate(Arc<Parts>);

#[derive(Clone)]
struct Parts {
    verifier: Arc<AsyncVerifier>,
    challenger: Challenger,
    users: Option<Arc<dyn UserRepository>>,
    watcher: Arc<dyn Watcher>,
    turns: Arc<Turns>,
}

impl Gate {
    /// A gate that knows tokens and no users. What it denies is logged.
    #[must_use]
    pub fn new(verifier: Arc<dyn TokenVerifier>, challenger: Challenger) -> Self {
        let verifier = Arc::new(AsyncVerifier::new(verifier));
        let turns = Arc::new(Turns::of_all_threads());
        Self(Arc::new(Parts { verifier, challenger, users: None, watcher: Arc::new(LogWatcher), turns }))
    }

    /// The same with a users table, for guards that ask [`with_user`](Guard::with_user).
    #[must_use]
    pub fn with_users(self, users: Arc<dyn UserRepository>) -> Self {
        self.changed(|parts| parts.users = Some(users))
    }

    /// The same, telling somebody else than the log what it sees.
    #[must_use]
    pub fn watched_by(self, watcher: Arc<dyn Watcher>) -> Self {
        self.changed(|parts| parts.watcher = watcher)
    }

    /// The same gate for another thread: its clones are counted apart, so that threads which clone it with each request do
    /// not wait for each other, and it lets pass who is known before it checks the signatures of those who are not. What one
    /// of them has judged need not be judged again by the other.
    #[must_use]
    pub fn for_another_thread(&self) -> Self {
        Self(Arc::new(Parts { turns: Arc::new(Turns::of_one_thread()), ..Parts::clone(&self.0) }))
    }

    /// How many requests wait in line for the check of a signature, in a flood: they are being worked on and wait for nobody
    /// else.
    #[must_use]
    pub fn in_line(&self) -> usize {
        self.0.turns.waiting()
    }

    /// A guard that lets everybody with a good token pass.
    #[must_use]
    pub fn token(&self) -> Guard {
        Guard::of(self)
    }

    /// A guard that lets those pass, too, who bring no token at all. A bad token is still refused: whoever sends one
    /// believes to be somebody.
    #[must_use]
    pub fn optional_token(&self) -> Guard {
        Guard::of(self).or_nobody()
    }

    /// A guard that lets those with a good token pass that grants this.
    #[must_use]
    pub fn require(&self, requirement: Requirement) -> Guard {
        Guard::of(self).requiring(requirement)
    }

    /// Judges what a request brought.
    ///
    /// # Errors
    /// [`Denial::Refused`].
    ///
    /// # Panics
    /// Outside of a tokio runtime with its clock enabled.
    pub async fn judge(&self, presented: Result<Presented, NotPresented>) -> Result<VerifiedToken, Denial> {
        let judged = match self.begin(presented) {
            Judgement::Done(judged) => judged,
            Judgement::Waits(presented, so_far) => self.go_on(presented, so_far).await,
        };
        judged.map(Arc::unwrap_or_clone)
    }

    /// Judges what a request brought, as far as that can be done without waiting.
    pub(crate) fn begin(&self, presented: Result<Presented, NotPresented>) -> Judgement {
        let presented = match presented {
            Ok(presented) => presented,
            Err(NotPresented::NoToken) => return Judgement::Done(Err(self.denied(NotPresented::NoToken))),
            Err(NotPresented::Rejected(rejection)) => {
                return Judgement::Done(self.judged(Err(VerifyError::Rejected(rejection))));
            }
        };
        if let Some(told) = self.0.verifier.recognise(&presented) {
            return self.told(presented, told);
        }
        match self.0.turns.at_once() {
            Some(turn) => {
                let told = self.0.verifier.check_at_once(&presented);
                turn.found(&told);
                self.told(presented, told)
            }
            None => Judgement::Waits(presented, SoFar::Unrecognised),
        }
    }

    fn told(&self, presented: Presented, told: AtOnce) -> Judgement {
        match told {
            AtOnce::Judged(outcome) => Judgement::Done(self.judged(outcome)),
            told => Judgement::Waits(presented, SoFar::Told(told)),
        }
    }

    /// Goes on from where [`begin`](Self::begin) came to.
    pub(crate) async fn go_on(&self, presented: Presented, so_far: SoFar) -> Result<Arc<VerifiedToken>, Denial> {
        let told = match so_far {
            SoFar::Told(told) => told,
            SoFar::Unrecognised => {
                let turn = self.0.turns.in_line().await;
                let told = self.0.verifier.check_at_once(&presented);
                turn.found(&told);
                told
            }
        };
        let outcome = self.0.verifier.go_on(presented, told).await;
        self.judged(outcome)
    }

    fn judged(&self, outcome: Result<Arc<VerifiedToken>, VerifyError>) -> Result<Arc<VerifiedToken>, Denial> {
        self.0.watcher.token_judged(outcome.as_deref());
        outcome.map_err(|error| self.denied(error))
    }

    /// Holds a token against a requirement that only the request can tell, such as the organization in its path.
    ///
    /// # Errors
    /// [`Denial::Refused`] with [`RefusalReason::InsufficientScope`].
    pub fn check(&self, token: &VerifiedToken, requirement: &Requirement) -> Result<(), Denial> {
        let met = requirement.met_by(token.grants());
        met.map_err(|missing| self.denied(RefusalReason::InsufficientScope(missing.into_scopes())))
    }

    /// The local user of a token, by the rule of [`confirm_user`].
    ///
    /// # Errors
    /// [`Denial::NoUser`]; [`Denial::Misplaced`] where the gate has no users table.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn confirm(&self, token: &Arc<VerifiedToken>) -> Result<User, Denial> {
        let Some(users) = self.0.users.clone() else {
            return Err(self.misplaced("a guard asks for the user, and its gate has no users table"));
        };
        let token = Arc::clone(token);
        let found = spawn_blocking(move || confirm_user(&token, &*users)).await;
        let found = found.unwrap_or_else(|gone| Err(ConfirmError::Failed(gone.into())));
        found.map_err(|error| self.seen(Denial::NoUser(error)))
    }

    /// The answer to a request without a token.
    #[must_use]
    pub fn no_token(&self) -> Denial {
        self.denied(NotPresented::NoToken)
    }

    /// The nonce for the next proof of whoever sends proofs, where nonces are asked for.
    pub(crate) fn next_nonce(&self, presented: &Result<Presented, NotPresented>) -> Option<Arc<str>> {
        self.0.challenger.next_nonce(presented.as_ref().ok()?).map(Arc::from)
    }

    /// Whether both judge by one verifier, so that what one has judged need not be judged again.
    pub(crate) fn judges_like(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.verifier, &other.0.verifier)
    }

    pub(crate) fn misplaced(&self, what: &'static str) -> Denial {
        self.seen(Denial::Misplaced(what))
    }

    fn denied(&self, reason: impl Into<RefusalReason>) -> Denial {
        self.seen(Denial::Refused(self.0.challenger.refuse(reason)))
    }

    fn seen(&self, denial: Denial) -> Denial {
        self.0.watcher.denied(&denial);
        denial
    }

    fn changed(self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut parts = Arc::unwrap_or_clone(self.0);
        change(&mut parts);
        Self(Arc::new(parts))
    }
}

/// How far a token could be judged without waiting.
pub(crate) enum Judgement {
    Done(Result<Arc<VerifiedToken>, Denial>),
    Waits(Presented, SoFar),
}

/// Where it waits.
#[derive(Debug)]
pub(crate) enum SoFar {
    /// In line for the check of its signature.
    Unrecognised,
    /// For somebody else.
    Told(AtOnce),
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use domain::{AccessToken, Grants, IssuerKeys, Profile, Rejection, Subject, UnixTime, VerifiedClaims};

    use super::*;

    /// Knows one token, and finds every signature bad.
    struct KnowsOne(Arc<VerifiedToken>);

    impl TokenVerifier for KnowsOne {
        fn verify(&self, _: &Presented) -> Result<Arc<VerifiedToken>, VerifyError> {
            Err(VerifyError::Rejected(Rejection::BadSignature))
        }

        fn verify_at_once(&self, presented: &Presented) -> AtOnce {
            AtOnce::Judged(self.verify(presented))
        }

        fn recognise(&self, presented: &Presented) -> Option<AtOnce> {
            (presented.token().reveal() == "known").then(|| AtOnce::Judged(Ok(Arc::clone(&self.0))))
        }

        fn key_reports(&self) -> Vec<IssuerKeys> {
            Vec::new()
        }
    }

    fn gate() -> Gate {
        let ada = VerifiedToken::assert_verified(VerifiedClaims {
            subject: Subject::parse("auth0|ada").expect("a subject"),
            issued_at: None,
            expires_at: UnixTime::from_secs(2_000_000_000),
            profile: Profile::default(),
            grants: Grants::default(),
        });
        let challenger = Challenger::for_realm("notes").expect("a realm");
        Gate::new(Arc::new(KnowsOne(Arc::new(ada))), challenger).for_another_thread()
    }

    fn bearer(token: &str) -> Result<Presented, NotPresented> {
        Ok(Presented::Bearer(AccessToken::new(token)))
    }

    #[tokio::test]
    async fn in_a_flood_the_unknown_wait_in_line_and_the_known_do_not() {
        let gate = gate();
        let mut waiting = Vec::new();
        for _ in 0..100 {
            match gate.begin(bearer("forged")) {
                Judgement::Done(judged) => assert!(judged.is_err()),
                Judgement::Waits(presented, so_far) => waiting.push((presented, so_far)),
            }
        }
        assert!((70..=90).contains(&waiting.len()), "{} wait", waiting.len());
        assert!(matches!(gate.begin(bearer("known")), Judgement::Done(Ok(_))));
        assert_eq!(gate.in_line(), 0, "nobody has asked for a place so far");
        for (presented, so_far) in waiting {
            assert!(matches!(gate.go_on(presented, so_far).await, Err(Denial::Refused(_))));
        }
    }
}
