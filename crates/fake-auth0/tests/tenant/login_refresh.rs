//! Refresh tokens: rotation, reuse, and their ends.

use fake_auth0::{FRONTEND_CLIENT_ID, FakeAuth0, SpaClient};
use serde_json::{Value, json};

use crate::client::{agent, claims};
use crate::login_visitor::{ADA, add_people, ask_token, invalid_grant, logged_in, refresh, tenant, text};

const DAY: i64 = 24 * 3600;

fn unknown() -> (u16, Value) {
    invalid_grant("Unknown or invalid refresh token.")
}

fn revoke(tenant: &FakeAuth0, client: &str, token: &str) -> u16 {
    let url = format!("{}oauth/revoke", tenant.issuer());
    let parameters = [("client_id", client), ("token", token), ("token_type_hint", "refresh_token")];
    agent().post(url).send_form(parameters).unwrap().status().as_u16()
}

#[test]
fn each_use_brings_new_tokens_of_the_same_login() {
    let tenant = tenant();
    let first = logged_in(&tenant);
    let (status, second) = refresh(&tenant, text(&first, "refresh_token"));
    assert_eq!(status, 200);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let (before, after) = (claims(text(&first, "id_token")), claims(text(&second, "id_token")));
    assert_eq!((&after["sub"], &after["sid"]), (&before["sub"], &before["sid"]));
    assert!(after.get("nonce").is_none());
    assert_eq!(claims(text(&second, "access_token"))["scope"], "openid profile email offline_access");
    assert_eq!(refresh(&tenant, text(&second, "refresh_token")).0, 200);
}

#[test]
fn an_old_token_used_again_ends_the_whole_family() {
    let tenant = tenant();
    let first = logged_in(&tenant);
    let other_login = logged_in(&tenant);
    let (_, second) = refresh(&tenant, text(&first, "refresh_token"));
    assert_eq!(refresh(&tenant, text(&first, "refresh_token")), unknown());
    assert_eq!(refresh(&tenant, text(&second, "refresh_token")), unknown());
    assert_eq!(refresh(&tenant, text(&other_login, "refresh_token")).0, 200);
}

#[test]
fn a_blocked_person_gets_nothing_until_the_block_is_lifted() {
    let tenant = tenant();
    let tokens = logged_in(&tenant);
    tenant.update_user(ADA, |user| user.blocked = Some(true));
    assert_eq!(refresh(&tenant, text(&tokens, "refresh_token")), invalid_grant("user is blocked"));
    tenant.update_user(ADA, |user| user.blocked = Some(false));
    assert_eq!(refresh(&tenant, text(&tokens, "refresh_token")).0, 200);
}

#[test]
fn a_deleted_person_and_one_who_was_logged_out_get_nothing() {
    let tenant = tenant();
    let tokens = logged_in(&tenant);
    tenant.delete_user(ADA);
    assert_eq!(refresh(&tenant, text(&tokens, "refresh_token")), unknown());
    add_people(&tenant);
    let tokens = logged_in(&tenant);
    tenant.log_out(ADA);
    assert_eq!(refresh(&tenant, text(&tokens, "refresh_token")), unknown());
}

#[test]
fn a_token_lasts_a_fortnight_without_use_and_a_month_with_it() {
    let tenant = tenant();
    let idle = logged_in(&tenant);
    let mut used = logged_in(&tenant);
    for days in [10, 20, 29] {
        tenant.set_clock_offset(days * DAY);
        let (status, next) = refresh(&tenant, text(&used, "refresh_token"));
        assert_eq!(status, 200, "after {days} days");
        used = next;
    }
    assert_eq!(refresh(&tenant, text(&idle, "refresh_token")), unknown());
    tenant.set_clock_offset(30 * DAY);
    assert_eq!(refresh(&tenant, text(&used, "refresh_token")), unknown());
}

#[test]
fn a_token_is_of_no_use_to_another_client_and_survives_its_attempt() {
    let tenant = FakeAuth0::builder().spa_client(SpaClient::on_loopback("another")).start();
    add_people(&tenant);
    let tokens = logged_in(&tenant);
    let token = text(&tokens, "refresh_token");
    let attempt = |client| {
        let parameters = [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", token)];
        ask_token(&tenant, &parameters)
    };
    assert_eq!(attempt("another"), unknown());
    assert_eq!(attempt("stranger").0, 401);
    assert_eq!(revoke(&tenant, "another", token), 200);
    assert_eq!(attempt(FRONTEND_CLIENT_ID).0, 200);
}

#[test]
fn a_revoked_token_is_over_with_all_that_came_of_the_login() {
    let tenant = tenant();
    let tokens = logged_in(&tenant);
    let (_, next) = refresh(&tenant, text(&tokens, "refresh_token"));
    assert_eq!(revoke(&tenant, "stranger", "made-up"), 401);
    assert_eq!(revoke(&tenant, FRONTEND_CLIENT_ID, "made-up"), 200);
    assert_eq!(revoke(&tenant, FRONTEND_CLIENT_ID, text(&tokens, "refresh_token")), 200);
    assert_eq!(refresh(&tenant, text(&next, "refresh_token")), unknown());
}

#[test]
fn what_is_no_refresh_token_brings_nothing() {
    let tenant = tenant();
    for token in ["made-up", ".", "a.b", "…"] {
        assert_eq!(refresh(&tenant, token), unknown(), "{token}");
    }
    let missing =
        json!({ "error": "invalid_request", "error_description": "Missing required parameter: refresh_token" });
    assert_eq!(refresh(&tenant, ""), (400, missing));
}
