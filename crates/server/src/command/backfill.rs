//! `authsync backfill`.

use std::ffi::OsString;

use super::given::{CommandOption, Given, identifier};
use super::{Command, UsageError};

const CONNECTION: CommandOption =
    CommandOption { name: "--connection", expects: Some("the id of a connection at Auth0: con_…") };
const RESTART: CommandOption = CommandOption { name: "--restart", expects: None };

/// Which users are taken in, and from where on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackfillOptions {
    /// Those of this connection alone.
    pub connection: Option<String>,
    /// From the beginning, with a new export, although an earlier run left off half-way.
    pub restart: bool,
}

pub(super) fn parse(arguments: &[OsString]) -> Result<Command, UsageError> {
    let given = Given::read("backfill", arguments, &[CONNECTION, RESTART])?;
    given.no_words()?;
    // Its position is kept under this name, in a column of 64 characters.
    let connection = given.value(CONNECTION, |id| identifier(id).filter(|id| id.chars().count() <= 50))?;
    Ok(Command::Backfill(BackfillOptions { connection, restart: given.has(RESTART) }))
}
