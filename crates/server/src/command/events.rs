//! `authsync events …`.

use std::ffi::OsString;

use persistence::DatabaseUrl;

use super::given::{DATABASE_URL, FORMAT, Given};
use super::{Command, Format, UsageError};

/// What to do about Auth0's events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventsAction {
    /// Follow them at Auth0, until told to stop.
    Pull,
    /// Show what could not be applied.
    ListDeadLetters {
        /// How.
        format: Format,
        /// The database, if not the configured one.
        database_url: Option<DatabaseUrl>,
    },
    /// Try again what could not be applied.
    RetryDeadLetters {
        /// The database, if not the configured one.
        database_url: Option<DatabaseUrl>,
    },
}

pub(super) fn parse(arguments: &[OsString]) -> Result<Command, UsageError> {
    const WHAT: UsageError =
        UsageError::What { command: "events", actions: "pull, dead-letters list or dead-letters retry" };
    let (first, rest) = arguments.split_first().ok_or(WHAT)?;
    match first.to_str() {
        Some("pull") => {
            Given::read("events pull", rest, &[])?.no_words()?;
            Ok(Command::Events(EventsAction::Pull))
        }
        Some("dead-letters") => parse_dead_letters(rest).map(Command::Events),
        _ => Err(WHAT),
    }
}

fn parse_dead_letters(arguments: &[OsString]) -> Result<EventsAction, UsageError> {
    const WHAT: UsageError = UsageError::What { command: "events dead-letters", actions: "list or retry" };
    let (first, rest) = arguments.split_first().ok_or(WHAT)?;
    match first.to_str() {
        Some("list") => {
            let given = Given::read("events dead-letters list", rest, &[FORMAT, DATABASE_URL])?;
            given.no_words()?;
            Ok(EventsAction::ListDeadLetters { format: given.format()?, database_url: given.database_url()? })
        }
        Some("retry") => {
            let given = Given::read("events dead-letters retry", rest, &[DATABASE_URL])?;
            given.no_words()?;
            Ok(EventsAction::RetryDeadLetters { database_url: given.database_url()? })
        }
        _ => Err(WHAT),
    }
}
