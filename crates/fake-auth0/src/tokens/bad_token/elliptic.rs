//! Flaws of ECDSA signatures, and curves that nobody allowed.
#![expect(clippy::expect_used, reason = "fails only when the machine has no memory or no random numbers left")]

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::header::by_published;
use super::published::publish;
use super::signature::changed;
use crate::Algorithm;
use crate::keys::SigningKey;
use crate::tokens::{SigningKeyChoice, TokenBuilder};

/// 32 bytes, the first the greatest: a coordinate of P-256 or half of a signature.
pub(crate) type Scalar = [u8; 32];

pub(super) const ZERO: Scalar = [0; 32];
pub(super) const ONE: Scalar = {
    let mut one = [0; 32];
    one[31] = 1;
    one
};
/// How many points P-256 has (FIPS 186-5, SP 800-186 §3.2.1.3).
pub(super) const ORDER: Scalar = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7,
    0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

static P521: LazyLock<EcdsaKeyPair> = LazyLock::new(|| generated(&ECDSA_P521_SHA512_FIXED_SIGNING));
static SECP256K1: LazyLock<EcdsaKeyPair> = LazyLock::new(|| generated(&ECDSA_P256K1_SHA256_FIXED_SIGNING));
static ED25519: LazyLock<Ed25519KeyPair> = LazyLock::new(|| Ed25519KeyPair::generate().expect("an Ed25519 key"));

fn generated(algorithm: &'static aws_lc_rs::signature::EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    EcdsaKeyPair::generate(algorithm).expect("an elliptic curve key is generated")
}

/// ES256 with a key that the tenant publishes for it.
pub(super) fn on_p256(token: TokenBuilder) -> TokenBuilder {
    by_published(token, Algorithm::Es256)
}

/// ES256 with the numbers that somebody makes of the right r and s.
pub(crate) fn signature_of(token: TokenBuilder, change: fn(Scalar, Scalar) -> (Scalar, Scalar)) -> String {
    changed(on_p256(token), |signature| {
        let (r, s) = halves(&signature);
        let (r, s) = change(r, s);
        [r, s].concat()
    })
}

/// The order less this number: with it in place of s, a signature verifies as well (ECDSA is malleable).
pub(crate) fn negated(s: Scalar) -> Scalar {
    let mut difference = ZERO;
    let mut borrow = 0;
    for ((out, order), byte) in difference.iter_mut().zip(ORDER).zip(s).rev() {
        let value = i16::from(order) - i16::from(byte) - borrow;
        borrow = i16::from(value < 0);
        *out = u8::try_from(value.rem_euclid(256)).unwrap_or_default();
    }
    difference
}

pub(super) fn der(token: TokenBuilder) -> String {
    changed(on_p256(token), |signature| {
        let (r, s) = halves(&signature);
        let numbers = [der_integer(r), der_integer(s)].concat();
        [&[0x30, u8::try_from(numbers.len()).unwrap_or_default()], numbers.as_slice()].concat()
    })
}

fn der_integer(number: Scalar) -> Vec<u8> {
    let mut bytes: Vec<u8> = number.into_iter().skip_while(|byte| *byte == 0).collect();
    if bytes.first().is_none_or(|first| *first >= 0x80) {
        bytes.insert(0, 0);
    }
    [&[2, u8::try_from(bytes.len()).unwrap_or_default()], bytes.as_slice()].concat()
}

/// Both numbers in so many bytes, with zeros in front.
pub(super) fn resized(token: TokenBuilder, bytes: usize) -> String {
    changed(on_p256(token), |signature| {
        let (r, s) = halves(&signature);
        let zeros = vec![0; bytes.saturating_sub(32)];
        [zeros.as_slice(), &r, &zeros, &s].concat()
    })
}

pub(super) fn of_stranger(token: TokenBuilder) -> String {
    let kid = token.tenant().keys().published_for(Algorithm::Es256);
    let stranger = SigningKey::stranger(Algorithm::Es256);
    token.sign_with(SigningKeyChoice::Key(stranger)).algorithm(Algorithm::Es256).kid(kid).mint()
}

pub(super) fn es512(token: TokenBuilder) -> String {
    signed_on(token, &P521, "ES512", json!({ "kid": "p521", "crv": "P-521", "alg": "ES512" }))
}

pub(super) fn es256k(token: TokenBuilder) -> String {
    signed_on(token, &SECP256K1, "ES256K", json!({ "kid": "secp256k1", "crv": "secp256k1", "alg": "ES256K" }))
}

pub(super) fn es256_on_secp256k1(token: TokenBuilder) -> String {
    signed_on(token, &SECP256K1, "ES256", json!({ "kid": "secp256k1-es256", "crv": "secp256k1", "alg": "ES256" }))
}

pub(super) fn ed_dsa(token: TokenBuilder) -> String {
    let x = URL_SAFE_NO_PAD.encode(ED25519.public_key());
    publish(&token, json!({ "kid": "ed25519", "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": x }));
    signed_by(&token.header("alg", "EdDSA").kid("ed25519"), |message| ED25519.sign(message).as_ref().to_vec())
}

fn signed_on(token: TokenBuilder, key: &EcdsaKeyPair, alg: &str, mut jwk: Value) -> String {
    let point = key.public_key().as_ref().get(1..).unwrap_or_default();
    let (x, y) = point.split_at(point.len() / 2);
    let kid = jwk.get("kid").cloned().unwrap_or_default();
    if let Some(members) = jwk.as_object_mut() {
        members.insert("kty".to_owned(), json!("EC"));
        members.insert("x".to_owned(), json!(URL_SAFE_NO_PAD.encode(x)));
        members.insert("y".to_owned(), json!(URL_SAFE_NO_PAD.encode(y)));
    }
    publish(&token, jwk);
    signed_by(&token.header("alg", alg).header("kid", kid), |message| {
        key.sign(&SystemRandom::new(), message).expect("an elliptic curve key signs").as_ref().to_vec()
    })
}

/// A token whose signature is made elsewhere.
pub(super) fn signed_by(token: &TokenBuilder, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let message =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(token.header_json()), URL_SAFE_NO_PAD.encode(token.claims_json()));
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(sign(message.as_bytes())))
}

fn halves(signature: &[u8]) -> (Scalar, Scalar) {
    let half = |part: Option<&[u8]>| part.and_then(|bytes| bytes.try_into().ok()).unwrap_or(ZERO);
    (half(signature.get(..32)), half(signature.get(32..)))
}
