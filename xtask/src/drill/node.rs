//! One authsync.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::process::Signal;
use scratch_database::SmallDisk;

use super::program::{self, Program};
use super::tenant::Tenant;
use super::wait;
use crate::http::{Answer, Client};

const START: Duration = Duration::from_secs(30);
const FILE: &str = "drill";

/// How a node is to be.
#[derive(Clone, Debug)]
pub(super) struct NodePlan {
    name: String,
    variables: Vec<(String, String)>,
    toml: String,
    disk: Option<(PathBuf, u32)>,
    migrates: bool,
}

impl NodePlan {
    /// A node of this tenant on this database. Its log leaves the requests out.
    pub(super) fn new(name: &str, tenant: &Tenant, database_url: &str) -> Self {
        let plan =
            Self { name: name.to_owned(), variables: Vec::new(), toml: String::new(), disk: None, migrates: true };
        plan.variable("AUTH0_DOMAIN", tenant.domain())
            .variable("AUTH0_API_IDENTIFIER", Tenant::AUDIENCE)
            .variable("DATABASE_URL", database_url)
            .variable("AUTHSYNC_LOG", "info,access=warn")
    }

    /// A variable of its environment; the last one of a name counts.
    pub(super) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// It waits longer for the database than usual: for drills that are not about the database, on machines that are busy.
    pub(super) fn patient(self) -> Self {
        self.toml("[database]\ncheckout_timeout_ms = 8000\nstatement_timeout_ms = 8000")
    }

    /// Lines of its TOML file, for settings that have no variable.
    pub(super) fn toml(self, toml: &str) -> Self {
        Self { toml: self.toml + toml + "\n", ..self }
    }

    /// Somebody else has migrated its database.
    pub(super) fn without_migration(self) -> Self {
        Self { migrates: false, ..self }
    }

    /// It sees a small disk at this empty folder.
    pub(super) fn on_a_disk(self, place: PathBuf, megabytes: u32) -> Self {
        Self { disk: Some((place, megabytes)), ..self }
    }
}

/// A node, running or not; always on the same port.
#[derive(Debug)]
pub(super) struct Node {
    plan: NodePlan,
    authsync: PathBuf,
    folder: PathBuf,
    address: SocketAddr,
    running: Option<Program>,
    /// The process of authsync itself; 0 while it does not run.
    process: Arc<AtomicU32>,
    client: Client,
}

impl Node {
    /// A node that does not run yet.
    ///
    /// # Errors
    /// Its folder cannot be made.
    pub(super) fn new(plan: NodePlan, authsync: &Path, ground: &Path) -> anyhow::Result<Self> {
        let folder = ground.join(&plan.name);
        fs::create_dir_all(folder.join("config")).with_context(|| folder.display().to_string())?;
        fs::write(folder.join("config").join(FILE).with_extension("toml"), &plan.toml)?;
        Ok(Self {
            plan,
            authsync: authsync.to_owned(),
            folder,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            running: None,
            process: Arc::default(),
            client: Client::new(),
        })
    }

    /// `authsync migrate up`; SQLite migrates itself.
    ///
    /// # Errors
    /// It says no.
    pub(super) fn migrate(&self) -> anyhow::Result<()> {
        let url = self.plan.variables.iter().rfind(|(name, _)| name == "DATABASE_URL").map(|(_, url)| url.as_str());
        if !self.plan.migrates || !url.is_some_and(|url| url.starts_with("postgres")) {
            return Ok(());
        }
        let mut command = Command::new(&self.authsync);
        command.args(["migrate", "up"]).current_dir(&self.folder).envs(self.variables());
        let output = command.output().context("authsync migrate up")?;
        if !output.status.success() {
            bail!("authsync migrate up: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    /// Starts it, on the port that it had before; returns when it listens, which is before it is ready.
    ///
    /// # Errors
    /// It does not start.
    pub(super) fn start_again(&mut self) -> anyhow::Result<()> {
        let guarded = program::guarded(&self.authsync)?;
        let mut command = match &self.plan.disk {
            Some((place, megabytes)) => {
                fs::create_dir_all(place)?;
                let mut command = SmallDisk::shell(place, *megabytes, None)?;
                command.arg(guarded.get_program()).args(guarded.get_args());
                command
            }
            None => guarded,
        };
        command.current_dir(&self.folder).envs(self.variables());
        command.env("AUTHSYNC_BIND", self.address.to_string());
        let mut running = Program::start(&self.plan.name, command, self.folder.parent().unwrap_or(&self.folder))?;
        self.address = running.line(START, address_in)?;
        self.process.store(program::descendant(running.id(), &self.authsync)?, Ordering::SeqCst);
        self.running = Some(running);
        Ok(())
    }

    /// SIGKILL. Returns the moment of it, when the process is gone.
    ///
    /// # Errors
    /// It does not run.
    pub(super) fn kill(&mut self) -> anyhow::Result<Instant> {
        let moment = Instant::now();
        self.signal(Signal::KILL)?;
        self.wait_for_end(Duration::from_secs(5))?;
        Ok(moment)
    }

    /// Sends a signal, for example `Signal::TERM`, and does not wait.
    ///
    /// # Errors
    /// It does not run.
    pub(super) fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        program::signal(self.process().context("the node does not run")?, signal)
    }

    /// Waits until the process is gone.
    ///
    /// # Errors
    /// It is not, within that time.
    pub(super) fn wait_for_end(&mut self, within: Duration) -> anyhow::Result<()> {
        if let Some(running) = &mut self.running {
            running.end(within)?;
        }
        self.process.store(0, Ordering::SeqCst);
        self.running = None;
        Ok(())
    }

    /// Waits until the process is gone, and says the code that it has ended with.
    ///
    /// # Errors
    /// It is not, within that time.
    pub(super) fn end_code(&mut self, within: Duration) -> anyhow::Result<Option<i32>> {
        if let Some(running) = &mut self.running {
            running.end(within)?;
        }
        let code = self.running.as_mut().and_then(Program::code);
        self.wait_for_end(within)?;
        Ok(code)
    }

    /// Waits until `/readyz` says yes.
    ///
    /// # Errors
    /// It does not, within that time.
    pub(super) fn wait_until_ready(&self, within: Duration) -> anyhow::Result<()> {
        let what = format!("{} is not ready", self.plan.name);
        wait::until(&what, within, || Ok(self.look_at("/readyz").ok().filter(|answer| answer.status == 200)))?;
        Ok(())
    }

    /// `GET` without a token.
    ///
    /// # Errors
    /// Nobody answers within five seconds.
    pub(super) fn look_at(&self, path: &str) -> anyhow::Result<Answer> {
        self.client.look_at(format!("http://{}{path}", self.address))
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process of authsync itself, while it runs.
    pub(super) fn process(&self) -> Option<u32> {
        Some(self.process.load(Ordering::SeqCst)).filter(|&process| process != 0)
    }

    /// The same for those who watch it through restarts; 0 while it does not run.
    pub(super) fn process_cell(&self) -> Arc<AtomicU32> {
        Arc::clone(&self.process)
    }

    /// Everything that it has said since it was started last.
    ///
    /// # Errors
    /// It does not run.
    pub(super) fn said(&self) -> anyhow::Result<String> {
        self.running.as_ref().context("the node does not run")?.said()
    }

    fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let file = (!self.plan.toml.is_empty()).then_some(("AUTHSYNC_ENV", FILE));
        self.plan.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(file)
    }

    /// The disk of its plan, while it runs.
    pub(super) fn disk(&self) -> Option<SmallDisk> {
        let (place, _) = self.plan.disk.as_ref()?;
        Some(SmallDisk::seen_by(self.running.as_ref()?.id(), place))
    }
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, address) = line.split_once("listening on http://")?;
    address.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_the_log() {
        let line = "[2026-01-01T00:00:00Z INFO  server::serve] listening on http://127.0.0.1:8080";
        assert_eq!(address_in(line), Some(SocketAddr::from(([127, 0, 0, 1], 8080))));
        assert_eq!(address_in("[INFO] keys fetched"), None);
    }
}
