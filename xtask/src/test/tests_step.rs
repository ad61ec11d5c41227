//! Runs the tests and reads what they say while it passes by.

use std::io::{BufRead, BufReader};

use anyhow::{Context, bail};

use super::tally::Tally;
use crate::screen::Screen;
use crate::workspace;

const TEST_THREADS: &str = "8";

/// Unit, integration and documentation tests; a filter selects by name.
///
/// # Errors
/// A test failed, nothing compiled, or none of the tests used PostgreSQL (unless a filter selects them).
pub(super) fn run(filter: Option<&str>, screen: Screen, tally: &mut Tally) -> anyhow::Result<()> {
    // One pipe for both streams, so that lines stay in order.
    let (output, input) = std::io::pipe()?;
    let mut command = workspace::cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]).args(filter);
    // Most tests wait for a server or a database and not for a core.
    command.env("RUST_TEST_THREADS", TEST_THREADS);
    command.stdout(input.try_clone()?).stderr(input);
    let mut child = command.spawn().context("cargo cannot be started")?;
    // It holds the writing end.
    drop(command);
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        tally.read(&line);
        screen.line(line.trim_end());
    }
    let good = child.wait()?.success();
    if tally.failed > 0 {
        bail!("{} tests failed", tally.failed);
    }
    if !good {
        bail!("`cargo test` says no");
    }
    match filter {
        Some(filter) if tally.passed == 0 => bail!("no test is called `{filter}`"),
        None if tally.on_postgres == 0 => bail!("not one test ran on PostgreSQL"),
        _ => Ok(()),
    }
}
