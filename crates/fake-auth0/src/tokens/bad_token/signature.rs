//! Flaws of the signature, whatever its algorithm.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::shape::with_stray_bits;
use crate::tokens::{SigningKeyChoice, TokenBuilder};

pub(super) fn of_stranger(token: TokenBuilder) -> String {
    token.sign_with(SigningKeyChoice::Stranger).mint()
}

pub(super) fn truncated(token: TokenBuilder) -> String {
    changed(token, |mut signature| {
        signature.pop();
        signature
    })
}

pub(super) fn extended(token: TokenBuilder) -> String {
    changed(token, |mut signature| {
        signature.push(0);
        signature
    })
}

pub(super) fn flipped(token: TokenBuilder) -> String {
    changed(token, |mut signature| {
        if let Some(last) = signature.last_mut() {
            *last ^= 1;
        }
        signature
    })
}

pub(super) fn hash(token: TokenBuilder) -> String {
    let (message, _) = halves(&token.mint());
    let hash = digest::digest(&digest::SHA256, message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(hash))
}

pub(super) fn of_other_claims(token: TokenBuilder) -> String {
    let other = token.clone().claim("sub", "auth0|somebody-else");
    with_signature_of(token, &other)
}

pub(super) fn of_other_header(token: TokenBuilder) -> String {
    let other = token.clone().header("typ", "application/at+jwt");
    with_signature_of(token, &other)
}

pub(super) fn over_plain_claims(token: TokenBuilder) -> String {
    let token = token.header("b64", false);
    let (header, claims) = (URL_SAFE_NO_PAD.encode(token.header_json()), token.claims_json());
    let (_, signature) = halves(&token.sign_parts(&header, &claims));
    format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(claims))
}

pub(super) fn not_base64(token: TokenBuilder) -> String {
    let (message, _) = halves(&token.mint());
    format!("{message}.%%%not-base64%%%")
}

pub(super) fn padded(token: TokenBuilder) -> String {
    let (message, signature) = halves(&token.mint());
    let padding = "=".repeat((4 - signature.len() % 4) % 4);
    // A length that needs no padding must not have any either.
    format!("{message}.{signature}{}", if padding.is_empty() { "====" } else { &padding })
}

/// With one that has a `+` or `/`: almost any, so a few attempts will do.
pub(super) fn standard_alphabet(token: TokenBuilder) -> String {
    let attempts = (0..16).map(|attempt| halves(&token.clone().claim("attempt", attempt).mint()));
    let attempts = attempts.map(|(message, signature)| format!("{message}.{}", in_standard_alphabet(&signature)));
    attempts.into_iter().find(|token| token.contains(['+', '/'])).unwrap_or_default()
}

fn in_standard_alphabet(signature: &str) -> String {
    STANDARD_NO_PAD.encode(URL_SAFE_NO_PAD.decode(signature).unwrap_or_default())
}

pub(super) fn stray_bits(token: TokenBuilder) -> String {
    let (message, signature) = halves(&token.mint());
    match with_stray_bits(&signature) {
        Some(stray) => format!("{message}.{stray}"),
        // A signature of whole groups has no room for them: that of ES384. One character more is as bad.
        None => format!("{message}.{signature}A"),
    }
}

pub(super) fn hexadecimal(token: TokenBuilder) -> String {
    let (message, signature) = halves(&token.mint());
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{message}.{digits}")
}

pub(super) fn spaced(token: TokenBuilder) -> String {
    let (message, signature) = halves(&token.mint());
    let (one, other) = signature.split_at(signature.len() / 2);
    format!("{message}.{one} {other}")
}

pub(super) fn changed(token: TokenBuilder, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> String {
    let (message, signature) = halves(&token.mint());
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(change(signature)))
}

fn with_signature_of(token: TokenBuilder, other: &TokenBuilder) -> String {
    let (message, _) = halves(&token.mint());
    let (_, signature) = halves(&other.mint());
    format!("{message}.{signature}")
}

fn halves(token: &str) -> (String, String) {
    let (message, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    (message.to_owned(), signature.to_owned())
}
