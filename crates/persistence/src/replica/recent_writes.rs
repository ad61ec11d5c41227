//! Whose row this process has written of late.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use domain::Subject;

/// How many are known one by one. Beyond them everybody counts as just written, until a proof is younger: that is right
/// and merely slower.
const MOST: usize = 10_000;

/// The users, with the moment after the last write of each.
#[derive(Debug, Default)]
pub(crate) struct RecentWrites(Mutex<Writes>);

#[derive(Debug, Default)]
struct Writes {
    last: HashMap<Subject, Instant>,
    /// In the order of their moments; what is no longer the last of its subject is passed over.
    order: VecDeque<(Instant, Subject)>,
    everybody: Option<Instant>,
}

impl RecentWrites {
    /// The row of this user was written before `moment`, or may have been.
    pub(crate) fn note(&self, subject: &Subject, moment: Instant) {
        let mut writes = self.lock();
        if writes.order.len() >= MOST {
            writes.last.clear();
            writes.order.clear();
            writes.everybody = Some(moment);
            return;
        }
        writes.last.insert(subject.clone(), moment);
        writes.order.push_back((moment, subject.clone()));
    }

    /// Whether all writes to this user are in what was committed before `proven`.
    pub(crate) fn are_shown(&self, subject: &Subject, proven: Instant) -> bool {
        let mut writes = self.lock();
        writes.forget_before(proven);
        let is_older = |moment: Option<&Instant>| moment.is_none_or(|moment| *moment < proven);
        is_older(writes.everybody.as_ref()) && is_older(writes.last.get(subject))
    }

    fn lock(&self) -> MutexGuard<'_, Writes> {
        // Nothing above panics half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writes {
    fn forget_before(&mut self, proven: Instant) {
        while self.order.front().is_some_and(|(moment, _)| *moment < proven) {
            let Some((moment, subject)) = self.order.pop_front() else { return };
            if self.last.get(&subject) == Some(&moment) {
                self.last.remove(&subject);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn subject(name: &str) -> Subject {
        Subject::parse(&format!("auth0|{name}")).expect("a subject")
    }

    #[test]
    fn a_write_is_shown_by_a_proof_that_is_younger_and_by_no_other() {
        let (writes, now) = (RecentWrites::default(), Instant::now());
        let (before, after) = (now, now + Duration::from_millis(2));
        writes.note(&subject("ada"), now + Duration::from_millis(1));
        assert!(!writes.are_shown(&subject("ada"), before));
        assert!(writes.are_shown(&subject("bob"), before));
        assert!(writes.are_shown(&subject("ada"), after));
        assert_eq!(writes.lock().order.len(), 0, "what is shown is forgotten");
    }

    #[test]
    fn the_last_of_several_writes_counts() {
        let (writes, now) = (RecentWrites::default(), Instant::now());
        let moment = |millis| now + Duration::from_millis(millis);
        writes.note(&subject("ada"), moment(1));
        writes.note(&subject("ada"), moment(5));
        assert!(!writes.are_shown(&subject("ada"), moment(3)));
        assert!(writes.are_shown(&subject("ada"), moment(6)));
    }

    #[test]
    fn of_very_many_writes_nobody_is_forgotten_too_early() {
        let (writes, now) = (RecentWrites::default(), Instant::now());
        let moment = now + Duration::from_millis(1);
        for number in 0..=MOST {
            writes.note(&subject(&number.to_string()), moment);
        }
        assert!(!writes.are_shown(&subject("0"), now));
        assert!(writes.lock().order.len() <= MOST);
        assert!(writes.are_shown(&subject("0"), moment + Duration::from_millis(1)));
    }
}
