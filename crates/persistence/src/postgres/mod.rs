//! The users table on PostgreSQL.

mod errors;
mod key_sets;
pub(crate) mod locks;
mod schema;
pub(crate) mod session;

use diesel::dsl::{exists, not, now, select};
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool, PooledConnection};
use diesel::sql_types::{Bool, Nullable, Text, VarChar};
use domain::{EmailAddress, RepositoryError, Saved, SchemaState, Subject, User, UserId, UserRecord, UserRepository};

use self::errors::classify;
pub(crate) use self::key_sets::PostgresKeySets;
use self::schema::{lower, users};
use crate::fault::Fault;
use crate::migrations::Ledger;
use crate::pool::{self, PoolSettings};
use crate::postgres_url::PostgresUrl;
use crate::user_row::{Columns, user_from};

/// What [`user_from`] reads, in its order.
const COLUMNS: (users::id, users::auth0_id, users::email, users::email_verified, users::name, users::picture) =
    (users::id, users::auth0_id, users::email, users::email_verified, users::name, users::picture);

/// Connections that come up in the background.
pub(crate) fn open_pool(url: &PostgresUrl, settings: &PoolSettings) -> Pool<ConnectionManager<PgConnection>> {
    let limits = session::TimeLimits { statement_timeout: settings.statement_timeout };
    pool::build(session::connection_url(url), settings, limits)
}

/// The repository.
pub(crate) struct PostgresUsers {
    pool: Pool<ConnectionManager<PgConnection>>,
    ledger: Ledger,
}

impl PostgresUsers {
    pub(crate) fn over(pool: Pool<ConnectionManager<PgConnection>>) -> Self {
        Self { pool, ledger: Ledger::postgres() }
    }

    fn connection(&self) -> Result<PooledConnection<ConnectionManager<PgConnection>>, Fault> {
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

    fn save(&self, record: &UserRecord) -> Result<Saved, RepositoryError> {
        let attempt = || save(&mut *self.connection()?, record);
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

fn find_by_subject(connection: &mut PgConnection, subject: &Subject) -> Result<Option<User>, Fault> {
    let row: Option<Columns<i32>> =
        users::table.filter(users::auth0_id.eq(subject.as_str())).select(COLUMNS).first(connection).optional()?;
    Ok(row.map(user_from).transpose()?)
}

fn find_by_email(connection: &mut PgConnection, email: &EmailAddress) -> Result<Option<User>, Fault> {
    // Both sides by the same function: the server and this program may disagree about a letter's lower case.
    let row: Option<Columns<i32>> = users::table
        .filter(lower(users::email).eq(lower(email.as_str())))
        .select(COLUMNS)
        .first(connection)
        .optional()?;
    Ok(row.map(user_from).transpose()?)
}

fn save(connection: &mut PgConnection, record: &UserRecord) -> Result<Saved, Fault> {
    // Most saves change nothing, and a plain read locks nothing.
    if let Some(before) = find_by_subject(connection, &record.subject)? {
        let after = record.applied_to(&before);
        if after == before {
            return Ok(Saved::Unchanged(after));
        }
    }
    // Each statement is to see what was committed while it waited for its lock, whatever the server's default is.
    connection.build_transaction().read_committed().run(|connection| {
        locks::lock_claims(connection, &record.subject, &record.email)?;
        match find_and_lock(connection, &record.subject)? {
            Some(before) => update(connection, &before, record),
            None => insert(connection, record),
        }
    })
}

fn find_and_lock(connection: &mut PgConnection, subject: &Subject) -> Result<Option<User>, Fault> {
    let row: Option<Columns<i32>> = users::table
        .filter(users::auth0_id.eq(subject.as_str()))
        .select(COLUMNS)
        .for_update()
        .first(connection)
        .optional()?;
    Ok(row.map(user_from).transpose()?)
}

fn update(connection: &mut PgConnection, before: &User, record: &UserRecord) -> Result<Saved, Fault> {
    let after = record.applied_to(before);
    if after == *before {
        return Ok(Saved::Unchanged(after));
    }
    diesel::update(users::table.find(after.id.get()))
        .set((
            users::email.eq(after.email.as_str()),
            users::email_verified.eq(after.email_verified),
            users::name.eq(after.name.as_ref().map(|name| name.as_str())),
            users::picture.eq(after.picture.as_ref().map(|picture| picture.as_str())),
            users::updated_at.eq(now),
        ))
        .execute(connection)?;
    Ok(Saved::Updated(after))
}

fn insert(connection: &mut PgConnection, record: &UserRecord) -> Result<Saved, Fault> {
    // Only the row can say its id.
    let user = record.as_new_user(UserId::new(0));
    let taken = users::table.filter(lower(users::email).eq(lower(user.email.as_str())));
    // A plain INSERT draws its id first and finds the address taken afterwards; this one draws nothing then.
    let row = select((
        user.subject.as_str().into_sql::<VarChar>(),
        user.email.as_str().into_sql::<VarChar>(),
        user.email_verified.into_sql::<Bool>(),
        user.name.as_ref().map(|name| name.as_str()).into_sql::<Nullable<VarChar>>(),
        user.picture.as_ref().map(|picture| picture.as_str()).into_sql::<Nullable<Text>>(),
    ))
    .filter(not(exists(taken)));
    let id: Option<i32> = diesel::insert_into(users::table)
        .values(row)
        .into_columns((users::auth0_id, users::email, users::email_verified, users::name, users::picture))
        .on_conflict(users::auth0_id)
        .do_nothing()
        .returning(users::id)
        .get_result(connection)
        .optional()?;
    match id {
        Some(id) => Ok(Saved::Created(User { id: UserId::new(id), ..user })),
        // Another program, which knows nothing of our locks, may have inserted the subject just now.
        None if find_by_subject(connection, &record.subject)?.is_some() => Err(Fault::SubjectTaken),
        None => Err(Fault::EmailTaken),
    }
}
