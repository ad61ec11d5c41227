//! The local Auth0 tenant.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::events::Events;
use super::loopback_address;
use super::process::Process;

/// Name in messages.
pub(super) const NAME: &str = "fake-auth0";
/// Where it listens if nobody else does.
const PORT: u16 = 4400;
const START: Duration = Duration::from_secs(15);
const AUDIENCE: &str = "https://authsync.example/api";
// For the client-credentials grant of a tenant that only this machine can reach.
const CLIENT_ID: &str = "dev-client";
const CLIENT_SECRET: &str = "dev-client-secret";

/// What the running tenant says about itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tenant {
    /// For `AUTH0_DOMAIN`.
    pub(super) domain: String,
    /// For `AUTH0_API_IDENTIFIER`.
    pub(super) audience: String,
    /// Base URL without a slash at the end.
    pub(super) url: String,
}

impl Tenant {
    /// Takes in one line of the tenant's greeting. True once everything is known.
    fn learn(&mut self, line: &str) -> bool {
        match line.split_once('=') {
            Some(("domain", value)) => value.clone_into(&mut self.domain),
            Some(("audience", value)) => value.clone_into(&mut self.audience),
            Some(("issuer", value)) => value.trim_end_matches('/').clone_into(&mut self.url),
            _ => {}
        }
        ![&self.domain, &self.audience, &self.url].iter().any(|part| part.is_empty())
    }
}

/// Starts the tenant and waits for its greeting.
///
/// # Errors
/// It does not start.
pub(super) fn start(
    program: &Path,
    any_port: bool,
    events: &Events,
    running: &mut Vec<Process>,
) -> anyhow::Result<Tenant> {
    let address = loopback_address(if any_port { 0 } else { PORT });
    let mut command = Command::new(program);
    command.args(["--bind", &address, "--audience", AUDIENCE, "--stdin-guard"]);
    // The host of frontends under development: a page of another one would not get the tenant's cookie into a frame.
    command.args(["--domain", "http://localhost:{port}"]);
    command.args(["--client-id", CLIENT_ID, "--client-secret", CLIENT_SECRET]);
    running.push(Process::start(NAME, command, events.sender())?);
    let mut tenant = Tenant::default();
    events.line_of(NAME, START, |line| tenant.learn(line).then_some(()))?;
    Ok(tenant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_is_complete_after_domain_issuer_and_audience() {
        let mut tenant = Tenant::default();
        assert!(!tenant.learn("domain=http://127.0.0.1:4400"));
        assert!(!tenant.learn("some other line"));
        assert!(!tenant.learn("issuer=http://127.0.0.1:4400/"));
        assert!(tenant.learn("audience=https://api"));
        let (domain, url) = ("http://127.0.0.1:4400".to_owned(), "http://127.0.0.1:4400".to_owned());
        assert_eq!(tenant, Tenant { domain, url, audience: "https://api".to_owned() });
    }

    #[test]
    fn the_file_for_development_is_for_this_tenant() {
        let file = include_str!("../../../config/local.toml");
        for line in [format!("domain = \"http://localhost:{PORT}\""), format!("api_identifier = \"{AUDIENCE}\"")] {
            assert!(file.lines().any(|written| written == line), "{line}");
        }
    }
}
