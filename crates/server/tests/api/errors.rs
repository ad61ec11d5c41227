//! The error table, row by row.

use crate::client::{
    BAD_REQUEST, CONFLICT, METHOD_NOT_ALLOWED, NO_SUCH_ROUTE, NOT_JSON, NOT_YOURS, TOO_LARGE, USER_NOT_FOUND, bearer,
    sync_body,
};
use crate::databases::on_both_databases;
use crate::raw_connection::head;
use crate::spawn::Setup;

on_both_databases! {
    each_row_has_its_bytes_and_writes_nothing,
}

/// The routes and what each allows.
pub(crate) const ROUTES: [(&str, &str); 11] = [
    ("/auth/sync", "POST"),
    ("/auth/verify", "GET, HEAD"),
    ("/auth0/events", "POST"),
    ("/ws", "GET"),
    ("/.well-known/oauth-protected-resource", "GET, HEAD"),
    ("/healthz", "GET, HEAD"),
    ("/readyz", "GET, HEAD"),
    ("/metrics", "GET, HEAD"),
    ("/openapi.json", "GET, HEAD"),
    ("/asyncapi.json", "GET, HEAD"),
    ("/docs", "GET, HEAD"),
];

fn each_row_has_its_bytes_and_writes_nothing(setup: Setup) {
    let server = setup.start();
    server.sync(&server.tenant.token("auth0|eve"), &sync_body("eve@example.com", "auth0|eve", None)).id();
    let before = server.table();
    let ada = server.tenant.token("auth0|ada");
    let good = sync_body("ada@example.com", "auth0|ada", None);

    server
        .send("POST", "/auth/sync", &[("content-type", "application/json")], good.as_bytes())
        .assert_asks_for_a_token();
    server.sync("not.a.token", &good).assert_refuses_the_token();
    server.verify(&ada).assert_error(USER_NOT_FOUND);
    server.get("/nowhere").assert_error(NO_SUCH_ROUTE);
    server.sync(&ada, "{").assert_error(BAD_REQUEST);
    server.sync(&ada, &sync_body("ada@example.com", "auth0|eve", None)).assert_error(NOT_YOURS);
    server.sync(&ada, &sync_body("eve@example.com", "auth0|ada", None)).assert_error(CONFLICT);
    server.sync(&ada, &format!("{good}{}", " ".repeat(65_536))).assert_error(TOO_LARGE);
    let plain = [("authorization", bearer(&ada)), ("content-type", "text/plain".to_owned())];
    let plain = plain.each_ref().map(|(name, value)| (*name, value.as_str()));
    server.send("POST", "/auth/sync", &plain, good.as_bytes()).assert_error(NOT_JSON);
    let wrong_method = server.ask("GET", "/auth/sync", &plain[..1]);
    wrong_method.assert_error(METHOD_NOT_ALLOWED);
    assert_eq!(wrong_method.header("allow"), Some("POST"));

    assert_eq!(server.table(), before);
}

#[test]
fn errors_other_than_401_503_and_405_bring_none_of_their_headers() {
    let server = Setup::on_sqlite().start();
    let ada = server.tenant.token("auth0|ada");
    for answer in [server.verify(&ada), server.get("/nowhere"), server.sync(&ada, "{"), server.get("/healthz")] {
        for header in ["www-authenticate", "retry-after", "allow", "set-cookie", "server", "x-powered-by"] {
            assert_eq!(answer.header(header), None, "{answer:?}");
        }
    }
}

#[test]
fn a_path_that_is_not_in_the_table_is_not_found() {
    let server = Setup::on_sqlite().start();
    let token = server.tenant.token("auth0|ada");
    let mut connection = server.raw();
    for path in [
        "/",
        "/auth",
        "/auth/",
        "/auth/sync/",
        "/auth/verify/",
        "/auth/verify/1",
        "/AUTH/VERIFY",
        "//auth/verify",
        "/auth//verify",
        "/auth/../auth/verify",
        "/healthz/x",
        "/token",
        "/register",
        "/favicon.ico",
        "/%",
        "/%00",
        "/%ff",
    ] {
        for method in ["GET", "POST", "DELETE", "PUT"] {
            let headers = [("authorization", bearer(&token)), ("content-length", "0".to_owned())];
            let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
            connection.send(head(method, path, &headers));
            let answer = connection.answer();
            assert_eq!(answer.status, 404, "{method} {path}: {answer:?}");
            answer.assert_error(NO_SUCH_ROUTE);
        }
    }
    server.ask("GET", "/nowhere?x=1", &[]).assert_error(NO_SUCH_ROUTE);
}

#[test]
fn another_method_on_a_route_names_those_that_are_allowed() {
    let server = Setup::on_sqlite().with("AUTH0_EVENTS_TOKEN", "t0ken").start();
    let token = server.tenant.token("auth0|ada");
    let mut connection = server.raw();
    for (path, allow) in ROUTES {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
            if allow.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            for authorization in [bearer(&token), bearer("bad"), String::new()] {
                connection.send(head(method, path, &[("authorization", &authorization), ("content-length", "0")]));
                let answer = if method == "HEAD" { connection.answer_without_body() } else { connection.answer() };
                assert_eq!(answer.status, 405, "{method} {path}: {answer:?}");
                assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
                if method != "HEAD" {
                    answer.assert_error(METHOD_NOT_ALLOWED);
                }
            }
        }
    }
}

#[test]
fn a_body_must_say_that_it_is_json() {
    let server = Setup::on_sqlite().start();
    let token = bearer(&server.tenant.token("auth0|ada"));
    let body = sync_body("ada@example.com", "auth0|ada", None);
    let sync = |content_type: Option<&str>| {
        let mut headers = vec![("authorization", token.as_str())];
        headers.extend(content_type.map(|value| ("content-type", value)));
        server.send("POST", "/auth/sync", &headers, body.as_bytes())
    };
    for content_type in [
        None,
        Some(""),
        Some("json"),
        Some("text/plain"),
        Some("text/json"),
        Some("application/problem+json"),
        Some("application/jsonx"),
        Some("application/x-www-form-urlencoded"),
    ] {
        let answer = sync(content_type);
        assert_eq!(answer.status, 415, "{content_type:?}");
        answer.assert_error(NOT_JSON);
    }
    assert_eq!(server.rows(), 0);
    for content_type in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        assert_eq!(sync(Some(content_type)).status, 200, "{content_type}");
    }
}

#[test]
fn no_answer_may_be_taken_for_another_type() {
    let server = Setup::on_sqlite().start();
    for path in ["/healthz", "/nowhere", "/auth/verify", "/metrics", "/readyz"] {
        assert_eq!(server.get(path).header("x-content-type-options"), Some("nosniff"), "{path}");
    }
}

#[test]
fn a_server_that_is_alive_says_so() {
    let server = Setup::on_sqlite().start();
    server.get("/healthz").assert_ok(r#"{"status":"ok"}"#);
}
