//! What an endpoint does instead of answering.

mod body;
mod middleware;

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::watch;

pub(crate) use middleware::watched;

use crate::endpoint::Endpoint;

/// What an endpoint does to every request until it is restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers with this status and Auth0's JSON for it.
    Status(u16),
    /// Accepts the request and answers nothing until the endpoint is restored or the connection ends.
    Stall,
    /// Sends the right answer's head at once and its body byte by byte, with this pause before each.
    Drip(Duration),
    /// 200 with a page of HTML, as a captive portal answers.
    Garble,
    /// Announces the right answer's length and ends the connection half-way through the body.
    Truncate,
    /// The right answer, padded with spaces to this many bytes; the length is announced.
    Oversize(usize),
    /// The right answer, padded with spaces to this many bytes; the length is not announced.
    OversizeUnannounced(usize),
    /// 302 to this location.
    Redirect(String),
    /// Ends the connection without an answer.
    Close,
    /// 429 with Auth0's headers; `x-ratelimit-reset` is this Unix time.
    RateLimit {
        /// When requests are served again, in seconds since 1970.
        reset: i64,
    },
    /// 429 with `Retry-After`, as the events API answers.
    RetryAfter {
        /// In seconds.
        seconds: u64,
    },
}

/// The faults in force, to be awaited by stalled requests.
#[derive(Debug)]
pub(crate) struct Faults(watch::Sender<HashMap<Endpoint, Fault>>);

impl Faults {
    pub(crate) fn set(&self, endpoint: Endpoint, fault: Fault) {
        self.0.send_modify(|faults| {
            faults.insert(endpoint, fault);
        });
    }

    pub(crate) fn lift(&self, endpoint: Endpoint) {
        self.0.send_modify(|faults| {
            faults.remove(&endpoint);
        });
    }

    pub(crate) fn lift_all(&self) {
        self.0.send_modify(HashMap::clear);
    }

    /// The fault in force, once it is not a stall.
    async fn beyond_stall(&self, endpoint: Endpoint) -> Option<Fault> {
        let mut faults = self.0.subscribe();
        match faults.wait_for(|faults| faults.get(&endpoint) != Some(&Fault::Stall)).await {
            Ok(faults) => faults.get(&endpoint).cloned(),
            Err(_) => Some(Fault::Close),
        }
    }
}

impl Default for Faults {
    fn default() -> Self {
        Self(watch::Sender::new(HashMap::new()))
    }
}
