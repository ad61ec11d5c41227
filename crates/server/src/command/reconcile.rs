//! `authsync reconcile`.

use std::ffi::OsString;

use super::given::{CommandOption, FORMAT, Given};
use super::{Command, Format, UsageError};

const DRY_RUN: CommandOption = CommandOption { name: "--dry-run", expects: None };

/// What becomes of the differences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReconcileOptions {
    /// They are reported and left.
    pub dry_run: bool,
    /// How they are reported.
    pub format: Format,
}

pub(super) fn parse(arguments: &[OsString]) -> Result<Command, UsageError> {
    let given = Given::read("reconcile", arguments, &[DRY_RUN, FORMAT])?;
    given.no_words()?;
    Ok(Command::Reconcile(ReconcileOptions { dry_run: given.has(DRY_RUN), format: given.format()? }))
}
