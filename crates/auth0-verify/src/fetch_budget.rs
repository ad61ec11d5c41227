//! How many fetches unknown `kid`s may cause.

use std::time::Duration;

/// A bucket of two fetches that gains one per cooldown.
///
/// Two, so that a rotation right after start is noticed at once although a fetch has just been made; no more, so that a
/// flood of made-up `kid`s costs the issuer next to nothing. Failed fetches cost the same.
#[derive(Debug)]
pub(crate) struct FetchBudget {
    cooldown: Duration,
    /// Time that has been saved up; each fetch costs one cooldown of it.
    saved: Duration,
    counted_at: Duration,
}

impl FetchBudget {
    const FETCHES: u32 = 2;

    pub(crate) fn full(cooldown: Duration, now: Duration) -> Self {
        Self { cooldown, saved: cooldown * Self::FETCHES, counted_at: now }
    }

    /// Whether a fetch could be taken.
    pub(crate) fn has_one(&mut self, now: Duration) -> bool {
        self.saved = (self.saved + now.saturating_sub(self.counted_at)).min(self.cooldown * Self::FETCHES);
        self.counted_at = now;
        self.saved >= self.cooldown
    }

    /// Takes a fetch, if there is one.
    pub(crate) fn take(&mut self, now: Duration) -> bool {
        let granted = self.has_one(now);
        if granted {
            self.saved -= self.cooldown;
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COOLDOWN: Duration = Duration::from_secs(30);

    fn at(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn two_fetches_are_there_at_once_and_one_more_after_each_cooldown() {
        let mut budget = FetchBudget::full(COOLDOWN, at(0));
        assert!(budget.take(at(0)) && budget.take(at(0)));
        assert!(!budget.take(at(29)));
        assert!(budget.take(at(30)));
        assert!(!budget.take(at(30)));
        assert!(!budget.take(at(59)));
        assert!(budget.take(at(60)));
    }

    #[test]
    fn an_idle_time_saves_up_no_more_than_two() {
        let mut budget = FetchBudget::full(COOLDOWN, at(0));
        assert!(budget.take(at(100_000)) && budget.take(at(100_000)));
        assert!(!budget.take(at(100_000)));
    }
}
