//! Flaws of the header, and the attacks that begin there (RFC 8725 §2).

use serde_json::{Value, json};

use crate::Algorithm;
use crate::keys::SigningKey;
use crate::tokens::{SigningKeyChoice, TokenBuilder};

/// Nobody listens there; a verifier that follows it waits in vain.
const STRANGERS_URL: &str = "http://127.0.0.1:1/.well-known/jwks.json";

pub(super) fn unsigned(token: TokenBuilder, alg: &str) -> String {
    token.sign_with(SigningKeyChoice::Nobody).header("alg", alg).mint()
}

pub(super) fn alg_lower_case(token: TokenBuilder) -> String {
    let alg = own_algorithm(&token).name().to_lowercase();
    token.header("alg", alg).mint()
}

pub(super) fn alg_array(token: TokenBuilder) -> String {
    let alg = json!([own_algorithm(&token).name()]);
    token.header("alg", alg).mint()
}

pub(super) fn hmac_with_pem(token: TokenBuilder) -> String {
    token.sign_with(SigningKeyChoice::Hs256WithPublicKeyPem).mint()
}

pub(super) fn hmac_with_der(token: TokenBuilder) -> String {
    token.sign_with(SigningKeyChoice::Hs256WithPublicKeyDer).mint()
}

pub(super) fn hmac_with_jwk(token: TokenBuilder) -> String {
    token.sign_with(SigningKeyChoice::Hs256WithPublicJwk).mint()
}

pub(super) fn alg_of_another_key_type(token: TokenBuilder) -> String {
    let other = match own_algorithm(&token) {
        Algorithm::Es256 | Algorithm::Es384 => Algorithm::Rs256,
        _ => Algorithm::Es256,
    };
    token.sign_with(SigningKeyChoice::Current).algorithm(other).mint()
}

pub(super) fn alg_not_the_keys(token: TokenBuilder) -> String {
    let other = match own_algorithm(&token) {
        Algorithm::Ps256 => Algorithm::Rs256,
        Algorithm::Es256 => Algorithm::Es384,
        Algorithm::Es384 => Algorithm::Es256,
        _ => Algorithm::Ps256,
    };
    token.sign_with(SigningKeyChoice::Current).algorithm(other).mint()
}

pub(super) fn kid_of_another_key(token: TokenBuilder) -> String {
    let current = token.tenant().keys().current().kid().to_owned();
    token.sign_with(SigningKeyChoice::Next).kid(current).mint()
}

pub(super) fn duplicate_kid(token: TokenBuilder) -> String {
    let kid = token.tenant().keys().current().kid().to_owned();
    token.second_header("kid", kid).mint()
}

pub(super) fn jku_injected(token: TokenBuilder) -> String {
    injected(token, "jku", STRANGERS_URL)
}

pub(super) fn x5u_injected(token: TokenBuilder) -> String {
    injected(token, "x5u", STRANGERS_URL)
}

pub(super) fn jwk_injected(token: TokenBuilder) -> String {
    let kid = token.tenant().keys().current().kid().to_owned();
    let jwk = stranger(&token).with_kid(kid).jwk();
    injected(token, "jwk", jwk)
}

pub(super) fn jwk_injected_with_kid(token: TokenBuilder) -> String {
    let stranger = stranger(&token);
    injected(token.kid(stranger.kid()), "jwk", stranger.jwk())
}

pub(super) fn x5c_injected(token: TokenBuilder) -> String {
    let stranger = stranger(&token).jwk();
    let chain = stranger.get("x5c").cloned().unwrap_or_else(|| json!(["AA=="]));
    injected(token, "x5c", chain)
}

fn injected(token: TokenBuilder, member: &str, value: impl Into<Value>) -> String {
    token.sign_with(SigningKeyChoice::Stranger).header(member, value).mint()
}

fn stranger(token: &TokenBuilder) -> SigningKey {
    SigningKey::stranger(own_algorithm(token))
}

fn own_algorithm(token: &TokenBuilder) -> Algorithm {
    token.tenant().keys().current().algorithm()
}
