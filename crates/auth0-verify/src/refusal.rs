//! The answer to a request that is not let in: one shape, whatever framework sends it.

use domain::{BoxError, Rejection, VerifyError};

use crate::challenge::{Challenger, Told};
use crate::credentials::NotPresented;

/// Why a request was not let in.
#[derive(Debug)]
pub enum RefusalReason {
    /// No token came.
    NoToken,
    /// A token came and is not good.
    BadToken(Rejection),
    /// The token is good and does not allow this; the scopes that would, where scopes are what is missing.
    InsufficientScope(Box<[Box<str>]>),
    /// Our own trouble, which passes: the issuer's keys or the used proofs are out of reach.
    Unavailable(BoxError),
}

/// A refusal as the client sees it. What is behind it is for the log alone.
#[derive(Debug)]
pub struct Refusal {
    reason: RefusalReason,
    challenges: Vec<String>,
    nonce: Option<String>,
}

impl Refusal {
    /// How long a client should wait before it tries again, in seconds.
    pub const RETRY_AFTER_SECS: u32 = 5;

    /// What is behind it.
    #[must_use]
    pub fn reason(&self) -> &RefusalReason {
        &self.reason
    }

    /// The status: 401, 403 or 503 (RFC 6750 §3.1; our own trouble is never a 401).
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.reason {
            RefusalReason::NoToken | RefusalReason::BadToken(_) => 401,
            RefusalReason::InsufficientScope(_) => 403,
            RefusalReason::Unavailable(_) => 503,
        }
    }

    /// The code and the message, as clients compare them.
    #[must_use]
    pub fn words(&self) -> (&'static str, &'static str) {
        match self.reason {
            RefusalReason::NoToken | RefusalReason::BadToken(_) => ("unauthorized", "Invalid or expired token"),
            RefusalReason::InsufficientScope(_) => ("forbidden", "Insufficient scope"),
            RefusalReason::Unavailable(_) => ("unavailable", "Temporarily unavailable"),
        }
    }

    /// The JSON body: `{"error": code, "message": text}`.
    #[must_use]
    pub fn body(&self) -> String {
        let (code, message) = self.words();
        format!(r#"{{"error":"{code}","message":"{message}"}}"#)
    }

    /// The values of `WWW-Authenticate`, each for a header of its own; none where a token would not help.
    #[must_use]
    pub fn challenges(&self) -> &[String] {
        &self.challenges
    }

    /// The value of `DPoP-Nonce`: the nonce that the next proof must hold, where the last one lacked it (RFC 9449 §9).
    #[must_use]
    pub fn dpop_nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// Every header that the answer must have beyond those of its body, by name and value.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers: Vec<_> = self.challenges.iter().map(|value| ("WWW-Authenticate", value.clone())).collect();
        headers.extend(self.nonce.iter().map(|nonce| ("DPoP-Nonce", nonce.clone())));
        headers.extend(self.retry_after_secs().map(|secs| ("Retry-After", secs.to_string())));
        headers
    }

    /// The value of `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after_secs(&self) -> Option<u32> {
        matches!(self.reason, RefusalReason::Unavailable(_)).then_some(Self::RETRY_AFTER_SECS)
    }
}

impl Challenger {
    /// The answer to a request that is not let in.
    #[must_use]
    pub fn refuse(&self, reason: impl Into<RefusalReason>) -> Refusal {
        let reason = reason.into();
        let challenges = match &reason {
            RefusalReason::NoToken => self.challenges(Told::Nothing),
            RefusalReason::BadToken(Rejection::ProofNonce) => self.challenges(Told::UseNonce),
            RefusalReason::BadToken(rejection) if rejection.is_of_proof() => self.challenges(Told::InvalidProof),
            RefusalReason::BadToken(_) => self.challenges(Told::InvalidToken),
            RefusalReason::InsufficientScope(scopes) => self.challenges(Told::InsufficientScope(scopes)),
            RefusalReason::Unavailable(_) => Vec::new(),
        };
        let asks_for_nonce = matches!(reason, RefusalReason::BadToken(Rejection::ProofNonce));
        let nonce = if asks_for_nonce { self.nonce() } else { None };
        Refusal { reason, challenges, nonce }
    }
}

impl From<VerifyError> for RefusalReason {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Rejected(rejection) => rejection.into(),
            trouble @ (VerifyError::KeysUnavailable(_) | VerifyError::ProofsUnavailable(_)) => {
                Self::Unavailable(Box::new(trouble))
            }
        }
    }
}

impl From<NotPresented> for RefusalReason {
    fn from(not_presented: NotPresented) -> Self {
        match not_presented {
            NotPresented::NoToken => Self::NoToken,
            NotPresented::Rejected(rejection) => rejection.into(),
        }
    }
}

impl From<Rejection> for RefusalReason {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            // A scheme that is not offered brings no token.
            Rejection::SchemeNotOffered => Self::NoToken,
            other => Self::BadToken(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dpop::{DpopMode, DpopPolicy, InMemoryReplayStore, PublicUrl, ServerNonces};
    use domain::{ManualClock, Secret, UnixTime};
    use std::sync::Arc;

    fn refuse(reason: impl Into<RefusalReason>) -> (u16, String, usize, Option<u32>) {
        let refusal = Challenger::for_realm("notes").expect("a realm").refuse(reason);
        (refusal.status(), refusal.body(), refusal.challenges().len(), refusal.retry_after_secs())
    }

    #[test]
    fn each_reason_has_its_answer() {
        let unauthorized = r#"{"error":"unauthorized","message":"Invalid or expired token"}"#;
        let forbidden = r#"{"error":"forbidden","message":"Insufficient scope"}"#;
        let unavailable = r#"{"error":"unavailable","message":"Temporarily unavailable"}"#;
        assert_eq!(refuse(NotPresented::NoToken), (401, unauthorized.to_owned(), 1, None));
        assert_eq!(refuse(VerifyError::Rejected(Rejection::Expired)), (401, unauthorized.to_owned(), 1, None));
        let insufficient = RefusalReason::InsufficientScope(Box::default());
        assert_eq!(refuse(insufficient), (403, forbidden.to_owned(), 1, None));
        for trouble in [VerifyError::KeysUnavailable("down".into()), VerifyError::ProofsUnavailable("down".into())] {
            assert_eq!(refuse(trouble), (503, unavailable.to_owned(), 0, Some(5)));
        }
    }

    #[test]
    fn what_a_service_does_not_offer_is_as_good_as_no_token() {
        assert_eq!(refuse(VerifyError::Rejected(Rejection::SchemeNotOffered)), refuse(NotPresented::NoToken));
    }

    #[test]
    fn only_a_proof_without_a_good_nonce_is_refused_with_one() {
        let secret = Secret::new("a secret of thirty-two bytes, at least");
        let clock = Arc::new(ManualClock::at(UnixTime::from_secs(1_800_000_000)));
        let nonces = Arc::new(ServerNonces::new(&[secret], clock).expect("a long secret"));
        let url = PublicUrl::parse("https://api.acme.com").expect("a URL");
        let store = Arc::new(InMemoryReplayStore::default());
        let policy = DpopPolicy::new(DpopMode::Required, url, store).with_nonces(Arc::clone(&nonces));
        let challenger = Challenger::for_realm("notes").expect("a realm").with_dpop(&policy);
        for rejection in Rejection::ALL {
            let refusal = challenger.refuse(VerifyError::Rejected(*rejection));
            let is_about_nonce = *rejection == Rejection::ProofNonce;
            assert_eq!(refusal.dpop_nonce().is_some(), is_about_nonce, "{}", rejection.code());
            assert_eq!(refusal.challenges().concat().contains("use_dpop_nonce"), is_about_nonce);
            let of_proof = rejection.is_of_proof() && !is_about_nonce;
            assert_eq!(refusal.challenges().concat().contains("invalid_dpop_proof"), of_proof, "{}", rejection.code());
        }
        let refusal = challenger.refuse(VerifyError::Rejected(Rejection::ProofNonce));
        assert_eq!(refusal.dpop_nonce(), Some(nonces.current().as_str()));
        assert_eq!(
            refusal.headers(),
            [("WWW-Authenticate", refusal.challenges().concat()), ("DPoP-Nonce", nonces.current())]
        );
        assert_eq!(
            challenger.refuse(VerifyError::ProofsUnavailable("down".into())).headers(),
            [("Retry-After", "5".to_owned())]
        );
    }
}
