//! `cargo xtask bench`: what the server needs under a load, measured against a release build. The figures of one machine are
//! in `docs/benchmarks`.

mod crowd;
mod news;
mod place;
mod process;
mod servers;
mod sockets;
mod verifications;

use std::process::ExitCode;

use crate::arguments::{Arguments, UsageError};
use crate::screen::Screen;

/// Measures what the first word names.
///
/// # Errors
/// The arguments are wrong, the programs do not build or start, or a measurement cannot be made.
pub(crate) fn run(arguments: &[String], screen: Screen) -> anyhow::Result<ExitCode> {
    let Some((word, rest)) = arguments.split_first().filter(|(word, _)| !word.starts_with('-')) else {
        return servers::run(&Arguments::parse(arguments, &servers::SWITCHES, &servers::OPTIONS, 0)?, screen);
    };
    match word.as_str() {
        "sockets" => sockets::run(&Arguments::parse(rest, &[], &["--sockets", "--per-user"], 0)?, screen),
        "profile" => servers::profile::run(
            &Arguments::parse(rest, &servers::profile::SWITCHES, &servers::profile::OPTIONS, 0)?,
            screen,
        ),
        "scale" => servers::scale::run(
            &Arguments::parse(rest, &servers::scale::SWITCHES, &servers::scale::OPTIONS, 0)?,
            screen,
        ),
        _ => Err(UsageError::because(
            "`bench` knows `profile`, `scale` and `sockets`, and without a word it compares servers",
        )),
    }
}
