//! How a resource server asks for a token: the header `WWW-Authenticate`.

use std::fmt::Write as _;

use domain::Presented;

use crate::algorithm::Algorithm;
use crate::dpop::{Demand, DpopPolicy};

/// The challenges of one resource server. Nothing in it comes from a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenger {
    realm: Box<str>,
    resource_metadata: Option<Box<str>>,
    /// `None` where DPoP is off.
    dpop: Option<Demand>,
}

/// The text cannot stand in a quoted string of a header: it holds a control character, a quote, a backslash or what is
/// not ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected printable ASCII without quotes and backslashes")]
pub struct NotQuotable;

/// What a challenge says beyond the scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told<'a> {
    /// No token came: nothing (RFC 6750 §3.1).
    Nothing,
    /// A token came and is not good.
    InvalidToken,
    /// The proof beside the token is not good (RFC 9449 §7.1).
    InvalidProof,
    /// The proof lacks a nonce that the answer brings (RFC 9449 §9).
    UseNonce,
    /// A good token that does not allow enough, and the scopes that would.
    InsufficientScope(&'a [Box<str>]),
}

impl Challenger {
    /// The challenges of a realm: a name for what is protected (RFC 9110 §11.5).
    ///
    /// # Errors
    /// [`NotQuotable`].
    pub fn for_realm(realm: &str) -> Result<Self, NotQuotable> {
        Ok(Self { realm: quotable(realm)?, resource_metadata: None, dpop: None })
    }

    /// The same, telling where the metadata of the protected resource is (RFC 9728 §5.1).
    ///
    /// # Errors
    /// [`NotQuotable`].
    pub fn with_metadata_at(self, url: &str) -> Result<Self, NotQuotable> {
        Ok(Self { resource_metadata: Some(quotable(url)?), ..self })
    }

    /// The same, asking for proofs as the policy says (RFC 9449 §7.1): beside bearer tokens or instead of them.
    #[must_use]
    pub fn with_dpop(self, policy: &DpopPolicy) -> Self {
        Self { dpop: Demand::of(policy), ..self }
    }

    /// The value of `DPoP-Nonce` for an answer to a request that was let in (RFC 9449 §8.2): the nonce for the next proof,
    /// to whoever sends proofs, where nonces are asked for.
    #[must_use]
    pub fn next_nonce(&self, presented: &Presented) -> Option<String> {
        match presented {
            Presented::Dpop(_) => self.nonce(),
            Presented::Bearer(_) => None,
        }
    }

    pub(crate) fn nonce(&self) -> Option<String> {
        self.dpop.as_ref().and_then(Demand::nonce)
    }

    /// The values of the header, one for each scheme.
    pub(crate) fn challenges(&self, told: Told<'_>) -> Vec<String> {
        let bearer = || self.challenge(format!(r#"Bearer realm="{}""#, self.realm), told.to_bearer());
        let algorithms = || DpopPolicy::ALGORITHMS.map(Algorithm::name).join(" ");
        let dpop = || self.challenge(format!(r#"DPoP algs="{}""#, algorithms()), told);
        match &self.dpop {
            None => vec![bearer()],
            Some(demand) if demand.is_for_all() => vec![dpop()],
            Some(_) => vec![bearer(), dpop()],
        }
    }

    /// Parameters are set apart by commas (RFC 9110 §11.2).
    fn challenge(&self, mut challenge: String, told: Told<'_>) -> String {
        // Writing to a string cannot fail.
        let _ = match told.error() {
            Some(error) => write!(challenge, r#", error="{error}""#),
            None => Ok(()),
        };
        if let Told::InsufficientScope(scopes @ [_, ..]) = told {
            let _ = write!(challenge, r#", scope="{}""#, scopes.join(" "));
        }
        if let Some(url) = &self.resource_metadata {
            let _ = write!(challenge, r#", resource_metadata="{url}""#);
        }
        challenge
    }
}

impl Told<'_> {
    fn error(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::InvalidToken => Some("invalid_token"),
            Self::InvalidProof => Some("invalid_dpop_proof"),
            Self::UseNonce => Some("use_dpop_nonce"),
            Self::InsufficientScope(_) => Some("insufficient_scope"),
        }
    }

    /// Of proofs a bearer challenge says nothing.
    fn to_bearer(self) -> Self {
        match self {
            Self::InvalidProof | Self::UseNonce => Self::Nothing,
            other => other,
        }
    }
}

fn quotable(text: &str) -> Result<Box<str>, NotQuotable> {
    let fits = text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\');
    if fits { Ok(text.into()) } else { Err(NotQuotable) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dpop::{DpopMode, InMemoryReplayStore, PublicUrl};
    use std::sync::Arc;

    fn challenger() -> Challenger {
        Challenger::for_realm("notes").expect("a realm")
    }

    #[test]
    fn a_challenge_says_no_more_than_what_the_client_did_wrong() {
        let scopes = ["read:notes".into(), "write:notes".into()];
        for (told, challenge) in [
            (Told::Nothing, r#"Bearer realm="notes""#),
            (Told::InvalidToken, r#"Bearer realm="notes", error="invalid_token""#),
            (Told::InsufficientScope(&[]), r#"Bearer realm="notes", error="insufficient_scope""#),
            (
                Told::InsufficientScope(&scopes),
                r#"Bearer realm="notes", error="insufficient_scope", scope="read:notes write:notes""#,
            ),
        ] {
            assert_eq!(challenger().challenges(told), [challenge]);
        }
    }

    #[test]
    fn the_metadata_stands_in_every_challenge_once_its_place_is_known() {
        let url = "https://api.acme.com/.well-known/oauth-protected-resource";
        let challenger = challenger().with_metadata_at(url).expect("a URL");
        let metadata = format!(r#"resource_metadata="{url}""#);
        assert_eq!(challenger.challenges(Told::Nothing), [format!(r#"Bearer realm="notes", {metadata}"#)]);
        let invalid = format!(r#"Bearer realm="notes", error="invalid_token", {metadata}"#);
        assert_eq!(challenger.challenges(Told::InvalidToken), [invalid]);
    }

    fn with_dpop(mode: DpopMode) -> Challenger {
        let url = PublicUrl::parse("https://api.acme.com").expect("a URL");
        challenger().with_dpop(&DpopPolicy::new(mode, url, Arc::new(InMemoryReplayStore::default())))
    }

    const ALGS: &str = "ES256 ES384 PS256 PS384 PS512 RS256 RS384 RS512";

    #[test]
    fn where_proofs_are_taken_each_scheme_has_a_challenge_of_its_own() {
        for (told, bearer, dpop) in [
            (Told::Nothing, "", ""),
            (Told::InvalidToken, r#", error="invalid_token""#, r#", error="invalid_token""#),
            (Told::InvalidProof, "", r#", error="invalid_dpop_proof""#),
            (Told::UseNonce, "", r#", error="use_dpop_nonce""#),
        ] {
            let (bearer, dpop) = (format!(r#"Bearer realm="notes"{bearer}"#), format!(r#"DPoP algs="{ALGS}"{dpop}"#));
            assert_eq!(with_dpop(DpopMode::Allowed).challenges(told), [bearer, dpop.clone()]);
            assert_eq!(with_dpop(DpopMode::Required).challenges(told), [dpop]);
        }
        let scopes = ["read:notes".into()];
        let insufficient = with_dpop(DpopMode::Required).challenges(Told::InsufficientScope(&scopes));
        assert_eq!(insufficient, [format!(r#"DPoP algs="{ALGS}", error="insufficient_scope", scope="read:notes""#)]);
    }

    #[test]
    fn where_dpop_is_off_the_challenge_is_the_one_without_it() {
        assert_eq!(with_dpop(DpopMode::Off), challenger());
        assert_eq!(
            with_dpop(DpopMode::Off).challenges(Told::InvalidToken),
            challenger().challenges(Told::InvalidToken)
        );
    }

    #[test]
    fn nothing_breaks_out_of_the_quotes() {
        for text in [r#"a"b"#, r"a\b", "a\nb", "a\0b", "ü"] {
            assert_eq!(Challenger::for_realm(text), Err(NotQuotable), "{text:?}");
            assert_eq!(challenger().with_metadata_at(text), Err(NotQuotable), "{text:?}");
        }
    }
}
