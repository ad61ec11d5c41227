//! For how long what is waited for.

use std::time::Duration;

use auth0_http::TOTAL_TIMEOUT;

/// The first pause after a failure and the longest; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The bounds of waiting. What is longer is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For one small request and its answer.
    pub request: Duration,
    /// For the upload of one import file and the answer.
    pub upload: Duration,
    /// For the next bytes of a download.
    pub stall: Duration,
    /// For the end of an outage, over all pauses of one request.
    pub outage: Duration,
    /// For Auth0's rate limit and our own budget, over all pauses of one request.
    pub rate_limit: Duration,
    /// For the end of a job.
    pub job: Duration,
}

/// Pauses that grow.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    count: u32,
    total: Duration,
}

impl Default for Patience {
    /// 5 and 60 seconds, 30 for a stall, 10 minutes for an outage, and 130 minutes for jobs and what they stand in the
    /// way of: Auth0 ends a job after two hours.
    fn default() -> Self {
        let job = Duration::from_secs(130 * 60);
        Self {
            request: TOTAL_TIMEOUT,
            upload: Duration::from_secs(60),
            stall: Duration::from_secs(30),
            outage: Duration::from_secs(600),
            rate_limit: job,
            job,
        }
    }
}

impl Pauses {
    /// The next pause, at least as long as asked for; none when they would be longer than `most` together.
    pub(super) fn next(&mut self, at_least: Duration, most: Duration) -> Option<Duration> {
        let grown = FIRST_PAUSE.saturating_mul(1 << self.count.min(16)).min(LONGEST_PAUSE);
        let pause = grown.max(at_least);
        self.count += 1;
        self.total = self.total.saturating_add(pause);
        (self.total <= most).then_some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound_and_end_with_the_patience() {
        let mut pauses = Pauses::default();
        let most = Duration::from_secs(100);
        let all: Vec<_> = std::iter::from_fn(|| pauses.next(Duration::ZERO, most)).map(|one| one.as_secs()).collect();
        assert_eq!(all, [1, 2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn a_pause_is_as_long_as_was_asked_for() {
        let mut pauses = Pauses::default();
        let most = Duration::from_secs(100);
        assert_eq!(pauses.next(Duration::from_secs(60), most), Some(Duration::from_secs(60)));
        assert_eq!(pauses.next(Duration::from_secs(60), most), None);
    }
}
