//! An issuer without a network: one key, one moment, one verifier.

use std::sync::{Arc, LazyLock};

use auth0_verify::{
    AllowedAlgorithms, Audience, Auth0Verifier, CachePolicy, FetchError, Issuer, KeyAnswer, KeyCache, KeyFetcher,
    KeySet, TokenRules, TrustedIssuer, Validator,
};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{
    AccessToken, ManualClock, Presented, Rejection, TokenVerifier as _, UnixTime, VerifiedToken, VerifyError,
};

pub(crate) const ISSUER: &str = "https://tenant.example/";
pub(crate) const AUDIENCE: &str = "https://api.example";
pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const LEEWAY: f64 = 30.0;
pub(crate) const KID: &str = "key";

pub(crate) const HEADER: &str = r#"{"alg":"ES256","typ":"JWT","kid":"key"}"#;
pub(crate) const CLAIMS: &str = r#"{"iss":"https://tenant.example/","sub":"auth0|ada","aud":"https://api.example","iat":1799999000,"exp":1800086400}"#;

/// The issuer, and the verifier that trusts it.
pub(crate) struct Tenant {
    key: EcdsaKeyPair,
    keys: Vec<u8>,
    verifier: Auth0Verifier,
    good: String,
}

static TENANT: LazyLock<Tenant> = LazyLock::new(Tenant::new);

/// The same one for every input.
pub(crate) fn tenant() -> &'static Tenant {
    &TENANT
}

impl Tenant {
    fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("an elliptic key");
        let point = &key.public_key().as_ref()[1..];
        let jwk = serde_json::json!({
            "kty": "EC", "crv": "P-256", "kid": KID, "x": encode(&point[..32]), "y": encode(&point[32..]),
        });
        let keys = serde_json::json!({ "keys": [jwk] }).to_string().into_bytes();
        let mut tenant = Self { key, verifier: verifier_with(keys.clone()), keys, good: String::new() };
        tenant.good = tenant.sign(HEADER, CLAIMS.as_bytes());
        tenant
    }

    /// One more verifier that trusts it, to be told other rules.
    pub(crate) fn another_verifier(&self) -> Auth0Verifier {
        verifier_with(self.keys.clone())
    }

    /// A token with [`HEADER`] and [`CLAIMS`].
    pub(crate) fn good(&self) -> &str {
        &self.good
    }

    /// Signs as the issuer does.
    pub(crate) fn sign(&self, header: &str, claims: &[u8]) -> String {
        let signed = format!("{}.{}", encode(header), encode(claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
        format!("{signed}.{}", encode(signature))
    }

    /// What the verifier makes of a text, and of the same text when it has become known.
    pub(crate) fn verify(&self, token: &str) -> Result<Arc<VerifiedToken>, Rejection> {
        let verified = verify(&self.verifier, token)?;
        for _ in 0..2 {
            let again = verify(&self.verifier, token).expect("good a moment ago");
            assert_eq!(format!("{again:?}"), format!("{verified:?}"));
        }
        Ok(verified)
    }

    /// What the verifier makes of a token as a request presented it.
    pub(crate) fn judge(&self, presented: &Presented) -> Result<Arc<VerifiedToken>, Rejection> {
        judged(&self.verifier, presented)
    }
}

/// A verifier that gets these bytes whenever it asks for keys.
pub(crate) fn verifier_with(keys: Vec<u8>) -> Auth0Verifier {
    struct Fixed(Vec<u8>);
    impl KeyFetcher for Fixed {
        fn fetch(&self, _: Option<&Validator>) -> Result<KeyAnswer, FetchError> {
            Ok(KeyAnswer::of(KeySet::parse(&self.0)?))
        }
    }
    let clock = Arc::new(ManualClock::at(UnixTime::from_secs(NOW)));
    let keys = Arc::new(KeyCache::new(Arc::new(Fixed(keys)), clock.clone(), CachePolicy::default()));
    keys.refresh_if_due();
    let mut rules = TokenRules::for_audience(Audience::parse(AUDIENCE).expect("an audience"));
    rules.algorithms = AllowedAlgorithms::parse("RS256,PS256,ES256").expect("algorithms");
    let issuer = Issuer::parse(ISSUER).expect("an issuer");
    Auth0Verifier::new(rules, vec![TrustedIssuer { issuer, keys }], clock).with_token_cache(64)
}

/// What that verifier makes of a text. Its keys are at hand, so a trouble of ours is a finding.
pub(crate) fn verify(verifier: &Auth0Verifier, token: &str) -> Result<Arc<VerifiedToken>, Rejection> {
    judged(verifier, &Presented::Bearer(AccessToken::new(token)))
}

pub(crate) fn judged(verifier: &Auth0Verifier, presented: &Presented) -> Result<Arc<VerifiedToken>, Rejection> {
    match verifier.verify(presented) {
        Ok(verified) => Ok(verified),
        Err(VerifyError::Rejected(rejection)) => Err(rejection),
        Err(error) => panic!("{error}"),
    }
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
