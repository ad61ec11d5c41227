//! What is measured: a verifier with its keys at hand, tokens for it, and the bare check of the same signature.

use std::sync::Arc;

use auth0_verify::{
    AllowedAlgorithms, Audience, Auth0Verifier, CachePolicy, FetchError, Issuer, KeyAnswer, KeyCache, KeyFetcher,
    KeySet, TokenRules, TrustedIssuer, Validator,
};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{AccessToken, ManualClock, Presented, TokenVerifier as _, UnixTime};
use fake_auth0::{Algorithm, BadToken, FakeAuth0};

const NOW: i64 = 1_800_000_000;

/// A tenant that signs with one algorithm, and a verifier that trusts it.
pub(crate) struct Stage {
    pub(crate) tenant: FakeAuth0,
    verifier: Auth0Verifier,
}

struct Published(Vec<u8>);

impl KeyFetcher for Published {
    fn fetch(&self, _: Option<&Validator>) -> Result<KeyAnswer, FetchError> {
        Ok(KeyAnswer::of(KeySet::parse(&self.0)?))
    }
}

impl Stage {
    pub(crate) fn for_algorithm(algorithm: Algorithm) -> Self {
        let tenant =
            FakeAuth0::builder().domain_override("bench.example.test").algorithm(algorithm).clock_at(NOW).start();
        let clock = Arc::new(ManualClock::at(UnixTime::from_secs(NOW)));
        let fetcher = Arc::new(Published(tenant.jwks()));
        let keys = Arc::new(KeyCache::new(fetcher, clock.clone(), CachePolicy::default()));
        keys.refresh_if_due();
        let mut rules = TokenRules::for_audience(Audience::parse(tenant.audience()).expect("an audience"));
        rules.algorithms = AllowedAlgorithms::parse(algorithm.name()).expect("an algorithm");
        let issuer = Issuer::parse(tenant.domain()).expect("a domain");
        let verifier = Auth0Verifier::new(rules, vec![TrustedIssuer { issuer, keys }], clock);
        Self { tenant, verifier }
    }

    pub(crate) fn good(&self) -> Presented {
        presented(self.tenant.token("auth0|5f7c8ec7c33c6c004bbafe82"))
    }

    pub(crate) fn bad(&self, kind: BadToken) -> Presented {
        presented(kind.mint(&self.tenant, "auth0|5f7c8ec7c33c6c004bbafe82"))
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
