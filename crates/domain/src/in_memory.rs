//! A users table and a store of key sets in memory, which keep the same promises as the databases: for tests and
//! examples.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::{
    AsyncUserRepository, Auth0Record, Change, Claimant, Draft, EmailAddress, KeySetStore, KnownUser, Login, Plan,
    Reply, RepositoryError, Saved, SchemaState, Seen, Standing, StoredKeySet, Subject, User, UserId, UserPage,
    UserPages, UserRepository,
};

/// Users in a list; ids count up from 1.
#[derive(Debug, Default)]
pub struct InMemoryUserRepository {
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    rows: Vec<User>,
    records: HashMap<Subject, Auth0Record>,
    exported: Vec<UserId>,
}

impl InMemoryUserRepository {
    /// Every row, oldest first.
    #[must_use]
    pub fn rows(&self) -> Vec<User> {
        self.lock().rows.clone()
    }

    /// Adds a row as another program does, which knows none of the rules.
    pub fn add_row(&self, subject: Subject, email: EmailAddress) -> UserId {
        let mut table = self.lock();
        let id = table.next_id();
        table.add(id, subject, email);
        id
    }

    /// Adds a row of the password era, exported to Auth0 or not.
    pub fn add_legacy_row(&self, email: EmailAddress, exported: bool) -> UserId {
        let mut table = self.lock();
        let id = table.next_id();
        table.add(id, Subject::legacy(id), email);
        if exported {
            table.exported.push(id);
        }
        id
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // Nothing below panics between two writes, so a panic elsewhere leaves it whole.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn next_id(&self) -> UserId {
        // More rows than ids do not fit into memory.
        UserId::new(i32::try_from(self.rows.len() + 1).unwrap_or(i32::MAX))
    }

    fn base_of(&self, subject: &Subject) -> Option<User> {
        let own = self.rows.iter().find(|user| user.subject == *subject);
        let exported = || {
            let id = subject.as_imported().filter(|id| self.exported.contains(id))?;
            self.rows.iter().find(|user| user.subject == Subject::legacy(id))
        };
        own.or_else(exported).cloned()
    }

    fn claimants(&self, draft: &Draft) -> Vec<Claimant> {
        let addresses = draft.addresses();
        let everybody = self.rows.iter().map(|user| Claimant {
            user: user.clone(),
            record: self.records.get(&user.subject).cloned().unwrap_or_default(),
        });
        everybody.filter(|claimant| addresses.iter().any(|address| claimant.concerns(address))).collect()
    }

    fn add(&mut self, id: UserId, subject: Subject, email: EmailAddress) {
        let standing = Standing::Active;
        self.rows.push(User { id, subject, email, email_verified: false, name: None, picture: None, standing });
    }

    /// All of it or nothing.
    fn carry_out(&mut self, plan: &Plan) -> Result<(), RepositoryError> {
        let before = self.rows.clone();
        let mut changed = plan.displaced.iter().chain([&plan.own]).chain(&plan.regained);
        let outcome = changed.try_for_each(|user| self.write(user.clone()));
        if outcome.is_err() {
            self.rows = before;
        }
        outcome
    }

    /// # Errors
    /// [`RepositoryError::EmailTaken`], as a database says it.
    fn write(&mut self, user: User) -> Result<(), RepositoryError> {
        if self.holds(&user.email, user.id) {
            return Err(RepositoryError::EmailTaken);
        }
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == user.id) {
            *row = user;
        } else {
            self.rows.push(user);
        }
        Ok(())
    }

    /// Whether another row than this has the address.
    fn holds(&self, email: &EmailAddress, but: UserId) -> bool {
        self.rows.iter().any(|row| row.email == *email && row.id != but)
    }
}

impl UserRepository for InMemoryUserRepository {
    fn find_by_subject(&self, subject: &Subject) -> Result<Option<User>, RepositoryError> {
        Ok(self.lock().rows.iter().find(|user| user.subject == *subject).cloned())
    }

    fn find_by_email(&self, email: &EmailAddress) -> Result<Option<User>, RepositoryError> {
        Ok(self.lock().rows.iter().find(|user| user.email == *email).cloned())
    }

    fn save(&self, change: Change<'_>) -> Result<Saved, RepositoryError> {
        let mut table = self.lock();
        let known = table.records.get(change.subject()).cloned().unwrap_or_default();
        let draft = change.draft(table.base_of(change.subject()), &known)?;
        if let Some(user) = draft.unchanged(&known) {
            return Ok(Saved::Unchanged(user.clone()));
        }
        let claimants = table.claimants(&draft);
        let mut plan = draft.decide(change, &claimants)?;
        if plan.base.is_none() {
            plan.give_id(table.next_id());
        }
        plan.evade(|email, id| Ok::<_, RepositoryError>(table.holds(email, id)))?;
        table.carry_out(&plan)?;
        table.records.insert(change.subject().clone(), plan.record.clone());
        Ok(plan.outcome())
    }

    fn schema_state(&self) -> Result<SchemaState, RepositoryError> {
        Ok(SchemaState::Current)
    }
}

impl AsyncUserRepository for InMemoryUserRepository {
    fn find(&self, subject: &Subject) -> Reply<Option<Arc<KnownUser>>> {
        let table = self.lock();
        let own = table.rows.iter().find(|user| user.subject == *subject).cloned();
        let record = Some(table.records.get(subject).cloned().unwrap_or_default());
        Reply::AtOnce(Ok(own.map(|user| Arc::new(KnownUser { user, record }))))
    }

    fn log_in(&self, login: Arc<Login>, _: Seen, _: Instant) -> Reply<Saved> {
        Reply::AtOnce(self.save(Change::Login(&login)))
    }
}

impl UserPages for InMemoryUserRepository {
    fn page(&self, after: Option<UserId>, limit: usize) -> Result<UserPage, RepositoryError> {
        let mut rows = self.rows();
        rows.sort_by_key(|user| user.id);
        rows.retain(|user| after.is_none_or(|after| user.id > after));
        let is_last = rows.len() <= limit;
        rows.truncate(limit);
        let next = rows.last().map(|user| user.id).filter(|_| !is_last);
        Ok(UserPage { users: rows, unreadable: Vec::new(), next })
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
        if sets.get(issuer).is_none_or(|kept| kept.gives_way_to(set)) {
            sets.insert(issuer.to_owned(), set.clone());
        }
        Ok(())
    }
}
