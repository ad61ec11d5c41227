//! Good tokens that not every service takes.

use serde_json::json;

use super::bad_token::{by_published, negated, signature_of};
use super::{SigningKeyChoice, TokenBuilder};
use crate::{Algorithm, FakeAuth0};

/// A good token that only some services take: one that speaks for no person, or that is signed otherwise than most.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpecialToken {
    /// A machine's, as client credentials give: `sub` ends in `@clients`.
    Machine,
    /// A session's without a person: `sub` begins with `anon@`.
    Anonymous,
    /// Signed with the key that is published ahead of the next rotation.
    NextKey,
    /// PS256, with a key that is published for it.
    Ps256,
    /// ES256, with a key that is published for it.
    Es256,
    /// ES256 with s replaced by the order less s. ECDSA allows it, so the text of a token is no name for it.
    EcdsaMalleated,
    /// RS256 with a key that is published without `use`, `key_ops` and `alg`.
    BareKey,
}

impl SpecialToken {
    /// Every kind there is.
    pub const ALL: &[Self] =
        &[Self::Machine, Self::Anonymous, Self::NextKey, Self::Ps256, Self::Es256, Self::EcdsaMalleated, Self::BareKey];

    /// A stable name: the variant's in snake case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Anonymous => "anonymous",
            Self::NextKey => "next_key",
            Self::Ps256 => "ps256",
            Self::Es256 => "es256",
            Self::EcdsaMalleated => "ecdsa_malleated",
            Self::BareKey => "bare_key",
        }
    }

    /// Who says that it must be accepted.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Self::Machine => "Auth0: client credentials; no user",
            Self::Anonymous => "Auth0: anonymous sessions; no user",
            Self::NextKey => "Auth0: signing key rotation",
            Self::Ps256 => "RFC 7518 §3.5",
            Self::Es256 => "RFC 7518 §3.4",
            Self::EcdsaMalleated => "FIPS 186-5 §6.4.2",
            Self::BareKey => "RFC 7517 §4",
        }
    }

    /// What is special about it, in a sentence.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Machine => "A machine's token: `sub` ends in `@clients`.",
            Self::Anonymous => "A token of a session without a person: `sub` begins with `anon@`.",
            Self::NextKey => "Signed with the key that is published ahead of the next rotation.",
            Self::Ps256 => "PS256, with a key that is published for it.",
            Self::Es256 => "ES256, with a key that is published for it.",
            Self::EcdsaMalleated => "ES256 with s replaced by the order less s, which verifies as well.",
            Self::BareKey => "RS256 with a key that is published without `use`, `key_ops` and `alg`.",
        }
    }

    /// A token of this kind. Some publish the key that signs them, so a verifier that has fetched the key set before
    /// must fetch it again.
    #[must_use]
    pub fn mint(self, tenant: &FakeAuth0, sub: &str) -> String {
        let token = tenant.token_for(sub);
        match self {
            Self::Machine => tenant.machine_token_for("machine-client").mint(),
            Self::Anonymous => tenant.anonymous_token_for("4f1c").mint(),
            Self::NextKey => token.sign_with(SigningKeyChoice::Next).mint(),
            Self::Ps256 => by_published(token, Algorithm::Ps256).mint(),
            Self::Es256 => by_published(token, Algorithm::Es256).mint(),
            Self::EcdsaMalleated => signature_of(token, |r, s| (r, negated(s))),
            Self::BareKey => by_bare_key(token).mint(),
        }
    }
}

fn by_bare_key(token: TokenBuilder) -> TokenBuilder {
    let token = by_published(token, Algorithm::Rs256);
    let signing = token.tenant().keys().published_for(Algorithm::Rs256);
    let kid = format!("{signing}-bare");
    let jwk = token.tenant().keys().by_kid(&signing).map(|key| key.with_kid(&*kid).jwk()).unwrap_or_default();
    let member = |name: &str| jwk.get(name).cloned().unwrap_or_default();
    let bare = json!({ "kty": "RSA", "kid": kid, "n": member("n"), "e": member("e") });
    crate::lock::lock(&token.tenant().published).add_once(bare);
    token.kid(kid)
}
