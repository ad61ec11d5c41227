//! How often a running tenant was asked.

use std::time::Duration;

use super::FakeAuth0;
use crate::endpoint::Endpoint;

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
}
