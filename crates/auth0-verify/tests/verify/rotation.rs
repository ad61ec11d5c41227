//! Keys come and go.

use std::time::Duration;

use domain::Rejection;
use fake_auth0::Endpoint;

use crate::Bench;

#[test]
fn a_well_run_rotation_needs_no_fetch_at_all() {
    let bench = Bench::new();
    assert!(bench.accepts(&bench.tenant.token("auth0|ada")));
    bench.tenant.rotate();
    assert!(bench.accepts(&bench.tenant.token("auth0|ada")));
    assert_eq!(bench.fetches(), 1);
}

#[test]
fn two_sudden_rotations_right_after_start_fail_no_request() {
    let bench = Bench::new();
    bench.keys.refresh_if_due();
    for _ in 0..2 {
        bench.tenant.rotate_suddenly();
        assert!(bench.accepts(&bench.tenant.token("auth0|ada")));
    }
    assert_eq!(bench.fetches(), 3);
}

#[test]
fn a_sudden_rotation_under_load_costs_one_fetch_and_no_failed_request() {
    let bench = Bench::new();
    bench.keys.refresh_if_due();
    bench.tenant.rotate_suddenly();
    let token = bench.tenant.token("auth0|ada");
    std::thread::scope(|scope| {
        let requests: Vec<_> = (0..50).map(|_| scope.spawn(|| bench.accepts(&token))).collect();
        assert!(requests.into_iter().all(|request| request.join().expect("no panic")));
    });
    assert_eq!(bench.fetches(), 2);
    assert_eq!(bench.tenant.requests_in_flight_peak(Endpoint::Jwks), 1);
}

#[test]
fn a_withdrawn_key_stops_verifying_within_the_greatest_age() {
    let bench = Bench::new();
    let token = bench.tenant.token("auth0|ada");
    assert!(bench.accepts(&token));
    bench.tenant.rotate();
    bench.tenant.withdraw_previous();
    bench.pass(480);
    assert_eq!(bench.rejection(&token), Rejection::UnknownKey);
}

#[test]
fn made_up_kids_cause_two_fetches_and_then_one_per_cooldown() {
    let bench = Bench::new();
    bench.keys.refresh_if_due();
    let flood = |count: usize| {
        for n in 0..count {
            let token = bench.tenant.token_for("auth0|eve").kid(format!("made-up-{n}")).mint();
            assert_eq!(bench.rejection(&token), Rejection::UnknownKey);
        }
    };
    flood(500);
    assert_eq!(bench.fetches(), 3);
    bench.clock.advance(Duration::from_secs(30));
    flood(100);
    assert_eq!(bench.fetches(), 4);
}

#[test]
fn made_up_kids_from_many_threads_cost_no_more() {
    let bench = Bench::new();
    bench.keys.refresh_if_due();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let bench = &bench;
            scope.spawn(move || {
                for n in 0..25 {
                    let token = bench.tenant.token_for("auth0|eve").kid(format!("made-up-{thread}-{n}")).mint();
                    assert_eq!(bench.rejection(&token), Rejection::UnknownKey);
                }
            });
        }
    });
    assert!(bench.fetches() <= 3, "{} fetches", bench.fetches());
    assert_eq!(bench.tenant.requests_in_flight_peak(Endpoint::Jwks), 1);
}

#[test]
fn a_made_up_kid_in_a_token_that_does_not_fit_causes_no_fetch() {
    let bench = Bench::new();
    bench.keys.refresh_if_due();
    let token = |claim: &str, value: serde_json::Value| {
        bench.tenant.token_for("auth0|eve").kid("made-up").claim(claim, value).mint()
    };
    assert_eq!(bench.rejection(&token("aud", "x".into())), Rejection::WrongAudience);
    assert_eq!(bench.rejection(&token("iss", "x".into())), Rejection::WrongIssuer);
    assert_eq!(bench.rejection(&token("exp", 1.into())), Rejection::Expired);
    assert_eq!(bench.fetches(), 1);
}
