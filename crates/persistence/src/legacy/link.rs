//! Linking rows to the users that Auth0 made of them.

use domain::UnixTime;

use super::document::Document;
use super::error::LegacyError;
use super::marks::note_problem;
use super::pace::{Pace, ProgressListener};
use super::sql::listed;
use super::table::UsersTable;
use super::users::{LegacyUsers, over, writing};

const BATCH: usize = 1_000;
/// How often a batch is tried in which somebody logs in at the same moment.
const ATTEMPTS: usize = 3;

/// What is noted of a row whose user has another one.
const TAKEN: &str = "another row is linked to the Auth0 user of this id already";

/// The subject that Auth0 gives to an imported row.
const IMPORTED: &str = "'auth0|' || CAST(users.id AS TEXT)";
/// The subject of a row that waits.
const WAITING: &str = "'legacy|' || CAST(users.id AS TEXT)";

/// What a run of [`LegacyUsers::link`] came to.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Linked {
    /// Rows that are linked now.
    pub linked: u64,
    /// Imported rows that were linked before, by a run or by a login.
    pub already: u64,
    /// Rows left as they are, because another row is linked to their Auth0 user; noted as their problem.
    pub taken: u64,
}

impl LegacyUsers {
    /// Gives each row that was marked as imported the subject `auth0|<id>`. Can be killed and run again.
    ///
    /// # Errors
    /// [`LegacyError::NotAdopted`], [`LegacyError::HalfAdopted`], [`LegacyError::Stopped`], or the database refuses.
    pub fn link(&self, now: UnixTime, listener: ProgressListener<'_>) -> Result<Linked, LegacyError> {
        let mut pace = Pace::telling(listener);
        over!(self, writing, |connection| {
            Document::load_open(&mut connection)?;
            link(&mut connection, now, &mut pace).map_err(|error| pace.named(error))
        })
    }
}

fn link<C: UsersTable>(connection: &mut C, now: UnixTime, pace: &mut Pace<'_>) -> Result<Linked, LegacyError> {
    let imported = "users JOIN legacy_users ON user_id = users.id WHERE imported_at IS NOT NULL AND auth0_id =";
    let already = connection.count(&format!("SELECT count(*) FROM {imported} {IMPORTED}"))?;
    let total = connection.count(&format!("SELECT count(*) FROM {imported} {WAITING}"))?;
    let mut outcome = Linked { already, ..Linked::default() };
    let mut after = i64::MIN;
    loop {
        pace.tell("linking rows", outcome.linked + outcome.taken, Some(total))?;
        let page = format!(
            "SELECT CAST(users.id AS TEXT) FROM {imported} {WAITING} AND users.id > {after} \
             ORDER BY users.id LIMIT {BATCH}"
        );
        let ids: Vec<i64> = connection.list(&page)?.iter().filter_map(|id| id.parse().ok()).collect();
        let Some(last) = ids.last() else { return Ok(outcome) };
        after = *last;
        let (linked, taken) = link_batch(connection, &ids, now)?;
        outcome.linked += linked;
        outcome.taken += taken;
    }
}

fn link_batch<C: UsersTable>(connection: &mut C, ids: &[i64], now: UnixTime) -> Result<(u64, u64), LegacyError> {
    for _ in 1..ATTEMPTS {
        match link_once(connection, ids, now) {
            // Somebody came as `auth0|<id>` between the look and the update; the next look sees them.
            Err(LegacyError::Failed { .. }) => {}
            outcome => return outcome,
        }
    }
    link_once(connection, ids, now)
}

fn link_once<C: UsersTable>(connection: &mut C, ids: &[i64], now: UnixTime) -> Result<(u64, u64), LegacyError> {
    let (list, now) = (listed(ids), C::moment(now.as_millis()));
    let is_taken = format!("EXISTS (SELECT 1 FROM users AS other WHERE other.auth0_id = {IMPORTED})");
    connection.atomically(|connection| {
        let taken = format!(
            "SELECT CAST(users.id AS TEXT) FROM users WHERE users.id IN ({list}) AND auth0_id = {WAITING} AND {is_taken}"
        );
        let taken: Vec<i64> = connection.list(&taken)?.iter().filter_map(|id| id.parse().ok()).collect();
        note_problem(connection, &taken, TAKEN)?;
        let linked = connection.write(
            &format!(
                "UPDATE users SET auth0_id = {IMPORTED}, updated_at = {now} \
                 WHERE users.id IN ({list}) AND auth0_id = {WAITING} AND NOT {is_taken}"
            ),
            &[],
        )?;
        // Whatever kept it from being linked before does not any more.
        connection.write(
            &format!(
                "UPDATE legacy_users SET problem = NULL WHERE problem IS NOT NULL AND user_id IN \
                 (SELECT users.id FROM users WHERE users.id IN ({list}) AND auth0_id = {IMPORTED})"
            ),
            &[],
        )?;
        let count = |number: usize| u64::try_from(number).unwrap_or(0);
        Ok((count(linked), count(taken.len())))
    })
}
