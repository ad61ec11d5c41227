//! `authsync migrate …`.

use std::ffi::OsString;

use super::given::{DATABASE_URL, Given};
use super::{Command, UsageError};

/// What to do with the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrateAction {
    /// Apply everything that is pending.
    Up,
    /// Take the latest step back.
    Down,
    /// List the steps.
    Status,
}

const ACTIONS: [(&str, MigrateAction); 3] =
    [("up", MigrateAction::Up), ("down", MigrateAction::Down), ("status", MigrateAction::Status)];

pub(super) fn parse(arguments: &[OsString]) -> Result<Command, UsageError> {
    let given = Given::read("migrate", arguments, &[DATABASE_URL])?;
    Ok(Command::Migrate { action: given.action("up, down or status", &ACTIONS)?, database_url: given.database_url()? })
}
