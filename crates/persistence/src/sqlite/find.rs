//! Rows of the users table on SQLite, and what stands beside them.

use diesel::dsl::exists;
use diesel::prelude::*;
use domain::{Auth0Record, Claimant, EmailAddress, KnownUser, Subject, User, UserId, UserPage};

use super::schema::{auth0_records, legacy_users, unixepoch, users};
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
    unixepoch<users::deleted_at, &'static str>,
);

/// What [`user_from`] reads, in its order.
fn columns() -> Selection {
    // A function that diesel knows, and no literal SQL, so that the statement is prepared once for each connection.
    let deleted_at = unixepoch(users::deleted_at, "subsec");
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

pub(super) fn find_by_subject(connection: &mut SqliteConnection, subject: &Subject) -> Result<Option<User>, Fault> {
    let row: Option<Columns<i64>> =
        users::table.filter(users::auth0_id.eq(subject.as_str())).select(columns()).first(connection).optional()?;
    Ok(row.map(user_from).transpose()?)
}

pub(super) fn find_by_email(connection: &mut SqliteConnection, email: &EmailAddress) -> Result<Option<User>, Fault> {
    let row: Option<Columns<i64>> = users::table.filter(holds(email)).select(columns()).first(connection).optional()?;
    Ok(row.map(user_from).transpose()?)
}

/// The row of this subject and what Auth0 has said of them.
pub(super) fn find_known(connection: &mut SqliteConnection, subject: &Subject) -> Result<Option<KnownUser>, Fault> {
    Ok(find_own(connection, subject)?.map(|(user, record)| KnownUser { user, record: Some(record) }))
}

fn find_own(connection: &mut SqliteConnection, subject: &Subject) -> Result<Option<(User, Auth0Record)>, Fault> {
    let own: Option<(Columns<i64>, Option<String>)> = users::table
        .left_join(auth0_records::table.on(auth0_records::auth0_id.eq(users::auth0_id)))
        .filter(users::auth0_id.eq(subject.as_str()))
        .select((columns(), auth0_records::record.nullable()))
        .first(connection)
        .optional()?;
    own.map(|(columns, document)| Ok((user_from(columns)?, record_from(document)?))).transpose()
}

/// The row of this subject, or the one that the password era exported under its id, and what Auth0 has said of the
/// subject. One query where there is a row.
pub(super) fn find_base(
    connection: &mut SqliteConnection,
    subject: &Subject,
) -> Result<(Option<User>, Auth0Record), Fault> {
    if let Some((user, record)) = find_own(connection, subject)? {
        return Ok((Some(user), record));
    }
    let exported = match subject.as_imported() {
        Some(id) => find_exported(connection, id)?,
        None => None,
    };
    let document =
        auth0_records::table.find(subject.as_str()).select(auth0_records::record).first(connection).optional()?;
    Ok((exported, record_from(document)?))
}

fn find_exported(connection: &mut SqliteConnection, id: UserId) -> Result<Option<User>, Fault> {
    let row: Option<Columns<i64>> = users::table
        .inner_join(legacy_users::table.on(legacy_users::user_id.eq(users::id)))
        .filter(users::id.eq(i64::from(id.get())))
        .filter(users::auth0_id.eq(Subject::legacy(id).as_str().to_owned()))
        .filter(legacy_users::exported_at.is_not_null())
        .select(columns())
        .first(connection)
        .optional()?;
    Ok(row.map(user_from).transpose()?)
}

fn record_from(document: Option<String>) -> Result<Auth0Record, Fault> {
    Ok(document.map(|document| record_document::read(&document)).transpose()?.unwrap_or_default())
}

/// Whether the subject has a row or a record, or anybody holds the address or waits for it.
pub(super) fn is_known(connection: &mut SqliteConnection, user: &User) -> Result<bool, Fault> {
    let (subject, address) = (user.subject.as_str(), user.email.as_str());
    let known = exists(users::table.filter(users::auth0_id.eq(subject)))
        .or(exists(users::table.filter(holds(&user.email))))
        .or(exists(auth0_records::table.find(subject)))
        .or(exists(auth0_records::table.filter(auth0_records::email.eq(address))));
    Ok(diesel::select(known).get_result(connection)?)
}

/// Everybody who holds one of these addresses or waits for it.
pub(super) fn find_claimants(
    connection: &mut SqliteConnection,
    addresses: &[EmailAddress],
) -> Result<Vec<Claimant>, Fault> {
    let mut claimants = Vec::new();
    for address in addresses {
        let joined = || {
            users::table
                .left_join(auth0_records::table.on(auth0_records::auth0_id.eq(users::auth0_id)))
                .select((columns(), auth0_records::record.nullable()))
        };
        type Row = (Columns<i64>, Option<String>);
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
    connection: &mut SqliteConnection,
    email: &EmailAddress,
    but: UserId,
) -> Result<bool, Fault> {
    let others = users::table.filter(holds(email)).filter(users::id.ne(i64::from(but.get())));
    Ok(diesel::select(exists(others)).get_result(connection)?)
}

/// The rows behind this id, in the order of their ids.
pub(super) fn find_page(
    connection: &mut SqliteConnection,
    after: Option<UserId>,
    limit: usize,
) -> Result<UserPage, Fault> {
    let mut query = users::table.select(columns()).order(users::id).limit(rows_for_page(limit)).into_boxed();
    if let Some(after) = after {
        query = query.filter(users::id.gt(i64::from(after.get())));
    }
    let rows: Vec<Columns<i64>> = query.load(connection)?;
    Ok(page_of(rows, limit))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use diesel::connection::InstrumentationEvent;
    use diesel::migration::{MigrationConnection as _, MigrationSource as _};
    use diesel::sql_types::Text;
    use diesel_migrations::MigrationHarness as _;
    use domain::Standing;

    use super::*;
    use crate::migrations::Migrated as _;

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }

    fn migrated() -> SqliteConnection {
        let mut connection = SqliteConnection::establish(":memory:").expect("a database");
        connection.setup().expect("a ledger");
        for migration in SqliteConnection::source().migrations().expect("the migrations") {
            connection.run_migration(&*migration).expect("a migration");
        }
        connection
    }

    /// How SQLite goes about what it is asked, in the words of `EXPLAIN QUERY PLAN`.
    fn plan_of<T>(ask: impl FnOnce(&mut SqliteConnection) -> Result<T, Fault>) -> Vec<String> {
        let mut connection = migrated();
        let (heard, asked) = channel();
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                heard.send(query.to_string()).expect("somebody who listens");
            }
        });
        ask(&mut connection).map_err(|_| ()).expect("an answer");
        let asked: Vec<String> = asked.try_iter().collect();
        asked.iter().flat_map(|query| explain(&mut connection, query)).collect()
    }

    fn explain(connection: &mut SqliteConnection, query: &str) -> Vec<String> {
        // Behind the dashes diesel prints what is bound.
        let words = query.split(" -- ").next().unwrap_or(query);
        let steps = diesel::sql_query(format!("EXPLAIN QUERY PLAN {words}")).load::<Step>(connection).expect("a plan");
        steps.into_iter().map(|step| step.detail).collect()
    }

    #[test]
    fn whoever_is_looked_for_is_found_by_an_index() {
        let user = User {
            id: UserId::new(7),
            subject: Subject::parse("auth0|7").expect("a subject"),
            email: EmailAddress::parse("ada@example.com").expect("an address"),
            email_verified: true,
            name: None,
            picture: None,
            standing: Standing::Active,
        };
        let (id, subject, email) = (user.id, &user.subject, &user.email);
        let plans = [
            plan_of(|connection| find_by_subject(connection, subject)),
            plan_of(|connection| find_by_email(connection, email)),
            plan_of(|connection| find_base(connection, subject)),
            plan_of(|connection| find_exported(connection, id)),
            plan_of(|connection| is_known(connection, &user)),
            plan_of(|connection| find_claimants(connection, std::slice::from_ref(email))),
            plan_of(|connection| is_held_by_another(connection, email, id)),
        ];
        for plan in plans {
            let reads = |step: &String| step.starts_with("SCAN ") && step != "SCAN CONSTANT ROW";
            assert!(plan.iter().any(|step| step.starts_with("SEARCH ")) && !plan.iter().any(reads), "{plan:#?}");
        }
    }
}
