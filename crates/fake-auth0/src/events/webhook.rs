//! Where events are sent, and one request that sends one.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use ureq::Agent;
use ureq::http::Uri;

use super::delivery::Attempt;

/// How long one attempt may take.
const ATTEMPT_LASTS: Duration = Duration::from_secs(10);

/// Why events cannot be sent to an address.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// It is no `http://` address. There is no network to be protected from between two programs of one machine.
    #[error("{0:?} is no http:// address")]
    NotHttp(String),
    /// It is of another machine. A tenant must never face a network.
    #[error("{0:?} is not a loopback address; fake-auth0 must never face a network")]
    NotLoopback(String),
    /// The token cannot stand in a header.
    #[error("the webhook's token holds characters that a header cannot hold")]
    Token,
}

/// An address and the bearer token that goes there. `Debug` does not show the token.
#[derive(Clone)]
pub(crate) struct Webhook {
    url: String,
    token: String,
    agent: Agent,
}

impl Webhook {
    pub(crate) fn new(url: &str, token: &str) -> Result<Self, WebhookError> {
        let uri: Uri = url.parse().map_err(|_| WebhookError::NotHttp(url.to_owned()))?;
        if uri.scheme_str() != Some("http") {
            return Err(WebhookError::NotHttp(url.to_owned()));
        }
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        if host != "localhost" && !host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()) {
            return Err(WebhookError::NotLoopback(url.to_owned()));
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(WebhookError::Token);
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(ATTEMPT_LASTS))
            .build()
            .into();
        Ok(Self { url: url.to_owned(), token: token.to_owned(), agent })
    }

    /// Sends one event once.
    pub(super) fn send(&self, json: &str) -> Attempt {
        let request = self.agent.post(&self.url).header("authorization", format!("Bearer {}", self.token));
        match request.content_type("application/json").send(json) {
            Ok(answer) => Attempt::Answered(answer.status().as_u16()),
            Err(error) => Attempt::Unanswered(error.to_string()),
        }
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("url", &self.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_on_loopback_is_sent_to() {
        for good in ["http://127.0.0.1:1/x", "http://localhost/", "http://[::1]:8080/auth0/events"] {
            assert!(Webhook::new(good, "token").is_ok(), "{good}");
        }
        for (bad, token) in [
            ("https://127.0.0.1/", "token"),
            ("http://10.0.0.1/", "token"),
            ("http://localhost.example.test/", "token"),
            ("localhost", "token"),
            ("http://127.0.0.1/", "two words"),
        ] {
            assert!(Webhook::new(bad, token).is_err(), "{bad}");
        }
        assert!(!format!("{:?}", Webhook::new("http://127.0.0.1/", "hush").unwrap()).contains("hush"));
    }
}
