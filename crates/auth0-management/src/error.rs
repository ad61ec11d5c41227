//! Why Auth0 could not be asked.

use std::sync::Arc;

use domain::UnixTime;

/// Why there is no answer about a user: the source of every [`DirectoryError`](domain::DirectoryError) of this crate.
#[non_exhaustive]
#[derive(Clone, Debug, thiserror::Error)]
pub enum ManagementError {
    /// No connection, or one that broke off.
    #[error("auth0 is out of reach")]
    Unreachable(#[source] Arc<ureq::Error>),
    /// The time was up before there was an answer.
    #[error("auth0 gave no answer in time")]
    TooSlow,
    /// A status that says nothing about the user: trouble on Auth0's side, or an answer of somebody in between.
    #[error("auth0 answered {0}")]
    Status(u16),
    /// Auth0's rate limit is used up (429, or `x-ratelimit-remaining: 0`).
    #[error("auth0 takes no requests until {} (unix time)", .until.as_secs())]
    RateLimited {
        /// When requests are taken again.
        until: UnixTime,
    },
    /// Our own budget ([`Limits`](crate::Limits)) is used up.
    #[error("the budget of requests to auth0 is used up")]
    OverBudget,
    /// Auth0 does not accept the client's id and secret. For the operator to mend.
    #[error("auth0 refused the credentials in AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET")]
    RefusedCredentials,
    /// The client exists, but may have no token for this domain's Management API. For the operator to mend.
    #[error(
        "auth0 does not authorize the client of AUTH0_CLIENT_ID for the management api of this domain \
         (authorize it for read:users; a custom domain has no management api of its own)"
    )]
    NotAuthorized,
    /// The client's tokens do not reach as far as reading users. For the operator to mend.
    #[error("the client of AUTH0_CLIENT_ID lacks the scope read:users of the management api")]
    MissingScope,
    /// An answer that is not what Auth0 answers.
    #[error("auth0's answer is unusable: {0}")]
    Garbage(&'static str),
}

impl ManagementError {
    /// Whether waiting is of no use because the operator has to change something.
    #[must_use]
    pub fn is_misconfiguration(&self) -> bool {
        matches!(self, Self::RefusedCredentials | Self::NotAuthorized | Self::MissingScope)
    }

    /// Whether it is likely to meet the next request as well, whoever that one is about.
    pub(crate) fn is_outage(&self) -> bool {
        // 408 says as little of the request as a 5xx: it did not come in time (RFC 9110 §15.5.9).
        matches!(self, Self::Unreachable(_) | Self::TooSlow | Self::Status(408 | 500..))
    }
}

impl From<ureq::Error> for ManagementError {
    fn from(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Timeout(_) => Self::TooSlow,
            ureq::Error::BodyExceedsLimit(_) => Self::Garbage("it is too long"),
            other => Self::Unreachable(Arc::new(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_operator_must_mend_is_no_outage() {
        let mendable =
            [ManagementError::RefusedCredentials, ManagementError::NotAuthorized, ManagementError::MissingScope];
        for error in mendable {
            assert!(error.is_misconfiguration() && !error.is_outage(), "{error}");
        }
        for error in [ManagementError::TooSlow, ManagementError::Status(500), ManagementError::Status(503)] {
            assert!(error.is_outage() && !error.is_misconfiguration(), "{error}");
        }
        // What one odd user id can bring about must not stand in the way of the others.
        for error in [ManagementError::Status(400), ManagementError::Garbage("odd"), ManagementError::OverBudget] {
            assert!(!error.is_outage() && !error.is_misconfiguration(), "{error}");
        }
    }
}
