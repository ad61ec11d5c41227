//! Whose token it is.

use std::collections::HashMap;
use std::io;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

/// The issuer's keys and what a token must say.
pub struct Tokens {
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

impl Tokens {
    /// With the keys that are published at this moment.
    pub fn fetch(jwks_url: &str, issuer: &str, audience: &str) -> io::Result<Self> {
        let keys: JwkSet = ureq::get(jwks_url)
            .call()
            .and_then(|mut answer| answer.body_mut().read_json())
            .map_err(io::Error::other)?;
        let keys = keys.keys.iter().filter_map(|jwk| {
            let kid = jwk.common.key_id.clone()?;
            Some((kid, DecodingKey::from_jwk(jwk).ok()?))
        });
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        Ok(Self { keys: keys.collect(), validation })
    }

    /// The subject of a good token.
    pub fn subject(&self, token: &str) -> Option<String> {
        let kid = decode_header(token).ok()?.kid?;
        let token = decode::<Claims>(token, self.keys.get(&kid)?, &self.validation).ok()?;
        Some(token.claims.sub)
    }
}
