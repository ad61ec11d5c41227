//! The way back, as long as the password columns are there.

use super::document::{Document, Stage};
use super::error::LegacyError;
use super::pace::{Pace, ProgressListener};
use super::sql::quoted;
use super::table::UsersTable;
use super::users::{LegacyUsers, alone, over};

/// What becomes of rows that authsync inserted since the adoption. The old application has no password for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Newcomers {
    /// There must be none.
    #[default]
    Refuse,
    /// They stay, without a password. Columns in which they hold nothing stay nullable.
    Keep,
    /// They are deleted, unless rows of other tables refer to them.
    Drop,
}

/// What [`LegacyUsers::rollback`] came to.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolledBack {
    /// How many newcomers were deleted.
    pub dropped: u64,
    /// How many newcomers are there still.
    pub kept: u64,
    /// What could not be put back, one sentence each; mostly empty.
    pub left: Vec<String>,
}

impl LegacyUsers {
    /// Undoes the adoption: columns, indexes, triggers, the ledger and the tables of authsync go, and what was changed
    /// about the table is put back, displaced addresses with it. What happened to rows since stays: new addresses, and
    /// users that the old application inserted. One transaction.
    ///
    /// # Errors
    /// [`LegacyError::NotAdopted`], [`LegacyError::Finished`], [`LegacyError::Newcomers`],
    /// [`LegacyError::NewcomersReferenced`], [`LegacyError::TableChanged`], and what holds for every step. Nothing has
    /// changed then.
    pub fn rollback(&self, newcomers: Newcomers, listener: ProgressListener<'_>) -> Result<RolledBack, LegacyError> {
        let mut pace = Pace::telling(listener);
        over!(self, alone, |connection| {
            let document = Document::load(&mut connection)?.ok_or(LegacyError::NotAdopted)?;
            if document.stage == Stage::Finished {
                return Err(LegacyError::Finished);
            }
            connection.restore(&document, newcomers, &mut pace).map_err(|error| pace.named(error))
        })
    }
}

const NEWCOMERS: &str = "SELECT id FROM users JOIN legacy_users ON user_id = users.id WHERE newcomer";

/// Sees to the newcomers, within the transaction. Returns how many were deleted and how many are there still.
pub(super) fn settle_newcomers<C: UsersTable>(
    connection: &mut C,
    newcomers: Newcomers,
) -> Result<(u64, u64), LegacyError> {
    let count = connection.count(&format!("SELECT count(*) FROM ({NEWCOMERS}) AS them"))?;
    match newcomers {
        _ if count == 0 => Ok((0, 0)),
        Newcomers::Refuse => Err(LegacyError::Newcomers { count }),
        Newcomers::Keep => Ok((0, count)),
        Newcomers::Drop => {
            // Some foreign keys delete along, and that is not what was asked for.
            for reference in connection.shape()?.references.into_iter().filter(|reference| reference.to == "id") {
                let (table, column) = (C::table_name(&reference.table), quoted(&reference.columns));
                let referring = format!("SELECT count(*) FROM {table} WHERE {column} IN ({NEWCOMERS})");
                if connection.count(&referring)? > 0 {
                    return Err(LegacyError::NewcomersReferenced { table: reference.table });
                }
            }
            connection.write(&format!("DELETE FROM users WHERE id IN ({NEWCOMERS})"), &[])?;
            Ok((count, 0))
        }
    }
}

/// Takes our placeholders out of a column `auth0_id` that stays. Returns what is left to say.
pub(super) fn put_subjects_back<C: UsersTable>(
    connection: &mut C,
    document: &Document,
) -> Result<Option<String>, LegacyError> {
    const OURS: &str = "auth0_id = 'legacy|' || CAST(id AS TEXT)";
    if document.adds_subjects() {
        return Ok(None);
    }
    if connection.shape()?.column("auth0_id").is_some_and(|column| column.nullable) {
        connection.write(&format!("UPDATE users SET auth0_id = NULL WHERE {OURS}"), &[])?;
        return Ok(None);
    }
    let rows = connection.count(&format!("SELECT count(*) FROM users WHERE {OURS}"))?;
    Ok((rows > 0)
        .then(|| format!("{rows} rows keep legacy|<id> in the column auth0_id, where they held nothing before")))
}

/// The sentence about a column that newcomers keep from being NOT NULL again.
pub(super) fn stays_nullable(column: &str) -> String {
    format!("the column {column} stays nullable: rows without it were kept")
}

/// An address that is put back may be held by somebody else by now.
pub(super) fn address_taken(error: LegacyError) -> LegacyError {
    match error {
        LegacyError::Failed { reason, .. } if reason.to_lowercase().contains("unique") => LegacyError::TableChanged {
            what: "an address that was displaced belongs to another row by now; give that row another one first"
                .to_owned(),
        },
        other => other,
    }
}
