//! What an issuer answers about its keys.

use std::time::Duration;

use domain::UnixTime;

use crate::KeySet;
use crate::fetch_validator::Validator;

/// A good answer.
#[derive(Debug)]
pub struct KeyAnswer {
    /// The keys.
    pub keys: AnsweredKeys,
    /// For how long the issuer lets the answer be used (`Cache-Control`), if it says so. The cache holds it within bounds.
    pub freshness: Option<Duration>,
    /// The issuer's own time (`Date`), if it tells.
    pub date: Option<UnixTime>,
}

/// The keys of an answer.
#[derive(Debug)]
pub enum AnsweredKeys {
    /// A whole set, and by what the issuer will recognise it.
    Set(KeySet, Option<Validator>),
    /// The set that goes by the validator that was asked with.
    NotModified,
}

impl KeyAnswer {
    /// A set about which the issuer says nothing else.
    #[must_use]
    pub fn of(set: KeySet) -> Self {
        Self { keys: AnsweredKeys::Set(set, None), freshness: None, date: None }
    }
}
