//! Flaws of the header, and the attacks that begin there (RFC 8725 §2).

use serde_json::{Value, json};

use crate::Algorithm;
use crate::keys::SigningKey;
use crate::tokens::{SigningKeyChoice, TokenBuilder};

/// Nobody listens there; a verifier that follows it waits in vain.
pub(super) const STRANGERS_URL: &str = "http://127.0.0.1:1/.well-known/jwks.json";

pub(super) fn unsigned(token: TokenBuilder, alg: &str) -> String {
    token.sign_with(SigningKeyChoice::Nobody).header("alg", alg).mint()
}

pub(super) fn alg_lower_case(token: TokenBuilder) -> String {
    let alg = own_algorithm(&token).name().to_lowercase();
    token.header("alg", alg).mint()
}

pub(super) fn alg_member_other_case(token: TokenBuilder) -> String {
    let alg = own_algorithm(&token).name();
    token.without_header("alg").header("ALG", alg).mint()
}

/// `alg` with something behind it; the signature is good.
pub(super) fn alg_with(token: TokenBuilder, behind: &str) -> String {
    let alg = format!("{}{behind}", own_algorithm(&token).name());
    token.header("alg", alg).mint()
}

pub(super) fn alg_array(token: TokenBuilder) -> String {
    let alg = json!([own_algorithm(&token).name()]);
    token.header("alg", alg).mint()
}

/// Properly signed with a key that is published for this algorithm, which is none that a service allows beside the
/// tenant's own.
pub(super) fn signed_for(token: TokenBuilder, algorithm: Algorithm) -> String {
    let is_own = own_algorithm(&token) == algorithm;
    by_published(token, if is_own { Algorithm::Ps384 } else { algorithm }).mint()
}

/// Signed with the tenant's key for this algorithm, which is published if there is none.
pub(crate) fn by_published(token: TokenBuilder, algorithm: Algorithm) -> TokenBuilder {
    let kid = token.tenant().keys().published_for(algorithm);
    token.sign_with(SigningKeyChoice::Kid(kid)).algorithm(algorithm)
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

/// The right `kid`, changed.
pub(super) fn kid_changed(token: TokenBuilder, change: fn(&str) -> String) -> String {
    let kid = change(&own_kid(&token));
    token.kid(kid).mint()
}

pub(super) fn swapped_case(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect()
}

pub(super) fn kid_member_other_case(token: TokenBuilder) -> String {
    let kid = own_kid(&token);
    token.without_header("kid").header("KID", kid).mint()
}

pub(super) fn kid_array(token: TokenBuilder) -> String {
    let kid = json!([own_kid(&token)]);
    token.header("kid", kid).mint()
}

pub(super) fn kid_of_another_key(token: TokenBuilder) -> String {
    let current = own_kid(&token);
    token.sign_with(SigningKeyChoice::Next).kid(current).mint()
}

pub(super) fn duplicate_kid(token: TokenBuilder) -> String {
    let kid = own_kid(&token);
    token.second_header("kid", kid).mint()
}

pub(super) fn jku_user_info_injected(token: TokenBuilder) -> String {
    let issuer = token.tenant().issuer().trim_end_matches('/').to_owned();
    injected(token, "jku", format!("{issuer}@127.0.0.1:1/.well-known/jwks.json"))
}

pub(super) fn jwk_injected(token: TokenBuilder) -> String {
    let kid = own_kid(&token);
    let jwk = stranger(&token).with_kid(kid).jwk();
    injected(token, "jwk", jwk)
}

pub(super) fn jwk_injected_with_kid(token: TokenBuilder) -> String {
    let stranger = stranger(&token);
    injected(token.kid(stranger.kid()), "jwk", stranger.jwk())
}

pub(super) fn x5c_injected(token: TokenBuilder) -> String {
    let chain = strangers_chain(&token);
    injected(token, "x5c", chain)
}

pub(super) fn x5t_injected(token: TokenBuilder) -> String {
    let thumbprint = stranger(&token).jwk().get("x5t").cloned().unwrap_or_else(|| json!("AA"));
    injected(token, "x5t", thumbprint)
}

pub(super) fn all_injected(token: TokenBuilder) -> String {
    let (jwk, chain) = (stranger(&token).jwk(), strangers_chain(&token));
    injected(token.header("jku", STRANGERS_URL).header("x5u", STRANGERS_URL).header("x5c", chain), "jwk", jwk)
}

/// Signed by a stranger under the current `kid`, with a header member that leads to the stranger's key.
pub(super) fn injected(token: TokenBuilder, member: &str, value: impl Into<Value>) -> String {
    token.sign_with(SigningKeyChoice::Stranger).header(member, value).mint()
}

fn strangers_chain(token: &TokenBuilder) -> Value {
    stranger(token).jwk().get("x5c").cloned().unwrap_or_else(|| json!(["AA=="]))
}

fn stranger(token: &TokenBuilder) -> SigningKey {
    SigningKey::stranger(own_algorithm(token))
}

fn own_algorithm(token: &TokenBuilder) -> Algorithm {
    token.tenant().keys().current().algorithm()
}

fn own_kid(token: &TokenBuilder) -> String {
    token.tenant().keys().current().kid().to_owned()
}
