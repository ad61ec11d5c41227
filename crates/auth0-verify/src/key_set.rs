//! An issuer's published keys (RFC 7517 §5), read as a whole.

use std::sync::Arc;

use serde::Deserialize;

use crate::jwk::{KeySerial, PublicKey};
use crate::key_id::KeyId;

/// The usable keys of one answer of the issuer; never changes.
#[derive(Debug)]
pub struct KeySet {
    /// As they were published. So few that looking through them is as fast as a map.
    keys: Vec<(KeyId, Arc<PublicKey>)>,
    document: Box<str>,
}

/// Why an answer is no key set that could replace the one in use.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    /// Not a JSON object with an array `keys`.
    #[error("not a JSON Web Key Set")]
    Malformed(#[source] Option<serde_json::Error>),
    /// More than [`KeySet::MAX_KEYS`].
    #[error("more than 32 keys")]
    TooManyKeys,
    /// Not one key that could check a signature.
    #[error("no usable key")]
    NoUsableKey,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

impl KeySet {
    /// The most keys that a set may hold. Auth0 publishes two or three.
    pub const MAX_KEYS: usize = 32;

    /// Reads an answer whole, or not at all. Keys that we cannot use are left aside with a line in the log.
    ///
    /// # Errors
    /// [`KeySetError`]: the answer must not replace a set that is in use.
    pub fn parse(body: &[u8]) -> Result<Self, KeySetError> {
        let text = str::from_utf8(body).map_err(|_| KeySetError::Malformed(None))?;
        // A derived `Deserialize` would take an array for the members in order.
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Err(KeySetError::Malformed(None));
        }
        let document: Document = serde_json::from_str(text).map_err(|error| KeySetError::Malformed(Some(error)))?;
        if document.keys.len() > Self::MAX_KEYS {
            return Err(KeySetError::TooManyKeys);
        }
        let mut keys: Vec<(KeyId, Arc<PublicKey>)> = Vec::new();
        for (position, jwk) in document.keys.into_iter().enumerate() {
            match PublicKey::read(jwk) {
                // The first of two keys with one name stays: a later one must not displace it.
                Ok((key_id, _)) if keys.iter().any(|(known, _)| *known == key_id) => {
                    log::debug!("key {position} of the set is left aside: another has its kid");
                }
                Ok((key_id, key)) => keys.push((key_id, Arc::new(key))),
                Err(reason) => log::debug!("key {position} of the set is left aside: {reason}"),
            }
        }
        if keys.is_empty() { Err(KeySetError::NoUsableKey) } else { Ok(Self { keys, document: text.into() }) }
    }

    /// The key of that name.
    #[must_use]
    pub fn find(&self, id: &KeyId) -> Option<Arc<PublicKey>> {
        self.keys.iter().find(|(known, _)| known == id).map(|(_, key)| Arc::clone(key))
    }

    /// The same set with those keys of an earlier one that it still has, so that they stay ready and what they verified
    /// stays known. A key that is told otherwise in any way is another key.
    pub(crate) fn keeping(mut self, earlier: &Self) -> Self {
        for (id, key) in &mut self.keys {
            if let Some(known) = earlier.find(id).filter(|known| known.is_like(key)) {
                *key = known;
            }
        }
        self
    }

    /// Whether this very key is in the set.
    pub(crate) fn holds(&self, key: KeySerial) -> bool {
        self.keys.iter().any(|(_, held)| held.serial() == key)
    }

    /// The usable keys, in the order in which they were published.
    pub fn keys(&self) -> impl Iterator<Item = (&KeyId, &PublicKey)> {
        self.keys.iter().map(|(id, key)| (id, &**key))
    }

    /// The set as it was published.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }

    /// How many usable keys there are; at least one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.keys.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    /// A point of P-256; there is another one with its `y`, and another one with its `x`.
    const X: [&str; 2] = ["axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY", "ZUiL1-LvCKe5TpFRMlSPG_xAOngbWLRi9VV5Tzm6isc"];
    const Y: [&str; 2] = ["T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU", "sBy9HAHlgGVxGBS1g_Bh6dQxzKmUzqExNEm_l8hArgo"];

    fn ec(kid: &str) -> Value {
        json!({"kty": "EC", "kid": kid, "crv": "P-256", "x": X[0], "y": Y[0]})
    }

    fn parse(document: &Value) -> Result<usize, String> {
        KeySet::parse(document.to_string().as_bytes()).map(|set| set.count()).map_err(|error| error.to_string())
    }

    #[test]
    fn keys_that_we_cannot_use_do_not_spoil_the_set() {
        let unknown = json!({"kty": "XYZ", "kid": "x"});
        assert_eq!(parse(&json!({"keys": [unknown, 7, {}, ec("a"), ec("b")]})), Ok(2));
    }

    #[test]
    fn a_set_without_a_usable_key_is_none() {
        assert_eq!(parse(&json!({"keys": []})), Err("no usable key".into()));
        assert_eq!(parse(&json!({"keys": [{"kty": "oct", "kid": "k", "k": "AA"}]})), Err("no usable key".into()));
    }

    #[test]
    fn a_set_of_numbers_that_can_verify_nothing_is_none() {
        let encode = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
        let (odd, even) = ([&[0x80; 255][..], &[1]].concat(), [0x80; 256]);
        let rsa = |n: &[u8], e: &[u8]| json!({"kty": "RSA", "kid": "a", "n": encode(n), "e": encode(e)});
        let point = |x: &str, y: &str| json!({"kty": "EC", "kid": "a", "crv": "P-256", "x": x, "y": y});
        let (zero, one) = (encode(&[0; 32]), encode(&[&[0; 31][..], &[1]].concat()));
        for good in [rsa(&odd, &[3]), rsa(&odd, &[1, 0, 1]), rsa(&odd, &[1, 0, 0, 0, 1]), point(X[1], Y[0])] {
            assert_eq!(parse(&json!({"keys": [good]})), Ok(1), "{good}");
        }
        for bad in [
            rsa(&even, &[1, 0, 1]),
            rsa(&odd, &[1]),
            rsa(&odd, &[2]),
            rsa(&odd, &[1, 0, 0]),
            rsa(&odd, &[2, 0, 0, 0, 1]),
            rsa(&odd, &[0xff; 256]),
            point(&one, &one),
            point(&zero, &zero),
            point(X[0], X[1]),
        ] {
            assert_eq!(parse(&json!({"keys": [bad]})), Err("no usable key".into()), "{bad}");
        }
    }

    #[test]
    fn a_set_has_at_most_32_keys() {
        let set_of = |count: usize| json!({"keys": (0..count).map(|n| ec(&n.to_string())).collect::<Vec<_>>()});
        assert_eq!(parse(&set_of(32)), Ok(32));
        assert_eq!(parse(&set_of(33)), Err("more than 32 keys".into()));
    }

    #[test]
    fn what_is_no_set_is_refused_whole() {
        let good = json!({"keys": [ec("a")]}).to_string();
        let truncated = &good.as_bytes()[..good.len() - 1];
        for body in [&b""[..], b"[]", b"{}", b"[[]]", br#"{"keys":{}}"#, b"<html>", truncated, b"{\"keys\":[]}{}"] {
            assert!(KeySet::parse(body).is_err(), "{body:?}");
        }
    }

    #[test]
    fn what_a_new_set_says_otherwise_is_another_key() {
        let set = |keys: &[Value]| KeySet::parse(json!({"keys": keys}).to_string().as_bytes()).expect("a set");
        let told = |change: fn(&mut Value)| {
            let mut key = ec("a");
            change(&mut key);
            key
        };
        let earlier = set(&[ec("a")]);
        let serial = earlier.find(&KeyId::new("a")).expect("the key").serial();
        assert!(earlier.holds(serial));
        for keys in [&[ec("a")][..], &[ec("b"), ec("a")], &[told(|key| key["use"] = "sig".into())]] {
            let anew = set(keys);
            assert!(!anew.holds(serial), "read anew");
            assert!(anew.keeping(&earlier).holds(serial));
        }
        for keys in [
            &[ec("b")][..],
            &[told(|key| key["alg"] = "ES256".into())],
            &[told(|key| key["x"] = X[1].into())],
            &[told(|key| key["y"] = Y[1].into()), ec("a")],
        ] {
            assert!(!set(keys).keeping(&earlier).holds(serial), "{keys:?}");
        }
    }

    #[test]
    fn of_two_keys_with_one_name_the_first_stays() {
        assert_eq!(parse(&json!({"keys": [ec("a"), ec("a")]})), Ok(1));
    }
}
