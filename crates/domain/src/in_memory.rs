//! A users table and a store of key sets in memory, which keep the same promises as the databases: for tests and
//! examples.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{
    EmailAddress, KeySetStore, RepositoryError, Saved, SchemaState, StoredKeySet, Subject, User, UserId, UserRecord,
    UserRepository,
};

/// Users in a list; ids count up from 1.
#[derive(Debug, Default)]
pub struct InMemoryUserRepository {
    rows: Mutex<Vec<User>>,
}

impl InMemoryUserRepository {
    /// Every row, oldest first.
    #[must_use]
    pub fn rows(&self) -> Vec<User> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<User>> {
        // Each change to the list is one push or one assignment, so a panic elsewhere leaves it whole.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UserRepository for InMemoryUserRepository {
    fn find_by_subject(&self, subject: &Subject) -> Result<Option<User>, RepositoryError> {
        Ok(self.lock().iter().find(|user| user.subject == *subject).cloned())
    }

    fn find_by_email(&self, email: &EmailAddress) -> Result<Option<User>, RepositoryError> {
        Ok(self.lock().iter().find(|user| user.email == *email).cloned())
    }

    fn save(&self, record: &UserRecord) -> Result<Saved, RepositoryError> {
        let mut rows = self.lock();
        if rows.iter().any(|user| user.email == record.email && user.subject != record.subject) {
            return Err(RepositoryError::EmailTaken);
        }
        if let Some(row) = rows.iter_mut().find(|user| user.subject == record.subject) {
            let after = record.applied_to(row);
            if after == *row {
                return Ok(Saved::Unchanged(after));
            }
            *row = after.clone();
            return Ok(Saved::Updated(after));
        }
        let id = i32::try_from(rows.len() + 1).map_err(|full| RepositoryError::Failed(full.into()))?;
        let user = record.as_new_user(UserId::new(id));
        rows.push(user.clone());
        Ok(Saved::Created(user))
    }

    fn schema_state(&self) -> Result<SchemaState, RepositoryError> {
        Ok(SchemaState::Current)
    }
}

/// Key sets in a map.
#[derive(Debug, Default)]
pub struct InMemoryKeySetStore {
    sets: Mutex<HashMap<String, StoredKeySet>>,
}

impl KeySetStore for InMemoryKeySetStore {
    fn load_key_set(&self, issuer: &str) -> Result<Option<StoredKeySet>, RepositoryError> {
        Ok(self.sets.lock().unwrap_or_else(PoisonError::into_inner).get(issuer).cloned())
    }

    fn store_key_set(&self, issuer: &str, set: &StoredKeySet) -> Result<(), RepositoryError> {
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        if sets.get(issuer).is_none_or(|kept| kept.fetched_at <= set.fetched_at) {
            sets.insert(issuer.to_owned(), set.clone());
        }
        Ok(())
    }
}
