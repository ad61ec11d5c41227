//! `WWW-Authenticate` (RFC 6750 §3).

use actix_web::http::header::HeaderValue;

/// What a client is told about the credentials that we want.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Challenge {
    /// None came: the scheme alone, without an error (RFC 6750 §3.1).
    Bare,
    /// A token came and is not good.
    InvalidToken,
}

impl Challenge {
    /// The header's value. Parameters are set apart by commas (RFC 9110 §11.2), where actix-web-httpauth's own rendering
    /// puts spaces.
    pub(crate) fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Bare => r#"Bearer realm="authsync""#,
            Self::InvalidToken => r#"Bearer realm="authsync", error="invalid_token""#,
        })
    }
}
