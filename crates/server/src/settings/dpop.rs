//! Tokens that are bound to a key (RFC 9449).

use std::time::Duration;

use auth0_verify::dpop::{DpopMode, PublicUrl, ServerNonces};
use domain::Secret;

use super::http::HttpSettings;
use super::key;
use super::reader::Reader;

/// How bound tokens are taken.
#[derive(Clone, Debug)]
pub struct DpopSettings {
    /// Beside plain ones, or instead of them.
    pub mode: DpopMode,
    /// What the URLs of proofs begin with.
    pub public_url: PublicUrl,
    /// How long a proof is good after it was made.
    pub proof_max_age: Duration,
    /// What nonces are made with, the first of them, and known by; without one, proofs need no nonce.
    pub nonce_secrets: Vec<Secret>,
}

impl DpopSettings {
    /// Reads the group: `Some(None)` where DPoP is off. All problems are noted even then.
    pub(super) fn read(reader: &mut Reader, http: Option<&HttpSettings>) -> Option<Option<Self>> {
        let mode = reader.required(key::DPOP, str::parse::<DpopMode>);
        let proof_max_age = reader.number(key::DPOP_PROOF_MAX_AGE, "seconds", 1..=600).map(Duration::from_secs);
        let nonce_secrets = reader.list(key::DPOP_NONCE_SECRET, nonce_secret);
        let mode = mode?;
        if mode == DpopMode::Off {
            return (proof_max_age.is_some() && nonce_secrets.is_some()).then_some(None);
        }
        if !reader.is_set(key::PUBLIC_URL) {
            reader.miss(key::PUBLIC_URL, "the URL by which clients reach the server, because proofs name it");
            return None;
        }
        let public_url = http.and_then(|http| http.public_url.as_ref())?.as_str();
        let public_url =
            PublicUrl::parse(public_url).map_err(|error| reader.refuse(key::PUBLIC_URL, error.to_string()));
        Some(Some(Self {
            mode,
            public_url: public_url.ok()?,
            proof_max_age: proof_max_age?,
            nonce_secrets: nonce_secrets?,
        }))
    }
}

fn nonce_secret(text: &str) -> Result<Secret, String> {
    if text.len() < ServerNonces::MIN_SECRET_BYTES {
        return Err(format!("expected secrets of at least {} bytes each", ServerNonces::MIN_SECRET_BYTES));
    }
    Ok(Secret::new(text))
}
