//! The way out of the password era: from a users table with password hashes to the table of the migrations, while the
//! application that made it goes on writing.
//!
//! `docs/legacy-migration.md` says what happens in the database, and why.

mod document;
mod dump;
mod emails;
mod error;
mod finish;
mod inspection;
mod link;
mod marks;
mod obstacle;
mod obstacles;
mod pace;
mod postgres;
mod rollback;
mod rows;
mod shape;
mod sql;
mod sqlite;
mod status;
mod table;
mod users;

pub use error::LegacyError;
pub use finish::Finished;
pub use inspection::{EmailFault, Era, Inspection, Sample};
pub use link::Linked;
pub use obstacle::Obstacle;
pub use pace::{Progress, ProgressListener};
pub use rollback::{Newcomers, RolledBack};
pub use rows::{LegacyRow, LegacyRows};
pub use shape::{Column, Reference};
pub use status::{Counts, Phase, Status};
pub use users::{Adopted, LegacyUsers};

pub(crate) use pace::Pace;
pub(crate) use sqlite::prepare as prepare_sqlite;
pub(crate) use table::UsersTable;
pub(crate) use users::nobody;

use document::{Document, Stage};
use sql::Sql;

use crate::migrations::Inventory;

/// Whether the table was adopted, or is about to be: `Some(true)` when its password columns are gone.
pub(crate) fn adoption(connection: &mut (impl Sql + Inventory)) -> Result<Option<bool>, LegacyError> {
    Ok(Document::load(connection)?.map(|document| document.stage == Stage::Finished))
}
