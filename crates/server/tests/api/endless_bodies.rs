//! Bodies in chunks that nobody ends: neither their length nor their time is known before.

use crate::client::{
    Answer, BAD_REQUEST, ErrorRow, METHOD_NOT_ALLOWED, NO_SUCH_ROUTE, PATIENCE, UNAUTHORIZED, UNAVAILABLE, bearer,
};
use crate::events::TOKEN;
use crate::raw_connection::{RawConnection, head};
use crate::spawn::{Setup, TestServer};
use crate::waiting::eventually;
use fake_auth0::Endpoint;

const APP: &str = "https://app.example.com";
const TIMED_OUT: ErrorRow = (408, "request_timeout", "Request timed out");
const NO_HANDSHAKE: ErrorRow = (400, "bad_request", "WebSocket handshake expected");
/// A chunk of five bytes, of which two never come.
const HALF_A_CHUNK: &str = "5\r\nabc";

fn endless(method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    head(method, path, &[headers, &[("transfer-encoding", "chunked")]].concat())
}

fn server() -> TestServer {
    Setup::on_sqlite()
        .with("AUTH0_EVENTS_TOKEN", TOKEN)
        .with("AUTHSYNC_CORS_ALLOWED_ORIGINS", APP)
        .with_file("[http]\nbody_timeout_ms = 200")
        .start()
}

/// Every kind of answer that is ready before a body has ended: its status, its row if it is a refusal, and its head.
fn answered_before_the_end(server: &TestServer) -> Vec<(u16, Option<ErrorRow>, String)> {
    let ada = bearer(&server.tenant.token("auth0|ada"));
    let json = ("content-type", "application/json");
    let webhook = bearer(TOKEN);
    let preflight =
        |method| endless("OPTIONS", "/auth/sync", &[("origin", APP), ("access-control-request-method", method)]);
    let refused = |row: ErrorRow, head| (row.0, Some(row), head);
    vec![
        refused(NO_SUCH_ROUTE, endless("POST", "/nope", &[])),
        refused(METHOD_NOT_ALLOWED, endless("PUT", "/auth/sync", &[])),
        refused(UNAUTHORIZED, endless("POST", "/auth/sync", &[])),
        refused(UNAUTHORIZED, endless("POST", "/auth/sync", &[("connection", "close")])),
        refused(UNAUTHORIZED, endless("POST", "/auth/sync", &[("origin", APP)])),
        refused(UNAUTHORIZED, endless("GET", "/auth/verify", &[])),
        refused(UNAUTHORIZED, endless("GET", "/ws", &[])),
        refused(UNAUTHORIZED, endless("POST", "/auth0/events", &[("authorization", "Bearer wrong")])),
        refused(NO_HANDSHAKE, endless("GET", "/ws", &[("authorization", &ada)])),
        refused(TIMED_OUT, endless("POST", "/auth/sync", &[("authorization", &ada), json])),
        refused(UNAVAILABLE, endless("POST", "/auth0/events", &[("authorization", &webhook)])),
        refused(BAD_REQUEST, preflight("TRACE")),
        (200, None, preflight("POST")),
        (200, None, endless("GET", "/healthz", &[])),
        (200, None, endless("GET", "/healthz", &[("connection", "close")])),
    ]
}

#[track_caller]
fn assert_expected(answer: &Answer, status: u16, row: Option<ErrorRow>) {
    assert_eq!(answer.status, status, "{answer:?}");
    if let Some(row) = row {
        answer.assert_error(row);
    }
}

#[test]
fn a_body_in_chunks_without_an_end_does_not_keep_its_connection() {
    let server = server();
    let requests = answered_before_the_end(&server);
    let mut stuck: Vec<RawConnection> = requests
        .iter()
        .map(|(.., head)| {
            let mut connection = server.raw();
            connection.send(format!("{head}{HALF_A_CHUNK}"));
            connection
        })
        .collect();
    for (connection, (status, row, head)) in stuck.iter_mut().zip(&requests) {
        assert_expected(&connection.answer(), *status, *row);
        assert!(connection.is_closed_by_the_server(), "{head}");
    }
    let mut asked_for_the_head = server.raw();
    asked_for_the_head.send(endless("HEAD", "/healthz", &[]) + HALF_A_CHUNK);
    assert_eq!(asked_for_the_head.answer_without_body().status, 200);
    assert!(asked_for_the_head.is_closed_by_the_server());
    assert_eq!(server.rows(), 0);
}

#[test]
fn nor_does_one_of_which_a_little_comes_for_ever() {
    let server = server();
    let mut trickling: Vec<RawConnection> = answered_before_the_end(&server)
        .iter()
        .map(|(.., head)| {
            let mut connection = server.raw();
            connection.send(head);
            connection
        })
        .collect();
    eventually("all are closed", || {
        trickling.retain_mut(|connection| connection.takes(b"1\r\na\r\n"));
        trickling.is_empty().then_some(())
    });
}

#[test]
fn nor_does_one_of_which_a_lot_comes_for_ever() {
    let server = server();
    let mut connection = server.raw();
    connection.send(endless("POST", "/nope", &[]));
    let chunks = format!("2000\r\n{}\r\n", "x".repeat(0x2000)).repeat(100);
    eventually("it is closed", || (!connection.takes(chunks.as_bytes())).then_some(()));
}

#[test]
fn nor_does_one_that_is_far_too_long() {
    let server = server();
    let mut connection = server.raw();
    let chunks = format!("2000\r\n{}\r\n", "x".repeat(0x2000)).repeat(100);
    connection.send_what_is_taken((endless("POST", "/nope", &[]) + &chunks + "0\r\n\r\n").as_bytes());
    let answer = connection.answer();
    assert_expected(&answer, 404, Some(NO_SUCH_ROUTE));
    assert_eq!(answer.header("connection"), Some("close"));
}

#[test]
fn nor_does_one_that_is_sent_away_because_too_many_wait() {
    let server = Setup::on_sqlite().with_file("[http]\nworkers = 1\nmax_waiting = 1").start();
    server.tenant.stall(Endpoint::Jwks);
    server.tenant.rotate_suddenly();
    let token = bearer(&server.tenant.token("auth0|ada"));
    let mut first = server.raw();
    first.send(head("GET", "/auth/verify", &[("authorization", &token)]));
    assert!(server.tenant.wait_for_requests(Endpoint::Jwks, 2, PATIENCE));
    let mut second = server.raw();
    second.send(endless("GET", "/auth/verify", &[("authorization", &token)]) + HALF_A_CHUNK);
    second.answer().assert_error(UNAVAILABLE);
    assert!(second.is_closed_by_the_server());
    server.tenant.restore(Endpoint::Jwks);
    assert_eq!(first.answer().status, 404);
}
