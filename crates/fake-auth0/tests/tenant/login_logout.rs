//! `GET /v2/logout`.

use fake_auth0::{FRONTEND_CLIENT_ID, FakeAuth0, SpaClient};

use crate::login_visitor::{Visitor, tenant};

fn logout_url(visitor: &Visitor<'_>, query: &str) -> String {
    visitor.absolute(&format!("/v2/logout?{query}"))
}

#[test]
fn logging_out_ends_the_session_and_leads_back() {
    let tenant = tenant();
    let mut visitor = Visitor::of(&tenant);
    visitor.code();
    assert!(visitor.authorize(&[("prompt", Some("none"))]).parameter("code").is_some());
    let query =
        format!("client_id={FRONTEND_CLIENT_ID}&returnTo=http%3A%2F%2Flocalhost%3A3000&auth0Client=x&federated");
    let page = visitor.get(&logout_url(&visitor, &query));
    assert_eq!((page.status, page.location.as_deref()), (302, Some("http://localhost:3000")));
    let silent = visitor.authorize(&[("prompt", Some("none"))]);
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
}

#[test]
fn another_browser_stays_logged_in() {
    let tenant = tenant();
    let (mut one, mut other) = (Visitor::of(&tenant), Visitor::of(&tenant));
    one.code();
    other.code();
    one.get(&logout_url(&one, ""));
    assert!(other.authorize(&[("prompt", Some("none"))]).parameter("code").is_some());
}

#[test]
fn only_an_address_of_the_client_is_led_to() {
    let client = SpaClient::new("exact").logout_url("https://app.example.test/bye");
    let tenant = FakeAuth0::builder().spa_client(client).start();
    for (query, status) in [
        ("client_id=exact&returnTo=https://app.example.test/bye", 302),
        ("returnTo=https://app.example.test/bye", 302),
        ("client_id=exact&returnTo=https://app.example.test/", 403),
        ("client_id=exact&returnTo=http://localhost:3000", 403),
        ("client_id=stranger&returnTo=https://app.example.test/bye", 403),
        ("returnTo=https://evil.example.test", 403),
        ("returnTo=//evil.example.test", 403),
        ("client_id=exact&client_id=exact", 403),
        ("", 200),
    ] {
        let mut visitor = Visitor::of(&tenant);
        let page = visitor.get(&logout_url(&visitor, query));
        assert_eq!((page.status, page.location.is_some()), (status, status == 302), "{query}");
    }
}
