//! A key with the name that a tenant gave it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::key_pool::{self, LentMaterial};
use crate::algorithm::{Algorithm, KeyType};

/// A private key and its `kid`. Cheap to clone; `Debug` shows the `kid` alone.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    algorithm: Algorithm,
    lent: LentMaterial,
}

impl SigningKey {
    pub(crate) fn draw(algorithm: Algorithm) -> Self {
        Self { kid: random_kid(), algorithm, lent: key_pool::draw(algorithm.key_type()) }
    }

    pub(super) fn draw_two(algorithm: Algorithm) -> (Self, Self) {
        let (one, other) = key_pool::draw_two(algorithm.key_type());
        (Self { kid: random_kid(), algorithm, lent: one }, Self { kid: random_kid(), algorithm, lent: other })
    }

    /// A key that no tenant publishes: an attacker's own. The same one at each call.
    #[must_use]
    pub fn stranger(algorithm: Algorithm) -> Self {
        let lent = key_pool::stranger(algorithm.key_type());
        Self { kid: format!("stranger-{}", algorithm.name().to_lowercase()), algorithm, lent }
    }

    /// The same key under another name.
    #[must_use]
    pub fn with_kid(&self, kid: impl Into<String>) -> Self {
        Self { kid: kid.into(), ..self.clone() }
    }

    /// The `kid`.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The `alg` that this key is published for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public half as a JWK with the members that Auth0 publishes: `kty`, `use`, `kid`, `alg`, `n` and `e` (or
    /// `crv`, `x`, `y`), and for RSA `x5t` and `x5c`.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let mut members = self.lent.material().jwk_members();
        members.insert("use".to_owned(), json!("sig"));
        members.insert("kid".to_owned(), json!(self.kid));
        members.insert("alg".to_owned(), json!(self.algorithm.name()));
        Value::Object(members)
    }

    /// The public half as `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn public_key_der(&self) -> Vec<u8> {
        self.lent.material().public_key_der()
    }

    /// The public half as PEM (`BEGIN PUBLIC KEY`), lines of 64 characters, ending in a line break.
    #[must_use]
    pub fn public_key_pem(&self) -> String {
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----");
        for (position, character) in STANDARD.encode(self.public_key_der()).chars().enumerate() {
            if position % 64 == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem.push_str("\n-----END PUBLIC KEY-----\n");
        pem
    }

    pub(crate) fn key_type(&self) -> KeyType {
        self.lent.material().key_type()
    }

    /// Signs, if the algorithm is one for this kind of key.
    pub(crate) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        self.lent.material().sign(algorithm, message)
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.lent.material().verifies(self.algorithm, message, signature)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// 21 characters of the base64url alphabet, as Auth0's are.
fn random_kid() -> String {
    let mut kid = crate::random::token(16);
    kid.truncate(21);
    kid
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn what_a_key_signs_it_also_verifies_and_nothing_else() {
        for algorithm in Algorithm::ALL {
            let key = SigningKey::draw(*algorithm);
            let signature = key.sign(*algorithm, b"message").unwrap();
            assert!(key.verifies(b"message", &signature), "{algorithm:?}");
            assert!(!key.verifies(b"another", &signature), "{algorithm:?}");
            assert!(!SigningKey::stranger(*algorithm).verifies(b"message", &signature), "{algorithm:?}");
        }
    }

    #[test]
    fn keys_held_at_the_same_time_differ() {
        let (one, other) = SigningKey::draw_two(Algorithm::Rs256);
        let third = SigningKey::draw(Algorithm::Rs256);
        assert_ne!(one.public_key_der(), other.public_key_der());
        assert_ne!(one.public_key_der(), third.public_key_der());
        assert_ne!(other.public_key_der(), third.public_key_der());
    }

    #[test]
    fn the_pem_is_the_der_in_lines_of_64() {
        let key = SigningKey::draw(Algorithm::Rs256);
        let pem = key.public_key_pem();
        let inner: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        assert_eq!(STANDARD.decode(inner).unwrap(), key.public_key_der());
        assert!(pem.lines().all(|line| line.len() <= 64));
    }

    #[test]
    fn a_kid_has_21_characters_of_base64url() {
        let kid = random_kid();
        assert_eq!(kid.len(), 21);
        assert!(URL_SAFE_NO_PAD.decode(&kid[..20]).is_ok());
    }
}
