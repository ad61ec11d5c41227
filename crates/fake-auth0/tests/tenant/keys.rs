//! What is published, and that it fits what is signed.

use fake_auth0::{Algorithm, Endpoint, FakeAuth0, KeyRole, SigningKeyChoice};
use serde_json::json;

use crate::client::{agent, fetch, header, json, jwks, kids, verifies};

#[test]
fn a_token_verifies_against_the_published_key_set() {
    let tenant = FakeAuth0::start();
    assert!(verifies(&tenant.token("auth0|1"), &jwks(&tenant)));
}

#[test]
fn every_algorithm_signs_what_its_published_key_verifies() {
    for algorithm in Algorithm::ALL {
        let tenant = FakeAuth0::builder().algorithm(*algorithm).start();
        let token = tenant.token("auth0|1");
        assert_eq!(header(&token)["alg"], algorithm.name());
        assert!(verifies(&token, &jwks(&tenant)), "{algorithm:?}");
    }
}

#[test]
fn a_tenant_of_one_algorithm_may_publish_a_key_of_another() {
    let tenant = FakeAuth0::start();
    let token = || tenant.token_for("auth0|1").algorithm(Algorithm::Es384).mint();
    assert!(!verifies(&token(), &jwks(&tenant)));
    let kid = tenant.publish_key(Algorithm::Es384);
    assert_eq!(header(&token())["kid"], kid);
    assert!(verifies(&token(), &jwks(&tenant)));
}

#[test]
fn the_key_set_looks_like_auth0s() {
    let tenant = FakeAuth0::start();
    let mut answer = fetch(&tenant, Endpoint::Jwks).unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.headers()["cache-control"],
        "public, max-age=15, stale-while-revalidate=15, stale-if-error=86400"
    );
    assert_eq!(answer.headers()["content-type"], "application/json; charset=utf-8");
    let set = json(&mut answer);
    assert_eq!(set["keys"].as_array().unwrap().len(), 2);
    for key in set["keys"].as_array().unwrap() {
        assert_eq!(
            (&key["kty"], &key["use"], &key["alg"], &key["e"]),
            (&json!("RSA"), &json!("sig"), &json!("RS256"), &json!("AQAB"))
        );
        assert_eq!(key["kid"].as_str().unwrap().len(), 21);
        assert_eq!(key["n"].as_str().unwrap().len(), 342);
        assert_eq!(key["x5t"].as_str().unwrap().len(), 27);
        assert_eq!(key["x5c"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn the_etag_of_an_unchanged_key_set_is_honoured() {
    let tenant = FakeAuth0::start();
    let first = fetch(&tenant, Endpoint::Jwks).unwrap();
    let etag = first.headers()["etag"].clone();
    let again = || agent().get(tenant.url(Endpoint::Jwks)).header("if-none-match", &etag).call().unwrap();
    assert_eq!(again().status(), 304);
    tenant.rotate();
    assert_eq!(again().status(), 200);
}

#[test]
fn the_headers_of_the_key_set_are_as_they_were_ordered() {
    let tenant = FakeAuth0::builder().jwks_cache_control("").start();
    assert!(!fetch(&tenant, Endpoint::Jwks).unwrap().headers().contains_key("cache-control"));
    tenant.set_jwks_header("Cache-Control", &["max-age=7", "no-store"]);
    tenant.set_jwks_header("ETag", &["\"strong\""]);
    let answer = fetch(&tenant, Endpoint::Jwks).unwrap();
    assert_eq!(answer.headers().get_all("cache-control").iter().collect::<Vec<_>>(), ["max-age=7", "no-store"]);
    assert_eq!(answer.headers()["etag"], "\"strong\"");
    let status = |known: &str| {
        agent().get(tenant.url(Endpoint::Jwks)).header("if-none-match", known).call().unwrap().status().as_u16()
    };
    assert_eq!([status("\"weak\""), status("W/\"strong\""), status("\"a\", \"strong\"")], [200, 304, 304]);
    tenant.set_jwks_header("ETag", &[]);
    assert_eq!(status("\"strong\""), 200);
    assert!(!fetch(&tenant, Endpoint::Jwks).unwrap().headers().contains_key("etag"));
    tenant.reset_jwks_headers();
    assert!(fetch(&tenant, Endpoint::Jwks).unwrap().headers().contains_key("etag"));
}

#[test]
fn the_date_of_an_answer_is_the_tenants_own() {
    let tenant = FakeAuth0::builder().clock_at(784_111_777).start();
    let date = |endpoint| fetch(&tenant, endpoint).unwrap().headers()["date"].clone();
    assert_eq!(date(Endpoint::Jwks), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(date(Endpoint::OpenidConfiguration), "Sun, 06 Nov 1994 08:49:37 GMT");
    tenant.set_jwks_header("Date", &["yesterday"]);
    assert_eq!(date(Endpoint::Jwks), "yesterday");
}

#[test]
fn the_openid_configuration_names_the_issuer_and_its_key_set() {
    let tenant = FakeAuth0::start();
    let configuration = json(&mut fetch(&tenant, Endpoint::OpenidConfiguration).unwrap());
    assert_eq!(configuration["issuer"], tenant.issuer());
    assert_eq!(configuration["jwks_uri"], tenant.url(Endpoint::Jwks));
}

#[test]
fn a_rotation_signs_with_the_key_that_was_listed_before() {
    let tenant = FakeAuth0::start();
    let (before, old_token) = (jwks(&tenant), tenant.token("auth0|1"));
    let kid = tenant.rotate();
    let new_token = tenant.token("auth0|1");
    assert_eq!(header(&new_token)["kid"], kid);
    assert!(verifies(&new_token, &before));
    assert!(verifies(&old_token, &jwks(&tenant)));
    assert_eq!(kids(&jwks(&tenant)).len(), 3);
    let previous = tenant.token_for("auth0|1").sign_with(SigningKeyChoice::Previous).mint();
    assert_eq!(header(&previous)["kid"], header(&old_token)["kid"]);
    tenant.withdraw_previous();
    assert!(!verifies(&old_token, &jwks(&tenant)));
    assert!(!verifies(&previous, &jwks(&tenant)));
}

#[test]
fn a_sudden_rotation_signs_with_a_key_that_was_not_listed() {
    let tenant = FakeAuth0::start();
    let before = jwks(&tenant);
    tenant.rotate_suddenly();
    let token = tenant.token("auth0|1");
    assert!(!verifies(&token, &before));
    assert!(verifies(&token, &jwks(&tenant)));
}

#[test]
fn a_withdrawn_current_key_still_signs() {
    let tenant = FakeAuth0::start();
    let kid = tenant.signing_key().kid().to_owned();
    assert!(tenant.withdraw(&kid));
    assert!(!verifies(&tenant.token("auth0|1"), &jwks(&tenant)));
    let current = tenant.keys().into_iter().find(|key| key.role == KeyRole::Current).unwrap();
    assert_eq!((current.kid, current.published), (kid, false));
}

#[test]
fn odd_key_sets_are_published_and_taken_back() {
    let tenant = FakeAuth0::start();
    tenant.publish_extra_jwk(json!({ "kty": "oct", "k": "AA", "kid": "symmetric" }));
    assert!(kids(&jwks(&tenant)).contains(&"symmetric".to_owned()));
    tenant.publish_raw_jwks("{\"keys\":");
    let body = fetch(&tenant, Endpoint::Jwks).unwrap().body_mut().read_to_string().unwrap();
    assert_eq!(body, "{\"keys\":");
    tenant.publish_own_jwks();
    assert_eq!(kids(&jwks(&tenant)).len(), 2);
}

#[test]
fn two_tenants_share_no_key_and_forgeries_do_not_verify() {
    let (tenant, other) = (FakeAuth0::start(), FakeAuth0::start());
    let forged = tenant.token_for("auth0|1").sign_with(SigningKeyChoice::Key(other.signing_key())).mint();
    assert_eq!(header(&forged)["kid"], tenant.signing_key().kid());
    assert!(!verifies(&forged, &jwks(&tenant)));
    let forged = tenant.token_for("auth0|1").sign_with(SigningKeyChoice::Stranger).mint();
    assert!(!verifies(&forged, &jwks(&tenant)));
}

#[test]
fn a_tenant_may_call_itself_something_else_than_where_it_listens() {
    let tenant = FakeAuth0::builder().domain_override("http://localhost:{port}").start();
    assert_eq!(tenant.issuer(), format!("http://localhost:{}/", tenant.address().port()));
    let tenant = FakeAuth0::builder().domain_override("login.example.test").start();
    assert_eq!(tenant.issuer(), "https://login.example.test/");
    assert!(verifies(&tenant.token("auth0|1"), &jwks(&tenant)));
}
