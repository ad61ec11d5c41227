//! How often a running tenant was asked.

use std::time::Duration;

use super::FakeAuth0;
use crate::endpoint::Endpoint;
use crate::request_budget::Limit;

/// Counting.
impl FakeAuth0 {
    /// How many requests have arrived, answered or not.
    #[must_use]
    pub fn requests(&self, endpoint: Endpoint) -> usize {
        self.tenant.requests.arrived(endpoint)
    }

    /// How many requests are inside at this moment; stalled ones count.
    #[must_use]
    pub fn requests_in_flight(&self, endpoint: Endpoint) -> usize {
        self.tenant.requests.in_flight(endpoint)
    }

    /// The most requests that were ever inside at once.
    #[must_use]
    pub fn requests_in_flight_peak(&self, endpoint: Endpoint) -> usize {
        self.tenant.requests.peak(endpoint)
    }

    /// Waits until so many requests have arrived since the start. `false`: the time was up first.
    #[must_use]
    pub fn wait_for_requests(&self, endpoint: Endpoint, wanted: usize, timeout: Duration) -> bool {
        self.tenant.requests.wait_for_arrivals(endpoint, wanted, timeout)
    }

    /// Waits until no request is inside. `false`: the time was up first.
    #[must_use]
    pub fn wait_until_idle(&self, endpoint: Endpoint, timeout: Duration) -> bool {
        self.tenant.requests.wait_for_idle(endpoint, timeout)
    }

    /// How many requests the limit of the Management API refused. They are among the [`requests`](Self::requests).
    #[must_use]
    pub fn refused_requests(&self) -> usize {
        self.tenant.budget.refused()
    }

    /// Limits the Management API from now on, beginning with a full burst: see
    /// [`Builder::rate_limit`](crate::Builder::rate_limit).
    pub fn limit_requests(&self, burst: u32, per_second: f64) {
        self.tenant.budget.set(Some(Limit { burst, per_second }), self.tenant.clock.now_in_milliseconds());
    }

    /// Takes the limit away.
    pub fn lift_request_limit(&self) {
        self.tenant.budget.set(None, 0);
    }
}
