//! The script that keeps a server, seen from our side.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

const SCRIPT: &str = include_str!("supervisor.sh");
/// Of a primary and of a standby; the one goes on with `connections`, the other with `read-only connections`.
const READY: &str = "database system is ready to accept";
const STOPPED: &str = "supervisor: the server has stopped";
const KILLED: &str = "supervisor: the server was killed";
const PROMOTED: &str = "supervisor: the server is the primary";
/// Somebody else has taken the port.
pub(crate) const NO_PORT: &str = "could not create any TCP/IP sockets";

/// A machine so loaded that a server takes longer than this is one where the tests fail anyway.
const PATIENCE: Duration = Duration::from_secs(120);

/// The running script. Dropping it ends the server and deletes its directory, and so does our own end.
#[derive(Debug)]
pub(crate) struct Supervisor {
    script: Child,
    output: Receiver<String>,
}

impl Supervisor {
    /// Starts the script, which makes a cluster in `directory`, or copies the one at `origin`, and waits for orders. `shell` is
    /// how a shell is started under the right account.
    pub(crate) fn spawn(
        mut shell: Command,
        directory: &Path,
        programs: &Path,
        origin: &str,
        options: &[String],
    ) -> anyhow::Result<Self> {
        shell
            .args(["-c", SCRIPT, "supervisor"])
            .arg(directory)
            .arg(programs)
            .arg(origin)
            .args(options)
            .current_dir("/");
        // A group of its own: Ctrl-C on a terminal must not end it before it has cleaned up.
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let mut script = shell.spawn().with_context(|| format!("{}", shell.get_program().display()))?;
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

    /// Returns when no process of the server is left; none of them had time for a word.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.order("kill", KILLED)
    }

    /// Returns when the server, a standby, takes writes.
    pub(crate) fn promote(&mut self) -> anyhow::Result<()> {
        self.order("promote", PROMOTED)
    }

    /// The process of the script.
    pub(crate) fn id(&self) -> u32 {
        self.script.id()
    }

    fn order(&mut self, order: &str, answer: &str) -> anyhow::Result<()> {
        // What was said before is no answer to this.
        let mut said: Vec<String> = self.output.try_iter().collect();
        let stdin = self.script.stdin.as_mut().context("the script's input is a pipe")?;
        if writeln!(stdin, "{order}").is_err() {
            said.extend(self.output.iter());
            bail!("the script that keeps PostgreSQL has ended; it said:\n{}", said.join("\n"));
        }
        let deadline = Instant::now() + PATIENCE;
        while let Ok(line) = self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            if line.contains(answer) {
                return Ok(());
            }
            let hopeless = line.contains(NO_PORT);
            said.push(line);
            if hopeless {
                break;
            }
        }
        bail!("PostgreSQL did not {order}; it said:\n{}", said.join("\n"))
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        // The output is read to its end by the thread above, so this cannot stall on a full pipe.
        let _ended = self.script.wait();
    }
}
