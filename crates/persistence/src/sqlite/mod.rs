//! The users table on SQLite.

mod batch_login;
mod batches;
mod errors;
mod event_inbox;
mod find;
mod held_addresses;
mod key_sets;
pub(crate) mod pragmas;
mod save;
mod schema;
mod used_proofs;
mod write_turns;

use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool, PooledConnection};
use domain::{
    Change, EmailAddress, RepositoryError, Saved, SchemaState, Subject, User, UserChange, UserId, UserPage, UserPages,
    UserRepository,
};

pub(crate) use self::batches::open_batches;
use self::errors::classify;
pub(crate) use self::event_inbox::SqliteEventInbox;
use self::find::{find_base, find_by_email, find_by_subject, find_page};
pub(crate) use self::key_sets::SqliteKeySets;
use self::pragmas::{Pragmas, file_name};
use self::save::Carried;
pub(crate) use self::used_proofs::SqliteUsedProofs;
pub(crate) use self::write_turns::WriteTurns;
use crate::changes::Listeners;
use crate::fault::Fault;
use crate::migrations::Ledger;
use crate::pool::{self, PoolSettings};

/// Connections that come up in the background.
pub(crate) fn open_pool(path: &str, settings: &PoolSettings) -> Pool<ConnectionManager<SqliteConnection>> {
    pool::build(file_name(path), settings, Pragmas::of(settings))
}

/// The repository.
pub(crate) struct SqliteUsers {
    pool: Pool<ConnectionManager<SqliteConnection>>,
    turns: Arc<WriteTurns>,
    patience: Duration,
    ledger: Ledger,
    listeners: Arc<Listeners>,
}

impl SqliteUsers {
    /// `patience` is how long a write waits for its turn. The listeners hear of what was written.
    pub(crate) fn over(
        pool: Pool<ConnectionManager<SqliteConnection>>,
        turns: Arc<WriteTurns>,
        patience: Duration,
        listeners: Arc<Listeners>,
    ) -> Self {
        Self { pool, turns, patience, ledger: Ledger::sqlite(), listeners }
    }

    fn connection(&self) -> Result<PooledConnection<ConnectionManager<SqliteConnection>>, Fault> {
        Ok(self.pool.get()?)
    }

    fn save_once(&self, change: Change<'_>) -> Result<Carried, Fault> {
        // Most changes change nothing, and plain reads lock nothing. No connection is held while waiting below, so that
        // a queue of writers leaves the pool to the readers.
        {
            let mut connection = self.connection()?;
            let (base, known) = find_base(&mut connection, change.subject())?;
            let draft = change.draft(base, &known)?;
            if let Some(user) = draft.unchanged(&known) {
                return Ok(Carried { saved: Saved::Unchanged(user.clone()), touched: Vec::new() });
            }
        }
        let _turn = self.turns.take(self.patience).ok_or(Fault::NoTurn)?;
        self.connection()?.immediate_transaction(|connection| save::save(connection, change))
    }
}

impl UserRepository for SqliteUsers {
    fn find_by_subject(&self, subject: &Subject) -> Result<Option<User>, RepositoryError> {
        self.connection()
            .and_then(|mut connection| find_by_subject(&mut connection, subject))
            .map_err(|fault| fault.explained(classify))
    }

    fn find_by_email(&self, email: &EmailAddress) -> Result<Option<User>, RepositoryError> {
        self.connection()
            .and_then(|mut connection| find_by_email(&mut connection, email))
            .map_err(|fault| fault.explained(classify))
    }

    fn save(&self, change: Change<'_>) -> Result<Saved, RepositoryError> {
        self.save_once(change)
            .or_else(|fault| if fault.is_lost_race(classify) { self.save_once(change) } else { Err(fault) })
            .map(|carried| {
                carried.touched.into_iter().for_each(|subject| self.listeners.tell(&UserChange::Of(subject)));
                carried.saved
            })
            .map_err(|fault| fault.explained(classify))
    }

    fn schema_state(&self) -> Result<SchemaState, RepositoryError> {
        self.connection()
            .and_then(|mut connection| Ok(self.ledger.state(&mut *connection)?))
            .map_err(|fault| fault.explained(classify))
    }
}

impl UserPages for SqliteUsers {
    fn page(&self, after: Option<UserId>, limit: usize) -> Result<UserPage, RepositoryError> {
        self.connection()
            .and_then(|mut connection| find_page(&mut connection, after, limit))
            .map_err(|fault| fault.explained(classify))
    }
}
