//! One proof, as a client would make it or as none should.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::DpopKey;
use crate::algorithm::Algorithm;
use crate::random;
use crate::tokens::members::{Edit, Members};

/// A proof in the making (RFC 9449 §4.2). Changes to header and claims apply in the order of the calls.
#[derive(Clone, Debug)]
#[must_use = "a proof is made by `mint`"]
pub struct ProofBuilder {
    key: DpopKey,
    header: Members,
    claims: Members,
    signer: Signer,
}

/// Who signs, whatever the header says.
#[derive(Clone, Debug)]
enum Signer {
    Key(DpopKey, Algorithm),
    HmacWith(Vec<u8>),
    Nobody,
}

impl ProofBuilder {
    pub(super) fn new(key: &DpopKey, method: &str, url: &str) -> Self {
        let header =
            key.header().into_iter().fold(Members::default(), |header, (name, value)| header.with(name, value));
        let claims = Members::default()
            .with("jti", random::token(16))
            .with("htm", method)
            .with("htu", url)
            .with("iat", unix_time());
        let signer = Signer::Key(key.clone(), key.signing_key().algorithm());
        Self { key: key.clone(), header, claims, signer }
    }

    /// For a request with this access token: `ath`.
    pub fn for_token(self, token: &str) -> Self {
        self.claim("ath", URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes())))
    }

    /// With a nonce of the server.
    pub fn nonce(self, nonce: &str) -> Self {
        self.claim("nonce", nonce)
    }

    /// `iat`: seconds since 1970, fractions allowed.
    pub fn issued_at(self, time: impl Into<Value>) -> Self {
        self.claim("iat", time)
    }

    /// Sets a claim.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.apply(&Edit::Set(name.to_owned(), value.into().to_string()));
        self
    }

    /// Adds a claim at the end, even if there is one of that name.
    pub fn second_claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.apply(&Edit::Append(name.to_owned(), value.into().to_string()));
        self
    }

    /// Takes a claim out.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.apply(&Edit::Remove(name.to_owned()));
        self
    }

    /// Sets a header member.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.apply(&Edit::Set(name.to_owned(), value.into().to_string()));
        self
    }

    /// Adds a header member at the end, even if there is one of that name.
    pub fn second_header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.apply(&Edit::Append(name.to_owned(), value.into().to_string()));
        self
    }

    /// Takes a header member out.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.apply(&Edit::Remove(name.to_owned()));
        self
    }

    /// Sets a member of the embedded key.
    pub fn jwk_member(self, name: &str, value: impl Into<Value>) -> Self {
        let mut jwk = self.key.jwk();
        if let Some(members) = jwk.as_object_mut() {
            members.insert(name.to_owned(), value.into());
        }
        self.header("jwk", jwk)
    }

    /// Signs with another key, and leaves the header as it is: a forgery.
    pub fn signed_by(mut self, key: &DpopKey) -> Self {
        self.signer = Signer::Key(key.clone(), key.signing_key().algorithm());
        self
    }

    /// Signs with HMAC-SHA256 and this secret; the header says `HS256`.
    pub fn signed_with_secret(mut self, secret: impl Into<Vec<u8>>) -> Self {
        self.signer = Signer::HmacWith(secret.into());
        self.header("alg", "HS256")
    }

    /// Leaves the third part empty.
    pub fn unsigned(mut self) -> Self {
        self.signer = Signer::Nobody;
        self
    }

    /// Makes the proof: JWS compact serialisation.
    #[must_use]
    pub fn mint(&self) -> String {
        self.sign(&self.header.to_json(), &self.claims.to_json())
    }

    /// Signs these texts in place of header and claims.
    #[must_use]
    pub fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = match &self.signer {
            Signer::Key(key, algorithm) => key.signing_key().sign(*algorithm, message.as_bytes()).unwrap_or_default(),
            Signer::HmacWith(secret) => {
                hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes()).as_ref().to_vec()
            }
            Signer::Nobody => Vec::new(),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The header as JSON text.
    #[must_use]
    pub fn header_json(&self) -> String {
        self.header.to_json()
    }

    /// The claims as JSON text.
    #[must_use]
    pub fn claims_json(&self) -> String {
        self.claims.to_json()
    }

    pub(super) fn key(&self) -> &DpopKey {
        &self.key
    }

    /// `iat` as it stands.
    pub(super) fn issue_time(&self) -> i64 {
        let claims: Value = serde_json::from_str(&self.claims.to_json()).unwrap_or_default();
        claims.get("iat").and_then(Value::as_i64).unwrap_or_default()
    }
}

fn unix_time() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
