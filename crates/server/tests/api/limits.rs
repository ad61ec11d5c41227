//! What a client may not take of us: length, time, memory.

use std::thread;
use std::time::{Duration, Instant};

use crate::client::{Answer, TOO_LARGE, bearer, sync_body};
use crate::raw_connection::{RawConnection, head, request};
use crate::spawn::{Setup, TestServer};

const MAX_BODY: usize = 65_536;
const EIGHT_MIB: usize = 8 * 1024 * 1024;

/// The head of a sync whose body is announced in some way.
fn sync_head(token: Option<&str>, announced: (&str, &str)) -> String {
    let authorization = token.map(bearer);
    let mut headers = vec![("content-type", "application/json"), announced];
    headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
    head("POST", "/auth/sync", &headers)
}

/// A good body of exactly this length.
fn body_of(bytes: usize) -> String {
    let body = sync_body("ada@example.com", "auth0|ada", None);
    let padding = " ".repeat(bytes - body.len());
    body + &padding
}

fn assert_alive(server: &TestServer) {
    server.get("/healthz").assert_ok(r#"{"status":"ok"}"#);
}

#[test]
fn a_body_that_announces_8_mib_is_refused_before_a_byte_of_it_is_sent() {
    let server = Setup::on_sqlite().start();
    let token = server.tenant.token("auth0|ada");
    let length = EIGHT_MIB.to_string();
    for announced in [length.as_str(), "300000", "70000000000", "9223372036854775807"] {
        let mut connection = server.raw();
        connection.send(sync_head(Some(&token), ("content-length", announced)));
        connection.answer().assert_error(TOO_LARGE);
        connection.finish_sending();
        assert!(connection.is_closed_by_the_server());
    }
}

#[test]
fn without_a_good_token_8_mib_are_not_waited_for() {
    let server = Setup::on_sqlite().start();
    let length = EIGHT_MIB.to_string();
    let mut connection = server.raw();
    connection.send(sync_head(None, ("content-length", &length)));
    connection.answer().assert_asks_for_a_token();
    let mut connection = server.raw();
    connection.send(sync_head(Some("not.a.token"), ("content-length", &length)));
    connection.answer().assert_refuses_the_token();
}

#[test]
fn a_client_that_sends_8_mib_all_the_same_reads_its_answer() {
    let server = Setup::on_sqlite().start();
    let token = server.tenant.token("auth0|ada");
    let body = vec![b' '; EIGHT_MIB];
    for expect in [false, true] {
        for _ in 0..5 {
            let mut head = sync_head(Some(&token), ("content-length", &EIGHT_MIB.to_string()));
            if expect {
                head = head.replacen("\r\n\r\n", "\r\nexpect: 100-continue\r\n\r\n", 1);
            }
            let mut connection = server.raw();
            connection.send(head);
            connection.send_what_is_taken(&body);
            connection.answer().assert_error(TOO_LARGE);
        }
    }
    assert_eq!(server.rows(), 0);
}

#[test]
fn a_body_of_exactly_the_limit_is_read_and_one_byte_more_is_refused() {
    let server = Setup::on_sqlite().start();
    let token = server.tenant.token("auth0|ada");
    server.sync(&token, &body_of(MAX_BODY + 1)).assert_error(TOO_LARGE);
    assert_eq!(server.rows(), 0);
    server.sync(&token, &body_of(MAX_BODY)).id();
}

#[test]
fn a_body_in_chunks_is_counted_as_it_comes() {
    let server = Setup::on_sqlite().start();
    let token = server.tenant.token("auth0|ada");
    let chunked = |body: &str| -> Answer {
        let mut connection = server.raw();
        connection.send(sync_head(Some(&token), ("transfer-encoding", "chunked")));
        for chunk in body.as_bytes().chunks(8_192) {
            connection.send_what_is_taken(format!("{:x}\r\n", chunk.len()).as_bytes());
            connection.send_what_is_taken(chunk);
            connection.send_what_is_taken(b"\r\n");
        }
        connection.send_what_is_taken(b"0\r\n\r\n");
        connection.answer()
    };
    chunked(&body_of(MAX_BODY + 1)).assert_error(TOO_LARGE);
    assert_eq!(server.rows(), 0);
    chunked(&body_of(MAX_BODY)).id();
}

#[test]
fn a_body_in_chunks_without_an_end_is_refused_while_it_comes() {
    let server = Setup::on_sqlite().start();
    let token = server.tenant.token("auth0|ada");
    let mut connection = server.raw();
    connection.send(sync_head(Some(&token), ("transfer-encoding", "chunked")));
    let chunk = format!("2000\r\n{}\r\n", " ".repeat(0x2000));
    for _ in 0..10 {
        connection.send_what_is_taken(chunk.as_bytes());
    }
    connection.answer().assert_error(TOO_LARGE);
    assert_alive(&server);
}

#[test]
fn a_body_that_does_not_come_in_time_is_given_up() {
    let server = Setup::on_sqlite().with_file("[http]\nbody_timeout_ms = 200").start();
    let token = server.tenant.token("auth0|ada");
    let whole = request("POST", "/auth/sync", Some(&token), &body_of(1_000));
    let began = Instant::now();
    let mut stuck: Vec<RawConnection> = (0..8)
        .map(|_| {
            let mut connection = server.raw();
            connection.send(&whole.as_bytes()[..whole.len() - 500]);
            connection
        })
        .collect();
    // They are in nobody's way.
    assert_alive(&server);
    for connection in &mut stuck {
        let answer = connection.answer();
        answer.assert_error((408, "request_timeout", "Request timed out"));
        assert!(connection.is_closed_by_the_server());
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(server.rows(), 0);
}

#[test]
fn a_body_that_ends_early_writes_nothing() {
    let server = Setup::on_sqlite().start();
    let token = server.tenant.token("auth0|ada");
    let whole = request("POST", "/auth/sync", Some(&token), &sync_body("ada@example.com", "auth0|ada", None));
    for missing in [1, 10] {
        let mut connection = server.raw();
        connection.send(&whole.as_bytes()[..whole.len() - missing]);
        connection.finish_sending();
        let answer = connection.answer_or_end();
        assert!(answer.is_none_or(|answer| answer.status >= 400));
    }
    assert_eq!(server.rows(), 0);
    assert_alive(&server);
}

#[test]
fn a_head_that_does_not_come_in_time_is_given_up() {
    let server = Setup::on_sqlite().with_file("[http]\nheader_timeout_ms = 200").start();
    let mut stuck: Vec<RawConnection> = ["", "GET", "GET /auth/verify HTTP/1.1\r\nhost: authsync.test\r\nauthor"]
        .iter()
        .map(|start| {
            let mut connection = server.raw();
            connection.send(start);
            connection
        })
        .collect();
    assert_alive(&server);
    for connection in &mut stuck {
        assert!(connection.answer_or_end().is_none_or(|answer| answer.status == 408));
        assert!(connection.is_closed_by_the_server());
    }
}

#[test]
fn a_connection_without_a_request_is_closed_after_a_while() {
    let server = Setup::on_sqlite().with_file("[http]\nkeep_alive_ms = 300").start();
    let mut connection = server.raw();
    connection.send(head("GET", "/healthz", &[]));
    connection.answer().assert_ok(r#"{"status":"ok"}"#);
    assert!(connection.is_closed_by_the_server());
}

#[test]
fn a_head_beyond_all_bounds_is_refused() {
    let server = Setup::on_sqlite().start();
    let long = "x".repeat(1024 * 1024);
    let many: String = (0..5_000).map(|n| format!("x-{n}: y\r\n")).collect();
    for head in [
        format!("GET /{long} HTTP/1.1\r\nhost: authsync.test\r\n\r\n"),
        format!("GET /healthz HTTP/1.1\r\nhost: authsync.test\r\nauthorization: Bearer {long}\r\n\r\n"),
        format!("GET /healthz HTTP/1.1\r\nhost: authsync.test\r\n{many}\r\n"),
        long.clone(),
    ] {
        let mut connection = server.raw();
        connection.send_what_is_taken(head.as_bytes());
        assert!(connection.answer_or_end().is_none_or(|answer| (400..500).contains(&answer.status)));
    }
    assert_alive(&server);
}

#[test]
fn what_is_no_http_is_refused_and_the_connection_closed() {
    let server = Setup::on_sqlite().start();
    let token = server.tenant.token("auth0|ada");
    let body = sync_body("ada@example.com", "auth0|ada", None);
    let two_lengths = request("POST", "/auth/sync", Some(&token), &body);
    for bytes in [
        "\r\n\r\nhello\r\n\r\n",
        "GET /healthz\r\n\r\n",
        "GET /healthz HTTP/9.9\r\nhost: authsync.test\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost authsync.test\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}",
        // Two lengths are how one request hides in another (RFC 9112 §6.3).
        &two_lengths.replacen("\r\n\r\n", "\r\ncontent-length: 1\r\n\r\n", 1),
        &two_lengths.replacen("\r\n\r\n", "\r\ntransfer-encoding: chunked\r\n\r\n", 1),
        &two_lengths.replacen("content-length: ", "content-length: +", 1),
        &two_lengths.replacen("content-length: ", "content-length: -", 1),
    ] {
        let mut connection = server.raw();
        connection.send_what_is_taken(bytes.as_bytes());
        connection.finish_sending();
        let answer = connection.answer_or_end();
        assert!(answer.as_ref().is_none_or(|answer| answer.status == 400), "{bytes:?}: {answer:?}");
        assert!(connection.is_closed_by_the_server());
    }
    assert_eq!(server.rows(), 0);
    assert_alive(&server);
}

#[test]
fn many_stuck_clients_are_in_nobody_s_way() {
    let server = Setup::on_sqlite().start();
    let token = server.tenant.token("auth0|ada");
    let whole = request("POST", "/auth/sync", Some(&token), &body_of(1_000));
    let _stuck: Vec<RawConnection> = (0..100)
        .map(|n| {
            let mut connection = server.raw();
            let part = if n % 2 == 0 { 40 } else { whole.len() - 1 };
            connection.send(&whole.as_bytes()[..part]);
            connection
        })
        .collect();
    thread::scope(|scope| {
        for n in 0..4 {
            let (server, subject) = (&server, format!("auth0|{n}"));
            scope.spawn(move || {
                let token = server.tenant.token(&subject);
                server.sync(&token, &sync_body(&format!("{n}@example.com"), &subject, None)).id();
                assert_eq!(server.verify(&token).status, 200);
            });
        }
    });
}
