//! A plain HTTP client, and signatures checked from the published key set alone.

use std::time::Duration;

use aws_lc_rs::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fake_auth0::{Endpoint, FakeAuth0};
use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body};

/// Answers of any status are answers; nothing takes longer than ten seconds; redirects are not followed.
pub(crate) fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(10)))
        .build()
        .into()
}

pub(crate) fn fetch(tenant: &FakeAuth0, endpoint: Endpoint) -> Result<Response<Body>, ureq::Error> {
    agent().get(tenant.url(endpoint)).call()
}

pub(crate) fn json(answer: &mut Response<Body>) -> Value {
    answer.body_mut().read_json().unwrap()
}

pub(crate) fn jwks(tenant: &FakeAuth0) -> Value {
    json(&mut fetch(tenant, Endpoint::Jwks).unwrap())
}

pub(crate) fn kids(jwks: &Value) -> Vec<String> {
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn header(token: &str) -> Value {
    part(token, 0)
}

pub(crate) fn claims(token: &str) -> Value {
    part(token, 1)
}

fn part(token: &str, position: usize) -> Value {
    serde_json::from_slice(&decode(token.split('.').nth(position).unwrap())).unwrap()
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// Whether the token's signature verifies with the entry of the key set that its `kid` names.
pub(crate) fn verifies(token: &str, jwks: &Value) -> bool {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, signature) = (header(token), decode(signature));
    let Some(key) = jwks["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]) else {
        return false;
    };
    let member = |name: &str| decode(key[name].as_str().unwrap());
    let alg = header["alg"].as_str().unwrap();
    let ec = |algorithm| {
        let point = [vec![4], member("x"), member("y")].concat();
        UnparsedPublicKey::new(algorithm, point).verify(message.as_bytes(), &signature).is_ok()
    };
    let rsa = |algorithm| {
        let key = RsaPublicKeyComponents { n: member("n"), e: member("e") };
        key.verify(algorithm, message.as_bytes(), &signature).is_ok()
    };
    match (alg, key["kty"].as_str().unwrap()) {
        ("RS256", "RSA") => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        ("RS384", "RSA") => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        ("RS512", "RSA") => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        ("PS256", "RSA") => rsa(&signature::RSA_PSS_2048_8192_SHA256),
        ("PS384", "RSA") => rsa(&signature::RSA_PSS_2048_8192_SHA384),
        ("PS512", "RSA") => rsa(&signature::RSA_PSS_2048_8192_SHA512),
        ("ES256", "EC") => ec(&signature::ECDSA_P256_SHA256_FIXED),
        ("ES384", "EC") => ec(&signature::ECDSA_P384_SHA384_FIXED),
        _ => false,
    }
}
