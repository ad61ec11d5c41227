//! The issuer's keys, seen from a client: rotated, made up, out of reach.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fake_auth0::{Endpoint, FakeAuth0};
use scratch_database::ScratchDatabase;
use tempfile::TempDir;

use crate::client::{PATIENCE, bearer, sync_body};
use crate::program::Program;
use crate::raw_connection::head;
use crate::spawn::{Setup, TestServer};
use crate::waiting::eventually;

/// A ready server that knows Ada, and a token of hers.
fn server_with_ada(setup: Setup) -> (TestServer, String) {
    let server = setup.start();
    let token = server.tenant.token("auth0|ada");
    server.sync(&token, &sync_body("ada@example.com", "auth0|ada", None)).id();
    (server, token)
}

fn made_up_kid(server: &TestServer, n: usize) -> String {
    server.tenant.token_for("auth0|ada").kid(format!("made-up-{n}")).mint()
}

#[test]
fn sudden_rotations_under_load_fail_no_request() {
    const THREADS: usize = 8;
    const REQUESTS: usize = 200;
    let (server, _) = server_with_ada(Setup::on_sqlite());
    let sent = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..REQUESTS {
                    // The two rotations that the budget is made for.
                    if matches!(sent.fetch_add(1, Ordering::SeqCst), 500 | 1_000) {
                        server.tenant.rotate_suddenly();
                    }
                    let answer = server.verify(&server.tenant.token("auth0|ada"));
                    assert_eq!(answer.status, 200, "{answer:?}");
                }
            });
        }
    });
    assert_eq!(sent.into_inner(), THREADS * REQUESTS);
    assert!(server.tenant.requests(Endpoint::Jwks) <= 3);
    assert_eq!(server.tenant.requests_in_flight_peak(Endpoint::Jwks), 1);
}

#[test]
fn a_rotation_that_was_announced_costs_no_fetch() {
    let (server, old) = server_with_ada(Setup::on_sqlite());
    server.tenant.rotate();
    assert_eq!(server.verify(&server.tenant.token("auth0|ada")).status, 200);
    assert_eq!(server.verify(&old).status, 200);
    assert_eq!(server.tenant.requests(Endpoint::Jwks), 1);
}

#[test]
fn five_hundred_made_up_kids_cost_no_more_than_the_budget() {
    let (server, _) = server_with_ada(Setup::on_sqlite());
    let began = Instant::now();
    thread::scope(|scope| {
        for part in 0..5 {
            let server = &server;
            scope.spawn(move || {
                for n in 0..100 {
                    server.verify(&made_up_kid(server, part * 100 + n)).assert_refuses_the_token();
                }
            });
        }
    });
    // One at start, two at once, and one more for each cooldown of 30 seconds.
    let refills = usize::try_from(began.elapsed().as_secs() / 30).expect("a short time");
    let fetches = server.tenant.requests(Endpoint::Jwks);
    assert!(fetches <= 1 + 2 + refills, "{fetches} fetches");
}

#[test]
fn an_issuer_that_goes_down_is_not_missed() {
    let (server, token) = server_with_ada(Setup::on_sqlite());
    server.tenant.go_down();
    for _ in 0..3 {
        assert_eq!(server.verify(&token).status, 200);
        // Whether this one is good, nobody can tell at present.
        server.verify(&made_up_kid(&server, 0)).assert_unavailable();
    }
    assert_eq!(server.get("/readyz").status, 200);
    server.verify(&server.tenant.token_for("auth0|ada").expires_in(-3600).mint()).assert_refuses_the_token();
}

#[test]
fn an_issuer_that_is_down_at_start_makes_503_until_it_is_back() {
    let setup = Setup::on_sqlite().with("AUTHSYNC_JWKS_COOLDOWN_SECS", "1");
    setup.tenant.go_down();
    let server = setup.start_without_waiting();
    let token = server.tenant.token("auth0|ada");
    let body = sync_body("ada@example.com", "auth0|ada", None);
    for _ in 0..3 {
        server.verify(&token).assert_unavailable();
        server.sync(&token, &body).assert_unavailable();
    }
    let readiness = server.get("/readyz");
    assert_eq!((readiness.status, &readiness.json()["keys"]["state"]), (503, &"missing".into()));
    server.verify("bad").assert_refuses_the_token();
    server.get("/auth/verify").assert_asks_for_a_token();
    server.tenant.come_back();
    // By itself: no request asks for a key meanwhile.
    server.wait_until_ready();
    assert_eq!(server.sync(&token, &body).id(), 1);
    assert_eq!(server.verify(&token).status, 200);
}

#[test]
fn a_stalled_issuer_and_a_flood_of_made_up_kids_slow_nobody_down() {
    // More of them than a worker has threads that may wait (512 for all workers together).
    const FLOOD: usize = 300;
    let program = Program::on_sqlite().with_file("[http]\nworkers = 1").serve_ready();
    let (client, tenant) = (program.client(), &program.tenant);
    let (token, body) = (tenant.token("auth0|ada"), sync_body("ada@example.com", "auth0|ada", None));
    client.sync(&token, &body).id();
    tenant.stall(Endpoint::Jwks);
    let mut flood: Vec<_> = (0..FLOOD).map(|_| program.raw()).collect();
    for (n, connection) in flood.iter_mut().enumerate() {
        let made_up = tenant.token_for("auth0|ada").kid(format!("made-up-{n}")).mint();
        connection.send(head("GET", "/auth/verify", &[("authorization", &bearer(&made_up))]));
    }
    assert!(tenant.wait_for_requests(Endpoint::Jwks, 2, PATIENCE));
    // A fetch is given up after five seconds; whoever waited for one, or for a thread, would be as slow.
    let began = Instant::now();
    for _ in 0..25 {
        assert_eq!(client.verify(&token).status, 200);
        client.sync(&token, &body).id();
    }
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    tenant.restore(Endpoint::Jwks);
    for connection in &mut flood {
        let status = connection.answer().status;
        assert!(matches!(status, 401 | 503), "{status}");
    }
    assert_eq!(tenant.requests_in_flight_peak(Endpoint::Jwks), 1);
}

#[test]
fn a_withdrawn_key_stops_verifying_within_the_greatest_age() {
    let (server, token) = server_with_ada(Setup::on_sqlite().with("AUTHSYNC_JWKS_MAX_AGE_SECS", "1"));
    server.tenant.rotate();
    server.tenant.withdraw_previous();
    let refused = eventually("the token is refused", || Some(server.verify(&token)).filter(|it| it.status != 200));
    refused.assert_refuses_the_token();
    assert_eq!(server.verify(&server.tenant.token("auth0|ada")).status, 200);
}

/// How many tokens were known when they came.
fn hits(server: &TestServer) -> u64 {
    let metrics = server.get("/metrics").body;
    let series = r#"authsync_token_cache_lookups_total{outcome="hit"} "#;
    let hits = metrics.lines().find_map(|line| line.strip_prefix(series)).expect("a series");
    hits.parse().expect("a number")
}

#[test]
fn a_token_that_is_known_stops_with_its_key() {
    let (server, token) = server_with_ada(Setup::on_sqlite().with("AUTHSYNC_JWKS_MAX_AGE_SECS", "1"));
    // Known from the second time on, and over every fetch of keys among which its own still is.
    let fetches = server.tenant.requests(Endpoint::Jwks);
    assert_eq!(server.verify(&token).status, 200);
    let before = hits(&server);
    assert!(server.tenant.wait_for_requests(Endpoint::Jwks, fetches + 2, PATIENCE));
    assert_eq!(server.verify(&token).status, 200);
    assert_eq!(hits(&server), before + 1);
    server.tenant.rotate();
    server.tenant.withdraw_previous();
    eventually("the token is refused", || Some(server.verify(&token)).filter(|it| it.status != 200))
        .assert_refuses_the_token();
    server.verify(&token).assert_refuses_the_token();
}

#[test]
fn without_a_cache_every_token_is_judged_from_the_beginning() {
    let (server, token) = server_with_ada(Setup::on_sqlite().with("AUTHSYNC_TOKEN_CACHE_ENTRIES", "0"));
    for _ in 0..3 {
        assert_eq!(server.verify(&token).status, 200);
    }
    assert_eq!(hits(&server), 0);
}

#[test]
fn a_broken_key_set_never_replaces_a_good_one() {
    let setup = Setup::on_sqlite().with("AUTHSYNC_JWKS_MAX_AGE_SECS", "1").with("AUTHSYNC_JWKS_COOLDOWN_SECS", "1");
    let (server, token) = server_with_ada(setup);
    let fetches = || server.tenant.requests(Endpoint::Jwks);
    for broken in [r#"{"keys":[]}"#, r#"{"keys":[{"kty":"RSA"}]}"#, "<html>"] {
        server.tenant.publish_raw_jwks(broken);
        let before = fetches();
        assert!(server.tenant.wait_for_requests(Endpoint::Jwks, before + 1, PATIENCE));
        assert!(server.tenant.wait_until_idle(Endpoint::Jwks, PATIENCE));
        assert_eq!(server.verify(&token).status, 200, "{broken:?}");
    }
    server.tenant.publish_own_jwks();
}

#[test]
fn any_one_of_several_audiences_is_enough() {
    let setup = Setup::on_sqlite();
    let audiences = format!("https://other.example.test, {}", setup.tenant.audience());
    let (server, token) = server_with_ada(setup.with("AUTH0_API_IDENTIFIER", &audiences));
    assert_eq!(server.verify(&token).status, 200);
    let other = server.tenant.token_for("auth0|ada").claim("aud", "https://other.example.test").mint();
    assert_eq!(server.verify(&other).status, 200);
    let third = server.tenant.token_for("auth0|ada").claim("aud", "https://third.example.test").mint();
    server.verify(&third).assert_refuses_the_token();
}

#[test]
fn a_tenant_over_https_is_trusted_through_its_own_authority() {
    let directory = TempDir::new().expect("a directory");
    let authority = directory.path().join("ca.pem");
    let tenant = FakeAuth0::builder().https(true).start();
    tenant.write_ca_pem(&authority).expect("a file");
    let setup = Setup::on(ScratchDatabase::sqlite()).with_tenant(tenant);
    let program = Program::of(setup).with("SSL_CERT_FILE", authority.to_str().expect("a path")).serve_ready();
    let token = program.tenant.token("auth0|ada");
    assert_eq!(program.client().sync(&token, &sync_body("ada@example.com", "auth0|ada", None)).id(), 1);
}

#[test]
fn a_tenant_whose_certificate_nobody_vouches_for_is_out_of_reach() {
    let directory = TempDir::new().expect("a directory");
    let authority = directory.path().join("another-ca.pem");
    FakeAuth0::builder().https(true).start().write_ca_pem(&authority).expect("a file");
    let setup = Setup::on(ScratchDatabase::sqlite()).with_tenant(FakeAuth0::builder().https(true).start());
    let program = Program::of(setup).with("SSL_CERT_FILE", authority.to_str().expect("a path")).serve();
    let token = program.tenant.token("auth0|ada");
    program.client().verify(&token).assert_unavailable();
    assert_eq!(program.client().get("/readyz").json()["keys"]["state"], "missing");
    assert_eq!(program.tenant.requests(Endpoint::Jwks), 0);
}
