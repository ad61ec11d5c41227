//! One JSON Web Key (RFC 7517): a key that can check signatures, or the reason why it is left aside.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::algorithm::{Algorithm, KeyKind};
use crate::key_id::KeyId;
use crate::key_material::{KeyMaterial, bits};

/// A public key: of the issuer, or of the sender of a proof.
pub struct PublicKey {
    serial: KeySerial,
    kind: KeyKind,
    /// The only algorithm that the issuer means it for, where it says so (RFC 7517 §4.4).
    algorithm: Option<Algorithm>,
    bits: usize,
    material: KeyMaterial,
}

/// Tells a key from every other that this process has read, as long as it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeySerial(u64);

impl KeySerial {
    fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed))
    }
}

/// Why a published key is not used. RFC 7517 §5 asks to pass over such keys, not to refuse the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// A member is missing or has the wrong type.
    #[error("malformed")]
    Malformed,
    /// No `kid`, so no token could name it.
    #[error("no kid")]
    NoKeyId,
    /// Meant for encryption (`use`, `key_ops`).
    #[error("not for signatures")]
    NotForSignatures,
    /// A key type or curve that no allowed algorithm works with: symmetric, Edwards, secp256k1.
    #[error("unsupported key type")]
    UnsupportedType,
    /// An algorithm that is not ours, or not one for this key type.
    #[error("unsupported algorithm")]
    UnsupportedAlgorithm,
    /// An RSA modulus under 2,048 bits (RFC 7518 §3.3) or over 8,192.
    #[error("unsuitable RSA key size")]
    RsaKeySize,
    /// Numbers that verify nothing: a point that is not on its curve (SEC 1 §3.2.2.1); an even modulus, or an exponent that is
    /// even, 1 or longer than 33 bits (RFC 8017 §3.1).
    #[error("numbers of no key")]
    Unsound,
}

#[derive(Deserialize)]
struct RawJwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl RawJwk {
    fn read(jwk: serde_json::Value) -> Result<Self, Unusable> {
        // A derived `Deserialize` would take an array for the members in order.
        if !jwk.is_object() {
            return Err(Unusable::Malformed);
        }
        serde_json::from_value(jwk).map_err(|_| Unusable::Malformed)
    }
}

impl PublicKey {
    /// A key of a set, which must have a name.
    pub(crate) fn read(jwk: serde_json::Value) -> Result<(KeyId, Self), Unusable> {
        let raw = RawJwk::read(jwk)?;
        let key = Self::of(&raw)?;
        if !key.material.is_sound() {
            return Err(Unusable::Unsound);
        }
        let key_id = raw.kid.filter(|kid| !kid.is_empty()).map(KeyId::new).ok_or(Unusable::NoKeyId)?;
        Ok((key_id, key))
    }

    /// A key that stands alone, whether it has a name or not. Its numbers are judged by the one signature that comes with it.
    pub(crate) fn read_unnamed(jwk: serde_json::Value) -> Result<Self, Unusable> {
        Self::of(&RawJwk::read(jwk)?)
    }

    fn of(raw: &RawJwk) -> Result<Self, Unusable> {
        if raw.purpose.as_deref().is_some_and(|purpose| purpose != "sig")
            || raw.key_ops.as_ref().is_some_and(|operations| !operations.iter().any(|name| name == "verify"))
        {
            return Err(Unusable::NotForSignatures);
        }
        let (kind, bits, material) = match raw.kty.as_str() {
            "RSA" => rsa_key(raw)?,
            "EC" => ec_key(raw)?,
            _ => return Err(Unusable::UnsupportedType),
        };
        let algorithm = match &raw.alg {
            None => None,
            Some(name) => Some(
                Algorithm::from_name(name)
                    .filter(|algorithm| algorithm.key_kind() == kind)
                    .ok_or(Unusable::UnsupportedAlgorithm)?,
            ),
        };
        Ok(Self { serial: KeySerial::next(), kind, algorithm, bits, material })
    }

    /// Which one it is. Another reading of the same key has another serial.
    pub(crate) fn serial(&self) -> KeySerial {
        self.serial
    }

    /// Whether both verify the same: the numbers are the same, and so is what they are for.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (self.kind, self.algorithm) == (other.kind, other.algorithm) && self.material.is_like(&other.material)
    }

    /// The only algorithm that the issuer means it for, where it says so.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// Its size in bits: of the modulus (RSA) or of a coordinate (EC).
    #[must_use]
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// `RSA` or `EC`, as in `kty`.
    #[must_use]
    pub fn key_type(&self) -> &'static str {
        match self.kind {
            KeyKind::Rsa => "RSA",
            KeyKind::EcP256 | KeyKind::EcP384 => "EC",
        }
    }

    /// Whether a token that names this key may be signed with `algorithm`.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        algorithm.key_kind() == self.kind && self.algorithm.is_none_or(|stated| stated == algorithm)
    }

    /// Whether `signature` (base64url) is this key's over `signed`.
    pub(crate) fn verifies(&self, algorithm: Algorithm, signed: &str, signature: &str) -> bool {
        let signature = URL_SAFE_NO_PAD.decode(signature);
        signature.is_ok_and(|signature| self.material.verifies(algorithm, signed.as_bytes(), &signature))
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PublicKey")
            .field("kind", &self.kind)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

fn rsa_key(raw: &RawJwk) -> Result<(KeyKind, usize, KeyMaterial), Unusable> {
    let modulus = big_integer(raw.n.as_deref())?;
    let exponent = big_integer(raw.e.as_deref())?;
    let bits = bits(&modulus);
    if !(2048..=8192).contains(&bits) {
        return Err(Unusable::RsaKeySize);
    }
    Ok((KeyKind::Rsa, bits, KeyMaterial::rsa(modulus, exponent)))
}

/// A Base64urlUInt (RFC 7518 §2) without the leading zeros that some issuers write.
fn big_integer(encoded: Option<&str>) -> Result<Vec<u8>, Unusable> {
    let bytes = decode(encoded)?;
    let number: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    if number.is_empty() { Err(Unusable::Malformed) } else { Ok(number) }
}

fn ec_key(raw: &RawJwk) -> Result<(KeyKind, usize, KeyMaterial), Unusable> {
    let (kind, coordinate_bytes) = match raw.crv.as_deref() {
        Some("P-256") => (KeyKind::EcP256, 32),
        Some("P-384") => (KeyKind::EcP384, 48),
        Some(_) => return Err(Unusable::UnsupportedType),
        None => return Err(Unusable::Malformed),
    };
    let (x, y) = (decode(raw.x.as_deref())?, decode(raw.y.as_deref())?);
    // RFC 7518 §6.2.1.2: the full size of a coordinate, leading zeros included.
    if [&x, &y].into_iter().any(|coordinate| coordinate.len() != coordinate_bytes) {
        return Err(Unusable::Malformed);
    }
    Ok((kind, coordinate_bytes * 8, KeyMaterial::ec(&x, &y)))
}

fn decode(encoded: Option<&str>) -> Result<Vec<u8>, Unusable> {
    URL_SAFE_NO_PAD.decode(encoded.ok_or(Unusable::Malformed)?).map_err(|_| Unusable::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn modulus(bits: usize) -> String {
        let mut bytes = vec![0xff; bits / 8];
        bytes[0] = 0x80;
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn rsa(change: impl FnOnce(&mut serde_json::Value)) -> Result<(KeyId, PublicKey), Unusable> {
        let mut jwk = json!({"kty": "RSA", "kid": "k", "use": "sig", "alg": "RS256", "n": modulus(2048), "e": "AQAB"});
        change(&mut jwk);
        PublicKey::read(jwk)
    }

    fn remove(jwk: &mut serde_json::Value, member: &str) {
        jwk.as_object_mut().expect("a JWK is an object").remove(member);
    }

    #[test]
    fn a_key_works_with_the_algorithm_it_states_and_with_no_other() {
        let (_, key) = rsa(|_| ()).expect("a usable key");
        assert!(key.fits(Algorithm::Rs256));
        assert!(!key.fits(Algorithm::Ps256));
        assert!(!key.fits(Algorithm::Es256));
    }

    #[test]
    fn a_key_that_states_no_algorithm_works_with_every_one_of_its_type() {
        let (_, key) = rsa(|jwk| remove(jwk, "alg")).expect("a usable key");
        assert!(key.fits(Algorithm::Rs512) && key.fits(Algorithm::Ps256));
        assert!(!key.fits(Algorithm::Es256));
    }

    #[test]
    fn use_may_be_absent() {
        assert!(rsa(|jwk| remove(jwk, "use")).is_ok());
    }

    #[test]
    fn what_cannot_check_signatures_is_left_aside() {
        let reason = |change: fn(&mut serde_json::Value)| rsa(change).err();
        assert_eq!(reason(|jwk| jwk["use"] = json!("enc")), Some(Unusable::NotForSignatures));
        assert_eq!(reason(|jwk| jwk["key_ops"] = json!(["encrypt"])), Some(Unusable::NotForSignatures));
        assert_eq!(reason(|jwk| jwk["kty"] = json!("oct")), Some(Unusable::UnsupportedType));
        assert_eq!(reason(|jwk| jwk["alg"] = json!("RSA-OAEP")), Some(Unusable::UnsupportedAlgorithm));
        assert_eq!(reason(|jwk| jwk["alg"] = json!("ES256")), Some(Unusable::UnsupportedAlgorithm));
        assert_eq!(reason(|jwk| remove(jwk, "kid")), Some(Unusable::NoKeyId));
        assert_eq!(reason(|jwk| remove(jwk, "n")), Some(Unusable::Malformed));
        assert_eq!(reason(|jwk| jwk["e"] = json!("AA")), Some(Unusable::Malformed));
        assert_eq!(reason(|jwk| jwk["kid"] = json!(7)), Some(Unusable::Malformed));
        assert_eq!(reason(|jwk| *jwk = json!(["RSA"])), Some(Unusable::Malformed));
    }

    #[test]
    fn rsa_keys_have_2048_to_8192_bits() {
        for (bits, usable) in [(1024, false), (2040, false), (2048, true), (4096, true), (8192, true), (8200, false)] {
            assert_eq!(rsa(|jwk| jwk["n"] = json!(modulus(bits))).is_ok(), usable, "{bits} bits");
        }
        // Leading zeros do not make a short key long.
        let padded = URL_SAFE_NO_PAD.encode([vec![0; 128], vec![0xff; 128]].concat());
        assert_eq!(rsa(|jwk| jwk["n"] = json!(padded)).err(), Some(Unusable::RsaKeySize));
    }

    #[test]
    fn elliptic_coordinates_have_the_size_of_their_curve() {
        let point = |curve: &str, x: &str, y: &str| {
            PublicKey::read(json!({"kty": "EC", "kid": "k", "crv": curve, "x": x, "y": y})).err()
        };
        let ec = |curve: &str, bytes: usize| {
            let coordinate = URL_SAFE_NO_PAD.encode(vec![1; bytes]);
            point(curve, &coordinate, &coordinate)
        };
        // The generator (SEC 2 §2.5.1).
        let x = "qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3";
        let y = "NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f";
        assert_eq!(point("P-384", x, y), None);
        assert_eq!(ec("P-256", 32), Some(Unusable::Unsound));
        assert_eq!(ec("P-384", 48), Some(Unusable::Unsound));
        assert_eq!(ec("P-256", 31), Some(Unusable::Malformed));
        assert_eq!(ec("P-384", 32), Some(Unusable::Malformed));
        assert_eq!(ec("secp256k1", 32), Some(Unusable::UnsupportedType));
    }
}
