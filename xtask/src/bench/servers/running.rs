//! One of the servers, running.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use ureq::http::{Method, StatusCode};

use super::contender::{Contender, Program};
use super::cores::Cores;
use super::ground::Ground;
use crate::bench::process::child_of;
use crate::dev::process::Process;
use crate::http::{Client, Question};

const START: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(5);
/// Of a server in trouble, this many lines are shown.
const LAST_LINES: usize = 10;

/// A server that answers; it ends with this.
#[derive(Debug)]
pub(in crate::bench) struct Running {
    // Only held.
    _guard: Process,
    pub(in crate::bench) process: u32,
    pub(in crate::bench) address: SocketAddr,
    log: PathBuf,
}

impl Running {
    /// Starts it on this database and waits until it answers for the first user.
    ///
    /// # Errors
    /// It does not start; the message has its last words.
    pub(in crate::bench) fn start(contender: &Contender, ground: &Ground, database: &str) -> anyhow::Result<Self> {
        Self::start_on(None, contender, ground, database)
    }

    /// The same on these cores alone.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub(in crate::bench) fn start_on(
        cores: Option<&Cores>,
        contender: &Contender,
        ground: &Ground,
        database: &str,
    ) -> anyhow::Result<Self> {
        let address = free_address()?;
        let log = super::folder()?.join(contender.name).with_extension("log");
        File::create(&log).with_context(|| log.display().to_string())?;
        let program = ground.programs.of(contender.program)?;
        let mut command = Command::new(std::env::current_exe().context("this program does not know where it is")?);
        // The log is a file: nobody who reads it takes time from the measurement.
        command.arg("guard");
        if let Some(cores) = cores {
            command.args(cores.words());
        }
        command.args(["sh", "-c", r#"exec "$0" >>"$1" 2>&1"#]).arg(program).arg(&log);
        command.current_dir(super::folder()?).envs(environment(contender, ground, database, address));
        let (sender, _) = mpsc::channel();
        let guard = Process::start(contender.name, command, sender)?;
        let id = guard.id();
        let mut running = Self { _guard: guard, process: 0, address, log };
        running.wait(&ground.tenant.first_token()?).with_context(|| running.last_words())?;
        running.process = child_of(id)?;
        Ok(running)
    }

    /// What it has written last.
    pub(in crate::bench) fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let last = lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default();
        format!("the last words in {}:\n{}", self.log.display(), last.join("\n"))
    }

    fn wait(&self, token: &str) -> anyhow::Result<()> {
        let (client, deadline) = (Client::new(), Instant::now() + START);
        let question = Question {
            method: Method::GET,
            url: format!("http://{}/auth/verify", self.address),
            bearer: Some(token.to_owned()),
            body: None,
        };
        loop {
            // 404 where the tables are empty.
            match client.ask(&question) {
                Ok(answer) if [StatusCode::OK, StatusCode::NOT_FOUND].contains(&answer.status) => return Ok(()),
                Ok(answer) if Instant::now() > deadline => bail!("it answers {}: {}", answer.status, answer.body),
                Err(error) if Instant::now() > deadline => return Err(error.context("it cannot be reached")),
                _ => thread::park_timeout(PAUSE),
            }
        }
    }
}

/// The variables of a server.
pub(in crate::bench) fn environment(
    contender: &Contender,
    ground: &Ground,
    database: &str,
    address: SocketAddr,
) -> Vec<(&'static str, String)> {
    let (tenant, address) = (&ground.tenant, address.to_string());
    let mut variables = match contender.program {
        Program::Peer(_) => vec![
            ("BIND", address),
            ("JWKS_URL", tenant.jwks.clone()),
            ("ISSUER", tenant.issuer.clone()),
            ("AUDIENCE", tenant.audience.clone()),
        ],
        Program::Authsync => vec![
            ("AUTHSYNC_BIND", address),
            ("AUTH0_DOMAIN", tenant.domain.clone()),
            ("AUTH0_API_IDENTIFIER", tenant.audience.clone()),
        ],
    };
    variables.push(("DATABASE_URL", database.to_owned()));
    variables.extend(contender.settings.iter().map(|&(name, value)| (name, value.to_owned())));
    variables
}

/// An address that nobody listens on at this moment.
///
/// # Errors
/// There is none.
pub(in crate::bench) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
