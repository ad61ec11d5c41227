//! How many requests the Management API serves.

use std::sync::Mutex;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::lock::lock;

/// A bucket of requests that fills again with time; without a limit, none is counted.
#[derive(Debug, Default)]
pub(crate) struct RequestBudget(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    limit: Option<Limit>,
    left: f64,
    /// When `left` was right, in milliseconds.
    counted_at: i64,
    refused: usize,
}

/// So many requests at once, and so many more each second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limit {
    pub(crate) burst: u32,
    pub(crate) per_second: f64,
}

/// What the bucket says to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) is_served: bool,
    limit: u32,
    remaining: u32,
    /// When a request is served for certain, in seconds since 1970.
    reset: i64,
}

impl RequestBudget {
    /// A full bucket of this size; `None`: no limit.
    pub(crate) fn set(&self, limit: Option<Limit>, now: i64) {
        let mut state = lock(&self.0);
        state.limit = limit;
        state.left = limit.map_or(0.0, |limit| f64::from(limit.burst));
        state.counted_at = now;
    }

    /// Takes a request out of the bucket at this time (milliseconds since 1970). `None`: there is no limit.
    #[expect(clippy::cast_precision_loss, reason = "a span of time of a test fits")]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the burst")]
    pub(crate) fn take(&self, now: i64) -> Option<Allowance> {
        let mut state = lock(&self.0);
        let limit = state.limit?;
        let passed = now.saturating_sub(state.counted_at).max(0) as f64 / 1000.0;
        state.left = (state.left + passed * limit.per_second).min(f64::from(limit.burst));
        state.counted_at = now;
        let is_served = state.left >= 1.0;
        if is_served {
            state.left -= 1.0;
        } else {
            state.refused += 1;
        }
        let wait = ((1.0 - state.left).max(0.0) / limit.per_second * 1000.0).min(f64::from(u32::MAX)) as i64;
        let reset = now.saturating_add(wait).saturating_add(999).div_euclid(1000);
        Some(Allowance { is_served, limit: limit.burst, remaining: state.left as u32, reset })
    }

    /// How many requests were refused since the start.
    pub(crate) fn refused(&self) -> usize {
        lock(&self.0).refused
    }
}

impl Allowance {
    /// Adds Auth0's headers where they are not there already.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        for (name, value) in [
            ("x-ratelimit-limit", i64::from(self.limit)),
            ("x-ratelimit-remaining", i64::from(self.remaining)),
            ("x-ratelimit-reset", self.reset),
        ] {
            let name = HeaderName::from_static(name);
            if !headers.contains_key(&name) {
                headers.insert(name, HeaderValue::from(value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_fills_again_with_time_and_never_beyond_its_size() {
        let budget = RequestBudget::default();
        assert_eq!(budget.take(0), None);
        budget.set(Some(Limit { burst: 2, per_second: 0.5 }), 10_000);
        let said = |now| budget.take(now).map(|said| (said.is_served, said.remaining, said.reset)).unwrap();
        assert_eq!(said(10_000), (true, 1, 10));
        assert_eq!(said(10_000), (true, 0, 12));
        assert_eq!(said(11_000), (false, 0, 12));
        assert_eq!(said(12_000), (true, 0, 14));
        assert_eq!(said(60_000), (true, 1, 60));
        assert_eq!(said(50_000), (true, 0, 52));
        assert_eq!(budget.refused(), 1);
    }
}
