//! What is counted, under which name.

use std::time::Duration;

use domain::{Grants, Profile, Rejection, Subject, UnixTime, VerifiedClaims};

use super::*;

fn metrics() -> Metrics {
    Metrics::new().expect("names that differ")
}

fn token_of(subject: &str) -> VerifiedToken {
    VerifiedToken::assert_verified(VerifiedClaims {
        subject: Subject::parse(subject).expect("a subject"),
        issued_at: None,
        expires_at: UnixTime::from_secs(2_000_000_000),
        profile: Profile::default(),
        grants: Grants::default(),
    })
}

#[track_caller]
fn assert_line(text: &str, line: &str) {
    assert!(text.lines().any(|l| l == line), "no line {line} in\n{text}");
}

#[test]
fn requests_are_counted_by_route_and_status() {
    let metrics = metrics();
    let worker = metrics.requests.worker();
    worker.answered(Route::Sync, 200, Duration::from_millis(3));
    worker.answered(Route::Sync, 200, Duration::from_millis(30));
    worker.answered(Route::Verify, 401, Duration::from_micros(100));
    worker.answered(Route::Verify, 418, Duration::from_micros(100));
    let text = metrics.render(&[]);
    assert_line(&text, r#"authsync_http_requests_total{route="/auth/sync",status="200"} 2"#);
    assert_line(&text, r#"authsync_http_requests_total{route="/auth/sync",status="401"} 0"#);
    assert_line(&text, r#"authsync_http_requests_total{route="/auth/verify",status="401"} 1"#);
    assert_line(&text, r#"authsync_http_requests_total{route="/auth/verify",status="other"} 1"#);
    for (bound, count) in [("0.0005", 0), ("0.005", 1), ("0.025", 1), ("0.05", 2), ("10", 2), ("+Inf", 2)] {
        assert_line(
            &text,
            &format!(r#"authsync_http_request_duration_seconds_bucket{{route="/auth/sync",le="{bound}"}} {count}"#),
        );
    }
    assert_line(&text, r#"authsync_http_request_duration_seconds_sum{route="/auth/sync"} 0.033"#);
    assert_line(&text, r#"authsync_http_request_duration_seconds_count{route="/auth/sync"} 2"#);
}

#[test]
fn every_route_is_counted() {
    let metrics = metrics();
    for route in Route::ALL {
        metrics.requests.worker().answered(route, 404, Duration::ZERO);
    }
    let text = metrics.render(&[]);
    for route in Route::ALL {
        let count = format!("authsync_http_request_duration_seconds_count{{route=\"{}\"}} 1", route.label());
        assert_line(&text, &count);
    }
}

#[test]
fn a_request_is_in_flight_until_its_guard_is_dropped() {
    let metrics = metrics();
    let first = metrics.requests.worker().started(Route::Verify);
    let second = metrics.requests.worker().started(Route::Health);
    assert_line(&metrics.render(&[]), "authsync_http_requests_in_flight 2");
    drop((first, second));
    assert_line(&metrics.render(&[]), "authsync_http_requests_in_flight 0");
}

#[test]
fn every_judgement_of_a_token_is_counted_under_its_own_name() {
    let metrics = metrics();
    for rejection in Rejection::ALL {
        metrics.token_judged(Err(&VerifyError::Rejected(*rejection)));
    }
    metrics.token_judged(Err(&VerifyError::KeysUnavailable("out of reach".into())));
    metrics.token_judged(Err(&VerifyError::ProofsUnavailable("out of reach".into())));
    for subject in ["auth0|1", "auth0|1", "abc@clients", "anon@1"] {
        metrics.token_judged(Ok(&token_of(subject)));
    }
    let text = metrics.render(&[]);
    for outcome in
        Rejection::ALL.iter().map(|rejection| rejection.code()).chain(["keys_unavailable", "proofs_unavailable"])
    {
        assert_line(&text, &format!("authsync_token_verifications_total{{outcome=\"{outcome}\"}} 1"));
    }
    assert_line(&text, r#"authsync_token_verifications_total{outcome="accepted"} 4"#);
    assert_line(&text, r#"authsync_token_subjects_total{kind="user"} 2"#);
    assert_line(&text, r#"authsync_token_subjects_total{kind="machine"} 1"#);
    assert_line(&text, r#"authsync_token_subjects_total{kind="anonymous"} 1"#);
}

#[test]
fn every_end_of_a_sync_is_counted() {
    let metrics = metrics();
    for error in [
        SyncError::EmailTaken,
        SyncError::NotYourIdentity,
        SyncError::UnknownToAuth0,
        SyncError::Unavailable("database".into()),
        SyncError::Failed("defect".into()),
    ] {
        metrics.synced(&Err(error));
    }
    let text = metrics.render(&[]);
    for (outcome, count) in
        [("conflict", 1), ("forbidden", 2), ("unavailable", 1), ("failed", 1), ("created", 0), ("unchanged", 0)]
    {
        assert_line(&text, &format!("authsync_syncs_total{{outcome=\"{outcome}\"}} {count}"));
    }
}

#[test]
fn every_family_is_explained_and_named_by_the_conventions() {
    let text = metrics().render(&[]);
    assert_line(&text, concat!("authsync_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"));
    for line in text.lines().filter(|line| line.starts_with("# TYPE ")) {
        let mut words = line.split(' ').skip(2);
        let (name, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        assert!(name.starts_with("authsync_") || name.starts_with("process_"), "{line}");
        assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
        assert!(text.contains(&format!("# HELP {name} ")), "{line}");
    }
}

#[test]
fn two_servers_in_one_process_count_apart() {
    let (one, other) = (metrics(), metrics());
    one.requests.worker().answered(Route::Health, 200, Duration::ZERO);
    assert_line(&other.render(&[]), r#"authsync_http_requests_total{route="/healthz",status="200"} 0"#);
}
