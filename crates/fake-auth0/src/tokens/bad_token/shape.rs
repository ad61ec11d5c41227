//! Flaws of encoding and form. Where the signature can be good, it is.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::json;

use crate::tokens::TokenBuilder;

/// Wherever it stands, three of these fill four characters, the last of which is `/` in the standard alphabet.
const SLASHES: &str = "??????";

pub(super) fn header_not_base64(token: TokenBuilder) -> String {
    let claims = url_safe(&token.claims_json());
    token.sign_parts("%%%not-base64%%%", &claims)
}

pub(super) fn header_padded(token: TokenBuilder) -> String {
    let claims = url_safe(&token.claims_json());
    let header = padded(|filler| token.clone().header("filler", filler).header_json());
    token.sign_parts(&header, &claims)
}

pub(super) fn header_standard_alphabet(token: TokenBuilder) -> String {
    let claims = url_safe(&token.claims_json());
    let header = token.clone().header("filler", SLASHES).header_json();
    token.sign_parts(&STANDARD_NO_PAD.encode(header), &claims)
}

pub(super) fn header_array(token: TokenBuilder) -> String {
    let header = format!("[{}]", token.header_json());
    token.raw_header(header).mint()
}

pub(super) fn header_trailing_data(token: TokenBuilder) -> String {
    let header = format!("{}{{}}", token.header_json());
    token.raw_header(header).mint()
}

pub(super) fn header_invalid_utf8(token: TokenBuilder) -> String {
    let header = token.clone().header("filler", "~~~~").header_json();
    token.raw_header(invalid_utf8(header)).mint()
}

pub(super) fn claims_not_base64(token: TokenBuilder) -> String {
    let header = url_safe(&token.header_json());
    token.sign_parts(&header, "%%%not-base64%%%")
}

pub(super) fn claims_padded(token: TokenBuilder) -> String {
    let header = url_safe(&token.header_json());
    let claims = padded(|filler| token.clone().claim("filler", filler).claims_json());
    token.sign_parts(&header, &claims)
}

pub(super) fn claims_standard_alphabet(token: TokenBuilder) -> String {
    let header = url_safe(&token.header_json());
    let claims = token.clone().claim("filler", SLASHES).claims_json();
    token.sign_parts(&header, &STANDARD_NO_PAD.encode(claims))
}

pub(super) fn claims_array(token: TokenBuilder) -> String {
    let claims = format!("[{}]", token.claims_json());
    token.raw_claims(claims).mint()
}

pub(super) fn claims_trailing_data(token: TokenBuilder) -> String {
    let claims = format!("{}{{}}", token.claims_json());
    token.raw_claims(claims).mint()
}

pub(super) fn claims_invalid_utf8(token: TokenBuilder) -> String {
    let claims = token.clone().claim("filler", "~~~~").claims_json();
    token.raw_claims(invalid_utf8(claims)).mint()
}

pub(super) fn duplicate_exp_escaped(token: TokenBuilder) -> String {
    let claims = token.claims_json().replacen('{', "{\"ex\\u0070\":1000000000,", 1);
    token.raw_claims(claims).mint()
}

pub(super) fn two_parts(token: TokenBuilder) -> String {
    let token = token.mint();
    token.rsplit_once('.').map_or_else(String::new, |(message, _)| message.to_owned())
}

pub(super) fn encrypted(token: TokenBuilder) -> String {
    let header = json!({ "alg": "dir", "enc": "A256GCM", "iss": token.tenant().issuer() }).to_string();
    let random = crate::random::token;
    // Direct encryption: the part of the encrypted key is empty (RFC 7516 §5.1).
    format!("{}..{}.{}.{}", url_safe(&header), random(12), random(60), random(16))
}

pub(super) fn space_inside(token: TokenBuilder) -> String {
    let (header, claims) = (url_safe(&token.header_json()), url_safe(&token.claims_json()));
    token.sign_parts(&header, &format!(" {claims}"))
}

pub(super) fn tab_inside(token: TokenBuilder) -> String {
    let (header, claims) = (url_safe(&token.header_json()), url_safe(&token.claims_json()));
    token.sign_parts(&header, &format!("{claims}\t"))
}

fn url_safe(json: &str) -> String {
    URL_SAFE_NO_PAD.encode(json)
}

/// The object with a filler of such a length that its base64 needs padding.
fn padded(json: impl Fn(String) -> String) -> String {
    let candidates = (1..=3).map(|length| URL_SAFE.encode(json("x".repeat(length))));
    candidates.into_iter().find(|encoded| encoded.ends_with('=')).unwrap_or_default()
}

fn invalid_utf8(json: String) -> Vec<u8> {
    json.into_bytes().into_iter().map(|byte| if byte == b'~' { 0xff } else { byte }).collect()
}
