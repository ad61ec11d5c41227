//! Fetching an issuer's key set.

use auth0_http::agent_for;
use ureq::Agent;
use ureq::http::StatusCode;

use crate::key_set::KeySetError;
use crate::{Issuer, KeySet};

/// Brings the issuer's current keys.
pub trait KeyFetcher: Send + Sync {
    /// One attempt, bounded in time and size.
    ///
    /// # Errors
    /// [`FetchError`]; the keys in use stay then.
    fn fetch(&self) -> Result<KeySet, FetchError>;
}

/// Why a fetch brought no keys.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No answer, or not in time, or larger than [`HttpKeyFetcher::MAX_BODY_BYTES`].
    #[error("the issuer gave no usable answer")]
    NoAnswer(#[source] ureq::Error),
    /// An answer other than 200; redirects are not followed.
    #[error("the issuer answered {0}")]
    Status(StatusCode),
    /// 200, but no key set that we could use.
    #[error("the issuer's answer is not a usable key set")]
    BadSet(#[from] KeySetError),
}

/// Fetches from the issuer's `/.well-known/jwks.json`.
#[derive(Debug)]
pub struct HttpKeyFetcher {
    agent: Agent,
    url: String,
}

impl HttpKeyFetcher {
    /// The largest answer that is read. Auth0's are about 3 KiB.
    pub const MAX_BODY_BYTES: u64 = 64 * 1024;

    /// A fetcher for one issuer.
    #[must_use]
    pub fn new(issuer: &Issuer) -> Self {
        Self { agent: agent_for(issuer.as_str()), url: issuer.jwks_url() }
    }
}

impl KeyFetcher for HttpKeyFetcher {
    fn fetch(&self) -> Result<KeySet, FetchError> {
        let mut answer = self.agent.get(&self.url).call().map_err(FetchError::NoAnswer)?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Status(answer.status()));
        }
        let body =
            answer.body_mut().with_config().limit(Self::MAX_BODY_BYTES).read_to_vec().map_err(FetchError::NoAnswer)?;
        Ok(KeySet::parse(&body)?)
    }
}
