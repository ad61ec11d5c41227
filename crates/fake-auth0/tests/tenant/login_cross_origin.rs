//! Which pages may read the tenant's answers.

use fake_auth0::{Endpoint, FakeAuth0, SpaClient};
use ureq::http::Request;

use crate::client::agent;
use crate::login_visitor::tenant;

const APPLICATION: &str = "http://localhost:3000";

/// Status and `access-control-allow-origin` of an answer.
fn answer(tenant: &FakeAuth0, method: &str, path: &str, origin: &str, preflight: bool) -> (u16, Option<String>) {
    let url = format!("{}{}", tenant.issuer().trim_end_matches('/'), path);
    let mut request = Request::builder().method(method).uri(url).header("origin", origin);
    if preflight {
        request = request.header("access-control-request-method", "POST");
        request = request.header("access-control-request-headers", "auth0-client,content-type");
    }
    let agent = agent();
    let answer = agent.run(request.body(()).unwrap()).unwrap();
    let allowed = answer.headers().get("access-control-allow-origin");
    (answer.status().as_u16(), allowed.map(|value| value.to_str().unwrap().to_owned()))
}

#[test]
fn an_application_reads_keys_tokens_and_userinfo_refusals_included() {
    let tenant = tenant();
    let allowed = Some(APPLICATION.to_owned());
    assert_eq!(answer(&tenant, "OPTIONS", "/oauth/token", APPLICATION, true), (200, allowed.clone()));
    assert_eq!(answer(&tenant, "OPTIONS", "/oauth/revoke", APPLICATION, true), (200, allowed.clone()));
    for (method, path, status) in [
        ("POST", "/oauth/token", 400),
        ("GET", "/userinfo", 401),
        ("GET", "/.well-known/jwks.json", 200),
        ("GET", "/.well-known/openid-configuration", 200),
    ] {
        assert_eq!(answer(&tenant, method, path, APPLICATION, false), (status, allowed.clone()), "{path}");
    }
    tenant.fail(Endpoint::Token, 503);
    assert_eq!(answer(&tenant, "POST", "/oauth/token", APPLICATION, false), (503, allowed));
}

#[test]
fn other_pages_read_nothing() {
    let tenant = FakeAuth0::builder().spa_client(SpaClient::new("exact").at("https://app.example.test/cb")).start();
    for origin in
        ["https://evil.example.test", "null", "http://localhost.evil.test:3000", "https://app.example.test:8443"]
    {
        assert_eq!(answer(&tenant, "OPTIONS", "/oauth/token", origin, true), (400, None), "{origin}");
        assert_eq!(answer(&tenant, "POST", "/oauth/token", origin, false), (400, None), "{origin}");
    }
    let own = "https://app.example.test";
    assert_eq!(answer(&tenant, "GET", "/userinfo", own, false), (401, Some(own.to_owned())));
}

#[test]
fn what_is_for_machines_or_people_no_page_reads() {
    let tenant = tenant();
    for path in ["/api/v2/users/auth0%7Cada", "/authorize", "/u/login", "/v2/logout"] {
        assert_eq!(answer(&tenant, "GET", path, APPLICATION, false).1, None, "{path}");
    }
}
