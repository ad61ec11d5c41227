//! What tokens say, and that a bad one has one flaw.

use std::collections::HashSet;

use fake_auth0::{Algorithm, BadToken, Dialect, FakeAuth0, GoodToken};
use serde_json::json;

use crate::client::{claims, header, jwks, verifies};
use crate::strict::broken_rules;

const SUB: &str = "auth0|ada";

#[test]
fn a_quick_token_looks_like_auth0s() {
    let tenant = FakeAuth0::start();
    let token = tenant.token(SUB);
    assert_eq!(header(&token), json!({ "alg": "RS256", "typ": "JWT", "kid": tenant.signing_key().kid() }));
    let claims = claims(&token);
    assert_eq!(claims["iss"], tenant.issuer());
    assert_eq!(claims["sub"], SUB);
    assert_eq!(claims["aud"], json!([tenant.audience(), format!("{}userinfo", tenant.issuer())]));
    assert_eq!(claims["scope"], "openid profile email");
    assert_eq!(claims["azp"], fake_auth0::FRONTEND_CLIENT_ID);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 86_400);
    assert_eq!(claims.get("jti"), None);
}

#[test]
fn the_other_dialect_follows_rfc_9068() {
    let tenant = FakeAuth0::start();
    let token = tenant.token_for(SUB).dialect(Dialect::Rfc9068).scope("read:things").mint();
    assert_eq!(header(&token)["typ"], "at+jwt");
    let claims = claims(&token);
    assert_eq!(claims["client_id"], fake_auth0::FRONTEND_CLIENT_ID);
    assert!(claims["jti"].is_string());
    assert_eq!(claims["aud"], tenant.audience());
    assert_eq!(claims.get("azp"), None);
}

#[test]
fn machines_and_anonymous_sessions_have_subjects_of_their_own() {
    let tenant = FakeAuth0::start();
    let machine = claims(&tenant.machine_token_for("abc").mint());
    assert_eq!((&machine["sub"], &machine["gty"]), (&json!("abc@clients"), &json!("client-credentials")));
    assert_eq!((&machine["azp"], &machine["aud"]), (&json!("abc"), &json!(tenant.audience())));
    assert_eq!(claims(&tenant.anonymous_token_for("1").mint())["sub"], "anon@1");
}

#[test]
fn times_come_from_the_tenants_clock() {
    let tenant = FakeAuth0::builder().clock_at(1_000_000).start();
    assert_eq!(claims(&tenant.token(SUB))["iat"], 1_000_000);
    tenant.set_clock(2_000_000);
    assert_eq!(claims(&tenant.token(SUB))["exp"], 2_086_400);
    tenant.set_clock_offset(-1_000);
    let machine = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    assert!((machine - 1_000 - tenant.now()).abs() <= 5);
    let explicit = claims(&tenant.token_for(SUB).issued_at(1.5).expires_at(7).mint());
    assert_eq!((&explicit["iat"], &explicit["exp"]), (&json!(1.5), &json!(7)));
}

#[test]
fn raw_parts_are_signed_as_they_stand() {
    let tenant = FakeAuth0::start();
    let header = format!(r#"{{ "alg":"RS256", "kid":{:?} }}"#, tenant.signing_key().kid());
    let token = tenant.token_for(SUB).raw_header(header).raw_claims(b"\xff\x00".to_vec()).mint();
    assert_eq!(token.split('.').nth(1), Some("_wA"));
    assert!(verifies(&token, &jwks(&tenant)));
}

#[test]
fn every_good_token_breaks_no_rule() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let tenant = FakeAuth0::builder().algorithm(algorithm).start();
        for good in GoodToken::ALL {
            let token = good.mint(&tenant, SUB);
            assert_eq!(broken_rules(&tenant, &jwks(&tenant), &token), Vec::<&str>::new(), "{}", good.name());
            assert_eq!(claims(&token)["sub"], good.subject(SUB), "{}", good.name());
        }
    }
}

#[test]
fn every_bad_token_breaks_one_rule_and_no_other() {
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::Es384] {
        let tenant = FakeAuth0::builder().algorithm(algorithm).start();
        let tokens: Vec<_> = BadToken::ALL.iter().map(|bad| (*bad, bad.mint(&tenant, SUB))).collect();
        let keys = jwks(&tenant);
        for (bad, token) in tokens {
            let broken = broken_rules(&tenant, &keys, &token);
            assert_eq!(broken, [rule_broken_by(bad)], "{} with {algorithm:?}", bad.name());
        }
    }
}

#[test]
fn every_bad_token_fits_into_a_header_and_differs_from_the_others() {
    let tenant = FakeAuth0::builder().clock_at(1_800_000_000).start();
    let mut seen = HashSet::from([tenant.token(SUB)]);
    for bad in BadToken::ALL {
        let token = bad.mint(&tenant, SUB);
        assert!(token.chars().all(|c| c == '\t' || c == ' ' || c.is_ascii_graphic()), "{}", bad.name());
        assert!(seen.insert(token), "{}", bad.name());
    }
}

fn rule_broken_by(bad: BadToken) -> &'static str {
    let name = bad.name();
    match name {
        "expired" | "expired_beyond_leeway" | "expired_by_a_fraction" => "exp",
        "not_yet_valid" => "nbf",
        "issued_in_future" => "iat",
        "kid_of_another_key" => "signature",
        "jwk_injected_with_kid" => "kid",
        "trailing_garbage" | "trailing_fragment" | "trailing_disclosure" => "signature form",
        "empty" | "opaque" | "dots_alone" | "two_parts" | "four_parts" => "parts",
        "space_inside" | "tab_inside" => "claims form",
        "key_exponent_one" => "key",
        _ if name.ends_with("_injected") => "signature",
        _ if bad.rejection() == "malformed" && ["exp_", "nbf_", "iat_"].iter().any(|start| name.starts_with(start)) => {
            "claims form"
        }
        _ if bad.rejection() == "malformed" && name.starts_with("duplicate_") => "header form",
        "signature_hexadecimal" => "signature",
        _ if bad.source() == "RFC 7515 §2" && name.starts_with("signature_") => "signature form",
        _ => {
            let prefixes = [
                ("exp_", "exp"),
                ("nbf_", "nbf"),
                ("iat_", "iat"),
                ("issuer_", "iss"),
                ("audience_deep", "claims form"),
                ("audience_", "aud"),
                ("id_token", "aud"),
                ("subject_", "sub"),
                ("alg_", "alg"),
                ("hmac_", "alg"),
                ("kid_", "kid"),
                ("key_bound", "cnf"),
                ("confirmation_", "cnf"),
                ("scope_", "grants"),
                ("permissions_", "grants"),
                ("organisation_", "grants"),
                ("key_", "key"),
                ("crit", "crit"),
                ("typ_", "typ"),
                ("signature_", "signature"),
                ("ecdsa_", "signature"),
                ("rsa_", "signature"),
                ("pss_", "signature"),
                ("header_", "header form"),
                ("claims_", "claims form"),
                ("duplicate_", "claims form"),
                ("opaque_", "parts"),
                ("encrypted", "parts"),
                ("parts_", "parts"),
                ("too_long", "length"),
            ];
            let found = prefixes.iter().find(|(prefix, _)| name.starts_with(prefix));
            found.unwrap_or_else(|| panic!("no rule is named for {name}")).1
        }
    }
}
