//! Asking the server as an ordinary client does, and looking closely at what it says.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::{HeaderMap, Request};

/// Longer than any answer may take, so that a test fails instead of hanging.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A client of one server.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    address: SocketAddr,
    agent: Agent,
}

/// What came back, whole.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// The errors of the contract as rows: status, code, message.
pub(crate) type ErrorRow = (u16, &'static str, &'static str);

pub(crate) const UNAUTHORIZED: ErrorRow = (401, "unauthorized", "Invalid or expired token");
pub(crate) const NOT_YOURS: ErrorRow = (403, "forbidden", "auth0_id does not match the token");
pub(crate) const USER_BLOCKED: ErrorRow = (403, "forbidden", "User is blocked");
pub(crate) const USER_NOT_FOUND: ErrorRow = (404, "not_found", "User not found");
pub(crate) const NO_SUCH_ROUTE: ErrorRow = (404, "not_found", "Not found");
pub(crate) const BAD_REQUEST: ErrorRow = (400, "bad_request", "Invalid request body");
pub(crate) const METHOD_NOT_ALLOWED: ErrorRow = (405, "method_not_allowed", "Method not allowed");
pub(crate) const CONFLICT: ErrorRow = (409, "conflict", "Email already belongs to another user");
pub(crate) const TOO_LARGE: ErrorRow = (413, "payload_too_large", "Payload too large");
pub(crate) const NOT_JSON: ErrorRow = (415, "unsupported_media_type", "Unsupported media type");
pub(crate) const UNAVAILABLE: ErrorRow = (503, "unavailable", "Temporarily unavailable");
pub(crate) const INTERNAL: ErrorRow = (500, "internal", "Internal error");

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .build();
        Self { address, agent: config.into() }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }

    /// A request without a body.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = self.head(method, path, headers).body(()).expect("a well-formed request");
        Answer::read(self.agent.run(request))
    }

    /// A request with a body.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let request = self.head(method, path, headers).body(body).expect("a well-formed request");
        Answer::read(self.agent.run(request))
    }

    pub(crate) fn verify(&self, token: &str) -> Answer {
        self.ask("GET", "/auth/verify", &[("authorization", &bearer(token))])
    }

    pub(crate) fn sync(&self, token: &str, body: &str) -> Answer {
        self.sync_bytes(token, body.as_bytes())
    }

    pub(crate) fn sync_bytes(&self, token: &str, body: &[u8]) -> Answer {
        let headers = [("authorization", bearer(token)), ("content-type", "application/json".to_owned())];
        self.send("POST", "/auth/sync", &headers.each_ref().map(|(name, value)| (*name, value.as_str())), body)
    }

    fn head(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> ureq::http::request::Builder {
        let request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    }
}

impl Answer {
    fn read(outcome: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Self {
        let mut response = outcome.expect("an answer");
        let body = response.body_mut().read_to_string().expect("a body of text");
        Self { status: response.status().as_u16(), headers: pairs(response.headers()), body }
    }

    /// The value of a header that must not come twice.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(of, _)| of.eq_ignore_ascii_case(name));
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} comes twice in {self:?}");
        value
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The `id` of the user in an answer to a sync.
    #[track_caller]
    pub(crate) fn id(&self) -> i64 {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()["id"].as_i64().expect("an id")
    }

    /// A success with exactly these bytes.
    #[track_caller]
    pub(crate) fn assert_ok(&self, body: &str) {
        assert_eq!((self.status, self.body.as_str()), (200, body), "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
    }

    /// A row of the error table: status, bytes, type, and a request id.
    #[track_caller]
    pub(crate) fn assert_error(&self, (status, code, message): ErrorRow) {
        let body = format!(r#"{{"error":"{code}","message":"{message}"}}"#);
        assert_eq!((self.status, self.body.as_str()), (status, body.as_str()), "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        assert!(self.header("x-request-id").is_some_and(|id| !id.is_empty()), "{self:?}");
    }

    /// 401 as for a request without a token.
    #[track_caller]
    pub(crate) fn assert_asks_for_a_token(&self) {
        self.assert_error(UNAUTHORIZED);
        assert_eq!(self.header("www-authenticate"), Some(r#"Bearer realm="authsync""#));
    }

    /// 401 as for a request with a bad token.
    #[track_caller]
    pub(crate) fn assert_refuses_the_token(&self) {
        self.assert_error(UNAUTHORIZED);
        assert_eq!(self.header("www-authenticate"), Some(r#"Bearer realm="authsync", error="invalid_token""#));
    }

    /// 503 that says when to come back.
    #[track_caller]
    pub(crate) fn assert_unavailable(&self) {
        self.assert_error(UNAVAILABLE);
        let seconds = self.header("retry-after").and_then(|value| value.parse::<u32>().ok());
        assert!(seconds.is_some_and(|seconds| seconds > 0), "{self:?}");
    }
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// The body of a sync, in the order of the requirements.
pub(crate) fn sync_body(email: &str, auth0_id: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => format!(r#"{{"email":{},"auth0_id":{},"name":{}}}"#, json!(email), json!(auth0_id), json!(name)),
        None => format!(r#"{{"email":{},"auth0_id":{}}}"#, json!(email), json!(auth0_id)),
    }
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}
