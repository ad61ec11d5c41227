//! Who is known, who is being asked about, and who is to be asked about next.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::{DirectoryAnswer, Subject};

use crate::Limits;
use crate::flight::Flight;
use crate::profile_cache::ProfileCache;

/// Answers that stand and requests that are under way, at most one for each user.
#[derive(Debug)]
pub(crate) struct ProfileBook {
    answers: ProfileCache,
    flights: HashMap<Subject, Arc<Flight>>,
}

/// What the book has on a user.
#[derive(Debug)]
pub(crate) enum Entry {
    /// An answer that stands.
    Known(DirectoryAnswer),
    /// Somebody is asking; wait for them.
    UnderWay(Arc<Flight>),
    /// Nothing. Whoever gets this asks, and then [closes](ProfileBook::close) the flight.
    Begun(Arc<Flight>),
}

impl ProfileBook {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { answers: ProfileCache::new(limits), flights: HashMap::new() }
    }

    /// An answer that stands, without beginning anything.
    pub(crate) fn known(&mut self, subject: &Subject, now: Duration) -> Option<DirectoryAnswer> {
        self.answers.find(subject, now)
    }

    pub(crate) fn look_up(&mut self, subject: &Subject, now: Duration) -> Entry {
        if let Some(answer) = self.known(subject, now) {
            return Entry::Known(answer);
        }
        if let Some(flight) = self.flights.get(subject) {
            return Entry::UnderWay(Arc::clone(flight));
        }
        let flight = Arc::new(Flight::default());
        self.flights.insert(subject.clone(), Arc::clone(&flight));
        Entry::Begun(flight)
    }

    /// Ends a flight that was begun at `begun_at` and keeps its answer, if there is one, and unless the user was forgotten
    /// meanwhile: then the answer may be older than what they were forgotten for.
    pub(crate) fn close(
        &mut self,
        subject: &Subject,
        flight: &Arc<Flight>,
        answer: Option<&DirectoryAnswer>,
        begun_at: Duration,
    ) {
        if self.flights.get(subject).is_some_and(|current| Arc::ptr_eq(current, flight)) {
            self.flights.remove(subject);
            if let Some(answer) = answer {
                self.answers.keep(subject.clone(), answer.clone(), begun_at);
            }
        }
    }

    /// The next look-up of this user begins a new flight.
    pub(crate) fn forget(&mut self, subject: &Subject) {
        self.answers.remove(subject);
        self.flights.remove(subject);
    }
}

#[cfg(test)]
mod tests {
    use domain::UnixTime;

    use super::*;

    const NOBODY: DirectoryAnswer = DirectoryAnswer::NoSuchUser { asked_at: UnixTime::from_secs(7) };

    const AT: Duration = Duration::from_secs(1);

    fn book() -> (ProfileBook, Subject) {
        (ProfileBook::new(Limits::default()), Subject::parse("auth0|1").unwrap())
    }

    fn begun(book: &mut ProfileBook, subject: &Subject) -> Arc<Flight> {
        match book.look_up(subject, AT) {
            Entry::Begun(flight) => flight,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_user_is_asked_about_by_one_at_a_time() {
        let (mut book, subject) = book();
        let flight = begun(&mut book, &subject);
        assert!(matches!(book.look_up(&subject, AT), Entry::UnderWay(other) if Arc::ptr_eq(&other, &flight)));
        book.close(&subject, &flight, Some(&NOBODY), AT);
        assert!(matches!(book.look_up(&subject, AT), Entry::Known(answer) if answer == NOBODY));
    }

    #[test]
    fn a_failure_is_not_remembered() {
        let (mut book, subject) = book();
        let flight = begun(&mut book, &subject);
        book.close(&subject, &flight, None, AT);
        begun(&mut book, &subject);
    }

    #[test]
    fn an_answer_that_was_under_way_when_its_user_was_forgotten_is_not_kept() {
        let (mut book, subject) = book();
        let old = begun(&mut book, &subject);
        book.forget(&subject);
        let new = begun(&mut book, &subject);
        book.close(&subject, &old, Some(&NOBODY), AT);
        assert!(matches!(book.look_up(&subject, AT), Entry::UnderWay(other) if Arc::ptr_eq(&other, &new)));
    }
}
