//! `x-request-id`: one name for a request in the client's log, a proxy's and ours.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

/// The header that carries it, both ways.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ones are replaced; it keeps a token that was sent in the wrong header out of the log.
const MAX_BYTES: usize = 128;

/// The id of one request.
#[derive(Clone, Debug)]
pub(crate) enum RequestId {
    /// The client's own, which is harmless.
    Sent(HeaderValue),
    /// Ours, a random UUID.
    Made([u8; Hyphenated::LENGTH]),
}

impl RequestId {
    /// The client's id, if it has a harmless one, or a new one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let is_harmless = |value: &&HeaderValue| {
            (1..=MAX_BYTES).contains(&value.len())
                && value.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || b"-_.:/+=".contains(b))
        };
        headers.get(&X_REQUEST_ID).filter(is_harmless).cloned().map_or_else(Self::new, Self::Sent)
    }

    /// From a generator of this thread, which the system seeds: unlike any other of any node, and not to be foretold.
    fn new() -> Self {
        let mut id = [0; Hyphenated::LENGTH];
        Uuid::new_v4().hyphenated().encode_lower(&mut id);
        Self::Made(id)
    }

    /// As the log has it.
    pub(crate) fn as_str(&self) -> &str {
        let bytes = match self {
            Self::Sent(value) => value.as_bytes(),
            Self::Made(id) => id,
        };
        // Both are ASCII.
        str::from_utf8(bytes).unwrap_or_default()
    }

    /// As the answer has it.
    pub(crate) fn to_value(&self) -> HeaderValue {
        match self {
            Self::Sent(value) => value.clone(),
            Self::Made(id) => HeaderValue::from_bytes(id).unwrap_or_else(|_| HeaderValue::from_static("none")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_for(sent: Option<&str>) -> HeaderValue {
        let mut headers = HeaderMap::new();
        if let Some(sent) = sent {
            let value = HeaderValue::from_bytes(sent.as_bytes()).expect("a header value");
            headers.insert(X_REQUEST_ID, value);
        }
        let id = RequestId::of(&headers);
        let text = id.as_str().to_owned();
        let value = id.to_value();
        assert_eq!(value, text);
        value
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
