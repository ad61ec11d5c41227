//! A page of `examples/`, served.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context;

use super::node::script;
use super::programs::Tools;
use crate::dev::events::Events;
use crate::dev::process::Process;

const START: Duration = Duration::from_secs(15);

/// A page that is going to be served: its port is known before it is, because the server must know its origin.
#[derive(Debug)]
pub(super) struct Page {
    name: &'static str,
    folder: PathBuf,
    port: u16,
}

/// What a page has to know.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) tenant: &'a str,
    pub(super) audience: &'a str,
    pub(super) api: &'a str,
    /// Certificate and key, for https.
    pub(super) certificate: Option<(&'a Path, &'a Path)>,
}

impl Page {
    pub(super) fn new(name: &'static str, folder: PathBuf) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("there is no free port")?;
        Ok(Self { name, folder, port: listener.local_addr()?.port() })
    }

    /// Where it will be, under this scheme and host.
    pub(super) fn origin(&self, scheme: &str, host: &str) -> String {
        format!("{scheme}://{host}:{}", self.port)
    }

    /// Serves it, and returns once it answers.
    ///
    /// # Errors
    /// It does not start.
    pub(super) fn serve(&self, around: &Surroundings<'_>, tools: &Tools, events: &Events) -> anyhow::Result<Process> {
        let mut command = Command::new(&tools.node);
        command.arg(script("examples/spa/serve.js")).arg("--stdin-guard");
        command.env("FOLDER", &self.folder).env("PORT", self.port.to_string());
        command.env("AUTH0_DOMAIN", around.tenant).env("AUTH0_AUDIENCE", around.audience).env("API_URL", around.api);
        if let Some((certificate, key)) = around.certificate {
            command.env("TLS_CERT_FILE", certificate).env("TLS_KEY_FILE", key);
        }
        let process = Process::start(self.name, command, events.sender())?;
        events.line_of(self.name, START, |line| line.starts_with("serving on ").then_some(()))?;
        Ok(process)
    }
}
