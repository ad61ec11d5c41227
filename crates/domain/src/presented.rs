//! An access token as a request presents it.

use std::fmt;

use crate::AccessToken;

/// How a request showed its access token.
#[derive(Clone, Debug)]
pub enum Presented {
    /// As a bearer token: whoever holds it may use it (RFC 6750).
    Bearer(AccessToken),
    /// Together with a proof that the sender holds the key to which the token is bound (RFC 9449 §7.1).
    Dpop(ProvenToken),
}

/// A token, the proof beside it, and the request that the proof must be for.
#[derive(Clone, Debug)]
pub struct ProvenToken {
    /// The token behind the scheme `DPoP`.
    pub token: AccessToken,
    /// The `DPoP` header; `None` unless exactly one came, and then the token is refused (RFC 9449 §4.3).
    pub proof: Option<DpopProof>,
    /// The request that brought both.
    pub request: RequestTarget,
}

/// The proof of a request: one `DPoP` header, not judged yet. `Debug` does not show it.
#[derive(Clone)]
pub struct DpopProof(Box<str>);

/// What a proof must have been made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestTarget {
    /// The method as it came, such as `GET`.
    pub method: Box<str>,
    /// The path as it came, without query. The rest of the URL is configured, never read from the request.
    pub path: Box<str>,
}

impl Presented {
    /// The token, however it was shown.
    #[must_use]
    pub fn token(&self) -> &AccessToken {
        match self {
            Self::Bearer(token) | Self::Dpop(ProvenToken { token, .. }) => token,
        }
    }
}

impl DpopProof {
    /// Wraps what the client sent.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The proof, for the verifier and nobody else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DpopProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DpopProof(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_token_nor_proof() {
        let presented = Presented::Dpop(ProvenToken {
            token: AccessToken::new("eyJ0b2tlbi"),
            proof: Some(DpopProof::new("eyJwcm9vZi")),
            request: RequestTarget { method: "GET".into(), path: "/auth/verify".into() },
        });
        let shown = format!("{presented:?}");
        assert!(shown.contains("/auth/verify") && !shown.contains("eyJ"), "{shown}");
    }
}
