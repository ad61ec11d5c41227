//! The notes, in memory: they end with the program.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use domain::Subject;

/// Of each person the latest notes.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    by_owner: Mutex<HashMap<Subject, VecDeque<String>>>,
}

impl Notes {
    /// How many notes of one person are kept.
    const KEPT: usize = 100;

    /// The person's notes, oldest first.
    pub(crate) fn of(&self, owner: &Subject) -> Vec<String> {
        let notes = self.by_owner.lock().unwrap_or_else(PoisonError::into_inner);
        notes.get(owner).map_or_else(Vec::new, |notes| notes.iter().cloned().collect())
    }

    /// Adds a note, and forgets the oldest of too many.
    pub(crate) fn add(&self, owner: &Subject, note: String) {
        let mut notes = self.by_owner.lock().unwrap_or_else(PoisonError::into_inner);
        let notes = notes.entry(owner.clone()).or_default();
        notes.push_back(note);
        if notes.len() > Self::KEPT {
            notes.pop_front();
        }
    }
}
