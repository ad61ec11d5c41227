//! What a socket has to do at which moment: one timer for all of it.

use std::time::Duration;

use domain::{Clock, UnixTime};

/// How long before the token's end the client is told of it.
const NOTICE: Duration = Duration::from_secs(60);

/// When a row could not be read: how long until the next attempt.
const REREAD_PAUSE: Duration = Duration::from_secs(2);

/// So many pings in a row may go unanswered.
const PINGS: u32 = 2;

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// The token has ended.
    Expiry,
    /// It ends soon; said once for each token.
    Notice,
    /// The client has not answered the last pings.
    NoPong,
    /// A ping.
    Ping,
    /// Another attempt to read the row.
    Reread,
}

/// The moments of one socket. The token's end is measured by the wall clock, everything else by the time that passes.
#[derive(Debug)]
pub(super) struct Schedule {
    expires_at: UnixTime,
    noticed: bool,
    ping_every: Duration,
    next_ping: Duration,
    unanswered: u32,
    reread_at: Option<Duration>,
}

impl Schedule {
    pub(super) fn new(expires_at: UnixTime, ping_every: Duration, clock: &dyn Clock) -> Self {
        let next_ping = clock.uptime().saturating_add(ping_every);
        Self { expires_at, noticed: false, ping_every, next_ping, unanswered: 0, reread_at: None }
    }

    pub(super) fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// Another token counts from now on.
    pub(super) fn renew(&mut self, expires_at: UnixTime) {
        self.expires_at = expires_at;
        self.noticed = false;
    }

    /// The client has answered a ping.
    pub(super) fn answered(&mut self) {
        self.unanswered = 0;
    }

    /// The row could not be read.
    pub(super) fn reread_later(&mut self, clock: &dyn Clock) {
        self.reread_at = Some(clock.uptime().saturating_add(REREAD_PAUSE));
    }

    /// Takes what is due, the most important first; `None` when nothing is any more.
    pub(super) fn take(&mut self, clock: &dyn Clock) -> Option<Due> {
        let (now, uptime) = (clock.now(), clock.uptime());
        if now >= self.expires_at {
            return Some(Due::Expiry);
        }
        if !self.noticed && now.plus(NOTICE) >= self.expires_at {
            self.noticed = true;
            return Some(Due::Notice);
        }
        if uptime >= self.next_ping {
            self.next_ping = uptime.saturating_add(self.ping_every);
            if self.unanswered >= PINGS {
                return Some(Due::NoPong);
            }
            self.unanswered += 1;
            return Some(Due::Ping);
        }
        if self.reread_at.is_some_and(|at| uptime >= at) {
            self.reread_at = None;
            return Some(Due::Reread);
        }
        None
    }

    /// How long until something is due. No longer than until the next ping, so that a wall clock that was set is seen.
    pub(super) fn wait(&self, clock: &dyn Clock) -> Duration {
        let (now, uptime) = (clock.now(), clock.uptime());
        let expiry = self.expires_at.since(now);
        let token = if self.noticed { expiry } else { expiry.saturating_sub(NOTICE) };
        let others = self.reread_at.map_or(self.next_ping, |at| at.min(self.next_ping));
        // A timer may go off a moment early; a millisecond more keeps that from being a loop.
        token.min(others.saturating_sub(uptime)).saturating_add(Duration::from_millis(1))
    }
}

#[cfg(test)]
mod tests {
    use domain::ManualClock;

    use super::*;

    const PING: Duration = Duration::from_secs(30);

    fn start(life: i64) -> (ManualClock, Schedule) {
        let clock = ManualClock::at(UnixTime::from_secs(1_000));
        let schedule = Schedule::new(UnixTime::from_secs(1_000 + life), PING, &clock);
        (clock, schedule)
    }

    /// Everything that happens from now on for so long, with the second at which it does.
    fn happens(clock: &ManualClock, schedule: &mut Schedule, secs: u64) -> Vec<(u64, Due)> {
        let end = clock.uptime() + Duration::from_secs(secs);
        let mut happened = Vec::new();
        loop {
            while let Some(due) = schedule.take(clock) {
                happened.push((clock.uptime().as_secs(), due));
                if due == Due::Expiry {
                    return happened;
                }
            }
            let left = end.saturating_sub(clock.uptime());
            if left.is_zero() {
                return happened;
            }
            clock.advance(schedule.wait(clock).min(left));
        }
    }

    #[test]
    fn the_end_is_announced_a_minute_ahead_and_comes_at_exp_and_not_after_a_leeway() {
        let (clock, mut schedule) = start(100);
        let mut answering = Vec::new();
        for _ in 0..10 {
            answering.extend(happens(&clock, &mut schedule, 10));
            schedule.answered();
        }
        assert_eq!(
            answering,
            [(30, Due::Ping), (40, Due::Notice), (60, Due::Ping), (90, Due::Ping), (100, Due::Expiry)]
        );
    }

    #[test]
    fn a_short_life_is_announced_at_once() {
        let (clock, mut schedule) = start(20);
        assert_eq!(happens(&clock, &mut schedule, 60), [(0, Due::Notice), (20, Due::Expiry)]);
    }

    #[test]
    fn a_token_in_its_leeway_ends_at_once() {
        let (clock, mut schedule) = start(-5);
        assert_eq!(happens(&clock, &mut schedule, 60), [(0, Due::Expiry)]);
    }

    #[test]
    fn a_newer_token_is_announced_and_ends_at_its_own_time() {
        let (clock, mut schedule) = start(20);
        assert_eq!(happens(&clock, &mut schedule, 18), [(0, Due::Notice)]);
        schedule.renew(clock.now().plus(Duration::from_secs(20)));
        let rest: Vec<_> =
            happens(&clock, &mut schedule, 60).into_iter().filter(|(_, due)| *due != Due::Ping).collect();
        assert_eq!(rest, [(18, Due::Notice), (38, Due::Expiry)]);
    }

    #[test]
    fn two_pings_without_an_answer_are_borne() {
        let (clock, mut schedule) = start(10_000);
        assert_eq!(happens(&clock, &mut schedule, 95), [(30, Due::Ping), (60, Due::Ping), (90, Due::NoPong)]);
    }

    #[test]
    fn a_row_that_could_not_be_read_is_read_again_after_a_pause() {
        let (clock, mut schedule) = start(10_000);
        schedule.reread_later(&clock);
        assert_eq!(happens(&clock, &mut schedule, 29), [(2, Due::Reread)]);
    }

    #[test]
    fn an_idle_socket_sleeps_from_ping_to_ping() {
        let (clock, mut schedule) = start(10_000);
        assert_eq!(schedule.take(&clock), None);
        assert_eq!(schedule.wait(&clock), PING + Duration::from_millis(1));
    }
}
