//! `authsync check`.

use std::ffi::OsString;

use super::given::{CommandOption, Given};
use super::{Command, UsageError};

const REHEARSE_ROTATION: CommandOption = CommandOption { name: "--rehearse-rotation", expects: None };

pub(super) fn parse(arguments: &[OsString]) -> Result<Command, UsageError> {
    let given = Given::read("check", arguments, &[REHEARSE_ROTATION])?;
    given.no_words()?;
    Ok(Command::Check { rehearse_rotation: given.has(REHEARSE_ROTATION) })
}
