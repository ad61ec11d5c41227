//! The users table for threads that may wait, with memory told of each write.

use std::sync::Arc;

use domain::{Change, EmailAddress, RepositoryError, Saved, SchemaState, Subject, User, UserRepository};

use super::cache::UserCache;

/// The table itself, never memory. Whoever saves finds the new row afterwards, whichever way they look.
pub struct ToldUsers {
    table: Arc<dyn UserRepository>,
    cache: Arc<UserCache>,
}

impl ToldUsers {
    /// This table, with that memory told.
    #[must_use]
    pub fn new(table: Arc<dyn UserRepository>, cache: Arc<UserCache>) -> Self {
        Self { table, cache }
    }
}

impl UserRepository for ToldUsers {
    fn find_by_subject(&self, subject: &Subject) -> Result<Option<User>, RepositoryError> {
        self.table.find_by_subject(subject)
    }

    fn find_by_email(&self, email: &EmailAddress) -> Result<Option<User>, RepositoryError> {
        self.table.find_by_email(email)
    }

    fn save(&self, change: Change<'_>) -> Result<Saved, RepositoryError> {
        if let Change::Login(login) = change
            && self.cache.is_in_doubt()
            && login.directory.as_ref().is_none_or(|said| !said.blocked)
            && let Err(outage @ RepositoryError::Unavailable(_)) = self.table.find_by_subject(change.subject())
        {
            // What cannot even be read has not changed by this, and Auth0 has said nothing that would bar the user.
            return Err(outage);
        }
        let outcome = self.table.save(change);
        // Whatever the outcome: one that failed may have been carried out all the same, and one that left the row as it
        // was may have written down what Auth0 said.
        change.concerned().for_each(|subject| self.cache.forget(subject));
        outcome
    }

    fn schema_state(&self) -> Result<SchemaState, RepositoryError> {
        self.table.schema_state()
    }
}

impl std::fmt::Debug for ToldUsers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ToldUsers").field("cache", &self.cache).finish_non_exhaustive()
    }
}
