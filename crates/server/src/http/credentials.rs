//! The bearer token of a request (RFC 6750 §2.1).

use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use actix_web_httpauth::headers::authorization::{Bearer, Scheme as _};
use domain::BearerToken;

/// What a request brought to show who it is.
#[derive(Debug)]
pub(crate) enum Credentials {
    /// No bearer token: no header, another scheme, or nothing behind the scheme.
    None,
    /// One token, not judged yet.
    Bearer(BearerToken),
    /// Something that was meant as a token and cannot be one: two headers at once, or bytes outside ASCII.
    Unreadable,
}

impl Credentials {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(AUTHORIZATION);
        match (values.next(), values.next()) {
            (None, _) => Self::None,
            (Some(value), None) => Self::from_header(value),
            // Which of two would speak for the caller? RFC 9110 §5.3 allows one.
            (Some(_), Some(_)) => Self::Unreadable,
        }
    }

    fn from_header(value: &HeaderValue) -> Self {
        let Ok(text) = value.to_str() else { return Self::Unreadable };
        let (scheme, token) = text.trim().split_once(' ').unwrap_or((text, ""));
        // Scheme names ignore case and any number of spaces may follow (RFC 9110 §11.4); the parser of
        // actix-web-httpauth wants one spelling and one space, so it gets them.
        if !scheme.eq_ignore_ascii_case("Bearer") || token.trim().is_empty() {
            return Self::None;
        }
        HeaderValue::try_from(format!("Bearer {}", token.trim()))
            .ok()
            .and_then(|value| Bearer::parse(&value).ok())
            .map_or(Self::Unreadable, |bearer| Self::Bearer(BearerToken::new(bearer.token())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value.as_bytes()).expect("a header value"));
        }
        match Credentials::of(&headers) {
            Credentials::None => None,
            Credentials::Bearer(token) => Some(token.reveal().to_owned()),
            Credentials::Unreadable => Some("unreadable".to_owned()),
        }
    }

    #[test]
    fn the_scheme_may_be_spelt_in_any_case_and_followed_by_any_number_of_spaces() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c", " Bearer a.b.c "] {
            assert_eq!(read(&[value]).as_deref(), Some("a.b.c"), "{value:?}");
        }
    }

    #[test]
    fn other_schemes_and_empty_tokens_are_no_credentials() {
        for value in ["", "Bearer", "Bearer ", "Basic dTpw", "DPoP a.b.c", "a.b.c", "Bearera.b.c"] {
            assert_eq!(read(&[value]), None, "{value:?}");
        }
        assert_eq!(read(&[]), None);
    }

    #[test]
    fn two_headers_and_bytes_outside_ascii_are_unreadable() {
        assert_eq!(read(&["Bearer a.b.c", "Bearer a.b.c"]).as_deref(), Some("unreadable"));
        assert_eq!(read(&["Bearer ü"]).as_deref(), Some("unreadable"));
    }
}
