//! What was changed about the users table, kept in the database for the way back.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::LegacyError;
use super::sql::Sql;
use crate::migrations::Inventory;

/// The row of `legacy_migration`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Document {
    pub(super) stage: Stage,
    /// Columns with passwords, the hash first.
    pub(super) password_columns: Vec<String>,
    /// Whether the ledger was there before us.
    pub(super) had_ledger: bool,
    /// The columns of before.
    pub(super) columns: Vec<String>,
    /// Columns that we added.
    pub(super) added: Vec<String>,
    /// Columns of before that had to be NOT NULL and need not be any more.
    pub(super) loosened: Vec<String>,
    /// Columns of before that have a default since: times that the application gives by itself.
    #[serde(default)]
    pub(super) defaulted: Vec<String>,
    /// Columns of before that may not be NULL any more.
    pub(super) tightened: Vec<String>,
    /// Columns with the types of before (PostgreSQL).
    pub(super) widened: Vec<(String, String)>,
    /// Indexes by their names of before and of now (PostgreSQL).
    pub(super) renamed: Vec<(String, String)>,
    /// Indexes that were not there before (PostgreSQL).
    pub(super) made: Vec<String>,
    /// The statement that made the table (SQLite).
    pub(super) table_sql: Option<String>,
    /// Where the dump of the password columns is to be.
    pub(super) dump: Option<String>,
}

/// How far the table has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    /// Nothing about the table has changed yet.
    Begun,
    /// New columns and triggers are there; old rows are being filled in.
    Expanded,
    /// Done.
    Adopted,
    /// The password columns are gone.
    Finished,
}

impl Document {
    /// The document, where there is one.
    pub(super) fn load(connection: &mut (impl Sql + Inventory)) -> Result<Option<Self>, LegacyError> {
        if !connection.has_table("legacy_migration")? {
            return Ok(None);
        }
        let rows = connection.read("SELECT document FROM legacy_migration", &[])?;
        let Some(text) = rows.first().and_then(|row| row.text(0)) else { return Ok(None) };
        serde_json::from_str(text).map(Some).map_err(|error| LegacyError::Failed {
            step: "reading the table legacy_migration".to_owned(),
            reason: format!("its document is broken at column {}", error.column()),
        })
    }

    /// Whether rows that the old application did not make are noted. Where the table had identities before, it makes
    /// such rows itself, and they lack nothing.
    pub(super) fn tells_newcomers(&self) -> bool {
        self.adds_subjects()
    }

    /// Whether `auth0_id` is ours, so that it goes with the adoption.
    pub(super) fn adds_subjects(&self) -> bool {
        self.added.iter().any(|added| added == "auth0_id")
    }

    /// The document of an adopted table that can still go on.
    pub(super) fn load_open(connection: &mut (impl Sql + Inventory)) -> Result<Self, LegacyError> {
        let document = Self::load(connection)?.ok_or(LegacyError::NotAdopted)?;
        match document.stage {
            Stage::Begun | Stage::Expanded => Err(LegacyError::HalfAdopted),
            Stage::Adopted | Stage::Finished => Ok(document),
        }
    }

    pub(super) fn store(&self, connection: &mut impl Sql) -> QueryResult<()> {
        let text =
            serde_json::to_string(self).map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))?;
        let sql = "INSERT INTO legacy_migration (only_row, document) VALUES (TRUE, $1) \
                   ON CONFLICT (only_row) DO UPDATE SET document = excluded.document";
        connection.write(sql, &[&text]).map(drop)
    }
}
