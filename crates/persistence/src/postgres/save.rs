//! One change of the users table on PostgreSQL.

use diesel::dsl::{exists, not, now, select};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text, Timestamptz, VarChar};
use diesel::upsert::excluded;
use domain::{Auth0Record, Change, Plan, Saved, Subject, User, UserId};

use super::find::{find_base, find_claimants, is_held_by_another, lock_row};
use super::locks;
use super::schema::{auth0_records, to_timestamp, users};
use crate::fault::Fault;
use crate::held_address::holds;
use crate::interim_address::interim_address;
use crate::record_document;
use crate::user_row::standing_columns;

pub(super) fn save(connection: &mut PgConnection, change: Change<'_>) -> Result<Saved, Fault> {
    // Most changes change nothing, and plain reads lock nothing.
    let (base, known) = find_base(connection, change.subject())?;
    let draft = change.draft(base, &known)?;
    if let Some(user) = draft.unchanged(&known) {
        return Ok(Saved::Unchanged(user.clone()));
    }
    // Each statement is to see what was committed while it waited for its lock, whatever the server's default is.
    connection.build_transaction().read_committed().run(|connection| {
        locks::lock_subject(connection, change.subject())?;
        let (looked_at, known) = find_base(connection, change.subject())?;
        let row = looked_at.as_ref().map(|user| user.id);
        let addresses = change.draft(looked_at, &known)?.addresses();
        locks::lock_addresses(connection, &addresses)?;
        if let Some(id) = row {
            lock_row(connection, id)?;
        }
        let (base, known) = find_base(connection, change.subject())?;
        let draft = change.draft(base, &known)?;
        // Somebody else had a lock on an address of this row and moved it meanwhile.
        if draft.addresses() != addresses {
            return Err(Fault::LostRace);
        }
        let claimants = find_claimants(connection, &addresses)?;
        let plan = draft.decide(change, &claimants)?;
        carry_out(connection, plan, &known)
    })
}

fn carry_out(connection: &mut PgConnection, mut plan: Plan, known: &Auth0Record) -> Result<Saved, Fault> {
    plan.evade(|address, id| is_held_by_another(connection, address, id))?;
    if let Some(user) = &plan.displaced {
        move_address(connection, user)?;
    }
    match &plan.base {
        Some(before) if *before == plan.own => {}
        Some(before) => update(connection, before, &plan.own)?,
        None => {
            let without_address = plan.own.is_displaced();
            if without_address {
                plan.own.email = interim_address();
            }
            let id = insert(connection, &plan.own)?;
            plan.give_id(id);
            if without_address {
                plan.evade(|address, id| is_held_by_another(connection, address, id))?;
                move_address(connection, &plan.own)?;
            }
        }
    }
    for user in &plan.regained {
        move_address(connection, user)?;
    }
    if plan.record != *known {
        write_record(connection, &plan.own.subject, &plan.record)?;
    }
    Ok(plan.outcome())
}

/// Writes the address alone: the rest of the row is not what this change is about.
fn move_address(connection: &mut PgConnection, user: &User) -> Result<(), Fault> {
    diesel::update(users::table.find(user.id.get()))
        .set((
            users::email.eq(user.email.as_str()),
            users::email_verified.eq(user.email_verified),
            users::updated_at.eq(now),
        ))
        .execute(connection)?;
    Ok(())
}

/// Name and picture are written only where they change: of what another program wrote, less may have been read.
fn update(connection: &mut PgConnection, before: &User, user: &User) -> Result<(), Fault> {
    let (blocked, deleted_at) = standing_columns(user);
    diesel::update(users::table.find(user.id.get()))
        .set((
            users::auth0_id.eq(user.subject.as_str()),
            users::email.eq(user.email.as_str()),
            users::email_verified.eq(user.email_verified),
            (before.name != user.name).then(|| users::name.eq(user.name.as_ref().map(|name| name.as_str()))),
            (before.picture != user.picture)
                .then(|| users::picture.eq(user.picture.as_ref().map(|picture| picture.as_str()))),
            users::blocked.eq(blocked),
            users::deleted_at.eq(to_timestamp(deleted_at)),
            users::updated_at.eq(now),
        ))
        .execute(connection)?;
    Ok(())
}

fn insert(connection: &mut PgConnection, user: &User) -> Result<UserId, Fault> {
    let taken = users::table.filter(holds(&user.email));
    let (blocked, deleted_at) = standing_columns(user);
    // A plain INSERT draws its id first and finds the address taken afterwards; this one draws nothing then.
    let row = select((
        user.subject.as_str().into_sql::<VarChar>(),
        user.email.as_str().into_sql::<VarChar>(),
        user.email_verified.into_sql::<Bool>(),
        user.name.as_ref().map(|name| name.as_str()).into_sql::<Nullable<VarChar>>(),
        user.picture.as_ref().map(|picture| picture.as_str()).into_sql::<Nullable<Text>>(),
        blocked.into_sql::<Bool>(),
        to_timestamp(deleted_at).into_sql::<Nullable<Timestamptz>>(),
    ))
    .filter(not(exists(taken)));
    let id: Option<i32> = diesel::insert_into(users::table)
        .values(row)
        .into_columns((
            users::auth0_id,
            users::email,
            users::email_verified,
            users::name,
            users::picture,
            users::blocked,
            users::deleted_at,
        ))
        .on_conflict(users::auth0_id)
        .do_nothing()
        .returning(users::id)
        .get_result(connection)
        .optional()?;
    // Another program, which knows nothing of our locks, may have inserted the subject or the address just now.
    id.map(UserId::new).ok_or(Fault::LostRace)
}

fn write_record(connection: &mut PgConnection, subject: &Subject, record: &Auth0Record) -> Result<(), Fault> {
    diesel::insert_into(auth0_records::table)
        .values((
            auth0_records::auth0_id.eq(subject.as_str()),
            auth0_records::email.eq(record.email.as_ref().map(|email| email.value.address.as_str())),
            auth0_records::record.eq(record_document::written(record)),
        ))
        .on_conflict(auth0_records::auth0_id)
        .do_update()
        .set((
            auth0_records::email.eq(excluded(auth0_records::email)),
            auth0_records::record.eq(excluded(auth0_records::record)),
        ))
        .execute(connection)?;
    Ok(())
}
