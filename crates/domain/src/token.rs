//! A token before and after it was judged.

use std::fmt;

use crate::{ClaimedProfile, Grants, Subject, UnixTime};

/// What a client sent as its access token, not judged yet. `Debug` does not show it.
#[derive(Clone)]
pub struct AccessToken(Box<str>);

impl AccessToken {
    /// Wraps what the client sent.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The token, for the verifier and nobody else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

/// What a verifier read from a token whose signature and claims it checked.
#[derive(Clone, Debug)]
pub struct VerifiedClaims {
    /// `sub`.
    pub subject: Subject,
    /// `iat`, where the token has one.
    pub issued_at: Option<UnixTime>,
    /// `exp`.
    pub expires_at: UnixTime,
    /// The profile claims that an Auth0 Action may add; empty in most tokens.
    pub profile: ClaimedProfile,
    /// What the token allows its holder.
    pub grants: Grants,
}

/// Proof that a token was verified: the only way to a subject that a rule acts for.
#[derive(Clone, Debug)]
pub struct VerifiedToken(VerifiedClaims);

impl VerifiedToken {
    /// States that signature and claims were checked. A token verifier calls this in one place; nothing else may,
    /// outside of tests, and `cargo xtask tidy` counts the callers.
    #[must_use]
    pub fn assert_verified(claims: VerifiedClaims) -> Self {
        Self(claims)
    }

    /// Who the token speaks for.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.0.subject
    }

    /// When the token was issued, if it says so.
    #[must_use]
    pub fn issued_at(&self) -> Option<UnixTime> {
        self.0.issued_at
    }

    /// When the token ends.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.0.expires_at
    }

    /// What the token itself says about the person.
    #[must_use]
    pub fn profile(&self) -> &ClaimedProfile {
        &self.0.profile
    }

    /// What the token allows its holder.
    #[must_use]
    pub fn grants(&self) -> &Grants {
        &self.0.grants
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_a_bearer_token_hides_it() {
        assert_eq!(format!("{:?}", AccessToken::new("eyJhbGciOi")), "AccessToken(…)");
    }
}
