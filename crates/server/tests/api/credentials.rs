//! Where a token may be, and how `Authorization` is read.

use crate::client::{USER_NOT_FOUND, bearer, sync_body};
use crate::raw_connection::head;
use crate::spawn::Setup;

const VERIFY: &str = "/auth/verify";

#[test]
fn the_scheme_may_be_spelt_in_any_case_and_followed_by_any_number_of_spaces() {
    let server = Setup::on_sqlite().start();
    let token = server.tenant.token("auth0|ada");
    let mut connection = server.raw();
    for value in [
        format!("Bearer {token}"),
        format!("bearer {token}"),
        format!("BEARER {token}"),
        format!("bEaReR    {token}"),
        format!("  Bearer {token}  "),
    ] {
        connection.send(head("GET", VERIFY, &[("authorization", &value)]));
        connection.answer().assert_error(USER_NOT_FOUND);
        connection.send(head("GET", VERIFY, &[("AUTHORIZATION", &value)]));
        connection.answer().assert_error(USER_NOT_FOUND);
    }
}

#[test]
fn another_scheme_or_an_empty_one_brings_no_token() {
    let server = Setup::on_sqlite().start();
    let token = server.tenant.token("auth0|ada");
    let mut connection = server.raw();
    for value in [
        "".to_owned(),
        "Bearer".to_owned(),
        "Bearer   ".to_owned(),
        "Basic dXNlcjpwYXNzd29yZA==".to_owned(),
        format!("Basic {token}"),
        format!("DPoP {token}"),
        format!("Token {token}"),
        format!("Bearer{token}"),
        format!("Bearers {token}"),
        token.clone(),
    ] {
        connection.send(head("GET", VERIFY, &[("authorization", &value)]));
        connection.answer().assert_asks_for_a_token();
    }
    connection.send(head("GET", VERIFY, &[]));
    connection.answer().assert_asks_for_a_token();
}

#[test]
fn what_was_meant_as_a_token_and_cannot_be_one_is_a_bad_token() {
    let server = Setup::on_sqlite().start();
    let token = server.tenant.token("auth0|ada");
    let good = bearer(&token);
    let mut connection = server.raw();
    for headers in [
        vec![("authorization", good.clone()), ("authorization", good.clone())],
        vec![("authorization", good.clone()), ("Authorization", "Basic dTpw".to_owned())],
        vec![("authorization", "Bearer tökén".to_owned())],
        vec![("authorization", format!("{good}\u{e9}"))],
        vec![("authorization", format!("{good}, {good}"))],
        vec![("authorization", format!("{good} {token}"))],
        vec![("authorization", format!("Bearer \"{token}\""))],
        vec![("authorization", format!("Bearer Bearer {token}"))],
        vec![("authorization", "Bearer null".to_owned())],
        vec![("authorization", "Bearer undefined".to_owned())],
    ] {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        connection.send(head("GET", VERIFY, &headers));
        connection.answer().assert_refuses_the_token();
    }
    // A byte that is no UTF-8 either.
    connection.send(b"GET /auth/verify HTTP/1.1\r\nhost: authsync.test\r\nauthorization: Bearer \xff\xfe\r\n\r\n");
    connection.answer().assert_refuses_the_token();
    connection.send(head("GET", VERIFY, &[("authorization", &good)]));
    connection.answer().assert_error(USER_NOT_FOUND);
}

#[test]
fn a_token_anywhere_else_is_not_looked_at() {
    let server = Setup::on_sqlite().start();
    let token = server.tenant.token("auth0|ada");
    server.get(&format!("{VERIFY}?access_token={token}")).assert_asks_for_a_token();
    for (name, value) in [
        ("cookie", format!("access_token={token}; authorization=Bearer {token}")),
        ("x-authorization", bearer(&token)),
        ("proxy-authorization", bearer(&token)),
        ("sec-websocket-protocol", format!("bearer, {token}")),
    ] {
        server.ask("GET", VERIFY, &[(name, &value)]).assert_asks_for_a_token();
    }
    let form = format!("access_token={token}");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    server.send("POST", "/auth/sync", &headers, form.as_bytes()).assert_asks_for_a_token();
}

#[test]
fn a_bad_token_is_judged_before_a_bad_body() {
    let server = Setup::on_sqlite().start();
    let good = server.tenant.token("auth0|ada");
    for body in ["", "{", "[]", &sync_body("ada@example.com", "auth0|eve", None), &"x".repeat(70_000)] {
        server.sync("not.a.token", body).assert_refuses_the_token();
        let typed = [("content-type", "text/plain"), ("authorization", "Bearer not.a.token")];
        server.send("POST", "/auth/sync", &typed, body.as_bytes()).assert_refuses_the_token();
        server.send("POST", "/auth/sync", &[], body.as_bytes()).assert_asks_for_a_token();
    }
    assert_eq!(server.sync(&good, "{").status, 400);
    assert_eq!(server.rows(), 0);
}
