//! Requests to the local tenant and the local server.

use std::time::{Duration, Instant};

use anyhow::Context;
use ureq::http::{Method, Request, StatusCode};

/// Speaks HTTP on loopback: no proxy, no redirects, five seconds at most.
#[derive(Debug)]
pub(crate) struct Client(ureq::Agent);

/// A question.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) bearer: Option<String>,
    /// JSON text.
    pub(crate) body: Option<String>,
}

/// What came back, whatever its status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
    pub(crate) took: Duration,
}

impl Client {
    pub(crate) fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(5)));
        Self(config.build().new_agent())
    }

    /// Asks and reads the whole answer.
    ///
    /// # Errors
    /// Nobody answered, or not in time.
    pub(crate) fn ask(&self, question: &Question) -> anyhow::Result<Answer> {
        let begin = Instant::now();
        let mut request = Request::builder().method(&question.method).uri(&question.url);
        if let Some(token) = &question.bearer {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let sent = match &question.body {
            Some(body) => self.0.run(request.header("content-type", "application/json").body(body.as_str())?),
            None => self.0.run(request.body(())?),
        };
        let mut answer = sent.with_context(|| format!("no answer from {}", question.url))?;
        let status = answer.status();
        let body =
            answer.body_mut().read_to_string().with_context(|| format!("half an answer from {}", question.url))?;
        Ok(Answer { status, body, took: begin.elapsed() })
    }

    /// Asks with `GET` and without a token.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub(crate) fn look_at(&self, url: String) -> anyhow::Result<Answer> {
        self.ask(&Question { method: Method::GET, url, bearer: None, body: None })
    }
}
