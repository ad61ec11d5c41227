//! The users table on SQLite.

mod errors;
mod key_sets;
pub(crate) mod pragmas;
mod schema;
mod write_turns;

use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool, PooledConnection};
use domain::{
    EmailAddress, RepositoryError, Saved, SchemaState, Subject, User, UserChange, UserId, UserRecord, UserRepository,
};

use self::errors::classify;
pub(crate) use self::key_sets::SqliteKeySets;
use self::pragmas::{Pragmas, file_name};
use self::schema::{strftime, users};
use self::write_turns::WriteTurns;
use crate::changes::Listeners;
use crate::fault::Fault;
use crate::migrations::Ledger;
use crate::pool::{self, PoolSettings};
use crate::user_row::{BrokenRow, Columns, user_from};

/// What [`user_from`] reads, in its order.
const COLUMNS: (users::id, users::auth0_id, users::email, users::email_verified, users::name, users::picture) =
    (users::id, users::auth0_id, users::email, users::email_verified, users::name, users::picture);

/// The form of the column defaults, so that all timestamps sort as text.
const TIMESTAMP: &str = "%Y-%m-%dT%H:%M:%fZ";

/// Connections that come up in the background.
pub(crate) fn open_pool(path: &str, settings: &PoolSettings) -> Pool<ConnectionManager<SqliteConnection>> {
    pool::build(file_name(path), settings, Pragmas { busy_timeout: settings.statement_timeout })
}

/// The repository.
pub(crate) struct SqliteUsers {
    pool: Pool<ConnectionManager<SqliteConnection>>,
    turns: WriteTurns,
    patience: Duration,
    ledger: Ledger,
    listeners: Arc<Listeners>,
}

impl SqliteUsers {
    /// `patience` is how long a write waits for its turn. The listeners hear of what was written.
    pub(crate) fn over(
        pool: Pool<ConnectionManager<SqliteConnection>>,
        patience: Duration,
        listeners: Arc<Listeners>,
    ) -> Self {
        Self { pool, turns: WriteTurns::default(), patience, ledger: Ledger::sqlite(), listeners }
    }

    fn connection(&self) -> Result<PooledConnection<ConnectionManager<SqliteConnection>>, Fault> {
        Ok(self.pool.get()?)
    }

    fn save_once(&self, record: &UserRecord) -> Result<Saved, Fault> {
        // Most saves change nothing, and a plain read locks nothing.
        if let Some(before) = find_by_subject(&mut *self.connection()?, &record.subject)? {
            let after = record.applied_to(&before);
            if after == before {
                return Ok(Saved::Unchanged(after));
            }
        }
        // No connection is held while waiting, so that a queue of writers leaves the pool to the readers.
        let _turn = self.turns.take(self.patience).ok_or(Fault::NoTurn)?;
        self.connection()?.immediate_transaction(|connection| match find_by_subject(connection, &record.subject)? {
            Some(before) => update(connection, &before, record),
            None => insert(connection, record),
        })
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

    fn save(&self, record: &UserRecord) -> Result<Saved, RepositoryError> {
        self.save_once(record)
            .or_else(|fault| if fault.is_lost_race(classify) { self.save_once(record) } else { Err(fault) })
            .inspect(|saved| {
                if !matches!(saved, Saved::Unchanged(_)) {
                    self.listeners.tell(&UserChange::Of(record.subject.clone()));
                }
            })
            .map_err(|fault| fault.explained(classify))
    }

    fn schema_state(&self) -> Result<SchemaState, RepositoryError> {
        self.connection()
            .and_then(|mut connection| Ok(self.ledger.state(&mut *connection)?))
            .map_err(|fault| fault.explained(classify))
    }
}

fn find_by_subject(connection: &mut SqliteConnection, subject: &Subject) -> Result<Option<User>, Fault> {
    let row: Option<Columns<i64>> =
        users::table.filter(users::auth0_id.eq(subject.as_str())).select(COLUMNS).first(connection).optional()?;
    Ok(row.map(user_from).transpose()?)
}

fn find_by_email(connection: &mut SqliteConnection, email: &EmailAddress) -> Result<Option<User>, Fault> {
    let row: Option<Columns<i64>> =
        users::table.filter(users::email.eq(email.as_str())).select(COLUMNS).first(connection).optional()?;
    Ok(row.map(user_from).transpose()?)
}

fn update(connection: &mut SqliteConnection, before: &User, record: &UserRecord) -> Result<Saved, Fault> {
    let after = record.applied_to(before);
    if after == *before {
        return Ok(Saved::Unchanged(after));
    }
    diesel::update(users::table.find(i64::from(after.id.get())))
        .set((
            users::email.eq(after.email.as_str()),
            users::email_verified.eq(after.email_verified),
            users::name.eq(after.name.as_ref().map(|name| name.as_str())),
            users::picture.eq(after.picture.as_ref().map(|picture| picture.as_str())),
            users::updated_at.eq(strftime(TIMESTAMP, "now").nullable()),
        ))
        .execute(connection)?;
    Ok(Saved::Updated(after))
}

fn insert(connection: &mut SqliteConnection, record: &UserRecord) -> Result<Saved, Fault> {
    // Only the row can say its id. One that is refused takes its id back with it: SQLite counts in the transaction.
    let user = record.as_new_user(UserId::new(0));
    let id: i64 = diesel::insert_into(users::table)
        .values((
            users::auth0_id.eq(user.subject.as_str()),
            users::email.eq(user.email.as_str()),
            users::email_verified.eq(user.email_verified),
            users::name.eq(user.name.as_ref().map(|name| name.as_str())),
            users::picture.eq(user.picture.as_ref().map(|picture| picture.as_str())),
        ))
        .returning(users::id)
        .get_result(connection)?;
    let id = i32::try_from(id).map_err(|_| BrokenRow::id_too_large(id))?;
    Ok(Saved::Created(User { id: UserId::new(id), ..user }))
}
