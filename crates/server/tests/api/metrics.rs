//! What is counted.

use crate::client::{Client, sync_body};
use crate::spawn::Setup;

/// The value of a series, such as `authsync_syncs_total{outcome="created"}`.
#[track_caller]
fn value(client: &Client, series: &str) -> f64 {
    let answer = client.get("/metrics");
    assert_eq!(answer.status, 200);
    let line = answer.body.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ').map(str::to_owned));
    line.unwrap_or_else(|| panic!("no {series} in\n{}", answer.body)).parse().expect("a number")
}

#[test]
fn the_answer_is_prometheus_text() {
    let server = Setup::on_sqlite().start();
    let answer = server.get("/metrics");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    for line in answer.body.lines() {
        let name = line.trim_start_matches("# HELP ").trim_start_matches("# TYPE ");
        assert!(name.starts_with("authsync_") || name.starts_with("process_"), "{line}");
        let is_sample = line.rsplit_once(' ').is_some_and(|(_, value)| value.parse::<f64>().is_ok());
        assert!(line.starts_with('#') || is_sample, "{line}");
    }
}

#[test]
fn requests_are_counted_by_route_and_status() {
    let server = Setup::on_sqlite().start();
    let of_verify = |status: &str| {
        value(&server, &format!(r#"authsync_http_requests_total{{route="/auth/verify",status="{status}"}}"#))
    };
    let before = of_verify("401");
    server.verify("bad").assert_refuses_the_token();
    server.get("/auth/verify").assert_asks_for_a_token();
    assert_eq!(of_verify("401") - before, 2.0);
    assert_eq!(of_verify("404"), 0.0);
    assert!(value(&server, r#"authsync_http_request_duration_seconds_count{route="/auth/verify"}"#) >= 2.0);
    assert_eq!(value(&server, "authsync_http_requests_in_flight"), 1.0);
}

#[test]
fn the_path_that_is_served_is_counted_however_it_is_spelt() {
    let server = Setup::on_sqlite().start();
    let of = |route: &str, status: u16| {
        value(&server, &format!(r#"authsync_http_requests_total{{route="{route}",status="{status}"}}"#))
    };
    for spelling in ["/auth/%76erify", "/%61uth/verif%79"] {
        server.get(spelling).assert_asks_for_a_token();
    }
    // What makes another path of it is another path.
    assert_eq!((server.get("/auth%2Fverify").status, server.get("/auth/%2576erify").status), (404, 404));
    assert_eq!((of("/auth/verify", 401), of("unmatched", 404)), (2.0, 2.0));
}

#[test]
fn every_family_is_in_the_document() {
    let told = Setup::on_postgres().start().get("/metrics").body;
    let document = include_str!("../../../../docs/api.md");
    let families = told.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let missing: Vec<&str> = families.filter(|family| !document.contains(&format!("`{family}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_process_and_its_limits_are_told() {
    let server = Setup::on_sqlite().with_file("[websocket]\nmax_sockets = 7").start();
    assert_eq!(value(&server, "authsync_websockets_limit"), 7.0);
    assert!(value(&server, "process_resident_memory_bytes") > 1e6);
    assert!(value(&server, "process_open_fds") < value(&server, "process_max_fds"));
    assert_eq!(value(&server, r#"authsync_log_lines_dropped_total{about="requests"}"#), 0.0);
}

#[test]
fn made_up_paths_and_methods_make_no_series() {
    let server = Setup::on_sqlite().start();
    let series = || server.get("/metrics").body.lines().count();
    let before = series();
    for n in 0..50 {
        server.get(&format!("/made-up/{n}"));
        server.verify(&format!("made-up-{n}"));
    }
    assert_eq!(series(), before);
    assert!(value(&server, r#"authsync_http_requests_total{route="unmatched",status="404"}"#) >= 50.0);
}

#[test]
fn a_refusal_is_counted_under_its_reason() {
    let server = Setup::on_sqlite().start();
    let expired = server.tenant.token_for("auth0|ada").expires_in(-3600).mint();
    let opaque = "x7Hq3vEwUq5RkYkq9b6Zc0aN2mTt1pLd";
    let stranger = fake_auth0::BadToken::SignatureOfStranger.mint(&server.tenant, "auth0|ada");
    for (token, reason) in [(expired.as_str(), "expired"), (opaque, "opaque"), (&stranger, "bad_signature")] {
        let series = format!(r#"authsync_token_verifications_total{{outcome="{reason}"}}"#);
        let before = value(&server, &series);
        server.verify(token).assert_refuses_the_token();
        assert_eq!(value(&server, &series) - before, 1.0, "{reason}");
    }
}

#[test]
fn accepted_tokens_are_counted_by_whom_they_stand_for() {
    let server = Setup::on_sqlite().start();
    for token in [
        server.tenant.token("auth0|ada"),
        server.tenant.machine_token_for("reporting").mint(),
        server.tenant.anonymous_token_for("4f1").mint(),
    ] {
        assert_eq!(server.verify(&token).status, 404);
    }
    for kind in ["user", "machine", "anonymous"] {
        assert_eq!(value(&server, &format!(r#"authsync_token_subjects_total{{kind="{kind}"}}"#)), 1.0, "{kind}");
    }
    assert_eq!(value(&server, r#"authsync_token_verifications_total{outcome="accepted"}"#), 3.0);
}

#[test]
fn syncs_are_counted_by_outcome() {
    let server = Setup::on_sqlite().start();
    let (ada, eve) = (server.tenant.token("auth0|ada"), server.tenant.token("auth0|eve"));
    for (token, email, auth0_id) in [
        (&ada, "ada@example.com", "auth0|ada"),
        (&ada, "ada@example.com", "auth0|ada"),
        (&ada, "ada@example.org", "auth0|ada"),
        (&eve, "ada@example.org", "auth0|eve"),
        (&eve, "eve@example.org", "auth0|ada"),
    ] {
        server.sync(token, &sync_body(email, auth0_id, None));
    }
    for outcome in ["created", "unchanged", "updated", "conflict", "forbidden"] {
        assert_eq!(value(&server, &format!(r#"authsync_syncs_total{{outcome="{outcome}"}}"#)), 1.0, "{outcome}");
    }
}

#[test]
fn the_keys_of_the_issuer_are_told() {
    let server = Setup::on_sqlite().start();
    assert_eq!(value(&server, "authsync_jwks_keys"), 2.0);
    assert_eq!(value(&server, r#"authsync_jwks_fetches_total{outcome="ok"}"#), 1.0);
    assert_eq!(value(&server, r#"authsync_jwks_fetches_total{outcome="failed"}"#), 0.0);
    assert!(value(&server, "authsync_jwks_age_seconds") < 60.0);
}
