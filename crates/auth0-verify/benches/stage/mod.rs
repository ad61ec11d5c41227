//! What is measured: a verifier with its keys at hand, tokens for it, and the bare check of the same signature.

#![allow(dead_code, reason = "each measurement needs a part of it")]

use std::sync::Arc;

use auth0_verify::dpop::{DpopMode, DpopPolicy, PublicUrl};
use auth0_verify::{
    AllowedAlgorithms, Audience, Auth0Verifier, CachePolicy, FetchError, Issuer, KeyAnswer, KeyCache, KeyFetcher,
    KeySet, TokenRules, TrustedIssuer, Validator,
};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{
    AccessToken, DpopProof, ManualClock, Presented, ProofUse, ProvenToken, ReplayStore, RepositoryError, RequestTarget,
    TokenCacheReport, TokenVerifier as _, UnixTime, UsedProof,
};
use fake_auth0::{Algorithm, BadToken, DpopKey, FakeAuth0};

const NOW: i64 = 1_800_000_000;
const URL: &str = "https://api.acme.com";
const SUB: &str = "auth0|5f7c8ec7c33c6c004bbafe82";

/// A tenant that signs with one algorithm, and a verifier that trusts it.
pub(crate) struct Stage {
    pub(crate) tenant: FakeAuth0,
    verifier: Auth0Verifier,
    client: DpopKey,
}

struct Published(Vec<u8>);

impl KeyFetcher for Published {
    fn fetch(&self, _: Option<&Validator>) -> Result<KeyAnswer, FetchError> {
        Ok(KeyAnswer::of(KeySet::parse(&self.0)?))
    }
}

/// Believes every proof to be new, so that the store costs nothing.
struct Forgetful;

impl ReplayStore for Forgetful {
    fn remember(&self, _: &UsedProof) -> Result<ProofUse, RepositoryError> {
        Ok(ProofUse::First)
    }

    fn answers_at_once(&self) -> bool {
        true
    }
}

impl Stage {
    /// Every token is judged from the beginning.
    pub(crate) fn for_algorithm(algorithm: Algorithm) -> Self {
        Self::with_known_tokens(algorithm, 0)
    }

    pub(crate) fn with_known_tokens(algorithm: Algorithm, entries: usize) -> Self {
        let tenant =
            FakeAuth0::builder().domain_override("bench.example.test").algorithm(algorithm).clock_at(NOW).start();
        let clock = Arc::new(ManualClock::at(UnixTime::from_secs(NOW)));
        let fetcher = Arc::new(Published(tenant.jwks()));
        let keys = Arc::new(KeyCache::new(fetcher, clock.clone(), CachePolicy::default()));
        keys.refresh_if_due();
        let mut rules = TokenRules::for_audience(Audience::parse(tenant.audience()).expect("an audience"));
        rules.algorithms = AllowedAlgorithms::parse(algorithm.name()).expect("an algorithm");
        let issuer = Issuer::parse(tenant.domain()).expect("a domain");
        let policy = DpopPolicy::new(DpopMode::Allowed, PublicUrl::parse(URL).expect("a URL"), Arc::new(Forgetful));
        let verifier = Auth0Verifier::new(rules, vec![TrustedIssuer { issuer, keys }], clock)
            .with_dpop(policy)
            .with_token_cache(entries);
        Self { tenant, verifier, client: DpopKey::generate() }
    }

    /// A good token of another user for each number.
    pub(crate) fn good_of(&self, number: usize) -> Presented {
        presented(self.tenant.token(&format!("auth0|{number:024x}")))
    }

    /// A good token that is bound to the client's key.
    pub(crate) fn bound(&self) -> String {
        self.tenant.token_for(SUB).bound_to(&self.client.thumbprint()).mint()
    }

    /// The bound token with a new proof.
    pub(crate) fn with_proof(&self, token: &str) -> Presented {
        let proof = self.client.proof("GET", &format!("{URL}/auth/verify")).issued_at(NOW).for_token(token).mint();
        Presented::Dpop(ProvenToken {
            token: AccessToken::new(token),
            proof: Some(DpopProof::new(proof)),
            request: RequestTarget { method: "GET".into(), path: "/auth/verify".into() },
        })
    }

    pub(crate) fn cache(&self) -> TokenCacheReport {
        self.verifier.token_cache_report().unwrap_or_default()
    }

    pub(crate) fn good(&self) -> Presented {
        presented(self.tenant.token(SUB))
    }

    pub(crate) fn bad(&self, kind: BadToken) -> Presented {
        presented(kind.mint(&self.tenant, SUB))
    }

    /// Whether the token was accepted.
    pub(crate) fn verify(&self, presented: &Presented) -> bool {
        self.verifier.verify(presented).is_ok()
    }

    /// The check of the same signature, with nothing around it: the key is parsed, the signature is decoded.
    pub(crate) fn bare(&self, presented: &Presented) -> Bare {
        let (message, signature) = presented.token().reveal().rsplit_once('.').expect("a token");
        let jwk = self.tenant.signing_key().jwk();
        let member = |name: &str| decode(jwk[name].as_str().expect("a member"));
        let key = if jwk["kty"] == "RSA" {
            let components = RsaPublicKeyComponents { n: member("n"), e: member("e") };
            components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).expect("an RSA key")
        } else {
            let point = [vec![4], member("x"), member("y")].concat();
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).expect("an elliptic key")
        };
        Bare { key, message: message.to_owned(), signature: decode(signature) }
    }
}

/// A signature to be checked.
pub(crate) struct Bare {
    key: ParsedPublicKey,
    message: String,
    signature: Vec<u8>,
}

impl Bare {
    /// Whether it verifies.
    pub(crate) fn check(&self) -> bool {
        self.key.verify_sig(self.message.as_bytes(), &self.signature).is_ok()
    }
}

fn presented(token: String) -> Presented {
    Presented::Bearer(AccessToken::new(token))
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}
