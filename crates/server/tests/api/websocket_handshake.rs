//! Who gets a socket, and what the others are told.

use fake_auth0::{BadToken, Endpoint};

use crate::client::{ErrorRow, METHOD_NOT_ALLOWED, UNAVAILABLE, USER_NOT_FOUND, bearer};
use crate::databases::on_both_databases;
use crate::raw_connection::{RawConnection, head};
use crate::spawn::Setup;
use crate::websocket_client::{HANDSHAKE, Socket};

const NO_HANDSHAKE: ErrorRow = (400, "bad_request", "WebSocket handshake expected");
const NOT_ALLOWED: ErrorRow = (403, "forbidden", "Origin not allowed");

on_both_databases! {
    a_known_user_is_told_who_it_is_and_how_long,
    the_token_may_stand_among_the_subprotocols,
    every_bad_token_is_refused_before_the_upgrade,
    a_good_token_of_nobody_s_is_not_found,
    a_row_that_breaks_a_rule_is_our_own_trouble,
}

fn a_known_user_is_told_who_it_is_and_how_long(setup: Setup) {
    let server = setup.start();
    server.user("ada");
    let expires_at = server.tenant.now() + 1_000;
    let token = server.tenant.token_for("auth0|ada").expires_at(expires_at).mint();
    let mut socket = Socket::open(server.address(), &token);
    assert_eq!(
        socket.next().to_string(),
        serde_json::json!({
            "type": "ready", "user": { "id": 1, "email": "ada@example.com", "name": null }, "expires_at": expires_at
        })
        .to_string()
    );
    assert!(!socket.answer.iter().any(|(name, _)| name == "sec-websocket-protocol"), "{:?}", socket.answer);
    assert!(socket.answer.iter().any(|(name, _)| name == "x-request-id"), "{:?}", socket.answer);
}

fn the_token_may_stand_among_the_subprotocols(setup: Setup) {
    let server = setup.start();
    let token = server.user("ada");
    let protocols = format!("bearer, {token}");
    let mut socket = Socket::open_with(server.address(), &[("sec-websocket-protocol", &protocols)]);
    assert_eq!(socket.next()["user"]["email"], "ada@example.com");
    let echoed: Vec<_> = socket.answer.iter().filter(|(name, _)| name == "sec-websocket-protocol").collect();
    assert_eq!(echoed, [&("sec-websocket-protocol".to_owned(), "bearer".to_owned())]);
    assert!(!format!("{:?}", socket.answer).contains(&token));
}

fn every_bad_token_is_refused_before_the_upgrade(setup: Setup) {
    let server = setup.start();
    let good = server.user("ada");
    server.refused_socket(&[]).assert_asks_for_a_token();
    server.refused_socket(&[("sec-websocket-protocol", "bearer")]).assert_asks_for_a_token();
    for bad in BadToken::ALL.iter().filter(|bad| **bad != BadToken::Empty) {
        let token = bad.mint(&server.tenant, "auth0|ada");
        server.refused_socket(&[("authorization", &bearer(&token))]).assert_refuses_the_token();
        // The list of subprotocols has no room for a token of this kind.
        if !token.contains([',', ' ']) && token.is_ascii() {
            let protocols = format!("bearer, {token}");
            server.refused_socket(&[("sec-websocket-protocol", &protocols)]).assert_refuses_the_token();
        }
    }
    let protocols = format!("bearer, {good}");
    server
        .refused_socket(&[("authorization", &bearer(&good)), ("sec-websocket-protocol", &protocols)])
        .assert_refuses_the_token();
}

fn a_good_token_of_nobody_s_is_not_found(setup: Setup) {
    let server = setup.start();
    for token in [
        server.tenant.token("auth0|unknown"),
        server.tenant.machine_token_for("reporting").mint(),
        server.tenant.anonymous_token_for("4f1").mint(),
    ] {
        server.refused_socket(&[("authorization", &bearer(&token))]).assert_error(USER_NOT_FOUND);
    }
}

fn a_row_that_breaks_a_rule_is_our_own_trouble(setup: Setup) {
    let server = setup.start();
    server.database.execute("INSERT INTO users (email, auth0_id) VALUES ('no address', 'auth0|ada')");
    let token = server.tenant.token("auth0|ada");
    server.refused_socket(&[("authorization", &bearer(&token))]).assert_error(crate::client::INTERNAL);
}

#[test]
fn keys_out_of_reach_are_our_own_trouble() {
    let server = Setup::on_sqlite().start();
    server.user("ada");
    server.tenant.fail(Endpoint::Jwks, 500);
    let token = server.tenant.token_for("auth0|ada").kid("made-up").mint();
    let answer = server.refused_socket(&[("authorization", &bearer(&token))]);
    answer.assert_unavailable();
}

#[test]
fn pages_of_the_list_get_a_socket_and_other_pages_do_not() {
    let server = Setup::on_sqlite().with("AUTHSYNC_CORS_ALLOWED_ORIGINS", "https://app.example.com").start();
    let token = server.user("ada");
    let tenant = format!("http://{}", server.tenant.address());
    for origin in ["https://app.example.com", &tenant] {
        let mut socket = Socket::open_with(server.address(), &[("authorization", &bearer(&token)), ("origin", origin)]);
        assert_eq!(socket.next()["type"], "ready", "{origin}");
    }
    for origin in ["https://evil.example", "http://app.example.com", "null"] {
        let answer = server.refused_socket(&[("authorization", &bearer(&token)), ("origin", origin)]);
        answer.assert_error(NOT_ALLOWED);
        assert_eq!(answer.header("access-control-allow-origin"), None);
        // Whether its token would be good is none of its business.
        server.refused_socket(&[("origin", origin)]).assert_error(NOT_ALLOWED);
    }
}

#[test]
fn what_is_no_handshake_is_told_so_once_its_token_is_good() {
    let server = Setup::on_sqlite().start();
    let token = bearer(&server.user("ada"));
    server.get("/ws").assert_asks_for_a_token();
    let plain = server.ask("GET", "/ws", &[("authorization", &token)]);
    plain.assert_error(NO_HANDSHAKE);
    assert_eq!(plain.header("sec-websocket-version"), Some("13"));
    for (name, value) in [
        ("upgrade", "h2c"),
        ("connection", "keep-alive"),
        ("sec-websocket-version", "8"),
        ("sec-websocket-key", "short"),
    ] {
        let mut headers: Vec<_> = HANDSHAKE.iter().copied().filter(|(known, _)| *known != name).collect();
        headers.extend([(name, value), ("authorization", token.as_str())]);
        let mut connection = RawConnection::open(server.address());
        connection.send(head("GET", "/ws", &headers));
        connection.answer().assert_error(NO_HANDSHAKE);
    }
    // RFC 6455 §4.2.1: HTTP/1.1 or later.
    let mut older = server.raw();
    let handshake = head("GET", "/ws", &[&HANDSHAKE[..], &[("authorization", &token)]].concat());
    older.send(handshake.replacen("HTTP/1.1", "HTTP/1.0", 1));
    older.answer().assert_error(NO_HANDSHAKE);
    let mut with_body = server.raw();
    with_body.send(head(
        "GET",
        "/ws",
        &[&HANDSHAKE[..], &[("authorization", &token), ("content-length", "2")]].concat(),
    ));
    with_body.send("{}");
    with_body.answer().assert_error(NO_HANDSHAKE);
}

#[test]
fn other_methods_are_not_allowed() {
    let server = Setup::on_sqlite().start();
    for method in ["POST", "PUT", "DELETE"] {
        let answer = server.ask(method, "/ws", &HANDSHAKE[1..]);
        answer.assert_error(METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), Some("GET"), "{method}");
    }
}

#[test]
fn a_user_has_so_many_sockets_and_a_place_is_free_again_when_one_ends() {
    let server = Setup::on_sqlite().with_file("[websocket]\nmax_sockets_per_user = 2\nmax_sockets = 3").start();
    let (ada, bob) = (server.user("ada"), server.user("bob"));
    let (first, mut second) = (server.socket(&ada), server.socket(&ada));
    server.refused_socket(&[("authorization", &bearer(&ada))]).assert_unavailable();
    let _of_bob = server.socket(&bob);
    server.refused_socket(&[("authorization", &bearer(&bob))]).assert_unavailable();
    first.leave();
    crate::waiting::eventually("the place is free", || {
        Socket::try_open(server.address(), &[("authorization", &bearer(&ada))]).ok()
    });
    second.assert_served();
    assert_eq!(UNAVAILABLE.0, 503);
}
