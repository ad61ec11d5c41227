//! What is remembered of events, in memory: for tests and examples.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Cursor, DeadLetter, EventId, EventInbox, Letter, LetterId, RepositoryError, SEEN_FOR, UnixTime};

/// The most events that one call forgets.
const FORGOTTEN_AT_ONCE: usize = 100;

/// Events in maps. Keeps the same promises as the databases.
#[derive(Debug, Default)]
pub struct InMemoryEventInbox {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    seen: HashMap<EventId, UnixTime>,
    letters: BTreeMap<LetterId, DeadLetter>,
    last_id: i32,
    cursors: HashMap<String, Cursor>,
}

impl InMemoryEventInbox {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventInbox for InMemoryEventInbox {
    fn has_seen(&self, event: &EventId) -> Result<bool, RepositoryError> {
        Ok(self.kept().seen.contains_key(event))
    }

    fn mark_seen(&self, event: &EventId, now: UnixTime) -> Result<(), RepositoryError> {
        let mut kept = self.kept();
        let old = kept.seen.iter().filter(|(_, seen_at)| now.since(**seen_at) > SEEN_FOR);
        let old: Vec<EventId> = old.map(|(event, _)| event.clone()).take(FORGOTTEN_AT_ONCE).collect();
        for event in old {
            kept.seen.remove(&event);
        }
        kept.letters.retain(|_, letter| letter.letter.event.as_ref() != Some(event));
        kept.seen.entry(event.clone()).or_insert(now);
        Ok(())
    }

    fn park(&self, letter: &Letter, now: UnixTime) -> Result<(), RepositoryError> {
        let mut kept = self.kept();
        let known = letter
            .event
            .as_ref()
            .and_then(|event| kept.letters.values_mut().find(|parked| parked.letter.event.as_ref() == Some(event)));
        if let Some(known) = known {
            known.letter = letter.clone();
            known.attempts += 1;
            return Ok(());
        }
        kept.last_id += 1;
        let id = LetterId::new(kept.last_id);
        kept.letters.insert(id, DeadLetter { id, letter: letter.clone(), parked_at: now, attempts: 1 });
        Ok(())
    }

    fn dead_letters(&self, after: Option<LetterId>, limit: usize) -> Result<Vec<DeadLetter>, RepositoryError> {
        let kept = self.kept();
        let behind = kept.letters.values().filter(|letter| after.is_none_or(|after| letter.id > after));
        Ok(behind.take(limit).cloned().collect())
    }

    fn discard(&self, letter: LetterId) -> Result<(), RepositoryError> {
        self.kept().letters.remove(&letter);
        Ok(())
    }

    fn load_cursor(&self, name: &str) -> Result<Option<Cursor>, RepositoryError> {
        Ok(self.kept().cursors.get(name).cloned())
    }

    fn store_cursor(&self, name: &str, cursor: &Cursor) -> Result<(), RepositoryError> {
        self.kept().cursors.insert(name.to_owned(), cursor.clone());
        Ok(())
    }
}
