//! When the next request is due.

use std::time::{Duration, Instant};

/// Which requests there still are, and when.
#[derive(Debug)]
pub(crate) struct Pace {
    begin: Instant,
    /// Between two requests; none: as fast as answers come.
    interval: Option<Duration>,
    end: Option<Instant>,
    total: Option<usize>,
    begun: usize,
}

impl Pace {
    /// Begins now. `rate`: requests each second. `total`: the most that are made.
    pub(crate) fn new(begin: Instant, rate: Option<f64>, time: Option<Duration>, total: Option<usize>) -> Self {
        Self {
            begin,
            interval: rate.map(|rate| Duration::from_secs_f64(1.0 / rate)),
            end: time.map(|time| begin + time),
            total,
            begun: 0,
        }
    }

    /// The place and the time of the next request, if it is due.
    pub(crate) fn next(&mut self, now: Instant) -> Option<(usize, Instant)> {
        if self.is_over(now) {
            return None;
        }
        let due = self.due()?;
        if due > now {
            return None;
        }
        self.begun += 1;
        Some((self.begun - 1, if self.interval.is_some() { due } else { now }))
    }

    /// Whether no request will be due any more.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.total.is_some_and(|total| self.begun >= total) || self.end.is_some_and(|end| now >= end)
    }

    /// What comes next if nothing else happens: a request that is due, or the end.
    pub(crate) fn wake_at(&self, somebody_is_idle: bool) -> Option<Instant> {
        let due = self.due().filter(|_| somebody_is_idle && self.interval.is_some());
        due.into_iter().chain(self.end).min()
    }

    /// How many were due and have not begun when it was over.
    pub(crate) fn unsent(&self) -> u64 {
        let (Some(interval), Some(end)) = (self.interval, self.end) else { return 0 };
        let due = (end - self.begin).as_nanos() / interval.as_nanos().max(1);
        let due = usize::try_from(due).unwrap_or(usize::MAX).min(self.total.unwrap_or(usize::MAX));
        due.saturating_sub(self.begun) as u64
    }

    fn due(&self) -> Option<Instant> {
        match self.interval {
            None => Some(self.begin),
            // Multiplied, not added up, so that no rounding adds up either.
            Some(interval) => {
                self.begin.checked_add(Duration::from_secs_f64(interval.as_secs_f64() * place(self.begun)))
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 requests are made")]
fn place(begun: usize) -> f64 {
    begun as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn in_a_closed_loop_the_next_is_always_due_until_the_end() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin, None, Some(MS(10)), None);
        assert_eq!(pace.next(begin + MS(3)), Some((0, begin + MS(3))));
        assert_eq!(pace.next(begin + MS(9)), Some((1, begin + MS(9))));
        assert_eq!(pace.next(begin + MS(10)), None);
        assert!(pace.is_over(begin + MS(10)));
        assert_eq!(pace.unsent(), 0);
    }

    #[test]
    fn in_an_open_loop_a_late_request_keeps_the_time_at_which_it_was_due() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin, Some(100.0), Some(MS(100)), None);
        assert_eq!(pace.next(begin), Some((0, begin)));
        assert_eq!(pace.next(begin), None);
        assert_eq!(pace.wake_at(true), Some(begin + MS(10)));
        assert_eq!(pace.wake_at(false), Some(begin + MS(100)));
        assert_eq!(pace.next(begin + MS(95)), Some((1, begin + MS(10))));
        assert_eq!(pace.unsent(), 8);
    }

    #[test]
    fn a_count_ends_it() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin, None, None, Some(1));
        assert!(pace.next(begin).is_some() && pace.next(begin).is_none() && pace.is_over(begin));
        assert_eq!(pace.wake_at(true), None);
    }
}
