//! Who signs a token, and what it says about that in its header.

use aws_lc_rs::hmac;

use crate::algorithm::Algorithm;
use crate::keys::{KeyRing, KeyRole, SigningKey};

/// Whose key signs a token. Whatever it is, the header's `kid` is that of the tenant's key which the token pretends
/// to be signed with, unless `kid` is set.
#[derive(Clone, Debug)]
pub enum SigningKeyChoice {
    /// The tenant's current key.
    Current,
    /// The key that signed before the last rotation; the current one if there was no rotation.
    Previous,
    /// The key that is published ahead of the next rotation.
    Next,
    /// The tenant's key of this `kid`, published or not; the current one if there is none.
    Kid(String),
    /// A key that no tenant publishes, under the `kid` of the tenant's current key: a forgery.
    Stranger,
    /// This key, another tenant's for example, under the `kid` of the tenant's current key: a forgery.
    Key(SigningKey),
    /// HS256 with the PEM of the tenant's public key as the secret: the classic confusion of key types.
    Hs256WithPublicKeyPem,
    /// HS256 with the DER of the tenant's public key as the secret.
    Hs256WithPublicKeyDer,
    /// HS256 with the JWK of the tenant's public key, as the key set shows it, as the secret.
    Hs256WithPublicJwk,
    /// No signature: `alg` is `none` and the third part is empty.
    Nobody,
}

/// What a choice comes to for one token.
pub(super) struct Signer {
    pub(super) kid: String,
    pub(super) alg: String,
    means: Means,
}

enum Means {
    Key(SigningKey, Algorithm),
    Secret(Vec<u8>),
    Nothing,
}

impl Signer {
    pub(super) fn choose(ring: &KeyRing, choice: Option<&SigningKeyChoice>, algorithm: Option<Algorithm>) -> Self {
        let current = ring.current();
        let secret =
            |secret| Self { kid: current.kid().to_owned(), alg: "HS256".to_owned(), means: Means::Secret(secret) };
        let key_of_role = |role| Self::with_key(ring.by_role(role).unwrap_or(current), algorithm);
        match choice {
            None => {
                let wanted = algorithm.unwrap_or(current.algorithm()).key_type();
                let fitting = if current.key_type() == wanted { None } else { ring.published_of_type(wanted) };
                Self::with_key(fitting.unwrap_or(current), algorithm)
            }
            Some(SigningKeyChoice::Current) => Self::with_key(current, algorithm),
            Some(SigningKeyChoice::Previous) => key_of_role(KeyRole::Previous),
            Some(SigningKeyChoice::Next) => key_of_role(KeyRole::Next),
            Some(SigningKeyChoice::Kid(kid)) => Self::with_key(ring.by_kid(kid).unwrap_or(current), algorithm),
            Some(SigningKeyChoice::Stranger) => {
                let stranger = SigningKey::stranger(algorithm.unwrap_or(current.algorithm()));
                Self::with_key(&stranger.with_kid(current.kid()), algorithm)
            }
            Some(SigningKeyChoice::Key(key)) => Self::with_key(&key.with_kid(current.kid()), algorithm),
            Some(SigningKeyChoice::Hs256WithPublicKeyPem) => secret(current.public_key_pem().into_bytes()),
            Some(SigningKeyChoice::Hs256WithPublicKeyDer) => secret(current.public_key_der()),
            Some(SigningKeyChoice::Hs256WithPublicJwk) => secret(current.jwk().to_string().into_bytes()),
            Some(SigningKeyChoice::Nobody) => {
                Self { kid: current.kid().to_owned(), alg: "none".to_owned(), means: Means::Nothing }
            }
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.means {
            Means::Key(key, algorithm) => key.sign(*algorithm, message).unwrap_or_default(),
            Means::Secret(secret) => hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec(),
            Means::Nothing => Vec::new(),
        }
    }

    /// A key that cannot sign with the algorithm lends its `kid` to a stranger's signature.
    fn with_key(key: &SigningKey, algorithm: Option<Algorithm>) -> Self {
        let algorithm = algorithm.unwrap_or(key.algorithm());
        let fits = key.key_type() == algorithm.key_type();
        let signing = if fits { key.clone() } else { SigningKey::stranger(algorithm) };
        Self { kid: key.kid().to_owned(), alg: algorithm.name().to_owned(), means: Means::Key(signing, algorithm) }
    }
}
