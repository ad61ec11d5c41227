//! What the program is asked to do: a file for each command's own words and options.

mod backfill;
mod check;
mod events;
mod format;
mod given;
mod legacy;
mod migrate;
mod outcome;
mod reconcile;
#[cfg(test)]
mod tests;
mod usage;
mod usage_error;

use std::ffi::OsString;

use persistence::DatabaseUrl;

use self::given::Given;
use self::usage_error::Typed;

pub use self::backfill::BackfillOptions;
pub use self::events::EventsAction;
pub use self::format::Format;
pub use self::legacy::{LegacyAction, LegacyCommand};
pub use self::migrate::MigrateAction;
pub use self::outcome::Outcome;
pub use self::reconcile::ReconcileOptions;
pub use self::usage::{USAGE, VERSION, usage_for};
pub use self::usage_error::UsageError;

/// One run of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Serve until told to stop.
    Serve,
    /// Change the schema or tell how it stands.
    Migrate {
        /// What to do with it.
        action: MigrateAction,
        /// The database, if not the configured one.
        database_url: Option<DatabaseUrl>,
    },
    /// Report whether everything that is configured can be reached.
    Check {
        /// Show instead what a rotation of keys will do, at a tenant on this machine.
        rehearse_rotation: bool,
    },
    /// Take in every user whom Auth0 has.
    Backfill(BackfillOptions),
    /// Report what differs between Auth0 and the table, and mend it.
    Reconcile(ReconcileOptions),
    /// Follow Auth0's events, or see to those that could not be applied.
    Events(EventsAction),
    /// A step on the way from a password table to Auth0.
    Legacy(LegacyCommand),
    /// Print what [`usage_for`] says of the arguments.
    Help,
    /// Print [`VERSION`].
    Version,
}

impl Command {
    /// Reads the arguments behind the program's name.
    ///
    /// # Errors
    /// [`UsageError`] says what is wrong; print it with [`usage_for`] the arguments and exit with 2.
    pub fn parse(arguments: &[OsString]) -> Result<Self, UsageError> {
        if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
            return Ok(Self::Help);
        }
        let Some((first, rest)) = arguments.split_first() else { return Ok(Self::Serve) };
        let alone = |name, command| Given::read(name, rest, &[])?.no_words().map(|()| command);
        match first.to_str() {
            Some("serve") => alone("serve", Self::Serve),
            Some("check") => check::parse(rest),
            Some("--version" | "-V") => alone("--version", Self::Version),
            Some("migrate") => migrate::parse(rest),
            Some("backfill") => backfill::parse(rest),
            Some("reconcile") => reconcile::parse(rest),
            Some("events") => events::parse(rest),
            Some("legacy") => legacy::parse(rest).map(Self::Legacy),
            Some("help") => Ok(Self::Help),
            _ => Err(UsageError::UnknownCommand(Typed::from(first.as_os_str()))),
        }
    }
}
