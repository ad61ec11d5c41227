//! The key that a proof brings along: public, of a good size, and for signatures.

use std::fmt;

use jsonwebtoken::jwk::EllipticCurve;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use domain::Rejection;

use super::KeyThumbprint;
use crate::algorithm::Algorithm;
use crate::jwk::PublicKey;

/// Whoever sends one of these sends a secret, and no proof made with it proves anything (RFC 7518 §6.2.2, §6.3.2, §6.4).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The member `jwk` as it stands, no member of it twice.
pub(super) struct EmbeddedKey(Map<String, Value>);

impl EmbeddedKey {
    /// What names the key.
    pub(super) fn thumbprint(&self) -> Result<KeyThumbprint, Rejection> {
        let text = |name: &str| self.0.get(name).and_then(Value::as_str).ok_or(Rejection::ProofKey);
        // The coordinates and numbers are base64url or `usable` refuses them.
        let thumbprint = match (text("kty")?, self.0.get("crv").and_then(Value::as_str)) {
            ("EC", Some("P-256")) => KeyThumbprint::of_ec(EllipticCurve::P256, text("x")?, text("y")?),
            ("EC", Some("P-384")) => KeyThumbprint::of_ec(EllipticCurve::P384, text("x")?, text("y")?),
            ("RSA", _) => KeyThumbprint::of_rsa(text("e")?, text("n")?),
            _ => None,
        };
        thumbprint.ok_or(Rejection::ProofKey)
    }

    /// The key, if it is public and one for the algorithm.
    pub(super) fn usable(self, algorithm: Algorithm) -> Result<PublicKey, Rejection> {
        if PRIVATE_MEMBERS.iter().any(|name| self.0.contains_key(*name)) {
            return Err(Rejection::ProofKey);
        }
        let key = PublicKey::read_unnamed(Value::Object(self.0)).map_err(|_| Rejection::ProofKey)?;
        if key.fits(algorithm) { Ok(key) } else { Err(Rejection::ProofKey) }
    }
}

impl<'de> Deserialize<'de> for EmbeddedKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EmbeddedKeyVisitor)
    }
}

struct EmbeddedKeyVisitor;

impl<'de> Visitor<'de> for EmbeddedKeyVisitor {
    type Value = EmbeddedKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON Web Key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<EmbeddedKey, A::Error> {
        let mut read = Map::new();
        while let Some((name, value)) = members.next_entry::<String, Value>()? {
            if read.insert(name, value).is_some() {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        Ok(EmbeddedKey(read))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The key of RFC 9449 §4.2.
    fn jwk() -> Value {
        json!({
            "kty": "EC",
            "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
            "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
            "crv": "P-256",
        })
    }

    fn with(member: &str, value: Value) -> Value {
        let mut jwk = jwk();
        jwk[member] = value;
        jwk
    }

    fn usable(jwk: Value, algorithm: Algorithm) -> bool {
        serde_json::from_value::<EmbeddedKey>(jwk).is_ok_and(|key| key.usable(algorithm).is_ok())
    }

    #[test]
    fn a_public_key_is_used_with_its_own_algorithm_alone() {
        assert!(usable(jwk(), Algorithm::Es256));
        assert!(usable(with("alg", json!("ES256")), Algorithm::Es256));
        assert!(usable(with("kid", json!("any")), Algorithm::Es256));
        for algorithm in [Algorithm::Es384, Algorithm::Rs256, Algorithm::Ps256] {
            assert!(!usable(jwk(), algorithm), "{algorithm:?}");
        }
    }

    #[test]
    fn a_key_that_brings_its_private_half_is_refused() {
        for member in PRIVATE_MEMBERS {
            assert!(!usable(with(member, json!("AQAB")), Algorithm::Es256), "{member}");
            assert!(!usable(with(member, Value::Null), Algorithm::Es256), "{member}: null");
        }
    }

    #[test]
    fn a_key_that_is_not_for_signatures_or_malformed_is_refused() {
        for (member, value) in [
            ("use", json!("enc")),
            ("key_ops", json!(["sign"])),
            ("alg", json!("ES384")),
            ("kty", json!("OKP")),
            ("crv", json!("P-521")),
            ("x", json!("AQAB")),
            ("y", json!(7)),
        ] {
            assert!(!usable(with(member, value.clone()), Algorithm::Es256), "{member} {value}");
        }
        let modulus = |bytes: usize| "_".repeat(bytes / 3 * 4);
        let rsa = |bytes| json!({"kty": "RSA", "e": "AQAB", "n": modulus(bytes)});
        assert!(usable(rsa(258), Algorithm::Ps256));
        assert!(!usable(rsa(129), Algorithm::Ps256), "under 2048 bits");
    }

    #[test]
    fn the_thumbprint_is_the_one_that_the_rfc_gives() {
        let thumbprint = serde_json::from_value::<EmbeddedKey>(jwk()).ok().and_then(|key| key.thumbprint().ok());
        assert_eq!(
            thumbprint.map(|thumbprint| thumbprint.to_string()).as_deref(),
            Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")
        );
    }

    #[test]
    fn a_member_that_stands_twice_is_refused() {
        let twice = jwk().to_string().replacen('{', r#"{"x":"AQAB","#, 1);
        assert!(serde_json::from_str::<EmbeddedKey>(&twice).is_err());
        assert!(serde_json::from_str::<EmbeddedKey>(r#"["EC"]"#).is_err());
    }
}
