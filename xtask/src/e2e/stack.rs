//! A tenant, authsync on SQLite, and the pages, each on a free port of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tempfile::TempDir;
use ureq::http::StatusCode;

use super::tools::Tools;
use crate::dev::build::Programs;
use crate::dev::events::Events;
use crate::dev::process::Process;
use crate::frontend::{Packages, Page, Surroundings};
use crate::http::Client;
use crate::screen::Screen;

const TENANT: &str = "fake-auth0";
const SERVER: &str = "authsync";
/// The server's file in `config/`, if it has one.
const FILE: &str = "stack";
const AUDIENCE: &str = "https://authsync.example/api";
/// What the tenant shows when it delivers events.
pub(crate) const EVENTS_TOKEN: &str = "the-tenant-says-so";
const START: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(20);
/// Of a program that is in trouble, this many lines are shown.
const LAST_LINES: usize = 15;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    /// With the tenant's own authority; the pages have a certificate of it, too.
    Https,
}

impl Scheme {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// Where everything is; addresses without a slash at the end.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) scheme: Scheme,
    pub(super) page: String,
    /// The same page under an origin that authsync does not allow.
    pub(super) foreign_page: String,
    pub(super) react_page: String,
    pub(super) tenant: String,
    pub(super) api: String,
    /// The file with the tenant's authority.
    pub(super) authority: Option<PathBuf>,
}

/// Where tenant and server are, where nobody needs a page; addresses without a slash at the end.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) tenant: String,
    pub(crate) api: String,
}

/// The programs; they end with this, the folder of their files last.
#[derive(Debug)]
pub(crate) struct Stack {
    scheme: Scheme,
    running: Vec<Process>,
    folder: TempDir,
}

impl Stack {
    pub(crate) fn new(scheme: Scheme) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("authsync-e2e-").tempdir().context("no temporary folder")?;
        Ok(Self { scheme, running: Vec::new(), folder })
    }

    /// Lines of TOML for the server, besides its variables.
    ///
    /// # Errors
    /// They cannot be written.
    pub(crate) fn with_file(self, toml: &str) -> anyhow::Result<Self> {
        std::fs::create_dir(self.file("config"))?;
        std::fs::write(self.file("config").join(FILE).with_extension("toml"), toml)?;
        Ok(self)
    }

    /// Starts everything and waits until it answers.
    ///
    /// # Errors
    /// Something does not start.
    pub(super) fn start(&mut self, programs: &Programs, tools: &Tools, events: &Events) -> anyhow::Result<Place> {
        let scheme = self.scheme.name();
        let spa = Page::on_any_port("the page", Packages::IN_SPA.dist())?;
        let react = Page::on_any_port("the page with React", Packages::IN_REACT.dist())?;
        let (domain, tenant) = self.start_tenant(&programs.fake_auth0, events)?;
        let origins = [spa.origin(scheme, "localhost"), react.origin(scheme, "localhost")];
        let api = self.start_server(&programs.authsync, &domain, &origins.join(","), events)?;
        let (certificate, key) = (self.file("page.pem"), self.file("page.key"));
        let certificate = (self.scheme == Scheme::Https).then_some((certificate.as_path(), key.as_path()));
        let around = Surroundings { tenant: &domain, audience: AUDIENCE, api: &api, certificate };
        for page in [&spa, &react] {
            self.running.push(page.serve(&around, &tools.node, events)?);
        }
        let [page, react_page] = origins;
        let foreign_page = spa.origin(scheme, "127.0.0.1");
        Ok(Place { scheme: self.scheme, page, foreign_page, react_page, tenant, api, authority: self.authority() })
    }

    /// Starts tenant and server, without pages.
    ///
    /// # Errors
    /// Something does not start.
    pub(crate) fn start_service(&mut self, programs: &Programs, events: &Events) -> anyhow::Result<Service> {
        let (domain, tenant) = self.start_tenant(&programs.fake_auth0, events)?;
        let api = self.start_server(&programs.authsync, &domain, "", events)?;
        Ok(Service { tenant, api })
    }

    /// The process behind which the server runs.
    pub(crate) fn server(&self) -> Option<u32> {
        self.running.iter().find(|process| process.name() == SERVER).map(Process::id)
    }

    /// What those have said who may be at fault.
    pub(crate) fn explain(&self, screen: Screen) {
        for process in &self.running {
            screen.complain(format_args!("\nthe last words of {}:", process.name()));
            for line in process.last_lines(LAST_LINES) {
                screen.complain(format_args!("  {line}"));
            }
        }
    }

    /// `AUTH0_DOMAIN` and the base URL.
    fn start_tenant(&mut self, program: &Path, events: &Events) -> anyhow::Result<(String, String)> {
        let mut command = Command::new(program);
        command.args(["--bind", "127.0.0.1:0", "--stdin-guard", "--audience", AUDIENCE]);
        match self.authority() {
            // Page and tenant on one host, so that the tenant's cookie goes into the frame.
            None => command.args(["--domain", "http://localhost:{port}"]),
            Some(authority) => command
                .args(["--https", "--ca-file"])
                .arg(authority)
                .arg("--page-cert-file")
                .arg(self.file("page.pem"))
                .arg("--page-key-file")
                .arg(self.file("page.key")),
        };
        self.running.push(Process::start(TENANT, command, events.sender())?);
        let (mut domain, mut issuer) = (None, None);
        events.line_of(TENANT, START, |line| {
            match line.split_once('=') {
                Some(("domain", value)) => domain = Some(value.to_owned()),
                Some(("issuer", value)) => issuer = Some(value.trim_end_matches('/').to_owned()),
                _ => {}
            }
            (line == "ready=true").then_some(())
        })?;
        domain.zip(issuer).context("the tenant did not say where it is")
    }

    fn start_server(&mut self, program: &Path, domain: &str, origins: &str, events: &Events) -> anyhow::Result<String> {
        let mut command = Command::new(std::env::current_exe().context("this program does not know where it is")?);
        command.arg("guard").arg(program).current_dir(self.folder.path());
        command.env("AUTH0_DOMAIN", domain).env("AUTH0_API_IDENTIFIER", AUDIENCE);
        command.env("AUTH0_EVENTS_TOKEN", EVENTS_TOKEN);
        command.env("DATABASE_URL", format!("sqlite://{}", self.file("authsync.db").display()));
        command.env("AUTHSYNC_BIND", "127.0.0.1:0").env("AUTHSYNC_CORS_ALLOWED_ORIGINS", origins);
        if self.file("config").is_dir() {
            command.env("AUTHSYNC_ENV", FILE);
        }
        // The address is in a line of level info.
        command.env("AUTHSYNC_LOG", "info");
        if let Some(authority) = self.authority() {
            command.env("SSL_CERT_FILE", authority);
        }
        self.running.push(Process::start(SERVER, command, events.sender())?);
        let api = events.line_of(SERVER, START, |line| {
            let (_, address) = line.split_once("listening on ")?;
            address.split_whitespace().next().map(|url| url.trim_end_matches('/').to_owned())
        })?;
        wait_until_ready(&api, events)?;
        Ok(api)
    }

    fn authority(&self) -> Option<PathBuf> {
        (self.scheme == Scheme::Https).then(|| self.file("ca.pem"))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn wait_until_ready(api: &str, events: &Events) -> anyhow::Result<()> {
    let (client, deadline) = (Client::new(), Instant::now() + START);
    loop {
        match client.look_at(format!("{api}/readyz")) {
            Ok(answer) if answer.status == StatusCode::OK => return Ok(()),
            Ok(answer) if Instant::now() > deadline => bail!("authsync is not ready: {}", answer.body.trim()),
            Err(error) if Instant::now() > deadline => return Err(error.context("authsync cannot be reached")),
            _ => events.pause(PAUSE)?,
        }
    }
}
