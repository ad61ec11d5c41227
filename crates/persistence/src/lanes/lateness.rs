//! Which questions of a lane have waited for too long.

use std::time::Instant;

use super::lane::Shared;
use super::overseer::Overseen;
use super::refusal::Busy;

impl<Q: Send, A: Send> Overseen for Shared<Q, A> {
    fn look(&self, now: Instant) -> Instant {
        let mut next = now + self.limits.patience;
        loop {
            let mut state = self.lock();
            let Some(first) = state.waiting.front() else { break };
            let expires = first.expires(&self.limits);
            if expires > now {
                next = next.min(expires);
                break;
            }
            let late = state.waiting.pop_front();
            drop(state);
            if let Some(late) = late {
                self.expire(&late.promise.witness(), Busy::Expired);
            }
        }
        let allowed = self.limits.patience + self.limits.work_time;
        let is_late = |at: &Instant| *at + allowed <= now;
        let threads = || (0..self.under_way.len()).filter_map(|thread| self.under_way(thread));
        let stuck = threads().filter(|under_way| under_way.iter().any(|(at, _)| is_late(at))).count();
        // Said before anybody is refused, who might ask again at once; and taken back at the next look, should a thread have come
        // back meanwhile.
        self.lock().is_stuck = stuck > 0 && stuck == self.under_way.len();
        for under_way in threads() {
            under_way.iter().filter(|(at, _)| is_late(at)).for_each(|(_, witness)| self.expire(witness, Busy::Silent));
            let on_time = under_way.iter().map(|(at, _)| *at).filter(|at| !is_late(at));
            next = on_time.map(|at| at + allowed).fold(next, Instant::min);
        }
        next
    }
}
