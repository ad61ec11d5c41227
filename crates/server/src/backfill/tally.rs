//! What became of the lines.

use serde::{Deserialize, Serialize};

use super::line::{Taken, TakenLine};

/// How many lines ended how, over all runs of one backfill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Users who have a row now and had none.
    pub created: u64,
    /// Users whose row was changed.
    pub updated: u64,
    /// Users whose row said so already.
    pub unchanged: u64,
    /// Of these, users without an address of their own: the one that Auth0 has for them is another user's by the rules.
    pub waiting: u64,
    /// Lines that wait as dead letters.
    pub parked: u64,
}

impl Tally {
    /// All lines that were done.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.created + self.updated + self.unchanged + self.parked
    }

    pub(super) fn count(&mut self, line: &TakenLine) {
        match line.taken {
            Taken::Created => self.created += 1,
            Taken::Updated => self.updated += 1,
            Taken::Unchanged => self.unchanged += 1,
            Taken::Parked { .. } => self.parked += 1,
        }
        self.waiting += u64::from(line.waits);
    }
}
