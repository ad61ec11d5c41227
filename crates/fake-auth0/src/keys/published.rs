//! The key set as `/.well-known/jwks.json` answers it.

use serde_json::{Value, json};

use super::KeyRing;

/// What is published beside or instead of the tenant's own keys.
#[derive(Debug, Default)]
pub(crate) struct PublishedKeys {
    raw: Option<Vec<u8>>,
    extra: Vec<Value>,
}

impl PublishedKeys {
    /// Answers with these bytes, whatever they are.
    pub(crate) fn replace(&mut self, bytes: Vec<u8>) {
        self.raw = Some(bytes);
    }

    pub(crate) fn add(&mut self, jwk: Value) {
        self.extra.push(jwk);
    }

    /// The same, unless there is one of that `kid`.
    pub(crate) fn add_once(&mut self, jwk: Value) {
        if !self.extra.iter().any(|extra| extra.get("kid") == jwk.get("kid")) {
            self.add(jwk);
        }
    }

    /// Back to the tenant's own keys alone.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn body(&self, ring: &KeyRing) -> Vec<u8> {
        match &self.raw {
            Some(bytes) => bytes.clone(),
            None => {
                let keys: Vec<Value> =
                    ring.published().map(|key| key.jwk()).chain(self.extra.iter().cloned()).collect();
                json!({ "keys": keys }).to_string().into_bytes()
            }
        }
    }
}
