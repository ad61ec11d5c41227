//! What is known by a random name for a limited time: sessions, codes, login pages, refresh tokens.

use std::collections::HashMap;
use std::fmt;
use std::sync::Mutex;

use crate::lock::lock;
use crate::random;

/// More are not kept; the oldest goes first.
const CAPACITY: usize = 10_000;
/// Bytes of randomness in a name.
const NAME_BYTES: usize = 24;

/// Values by names that cannot be guessed. `Debug` shows none of them, because a name is as good as a secret.
pub(super) struct Expiring<T>(Mutex<Kept<T>>);

struct Kept<T> {
    entries: HashMap<String, Entry<T>>,
    /// How many were ever put in: the age of an entry.
    count: u64,
}

struct Entry<T> {
    value: T,
    number: u64,
    expires_at: i64,
}

impl<T: Clone> Expiring<T> {
    /// Keeps a value until then (seconds since 1970) and returns its name.
    pub(super) fn keep(&self, value: T, expires_at: i64, now: i64) -> String {
        let mut kept = lock(&self.0);
        if kept.entries.len() >= CAPACITY {
            kept.make_room(now);
        }
        kept.count += 1;
        let (name, number) = (random::token(NAME_BYTES), kept.count);
        kept.entries.insert(name.clone(), Entry { value, number, expires_at });
        name
    }

    /// The value of this name, if its time is not over.
    pub(super) fn find(&self, name: &str, now: i64) -> Option<T> {
        lock(&self.0).entries.get(name).filter(|entry| entry.expires_at > now).map(|entry| entry.value.clone())
    }

    /// Looks at the value of this name and may change it, in one step.
    pub(super) fn change<R>(&self, name: &str, now: i64, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        lock(&self.0).entries.get_mut(name).filter(|entry| entry.expires_at > now).map(|entry| change(&mut entry.value))
    }

    pub(super) fn remove(&self, name: &str) {
        lock(&self.0).entries.remove(name);
    }

    pub(super) fn remove_all(&self, unwanted: impl Fn(&T) -> bool) {
        lock(&self.0).entries.retain(|_, entry| !unwanted(&entry.value));
    }
}

impl<T> Kept<T> {
    fn make_room(&mut self, now: i64) {
        self.entries.retain(|_, entry| entry.expires_at > now);
        if self.entries.len() >= CAPACITY {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.number).map(|(name, _)| name.clone());
            oldest.and_then(|name| self.entries.remove(&name));
        }
    }
}

impl<T> Default for Expiring<T> {
    fn default() -> Self {
        Self(Mutex::new(Kept { entries: HashMap::new(), count: 0 }))
    }
}

impl<T> fmt::Debug for Expiring<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expiring").field("count", &lock(&self.0).entries.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_until_its_time_is_over() {
        let kept = Expiring::default();
        let name = kept.keep("value", 10, 0);
        assert_eq!(kept.find(&name, 9), Some("value"));
        assert_eq!(kept.find(&name, 10), None);
        assert_eq!(kept.find("another", 0), None);
    }

    #[test]
    fn the_oldest_gives_way_when_there_are_too_many() {
        let kept = Expiring::default();
        let names: Vec<String> = (0..=CAPACITY).map(|number| kept.keep(number, 10, 0)).collect();
        assert_eq!(kept.find(&names[0], 0), None);
        assert_eq!(kept.find(&names[1], 0), Some(1));
        assert_eq!(kept.find(&names[CAPACITY], 0), Some(CAPACITY));
        assert!(!format!("{kept:?}").contains(&names[1]));
    }
}
