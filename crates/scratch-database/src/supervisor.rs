//! The script that keeps a server, seen from our side.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::account::Account;

const SCRIPT: &str = include_str!("supervisor.sh");
const READY: &str = "database system is ready to accept connections";
const STOPPED: &str = "supervisor: the server has stopped";

/// A machine so loaded that a server takes longer than this is one where the tests fail anyway.
const PATIENCE: Duration = Duration::from_secs(120);

/// The running script. Dropping it ends the server and deletes its directory, and so does our own end.
#[derive(Debug)]
pub(crate) struct Supervisor {
    script: Child,
    output: Receiver<String>,
}

impl Supervisor {
    /// Starts the script, which makes a cluster in `directory` and waits for orders.
    pub(crate) fn spawn(directory: &Path, programs: &Path, account: Account) -> anyhow::Result<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "supervisor"]).arg(directory).arg(programs).current_dir("/");
        // A group of its own: Ctrl-C on a terminal must not end it before it has cleaned up.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let mut script = account.run(&mut command).spawn().context("sh")?;
        let stdout = script.stdout.take().context("the script's output is a pipe")?;
        let (sender, output) = channel();
        // Reads on for as long as the server lives, which would block on a full pipe.
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self { script, output })
    }

    /// Returns when the server takes connections.
    pub(crate) fn start(&mut self) -> anyhow::Result<()> {
        self.order("start", READY)
    }

    /// Returns when the server is gone.
    pub(crate) fn stop(&mut self) -> anyhow::Result<()> {
        self.order("stop", STOPPED)
    }

    fn order(&mut self, order: &str, answer: &str) -> anyhow::Result<()> {
        let stdin = self.script.stdin.as_mut().context("the script's input is a pipe")?;
        writeln!(stdin, "{order}").context("the script that keeps PostgreSQL has ended")?;
        let deadline = Instant::now() + PATIENCE;
        let mut said = String::new();
        while let Ok(line) = self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            if line.contains(answer) {
                return Ok(());
            }
            said.push_str(&line);
            said.push('\n');
        }
        bail!("PostgreSQL did not {order}; it said:\n{said}")
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        // The output is read to its end by the thread above, so this cannot stall on a full pipe.
        let _ended = self.script.wait();
    }
}
