//! Flaws of a well-signed token's claims.

use serde_json::{Value, json};

use crate::tokens::TokenBuilder;

const HOUR: i64 = 3_600;

/// A `jkt`, as RFC 9449 §6.1 shows it.
pub(super) const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

pub(super) fn expired(token: TokenBuilder) -> String {
    let now = token.tenant().now();
    token.issued_at(now - 2 * HOUR).expires_at(now - HOUR).mint()
}

pub(super) fn expired_beyond_leeway(token: TokenBuilder) -> String {
    let now = token.tenant().now();
    token.issued_at(now - HOUR).expires_at(now - 61).mint()
}

pub(super) fn expired_by_a_fraction(token: TokenBuilder) -> String {
    let now = token.tenant().now();
    token.issued_at(now - HOUR).claim_text("exp", &format!("{}.5", now - 61)).mint()
}

pub(super) fn exp_other_case(token: TokenBuilder) -> String {
    let exp = token.tenant().now() + HOUR;
    token.without("exp").claim("EXP", exp).claim("Exp", exp).mint()
}

pub(super) fn exp_nested(token: TokenBuilder) -> String {
    let exp = token.tenant().now() + HOUR;
    token.without("exp").claim("claims", json!({ "exp": exp })).mint()
}

pub(super) fn exp_string(token: TokenBuilder) -> String {
    let exp = (token.tenant().now() + HOUR).to_string();
    token.claim("exp", exp).mint()
}

pub(super) fn exp_array(token: TokenBuilder) -> String {
    let exp = token.tenant().now() + HOUR;
    token.claim("exp", json!([exp])).mint()
}

pub(super) fn exp_milliseconds(token: TokenBuilder) -> String {
    let exp = (token.tenant().now() + HOUR) * 1000;
    token.expires_at(exp).mint()
}

pub(super) fn exp_wrapping(token: TokenBuilder) -> String {
    let exp = (1_i128 << 64) + i128::from(token.tenant().now() + HOUR);
    token.claim_text("exp", &exp.to_string()).mint()
}

pub(super) fn nbf_milliseconds(token: TokenBuilder) -> String {
    let nbf = (token.tenant().now() - HOUR) * 1000;
    token.not_before(nbf).mint()
}

pub(super) fn iat_milliseconds(token: TokenBuilder) -> String {
    let iat = (token.tenant().now() - HOUR) * 1000;
    token.issued_at(iat).mint()
}

pub(super) fn not_yet_valid(token: TokenBuilder) -> String {
    let nbf = token.tenant().now() + HOUR;
    token.not_before(nbf).mint()
}

pub(super) fn nbf_beyond_leeway(token: TokenBuilder) -> String {
    let nbf = token.tenant().now() + 61;
    token.not_before(nbf).mint()
}

pub(super) fn issued_in_future(token: TokenBuilder) -> String {
    let iat = token.tenant().now() + HOUR;
    token.issued_at(iat).mint()
}

pub(super) fn iat_beyond_leeway(token: TokenBuilder) -> String {
    let iat = token.tenant().now() + 61;
    token.issued_at(iat).mint()
}

/// The right issuer, changed.
pub(super) fn issuer(token: TokenBuilder, change: fn(&str) -> String) -> String {
    let changed = change(token.tenant().issuer());
    token.claim("iss", changed).mint()
}

/// The issuer without its slash.
pub(super) fn bare(issuer: &str) -> String {
    issuer.trim_end_matches('/').to_owned()
}

pub(super) fn other_scheme(issuer: &str) -> String {
    match issuer.strip_prefix("https:") {
        Some(rest) => format!("http:{rest}"),
        None => issuer.replacen("http:", "https:", 1),
    }
}

pub(super) fn issuer_array(token: TokenBuilder) -> String {
    let issuer = json!([token.tenant().issuer()]);
    token.claim("iss", issuer).mint()
}

/// The right audience, changed.
pub(super) fn audience<V: Into<Value>>(token: TokenBuilder, change: fn(&str) -> V) -> String {
    let changed = change(token.tenant().audience());
    token.claim("aud", changed).mint()
}

pub(super) fn audience_array_without(token: TokenBuilder) -> String {
    let userinfo = format!("{}userinfo", token.tenant().issuer());
    token.claim("aud", json!(["https://another-api.example.test", userinfo])).mint()
}

pub(super) fn audience_shorter(token: TokenBuilder) -> String {
    let mut shorter = token.tenant().audience().to_owned();
    shorter.pop();
    token.claim("aud", shorter).mint()
}

pub(super) fn audience_joined(token: TokenBuilder) -> String {
    let joined = format!("{} {}userinfo", token.tenant().audience(), token.tenant().issuer());
    token.claim("aud", joined).mint()
}

pub(super) fn audience_user_info(token: TokenBuilder) -> String {
    let userinfo = format!("{}userinfo", token.tenant().issuer());
    token.claim("aud", userinfo).mint()
}

pub(super) fn audience_issuer(token: TokenBuilder) -> String {
    let issuer = token.tenant().issuer().to_owned();
    token.claim("aud", issuer).mint()
}

/// The claim under its name in capitals.
pub(super) fn other_case(token: TokenBuilder, name: &str) -> String {
    let claims: Value = serde_json::from_str(&token.claims_json()).unwrap_or_default();
    let value = claims.get(name).cloned().unwrap_or_default();
    token.without(name).claim(&name.to_uppercase(), value).mint()
}

/// An array in an array, so many times.
pub(super) fn deep(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}

pub(super) fn id_token(token: TokenBuilder) -> String {
    id_token_with(token.claim("at_hash", crate::random::token(16)), "nonce")
}

pub(super) fn id_token_with(token: TokenBuilder, name: &str) -> String {
    let token = token.without("scope").without("azp").claim("aud", crate::FRONTEND_CLIENT_ID);
    token.claim(name, crate::random::token(16)).mint()
}
