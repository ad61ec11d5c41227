//! Logins of an application that binds its tokens to a key of its own.

use fake_auth0::{DpopKey, Endpoint, FRONTEND_CLIENT_ID, FakeAuth0};
use serde_json::{Value, json};

use crate::client::{agent, claims, json as read};
use crate::login_visitor::{CALLBACK, VERIFIER, Visitor, logged_in, tenant, text};

fn ask(tenant: &FakeAuth0, proofs: &[String], parameters: &[(&str, &str)]) -> (u16, Value) {
    let request = agent().post(tenant.url(Endpoint::Token));
    let request = proofs.iter().fold(request, |request, proof| request.header("dpop", proof));
    let parameters: Vec<(&str, &str)> = parameters.to_vec();
    let mut answer = request.send_form(parameters).unwrap();
    (answer.status().as_u16(), read(&mut answer))
}

fn redeem(tenant: &FakeAuth0, proofs: &[String]) -> (u16, Value) {
    let code = Visitor::of(tenant).code();
    let client = ("client_id", FRONTEND_CLIENT_ID);
    let code = [("code", code.as_str()), ("code_verifier", VERIFIER), ("redirect_uri", CALLBACK)];
    ask(tenant, proofs, &[&[("grant_type", "authorization_code"), client][..], &code].concat())
}

fn refresh(tenant: &FakeAuth0, proofs: &[String], token: &str) -> (u16, Value) {
    let client = ("client_id", FRONTEND_CLIENT_ID);
    ask(tenant, proofs, &[("grant_type", "refresh_token"), client, ("refresh_token", token)])
}

fn proof(tenant: &FakeAuth0, key: &DpopKey) -> String {
    key.proof("POST", &format!("{}oauth/token", tenant.issuer())).mint()
}

#[test]
fn with_a_proof_the_tokens_of_a_login_are_bound_to_its_key() {
    let (tenant, key) = (tenant(), DpopKey::generate());
    let (status, tokens) = redeem(&tenant, &[proof(&tenant, &key)]);
    assert_eq!((status, &tokens["token_type"]), (200, &json!("DPoP")), "{tokens}");
    assert_eq!(claims(text(&tokens, "access_token"))["cnf"], json!({ "jkt": key.thumbprint() }));
    assert!(claims(text(&tokens, "id_token")).get("cnf").is_none());

    let (status, renewed) = refresh(&tenant, &[proof(&tenant, &key)], text(&tokens, "refresh_token"));
    assert_eq!((status, &renewed["token_type"]), (200, &json!("DPoP")));
    assert_eq!(claims(text(&renewed, "access_token"))["cnf"], json!({ "jkt": key.thumbprint() }));
}

#[test]
fn a_refresh_token_is_of_no_use_without_the_key_it_is_bound_to() {
    let (tenant, key) = (tenant(), DpopKey::generate());
    let (_, tokens) = redeem(&tenant, &[proof(&tenant, &key)]);
    let token = text(&tokens, "refresh_token");
    for proofs in [vec![], vec![proof(&tenant, &DpopKey::generate())]] {
        let (status, refusal) = refresh(&tenant, &proofs, token);
        assert_eq!((status, &refusal["error"]), (403, &json!("invalid_grant")));
    }
    assert_eq!(refresh(&tenant, &[proof(&tenant, &key)], token).0, 200, "the attempts did no harm");
}

#[test]
fn a_bad_proof_and_two_at_once_bring_nothing() {
    let (tenant, key) = (tenant(), DpopKey::generate());
    let elsewhere = key.proof("POST", "https://other.example/oauth/token").mint();
    for proofs in [vec![elsewhere], vec!["nonsense".to_owned()], vec![proof(&tenant, &key), proof(&tenant, &key)]] {
        let (status, refusal) = redeem(&tenant, &proofs);
        assert_eq!((status, &refusal["error"]), (400, &json!("invalid_dpop_proof")));
    }
}

#[test]
fn without_a_proof_nothing_is_bound() {
    let tenant = tenant();
    let tokens = logged_in(&tenant);
    assert!(claims(text(&tokens, "access_token")).get("cnf").is_none());
}
