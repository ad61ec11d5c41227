//! The bearer token of a request (RFC 6750 §2.1).

use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderValue, SEC_WEBSOCKET_PROTOCOL};
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

/// The subprotocol behind which a token may stand: `Sec-WebSocket-Protocol: bearer, <token>`. A page can set no other
/// header of a handshake.
pub(crate) const BEARER_PROTOCOL: &str = "bearer";

impl Credentials {
    /// The token of a handshake, which has two places for it.
    pub(crate) fn of_handshake(headers: &HeaderMap) -> Self {
        match (Self::of(headers), Self::among_protocols(headers)) {
            (Self::None, of_protocols) => of_protocols,
            (of_header, Self::None) => of_header,
            // RFC 6750 §2: no more than one way at a time.
            _ => Self::Unreadable,
        }
    }

    /// Subprotocols are a list, over as many headers as one likes (RFC 6455 §11.3.4).
    fn among_protocols(headers: &HeaderMap) -> Self {
        let mut protocols = Vec::new();
        for value in headers.get_all(SEC_WEBSOCKET_PROTOCOL) {
            let Ok(text) = value.to_str() else { return Self::Unreadable };
            protocols.extend(text.split(',').map(str::trim).filter(|protocol| !protocol.is_empty()));
        }
        let mut behind = protocols.into_iter().skip_while(|protocol| *protocol != BEARER_PROTOCOL).skip(1);
        behind.next().map_or(Self::None, |token| Self::Bearer(BearerToken::new(token)))
    }

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

    fn read_handshake(headers: &[(&'static str, &'static str)]) -> Option<String> {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(name.parse().expect("a name"), HeaderValue::from_static(value));
        }
        match Credentials::of_handshake(&all) {
            Credentials::None => None,
            Credentials::Bearer(token) => Some(token.reveal().to_owned()),
            Credentials::Unreadable => Some("unreadable".to_owned()),
        }
    }

    #[test]
    fn a_handshake_brings_its_token_in_either_place() {
        const PROTOCOL: &str = "sec-websocket-protocol";
        for headers in [
            &[("authorization", "Bearer a.b.c")][..],
            &[(PROTOCOL, "bearer, a.b.c")],
            &[(PROTOCOL, "bearer,a.b.c")],
            &[(PROTOCOL, "chat, bearer ,a.b.c, more")],
            &[(PROTOCOL, "bearer"), (PROTOCOL, "a.b.c")],
            &[("authorization", "Bearer a.b.c"), (PROTOCOL, "bearer")],
            &[("authorization", "Bearer a.b.c"), (PROTOCOL, "chat, other")],
        ] {
            assert_eq!(read_handshake(headers).as_deref(), Some("a.b.c"), "{headers:?}");
        }
        for headers in [&[][..], &[(PROTOCOL, "")], &[(PROTOCOL, "bearer")], &[(PROTOCOL, "a.b.c")]] {
            assert_eq!(read_handshake(headers), None, "{headers:?}");
        }
        let both = [("authorization", "Bearer a.b.c"), (PROTOCOL, "bearer, a.b.c")];
        assert_eq!(read_handshake(&both).as_deref(), Some("unreadable"));
    }

    #[test]
    fn two_headers_and_bytes_outside_ascii_are_unreadable() {
        assert_eq!(read(&["Bearer a.b.c", "Bearer a.b.c"]).as_deref(), Some("unreadable"));
        assert_eq!(read(&["Bearer ü"]).as_deref(), Some("unreadable"));
    }
}
