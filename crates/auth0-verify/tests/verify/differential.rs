//! Our signature checks against those of jsonwebtoken, over everything that comes as far as a signature.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Rejection;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};

use crate::corpus::rows::{ACCEPTED, Corpus};

/// What jsonwebtoken makes of the signature alone; `None` where it knows neither algorithm nor key.
fn signature_is_good(token: &str, keys: &HashMap<String, DecodingKey>) -> Option<bool> {
    let (signed, signature) = token.rsplit_once('.')?;
    let header = URL_SAFE_NO_PAD.decode(signed.split('.').next()?).ok()?;
    let header: serde_json::Value = serde_json::from_slice(&header).ok()?;
    let algorithm: Algorithm = header["alg"].as_str()?.parse().ok()?;
    let key = keys.get(header["kid"].as_str()?)?;
    // An error is a key or a signature that it cannot even read.
    Some(crypto::verify(signature, signed.as_bytes(), key, algorithm).unwrap_or(false))
}

#[test]
fn another_library_finds_the_same_signatures_good() {
    let corpus = Corpus::mint();
    let published: JwkSet = serde_json::from_slice(&corpus.tenant.jwks()).expect("a key set");
    let keys: HashMap<_, _> = published
        .keys
        .iter()
        .filter_map(|jwk| Some((jwk.common.key_id.clone()?, DecodingKey::from_jwk(jwk).ok()?)))
        .collect();
    let (mut good, mut bad) = (0, 0);
    for row in corpus.hostile.iter().chain(&corpus.unusual) {
        let expected = match row.expected {
            ACCEPTED => true,
            reason if reason == Rejection::BadSignature.code() => false,
            _ => continue,
        };
        assert_eq!(signature_is_good(&row.token, &keys), Some(expected), "{}", row.name);
        if expected { good += 1 } else { bad += 1 }
    }
    assert!(good >= 40 && bad >= 10, "{good} good and {bad} bad signatures were compared");
}
