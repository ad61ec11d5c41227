//! `cargo xtask migrate`: builds `authsync`, and has it do `authsync migrate`, for a machine with cargo.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::dev::build;
use crate::screen::Screen;

/// Has the program apply, revert or list migrations. Which database that is, what is said and how it ends are the
/// program's own affair, so that both commands are one.
///
/// # Errors
/// The program does not build.
pub(crate) fn run(arguments: &[String], screen: Screen) -> anyhow::Result<ExitCode> {
    let program = build::authsync(screen)?;
    let status =
        command(&program, arguments).status().with_context(|| format!("{} cannot be started", program.display()))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Where it was called, and with the environment that it was called with: the configuration is in both.
fn command(program: &Path, arguments: &[String]) -> Command {
    let mut command = Command::new(program);
    command.arg("migrate").args(arguments);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_environment_and_folder_are_passed_on_as_they_are() {
        let words = ["status", "--database-url", " sqlite://a b.db"].map(str::to_owned);
        let command = command(Path::new("/target/authsync"), &words);
        assert_eq!(command.get_args().collect::<Vec<_>>(), ["migrate", "status", "--database-url", " sqlite://a b.db"]);
        assert_eq!((command.get_envs().count(), command.get_current_dir()), (0, None));
    }
}
