//! `WWW-Authenticate` as actix-web sends it.

use std::fmt;

use actix_web::http::header::{HeaderValue, InvalidHeaderValue, TryIntoHeaderValue};
use actix_web::web::Bytes;
use actix_web_httpauth::headers::www_authenticate;

/// One challenge, rendered already: actix-web-httpauth's own rendering sets parameters apart by spaces, where RFC 9110
/// §11.2 wants commas.
#[derive(Clone, Debug)]
pub(crate) struct Challenge<'a>(pub(crate) &'a str);

impl Challenge<'static> {
    /// What the webhook asks for. Who delivers events has no use for the metadata of the API.
    pub(crate) const EVENTS: Self = Self(r#"Bearer realm="authsync""#);
    /// The same for a bearer that is none of ours.
    pub(crate) const WRONG_EVENTS_TOKEN: Self = Self(r#"Bearer realm="authsync", error="invalid_token""#);
}

impl fmt::Display for Challenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl TryIntoHeaderValue for Challenge<'_> {
    type Error = InvalidHeaderValue;

    fn try_into_value(self) -> Result<HeaderValue, InvalidHeaderValue> {
        HeaderValue::from_str(self.0)
    }
}

impl www_authenticate::Challenge for Challenge<'_> {
    fn to_bytes(&self) -> Bytes {
        Bytes::copy_from_slice(self.0.as_bytes())
    }
}
