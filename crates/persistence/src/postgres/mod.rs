//! The users table on PostgreSQL.

mod batch_base;
mod batch_login;
mod batch_lookup;
mod batch_new;
mod batch_sql;
mod batch_write;
mod batches;
mod errors;
mod event_inbox;
mod find;
mod held_addresses;
mod key_sets;
mod link;
pub(crate) mod locks;
mod pool;
mod prepared;
mod replica;
mod save;
mod schema;
pub(crate) mod session;
mod used_proofs;

use domain::{
    Change, EmailAddress, RepositoryError, Saved, SchemaState, Subject, User, UserId, UserPage, UserPages,
    UserRepository,
};

pub(crate) use self::batches::open_batches;
use self::errors::classify;
pub(crate) use self::event_inbox::PostgresEventInbox;
use self::find::{find_by_email, find_by_subject, find_page};
pub(crate) use self::key_sets::PostgresKeySets;
use self::pool::Borrowed;
pub(crate) use self::pool::PostgresPool;
pub(crate) use self::replica::{Servers, open_standby};
pub(crate) use self::used_proofs::PostgresUsedProofs;
use crate::fault::Fault;
use crate::migrations::Ledger;

/// The repository.
pub(crate) struct PostgresUsers {
    pool: PostgresPool,
    ledger: Ledger,
}

impl PostgresUsers {
    pub(crate) fn over(pool: PostgresPool) -> Self {
        Self { pool, ledger: Ledger::postgres() }
    }

    fn connection(&self) -> Result<Borrowed, Fault> {
        Ok(self.pool.get()?)
    }
}

impl UserRepository for PostgresUsers {
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
        let attempt = || save::save(&mut *self.connection()?, change);
        attempt()
            .or_else(|fault| if fault.is_lost_race(classify) { attempt() } else { Err(fault) })
            .map_err(|fault| fault.explained(classify))
    }

    fn schema_state(&self) -> Result<SchemaState, RepositoryError> {
        self.connection()
            .and_then(|mut connection| Ok(self.ledger.state(&mut *connection)?))
            .map_err(|fault| fault.explained(classify))
    }
}

impl UserPages for PostgresUsers {
    fn page(&self, after: Option<UserId>, limit: usize) -> Result<UserPage, RepositoryError> {
        self.connection()
            .and_then(|mut connection| find_page(&mut connection, after, limit))
            .map_err(|fault| fault.explained(classify))
    }
}
