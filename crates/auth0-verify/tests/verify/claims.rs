//! What a good signature does not make good.

use auth0_verify::{Audience, Auth0Verifier, CachePolicy, HttpKeyFetcher, Issuer, KeyCache, TokenRules, TrustedIssuer};
use domain::{Rejection, TokenVerifier as _, VerifyError};
use fake_auth0::{Dialect, FakeAuth0};

use std::sync::Arc;

use crate::{Bench, bearer};

#[test]
fn both_of_auth0s_token_dialects_are_accepted() {
    let bench = Bench::new();
    for dialect in [Dialect::Auth0, Dialect::Rfc9068] {
        assert!(bench.accepts(&bench.tenant.token_for("auth0|ada").dialect(dialect).mint()), "{dialect:?}");
    }
}

#[test]
fn an_expired_token_is_refused_although_its_signature_is_good() {
    let bench = Bench::new();
    let token = bench.tenant.token_for("auth0|ada").expires_in(60).mint();
    assert!(bench.accepts(&token));
    bench.pass(89);
    assert!(bench.accepts(&token), "within the leeway");
    bench.pass(1);
    assert_eq!(bench.rejection(&token), Rejection::Expired);
}

#[test]
fn a_token_for_another_audience_is_refused_and_causes_no_fetch() {
    let bench = Bench::new();
    let token = bench.tenant.token_for("auth0|ada").claim("aud", "https://other.example").mint();
    assert_eq!(bench.rejection(&token), Rejection::WrongAudience);
    assert_eq!(bench.fetches(), 0);
}

#[test]
fn a_token_of_another_issuer_is_refused_and_causes_no_fetch() {
    let (bench, other) = (Bench::new(), FakeAuth0::start());
    assert_eq!(bench.rejection(&other.token("auth0|ada")), Rejection::WrongIssuer);
    assert_eq!((bench.fetches(), other.requests(fake_auth0::Endpoint::Jwks)), (0, 0));
}

#[test]
fn a_token_bound_to_a_key_is_not_accepted_as_a_plain_bearer() {
    let bench = Bench::new();
    let bound = serde_json::json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"});
    assert_eq!(bench.rejection(&bench.tenant.token_for("auth0|ada").claim("cnf", bound).mint()), Rejection::KeyBound);
}

#[test]
fn machines_and_anonymous_sessions_have_good_tokens_and_are_no_users() {
    let bench = Bench::new();
    for token in [bench.tenant.machine_token_for("m2m").mint(), bench.tenant.anonymous_token_for("s1").mint()] {
        let verified = bench.verify(&token).expect("a good token");
        assert_ne!(verified.subject().principal(), domain::Principal::User);
    }
}

#[test]
fn a_key_of_one_trusted_issuer_does_not_sign_for_another() {
    let (one, two) = (Bench::new(), FakeAuth0::start());
    let second = Issuer::parse(two.domain()).expect("a domain");
    let fetcher = Arc::new(HttpKeyFetcher::new(&second));
    let issuers = vec![
        TrustedIssuer { issuer: Issuer::parse(one.tenant.domain()).expect("a domain"), keys: Arc::clone(&one.keys) },
        TrustedIssuer {
            issuer: second,
            keys: Arc::new(KeyCache::new(fetcher, one.clock.clone(), CachePolicy::default())),
        },
    ];
    let audience = Audience::parse(one.tenant.audience()).expect("an audience");
    let verifier = Auth0Verifier::new(TokenRules::for_audience(audience), issuers, one.clock.clone());
    let verify = |token: String| verifier.verify(&bearer(&token));

    two.set_clock(one.tenant.now());
    assert!(verify(one.tenant.token("auth0|ada")).is_ok());
    assert!(verify(two.token("auth0|ada")).is_ok());
    let crossed = two.token_for("auth0|ada").claim("iss", one.tenant.issuer()).mint();
    assert!(matches!(verify(crossed), Err(VerifyError::Rejected(Rejection::UnknownKey))));
}
