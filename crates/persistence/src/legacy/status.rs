//! Where one stands on the way out of the password era.

use super::document::{Document, Stage};
use super::error::LegacyError;
use super::inspection::{Era, era};
use super::table::UsersTable;
use super::users::{LegacyUsers, over, reading};

/// Where one stands.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The part of the way that one is on.
    pub phase: Phase,
    /// How many rows have come how far. Before the adoption only `rows` is told.
    pub counts: Counts,
    /// Columns with passwords, the hash first; after the end those that are gone.
    pub password_columns: Vec<String>,
    /// Where the dump of the password columns is, or is to be.
    pub dump: Option<String>,
}

/// How many rows have come how far.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All rows of the users table.
    pub rows: u64,
    /// Rows that are in a file for Auth0.
    pub exported: u64,
    /// Rows that Auth0 took.
    pub imported: u64,
    /// Rows of the password era that are linked to an Auth0 user, by a run or by a login.
    pub linked: u64,
    /// Rows of the password era that are not.
    pub unlinked: u64,
    /// Unlinked rows with a problem noted.
    pub with_problems: u64,
    /// Rows whose address of before is put aside.
    pub displaced: u64,
    /// Rows that authsync inserted since the adoption.
    pub newcomers: u64,
    waiting_for_export: u64,
    waiting_for_import: u64,
    waiting_for_link: u64,
}

/// The part of the way that one is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// There is no users table, or it holds no passwords and nobody who waits to be linked.
    NothingToDo,
    /// The table is the old application's alone.
    NotAdopted,
    /// The adoption was interrupted.
    HalfAdopted,
    /// The table is adopted, and nothing is exported.
    Adopted,
    /// Some rows are exported; others are not, and nothing is noted against them.
    Exporting,
    /// All rows are exported, and none is imported.
    Exported,
    /// Some rows are imported; others are not, and nothing is noted against them.
    Importing,
    /// Rows that Auth0 took wait to be linked.
    Imported,
    /// All rows are linked, but for those with a problem.
    Linked,
    /// The password columns are gone.
    Finished,
}

impl Phase {
    /// What an operator does next, as one sentence.
    #[must_use]
    pub fn next_step(self) -> &'static str {
        match self {
            Self::NothingToDo => "there are no passwords and nobody who waits to be linked; nothing is to be done",
            Self::NotAdopted => "look at the table with `authsync legacy plan`, then run `authsync legacy adopt`",
            Self::HalfAdopted => "the adoption was interrupted: run `authsync legacy adopt` again",
            Self::Adopted => {
                "the table is adopted and keeps its passwords: run `authsync legacy export --out DIR` next"
            }
            Self::Exporting => "some rows are not exported yet: run `authsync legacy export --out DIR` again",
            Self::Exported => "all rows are exported: run `authsync legacy import` next",
            Self::Importing => "some rows are not imported yet: run `authsync legacy import` again",
            Self::Imported => "imported rows wait: run `authsync legacy link` next",
            Self::Linked => {
                "everybody whom Auth0 has is linked: once the old application is switched off, run `authsync legacy finish`"
            }
            Self::Finished => "the migration is finished; nothing is to be done",
        }
    }
}

impl Status {
    /// What an operator does next, as one sentence.
    #[must_use]
    pub fn next_step(&self) -> &'static str {
        match self.phase {
            Phase::Adopted if self.password_columns.is_empty() => {
                "the table is adopted, but no column of a usual name holds passwords: name it with `authsync legacy \
                 export --out DIR --password-column NAME`, or everybody is exported without one"
            }
            phase => phase.next_step(),
        }
    }
}

impl LegacyUsers {
    /// Where one stands. Changes nothing.
    ///
    /// # Errors
    /// The database refuses.
    pub fn status(&self) -> Result<Status, LegacyError> {
        over!(self, reading, |connection| status(&mut connection))
    }

    /// What comes next, as one sentence for an operator; `None` where the database never held passwords.
    ///
    /// # Errors
    /// As [`status`](Self::status).
    pub fn next_step(&self) -> Result<Option<&'static str>, LegacyError> {
        let status = self.status()?;
        Ok((status.phase != Phase::NothingToDo).then(|| status.next_step()))
    }
}

fn status<C: UsersTable>(connection: &mut C) -> Result<Status, LegacyError> {
    let (era, document) = era(connection)?;
    let Some(document) = document else {
        let phase = if era == Era::Password { Phase::NotAdopted } else { Phase::NothingToDo };
        let rows = if era == Era::Absent { 0 } else { connection.count("SELECT count(*) FROM users")? };
        let counts = Counts { rows, ..Counts::default() };
        return Ok(Status { phase, counts, password_columns: Vec::new(), dump: None });
    };
    let is_whole = matches!(document.stage, Stage::Adopted | Stage::Finished);
    let counts = if is_whole {
        counts(connection)?
    } else {
        Counts { rows: connection.count("SELECT count(*) FROM users")?, ..Counts::default() }
    };
    let phase = phase(&document, &counts);
    Ok(Status { phase, counts, password_columns: document.password_columns, dump: document.dump })
}

fn phase(document: &Document, counts: &Counts) -> Phase {
    match document.stage {
        Stage::Begun | Stage::Expanded => Phase::HalfAdopted,
        Stage::Finished => Phase::Finished,
        Stage::Adopted if counts.waiting_for_link > 0 && counts.waiting_for_import == 0 => Phase::Imported,
        Stage::Adopted if counts.waiting_for_export > 0 && counts.exported == 0 => Phase::Adopted,
        Stage::Adopted if counts.waiting_for_export > 0 => Phase::Exporting,
        Stage::Adopted if counts.waiting_for_import > 0 && counts.imported == 0 => Phase::Exported,
        Stage::Adopted if counts.waiting_for_import > 0 => Phase::Importing,
        // Everybody had an identity before, and nobody a password.
        Stage::Adopted if document.password_columns.is_empty() && counts.unlinked == 0 => Phase::NothingToDo,
        Stage::Adopted => Phase::Linked,
    }
}

fn counts<C: UsersTable>(connection: &mut C) -> Result<Counts, LegacyError> {
    const WAITS: &str = "auth0_id LIKE 'legacy|%'";
    let conditions = [
        "TRUE".to_owned(),
        "exported_at IS NOT NULL".to_owned(),
        "imported_at IS NOT NULL".to_owned(),
        format!("NOT {WAITS} AND NOT coalesce(newcomer, FALSE)"),
        WAITS.to_owned(),
        format!("{WAITS} AND problem IS NOT NULL"),
        "displaced".to_owned(),
        "newcomer".to_owned(),
        format!("{WAITS} AND problem IS NULL AND exported_at IS NULL"),
        format!("{WAITS} AND problem IS NULL AND exported_at IS NOT NULL AND imported_at IS NULL"),
        format!("{WAITS} AND problem IS NULL AND imported_at IS NOT NULL"),
    ];
    let counted = conditions.map(|condition| format!("CAST(count(*) FILTER (WHERE {condition}) AS TEXT)")).join(", ");
    // Only what is noted, under its own names: the table may have a column of one of them.
    let row = connection.read_one(&format!(
        "SELECT {counted} FROM (SELECT users.auth0_id, l.exported_at, l.imported_at, l.problem, l.displaced, l.newcomer \
         FROM users LEFT JOIN legacy_users AS l ON l.user_id = users.id) AS both_tables"
    ))?;
    Ok(Counts {
        rows: row.count(0),
        exported: row.count(1),
        imported: row.count(2),
        linked: row.count(3),
        unlinked: row.count(4),
        with_problems: row.count(5),
        displaced: row.count(6),
        newcomers: row.count(7),
        waiting_for_export: row.count(8),
        waiting_for_import: row.count(9),
        waiting_for_link: row.count(10),
    })
}
