//! Where the token of a request stands.

use actix_web::http::header::{HeaderMap, SEC_WEBSOCKET_PROTOCOL};
use auth0_verify::Credentials;
use auth0_verify_actix::credentials_of;
use domain::AccessToken;

/// The subprotocol behind which a token may stand: `Sec-WebSocket-Protocol: bearer, <token>`. A page can set no other
/// header of a handshake.
pub(crate) const BEARER_PROTOCOL: &str = "bearer";

/// The header of a nonce for the next proof (RFC 9449 §8.1).
pub(crate) const DPOP_NONCE: &str = "dpop-nonce";

/// The token of a handshake, which has two places for it.
pub(crate) fn credentials_of_handshake(headers: &HeaderMap) -> Credentials {
    match (credentials_of(headers), among_protocols(headers)) {
        (Credentials::None, of_protocols) => of_protocols,
        (of_header, Credentials::None) => of_header,
        // RFC 6750 §2: no more than one way at a time.
        _ => Credentials::Unreadable,
    }
}

/// Subprotocols are a list, over as many headers as one likes (RFC 6455 §11.3.4).
fn among_protocols(headers: &HeaderMap) -> Credentials {
    let mut protocols = Vec::new();
    for value in headers.get_all(SEC_WEBSOCKET_PROTOCOL) {
        let Ok(text) = value.to_str() else { return Credentials::Unreadable };
        protocols.extend(text.split(',').map(str::trim).filter(|protocol| !protocol.is_empty()));
    }
    let mut behind = protocols.into_iter().skip_while(|protocol| *protocol != BEARER_PROTOCOL).skip(1);
    behind.next().map_or(Credentials::None, |token| Credentials::Bearer(AccessToken::new(token)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn read_handshake(headers: &[(&'static str, &'static str)]) -> Option<String> {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(name.parse().expect("a name"), HeaderValue::from_static(value));
        }
        match credentials_of_handshake(&all) {
            Credentials::None => None,
            Credentials::Bearer(token) => Some(token.reveal().to_owned()),
            Credentials::Dpop(token, _) => Some(format!("bound {}", token.reveal())),
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
        for authorization in ["Bearer a.b.c", "DPoP a.b.c"] {
            let both = [("authorization", authorization), (PROTOCOL, "bearer, a.b.c")];
            assert_eq!(read_handshake(&both).as_deref(), Some("unreadable"));
        }
    }

    #[test]
    fn a_bound_token_comes_in_the_header_alone() {
        let headers = [("authorization", "DPoP a.b.c"), ("dpop", "p.r.f")];
        assert_eq!(read_handshake(&headers).as_deref(), Some("bound a.b.c"));
        assert_eq!(read_handshake(&[("sec-websocket-protocol", "dpop, a.b.c")]), None);
    }

    #[test]
    fn two_headers_are_unreadable() {
        let twice = [("authorization", "Bearer a.b.c"), ("authorization", "Bearer a.b.c")];
        assert_eq!(read_handshake(&twice).as_deref(), Some("unreadable"));
    }
}
