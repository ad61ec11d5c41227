//! Flaws of encoding and form. Where the signature can be good, it is.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::json;

use crate::tokens::TokenBuilder;

/// Wherever it stands, three of these fill four characters, the last of which is `/` in the standard alphabet.
const SLASHES: &str = "??????";
const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// The header of a token under a password that takes hours to derive a key from (RFC 7518 §4.8).
pub(super) const MANY_ROUNDS: &str =
    r#"{"alg":"PBES2-HS256+A128KW","enc":"A128CBC-HS256","p2s":"c2FsdHNhbHQ","p2c":2000000000}"#;

/// The header in other words: any text, encoded or not. The signature is over it.
pub(super) fn header_text(token: TokenBuilder, text: &str) -> String {
    let claims = url_safe(&token.claims_json());
    token.sign_parts(text, &claims)
}

/// The claims in other words, made of the right ones as they are encoded. The signature is over them.
pub(super) fn claims_text(token: TokenBuilder, change: fn(&str) -> String) -> String {
    let (header, claims) = (url_safe(&token.header_json()), url_safe(&token.claims_json()));
    token.sign_parts(&header, &change(&claims))
}

/// The header's JSON, changed.
pub(super) fn header_json(token: TokenBuilder, change: fn(&str) -> String) -> String {
    let json = change(&token.header_json());
    token.raw_header(json).mint()
}

/// The claims' JSON, changed.
pub(super) fn claims_json(token: TokenBuilder, change: fn(&str) -> String) -> String {
    let json = change(&token.claims_json());
    token.raw_claims(json).mint()
}

/// These bytes inside of a header member that nobody knows.
pub(super) fn header_bytes(token: TokenBuilder, bytes: &[u8]) -> String {
    let json = token.clone().header("filler", "~").header_json();
    token.raw_header(with_bytes(&json, bytes)).mint()
}

/// These bytes inside of a claim that nobody knows.
pub(super) fn claims_bytes(token: TokenBuilder, bytes: &[u8]) -> String {
    let json = token.clone().claim("filler", "~").claims_json();
    token.raw_claims(with_bytes(&json, bytes)).mint()
}

fn with_bytes(json: &str, bytes: &[u8]) -> Vec<u8> {
    let (before, behind) = json.split_once('~').unwrap_or((json, ""));
    [before.as_bytes(), bytes, behind.as_bytes()].concat()
}

pub(super) fn header_padded(token: TokenBuilder) -> String {
    let header = padded(|filler| token.clone().header("filler", filler).header_json());
    header_text(token, &header)
}

pub(super) fn header_standard_alphabet(token: TokenBuilder) -> String {
    let header = STANDARD_NO_PAD.encode(token.clone().header("filler", SLASHES).header_json());
    header_text(token, &header)
}

pub(super) fn header_stray_bits(token: TokenBuilder) -> String {
    let fillers = (1..=3).map(|length| token.clone().header("filler", "x".repeat(length)).header_json());
    let stray = fillers.filter_map(|json| with_stray_bits(&url_safe(&json))).next().unwrap_or_default();
    header_text(token, &stray)
}

pub(super) fn header_cut(token: TokenBuilder) -> String {
    // A length that stays a whole number of bytes would be cut JSON instead.
    let fillers = (1..=3).map(|length| url_safe(&token.clone().header("filler", "x".repeat(length)).header_json()));
    let cut = fillers.filter(|encoded| encoded.len() % 4 == 2).map(|mut encoded| {
        encoded.pop();
        encoded
    });
    let cut = cut.into_iter().next().unwrap_or_default();
    header_text(token, &cut)
}

pub(super) fn header_twice_encoded(token: TokenBuilder) -> String {
    let twice = url_safe(&url_safe(&token.header_json()));
    header_text(token, &twice)
}

pub(super) fn header_utf16(token: TokenBuilder) -> String {
    let bytes = utf16(&token.header_json());
    token.raw_header(bytes).mint()
}

pub(super) fn header_missing(token: TokenBuilder) -> String {
    header_text(token, "")
}

pub(super) fn claims_padded(token: TokenBuilder) -> String {
    let header = url_safe(&token.header_json());
    let claims = padded(|filler| token.clone().claim("filler", filler).claims_json());
    token.sign_parts(&header, &claims)
}

pub(super) fn claims_standard_alphabet(token: TokenBuilder) -> String {
    claims_text(token.claim("filler", SLASHES), |claims| claims.replace('-', "+").replace('_', "/"))
}

pub(super) fn claims_stray_bits(token: TokenBuilder) -> String {
    let fillers = (1..=3).map(|length| token.clone().claim("filler", "x".repeat(length)));
    let strayed = fillers.filter_map(|token| {
        let claims = with_stray_bits(&url_safe(&token.claims_json()))?;
        Some(token.sign_parts(&url_safe(&token.header_json()), &claims))
    });
    strayed.into_iter().next().unwrap_or_default()
}

pub(super) fn claims_dangling(token: TokenBuilder) -> String {
    claims_text(token, |claims| {
        let whole = claims.len() - claims.len() % 4;
        format!("{}A", claims.get(..whole).unwrap_or_default())
    })
}

pub(super) fn claims_utf16(token: TokenBuilder) -> String {
    let bytes = utf16(&token.claims_json());
    token.raw_claims(bytes).mint()
}

pub(super) fn claims_zipped(token: TokenBuilder) -> String {
    let mut zip = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    let zipped = zip.write_all(token.claims_json().as_bytes()).and_then(|()| zip.finish()).unwrap_or_default();
    token.header("zip", "DEF").raw_claims(zipped).mint()
}

pub(super) fn claims_nested_token(token: TokenBuilder) -> String {
    let inner = token.mint();
    token.header("cty", "JWT").raw_claims(inner).mint()
}

pub(super) fn two_parts(token: TokenBuilder) -> String {
    let token = token.mint();
    token.rsplit_once('.').map_or_else(String::new, |(message, _)| message.to_owned())
}

pub(super) fn flattened(token: TokenBuilder) -> String {
    let token = token.mint();
    let mut parts = token.split('.');
    let mut next = || parts.next().unwrap_or_default();
    json!({ "protected": next(), "payload": next(), "signature": next() }).to_string()
}

pub(super) fn encrypted(_: TokenBuilder, header: &str) -> String {
    let random = crate::random::token;
    // Direct encryption: the part of the encrypted key is empty (RFC 7516 §5.1).
    format!("{}..{}.{}.{}", url_safe(header), random(12), random(60), random(16))
}

/// A token of so many bytes exactly.
pub(crate) fn of_length(token: TokenBuilder, bytes: usize) -> TokenBuilder {
    // Three bytes of filler are four characters; the header's filler makes up for the rest.
    for (header_filler, missing) in (0..4).flat_map(|header| (0..8).map(move |missing| (header, missing))) {
        let with_header = token.clone().header("x", "x".repeat(header_filler));
        let without = with_header.clone().claim("filler", "").mint().len();
        let room = bytes.saturating_sub(without) / 4 * 3;
        let filled = with_header.claim("filler", "x".repeat((room + 4).saturating_sub(missing)));
        if filled.mint().len() == bytes {
            return filled;
        }
    }
    token
}

fn url_safe(json: &str) -> String {
    URL_SAFE_NO_PAD.encode(json)
}

fn utf16(json: &str) -> Vec<u8> {
    json.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The object with a filler of such a length that its base64 needs padding.
fn padded(json: impl Fn(String) -> String) -> String {
    let candidates = (1..=3).map(|length| URL_SAFE.encode(json("x".repeat(length))));
    candidates.into_iter().find(|encoded| encoded.ends_with('=')).unwrap_or_default()
}

/// The same bytes in another spelling: the bits that the last character leaves over are set. Not if it leaves none.
pub(super) fn with_stray_bits(encoded: &str) -> Option<String> {
    if encoded.len().is_multiple_of(4) {
        return None;
    }
    let last = encoded.chars().next_back()?;
    let stray = ALPHABET.chars().nth(ALPHABET.find(last)? + 1)?;
    Some(format!("{}{stray}", encoded.get(..encoded.len() - 1)?))
}
