//! Time as a dependency, so that tests move it instead of waiting.

use std::fmt::Debug;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970-01-01T00:00:00Z: fine enough for a NumericDate with a fraction (RFC 7519 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i64);

impl UnixTime {
    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// How long after `earlier` this is; nothing if it is before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// This time and a span later, stopping at the end of the range.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis(span)))
    }
}

/// Where time comes from.
pub trait Clock: Debug + Send + Sync {
    /// Wall time, which claims are judged by.
    fn now(&self) -> UnixTime;

    /// Time since some fixed moment; never goes back. Ages and pauses are measured by it, so that a corrected wall
    /// clock ages no key.
    fn uptime(&self) -> Duration;
}

/// The machine's clocks.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        // A wall clock before 1970 is broken; every token is then from the future and refused, which is safe.
        UnixTime(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis))
    }

    fn uptime(&self) -> Duration {
        self.started.elapsed()
    }
}

/// A clock that moves when it is told to.
#[derive(Debug)]
pub struct ManualClock {
    start: i64,
    now: AtomicI64,
}

impl ManualClock {
    /// Stands at `now` until it is moved.
    #[must_use]
    pub fn at(now: UnixTime) -> Self {
        Self { start: now.0, now: AtomicI64::new(now.0) }
    }

    /// Moves wall time and uptime forward together.
    pub fn advance(&self, span: Duration) {
        self.now.fetch_add(millis(span), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixTime {
        UnixTime(self.now.load(Ordering::SeqCst))
    }

    fn uptime(&self) -> Duration {
        let passed = self.now.load(Ordering::SeqCst).saturating_sub(self.start);
        Duration::from_millis(passed.unsigned_abs())
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_round_down_on_both_sides_of_the_epoch() {
        assert_eq!(UnixTime::from_millis(1_999).as_secs(), 1);
        assert_eq!(UnixTime::from_millis(-1).as_secs(), -1);
    }

    #[test]
    fn adding_to_the_last_moment_stays_there() {
        let end = UnixTime::from_millis(i64::MAX);
        assert_eq!(end.plus(Duration::from_secs(30)), end);
    }

    #[test]
    fn a_manual_clock_moves_both_times_together() {
        let clock = ManualClock::at(UnixTime::from_secs(100));
        clock.advance(Duration::from_millis(1_500));
        assert_eq!(clock.now(), UnixTime::from_millis(101_500));
        assert_eq!(clock.uptime(), Duration::from_millis(1_500));
    }
}
