//! `authsync legacy …`.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use persistence::{DatabaseUrl, Newcomers};

use super::given::{CommandOption, DATABASE_URL, FORMAT, Given, identifier};
use super::{Format, UsageError};

const PASSWORD_COLUMN: CommandOption =
    CommandOption { name: "--password-column", expects: Some("the name of the column with the password hashes") };
const OUT: CommandOption = CommandOption { name: "--out", expects: Some("the directory to write to") };
const DIR: CommandOption = CommandOption { name: "--dir", expects: Some("the directory that the export wrote") };
const CONNECTION: CommandOption =
    CommandOption { name: "--connection", expects: Some("the id of a database connection at Auth0: con_…") };
const UPLOADED: CommandOption =
    CommandOption { name: "--uploaded", expects: Some("the directory whose files were uploaded by hand") };
const NEWCOMERS: CommandOption = CommandOption { name: "--newcomers", expects: Some("keep or drop") };
const ACCEPT_UNLINKED: CommandOption =
    CommandOption { name: "--accept-unlinked", expects: Some("how many users may lose their password unlinked") };
const DUMP: CommandOption = CommandOption { name: "--dump", expects: Some("the file for what is dropped") };

/// A step on the way from a password table to Auth0, or a look at the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegacyAction {
    /// Look at the table and change nothing.
    Plan {
        /// The column with the hashes, if not the usual one.
        password_column: Option<String>,
        /// How the findings are reported.
        format: Format,
    },
    /// Add the columns that authsync needs.
    Adopt {
        /// The column with the hashes, if not the usual one.
        password_column: Option<String>,
    },
    /// Write the files of a bulk import.
    Export {
        /// The directory to write to.
        out: PathBuf,
        /// The column with the hashes, if not the usual one.
        password_column: Option<String>,
    },
    /// Give the rows of imported users their Auth0 ids.
    Link {
        /// The directory of an export whose files the operator uploaded to Auth0 by hand.
        uploaded: Option<PathBuf>,
    },
    /// Drop the password column.
    Finish {
        /// How many users may be left behind without a link.
        accept_unlinked: u64,
        /// Where what is dropped is written to, if not to the usual place.
        dump: Option<PathBuf>,
        /// The column with the hashes, if not the usual one.
        password_column: Option<String>,
    },
    /// Undo every step before the last.
    Rollback {
        /// What becomes of users who came since the adoption and have no password.
        newcomers: Newcomers,
    },
    /// Say how far the way has been gone.
    Status {
        /// How.
        format: Format,
    },
}

/// What of the legacy migration is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegacyCommand {
    /// A step that needs the database alone.
    Local {
        /// The step.
        action: LegacyAction,
        /// The database, if not the configured one.
        database_url: Option<DatabaseUrl>,
    },
    /// Have Auth0 import the files.
    Import {
        /// The directory that the export wrote.
        dir: PathBuf,
        /// Auth0's id of the database connection that the users go into.
        connection: String,
    },
}

pub(super) fn parse(arguments: &[OsString]) -> Result<LegacyCommand, UsageError> {
    const WHAT: UsageError = UsageError::What {
        command: "legacy",
        actions: "plan, adopt, export, import, link, finish, rollback or status",
    };
    let (first, rest) = arguments.split_first().ok_or(WHAT)?;
    let read = |command, takes: &[CommandOption]| {
        let given = Given::read(command, rest, takes)?;
        given.no_words().map(|()| given)
    };
    let (action, given) = match first.to_str() {
        Some("plan") => {
            let given = read("legacy plan", &[PASSWORD_COLUMN, FORMAT, DATABASE_URL])?;
            let password_column = given.value(PASSWORD_COLUMN, identifier)?;
            (LegacyAction::Plan { password_column, format: given.format()? }, given)
        }
        Some("adopt") => {
            let given = read("legacy adopt", &[PASSWORD_COLUMN, DATABASE_URL])?;
            (LegacyAction::Adopt { password_column: given.value(PASSWORD_COLUMN, identifier)? }, given)
        }
        Some("export") => {
            let given = read("legacy export", &[OUT, PASSWORD_COLUMN, DATABASE_URL])?;
            let out = given.required(OUT, path)?;
            (LegacyAction::Export { out, password_column: given.value(PASSWORD_COLUMN, identifier)? }, given)
        }
        Some("import") => {
            let given = read("legacy import", &[DIR, CONNECTION])?;
            let dir = given.required(DIR, path)?;
            return Ok(LegacyCommand::Import { dir, connection: given.required(CONNECTION, identifier)? });
        }
        Some("link") => {
            let given = read("legacy link", &[UPLOADED, DATABASE_URL])?;
            (LegacyAction::Link { uploaded: given.value(UPLOADED, path)? }, given)
        }
        Some("finish") => {
            let given = read("legacy finish", &[ACCEPT_UNLINKED, DUMP, PASSWORD_COLUMN, DATABASE_URL])?;
            let accept_unlinked = given.value(ACCEPT_UNLINKED, |count| count.to_str()?.parse().ok())?.unwrap_or(0);
            let (dump, password_column) = (given.value(DUMP, path)?, given.value(PASSWORD_COLUMN, identifier)?);
            (LegacyAction::Finish { accept_unlinked, dump, password_column }, given)
        }
        Some("rollback") => {
            let given = read("legacy rollback", &[NEWCOMERS, DATABASE_URL])?;
            (LegacyAction::Rollback { newcomers: given.value(NEWCOMERS, newcomers)?.unwrap_or_default() }, given)
        }
        Some("status") => {
            let given = read("legacy status", &[FORMAT, DATABASE_URL])?;
            (LegacyAction::Status { format: given.format()? }, given)
        }
        _ => return Err(WHAT),
    };
    Ok(LegacyCommand::Local { action, database_url: given.database_url()? })
}

fn path(value: &OsStr) -> Option<PathBuf> {
    (!value.is_empty()).then(|| PathBuf::from(value))
}

fn newcomers(value: &OsStr) -> Option<Newcomers> {
    match value.to_str()? {
        "keep" => Some(Newcomers::Keep),
        "drop" => Some(Newcomers::Drop),
        _ => None,
    }
}
