//! The issuer's published keys.

use auth0_verify::KeySet;
use serde_json::{Value, json};

use super::tenant::{CLAIMS, encode, verifier_with, verify};

/// The input stands for the issuer's answer. A set that is taken over holds 1 to 32 keys, is the same when it is read
/// again from what is kept of it, and no key in it verifies a signature that it did not make.
pub fn key_set(input: &[u8]) {
    let Ok(set) = KeySet::parse(input) else { return };
    let Ok(Value::Object(read)) = serde_json::from_slice(input) else { panic!("passed for a key set") };
    let published = read["keys"].as_array().expect("an array of keys");
    assert!((1..=KeySet::MAX_KEYS).contains(&set.count()) && set.count() <= published.len());
    let again = KeySet::parse(set.document().as_bytes()).expect("the same document");
    assert_eq!(again.count(), set.count());

    let verifier = verifier_with(input.to_vec());
    for kid in published.iter().filter_map(|key| key["kid"].as_str()).take(3) {
        for (alg, signature_bytes) in [("RS256", 256), ("PS256", 256), ("ES256", 64)] {
            let header = json!({ "alg": alg, "kid": kid }).to_string();
            for byte in [0, 1, 0xff] {
                let signature = encode(vec![byte; signature_bytes]);
                let token = format!("{}.{}.{signature}", encode(&header), encode(CLAIMS));
                assert!(verify(&verifier, &token).is_err(), "a made-up signature verified with {alg}");
            }
        }
    }
}
