//! The tenant, with tokens signed ahead.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::dev::events::Event;
use crate::dev::process::Process;
use crate::screen::Screen;

/// Whose API it is.
const AUDIENCE: &str = "https://authsync.example/api";
/// How long it may say nothing: a batch of tokens takes some seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running tenant; it ends with this.
#[derive(Debug)]
pub(in crate::bench) struct Tenant {
    // Only held.
    _process: Process,
    pub(in crate::bench) domain: String,
    pub(in crate::bench) issuer: String,
    pub(in crate::bench) audience: String,
    pub(in crate::bench) jwks: String,
    /// A token in each line.
    pub(in crate::bench) tokens: PathBuf,
}

impl Tenant {
    /// Starts it and waits until so many tokens are signed.
    ///
    /// # Errors
    /// It does not start.
    pub(in crate::bench) fn start(program: &Path, tokens: usize, screen: Screen) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.arg("--folder").arg(super::folder()?.join("tenant"));
        command.args(["--tokens", &tokens.to_string(), "--audience", AUDIENCE]);
        let (sender, said) = mpsc::channel();
        let process = Process::start("tenant", command, sender)?;
        let facts = facts(&said, screen)?;
        let fact = |wanted: &str| {
            let found = facts.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
            found.with_context(|| format!("the tenant does not say its {wanted}"))
        };
        Ok(Self {
            _process: process,
            domain: fact("domain")?,
            issuer: fact("issuer")?,
            audience: fact("audience")?,
            jwks: fact("jwks")?,
            tokens: fact("tokens")?.into(),
        })
    }

    /// The token of the first user.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(in crate::bench) fn first_token(&self) -> anyhow::Result<String> {
        use std::io::BufRead;

        let file = std::fs::File::open(&self.tokens).with_context(|| self.tokens.display().to_string())?;
        let line = std::io::BufReader::new(file).lines().next().context("there is no token")??;
        Ok(line)
    }
}

fn facts(said: &Receiver<Event>, screen: Screen) -> anyhow::Result<Vec<(String, String)>> {
    let mut facts = Vec::new();
    loop {
        match said.recv_timeout(PATIENCE).context("the tenant says nothing")? {
            Event::Line { text, .. } => match text.split_once('=') {
                Some(("signed", progress)) => screen.line(screen.dim(format_args!("tokens signed: {progress}"))),
                Some(("ready", _)) => return Ok(facts),
                Some((name, value)) => facts.push((name.to_owned(), value.to_owned())),
                None => screen.line(screen.dim(text)),
            },
            Event::Ended { .. } => bail!("the tenant has ended"),
            Event::Interrupted => {}
        }
    }
}
