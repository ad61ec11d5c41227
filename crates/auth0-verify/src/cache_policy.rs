//! How keys are kept.

use std::time::Duration;

/// How long keys are used and how often they may be asked for. A cache holds each to a century at most, and `max_age` and
/// `cooldown` to a second at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachePolicy {
    /// The greatest age that keys may come to, by which they are replaced, so that a withdrawn key stops verifying.
    /// Refreshed ahead at 80 % of it. An issuer that says `Cache-Control: max-age` has its keys replaced earlier, though not
    /// before [`SHORTEST_MAX_AGE`](Self::SHORTEST_MAX_AGE), and never later.
    pub max_age: Duration,
    /// The pause after a failed fetch, and the time in which an unknown `kid` earns one more fetch.
    pub cooldown: Duration,
    /// The age up to which keys serve while the issuer is out of reach. Zero: never beyond their own greatest age.
    pub stale_if_error: Duration,
}

impl CachePolicy {
    /// No issuer can have its keys fetched more often than their greatest age of this much calls for: some say
    /// `max-age=15`.
    pub const SHORTEST_MAX_AGE: Duration = Duration::from_secs(60);

    const SHORTEST: Duration = Duration::from_secs(1);
    /// What is longer cannot be reckoned with.
    const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

    /// The policy that a cache keeps to: no pause is so short that there is none, and no time so long that it overflows.
    pub(crate) fn within_bounds(self) -> Self {
        let between = |span: Duration| span.clamp(Self::SHORTEST, Self::LONGEST);
        Self {
            max_age: between(self.max_age),
            cooldown: between(self.cooldown),
            stale_if_error: self.stale_if_error.min(Self::LONGEST),
        }
    }

    /// The greatest age of a set that its issuer calls fresh for so long; `None` where it says nothing.
    pub(crate) fn max_age_of(&self, stated: Option<Duration>) -> Duration {
        stated.map_or(self.max_age, |stated| stated.max(Self::SHORTEST_MAX_AGE).min(self.max_age))
    }
}

impl Default for CachePolicy {
    /// 10 minutes, 30 seconds, 24 hours.
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(600),
            cooldown: Duration::from_secs(30),
            stale_if_error: Duration::from_secs(86_400),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_issuer_says_counts_between_a_minute_and_the_configured_age() {
        let with = |max_age| CachePolicy { max_age: Duration::from_secs(max_age), ..CachePolicy::default() };
        for (configured, stated, greatest) in [
            (600, None, 600),
            (600, Some(0), 60),
            (600, Some(15), 60),
            (600, Some(60), 60),
            (600, Some(61), 61),
            (600, Some(600), 600),
            (600, Some(86_400), 600),
            (60, Some(1), 60),
            (59, Some(1), 59),
            (1, None, 1),
            (1, Some(86_400), 1),
        ] {
            let age = with(configured).max_age_of(stated.map(Duration::from_secs));
            assert_eq!(age.as_secs(), greatest, "{configured} {stated:?}");
        }
    }
}
