//! One change of the users table on SQLite.

use diesel::prelude::*;
use diesel::upsert::excluded;
use domain::{Auth0Record, Change, Plan, Saved, Subject, User, UserId};

use super::find::{find_base, find_claimants, is_held_by_another};
use super::schema::{auth0_records, strftime, strftime_of, users};
use crate::fault::Fault;
use crate::interim_address::interim_address;
use crate::record_document;
use crate::user_row::{BrokenRow, standing_columns};

/// The form of the column defaults, so that all timestamps sort as text.
const TIMESTAMP: &str = "%Y-%m-%dT%H:%M:%fZ";

/// What a change did, and whose rows it touched.
pub(super) struct Carried {
    pub(super) saved: Saved,
    pub(super) touched: Vec<Subject>,
}

impl Carried {
    /// A row of which nothing was known.
    pub(super) fn created(user: User) -> Self {
        Self { touched: vec![user.subject.clone()], saved: Saved::Created(user) }
    }
}

/// Within a transaction that nobody else writes beside.
pub(super) fn save(connection: &mut SqliteConnection, change: Change<'_>) -> Result<Carried, Fault> {
    let (base, known) = find_base(connection, change.subject())?;
    let draft = change.draft(base, &known)?;
    let claimants = find_claimants(connection, &draft.addresses())?;
    let plan = draft.decide(change, &claimants)?;
    let others = plan.displaced.iter().chain(&plan.regained).map(|user| user.subject.clone());
    let mut touched: Vec<Subject> = others.collect();
    let is_news = plan.record != known;
    let saved = carry_out(connection, plan, &known)?;
    if is_news || !matches!(saved, Saved::Unchanged(_)) {
        touched.push(saved.user().subject.clone());
    }
    Ok(Carried { saved, touched })
}

fn carry_out(connection: &mut SqliteConnection, mut plan: Plan, known: &Auth0Record) -> Result<Saved, Fault> {
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
fn move_address(connection: &mut SqliteConnection, user: &User) -> Result<(), Fault> {
    diesel::update(users::table.find(i64::from(user.id.get())))
        .set((
            users::email.eq(user.email.as_str()),
            users::email_verified.eq(user.email_verified),
            users::updated_at.eq(strftime(TIMESTAMP, "now").nullable()),
        ))
        .execute(connection)?;
    Ok(())
}

/// Name and picture are written only where they change: of what another program wrote, less may have been read.
fn update(connection: &mut SqliteConnection, before: &User, user: &User) -> Result<(), Fault> {
    let (blocked, deleted_at) = standing_columns(user);
    diesel::update(users::table.find(i64::from(user.id.get())))
        .set((
            users::auth0_id.eq(user.subject.as_str()),
            users::email.eq(user.email.as_str()),
            users::email_verified.eq(user.email_verified),
            (before.name != user.name).then(|| users::name.eq(user.name.as_ref().map(|name| name.as_str()))),
            (before.picture != user.picture)
                .then(|| users::picture.eq(user.picture.as_ref().map(|picture| picture.as_str()))),
            users::blocked.eq(blocked),
            users::deleted_at.eq(strftime_of(TIMESTAMP, deleted_at, "unixepoch")),
            users::updated_at.eq(strftime(TIMESTAMP, "now").nullable()),
        ))
        .execute(connection)?;
    Ok(())
}

/// A new row.
pub(super) fn insert(connection: &mut SqliteConnection, user: &User) -> Result<UserId, Fault> {
    // One that is refused takes its id back with it: SQLite counts in the transaction.
    let (blocked, deleted_at) = standing_columns(user);
    let id: i64 = diesel::insert_into(users::table)
        .values((
            users::auth0_id.eq(user.subject.as_str()),
            users::email.eq(user.email.as_str()),
            users::email_verified.eq(user.email_verified),
            users::name.eq(user.name.as_ref().map(|name| name.as_str())),
            users::picture.eq(user.picture.as_ref().map(|picture| picture.as_str())),
            users::blocked.eq(blocked),
            users::deleted_at.eq(strftime_of(TIMESTAMP, deleted_at, "unixepoch")),
        ))
        .returning(users::id)
        .get_result(connection)?;
    Ok(UserId::new(i32::try_from(id).map_err(|_| BrokenRow::id_too_large(id))?))
}

fn write_record(connection: &mut SqliteConnection, subject: &Subject, record: &Auth0Record) -> Result<(), Fault> {
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
