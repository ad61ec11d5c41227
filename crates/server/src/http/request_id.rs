//! `x-request-id`: one name for a request in the client's log, a proxy's and ours.

use actix_web::http::header::{HeaderMap, HeaderValue};
use uuid::Uuid;

/// The header that carries it, both ways.
pub(crate) const X_REQUEST_ID: &str = "x-request-id";

/// Longer ones are replaced; it keeps a token that was sent in the wrong header out of the log.
const MAX_BYTES: usize = 128;

/// The client's id, if it has a harmless one, or a new one.
pub(crate) fn request_id(headers: &HeaderMap) -> HeaderValue {
    let is_harmless = |value: &&HeaderValue| {
        (1..=MAX_BYTES).contains(&value.len())
            && value.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || b"-_.:/+=".contains(b))
    };
    headers.get(X_REQUEST_ID).filter(is_harmless).cloned().unwrap_or_else(new_request_id)
}

fn new_request_id() -> HeaderValue {
    let mut text = Uuid::encode_buffer();
    let text = Uuid::new_v4().hyphenated().encode_lower(&mut text);
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("none"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderName;

    fn id_for(sent: Option<&str>) -> HeaderValue {
        let mut headers = HeaderMap::new();
        if let Some(sent) = sent {
            let value = HeaderValue::from_bytes(sent.as_bytes()).expect("a header value");
            headers.insert(HeaderName::from_static(X_REQUEST_ID), value);
        }
        request_id(&headers)
    }

    #[test]
    fn a_harmless_id_is_kept() {
        assert_eq!(id_for(Some("req-42_a.b:c/d+e=")), "req-42_a.b:c/d+e=");
    }

    #[test]
    fn a_missing_long_or_strange_id_is_replaced() {
        let long = "a".repeat(MAX_BYTES + 1);
        for sent in [None, Some(""), Some("a b"), Some("ü"), Some("a\"b"), Some(long.as_str())] {
            let id = id_for(sent);
            assert_eq!(id.len(), 36, "{sent:?}");
        }
        assert_ne!(id_for(None), id_for(None));
    }
}
