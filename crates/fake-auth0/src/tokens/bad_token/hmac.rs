//! Public keys taken for secrets (RFC 8725 §2.1), and secrets that are none.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::published::publish;
use crate::keys::SigningKey;
use crate::tokens::{SigningKeyChoice, TokenBuilder};

const PUBLISHED_SECRET: &[u8] = b"a secret that the key set gives away";

pub(super) fn with_pem(token: TokenBuilder) -> String {
    token.sign_with(SigningKeyChoice::Hs256WithPublicKeyPem).mint()
}

pub(super) fn with_der(token: TokenBuilder) -> String {
    token.sign_with(SigningKeyChoice::Hs256WithPublicKeyDer).mint()
}

pub(super) fn with_jwk(token: TokenBuilder) -> String {
    token.sign_with(SigningKeyChoice::Hs256WithPublicJwk).mint()
}

/// With what somebody makes of the current public key as the secret.
pub(super) fn with_key(token: TokenBuilder, alg: &str, secret: fn(&SigningKey) -> Vec<u8>) -> String {
    let secret = secret(token.tenant().keys().current());
    signed(&token, alg, &secret)
}

/// HS256 with this secret.
pub(super) fn with_secret(token: TokenBuilder, secret: &[u8]) -> String {
    signed(&token, "HS256", secret)
}

pub(super) fn with_jwk_of_header(token: TokenBuilder) -> String {
    let jwk = json!({ "kty": "oct", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode("secret") });
    with_secret(token.header("jwk", jwk), b"secret")
}

pub(super) fn with_published_secret(token: TokenBuilder) -> String {
    let kid = "published-secret";
    let jwk = json!({ "kty": "oct", "kid": kid, "alg": "HS256", "k": URL_SAFE_NO_PAD.encode(PUBLISHED_SECRET) });
    publish(&token, jwk);
    with_secret(token.kid(kid), PUBLISHED_SECRET)
}

pub(super) fn pem(key: &SigningKey) -> Vec<u8> {
    key.public_key_pem().into_bytes()
}

pub(super) fn trimmed_pem(key: &SigningKey) -> Vec<u8> {
    key.public_key_pem().trim_end().as_bytes().to_vec()
}

pub(super) fn modulus(key: &SigningKey) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(modulus_text(key)).unwrap_or_default()
}

pub(super) fn modulus_text(key: &SigningKey) -> Vec<u8> {
    let jwk = key.jwk();
    let text = jwk.get("n").or_else(|| jwk.get("x")).and_then(Value::as_str);
    text.unwrap_or_default().as_bytes().to_vec()
}

fn signed(token: &TokenBuilder, alg: &str, secret: &[u8]) -> String {
    let algorithm = match alg {
        "HS384" => hmac::HMAC_SHA384,
        "HS512" => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    };
    let token = token.clone().header("alg", alg);
    let message =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(token.header_json()), URL_SAFE_NO_PAD.encode(token.claims_json()));
    let signature = hmac::sign(&hmac::Key::new(algorithm, secret), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}
