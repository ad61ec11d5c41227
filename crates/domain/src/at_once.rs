//! What can be told of a token without waiting.

use std::fmt;
use std::sync::Arc;

use crate::{VerifiedToken, VerifyError};

/// How far a token could be judged without waiting.
#[derive(Debug)]
pub enum AtOnce {
    /// To the end.
    Judged(Result<Arc<VerifiedToken>, VerifyError>),
    /// Only a fetch of the issuer's keys can tell: call [`TokenVerifier::verify`](crate::TokenVerifier::verify).
    NeedsKeys {
        /// Whose keys: the issuer's place in [`TokenVerifier::key_reports`](crate::TokenVerifier::key_reports).
        issuer: usize,
    },
    /// All is well with token and proof; whether the proof was used before, a store must tell.
    NeedsStore(UnsettledToken),
}

/// A token that is good unless its proof was used before.
pub struct UnsettledToken(Box<dyn FnOnce() -> Result<Arc<VerifiedToken>, VerifyError> + Send>);

impl UnsettledToken {
    /// A token that the question will settle.
    #[must_use]
    pub fn new(question: impl FnOnce() -> Result<Arc<VerifiedToken>, VerifyError> + Send + 'static) -> Self {
        Self(Box::new(question))
    }

    /// Asks the store; belongs on a thread that may block.
    ///
    /// # Errors
    /// As [`TokenVerifier::verify`](crate::TokenVerifier::verify).
    pub fn settle(self) -> Result<Arc<VerifiedToken>, VerifyError> {
        (self.0)()
    }
}

impl fmt::Debug for UnsettledToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnsettledToken(…)")
    }
}
