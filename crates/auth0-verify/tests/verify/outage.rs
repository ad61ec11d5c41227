//! The issuer is out of reach.

use std::time::Duration;

use auth0_verify::CachePolicy;
use domain::{AtOnce, KeyReadiness, TokenVerifier as _, VerifyError};
use fake_auth0::Endpoint;

use crate::{Bench, bearer};

const DAY: u64 = 86_400;

#[test]
fn without_keys_a_good_token_meets_our_trouble_and_a_bad_one_is_still_refused() {
    let bench = Bench::new();
    let (good, expired) =
        (bench.tenant.token("auth0|ada"), bench.tenant.token_for("auth0|ada").expires_in(-3600).mint());
    bench.tenant.go_down();
    assert!(bench.is_our_trouble(&good));
    assert_eq!(bench.rejection(&expired), domain::Rejection::Expired);
    assert_eq!(bench.keys.report().readiness, KeyReadiness::Missing);
}

#[test]
fn recovery_needs_no_restart() {
    let bench = Bench::new();
    let token = bench.tenant.token("auth0|ada");
    bench.tenant.go_down();
    assert!(bench.is_our_trouble(&token));
    bench.tenant.come_back();
    bench.pass(1);
    assert!(bench.accepts(&token));
}

#[test]
fn old_keys_serve_through_an_outage_up_to_the_stale_limit() {
    let bench = Bench::new();
    let token = bench.tenant.token_for("auth0|ada").expires_in(10 * 86_400).mint();
    assert!(bench.accepts(&token));
    bench.tenant.go_down();
    bench.pass(DAY);
    for uses in 1..=3 {
        assert!(bench.accepts(&token));
        // What is not answered from these keys is no use of them.
        let made_up = bench.tenant.token_for("auth0|eve").kid("made-up").expires_in(10 * 86_400).mint();
        assert!(bench.is_our_trouble(&made_up));
        let report = bench.keys.report();
        assert_eq!((report.readiness, report.stale_uses), (KeyReadiness::Stale, uses));
    }
    bench.pass(1);
    assert!(bench.is_our_trouble(&token));
    assert_eq!(bench.keys.report().readiness, KeyReadiness::Missing);
}

#[test]
fn with_a_stale_limit_of_zero_keys_end_at_their_greatest_age() {
    let policy = CachePolicy { stale_if_error: Duration::ZERO, ..CachePolicy::default() };
    let bench = Bench::with(policy, |_| ());
    let token = bench.tenant.token("auth0|ada");
    assert!(bench.accepts(&token));
    bench.tenant.go_down();
    bench.pass(600);
    assert!(bench.accepts(&token));
    bench.pass(1);
    assert!(bench.is_our_trouble(&token));
}

#[test]
fn an_unknown_kid_during_an_outage_is_our_trouble_and_never_a_rejection() {
    let bench = Bench::new();
    assert!(bench.accepts(&bench.tenant.token("auth0|ada")));
    bench.tenant.rotate_suddenly();
    let new = bench.tenant.token("auth0|ada");
    bench.tenant.go_down();
    for _ in 0..5 {
        assert!(bench.is_our_trouble(&new));
    }
}

#[test]
fn failed_fetches_are_paced_by_the_same_budget() {
    let bench = Bench::new();
    bench.tenant.fail(Endpoint::Jwks, 503);
    let token = bench.tenant.token("auth0|ada");
    for _ in 0..100 {
        assert!(bench.is_our_trouble(&token));
    }
    assert_eq!(bench.fetches(), 2);
}

#[test]
fn scheduled_fetches_pause_for_a_cooldown_after_a_failure() {
    let bench = Bench::new();
    bench.pass(0);
    bench.tenant.fail(Endpoint::Jwks, 503);
    bench.pass(480);
    for _ in 0..29 {
        bench.pass(1);
    }
    assert_eq!(bench.fetches(), 2);
    bench.pass(1);
    assert_eq!(bench.fetches(), 3);
}

#[test]
fn a_known_kid_never_waits_for_a_stalled_issuer() {
    let bench = Bench::new();
    let known = bench.tenant.token("auth0|ada");
    assert!(bench.accepts(&known));
    bench.tenant.stall(Endpoint::Jwks);
    let unknown = bench.tenant.token_for("auth0|eve").kid("made-up").mint();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| bench.verify(&unknown));
        assert!(bench.tenant.wait_for_requests(Endpoint::Jwks, 2, Duration::from_secs(20)));
        // The fetch is under way and will not be answered; both ways of asking answer all the same.
        assert!(bench.accepts(&known));
        assert!(matches!(bench.verifier.verify_at_once(&bearer(&known)), AtOnce::Judged(Ok(_))));
        assert!(matches!(bench.verifier.verify_at_once(&bearer(&unknown)), AtOnce::NeedsKeys { issuer: 0 }));
        bench.tenant.restore(Endpoint::Jwks);
        assert!(waiting.join().expect("no panic").is_err());
    });
}

#[test]
fn while_fetches_fail_one_request_tries_and_nobody_waits_for_it() {
    let bench = Bench::new();
    let token = bench.tenant.token_for("auth0|ada").expires_in(10 * 86_400).mint();
    assert!(bench.accepts(&token));
    bench.tenant.fail(Endpoint::Jwks, 503);
    bench.pass(DAY + 1);
    assert_eq!((bench.keys.report().readiness, bench.fetches()), (KeyReadiness::Missing, 2));
    bench.tenant.stall(Endpoint::Jwks);
    std::thread::scope(|scope| {
        let trying = scope.spawn(|| bench.accepts(&token));
        assert!(bench.tenant.wait_for_requests(Endpoint::Jwks, 3, Duration::from_secs(20)));
        let at_once = bench.verifier.verify_at_once(&bearer(&token));
        assert!(matches!(at_once, AtOnce::Judged(Err(VerifyError::KeysUnavailable(_)))), "{at_once:?}");
        for _ in 0..100 {
            assert!(bench.is_our_trouble(&token));
        }
        assert_eq!((bench.fetches(), bench.tenant.requests_in_flight(Endpoint::Jwks)), (3, 1), "it is still under way");
        bench.tenant.restore(Endpoint::Jwks);
        assert!(trying.join().expect("no panic"), "it is answered late, and in time");
    });
    assert!(bench.accepts(&token));
}
