//! Which questions of a lane have waited for too long.

use std::collections::VecDeque;
use std::time::Instant;

use super::lane::Shared;
use super::overseer::Overseen;
use super::refusal::Busy;
use super::seat::{Seat, Seated};

/// So often a lane is looked at while the first question of a caller may wait: a later one of theirs has less time left, so
/// that nobody knows beforehand when it is over.
const LOOKS: u32 = 4;

impl<Q: Send, A: Send> Overseen for Shared<Q, A> {
    fn look(&self, now: Instant) -> Instant {
        let limits = &self.limits;
        let mut next = now + limits.patience / LOOKS;
        // Not in the order in which they came: of a caller's second question less time is left.
        let late: VecDeque<_> = {
            let mut state = self.lock();
            let waiting = std::mem::take(&mut state.waiting);
            let (late, on_time) = waiting.into_iter().partition(|asked| asked.times.begin_by(limits) <= now);
            state.waiting = on_time;
            next = state.waiting.iter().map(|asked| asked.times.begin_by(limits)).fold(next, Instant::min);
            late
        };
        late.iter().for_each(|asked| self.expire(&asked.promise.witness(), Busy::Expired));
        self.replace_whoever_hangs(now);
        let seated = || self.seats.iter().map(Seat::lock);
        let hangs = |seated: &Seated<A>| seated.under_way.iter().any(|(times, _)| times.hangs_from(limits) <= now);
        let stuck = seated().filter(|seated| hangs(seated)).count();
        // Said before anybody is refused, who might ask again at once; and taken back at the next look, should a thread have come
        // back meanwhile.
        self.lock().is_stuck = stuck > 0 && stuck == self.seats.len();
        for seated in seated() {
            for (times, witness) in &seated.under_way {
                if times.answer_by(limits) <= now {
                    self.expire(witness, Busy::Silent);
                }
                let moments = [times.answer_by(limits), times.hangs_from(limits)];
                next = moments.into_iter().filter(|moment| *moment > now).fold(next, Instant::min);
            }
        }
        next
    }
}
