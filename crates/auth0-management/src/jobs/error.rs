//! Why a job could not be begun, looked at or fetched.

use super::ExportBroken;
use crate::ManagementError;

/// Why a job could not be begun, looked at or fetched.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Auth0 was not to be had for longer than the patience lasts, or answers what it cannot have meant.
    #[error("auth0 does not do what it was asked for")]
    Auth0(#[source] ManagementError),
    /// Auth0 does not accept the client's id and secret. For the operator to mend.
    #[error("auth0 refused the credentials in AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET")]
    RefusedCredentials,
    /// The client exists, but may have no token for this domain's Management API. For the operator to mend.
    #[error(
        "auth0 does not authorize the client of AUTH0_CLIENT_ID for the management api of this domain \
         (authorize it for {scope}; a custom domain has no management api of its own)"
    )]
    NotAuthorized {
        /// The scope that is needed here.
        scope: String,
    },
    /// The client's tokens lack a scope. For the operator to mend.
    #[error("the client of AUTH0_CLIENT_ID lacks the scope {scope} of the management api")]
    MissingScope {
        /// The scope, or those of which one is enough, as Auth0 names them.
        scope: String,
    },
    /// The connection broke off, or Auth0 failed, while it was told to begin a job that must not be begun twice. It may
    /// be under way. Sent again, users of the file that are there already are refused one by one, and nothing else happens.
    #[error("it is not known whether auth0 has begun the import")]
    Unsure(#[source] ManagementError),
    /// Auth0 does not take the request.
    #[error("auth0 answered {status}: {message}")]
    Refused {
        /// The status.
        status: u16,
        /// What Auth0 says about it; perhaps nothing.
        message: String,
    },
    /// Auth0 does not know the job, or has forgotten it, as it does after a day.
    #[error("auth0 knows no such job (it forgets them after 24 hours)")]
    NoSuchJob,
    /// The job has failed as a whole.
    #[error("the job has failed: {0}")]
    Failed(String),
    /// The job was not over when the patience was.
    #[error("the job is not over in time")]
    NotOver,
    /// The job is over and has no file, or one at an address that is not to be trusted.
    #[error("the export has no file: {0}")]
    NoFile(&'static str),
    /// The file of an export ended too soon.
    #[error(transparent)]
    Broken(#[from] ExportBroken),
    /// The [`Waiter`](super::Waiter) made an end.
    #[error("interrupted")]
    Interrupted,
}

impl JobError {
    /// Whether the operator has to change something at Auth0 or in the settings.
    #[must_use]
    pub fn is_misconfiguration(&self) -> bool {
        matches!(self, Self::RefusedCredentials | Self::NotAuthorized { .. } | Self::MissingScope { .. })
    }

    /// What an error of the token or of a request means to one who needs this scope.
    pub(super) fn from_management(error: ManagementError, scope: &str) -> Self {
        match error {
            ManagementError::RefusedCredentials => Self::RefusedCredentials,
            ManagementError::NotAuthorized => Self::NotAuthorized { scope: scope.to_owned() },
            other => Self::Auth0(other),
        }
    }
}
