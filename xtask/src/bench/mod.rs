//! `cargo xtask bench`: what the server needs under a load, measured against a release build. The figures of one machine are
//! in `docs/benchmarks`.

mod crowd;
mod news;
mod place;
mod process;
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
    let arguments = Arguments::parse(arguments, &[], &["--sockets", "--per-user"], 1)?;
    match arguments.word() {
        Some("sockets") => sockets::run(&arguments, screen),
        _ => Err(UsageError::because("`bench` knows `sockets`")),
    }
}
