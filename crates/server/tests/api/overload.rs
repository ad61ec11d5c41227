//! More requests than can be waited with.

use fake_auth0::Endpoint;

use crate::client::{PATIENCE, bearer};
use crate::raw_connection::head;
use crate::spawn::{Setup, TestServer};

const APP: &str = "https://app.example.com";

/// A server with room for one waiting request, and the head of a request that waits for the issuer.
fn server_with_room_for_one() -> (TestServer, String) {
    let server = Setup::on_sqlite()
        .with("AUTHSYNC_CORS_ALLOWED_ORIGINS", APP)
        .with_file("[http]\nworkers = 1\nmax_waiting = 1")
        .start();
    server.tenant.stall(Endpoint::Jwks);
    server.tenant.rotate_suddenly();
    let token = server.tenant.token("auth0|ada");
    let waits = head("GET", "/auth/verify", &[("authorization", &bearer(&token))]);
    (server, waits)
}

#[test]
fn beyond_its_room_a_route_answers_503_at_once_and_counts_it() {
    let (server, waits) = server_with_room_for_one();
    let mut first = server.raw();
    first.send(&waits);
    assert!(server.tenant.wait_for_requests(Endpoint::Jwks, 2, PATIENCE));
    let mut second = server.raw();
    second.send(&waits);
    second.answer().assert_unavailable();
    let shed = r#"authsync_http_requests_shed_total{route="/auth/verify"} 1"#;
    let metrics = server.get("/metrics").body;
    assert!(metrics.lines().any(|line| line == shed), "{metrics}");
    server.tenant.restore(Endpoint::Jwks);
    first.answer().assert_error(crate::client::USER_NOT_FOUND);
    second.send(&waits);
    second.answer().assert_error(crate::client::USER_NOT_FOUND);
}

/// RFC 3986 §6.2.2.2: a character that needs no encoding is the same with it.
#[test]
fn another_spelling_of_a_path_has_no_more_room() {
    let (server, waits) = server_with_room_for_one();
    let waits_too = waits.replacen("/auth/verify", "/auth/%76erify", 1);
    let mut first = server.raw();
    first.send(&waits_too);
    assert!(server.tenant.wait_for_requests(Endpoint::Jwks, 2, PATIENCE));
    for spelling in [&waits, &waits_too] {
        let mut second = server.raw();
        second.send(spelling);
        second.answer().assert_unavailable();
    }
    let metrics = server.get("/metrics").body;
    for counted in [
        r#"authsync_http_requests_shed_total{route="/auth/verify"} 2"#,
        r#"authsync_http_requests_total{route="/auth/verify",status="503"} 2"#,
    ] {
        assert!(metrics.lines().any(|line| line == counted), "{metrics}");
    }
    server.tenant.restore(Endpoint::Jwks);
    first.answer().assert_error(crate::client::USER_NOT_FOUND);
}

#[test]
fn a_burst_of_forged_tokens_takes_nobody_s_room() {
    let server = Setup::on_sqlite().with_file("[http]\nworkers = 1\nmax_waiting = 1").start();
    let token = server.tenant.token("auth0|ada");
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    let forged = head("GET", "/auth/verify", &[("authorization", &bearer(&forged))]);
    let mut burst: Vec<_> = (0..100).map(|_| server.raw()).collect();
    // By the second time it is a flood.
    for _ in 0..3 {
        burst.iter_mut().for_each(|connection| connection.send(&forged));
        burst.iter_mut().for_each(|connection| connection.answer().assert_refuses_the_token());
    }
}

#[test]
fn pages_may_read_that_there_is_no_room_and_other_routes_have_theirs() {
    let (server, waits) = server_with_room_for_one();
    let mut first = server.raw();
    first.send(&waits);
    assert!(server.tenant.wait_for_requests(Endpoint::Jwks, 2, PATIENCE));
    let answer = server.ask("GET", "/auth/verify", &[("origin", APP)]);
    answer.assert_unavailable();
    assert_eq!(answer.header("access-control-allow-origin"), Some(APP));
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
    server.sync("not.a.token", "{}").assert_refuses_the_token();
    server.tenant.restore(Endpoint::Jwks);
    first.answer().assert_error(crate::client::USER_NOT_FOUND);
}
