//! Why no events come.

use std::io;
use std::time::Duration;

use domain::UnixTime;

use crate::ManagementError;

/// Why a stream of events did not come about, or ended otherwise than by being closed.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The client's tokens do not reach as far as reading events, or the tenant has none. For the operator to mend.
    #[error(
        "auth0 refuses the events: the client of AUTH0_CLIENT_ID lacks the scope read:events of the management api, or \
         the tenant's plan has no events"
    )]
    MissingScope,
    /// The client exists, but may have no token for this domain's Management API. For the operator to mend.
    #[error(
        "auth0 does not authorize the client of AUTH0_CLIENT_ID for the management api of this domain \
         (authorize it for read:events; a custom domain has no management api of its own)"
    )]
    NotAuthorized,
    /// The position is too old to go on from (410).
    #[error("auth0 no longer has the events from this position on")]
    PositionExpired,
    /// The position is none (400).
    #[error("auth0 does not take this position in its events")]
    PositionRefused,
    /// No stream came about.
    #[error("auth0's events cannot be read")]
    Management(#[source] ManagementError),
    /// The connection broke off, or nothing came for too long.
    #[error("the stream of events broke off")]
    BrokenOff(#[source] io::Error),
    /// Auth0 ended the stream with an error.
    #[error("auth0 ended the stream: {code}")]
    Ended {
        /// Auth0's word for it.
        code: String,
    },
}

impl StreamError {
    /// Whether waiting is of no use because the operator has to change something.
    #[must_use]
    pub fn is_misconfiguration(&self) -> bool {
        match self {
            Self::MissingScope | Self::NotAuthorized => true,
            Self::Management(error) => error.is_misconfiguration(),
            _ => false,
        }
    }

    /// For how long Auth0 wants to be left alone, if it says so.
    #[must_use]
    pub fn asks_for(&self, now: UnixTime) -> Option<Duration> {
        match self {
            Self::Management(ManagementError::RateLimited { until }) => Some(until.since(now)),
            _ => None,
        }
    }
}

impl From<ManagementError> for StreamError {
    fn from(error: ManagementError) -> Self {
        match error {
            ManagementError::NotAuthorized => Self::NotAuthorized,
            ManagementError::MissingScope => Self::MissingScope,
            other => Self::Management(other),
        }
    }
}
