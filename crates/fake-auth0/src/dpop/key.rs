//! A client's key.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::ProofBuilder;
use crate::algorithm::{Algorithm, KeyType};
use crate::keys::SigningKey;

/// A key that a client made for itself. Cheap to clone.
#[derive(Clone, Debug)]
pub struct DpopKey {
    key: SigningKey,
}

impl DpopKey {
    /// A key for ES256, as browsers make it.
    #[must_use]
    pub fn generate() -> Self {
        Self::generate_for(Algorithm::Es256)
    }

    /// A key for this algorithm.
    #[must_use]
    pub fn generate_for(algorithm: Algorithm) -> Self {
        Self { key: SigningKey::draw(algorithm) }
    }

    /// The public half with the members that every such key has, and no others.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let jwk = self.key.jwk();
        let members: Map<String, Value> =
            self.members().iter().filter_map(|name| Some(((*name).to_owned(), jwk.get(*name)?.clone()))).collect();
        Value::Object(members)
    }

    /// Its thumbprint (RFC 7638): what `cnf.jkt` holds in a token that is bound to it.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        // The members in the order of their names, without white space: as `serde_json` writes a map.
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.jwk().to_string().as_bytes()))
    }

    /// A good proof of now for a request without a token, to be changed before it is made.
    pub fn proof(&self, method: &str, url: &str) -> ProofBuilder {
        ProofBuilder::new(self, method, url)
    }

    /// The key as the tenant's own keys are.
    #[must_use]
    pub fn signing_key(&self) -> &SigningKey {
        &self.key
    }

    fn members(&self) -> &'static [&'static str] {
        match self.key.algorithm().key_type() {
            KeyType::Rsa => &["e", "kty", "n"],
            KeyType::P256 | KeyType::P384 => &["crv", "kty", "x", "y"],
        }
    }

    pub(super) fn header(&self) -> [(&'static str, Value); 3] {
        [("typ", json!("dpop+jwt")), ("alg", json!(self.key.algorithm().name())), ("jwk", self.jwk())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbprint_is_made_of_the_members_in_the_order_of_their_names() {
        let jwk = DpopKey::generate().jwk().to_string();
        let places: Vec<_> = ["\"crv\":", "\"kty\":", "\"x\":", "\"y\":"].map(|name| jwk.find(name)).into();
        assert!(places.is_sorted() && places.iter().all(Option::is_some) && !jwk.contains(' '), "{jwk}");
        assert_eq!(jwk.matches("\":").count(), 4, "{jwk}");
    }

    #[test]
    fn no_two_keys_have_one_thumbprint() {
        let (one, other) = (DpopKey::generate(), DpopKey::generate());
        assert_eq!(one.thumbprint().len(), 43);
        assert_ne!(one.thumbprint(), other.thumbprint());
    }
}
