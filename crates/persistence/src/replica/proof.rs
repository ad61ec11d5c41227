//! Until when a standby is known to show everything.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::log_position::LogPosition;
use super::report::ReplicaState;

/// What was learnt of primary and standby.
#[derive(Debug)]
pub(crate) struct Proof {
    greatest_lag: Duration,
    learnt: Mutex<Learnt>,
}

#[derive(Debug)]
struct Learnt {
    /// How far the primary had come after these moments, oldest first; not yet seen of the standby.
    open: VecDeque<(Instant, LogPosition)>,
    /// The standby shows all that was committed before this moment.
    proven: Option<Instant>,
    /// How far the standby had come when it was last asked.
    standby: Option<LogPosition>,
    /// The standby had come further than the primary has on its disk, so that it replays another log.
    has_diverged: bool,
    /// Why nothing is being learnt.
    trouble: Option<ReplicaState>,
}

impl Proof {
    /// None yet. Older than so much it counts for nothing.
    pub(crate) fn new(greatest_lag: Duration) -> Self {
        let learnt = Learnt {
            open: VecDeque::new(),
            proven: None,
            standby: None,
            has_diverged: false,
            trouble: Some(ReplicaState::OutOfReach),
        };
        Self { greatest_lag, learnt: Mutex::new(learnt) }
    }

    /// The primary, asked after `moment`, has come so far. A standby gets nothing that is not on its primary's disk: where it had come
    /// further before, it does not follow this one.
    pub(super) fn primary_is_at(&self, moment: Instant, position: LogPosition) {
        let mut learnt = self.lock();
        learnt.has_diverged = learnt.standby.is_some_and(|reached| reached > position);
        if learnt.has_diverged {
            learnt.trouble = Some(ReplicaState::Diverged);
            learnt.forget();
            return;
        }
        // What is as old as this could prove nothing any more.
        let oldest = moment.checked_sub(self.greatest_lag);
        while learnt.open.front().is_some_and(|(at, _)| oldest.is_some_and(|oldest| *at < oldest)) {
            learnt.open.pop_front();
        }
        learnt.open.push_back((moment, position));
    }

    /// The standby has replayed so far.
    pub(super) fn standby_is_at(&self, position: LogPosition) {
        let mut learnt = self.lock();
        learnt.standby = Some(position);
        learnt.trouble = learnt.has_diverged.then_some(ReplicaState::Diverged);
        while let Some((moment, _)) = learnt.open.front().copied().filter(|(_, reached)| *reached <= position) {
            learnt.proven = Some(moment);
            learnt.open.pop_front();
        }
    }

    /// Nothing can be learnt; what was proven grows old, or never was so of this server.
    pub(super) fn is_in_trouble(&self, state: ReplicaState) {
        let mut learnt = self.lock();
        learnt.trouble = Some(state);
        if matches!(state, ReplicaState::Stranger | ReplicaState::NoStandby | ReplicaState::Diverged) {
            learnt.forget();
        }
    }

    /// What is proven, if that is young enough to ask the standby.
    pub(crate) fn proven(&self, now: Instant) -> Option<Instant> {
        let learnt = self.lock();
        learnt.proven.filter(|proven| now.saturating_duration_since(*proven) <= self.greatest_lag)
    }

    /// How it stands.
    pub(crate) fn state(&self, now: Instant) -> (ReplicaState, Option<Duration>) {
        let is_proven = self.proven(now).is_some();
        let learnt = self.lock();
        let lag = learnt.proven.map(|proven| now.saturating_duration_since(proven));
        let state = if is_proven { ReplicaState::Current } else { learnt.trouble.unwrap_or(ReplicaState::Behind) };
        (state, lag)
    }

    fn lock(&self) -> MutexGuard<'_, Learnt> {
        // Nothing above panics half-way.
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Learnt {
    /// What was learnt was not about a standby of this primary.
    fn forget(&mut self) {
        self.open.clear();
        self.proven = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAG: Duration = Duration::from_secs(1);

    fn at(text: &str) -> LogPosition {
        LogPosition::parse(text).expect(text)
    }

    #[test]
    fn a_standby_that_has_come_as_far_shows_what_was_committed_before_the_question() {
        let (proof, now) = (Proof::new(LAG), Instant::now());
        let later = |millis| now + Duration::from_millis(millis);
        proof.primary_is_at(now, at("0/10"));
        proof.primary_is_at(later(200), at("0/20"));
        proof.standby_is_at(at("0/1F"));
        assert_eq!(proof.proven(later(300)), Some(now));
        proof.standby_is_at(at("0/20"));
        assert_eq!(proof.proven(later(300)), Some(later(200)));
    }

    #[test]
    fn nothing_is_proven_by_a_standby_that_lags_or_is_silent() {
        let (proof, now) = (Proof::new(LAG), Instant::now());
        assert_eq!(proof.proven(now), None);
        proof.primary_is_at(now, at("0/10"));
        proof.standby_is_at(at("0/F"));
        assert_eq!(proof.proven(now), None);
        assert_eq!(proof.state(now).0, ReplicaState::Behind);
        proof.standby_is_at(at("0/10"));
        assert!(proof.proven(now + LAG).is_some());
        assert_eq!(proof.proven(now + LAG + Duration::from_millis(1)), None);
    }

    #[test]
    fn trouble_is_told_once_the_last_proof_is_old_and_a_stranger_is_asked_no_more() {
        let (proof, now) = (Proof::new(LAG), Instant::now());
        proof.primary_is_at(now, at("0/10"));
        proof.standby_is_at(at("0/10"));
        proof.is_in_trouble(ReplicaState::OutOfReach);
        assert_eq!(proof.state(now), (ReplicaState::Current, Some(Duration::ZERO)));
        let old = now + LAG * 2;
        assert_eq!(proof.state(old), (ReplicaState::OutOfReach, Some(LAG * 2)));
        proof.is_in_trouble(ReplicaState::Stranger);
        assert_eq!(proof.proven(now), None);
    }

    #[test]
    fn a_standby_that_is_further_than_its_primary_has_another_log_and_proves_nothing_until_that_is_over() {
        let (proof, now) = (Proof::new(LAG), Instant::now());
        let later = |millis| now + Duration::from_millis(millis);
        proof.primary_is_at(now, at("0/20"));
        proof.standby_is_at(at("0/20"));
        // The primary is another one now, which had not come as far.
        proof.primary_is_at(later(200), at("0/10"));
        assert_eq!(proof.proven(later(200)), None);
        proof.standby_is_at(at("0/20"));
        assert_eq!(proof.proven(later(200)), None);
        assert_eq!(proof.state(later(200)), (ReplicaState::Diverged, None));
        // What was asked meanwhile proves nothing later on.
        proof.primary_is_at(later(400), at("0/20"));
        assert_eq!(proof.proven(later(400)), None);
        proof.standby_is_at(at("0/20"));
        assert_eq!(proof.proven(later(400)), Some(later(400)));
    }

    #[test]
    fn of_a_standby_that_never_answers_no_more_is_kept_than_could_still_prove_something() {
        let (proof, now) = (Proof::new(LAG), Instant::now());
        for step in 0..1_000 {
            proof.primary_is_at(now + Duration::from_millis(200) * step, at("0/10"));
        }
        assert!(proof.lock().open.len() <= 6);
    }
}
