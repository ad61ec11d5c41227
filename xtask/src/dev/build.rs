//! Builds the programs.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{ChildStderr, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::screen::Screen;
use crate::workspace::{self, executable};

/// A build in place answers sooner than this; one that does not is shown.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// Where the programs are.
#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) authsync: PathBuf,
    pub(crate) fake_auth0: PathBuf,
}

/// Builds both; silent unless it takes long or goes wrong. The whole workspace says what features its libraries have, as in the
/// tests, so that nothing is built for each of them.
///
/// # Errors
/// They do not build. What the compiler said has been shown.
pub(crate) fn programs(screen: Screen) -> anyhow::Result<Programs> {
    both(&["--workspace", "--bin", "authsync", "--bin", "fake-auth0"], screen)
}

/// Builds the server alone, in the same manner.
///
/// # Errors
/// As [`programs`].
pub(crate) fn authsync(screen: Screen) -> anyhow::Result<PathBuf> {
    executable(&built(&["authsync"], &["--workspace", "--bin", "authsync"], screen)?, "authsync")
}

/// The same as they are released, for measurements.
///
/// # Errors
/// As [`programs`].
pub(crate) fn released(screen: Screen) -> anyhow::Result<Programs> {
    both(&["--release", "--package", "server", "--package", "fake-auth0"], screen)
}

fn both(arguments: &[&str], screen: Screen) -> anyhow::Result<Programs> {
    let artifacts = built(&["authsync", "fake-auth0"], arguments, screen)?;
    Ok(Programs { authsync: executable(&artifacts, "authsync")?, fake_auth0: executable(&artifacts, "fake-auth0")? })
}

/// Builds the programs of these names. What cargo says it has made, a line of JSON each.
fn built(names: &[&str], arguments: &[&str], screen: Screen) -> anyhow::Result<String> {
    let names = names.join(" and ");
    let mut child = workspace::cargo()
        .arg("build")
        .args(arguments)
        .arg("--message-format=json-render-diagnostics")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cargo cannot be started")?;
    let artifacts = child.stdout.take().map(|mut stdout| {
        thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).map(|_| text)
        })
    });
    let unseen = child.stderr.take().map(|stderr| follow(stderr, &names, screen)).unwrap_or_default();
    if !child.wait()?.success() {
        for line in unseen {
            screen.complain(line);
        }
        bail!("it does not build: {names}");
    }
    Ok(artifacts.and_then(|reader| reader.join().ok()).context("cargo's messages cannot be read")??)
}

/// Shows what cargo says once it has taken long; returns what it has not shown.
fn follow(stderr: ChildStderr, names: &str, screen: Screen) -> Vec<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let mut unseen = Vec::new();
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        match receiver.recv_timeout(deadline.saturating_duration_since(std::time::Instant::now())) {
            Ok(line) => unseen.push(line),
            Err(RecvTimeoutError::Disconnected) => return unseen,
            Err(RecvTimeoutError::Timeout) => break,
        }
    }
    // Not among what a command was asked for.
    screen.complain(format_args!("building {names} (the first time takes some minutes)"));
    for line in unseen.into_iter().chain(receiver) {
        screen.complain(screen.dim(line));
    }
    Vec::new()
}
