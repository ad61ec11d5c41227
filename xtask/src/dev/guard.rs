//! `cargo xtask guard PROGRAM`, of use to `dev` alone: runs a program that knows nothing of its parent, and ends it
//! when standard input closes.
//!
//! A pipe closes however the process at its other end goes, SIGKILL included. That makes it the one sign of a
//! parent's death that needs neither unsafe code nor a particular system.

use std::io::Read;
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::Context;

use crate::arguments::UsageError;

/// How often the guard looks whether the program has ended by itself.
const GLANCE: Duration = Duration::from_millis(100);

/// Runs the program that the arguments name, until it ends or standard input does.
///
/// # Errors
/// It cannot be started.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let (program, rest) = arguments.split_first().ok_or_else(|| UsageError::because("`guard` needs a program"))?;
    let mut child = Command::new(program)
        .args(rest)
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("{program} cannot be started"))?;
    let (parent_lives, parent_is_gone) = mpsc::channel::<()>();
    thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        drop(parent_lives);
    });
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status
                .code()
                .and_then(|code| u8::try_from(code).ok())
                .map_or(ExitCode::FAILURE, ExitCode::from));
        }
        if let Err(RecvTimeoutError::Disconnected) = parent_is_gone.recv_timeout(GLANCE) {
            child.kill()?;
            child.wait()?;
            return Ok(ExitCode::SUCCESS);
        }
    }
}
