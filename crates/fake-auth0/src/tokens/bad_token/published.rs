//! Keys that stand in the key set and must not be used, or that give their owner's signature away.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::elliptic::signed_by;
use super::rsa;
use crate::Algorithm;
use crate::keys::{SigningKey, cube_root as root, short_rsa as short};
use crate::lock::lock;
use crate::tokens::{SigningKeyChoice, TokenBuilder};

/// Lists a key in the key set, once.
pub(super) fn publish(token: &TokenBuilder, jwk: Value) {
    lock(&token.tenant().published).add_once(jwk);
}

/// A good signature of the current key, published a second time with these members.
pub(super) fn with_members(token: TokenBuilder, kid: &str, members: Value) -> String {
    let kid = format!("{}-{kid}", token.tenant().keys().current().kid());
    let mut jwk = token.tenant().keys().current().with_kid(&*kid).jwk();
    if let (Some(jwk), Value::Object(members)) = (jwk.as_object_mut(), members) {
        jwk.extend(members);
    }
    publish(&token, jwk);
    token.kid(kid).mint()
}

pub(super) fn short_rsa(token: TokenBuilder) -> String {
    publish(&token, short::jwk("rsa-1024"));
    signed_by(&token.header("alg", "RS256").kid("rsa-1024"), |message| {
        short::private_operation(&rsa::padded_hash(message, short::MODULUS_BYTES))
    })
}

pub(super) fn exponent_one(token: TokenBuilder) -> String {
    let (kid, length) = publish_rsa(&token, "rsa-exponent-1", json!({ "e": "AQ" }));
    signed_by(&token.header("alg", "RS256").kid(kid), |message| rsa::padded_hash(message, length))
}

pub(super) fn cube_root(token: TokenBuilder) -> String {
    let (kid, length) = publish_rsa(&token, "rsa-exponent-3", json!({ "e": "Aw" }));
    signed_by(&token.header("alg", "RS256").kid(kid), |message| {
        let wanted = rsa::shortest_padded_hash(message);
        root::ceiling_of(&wanted, length)
    })
}

/// PS256 in name, RS256 in deed, under a key that is published for neither alone.
pub(super) fn pkcs1_under_ps256(token: TokenBuilder) -> String {
    let signing = token.tenant().keys().published_for(Algorithm::Rs256);
    let key = token.tenant().keys().by_kid(&signing).cloned();
    let key = key.unwrap_or_else(|| SigningKey::stranger(Algorithm::Rs256)).with_kid(format!("{signing}-any"));
    let mut jwk = key.jwk();
    if let Some(members) = jwk.as_object_mut() {
        members.remove("alg");
    }
    publish(&token, jwk);
    let choice = SigningKeyChoice::Key(key.clone());
    token.sign_with(choice).algorithm(Algorithm::Rs256).header("alg", "PS256").kid(key.kid()).mint()
}

/// Publishes a modulus of 2,048 bits, which is a stranger's, with other members. Its name, and its length in bytes.
fn publish_rsa(token: &TokenBuilder, kid: &'static str, members: Value) -> (&'static str, usize) {
    let mut jwk = SigningKey::stranger(Algorithm::Rs256).with_kid(kid).jwk();
    if let (Some(jwk), Value::Object(members)) = (jwk.as_object_mut(), members) {
        jwk.remove("x5c");
        jwk.remove("x5t");
        jwk.extend(members);
    }
    let modulus = jwk.get("n").and_then(Value::as_str).unwrap_or_default();
    let length = URL_SAFE_NO_PAD.decode(modulus).map_or(0, |bytes| bytes.len());
    publish(token, jwk);
    (kid, length)
}
