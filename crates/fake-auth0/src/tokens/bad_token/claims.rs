//! Flaws of a well-signed token's claims.

use serde_json::json;

use crate::tokens::TokenBuilder;

const HOUR: i64 = 3_600;

pub(super) fn expired(token: TokenBuilder) -> String {
    let now = token.tenant().now();
    token.issued_at(now - 2 * HOUR).expires_at(now - HOUR).mint()
}

pub(super) fn expired_beyond_leeway(token: TokenBuilder) -> String {
    let now = token.tenant().now();
    token.issued_at(now - HOUR).expires_at(now - 61).mint()
}

pub(super) fn exp_string(token: TokenBuilder) -> String {
    let exp = (token.tenant().now() + HOUR).to_string();
    token.claim("exp", exp).mint()
}

pub(super) fn exp_array(token: TokenBuilder) -> String {
    let exp = token.tenant().now() + HOUR;
    token.claim("exp", json!([exp])).mint()
}

pub(super) fn not_yet_valid(token: TokenBuilder) -> String {
    let nbf = token.tenant().now() + HOUR;
    token.not_before(nbf).mint()
}

pub(super) fn issued_in_future(token: TokenBuilder) -> String {
    let iat = token.tenant().now() + HOUR;
    token.issued_at(iat).mint()
}

pub(super) fn issuer_without_slash(token: TokenBuilder) -> String {
    let issuer = token.tenant().issuer().trim_end_matches('/').to_owned();
    token.claim("iss", issuer).mint()
}

pub(super) fn issuer_other_case(token: TokenBuilder) -> String {
    let issuer = token.tenant().issuer().to_uppercase();
    token.claim("iss", issuer).mint()
}

pub(super) fn issuer_other_scheme(token: TokenBuilder) -> String {
    let issuer = token.tenant().issuer();
    let other = match issuer.strip_prefix("https:") {
        Some(rest) => format!("http:{rest}"),
        None => issuer.replacen("http:", "https:", 1),
    };
    token.claim("iss", other).mint()
}

pub(super) fn issuer_longer(token: TokenBuilder) -> String {
    let longer = format!("{}.example.test/", token.tenant().issuer());
    token.claim("iss", longer).mint()
}

pub(super) fn issuer_array(token: TokenBuilder) -> String {
    let issuer = json!([token.tenant().issuer()]);
    token.claim("iss", issuer).mint()
}

pub(super) fn audience_array_without(token: TokenBuilder) -> String {
    let userinfo = format!("{}userinfo", token.tenant().issuer());
    token.claim("aud", json!(["https://another-api.example.test", userinfo])).mint()
}

pub(super) fn audience_longer(token: TokenBuilder) -> String {
    let longer = format!("{}/", token.tenant().audience());
    token.claim("aud", longer).mint()
}

pub(super) fn audience_shorter(token: TokenBuilder) -> String {
    let mut shorter = token.tenant().audience().to_owned();
    shorter.pop();
    token.claim("aud", shorter).mint()
}

pub(super) fn audience_other_case(token: TokenBuilder) -> String {
    let capitals = token.tenant().audience().to_uppercase();
    token.claim("aud", capitals).mint()
}

pub(super) fn audience_joined(token: TokenBuilder) -> String {
    let joined = format!("{} {}userinfo", token.tenant().audience(), token.tenant().issuer());
    token.claim("aud", joined).mint()
}

pub(super) fn audience_object(token: TokenBuilder) -> String {
    let object = json!({ "aud": token.tenant().audience() });
    token.claim("aud", object).mint()
}

pub(super) fn key_bound(token: TokenBuilder) -> String {
    token.claim("cnf", json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" })).mint()
}

pub(super) fn id_token(token: TokenBuilder) -> String {
    token
        .without("scope")
        .without("azp")
        .claim("aud", crate::FRONTEND_CLIENT_ID)
        .claim("nonce", crate::random::token(16))
        .claim("at_hash", crate::random::token(16))
        .mint()
}
