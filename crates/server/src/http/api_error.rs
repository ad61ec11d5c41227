//! Every answer that is not a success: status, code, message and headers, in one place.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, SEC_WEBSOCKET_VERSION};
use actix_web::{HttpResponse, ResponseError};
use actix_web_httpauth::headers::www_authenticate::WwwAuthenticate;
use auth0_verify::Refusal;
use auth0_verify_actix::Denial;
use domain::{BoxError, ConfirmError, Rejection, SyncError};

use crate::http::challenge::Challenge;

/// What went wrong, seen from outside, with the cause that only the log gets to see.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// The caller is not let in: no token, a bad one, no such user, or nobody can tell at present.
    Denied(Denial),
    /// A delivery of events came without a bearer.
    NoEventsToken,
    /// The bearer of a delivery of events is none of ours.
    WrongEventsToken,
    /// The body names somebody other than the token does, or the token is no person's.
    NotYourIdentity,
    /// A socket was asked for by a page that may not.
    OriginNotAllowed,
    /// Auth0 bars the user, or has no such user any more.
    UserBarred,
    NoSuchRoute,
    MethodNotAllowed {
        allow: &'static str,
    },
    /// A path of sockets was asked for something else.
    NoHandshake,
    InvalidBody,
    BodyTooLarge,
    BodyNotJson,
    BodyTooSlow,
    EmailTaken,
    /// Too many requests are waiting already. It has no cause to be logged: a metric counts it.
    Overloaded,
    /// Our own trouble that passes.
    Unavailable(BoxError),
    /// Our own trouble that does not.
    Internal(BoxError),
}

impl ApiError {
    /// How long a client should wait before it tries again, in seconds.
    const RETRY_AFTER_SECS: u32 = Refusal::RETRY_AFTER_SECS;

    /// The code and the message, as clients compare them.
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Denied(denial) => denial.words(),
            Self::NoEventsToken | Self::WrongEventsToken => ("unauthorized", "Invalid or expired token"),
            Self::NotYourIdentity => ("forbidden", "auth0_id does not match the token"),
            Self::OriginNotAllowed => ("forbidden", "Origin not allowed"),
            Self::UserBarred => ("forbidden", "User is blocked"),
            Self::NoSuchRoute => ("not_found", "Not found"),
            Self::MethodNotAllowed { .. } => ("method_not_allowed", "Method not allowed"),
            Self::NoHandshake => ("bad_request", "WebSocket handshake expected"),
            Self::InvalidBody => ("bad_request", "Invalid request body"),
            Self::BodyTooLarge => ("payload_too_large", "Payload too large"),
            Self::BodyNotJson => ("unsupported_media_type", "Unsupported media type"),
            Self::BodyTooSlow => ("request_timeout", "Request timed out"),
            Self::EmailTaken => ("conflict", "Email already belongs to another user"),
            Self::Overloaded | Self::Unavailable(_) => ("unavailable", "Temporarily unavailable"),
            Self::Internal(_) => ("internal", "Internal error"),
        }
    }

    /// Why a token was refused, for the access log.
    pub(crate) fn rejection(&self) -> Option<Rejection> {
        match self {
            Self::Denied(denial) => denial.rejection(),
            _ => None,
        }
    }

    /// What is behind our own trouble, for the log.
    pub(crate) fn cause(&self) -> Option<&BoxError> {
        match self {
            Self::Unavailable(cause) | Self::Internal(cause) => Some(cause),
            Self::Denied(denial) => denial.trouble(),
            _ => None,
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Denied(denial) => StatusCode::from_u16(denial.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            Self::NoEventsToken | Self::WrongEventsToken => StatusCode::UNAUTHORIZED,
            Self::NotYourIdentity | Self::OriginNotAllowed | Self::UserBarred => StatusCode::FORBIDDEN,
            Self::NoSuchRoute => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::NoHandshake | Self::InvalidBody => StatusCode::BAD_REQUEST,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyNotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::EmailTaken => StatusCode::CONFLICT,
            Self::Overloaded | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let (code, message) = self.words();
        let mut answer = HttpResponse::build(self.status_code());
        match self {
            Self::Denied(denial) => {
                denial.headers().into_iter().fold(&mut answer, |answer, header| answer.append_header(header))
            }
            Self::NoEventsToken => answer.insert_header(WwwAuthenticate(Challenge::EVENTS)),
            Self::WrongEventsToken => answer.insert_header(WwwAuthenticate(Challenge::WRONG_EVENTS_TOKEN)),
            // Which version would do (RFC 6455 §4.4).
            Self::NoHandshake => answer.insert_header((SEC_WEBSOCKET_VERSION, "13")),
            Self::MethodNotAllowed { allow } => answer.insert_header((ALLOW, *allow)),
            Self::Overloaded | Self::Unavailable(_) => {
                answer.insert_header((RETRY_AFTER, Self::RETRY_AFTER_SECS.to_string()))
            }
            _ => &mut answer,
        };
        answer.content_type("application/json").body(format!(r#"{{"error":"{code}","message":"{message}"}}"#))
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().1)
    }
}

impl From<Denial> for ApiError {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<SyncError> for ApiError {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::NotYourIdentity => Self::NotYourIdentity,
            SyncError::UnknownToAuth0 | SyncError::Blocked => Self::UserBarred,
            SyncError::EmailTaken => Self::EmailTaken,
            SyncError::Unavailable(cause) => Self::Unavailable(cause),
            SyncError::Failed(cause) => Self::Internal(cause),
        }
    }
}

impl From<ConfirmError> for ApiError {
    fn from(error: ConfirmError) -> Self {
        Self::Denied(Denial::NoUser(error))
    }
}
