//! Only the issuer's own keys make a token good.

use auth0_verify::{AllowedAlgorithms, CachePolicy};
use domain::Rejection;
use fake_auth0::{Algorithm, FakeAuth0, SigningKey, SigningKeyChoice};

use crate::Bench;

#[test]
fn a_token_signed_by_the_tenant_is_accepted_and_its_claims_are_the_signed_ones() {
    let bench = Bench::new();
    let token = bench.tenant.token_for("auth0|ada").email("Ada@Example.com", true).name("Ada").mint();
    let verified = bench.verify(&token).expect("a good token");
    assert_eq!(verified.subject().as_str(), "auth0|ada");
    let email = verified.profile().email.as_ref().expect("an email");
    assert_eq!((email.address.as_str(), email.verified), ("ada@example.com", Some(true)));
}

#[test]
fn a_key_that_nobody_published_does_not_sign_for_the_tenant() {
    let bench = Bench::new();
    let stranger = SigningKey::stranger(Algorithm::Rs256);
    let token = bench.tenant.token_for("auth0|ada").kid("stranger").sign_with(SigningKeyChoice::Key(stranger)).mint();
    assert_eq!(bench.rejection(&token), Rejection::UnknownKey);
}

#[test]
fn a_stranger_who_names_the_tenants_key_is_found_out_by_the_signature() {
    let bench = Bench::new();
    let stranger = SigningKey::stranger(Algorithm::Rs256).with_kid(bench.tenant.signing_key().kid());
    let token = bench.tenant.token_for("auth0|ada").sign_with(SigningKeyChoice::Key(stranger)).mint();
    assert_eq!(bench.rejection(&token), Rejection::BadSignature);
}

#[test]
fn claims_cannot_be_exchanged_under_a_signature() {
    let bench = Bench::new();
    let (ada, eve) = (bench.tenant.token("auth0|ada"), bench.tenant.token("auth0|eve"));
    let [ada, eve] = [&ada, &eve].map(|token| token.split('.').collect::<Vec<_>>());
    assert_eq!(bench.rejection(&[ada[0], eve[1], ada[2]].join(".")), Rejection::BadSignature);
}

#[test]
fn any_change_of_any_character_makes_a_token_bad() {
    let bench = Bench::new();
    let token = bench.tenant.token("auth0|ada");
    assert!(bench.accepts(&token));
    for position in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("still ASCII");
        // The kid may become another one; then it is the issuer, asked in vain, that may be called our trouble.
        assert!(bench.verify(&changed).is_err(), "position {position}");
    }
}

#[test]
fn every_allowed_algorithm_verifies_with_a_key_of_its_type() {
    for algorithm in Algorithm::ALL.iter().copied() {
        let tenant = FakeAuth0::builder().algorithm(algorithm).start();
        let bench = Bench::of(tenant, CachePolicy::default(), |rules| {
            rules.algorithms = AllowedAlgorithms::parse(algorithm.name()).expect("an algorithm");
        });
        assert!(bench.accepts(&bench.tenant.token("auth0|ada")), "{}", algorithm.name());
    }
}

#[test]
fn an_algorithm_that_is_not_allowed_is_refused_even_if_the_signature_is_good() {
    for algorithm in Algorithm::ALL.iter().copied().filter(|algorithm| *algorithm != Algorithm::Rs256) {
        let bench = Bench::of(FakeAuth0::builder().algorithm(algorithm).start(), CachePolicy::default(), |_| ());
        let token = bench.tenant.token("auth0|ada");
        assert_eq!(bench.rejection(&token), Rejection::AlgorithmNotAllowed, "{}", algorithm.name());
        assert_eq!(bench.fetches(), 0);
    }
}

#[test]
fn a_key_is_used_with_the_algorithm_it_states_only() {
    let bench = Bench::with(CachePolicy::default(), |rules| {
        rules.algorithms = AllowedAlgorithms::parse("RS256,PS256,ES256").expect("algorithms");
    });
    for algorithm in [Algorithm::Ps256, Algorithm::Es256] {
        let token = bench.tenant.token_for("auth0|ada").header("alg", algorithm.name()).mint();
        assert_eq!(bench.rejection(&token), Rejection::KeyMismatch, "{}", algorithm.name());
    }
}
