//! The end: the password columns go.

use std::path::Path;

use super::document::{Document, Stage};
use super::error::LegacyError;
use super::pace::{Pace, ProgressListener};
use super::table::UsersTable;
use super::users::{LegacyUsers, alone, over};

/// What [`LegacyUsers::finish`] came to.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The columns that are gone.
    pub columns: Vec<String>,
    /// How many rows are in the dump; 0 where it was all done before.
    pub dumped: u64,
}

impl LegacyUsers {
    /// Drops the password columns, after it has written them to the file `dump`: one JSON object per line with `id` and
    /// each of the columns, NULL as `null`, bytes as `\x` and hexadecimal digits. The file appears whole or not at all,
    /// readable for its owner alone. The old application cannot insert rows any more, and there is no way back.
    ///
    /// Where [`with_password_columns`](Self::with_password_columns) named columns, these go; otherwise those that the
    /// adoption noted. Can be killed and run again with the same file.
    ///
    /// # Errors
    /// [`LegacyError::StillUnlinked`] with more than `accept_unlinked` rows that are not linked,
    /// [`LegacyError::NoPasswordColumn`], [`LegacyError::InUse`], [`LegacyError::DumpExists`], [`LegacyError::Dump`],
    /// [`LegacyError::DumpOutrun`], and what holds for every step. Nothing is dropped then.
    pub fn finish(
        &self,
        accept_unlinked: u64,
        dump: &Path,
        listener: ProgressListener<'_>,
    ) -> Result<Finished, LegacyError> {
        let mut pace = Pace::telling(listener);
        over!(self, alone, |connection| {
            finish(&mut connection, &self.named, accept_unlinked, dump, &mut pace).map_err(|error| pace.named(error))
        })
    }
}

fn finish<C: UsersTable>(
    connection: &mut C,
    named: &[String],
    accepted: u64,
    dump: &Path,
    pace: &mut Pace<'_>,
) -> Result<Finished, LegacyError> {
    let mut document = Document::load_open(connection)?;
    if document.stage == Stage::Finished {
        return Ok(Finished { columns: document.password_columns, dumped: 0 });
    }
    refuse_unlinked(connection, accepted)?;
    let columns = if named.is_empty() { &document.password_columns } else { named };
    let columns = connection.shape()?.password_columns(columns).map_err(|name| LegacyError::NoSuchColumn { name })?;
    if columns.is_empty() {
        return Err(LegacyError::NoPasswordColumn);
    }
    let users = connection.users_of(&columns)?;
    if !users.is_empty() {
        return Err(LegacyError::InUse { by: users.join(", ") });
    }
    document.password_columns.clone_from(&columns);
    let place = std::path::absolute(dump)?.to_string_lossy().into_owned();
    // One that an interrupted run put there is ours.
    if document.dump.as_ref() != Some(&place) && dump.symlink_metadata().is_ok() {
        return Err(LegacyError::DumpExists);
    }
    document.dump = Some(place);
    pace.begin("noting where the dump is to be")?;
    document.store(connection)?;
    let dumped = connection.contract(document, accepted, dump, pace)?;
    Ok(Finished { columns, dumped })
}

/// Refuses while more rows wait to be linked than the operator accepts.
pub(super) fn refuse_unlinked<C: UsersTable>(connection: &mut C, accepted: u64) -> Result<(), LegacyError> {
    let unlinked = connection.count("SELECT count(*) FROM users WHERE auth0_id LIKE 'legacy|%'")?;
    if unlinked > accepted { Err(LegacyError::StillUnlinked { unlinked, accepted }) } else { Ok(()) }
}
