//! When keys are fetched without anybody asking for one.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// The moment of the next scheduled fetch.
#[derive(Debug)]
pub(crate) struct RefreshSchedule {
    next: Duration,
    failures_in_a_row: u32,
}

impl RefreshSchedule {
    /// The first pause after a failure while there are no keys; it doubles up to the cooldown, so that a service
    /// which started a second before its issuer is ready a second later.
    const FIRST_PAUSE: Duration = Duration::from_secs(1);

    pub(crate) fn due_at(next: Duration) -> Self {
        Self { next, failures_in_a_row: 0 }
    }

    pub(crate) fn is_due(&self, now: Duration) -> bool {
        now >= self.next
    }

    /// Ahead of the greatest age, so that no request meets an old key: at 80 % of it, or up to 8 % of it earlier, so that
    /// nodes which started together do not ask together.
    pub(crate) fn succeeded(&mut self, now: Duration, max_age: Duration) {
        self.failures_in_a_row = 0;
        self.next = now + max_age.mul_f64(0.8 - 0.08 * random_fraction());
    }

    pub(crate) fn failed(&mut self, now: Duration, cooldown: Duration, has_keys: bool) {
        let doubled = Self::FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(self.failures_in_a_row));
        self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
        self.next = now + if has_keys { cooldown } else { doubled.min(cooldown) };
    }
}

/// From 0 to 1. The keys of a `RandomState` are random, which is all the chance that jitter needs.
fn random_fraction() -> f64 {
    let bits = (RandomState::new().hash_one(0_u8) >> 32) as u32;
    f64::from(bits) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX_AGE: Duration = Duration::from_secs(600);
    const COOLDOWN: Duration = Duration::from_secs(30);

    #[test]
    fn the_next_fetch_comes_between_72_and_80_percent_of_the_greatest_age() {
        for _ in 0..1_000 {
            let mut schedule = RefreshSchedule::due_at(Duration::ZERO);
            schedule.succeeded(Duration::ZERO, MAX_AGE);
            assert!(!schedule.is_due(Duration::from_secs(431)));
            assert!(schedule.is_due(Duration::from_secs(480)));
        }
    }

    #[test]
    fn without_keys_the_pause_doubles_from_a_second_up_to_the_cooldown() {
        let mut schedule = RefreshSchedule::due_at(Duration::ZERO);
        let mut pauses = Vec::new();
        for _ in 0..7 {
            let now = schedule.next;
            schedule.failed(now, COOLDOWN, false);
            pauses.push((schedule.next - now).as_secs());
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn with_keys_at_hand_a_failure_is_followed_by_a_whole_cooldown() {
        let mut schedule = RefreshSchedule::due_at(Duration::ZERO);
        schedule.failed(Duration::ZERO, COOLDOWN, true);
        assert!(!schedule.is_due(Duration::from_millis(29_999)));
        assert!(schedule.is_due(COOLDOWN));
    }
}
