//! A page of `examples/`, served.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context;

use super::Node;
use crate::dev::events::Events;
use crate::dev::process::Process;
use crate::workspace;

const START: Duration = Duration::from_secs(15);

/// A page that is going to be served: its port is known before it is, because the server must know its origin.
#[derive(Debug)]
pub(crate) struct Page {
    name: &'static str,
    folder: PathBuf,
    port: u16,
}

/// What a page has to know.
#[derive(Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) audience: &'a str,
    pub(crate) api: &'a str,
    /// Certificate and key, for https.
    pub(crate) certificate: Option<(&'a Path, &'a Path)>,
}

impl Page {
    /// On any free port.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn on_any_port(name: &'static str, folder: PathBuf) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("there is no free port")?;
        Ok(Self { name, folder, port: listener.local_addr()?.port() })
    }

    /// On the first of these ports that nobody has.
    pub(crate) fn on_one_of(ports: &[u16], name: &'static str, folder: PathBuf) -> Option<Self> {
        let port = ports.iter().copied().find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())?;
        Some(Self { name, folder, port })
    }

    /// Where it will be, under this scheme and host.
    pub(crate) fn origin(&self, scheme: &str, host: &str) -> String {
        format!("{scheme}://{host}:{}", self.port)
    }

    /// Serves it, and returns once it answers.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn serve(&self, around: &Surroundings<'_>, node: &Node, events: &Events) -> anyhow::Result<Process> {
        let mut command = Command::new(&node.node);
        command.arg(workspace::root().join("examples/spa/serve.js")).arg("--stdin-guard");
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
