//! How often we ask: never more than the budget, and never before Auth0 takes requests again.

use std::time::Duration;

use domain::{Clock, UnixTime};
use ureq::http::HeaderMap;

use crate::{Limits, ManagementError};

/// How long nothing is asked after a 429 that does not say how long.
const UNKNOWN_PAUSE: Duration = Duration::from_secs(5);
/// The least after a 429: a reset in the past means that the clocks differ, not that the limit is gone.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// No header closes the door for longer: Auth0's windows are seconds and minutes, and a mistake must pass by itself.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// The budget of requests and the door that Auth0 closes.
#[derive(Debug)]
pub(crate) struct RateLimit {
    /// What a request costs, in time that is saved up.
    price: Duration,
    most: Duration,
    saved: Duration,
    counted_at: Duration,
    closed: Option<Closed>,
}

#[derive(Clone, Copy, Debug)]
struct Closed {
    /// Measured by uptime, so that a corrected wall clock neither opens the door nor keeps it shut.
    until: Duration,
    told: UnixTime,
}

/// What an answer says about the rate limit: `x-ratelimit-*` and, in case of a 429, `Retry-After`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Notice {
    refused: bool,
    used_up: bool,
    reset: Option<UnixTime>,
    retry_after: Option<Duration>,
}

impl RateLimit {
    pub(crate) fn new(limits: Limits, now: Duration) -> Self {
        let price = Duration::from_secs(1) / limits.per_second.max(1);
        let most = price.saturating_mul(limits.burst.max(1));
        Self { price, most, saved: most, counted_at: now, closed: None }
    }

    /// Whether a request could be made.
    ///
    /// # Errors
    /// [`ManagementError::RateLimited`] or [`ManagementError::OverBudget`].
    pub(crate) fn check(&mut self, now: Duration) -> Result<(), ManagementError> {
        if let Some(closed) = self.closed.filter(|closed| now < closed.until) {
            return Err(ManagementError::RateLimited { until: closed.told });
        }
        self.closed = None;
        self.saved = (self.saved + now.saturating_sub(self.counted_at)).min(self.most);
        self.counted_at = now;
        if self.saved < self.price { Err(ManagementError::OverBudget) } else { Ok(()) }
    }

    /// Takes one request out of the budget.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub(crate) fn take(&mut self, now: Duration) -> Result<(), ManagementError> {
        self.check(now)?;
        self.saved = self.saved.saturating_sub(self.price);
        Ok(())
    }

    /// Obeys an answer.
    pub(crate) fn heed(&mut self, notice: Notice, clock: &dyn Clock) {
        let Some(wait) = notice.wait(clock.now()) else { return };
        let until = clock.uptime() + wait;
        // Answers may come out of order; the latest moment counts.
        if self.closed.is_none_or(|closed| closed.until < until) {
            self.closed = Some(Closed { until, told: clock.now().plus(wait) });
        }
    }
}

impl Notice {
    pub(crate) fn read(status: u16, headers: &HeaderMap) -> Self {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
        let retry_after = number("retry-after").and_then(|secs| u64::try_from(secs).ok());
        Self {
            refused: status == 429,
            used_up: number("x-ratelimit-remaining").is_some_and(|left| left <= 0),
            reset: number("x-ratelimit-reset").map(UnixTime::from_secs),
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    /// For how long nothing is to be asked.
    pub(crate) fn wait(&self, now: UnixTime) -> Option<Duration> {
        let until_reset = self.reset.map(|reset| {
            let millis = reset.as_millis().saturating_sub(now.as_millis());
            Duration::from_millis(u64::try_from(millis).unwrap_or(0))
        });
        let wait = if self.refused {
            until_reset.max(self.retry_after).unwrap_or(UNKNOWN_PAUSE).max(SHORTEST_PAUSE)
        } else if self.used_up {
            until_reset?
        } else {
            return None;
        };
        Some(wait.min(LONGEST_PAUSE))
    }
}

#[cfg(test)]
mod tests {
    use domain::ManualClock;
    use ureq::http::{HeaderName, HeaderValue};

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn notice(status: u16, headers: &[(&'static str, &str)]) -> Notice {
        let pairs =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
        Notice::read(status, &pairs.collect())
    }

    fn wait(status: u16, headers: &[(&'static str, &str)]) -> Option<u64> {
        notice(status, headers).wait(UnixTime::from_secs(NOW)).map(|wait| wait.as_secs())
    }

    #[test]
    fn a_burst_is_there_at_once_and_then_the_sustained_rate() {
        let mut limit = RateLimit::new(Limits { burst: 3, per_second: 2, ..Limits::default() }, at(0));
        assert!((0..3).all(|_| limit.take(at(0)).is_ok()));
        assert!(matches!(limit.take(at(499)), Err(ManagementError::OverBudget)));
        assert!(limit.take(at(500)).is_ok());
        assert!(limit.take(at(500)).is_err());
        assert!((0..3).all(|_| limit.take(at(1_000_000)).is_ok()));
        assert!(limit.take(at(1_000_000)).is_err());
    }

    #[test]
    fn limits_of_zero_count_as_one() {
        let mut limit = RateLimit::new(Limits { burst: 0, per_second: 0, ..Limits::default() }, at(0));
        assert!(limit.take(at(0)).is_ok());
        assert!(limit.take(at(999)).is_err());
        assert!(limit.take(at(1000)).is_ok());
    }

    #[test]
    fn a_429_closes_the_door_until_the_latest_moment_that_it_names() {
        let (soon, late) = ((NOW + 20).to_string(), (NOW + 60).to_string());
        assert_eq!(wait(429, &[("x-ratelimit-reset", &late)]), Some(60));
        assert_eq!(wait(429, &[("x-ratelimit-reset", &soon), ("retry-after", "45")]), Some(45));
        assert_eq!(wait(429, &[("x-ratelimit-reset", &late), ("retry-after", "45")]), Some(60));
        assert_eq!(wait(429, &[("retry-after", "45")]), Some(45));
    }

    #[test]
    fn a_429_that_names_no_moment_or_one_in_the_past_closes_it_for_a_while() {
        assert_eq!(wait(429, &[]), Some(5));
        assert_eq!(wait(429, &[("x-ratelimit-reset", "soon"), ("retry-after", "-1")]), Some(5));
        assert_eq!(wait(429, &[("x-ratelimit-reset", "0")]), Some(1));
    }

    #[test]
    fn no_header_closes_the_door_for_more_than_an_hour() {
        assert_eq!(wait(429, &[("x-ratelimit-reset", "9223372036854775807")]), Some(3600));
        assert_eq!(wait(429, &[("retry-after", "9223372036854775807")]), Some(3600));
    }

    #[test]
    fn the_last_request_of_a_window_closes_the_door_and_any_other_leaves_it_open() {
        let reset = (NOW + 7).to_string();
        assert_eq!(wait(200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &reset)]), Some(7));
        assert_eq!(wait(200, &[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", &reset)]), None);
        assert_eq!(wait(200, &[("x-ratelimit-remaining", "0")]), None);
        assert_eq!(wait(200, &[]), None);
    }

    #[test]
    fn a_closed_door_stays_closed_until_its_moment_whatever_other_answers_say() {
        let clock = ManualClock::at(UnixTime::from_secs(NOW));
        let mut limit = RateLimit::new(Limits::default(), clock.uptime());
        limit.heed(notice(429, &[("retry-after", "30")]), &clock);
        limit.heed(notice(429, &[("retry-after", "10")]), &clock);
        limit.heed(notice(200, &[]), &clock);
        clock.advance(at(29_999));
        let refusal = limit.take(clock.uptime());
        assert!(
            matches!(refusal, Err(ManagementError::RateLimited { until }) if until == UnixTime::from_secs(NOW + 30)),
            "{refusal:?}"
        );
        clock.advance(at(1));
        assert!(limit.take(clock.uptime()).is_ok());
    }
}
