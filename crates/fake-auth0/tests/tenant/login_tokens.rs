//! What a code brings, and to whom.

use fake_auth0::{Algorithm, Endpoint, FRONTEND_CLIENT_ID, FakeAuth0, SpaClient};
use serde_json::json;

use crate::client::{agent, claims, header, json as read, jwks, verifies};
use crate::login_visitor::{
    ADA, CALLBACK, VERIFIER, Visitor, add_people, ask_token, invalid_grant, logged_in, redeem, tenant, text,
};

#[test]
fn an_access_token_is_for_the_api_and_for_userinfo() {
    let tenant = tenant();
    let tokens = logged_in(&tenant);
    let token = text(&tokens, "access_token");
    let said = claims(token);
    assert!(verifies(token, &jwks(&tenant)));
    assert_eq!(said["aud"], json!([tenant.audience(), format!("{}userinfo", tenant.issuer())]));
    assert_eq!((&said["sub"], &said["azp"]), (&json!(ADA), &json!(FRONTEND_CLIENT_ID)));
    assert_eq!(said["scope"], "openid profile email offline_access");
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(86_400)));
    assert!(said.get("email").is_none());

    let request = agent().get(tenant.url(Endpoint::Userinfo)).header("authorization", format!("Bearer {token}"));
    assert_eq!(read(&mut request.call().unwrap())["email"], "ada@example.test");
}

#[test]
fn an_id_token_tells_the_application_who_it_is() {
    let tenant = tenant();
    let tokens = logged_in(&tenant);
    let token = text(&tokens, "id_token");
    assert!(verifies(token, &jwks(&tenant)));
    assert_eq!(header(token)["alg"], "RS256");
    let said = claims(token);
    for (name, value) in [
        ("iss", tenant.issuer()),
        ("aud", FRONTEND_CLIENT_ID),
        ("sub", ADA),
        ("nonce", "the nonce"),
        ("name", "Ada Lovelace"),
        ("nickname", "ada"),
        ("email", "ada@example.test"),
    ] {
        assert_eq!(said[name], value, "{name}");
    }
    assert_eq!(said["email_verified"], true);
    assert!(said["sid"].is_string());
    for absent in ["azp", "scope", "auth_time", "picture"] {
        assert!(said.get(absent).is_none(), "{absent}");
    }
}

#[test]
fn scopes_decide_what_an_application_gets() {
    let tenant = tenant();
    let tokens = |scope| {
        let back = Visitor::of(&tenant).log_in_with(&[("scope", Some(scope))], ADA);
        redeem(&tenant, &back.parameter("code").unwrap()).1
    };
    let bare = tokens("read:things");
    assert_eq!(claims(text(&bare, "access_token"))["aud"], tenant.audience());
    assert!(bare.get("id_token").is_none() && bare.get("refresh_token").is_none());
    let openid = tokens("openid");
    let said = claims(text(&openid, "id_token"));
    assert!(said.get("name").is_none() && said.get("email").is_none() && openid.get("refresh_token").is_none());
    assert!(claims(text(&tokens("openid email"), "id_token")).get("name").is_none());
}

#[test]
fn without_an_audience_the_token_is_for_userinfo_alone() {
    let tenant = tenant();
    let back = Visitor::of(&tenant).log_in_with(&[("audience", None)], ADA);
    let tokens = redeem(&tenant, &back.parameter("code").unwrap()).1;
    let userinfo = json!([format!("{}userinfo", tenant.issuer())]);
    assert_eq!(claims(text(&tokens, "access_token"))["aud"], userinfo);
}

#[test]
fn an_action_adds_claims_and_the_lifetime_can_be_set() {
    let tenant = tenant();
    tenant.set_access_token_lifetime(20);
    tenant.on_login(|user, claims| {
        claims.insert("https://example.test/name".to_owned(), json!(user.name));
    });
    let tokens = logged_in(&tenant);
    let said = claims(text(&tokens, "access_token"));
    assert_eq!(said["https://example.test/name"], "Ada Lovelace");
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 20);
    assert_eq!(tokens["expires_in"], 20);

    tenant.add_email_claims_on_login();
    let said = claims(text(&logged_in(&tenant), "access_token"));
    assert_eq!((&said["email"], &said["email_verified"]), (&json!("ada@example.test"), &json!(true)));
}

#[test]
fn a_login_that_must_be_young_says_when_it_was() {
    let tenant = tenant();
    let back = Visitor::of(&tenant).log_in_with(&[("max_age", Some("60"))], ADA);
    let tokens = redeem(&tenant, &back.parameter("code").unwrap()).1;
    let said = claims(text(&tokens, "id_token"));
    assert!(said["iat"].as_i64().unwrap() - said["auth_time"].as_i64().unwrap() <= 60);
}

#[test]
fn an_id_token_is_rs256_even_where_the_api_uses_another_algorithm() {
    let tenant = FakeAuth0::builder().algorithm(Algorithm::Es256).start();
    add_people(&tenant);
    tenant.publish_key(Algorithm::Rs256);
    let tokens = logged_in(&tenant);
    let keys = jwks(&tenant);
    for (name, algorithm) in [("access_token", "ES256"), ("id_token", "RS256")] {
        assert_eq!(header(text(&tokens, name))["alg"], algorithm);
        assert!(verifies(text(&tokens, name), &keys), "{name}");
    }
}

#[test]
fn a_code_is_redeemed_once_and_using_it_again_ends_what_came_of_it() {
    let tenant = tenant();
    let code = Visitor::of(&tenant).code();
    let (status, tokens) = redeem(&tenant, &code);
    assert_eq!(status, 200);
    assert_eq!(redeem(&tenant, &code), invalid_grant("Invalid authorization code"));
    let (status, _) = crate::login_visitor::refresh(&tenant, text(&tokens, "refresh_token"));
    assert_eq!(status, 403);
}

#[test]
fn a_code_is_bound_to_verifier_address_and_client() {
    let tenant = FakeAuth0::builder().spa_client(SpaClient::on_loopback("another")).start();
    add_people(&tenant);
    let other_verifier = "b".repeat(43);
    for (name, value, status) in [
        ("code_verifier", other_verifier.as_str(), 403),
        ("code_verifier", "", 400),
        ("redirect_uri", "http://localhost:3000/", 403),
        ("client_id", "another", 403),
        ("client_id", "stranger", 401),
        ("code", "made-up", 403),
    ] {
        let code = Visitor::of(&tenant).code();
        let mut parameters = vec![
            ("grant_type", "authorization_code"),
            ("client_id", FRONTEND_CLIENT_ID),
            ("code", code.as_str()),
            ("code_verifier", VERIFIER),
            ("redirect_uri", CALLBACK),
        ];
        parameters.retain(|(known, _)| *known != name);
        parameters.push((name, value));
        assert_eq!(ask_token(&tenant, &parameters).0, status, "{name}={value}");
    }
}

#[test]
fn a_code_is_good_for_a_minute() {
    let tenant = tenant();
    let begin = tenant.now();
    tenant.set_clock(begin);
    let mut visitor = Visitor::of(&tenant);
    let code = visitor.code();
    tenant.set_clock(begin + 59);
    assert_eq!(redeem(&tenant, &code).0, 200);
    let code = visitor.authorize(&[]).parameter("code").unwrap();
    tenant.set_clock(begin + 59 + 60);
    assert_eq!(redeem(&tenant, &code), invalid_grant("Invalid authorization code"));
}

#[test]
fn a_code_of_somebody_who_was_blocked_meanwhile_brings_nothing() {
    let tenant = tenant();
    let code = Visitor::of(&tenant).code();
    tenant.update_user(ADA, |user| user.blocked = Some(true));
    assert_eq!(redeem(&tenant, &code), invalid_grant("user is blocked"));
}

#[test]
fn the_token_endpoint_takes_json_as_well() {
    let tenant = tenant();
    let code = Visitor::of(&tenant).code();
    let body = json!({
        "grant_type": "authorization_code", "client_id": FRONTEND_CLIENT_ID, "code": code,
        "code_verifier": VERIFIER, "redirect_uri": CALLBACK,
    });
    assert_eq!(agent().post(tenant.url(Endpoint::Token)).send_json(body).unwrap().status(), 200);
}
