//! What pages of which origin may ask, and read.

use std::collections::BTreeSet;

use crate::client::{
    Answer, BAD_REQUEST, CONFLICT, INTERNAL, METHOD_NOT_ALLOWED, NO_SUCH_ROUTE, NOT_JSON, NOT_YOURS, TOO_LARGE,
    UNAUTHORIZED, USER_BLOCKED, USER_NOT_FOUND, bearer, sync_body,
};
use crate::spawn::{Setup, TestServer};

const APP: &str = "https://app.example.com";
const LOCAL: &str = "http://localhost:3000";

fn server() -> TestServer {
    Setup::on_sqlite().with("AUTHSYNC_CORS_ALLOWED_ORIGINS", &format!("{APP}, {LOCAL}")).start()
}

fn names(answer: &Answer, header: &str) -> BTreeSet<String> {
    let list = answer.header(header).unwrap_or_default();
    list.split(',').map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty()).collect()
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

#[track_caller]
fn assert_readable_from(answer: &Answer, origin: &str) {
    assert_eq!(answer.header("access-control-allow-origin"), Some(origin), "{answer:?}");
    assert!(names(answer, "vary").contains("origin"), "{answer:?}");
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_no_wildcard(answer);
}

/// Nothing is allowed to everybody.
#[track_caller]
fn assert_no_wildcard(answer: &Answer) {
    let of_cors = answer.headers.iter().filter(|(name, _)| name.starts_with("access-control-"));
    assert!(of_cors.into_iter().all(|(_, value)| !value.contains('*')), "{answer:?}");
}

fn preflight(server: &TestServer, path: &str, origin: &str, method: &str, headers: &str) -> Answer {
    let asked =
        [("origin", origin), ("access-control-request-method", method), ("access-control-request-headers", headers)];
    server.ask("OPTIONS", path, &asked)
}

#[test]
fn an_allowed_origin_is_named_exactly() {
    let server = server();
    let token = server.tenant.token("auth0|ada");
    for origin in [APP, LOCAL] {
        let headers = [("origin", origin), ("authorization", &bearer(&token)), ("content-type", "application/json")];
        let body = sync_body("ada@example.com", "auth0|ada", None);
        for answer in [
            server.send("POST", "/auth/sync", &headers, body.as_bytes()),
            server.ask("GET", "/auth/verify", &headers[..2]),
            server.ask("GET", "/healthz", &headers[..1]),
        ] {
            assert_eq!(answer.status, 200);
            assert_readable_from(&answer, origin);
        }
    }
}

#[test]
fn a_foreign_origin_is_answered_and_may_not_read() {
    let server = server();
    let token = server.tenant.token("auth0|ada");
    for origin in [
        "https://evil.example.com",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.test",
        "https://evil-app.example.com",
        "https://APP.example.com",
        "null",
        "*",
        "",
    ] {
        let answer = server.ask("GET", "/auth/verify", &[("origin", origin), ("authorization", &bearer(&token))]);
        answer.assert_error(USER_NOT_FOUND);
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        assert!(names(&answer, "vary").contains("origin"), "{origin}");
        let refused = preflight(&server, "/auth/sync", origin, "POST", "authorization");
        assert_eq!(refused.header("access-control-allow-origin"), None, "{origin}");
        assert_no_wildcard(&answer);
        assert_no_wildcard(&refused);
    }
}

#[test]
fn without_an_origin_nothing_is_allowed_and_everything_answered() {
    let server = server();
    let answer = server.get("/healthz");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), None);
    // A cache must not hand this answer to a page.
    assert!(names(&answer, "vary").contains("origin"));
}

#[test]
fn the_auth0_domain_s_own_origin_is_always_allowed() {
    for setup in [
        Setup::on_sqlite(),
        Setup::on_sqlite().with("AUTHSYNC_CORS_ALLOWED_ORIGINS", APP),
        Setup::on_sqlite().with("AUTHSYNC_CORS_ALLOWED_ORIGINS", ""),
    ] {
        let server = setup.start();
        let origin = server.tenant.issuer().trim_end_matches('/').to_owned();
        assert_readable_from(&server.ask("GET", "/healthz", &[("origin", &origin)]), &origin);
        let allowed = preflight(&server, "/auth/sync", &origin, "POST", "authorization,content-type");
        assert_readable_from(&allowed, &origin);
    }
}

#[test]
fn a_preflight_for_a_sync_is_answered_and_may_be_remembered() {
    let server = server();
    for headers in [
        "authorization,content-type",
        "Authorization, Content-Type",
        "content-type, x-request-id",
        "authorization, dpop",
    ] {
        let answer = preflight(&server, "/auth/sync", APP, "POST", headers);
        assert!(matches!(answer.status, 200 | 204), "{answer:?}");
        assert_eq!(answer.body, "");
        assert_readable_from(&answer, APP);
        assert!(names(&answer, "access-control-allow-methods").is_superset(&set(["get", "post"])), "{answer:?}");
        let allowed = names(&answer, "access-control-allow-headers");
        assert!(allowed.is_superset(&set(["authorization", "content-type"])), "{answer:?}");
        let max_age = answer.header("access-control-max-age").and_then(|age| age.parse::<u32>().ok());
        assert!(max_age.is_some_and(|age| age >= 600), "{answer:?}");
    }
    let verify = preflight(&server, "/auth/verify", LOCAL, "GET", "authorization");
    assert!(matches!(verify.status, 200 | 204), "{verify:?}");
    assert_readable_from(&verify, LOCAL);
}

#[test]
fn a_preflight_needs_no_token_and_writes_nothing() {
    let server = server();
    for _ in 0..3 {
        assert!(preflight(&server, "/auth/sync", APP, "POST", "authorization").status < 300);
    }
    assert_eq!(server.rows(), 0);
}

#[test]
fn a_preflight_for_more_than_there_is_is_refused_in_the_shape_of_all_errors() {
    let server = server();
    for (method, headers) in [("DELETE", "authorization"), ("POST", "x-made-up"), ("POST", "")] {
        let answer = preflight(&server, "/auth/sync", APP, method, headers);
        answer.assert_error(BAD_REQUEST);
        assert!(names(&answer, "vary").contains("origin"));
    }
}

#[test]
fn a_page_may_read_every_error() {
    let server = server();
    server.sync(&server.tenant.token("auth0|eve"), &sync_body("eve@example.com", "auth0|eve", None)).id();
    server.database.execute("INSERT INTO users (email, auth0_id) VALUES ('nonsense', 'auth0|broken')");
    server.database.execute("INSERT INTO users (email, auth0_id, blocked) VALUES ('m@x', 'auth0|mallory', TRUE)");
    let verify = |subject: &str| {
        let authorization = bearer(&server.tenant.token(subject));
        server.ask("GET", "/auth/verify", &[("origin", APP), ("authorization", &authorization)])
    };
    let ada = bearer(&server.tenant.token("auth0|ada"));
    let good = sync_body("ada@example.com", "auth0|ada", None);
    let sync = |authorization: &str, content_type: &str, body: &str| {
        let headers = [("origin", APP), ("authorization", authorization), ("content-type", content_type)];
        server.send("POST", "/auth/sync", &headers, body.as_bytes())
    };
    const JSON: &str = "application/json";
    for (row, answer) in [
        (UNAUTHORIZED, sync("", JSON, &good)),
        (UNAUTHORIZED, sync("Bearer bad", JSON, &good)),
        (NOT_YOURS, sync(&ada, JSON, &sync_body("ada@example.com", "auth0|eve", None))),
        (BAD_REQUEST, sync(&ada, JSON, "{")),
        (USER_BLOCKED, verify("auth0|mallory")),
        (USER_NOT_FOUND, verify("auth0|ada")),
        (INTERNAL, verify("auth0|broken")),
        (NO_SUCH_ROUTE, server.ask("GET", "/nowhere", &[("origin", APP)])),
        (METHOD_NOT_ALLOWED, server.ask("GET", "/auth/sync", &[("origin", APP)])),
        (CONFLICT, sync(&ada, JSON, &sync_body("eve@example.com", "auth0|ada", None))),
        (TOO_LARGE, sync(&ada, JSON, &format!("{good}{}", " ".repeat(65_536)))),
        (NOT_JSON, sync(&ada, "text/plain", &good)),
    ] {
        answer.assert_error(row);
        assert_readable_from(&answer, APP);
        let exposed = names(&answer, "access-control-expose-headers");
        assert!(
            exposed.is_superset(&set(["www-authenticate", "retry-after", "x-request-id", "dpop-nonce"])),
            "{answer:?}"
        );
    }
}

#[test]
fn a_page_may_read_our_own_trouble() {
    let setup = Setup::on_sqlite().with("AUTHSYNC_CORS_ALLOWED_ORIGINS", APP);
    setup.tenant.go_down();
    let server = setup.start_without_waiting();
    let token = bearer(&server.tenant.token("auth0|ada"));
    let answer = server.ask("GET", "/auth/verify", &[("origin", APP), ("authorization", &token)]);
    answer.assert_unavailable();
    assert_readable_from(&answer, APP);
    assert!(names(&answer, "access-control-expose-headers").contains("retry-after"));
}
