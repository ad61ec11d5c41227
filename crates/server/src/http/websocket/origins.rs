//! Whose pages may open a socket.

use actix_web::http::header::{HeaderMap, ORIGIN};

use crate::settings::Origin;

/// The same list as for CORS. Browsers let any page open a socket anywhere and leave the judgement to the server (RFC
/// 6455 §10.2).
#[derive(Clone, Debug)]
pub(crate) struct AllowedOrigins(Vec<Origin>);

impl AllowedOrigins {
    pub(crate) fn new(origins: &[Origin]) -> Self {
        Self(origins.to_vec())
    }

    /// Whether the request comes from one of them, or from no page at all: what is no browser sends no origin.
    pub(super) fn admit(&self, headers: &HeaderMap) -> bool {
        let mut sent = headers.get_all(ORIGIN);
        match (sent.next(), sent.next()) {
            (None, _) => true,
            (Some(origin), None) => self.0.iter().any(|allowed| origin.as_bytes() == allowed.as_str().as_bytes()),
            (Some(_), Some(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn admits(sent: &[&'static str]) -> bool {
        let allowed = AllowedOrigins::new(&[Origin::parse("https://app.example.com").expect("an origin")]);
        let mut headers = HeaderMap::new();
        for origin in sent {
            headers.append(ORIGIN, HeaderValue::from_static(origin));
        }
        allowed.admit(&headers)
    }

    #[test]
    fn pages_of_the_list_and_what_is_no_page_are_admitted() {
        assert!(admits(&[]));
        assert!(admits(&["https://app.example.com"]));
    }

    #[test]
    fn other_pages_are_not() {
        for origin in [
            "",
            "null",
            "*",
            "http://app.example.com",
            "https://app.example.com:8443",
            "https://app.example.com/",
            "https://app.example.com.evil.example",
            "https://evil.example",
        ] {
            assert!(!admits(&[origin]), "{origin:?}");
        }
        assert!(!admits(&["https://app.example.com", "https://app.example.com"]));
    }
}
