//! Addresses that the table of now cannot keep: two of them alike but for case, missing ones, malformed ones.

use super::error::LegacyError;
use super::obstacles::judged;
use super::pace::Pace;
use super::sql::listed;
use super::table::UsersTable;

const PAGE: usize = 1_000;

/// The address of a row without one, as `domain::EmailAddress::placeholder` has it.
pub(super) const PLACEHOLDER: &str = "'user-' || CAST(id AS TEXT) || '@displaced.invalid'";

/// What makes two addresses one, as far as SQL can tell.
pub(super) const SAME: &str = "lower(trim(email))";

/// Gives every row an address that the table can keep, and notes the one of before. Of rows with the same address the
/// lowest id keeps it.
pub(super) fn settle<C: UsersTable>(connection: &mut C, pace: &mut Pace<'_>) -> Result<(), LegacyError> {
    strangers_placeholders(connection, pace)?;
    clashes(connection, pace)?;
    let rows = connection.count("SELECT count(*) FROM users")?;
    let (mut after, mut done) = (i64::MIN, 0);
    loop {
        pace.tell("looking through the addresses", done, Some(rows))?;
        let page = connection.read(
            &format!("SELECT CAST(id AS TEXT), CAST(email AS TEXT) FROM users WHERE id > {after} ORDER BY users.id LIMIT {PAGE}"),
            &[],
        )?;
        let mut without = Vec::new();
        for cells in &page {
            let Some(id) = cells.number(0) else { continue };
            after = id;
            match judged(cells.text(1)) {
                Ok(address) if cells.text(1) == Some(address) => {}
                Ok(address) => tidy(connection, id, address)?,
                Err(_) => without.push(id),
            }
        }
        displace(connection, &without)?;
        done += u64::try_from(page.len()).unwrap_or(0);
        if page.len() < PAGE {
            return Ok(());
        }
    }
}

/// Takes the address from all but the first of each group.
pub(super) fn clashes<C: UsersTable>(connection: &mut C, pace: &mut Pace<'_>) -> Result<(), LegacyError> {
    let clashing = format!(
        "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY {SAME} ORDER BY id) AS place \
         FROM users WHERE email IS NOT NULL) AS placed WHERE place > 1"
    );
    displace_all(connection, &clashing, "displacing addresses that clash", pace)
}

/// Somebody may have registered with what is to be another row's placeholder.
fn strangers_placeholders<C: UsersTable>(connection: &mut C, pace: &mut Pace<'_>) -> Result<(), LegacyError> {
    let theirs =
        format!("SELECT id FROM users WHERE lower(email) LIKE '%@displaced.invalid%' AND email <> {PLACEHOLDER}");
    displace_all(connection, &theirs, "displacing addresses under .invalid", pace)
}

/// Displaces every row of a query, page by page. Each id once, so that this ends whatever is in the table.
fn displace_all<C: UsersTable>(
    connection: &mut C,
    ids: &str,
    step: &str,
    pace: &mut Pace<'_>,
) -> Result<(), LegacyError> {
    let mut after = i64::MIN;
    loop {
        pace.begin(step)?;
        let page =
            format!("SELECT CAST(id AS TEXT) FROM ({ids}) AS them WHERE id > {after} ORDER BY them.id LIMIT {PAGE}");
        let ids: Vec<i64> = connection.list(&page)?.iter().filter_map(|id| id.parse().ok()).collect();
        let Some(last) = ids.last() else { return Ok(()) };
        after = *last;
        displace(connection, &ids)?;
    }
}

/// Notes the addresses of these rows and puts placeholders there.
fn displace<C: UsersTable>(connection: &mut C, ids: &[i64]) -> Result<(), LegacyError> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids = listed(ids);
    connection.atomically(|connection| {
        note_addresses(connection, &ids)?;
        connection.write(&format!("UPDATE users SET email = {PLACEHOLDER} WHERE id IN ({ids})"), &[])?;
        Ok(())
    })
}

/// Takes the white space around an address away; where that makes it another row's, the row goes without.
fn tidy<C: UsersTable>(connection: &mut C, id: i64, address: &str) -> Result<(), LegacyError> {
    let is_free = format!("SELECT count(*) FROM users WHERE lower(email) = lower($1) AND id <> {id}");
    let holders = connection.read(&format!("SELECT CAST(({is_free}) AS TEXT)"), &[address])?;
    if holders.first().is_some_and(|cells| cells.count(0) > 0) {
        return displace(connection, &[id]);
    }
    connection.atomically(|connection| {
        note_addresses(connection, &id.to_string())?;
        connection.write(&format!("UPDATE users SET email = $1 WHERE id = {id}"), &[address])?;
        Ok(())
    })
}

fn note_addresses<C: UsersTable>(connection: &mut C, ids: &str) -> Result<(), LegacyError> {
    connection.write(
        &format!(
            "INSERT INTO legacy_users (user_id, email, displaced) SELECT id, email, TRUE FROM users \
             WHERE id IN ({ids}) \
             ON CONFLICT (user_id) DO UPDATE SET email = excluded.email, displaced = TRUE"
        ),
        &[],
    )?;
    Ok(())
}
