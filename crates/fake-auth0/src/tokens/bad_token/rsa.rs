//! Flaws of RSA signatures: numbers that are none, and one padding in place of another.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::elliptic::signed_by;
use super::header::by_published;
use super::signature;
use crate::Algorithm;
use crate::tokens::TokenBuilder;

/// What stands before a SHA-256 hash in a padded message (RFC 8017 §9.2, note 1).
const SHA256_PREFIX: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// RS256 with a key that is published for it, the signature changed; the modulus is at hand.
pub(super) fn changed(token: TokenBuilder, change: fn(&[u8], &[u8]) -> Vec<u8>) -> String {
    let token = by_published(token, Algorithm::Rs256);
    let modulus = modulus(&token);
    signature::changed(token, |bytes| change(&modulus, &bytes))
}

/// The signature and the modulus in one number. It has the length of a signature in every other token or so.
pub(super) fn plus_modulus(token: TokenBuilder) -> String {
    let token = by_published(token, Algorithm::Rs256);
    let modulus = modulus(&token);
    let mut last = String::new();
    for attempt in 0..64 {
        let mut fits = false;
        last = signature::changed(token.clone().claim("attempt", attempt), |bytes| {
            let sum = sum(&modulus, &bytes);
            fits = sum.len() == modulus.len();
            sum
        });
        if fits {
            break;
        }
    }
    last
}

pub(super) fn unsigned(token: TokenBuilder) -> String {
    let token = by_published(token, Algorithm::Rs256);
    let length = modulus(&token).len();
    signed_by(&token, |message| padded_hash(message, length))
}

pub(super) fn ps256_in_name(token: TokenBuilder) -> String {
    by_published(token, Algorithm::Rs256).header("alg", "PS256").mint()
}

/// RS256 in name, another algorithm in deed, with a key that is published for RS256.
pub(super) fn in_disguise(token: TokenBuilder, algorithm: Algorithm) -> String {
    by_published(token, Algorithm::Rs256).algorithm(algorithm).header("alg", "RS256").mint()
}

/// The encoded message of RSASSA-PKCS1-v1_5 (RFC 8017 §9.2).
pub(super) fn padded_hash(message: &[u8], length: usize) -> Vec<u8> {
    let hash = digest::digest(&digest::SHA256, message);
    let tail = [&[0], SHA256_PREFIX.as_slice(), hash.as_ref()].concat();
    let filler = vec![0xff; length.saturating_sub(tail.len() + 2)];
    [&[0, 1], filler.as_slice(), &tail].concat()
}

/// The beginning of a padded message with the least filler, for whoever does not look behind the hash.
pub(super) fn shortest_padded_hash(message: &[u8]) -> Vec<u8> {
    padded_hash(message, 2 + 8 + 1 + SHA256_PREFIX.len() + 32)
}

/// A number below 256 in so many bytes.
pub(super) fn small(length: usize, number: u8) -> Vec<u8> {
    let mut bytes = vec![0; length];
    if let Some(last) = bytes.last_mut() {
        *last = number;
    }
    bytes
}

/// One less than an odd number.
pub(super) fn less_one(modulus: &[u8]) -> Vec<u8> {
    let mut bytes = modulus.to_vec();
    if let Some(last) = bytes.last_mut() {
        *last &= 0xfe;
    }
    bytes
}

fn modulus(token: &TokenBuilder) -> Vec<u8> {
    let keys = token.tenant().keys();
    let found = keys.published().find(|key| key.algorithm() == Algorithm::Rs256).map(crate::keys::SigningKey::jwk);
    let text = found.as_ref().and_then(|jwk| jwk.get("n")).and_then(Value::as_str).unwrap_or_default();
    URL_SAFE_NO_PAD.decode(text).unwrap_or_default()
}

fn sum(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let mut bytes: Vec<u8> = one
        .iter()
        .zip(other)
        .rev()
        .map(|(a, b)| {
            let value = u16::from(*a) + u16::from(*b) + carry;
            carry = value >> 8;
            value.to_be_bytes()[1]
        })
        .collect();
    if carry > 0 {
        bytes.push(1);
    }
    bytes.reverse();
    bytes
}
