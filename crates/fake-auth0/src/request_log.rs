//! How often each endpoint was asked, and how many requests were inside at once.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::endpoint::Endpoint;
use crate::lock::lock;

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    arrived: usize,
    in_flight: usize,
    peak: usize,
}

#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    counts: Mutex<HashMap<Endpoint, Count>>,
    changed: Condvar,
}

/// A request that has arrived; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct InFlight {
    log: Arc<RequestLog>,
    endpoint: Endpoint,
}

impl RequestLog {
    pub(crate) fn arrive(self: &Arc<Self>, endpoint: Endpoint) -> InFlight {
        let mut counts = lock(&self.counts);
        let count = counts.entry(endpoint).or_default();
        count.arrived += 1;
        count.in_flight += 1;
        count.peak = count.peak.max(count.in_flight);
        drop(counts);
        self.changed.notify_all();
        InFlight { log: Arc::clone(self), endpoint }
    }

    /// Requests that have arrived, answered or not.
    pub(crate) fn arrived(&self, endpoint: Endpoint) -> usize {
        self.count(endpoint).arrived
    }

    pub(crate) fn in_flight(&self, endpoint: Endpoint) -> usize {
        self.count(endpoint).in_flight
    }

    pub(crate) fn peak(&self, endpoint: Endpoint) -> usize {
        self.count(endpoint).peak
    }

    /// Waits until so many requests have arrived in all. `false`: the time was up first.
    pub(crate) fn wait_for_arrivals(&self, endpoint: Endpoint, wanted: usize, timeout: Duration) -> bool {
        self.wait_until(endpoint, timeout, |count| count.arrived >= wanted)
    }

    /// Waits until no request is inside. `false`: the time was up first.
    pub(crate) fn wait_for_idle(&self, endpoint: Endpoint, timeout: Duration) -> bool {
        self.wait_until(endpoint, timeout, |count| count.in_flight == 0)
    }

    fn wait_until(&self, endpoint: Endpoint, timeout: Duration, reached: impl Fn(Count) -> bool) -> bool {
        let deadline = Instant::now() + timeout;
        let mut counts = lock(&self.counts);
        loop {
            if reached(counts.get(&endpoint).copied().unwrap_or_default()) {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            counts = match self.changed.wait_timeout(counts, left) {
                Ok((counts, _)) => counts,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    fn count(&self, endpoint: Endpoint) -> Count {
        lock(&self.counts).get(&endpoint).copied().unwrap_or_default()
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(count) = lock(&self.log.counts).get_mut(&self.endpoint) {
            count.in_flight = count.in_flight.saturating_sub(1);
        }
        self.log.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_the_most_at_once() {
        let log = Arc::new(RequestLog::default());
        let (one, other) = (log.arrive(Endpoint::Jwks), log.arrive(Endpoint::Jwks));
        drop(one);
        let third = log.arrive(Endpoint::Jwks);
        assert_eq!((log.arrived(Endpoint::Jwks), log.in_flight(Endpoint::Jwks), log.peak(Endpoint::Jwks)), (3, 2, 2));
        drop((other, third));
        assert!(log.wait_for_idle(Endpoint::Jwks, Duration::ZERO));
        assert_eq!(log.arrived(Endpoint::Users), 0);
    }

    #[test]
    fn waiting_ends_with_the_arrival_or_with_the_time() {
        let log = Arc::new(RequestLog::default());
        assert!(!log.wait_for_arrivals(Endpoint::Token, 1, Duration::ZERO));
        let arriving = Arc::clone(&log);
        let thread = std::thread::spawn(move || drop(arriving.arrive(Endpoint::Token)));
        assert!(log.wait_for_arrivals(Endpoint::Token, 1, Duration::from_secs(10)));
        thread.join().unwrap();
    }
}
