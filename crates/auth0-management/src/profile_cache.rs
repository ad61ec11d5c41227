//! Answers about users, for a while and up to a number.

use std::collections::HashMap;
use std::time::Duration;

use domain::{DirectoryAnswer, Subject};

use crate::Limits;

/// The answers of late. Times are uptimes of the clock.
///
/// A map and a look at all of it when it is full: that takes a tenth of a millisecond at 10,000 users, and happens only
/// after a request to Auth0, which takes a hundred times as long. A crate for caching would bring locks and hashing that
/// nothing here has a use for.
#[derive(Debug)]
pub(crate) struct ProfileCache {
    remembered_for: Duration,
    most: usize,
    entries: HashMap<Subject, Entry>,
    /// Counts look-ups, so that entries can be ordered by their last one.
    look_ups: u64,
}

#[derive(Debug)]
struct Entry {
    answer: DirectoryAnswer,
    read_at: Duration,
    last_used: u64,
}

impl ProfileCache {
    pub(crate) fn new(limits: Limits) -> Self {
        let (remembered_for, most) = (limits.remembered_for, limits.remembered_users);
        Self { remembered_for, most, entries: HashMap::new(), look_ups: 0 }
    }

    pub(crate) fn find(&mut self, subject: &Subject, now: Duration) -> Option<DirectoryAnswer> {
        self.look_ups += 1;
        let remembered_for = self.remembered_for;
        let entry = self.entries.get_mut(subject).filter(|entry| entry.stands(remembered_for, now))?;
        entry.last_used = self.look_ups;
        Some(entry.answer.clone())
    }

    /// Keeps an answer that was asked for at `read_at`.
    pub(crate) fn keep(&mut self, subject: Subject, answer: DirectoryAnswer, read_at: Duration) {
        if self.most == 0 {
            return;
        }
        if self.entries.len() >= self.most && !self.entries.contains_key(&subject) {
            self.make_room(read_at);
        }
        self.look_ups += 1;
        self.entries.insert(subject, Entry { answer, read_at, last_used: self.look_ups });
    }

    pub(crate) fn remove(&mut self, subject: &Subject) {
        self.entries.remove(subject);
    }

    /// Drops what no longer stands and, if that is nothing, what was unused for longest.
    fn make_room(&mut self, now: Duration) {
        let remembered_for = self.remembered_for;
        self.entries.retain(|_, entry| entry.stands(remembered_for, now));
        if self.entries.len() >= self.most {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.last_used);
            if let Some(subject) = oldest.map(|(subject, _)| subject.clone()) {
                self.entries.remove(&subject);
            }
        }
    }
}

impl Entry {
    fn stands(&self, remembered_for: Duration, now: Duration) -> bool {
        now.saturating_sub(self.read_at) < remembered_for
    }
}

#[cfg(test)]
mod tests {
    use domain::UnixTime;

    use super::*;

    const NOBODY: DirectoryAnswer = DirectoryAnswer::NoSuchUser { asked_at: UnixTime::from_secs(7) };

    fn at(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn user(id: u32) -> Subject {
        Subject::parse(&format!("auth0|{id}")).unwrap()
    }

    fn cache(users: usize) -> ProfileCache {
        ProfileCache::new(Limits { remembered_users: users, remembered_for: at(600), ..Limits::default() })
    }

    fn knows(cache: &mut ProfileCache, id: u32, now: u64) -> bool {
        cache.find(&user(id), at(now)).is_some()
    }

    #[test]
    fn an_answer_stands_for_its_time_and_no_longer() {
        let mut cache = cache(10);
        cache.keep(user(1), NOBODY, at(100));
        assert_eq!(cache.find(&user(1), at(699)), Some(NOBODY));
        assert!(!knows(&mut cache, 1, 700));
        assert!(!knows(&mut cache, 2, 100));
    }

    #[test]
    fn what_was_unused_for_longest_makes_room() {
        let mut cache = cache(2);
        cache.keep(user(1), NOBODY, at(0));
        cache.keep(user(2), NOBODY, at(0));
        assert!(knows(&mut cache, 1, 1));
        cache.keep(user(3), NOBODY, at(1));
        assert!(knows(&mut cache, 1, 1) && !knows(&mut cache, 2, 1) && knows(&mut cache, 3, 1));
        // A second reading of a user who is there needs no room.
        cache.keep(user(3), NOBODY, at(2));
        assert!(knows(&mut cache, 1, 2));
    }

    #[test]
    fn what_no_longer_stands_makes_room_first() {
        let mut cache = cache(2);
        cache.keep(user(1), NOBODY, at(0));
        cache.keep(user(2), NOBODY, at(500));
        cache.find(&user(1), at(599));
        cache.keep(user(3), NOBODY, at(700));
        assert!(knows(&mut cache, 2, 700) && knows(&mut cache, 3, 700));
    }

    #[test]
    fn it_never_holds_more_than_it_may() {
        for most in [0, 1, 100] {
            let mut cache = cache(most);
            for id in 0..300 {
                cache.keep(user(id), NOBODY, at(0));
                assert!(cache.entries.len() <= most);
            }
            assert_eq!(cache.entries.len(), most);
        }
    }
}
