//! Fetching an issuer's key set.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;
use std::time::UNIX_EPOCH;

use auth0_http::agent_for;
use domain::UnixTime;
use ureq::Agent;
use ureq::http::StatusCode;
use ureq::http::header::{CACHE_CONTROL, DATE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};

use crate::fetch_freshness::stated_freshness;
use crate::fetch_validator::Validator;
use crate::key_answer::{AnsweredKeys, KeyAnswer};
use crate::key_set::KeySetError;
use crate::{Issuer, KeySet};

/// Brings the issuer's current keys.
pub trait KeyFetcher: Send + Sync {
    /// One attempt, bounded in time and size. With the validator of a set that is at hand the issuer may answer that it
    /// has not changed; without one such an answer is an error.
    ///
    /// # Errors
    /// [`FetchError`]; the keys in use stay then.
    fn fetch(&self, known: Option<&Validator>) -> Result<KeyAnswer, FetchError>;
}

/// Why a fetch brought no keys.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No answer, or not in time, or larger than [`HttpKeyFetcher::MAX_BODY_BYTES`].
    #[error("the issuer gave no usable answer")]
    NoAnswer(#[source] ureq::Error),
    /// An answer other than 200, or a 304 that was not asked for; redirects are not followed.
    #[error("the issuer answered {0}")]
    Status(StatusCode),
    /// 200, but no key set that we could use.
    #[error("the issuer's answer is not a usable key set")]
    BadSet(#[from] KeySetError),
    /// The fetcher panicked.
    #[error("a defect of what fetches the keys")]
    Defect,
}

/// One attempt of a fetcher that may have defects: a panic of it has failed like any other, and is no end of fetching.
pub(crate) fn attempt(fetcher: &dyn KeyFetcher, known: Option<&Validator>) -> Result<KeyAnswer, FetchError> {
    catch_unwind(AssertUnwindSafe(|| fetcher.fetch(known))).unwrap_or(Err(FetchError::Defect))
}

/// Fetches from the issuer's `/.well-known/jwks.json`.
#[derive(Debug)]
pub struct HttpKeyFetcher {
    /// Made at the first fetch, by the thread that fetches: it takes reading the machine's trusted certificates, for which
    /// nothing else has to wait.
    agent: LazyLock<Agent, Box<dyn FnOnce() -> Agent + Send>>,
    url: String,
}

impl HttpKeyFetcher {
    /// The largest answer that is read. Auth0's are about 3 KiB.
    pub const MAX_BODY_BYTES: u64 = 64 * 1024;

    /// A fetcher for one issuer.
    #[must_use]
    pub fn new(issuer: &Issuer) -> Self {
        let base_url = issuer.as_str().to_owned();
        Self { agent: LazyLock::new(Box::new(move || agent_for(&base_url))), url: issuer.jwks_url() }
    }
}

impl KeyFetcher for HttpKeyFetcher {
    fn fetch(&self, known: Option<&Validator>) -> Result<KeyAnswer, FetchError> {
        let request = self.agent.get(&self.url);
        let request = match known {
            Some(validator) => request.header(IF_NONE_MATCH, validator.as_str()),
            None => request,
        };
        let mut answer = request.call().map_err(FetchError::NoAnswer)?;
        let freshness = stated_freshness(answer.headers().get_all(CACHE_CONTROL).iter().map(HeaderValue::as_bytes));
        let date = date_of(answer.headers());
        let validator = validator_of(answer.headers());
        let keys = match (answer.status(), known) {
            (StatusCode::OK, _) => {
                let body = answer.body_mut().with_config().limit(Self::MAX_BODY_BYTES);
                AnsweredKeys::Set(KeySet::parse(&body.read_to_vec().map_err(FetchError::NoAnswer)?)?, validator)
            }
            // RFC 9111 §4.3.4: word about another set is no word about this one.
            (StatusCode::NOT_MODIFIED, Some(known)) if validator.is_none_or(|named| named.matches(known)) => {
                AnsweredKeys::NotModified
            }
            (status, _) => return Err(FetchError::Status(status)),
        };
        Ok(KeyAnswer { keys, freshness, date })
    }
}

/// Of two validators, none.
fn validator_of(headers: &HeaderMap) -> Option<Validator> {
    let mut values = headers.get_all(ETAG).iter();
    values.next().filter(|_| values.next().is_none()).and_then(|value| Validator::parse(value.as_bytes()))
}

fn date_of(headers: &HeaderMap) -> Option<UnixTime> {
    let time = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    let since_epoch = time.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since_epoch.as_secs()).ok().map(UnixTime::from_secs)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_fetch_has_three_seconds_to_connect_five_in_all_and_no_redirects() {
        let fetcher = HttpKeyFetcher::new(&Issuer::parse("acme.eu.auth0.com").expect("a domain"));
        let config = fetcher.agent.config();
        assert_eq!(config.timeouts().connect, Some(Duration::from_secs(3)));
        assert_eq!(config.timeouts().global, Some(Duration::from_secs(5)));
        assert_eq!(config.max_redirects(), 0);
        assert_eq!(HttpKeyFetcher::MAX_BODY_BYTES, 65_536);
    }
}
