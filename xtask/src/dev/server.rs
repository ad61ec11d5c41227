//! authsync, configured for the local tenant.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use ureq::http::StatusCode;

use super::database::Database;
use super::events::Events;
use super::loopback_address;
use super::process::Process;
use super::tenant::Tenant;
use crate::http::Client;
use crate::workspace;

/// Name in messages.
pub(super) const NAME: &str = "authsync";
/// Where frontends under development are served from as a rule; they may call the server.
pub(super) const FRONTENDS: [&str; 2] = ["http://localhost:3000", "http://localhost:5173"];
/// Their ports.
pub(super) const FRONTEND_PORTS: [u16; 2] = [3000, 5173];
/// Where it listens if nobody else does.
const PORT: u16 = 8080;
const START: Duration = Duration::from_secs(15);
/// Between two looks at `/readyz`; doubled each time, so that the log stays readable if it takes long.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Starts authsync and waits until it says where it listens. Returns its base URL, without a slash at the end.
///
/// # Errors
/// It does not start.
pub(super) fn start(
    program: &Path,
    any_port: bool,
    tenant: &Tenant,
    database: &Database,
    events: &Events,
    running: &mut Vec<Process>,
) -> anyhow::Result<String> {
    let mut command = Command::new(std::env::current_exe().context("this program does not know where it is")?);
    command.arg("guard").arg(program).current_dir(workspace::root());
    command.env("AUTH0_DOMAIN", &tenant.domain).env("AUTH0_API_IDENTIFIER", &tenant.audience);
    command.env("DATABASE_URL", database.url());
    command.env("AUTHSYNC_BIND", loopback_address(if any_port { 0 } else { PORT }));
    command.env("AUTHSYNC_CORS_ALLOWED_ORIGINS", FRONTENDS.join(","));
    // The address is in a line of level info, so nothing quieter will do.
    command.env("AUTHSYNC_LOG", "info");
    running.push(Process::start(NAME, command, events.sender())?);
    events.line_of(NAME, START, address_in)
}

/// Asks `/readyz` until it says yes.
///
/// # Errors
/// It does not, within a bound.
pub(super) fn wait_until_ready(client: &Client, server: &str, events: &Events) -> anyhow::Result<()> {
    let deadline = Instant::now() + START;
    let mut pause = FIRST_PAUSE;
    loop {
        let answer = client.look_at(format!("{server}/readyz"));
        match answer {
            Ok(answer) if answer.status == StatusCode::OK => return Ok(()),
            Ok(answer) if Instant::now() > deadline => {
                bail!("authsync is not ready after {} seconds: {}", START.as_secs(), answer.body.trim())
            }
            Err(error) if Instant::now() > deadline => return Err(error.context("authsync cannot be reached")),
            _ => events.pause(pause)?,
        }
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

fn address_in(line: &str) -> Option<String> {
    let (_, address) = line.split_once("listening on ")?;
    address.split_whitespace().next().map(|url| url.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_the_log() {
        let line = "[2026-01-01T00:00:00Z INFO  server::serve] listening on http://127.0.0.1:8080";
        assert_eq!(address_in(line).as_deref(), Some("http://127.0.0.1:8080"));
        assert_eq!(address_in("[INFO] keys fetched"), None);
    }
}
