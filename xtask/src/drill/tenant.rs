//! The issuer.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow};
use serde_json::json;
use ureq::http::Method;

use super::person::Person;
use super::program::Program;
use crate::http::{Client, Question};
use crate::token::token_in;

const START: Duration = Duration::from_secs(30);
/// Tokens that are asked for at once.
const HANDS: usize = 4;

/// A local tenant; it ends with this.
#[derive(Debug)]
pub(super) struct Tenant {
    // Only held.
    _program: Program,
    domain: String,
    url: String,
}

impl Tenant {
    /// The identifier of the API.
    pub(super) const AUDIENCE: &str = "https://authsync.example/api";

    /// Starts it on a free port.
    ///
    /// # Errors
    /// It does not start.
    pub(super) fn start(fake_auth0: &Path, folder: &Path) -> anyhow::Result<Self> {
        Self::begin(fake_auth0, folder, None)
    }

    /// The same behind a gate, by whose address nodes and tokens name it. We ask it directly.
    ///
    /// # Errors
    /// It does not start.
    pub(super) fn start_behind(gate: SocketAddr, fake_auth0: &Path, folder: &Path) -> anyhow::Result<Self> {
        Self::begin(fake_auth0, folder, Some(gate))
    }

    fn begin(fake_auth0: &Path, folder: &Path, gate: Option<SocketAddr>) -> anyhow::Result<Self> {
        let mut command = Command::new(fake_auth0);
        command.args(["--bind", "127.0.0.1:0", "--stdin-guard", "--audience", Self::AUDIENCE]);
        command.args(gate.into_iter().flat_map(|gate| ["--domain".to_owned(), format!("http://{gate}")]));
        let mut program = Program::start("tenant", command, folder)?;
        program.line(START, |line| (line == "ready=true").then_some(()))?;
        let said = program.said()?;
        let fact = |name| said.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        let (domain, jwks) = fact("domain=").zip(fact("jwks=")).context("the tenant did not say where it is")?;
        let url = jwks.split_once("/.well-known").map(|(url, _)| url.to_owned()).context("the tenant has no URL")?;
        Ok(Self { _program: program, domain, url })
    }

    /// For `AUTH0_DOMAIN`.
    pub(super) fn domain(&self) -> &str {
        &self.domain
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        let address = self.url.split_once("://").and_then(|(_, address)| address.parse().ok());
        address.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// Asks it for something; see `/dev` of the tenant.
    ///
    /// # Errors
    /// It does not answer.
    pub(super) fn ask(&self, method: Method, path: &str, body: Option<String>) -> anyhow::Result<crate::http::Answer> {
        Client::new().ask(&Question { method, url: format!("{}{path}", self.url), bearer: None, body })
    }

    /// So many people of a crowd, each with a token that is good for a day.
    ///
    /// # Errors
    /// The tenant refuses.
    pub(super) fn people(&self, crowd: &str, count: usize) -> anyhow::Result<Vec<Person>> {
        let numbers: Vec<usize> = (0..count).collect();
        let share = count.div_ceil(HANDS).max(1);
        thread::scope(|scope| {
            let hands: Vec<_> = numbers
                .chunks(share)
                .map(|numbers| {
                    scope.spawn(move || {
                        let client = Client::new();
                        let person = |&number| self.person(&client, crowd, number);
                        numbers.iter().map(person).collect::<anyhow::Result<Vec<_>>>()
                    })
                })
                .collect();
            let mut people = Vec::with_capacity(count);
            for hand in hands {
                people.extend(hand.join().map_err(|_| anyhow!("a thread panicked"))??);
            }
            Ok(people)
        })
    }

    fn person(&self, client: &Client, crowd: &str, number: usize) -> anyhow::Result<Person> {
        let question = Question {
            method: Method::POST,
            url: format!("{}/dev/token", self.url),
            bearer: None,
            body: Some(json!({ "sub": Person::subject(crowd, number) }).to_string()),
        };
        let token = token_in(&client.ask(&question)?).context("no token")?;
        Ok(Person::new(crowd, number, token))
    }
}
