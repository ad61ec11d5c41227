//! `GET /authorize` and the login page.

use fake_auth0::{Endpoint, FRONTEND_CLIENT_ID, FakeAuth0, FakeUser, SpaClient};

use crate::login_visitor::{ADA, CALLBACK, Visitor, add_people, tenant};

fn failure(error: &str, description: &str) -> (Option<String>, Option<String>) {
    (Some(error.to_owned()), Some(description.to_owned()))
}

#[test]
fn a_click_on_a_person_leads_back_with_a_code_and_the_state() {
    let tenant = tenant();
    let mut visitor = Visitor::of(&tenant);
    let place = visitor.authorize(&[]).location.unwrap();
    assert!(place.starts_with("/u/login?state="), "{place}");
    let page = visitor.get(&visitor.absolute(&place));
    assert!(page.text.contains("Ada Lovelace") && page.text.contains("value=\"auth0|ada\""), "{}", page.text);

    let back = visitor.submit(&place, ADA);
    assert_eq!(back.status, 302);
    assert!(back.location.as_deref().unwrap().starts_with(&format!("{CALLBACK}?code=")));
    assert_eq!(back.parameter("state").as_deref(), Some("the state"));
    assert_eq!(tenant.requests(Endpoint::Authorize), 1);
}

#[test]
fn a_person_may_be_typed_by_address_in_any_case_or_by_phone_number() {
    let tenant = tenant();
    tenant.add_user(FakeUser::new("sms|alan").with("phone_number", "+15550100"));
    for name in ["ada@example.test", " ADA@Example.Test ", "+15550100", ADA] {
        assert!(Visitor::of(&tenant).log_in_with(&[], name).parameter("code").is_some(), "{name}");
    }
}

#[test]
fn the_page_says_when_nobody_is_called_so() {
    let tenant = tenant();
    for name in ["nobody", ""] {
        let page = Visitor::of(&tenant).log_in_with(&[], name);
        assert_eq!((page.status, page.location.is_none()), (400, true));
        assert!(page.text.contains("Wrong user"), "{}", page.text);
    }
}

#[test]
fn a_blocked_person_is_told_so_and_can_take_it_back_to_the_application() {
    let tenant = tenant();
    let page = Visitor::of(&tenant).log_in_with(&[], "mallory@example.test");
    assert_eq!((page.status, page.location.is_none()), (403, true));
    assert!(page.text.contains("user is blocked"));
    let link = format!("{CALLBACK}?error=unauthorized&amp;error_description=user+is+blocked&amp;state=the+state");
    assert!(page.text.contains(&link), "{}", page.text);
}

#[test]
fn a_client_or_an_address_that_is_not_known_is_never_redirected_to() {
    let tenant = FakeAuth0::builder().spa_client(SpaClient::new("exact").at("https://app.example.test/cb")).start();
    for changes in [
        &[("client_id", Some("stranger"))][..],
        &[("client_id", None)],
        &[("redirect_uri", None)],
        &[("redirect_uri", Some("https://evil.example.test/"))],
        &[("redirect_uri", Some("javascript:alert(1)"))],
        &[("redirect_uri", Some("http://localhost:3000/#fragment"))],
        &[("client_id", Some("exact"))],
        &[("client_id", Some("exact")), ("redirect_uri", Some("https://app.example.test/cb/x"))],
        &[("response_mode", Some("web_message")), ("redirect_uri", Some("https://evil.example.test"))],
        &[("prompt", Some("none")), ("redirect_uri", Some("https://evil.example.test"))],
    ] {
        let page = Visitor::of(&tenant).authorize(changes);
        assert_eq!((page.status, page.location.is_none()), (403, true), "{changes:?}");
        assert!(page.text.contains("Something is wrong"), "{changes:?}");
    }
    let twice = format!("{}&client_id=other", Visitor::of(&tenant).authorize_url(&[]));
    assert_eq!(Visitor::of(&tenant).get(&twice).status, 403);
    let known = &[("client_id", Some("exact")), ("redirect_uri", Some("https://app.example.test/cb"))];
    assert_eq!(Visitor::of(&tenant).authorize(known).status, 302);
}

#[test]
fn what_else_is_wrong_with_a_request_the_application_is_told() {
    let tenant = tenant();
    for (name, value, expected) in [
        ("response_type", Some("token"), "unsupported_response_type"),
        ("response_type", None, "invalid_request"),
        ("response_mode", Some("fragment"), "unsupported_response_mode"),
        ("code_challenge", None, "invalid_request"),
        ("code_challenge", Some("short"), "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("audience", Some("https://elsewhere.example.test"), "access_denied"),
        ("prompt", Some("sometimes"), "invalid_request"),
        ("max_age", Some("young"), "invalid_request"),
    ] {
        let page = Visitor::of(&tenant).authorize(&[(name, value)]);
        assert_eq!(page.parameter("error").as_deref(), Some(expected), "{name} {value:?}");
        assert_eq!(page.parameter("state").as_deref(), Some("the state"));
        assert!(page.location.unwrap().starts_with(CALLBACK));
    }
}

#[test]
fn whoever_has_a_session_is_not_asked_again_unless_the_application_insists() {
    let tenant = tenant();
    let begin = tenant.now();
    tenant.set_clock(begin);
    let mut visitor = Visitor::of(&tenant);
    let login_required = failure("login_required", "Login required");
    assert_eq!(visitor.authorize(&[("prompt", Some("none"))]).failure(), login_required);
    visitor.code();
    assert!(visitor.authorize(&[]).parameter("code").is_some());
    assert!(visitor.authorize(&[("prompt", Some("none"))]).parameter("code").is_some());
    assert!(visitor.authorize(&[("prompt", Some("login"))]).location.unwrap().starts_with("/u/login"));
    tenant.set_clock(begin + 100);
    assert!(visitor.authorize(&[("max_age", Some("100"))]).parameter("code").is_some());
    assert!(visitor.authorize(&[("max_age", Some("99"))]).location.unwrap().starts_with("/u/login"));

    assert!(Visitor::of(&tenant).authorize(&[]).location.unwrap().starts_with("/u/login"), "another browser");
    tenant.log_out(ADA);
    assert_eq!(visitor.authorize(&[("prompt", Some("none"))]).failure(), login_required);
}

#[test]
fn a_session_ends_after_a_week_and_is_of_no_use_to_the_blocked_and_the_deleted() {
    let tenant = tenant();
    let mut visitor = Visitor::of(&tenant);
    visitor.code();
    let silent = &[("prompt", Some("none"))];
    tenant.update_user(ADA, |user| user.blocked = Some(true));
    assert_eq!(visitor.authorize(silent).failure(), failure("unauthorized", "user is blocked"));
    assert!(visitor.authorize(&[]).location.unwrap().starts_with("/u/login"));
    tenant.delete_user(ADA);
    assert_eq!(visitor.authorize(silent).failure().0.as_deref(), Some("login_required"));
    add_people(&tenant);
    assert!(visitor.authorize(silent).parameter("code").is_some());
    tenant.set_clock_offset(7 * 24 * 3600);
    assert_eq!(visitor.authorize(silent).failure().0.as_deref(), Some("login_required"));
}

#[test]
fn a_web_message_goes_to_the_exact_origin_of_the_application() {
    let tenant = tenant();
    let mut visitor = Visitor::of(&tenant);
    let silent = &[("prompt", Some("none")), ("response_mode", Some("web_message"))];
    let page = visitor.authorize(silent);
    assert_eq!(page.status, 200);
    assert!(page.text.contains(r#""error":"login_required""#), "{}", page.text);

    visitor.code();
    let page = visitor.authorize(silent);
    assert!(page.text.contains(r#""type":"authorization_response""#) && page.text.contains(r#""state":"the state""#));
    assert!(page.text.contains(r#", "http://localhost:3000");"#), "{}", page.text);
    assert!(page.policy.contains("default-src 'none'") && page.policy.contains("script-src 'nonce-"));
    assert!(page.policy.ends_with("frame-ancestors http://localhost:3000"), "{}", page.policy);
}

#[test]
fn nothing_that_comes_from_outside_is_markup() {
    let tenant = FakeAuth0::builder().spa_client(SpaClient::on_loopback("x").name("<i>x</i>")).start();
    let evil = "<script>alert(\"1\")</script>'";
    tenant.add_user(FakeUser::new(evil).name(evil).email(evil, true));
    let mut visitor = Visitor::of(&tenant);
    let place = visitor.authorize(&[("client_id", Some("x")), ("login_hint", Some(evil))]).location.unwrap();
    let pages = [
        visitor.get(&visitor.absolute(&place)),
        visitor.submit(&place, &format!("no {evil}")),
        visitor.authorize(&[("client_id", Some(evil))]),
        visitor.authorize(&[("redirect_uri", Some(evil))]),
        visitor.get(&visitor.absolute("/v2/logout?returnTo=%3Cscript%3E")),
        visitor.authorize(&[
            ("state", Some("</script><script>alert(1)")),
            ("response_mode", Some("web_message")),
            ("prompt", Some("none")),
        ]),
    ];
    for page in pages {
        assert!(!page.text.contains("<script>") && !page.text.contains("<i>"), "{}", page.text);
        assert!(page.policy.contains("default-src 'none'"), "{}", page.policy);
    }
    assert!(visitor.submit(&place, evil).parameter("code").is_some());
}

#[test]
fn the_login_page_cannot_be_framed_and_sends_its_form_nowhere_else() {
    let tenant = tenant();
    let mut visitor = Visitor::of(&tenant);
    let place = visitor.authorize(&[]).location.unwrap();
    let page = visitor.get(&visitor.absolute(&place));
    assert!(page.policy.contains("frame-ancestors 'none'"), "{}", page.policy);
    assert!(page.policy.contains("form-action 'self' http://localhost:3000;"), "{}", page.policy);
}

#[test]
fn a_form_of_another_page_logs_nobody_in() {
    let tenant = tenant();
    let mut visitor = Visitor::of(&tenant);
    let place = visitor.authorize(&[]).location.unwrap();
    for origin in ["https://evil.example.test", "null"] {
        let page = visitor.submit_from(origin, &place, ADA);
        assert_eq!((page.status, page.location.is_none()), (403, true), "{origin}");
    }
    assert!(visitor.submit(&place, ADA).parameter("code").is_some());
}

#[test]
fn a_login_page_is_good_once_and_for_an_hour() {
    let tenant = tenant();
    let mut visitor = Visitor::of(&tenant);
    let place = visitor.authorize(&[]).location.unwrap();
    assert_eq!(visitor.submit(&place, ADA).status, 302);
    assert_eq!(visitor.submit(&place, ADA).status, 403);
    let place = visitor.authorize(&[("prompt", Some("login"))]).location.unwrap();
    tenant.set_clock_offset(3600);
    assert_eq!(visitor.get(&visitor.absolute(&place)).status, 403);
    assert_eq!(visitor.get(&visitor.absolute("/u/login")).status, 403);
}

#[test]
fn the_application_that_is_there_from_the_start_is_on_loopback() {
    let tenant = tenant();
    let changes = &[("client_id", Some(FRONTEND_CLIENT_ID)), ("redirect_uri", Some("http://127.0.0.1:5173"))];
    let back = Visitor::of(&tenant).log_in_with(changes, ADA);
    assert!(back.location.unwrap().starts_with("http://127.0.0.1:5173/?code="));
}
