//! Rows of the users table on PostgreSQL, and what stands beside them.

use diesel::dsl::exists;
use diesel::prelude::*;
use domain::{Auth0Record, Claimant, EmailAddress, Subject, User, UserId, UserPage};

use super::schema::{auth0_records, date_part, legacy_users, users};
use crate::fault::Fault;
use crate::held_address::holds;
use crate::record_document;
use crate::user_row::{Columns, holder_from, page_of, rows_for_page, user_from};

type Selection = (
    users::id,
    users::auth0_id,
    users::email,
    users::email_verified,
    users::name,
    users::picture,
    users::blocked,
    date_part<&'static str, users::deleted_at>,
);

/// What [`user_from`] reads, in its order.
fn columns() -> Selection {
    // A function that diesel knows, and no literal SQL, so that the statement is prepared once for each connection.
    let deleted_at = date_part("epoch", users::deleted_at);
    (
        users::id,
        users::auth0_id,
        users::email,
        users::email_verified,
        users::name,
        users::picture,
        users::blocked,
        deleted_at,
    )
}

pub(super) fn find_by_subject(connection: &mut PgConnection, subject: &Subject) -> Result<Option<User>, Fault> {
    let row: Option<Columns<i32>> =
        users::table.filter(users::auth0_id.eq(subject.as_str())).select(columns()).first(connection).optional()?;
    Ok(row.map(user_from).transpose()?)
}

pub(super) fn find_by_email(connection: &mut PgConnection, email: &EmailAddress) -> Result<Option<User>, Fault> {
    let row: Option<Columns<i32>> = users::table.filter(holds(email)).select(columns()).first(connection).optional()?;
    Ok(row.map(user_from).transpose()?)
}

/// The row of this subject, or the one that the password era exported under its id, and what Auth0 has said of the
/// subject. One query where there is a row.
pub(super) fn find_base(
    connection: &mut PgConnection,
    subject: &Subject,
) -> Result<(Option<User>, Auth0Record), Fault> {
    let own: Option<(Columns<i32>, Option<String>)> = users::table
        .left_join(auth0_records::table.on(auth0_records::auth0_id.eq(users::auth0_id)))
        .filter(users::auth0_id.eq(subject.as_str()))
        .select((columns(), auth0_records::record.nullable()))
        .first(connection)
        .optional()?;
    if let Some((columns, document)) = own {
        return Ok((Some(user_from(columns)?), record_from(document)?));
    }
    let exported = match subject.as_imported() {
        Some(id) => find_exported(connection, id)?,
        None => None,
    };
    let document =
        auth0_records::table.find(subject.as_str()).select(auth0_records::record).first(connection).optional()?;
    Ok((exported, record_from(document)?))
}

fn find_exported(connection: &mut PgConnection, id: UserId) -> Result<Option<User>, Fault> {
    let row: Option<Columns<i32>> = users::table
        .inner_join(legacy_users::table.on(legacy_users::user_id.eq(users::id)))
        .filter(users::id.eq(id.get()))
        .filter(users::auth0_id.eq(Subject::legacy(id).as_str().to_owned()))
        .filter(legacy_users::exported_at.is_not_null())
        .select(columns())
        .first(connection)
        .optional()?;
    Ok(row.map(user_from).transpose()?)
}

/// Keeps everybody else from changing the row until the transaction ends.
pub(super) fn lock_row(connection: &mut PgConnection, id: UserId) -> Result<(), Fault> {
    users::table.find(id.get()).select(users::id).for_update().execute(connection)?;
    Ok(())
}

pub(super) fn record_from(document: Option<String>) -> Result<Auth0Record, Fault> {
    Ok(document.map(|document| record_document::read(&document)).transpose()?.unwrap_or_default())
}

/// Everybody who holds one of these addresses or waits for it.
pub(super) fn find_claimants(
    connection: &mut PgConnection,
    addresses: &[EmailAddress],
) -> Result<Vec<Claimant>, Fault> {
    let mut claimants = Vec::new();
    for address in addresses {
        let joined = || {
            users::table
                .left_join(auth0_records::table.on(auth0_records::auth0_id.eq(users::auth0_id)))
                .select((columns(), auth0_records::record.nullable()))
        };
        type Row = (Columns<i32>, Option<String>);
        let holders: Vec<Row> = joined().filter(holds(address)).load(connection)?;
        let waiting: Vec<Row> = joined().filter(auth0_records::email.eq(address.as_str())).load(connection)?;
        let read = |user, document| Ok::<_, Fault>(Claimant { user, record: record_from(document)? });
        let holders = holders.into_iter().map(|(row, document)| read(holder_from(row, address)?, document));
        let waiting = waiting.into_iter().map(|(row, document)| read(user_from(row)?, document));
        for claimant in holders.chain(waiting) {
            let claimant = claimant?;
            if claimant.concerns(address) && !claimants.contains(&claimant) {
                claimants.push(claimant);
            }
        }
    }
    Ok(claimants)
}

/// Whether another row than this has the address.
pub(super) fn is_held_by_another(
    connection: &mut PgConnection,
    email: &EmailAddress,
    but: UserId,
) -> Result<bool, Fault> {
    let others = users::table.filter(holds(email)).filter(users::id.ne(but.get()));
    Ok(diesel::select(exists(others)).get_result(connection)?)
}

/// The rows behind this id, in the order of their ids.
pub(super) fn find_page(connection: &mut PgConnection, after: Option<UserId>, limit: usize) -> Result<UserPage, Fault> {
    let mut query = users::table.select(columns()).order(users::id).limit(rows_for_page(limit)).into_boxed();
    if let Some(after) = after {
        query = query.filter(users::id.gt(after.get()));
    }
    let rows: Vec<Columns<i32>> = query.load(connection)?;
    Ok(page_of(rows, limit))
}
