//! A refused request leaves its connection usable.

use crate::client::{
    BAD_REQUEST, CONFLICT, METHOD_NOT_ALLOWED, NO_SUCH_ROUTE, NOT_JSON, NOT_YOURS, TOO_LARGE, UNAUTHORIZED, bearer,
    sync_body,
};
use crate::raw_connection::{RawConnection, head, request};
use crate::spawn::{Setup, TestServer};
use crate::waiting::pause;

/// A preflight that is answered well.
const PREFLIGHT: [(&str, &str); 2] = [("origin", APP), ("access-control-request-method", "POST")];
const APP: &str = "https://app.example.com";

/// A refused request: its row, its head and its body.
type Refused = (crate::client::ErrorRow, String, String);

/// Every kind of refusal, each with a body that nobody wants. Eve has a row.
fn refused_requests(server: &TestServer) -> Vec<Refused> {
    server.sync(&server.tenant.token("auth0|eve"), &sync_body("eve@example.com", "auth0|eve", None)).id();
    let ada = server.tenant.token("auth0|ada");
    let good = sync_body("ada@example.com", "auth0|ada", None);
    let of_eve = sync_body("ada@example.com", "auth0|eve", None);
    let taken = sync_body("eve@example.com", "auth0|ada", None);
    let long = format!("{good}{}", " ".repeat(65_536));
    let length = good.len().to_string();
    let typed = [("authorization", bearer(&ada)), ("content-type", "text/plain".into()), ("content-length", length)];
    let typed = typed.each_ref().map(|(name, value)| (*name, value.as_str()));
    [
        (UNAUTHORIZED, request("POST", "/auth/sync", None, &good), &good),
        (UNAUTHORIZED, request("POST", "/auth/sync", Some("not.a.token"), &good), &good),
        (UNAUTHORIZED, request("GET", "/auth/verify", None, &good), &good),
        (NOT_YOURS, request("POST", "/auth/sync", Some(&ada), &of_eve), &of_eve),
        (NO_SUCH_ROUTE, request("POST", "/token", Some(&ada), &good), &good),
        (METHOD_NOT_ALLOWED, request("PUT", "/auth/sync", Some(&ada), &good), &good),
        (METHOD_NOT_ALLOWED, request("POST", "/auth/verify", Some(&ada), &good), &good),
        (BAD_REQUEST, request("POST", "/auth/sync", Some(&ada), "{"), &"{".to_owned()),
        (CONFLICT, request("POST", "/auth/sync", Some(&ada), &taken), &taken),
        (TOO_LARGE, request("POST", "/auth/sync", Some(&ada), &long), &long),
        (NOT_JSON, head("POST", "/auth/sync", &typed) + &good, &good),
    ]
    .into_iter()
    .map(|(row, whole, body)| {
        let head = whole.strip_suffix(body.as_str()).expect("the body at the end").to_owned();
        (row, head, body.clone())
    })
    .collect()
}

/// The next request on the connection, which must be served.
#[track_caller]
fn assert_next_is_served(connection: &mut RawConnection) {
    connection.send(head("GET", "/healthz", &[]));
    connection.answer().assert_ok(r#"{"status":"ok"}"#);
}

#[test]
fn the_next_request_is_served_when_the_body_came_in_one_piece_with_the_head() {
    let server = Setup::on_sqlite().start();
    let requests = refused_requests(&server);
    let mut connection = server.raw();
    for (row, head, body) in &requests {
        connection.send(format!("{head}{body}"));
        connection.answer().assert_error(*row);
        assert_next_is_served(&mut connection);
    }
    assert_eq!(server.rows(), 1);
}

#[test]
fn the_next_request_is_served_when_the_body_came_later_than_the_head() {
    let server = Setup::on_sqlite().start();
    let requests = refused_requests(&server);
    let mut connection = server.raw();
    for (row, head, body) in &requests {
        connection.send(head);
        pause();
        let (first, rest) = body.as_bytes().split_at(body.len() / 2);
        connection.send(first);
        pause();
        connection.send(rest);
        connection.answer().assert_error(*row);
        assert_next_is_served(&mut connection);
    }
    assert_eq!(server.rows(), 1);
}

#[test]
fn the_next_request_is_served_when_it_came_together_with_the_refused_one() {
    let server = Setup::on_sqlite().start();
    let requests = refused_requests(&server);
    let mut connection = server.raw();
    let all: String = requests.iter().map(|(_, head, body)| format!("{head}{body}")).collect();
    connection.send(all + &head("GET", "/healthz", &[]));
    for (row, ..) in &requests {
        connection.answer().assert_error(*row);
    }
    connection.answer().assert_ok(r#"{"status":"ok"}"#);
}

#[test]
fn the_next_request_is_served_after_a_body_in_chunks() {
    let server = Setup::on_sqlite().start();
    let ada = server.tenant.token("auth0|ada");
    let mut connection = server.raw();
    for (row, token, body) in [
        (UNAUTHORIZED, "not.a.token", "{}"),
        (BAD_REQUEST, ada.as_str(), "{}"),
        (UNAUTHORIZED, "not.a.token", &sync_body("ada@example.com", "auth0|ada", None)),
    ] {
        let chunked = [
            ("authorization", bearer(token)),
            ("content-type", "application/json".to_owned()),
            ("transfer-encoding", "chunked".to_owned()),
        ];
        let chunked = chunked.each_ref().map(|(name, value)| (*name, value.as_str()));
        connection.send(head("POST", "/auth/sync", &chunked));
        connection.send(format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()));
        connection.answer().assert_error(row);
        assert_next_is_served(&mut connection);
    }
    assert_eq!(server.rows(), 0);
}

#[test]
fn a_hundred_requests_of_all_kinds_go_over_one_connection() {
    let server = Setup::on_sqlite().start();
    let requests = refused_requests(&server);
    let eve = server.tenant.token("auth0|eve");
    let mut connection = server.raw();
    for (row, head, body) in requests.iter().cycle().take(100) {
        connection.send(format!("{head}{body}"));
        connection.answer().assert_error(*row);
        connection.send(request("POST", "/auth/sync", Some(&eve), &sync_body("eve@example.com", "auth0|eve", None)));
        connection.answer().assert_ok(r#"{"id":1,"email":"eve@example.com","name":null}"#);
    }
}

/// Java's client offers HTTP/2 with every request over plain HTTP, and reads `connection: upgrade` as "goes on".
#[test]
fn whoever_offers_another_protocol_is_told_that_the_connection_ends() {
    let server = Setup::on_sqlite().with("AUTHSYNC_CORS_ALLOWED_ORIGINS", APP).start();
    let ada = server.tenant.token("auth0|ada");
    let good = sync_body("ada@example.com", "auth0|ada", None);
    let h2c = "connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA";
    let sync = |token| request("POST", "/auth/sync", token, &good);
    for (status, plain) in [
        (401, sync(None)),
        (200, sync(Some(&ada))),
        (200, head("GET", "/healthz", &[])),
        (404, head("GET", "/nope", &[])),
        (400, head("GET", "/ws", &[("authorization", &bearer(&ada))])),
        (200, head("OPTIONS", "/auth/sync", &PREFLIGHT)),
    ] {
        for offer in
            [h2c, "connection: Upgrade\r\nupgrade: foo/2", "connection: upgrade", "connection: keep-alive, upgrade"]
        {
            let mut connection = server.raw();
            connection.send(plain.replacen("\r\n\r\n", &format!("\r\n{offer}\r\n\r\n"), 1));
            let answer = connection.answer();
            assert_eq!((answer.status, answer.header("connection")), (status, Some("close")), "{offer}: {plain}");
            assert!(connection.is_closed_by_the_server(), "{offer}: {plain}");
        }
    }
}
