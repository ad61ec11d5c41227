//! Flaws of the signature.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::tokens::{SigningKeyChoice, TokenBuilder};

pub(super) fn of_stranger(token: TokenBuilder) -> String {
    token.sign_with(SigningKeyChoice::Stranger).mint()
}

pub(super) fn empty(token: TokenBuilder) -> String {
    changed(token, |_| Vec::new())
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

pub(super) fn zero(token: TokenBuilder) -> String {
    changed(token, |signature| vec![0; signature.len()])
}

pub(super) fn of_other_claims(token: TokenBuilder) -> String {
    let other = token.clone().claim("sub", "auth0|somebody-else");
    with_signature_of(token, &other)
}

pub(super) fn of_other_header(token: TokenBuilder) -> String {
    let other = token.clone().header("typ", "application/at+jwt");
    with_signature_of(token, &other)
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

fn changed(token: TokenBuilder, change: impl Fn(Vec<u8>) -> Vec<u8>) -> String {
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
