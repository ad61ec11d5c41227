//! What goes wrong at a running tenant.

use std::time::Duration;

use super::FakeAuth0;
use crate::endpoint::Endpoint;
use crate::faults::Fault;

/// Faults. One at a time per endpoint; a new one takes the place of the old.
impl FakeAuth0 {
    /// Any fault.
    pub fn break_endpoint(&self, endpoint: Endpoint, fault: Fault) {
        self.tenant.faults.set(endpoint, fault);
    }

    /// Answers with this status.
    pub fn fail(&self, endpoint: Endpoint, status: u16) {
        self.break_endpoint(endpoint, Fault::Status(status));
    }

    /// Accepts requests and answers nothing until the endpoint is restored or the connection ends.
    pub fn stall(&self, endpoint: Endpoint) {
        self.break_endpoint(endpoint, Fault::Stall);
    }

    /// Sends the right answer one byte at a time, twenty bytes a second.
    pub fn drip(&self, endpoint: Endpoint) {
        self.break_endpoint(endpoint, Fault::Drip(Duration::from_millis(50)));
    }

    /// Answers 200 with something that is no JSON.
    pub fn garble(&self, endpoint: Endpoint) {
        self.break_endpoint(endpoint, Fault::Garble);
    }

    /// Ends the connection half-way through the body.
    pub fn truncate(&self, endpoint: Endpoint) {
        self.break_endpoint(endpoint, Fault::Truncate);
    }

    /// Pads the right answer with spaces to this size.
    pub fn oversize(&self, endpoint: Endpoint, bytes: usize) {
        self.break_endpoint(endpoint, Fault::Oversize(bytes));
    }

    /// Answers 302 with this location.
    pub fn redirect(&self, endpoint: Endpoint, location: &str) {
        self.break_endpoint(endpoint, Fault::Redirect(location.to_owned()));
    }

    /// Ends the connection without an answer.
    pub fn close(&self, endpoint: Endpoint) {
        self.break_endpoint(endpoint, Fault::Close);
    }

    /// Answers 429 with `x-ratelimit-limit`, `x-ratelimit-remaining: 0` and this Unix time as `x-ratelimit-reset`.
    pub fn rate_limit(&self, endpoint: Endpoint, reset: i64) {
        self.break_endpoint(endpoint, Fault::RateLimit { reset });
    }

    /// Lifts the endpoint's fault. Stalled requests are answered now.
    pub fn restore(&self, endpoint: Endpoint) {
        self.tenant.faults.lift(endpoint);
    }

    /// Lifts every fault.
    pub fn restore_all(&self) {
        self.tenant.faults.lift_all();
    }
}
