//! Keys are replaced ahead of time, and only by better ones.

use auth0_verify::{Audience, Auth0Verifier, CachePolicy, Issuer, KeySource, TokenRules};
use domain::{KeyReadiness, SystemClock};
use fake_auth0::{Endpoint, FakeAuth0, Fault};

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::Bench;

#[test]
fn keys_are_refreshed_once_at_80_percent_of_their_greatest_age() {
    let bench = Bench::new();
    bench.pass(0);
    assert_eq!(bench.fetches(), 1);
    bench.pass(431);
    assert_eq!(bench.fetches(), 1);
    bench.pass(49);
    bench.pass(1);
    assert_eq!(bench.fetches(), 2);
    assert_eq!(bench.keys.report().readiness, KeyReadiness::Fresh);
}

#[test]
fn an_answer_that_is_no_usable_set_does_not_replace_a_good_one() {
    type Spoil = fn(&FakeAuth0);
    let spoils: [(&str, Spoil); 11] = [
        ("no JSON", |tenant| tenant.garble(Endpoint::Jwks)),
        ("an error", |tenant| tenant.fail(Endpoint::Jwks, 500)),
        ("truncated", |tenant| tenant.truncate(Endpoint::Jwks)),
        ("over 64 KiB", |tenant| tenant.oversize(Endpoint::Jwks, 64 * 1024 + 1)),
        ("over 64 KiB, unannounced", |tenant| {
            tenant.break_endpoint(Endpoint::Jwks, Fault::OversizeUnannounced(64 * 1024 + 1));
        }),
        ("33 keys", |tenant| {
            let key = tenant.signing_key().jwk();
            tenant.publish_raw_jwks(serde_json::json!({ "keys": vec![key; 33] }).to_string());
        }),
        ("closed", |tenant| tenant.close(Endpoint::Jwks)),
        ("no keys", |tenant| tenant.publish_raw_jwks(br#"{"keys":[]}"#.as_slice())),
        ("a key that can verify nothing", |tenant| {
            let mut key = tenant.signing_key().jwk();
            key["e"] = "AQ".into();
            tenant.publish_raw_jwks(serde_json::json!({ "keys": [key] }).to_string());
        }),
        ("an array", |tenant| tenant.publish_raw_jwks(b"[]".as_slice())),
        ("a redirect", |tenant| tenant.redirect(Endpoint::Jwks, &format!("{}elsewhere", tenant.issuer()))),
    ];
    for (name, spoil) in spoils {
        let bench = Bench::new();
        // So that the set is sent whole each time.
        bench.tenant.set_jwks_header("etag", &[]);
        let token = bench.tenant.token("auth0|ada");
        assert!(bench.accepts(&token));
        spoil(&bench.tenant);
        bench.pass(480);
        let report = bench.keys.report();
        assert_eq!((report.fetched, report.fetch_failures), (1, 1), "{name}");
        assert_eq!(bench.tenant.requests(Endpoint::Jwks), 2, "{name}");
        assert!(bench.accepts(&bench.tenant.token("auth0|ada")), "{name}");
    }
}

#[test]
fn a_set_of_64_kib_and_32_keys_is_taken() {
    let bench = Bench::new();
    bench.tenant.oversize(Endpoint::Jwks, 64 * 1024);
    let others = (0..31).map(|n| {
        let mut key = FakeAuth0::start().signing_key().jwk();
        key["kid"] = format!("other-{n}").into();
        key.as_object_mut().expect("a key").remove("x5c");
        key
    });
    let keys: Vec<_> = others.chain([bench.tenant.signing_key().jwk()]).collect();
    bench.tenant.publish_raw_jwks(serde_json::json!({ "keys": keys }).to_string());
    assert!(bench.accepts(&bench.tenant.token("auth0|ada")));
    assert_eq!(bench.keys.report().keys, 32);
}

#[test]
fn an_answer_that_comes_byte_by_byte_is_given_up_after_five_seconds() {
    let bench = Bench::new();
    bench.tenant.drip(Endpoint::Jwks);
    let began = Instant::now();
    assert!(bench.is_our_trouble(&bench.tenant.token("auth0|ada")));
    // The answer would take minutes.
    assert!((4..20).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[test]
fn a_redirect_is_not_followed() {
    let (bench, elsewhere) = (Bench::new(), FakeAuth0::start());
    bench.tenant.redirect(Endpoint::Jwks, &elsewhere.url(Endpoint::Jwks));
    assert!(bench.is_our_trouble(&bench.tenant.token("auth0|ada")));
    assert_eq!(elsewhere.requests(Endpoint::Jwks), 0);
}

#[test]
fn the_refresher_fetches_at_start_and_again_by_itself() {
    let tenant = FakeAuth0::start();
    let policy = CachePolicy { max_age: Duration::from_secs(1), ..CachePolicy::default() };
    let verifier = Auth0Verifier::over_http(
        TokenRules::for_audience(Audience::parse(tenant.audience()).expect("an audience")),
        &KeySource::of(vec![Issuer::parse(tenant.domain()).expect("a domain")]).kept_by(policy),
        Arc::new(SystemClock::default()),
    )
    .expect("a thread");
    assert!(tenant.wait_for_requests(Endpoint::Jwks, 3, Duration::from_secs(20)));
    drop(verifier);
}

#[test]
fn an_issuer_that_does_not_answer_keeps_no_other_from_being_refreshed() {
    let (silent, good) = (FakeAuth0::start(), FakeAuth0::start());
    silent.stall(Endpoint::Jwks);
    let policy = CachePolicy { max_age: Duration::from_secs(1), ..CachePolicy::default() };
    let issuers = [&silent, &good].map(|tenant| Issuer::parse(tenant.domain()).expect("a domain"));
    let rules = TokenRules::for_audience(Audience::parse(good.audience()).expect("an audience"));
    let source = KeySource::of(issuers.to_vec()).kept_by(policy);
    let _verifier = Auth0Verifier::over_http(rules, &source, Arc::new(SystemClock::default())).expect("threads");
    // An attempt is given up after five seconds. A busy machine may need the second one to show two fetches within.
    let patience = Duration::from_secs(20);
    let two_meanwhile = (1..=2).any(|attempt| {
        assert!(silent.wait_for_requests(Endpoint::Jwks, attempt, patience));
        assert!(good.wait_for_requests(Endpoint::Jwks, good.requests(Endpoint::Jwks) + 2, patience));
        (silent.requests(Endpoint::Jwks), silent.requests_in_flight(Endpoint::Jwks)) == (attempt, 1)
    });
    assert!(two_meanwhile);
    silent.restore(Endpoint::Jwks);
}

#[test]
fn keys_are_fetched_over_tls_from_a_tenant_that_the_machine_trusts_and_from_no_other() {
    // This process trusts the machine's certificates, among which the tenant's own is not.
    let bench = Bench::of(FakeAuth0::builder().https(true).start(), CachePolicy::default(), |_| ());
    assert!(bench.is_our_trouble(&bench.tenant.token("auth0|ada")));
    assert_eq!(bench.fetches(), 0);
}
