//! Users, the Management API, `/userinfo` and client credentials.

use fake_auth0::{Endpoint, FakeAuth0, FakeUser};
use serde_json::{Value, json};
use ureq::Body;
use ureq::http::Response;

use crate::client::{agent, claims, json, jwks, verifies};

fn ask_token(tenant: &FakeAuth0, secret: &str, audience: &str) -> Response<Body> {
    let body = json!({
        "grant_type": "client_credentials",
        "client_id": tenant.client_id(),
        "client_secret": secret,
        "audience": audience,
    });
    agent().post(tenant.url(Endpoint::Token)).send_json(body).unwrap()
}

fn management_token(tenant: &FakeAuth0) -> String {
    let answer = json(&mut ask_token(tenant, &tenant.client_secret(), &tenant.management_audience()));
    assert_eq!((&answer["token_type"], &answer["scope"]), (&json!("Bearer"), &json!("read:users")));
    answer["access_token"].as_str().unwrap().to_owned()
}

fn user(tenant: &FakeAuth0, token: &str, encoded_id: &str) -> (u16, Value) {
    let url = tenant.url(Endpoint::Users).replace("{id}", encoded_id);
    let mut answer = agent().get(url).header("authorization", format!("Bearer {token}")).call().unwrap();
    (answer.status().as_u16(), json(&mut answer))
}

#[test]
fn a_profile_is_read_by_its_percent_encoded_id() {
    const NOW: &str = "2026-01-31T12:00:00.000Z";
    let tenant = FakeAuth0::builder().clock_at(1_769_860_800).start();
    for (id, encoded) in [("auth0|1", "auth0%7C1"), ("custom|a/b c%ü", "custom%7Ca%2Fb%20c%25%C3%BC")] {
        tenant.add_user(FakeUser::new(id).email("a@example.test", true).name("A").picture("https://example.test/a"));
        let (status, mut profile) = user(&tenant, &management_token(&tenant), encoded);
        assert_eq!(status, 200);
        let (provider, local_id) = id.split_once('|').unwrap();
        let identities = profile.as_object_mut().unwrap().remove("identities").unwrap();
        assert_eq!((&identities[0]["provider"], &identities[0]["user_id"]), (&json!(provider), &json!(local_id)));
        assert_eq!(
            profile,
            json!({
                "user_id": id, "email": "a@example.test", "email_verified": true, "name": "A",
                "picture": "https://example.test/a", "created_at": NOW, "updated_at": NOW,
            })
        );
    }
}

#[test]
fn users_change_and_go() {
    let tenant = FakeAuth0::start();
    let token = management_token(&tenant);
    tenant.add_user(FakeUser::new("auth0|1").email("a@example.test", false));
    assert!(tenant.update_user("auth0|1", |user| user.blocked = Some(true)));
    assert_eq!(user(&tenant, &token, "auth0%7C1").1["blocked"], true);
    assert!(tenant.delete_user("auth0|1"));
    assert_eq!(
        user(&tenant, &token, "auth0%7C1"),
        (
            404,
            json!({
                "statusCode": 404, "error": "Not Found", "message": "The user does not exist.",
                "errorCode": "inexistent_user",
            })
        )
    );
    assert!(!tenant.delete_user("auth0|1"));
    assert!(!tenant.update_user("auth0|1", |_| ()));
}

#[test]
fn profiles_are_read_only_with_a_management_token_of_the_right_scope() {
    let tenant = FakeAuth0::start();
    tenant.add_user(FakeUser::new("auth0|1"));
    let id = "auth0%7C1";
    assert_eq!(user(&tenant, "made-up", id).0, 401);
    assert_eq!(user(&tenant, &tenant.token("auth0|1"), id).0, 401);
    let bare = agent().get(tenant.url(Endpoint::Users).replace("{id}", id)).call().unwrap();
    assert_eq!(bare.status(), 401);

    let token = management_token(&tenant);
    assert_eq!(user(&tenant, &token, id).0, 200);
    tenant.revoke_management_tokens();
    assert_eq!(user(&tenant, &token, id).0, 401);

    let token = management_token(&tenant);
    tenant.set_clock_offset(86_401);
    assert_eq!(user(&tenant, &token, id).0, 401);

    tenant.set_management_scope("read:clients");
    let answer = json(&mut ask_token(&tenant, &tenant.client_secret(), &tenant.management_audience()));
    let (status, refusal) = user(&tenant, answer["access_token"].as_str().unwrap(), id);
    assert_eq!((status, &refusal["errorCode"]), (403, &json!("insufficient_scope")));
}

#[test]
fn client_credentials_for_the_api_give_a_machine_token() {
    let tenant = FakeAuth0::builder().machine_client("abc", "secret of abc").start();
    let form = format!(
        "grant_type=client_credentials&client_id=abc&client_secret=secret+of%20abc&audience={}",
        tenant.audience().replace("://", "%3A%2F%2F")
    );
    let request = agent().post(tenant.url(Endpoint::Token)).header("content-type", "application/x-www-form-urlencoded");
    let answer = json(&mut request.send(form).unwrap());
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(claims(token)["sub"], "abc@clients");
    assert_eq!(claims(token)["aud"], tenant.audience());
    assert_eq!(answer["expires_in"], 86_400);
    assert!(verifies(token, &jwks(&tenant)));
}

#[test]
fn a_wrong_secret_audience_or_grant_is_refused() {
    let tenant = FakeAuth0::start();
    let mut wrong_secret = ask_token(&tenant, "guess", tenant.audience());
    assert_eq!(wrong_secret.status(), 401);
    assert_eq!(json(&mut wrong_secret), json!({ "error": "access_denied", "error_description": "Unauthorized" }));
    assert_eq!(ask_token(&tenant, &tenant.client_secret(), "https://elsewhere.example.test").status(), 403);
    tenant.set_client_secret("another");
    assert_eq!(ask_token(&tenant, "machine-secret", tenant.audience()).status(), 401);
    let send = |body: &str| agent().post(tenant.url(Endpoint::Token)).send(body).unwrap().status();
    assert_eq!(send(r#"{"grant_type":"password"}"#), 403);
    assert_eq!(send("nonsense"), 400);
}

#[test]
fn userinfo_answers_the_person_whose_token_it_is() {
    let tenant = FakeAuth0::start();
    tenant.add_user(FakeUser::new("auth0|1").email("a@example.test", true).blocked(false));
    let userinfo = |token: &str| {
        let request = agent().get(tenant.url(Endpoint::Userinfo)).header("authorization", format!("Bearer {token}"));
        let mut answer = request.call().unwrap();
        (answer.status().as_u16(), json(&mut answer))
    };
    assert_eq!(
        userinfo(&tenant.token("auth0|1")),
        (
            200,
            json!({
                "sub": "auth0|1", "email": "a@example.test", "email_verified": true,
                "updated_at": tenant.user("auth0|1").unwrap().updated_at,
            })
        )
    );
    for bad in [
        tenant.token("auth0|nobody"),
        tenant.token_for("auth0|1").scope("read:things").mint(),
        tenant.token_for("auth0|1").expires_in(-1).mint(),
        FakeAuth0::start().token("auth0|1"),
        "made-up".to_owned(),
    ] {
        assert_eq!(userinfo(&bad).0, 401);
    }
}
