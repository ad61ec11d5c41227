//! The server under measurement, its tenant, and people who are known to both.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use ureq::http::{Method, StatusCode};

use crate::dev::build;
use crate::dev::events::Events;
use crate::e2e::stack::{Scheme, Service, Stack};
use crate::http::{Answer, Client, Question};
use crate::screen::Screen;
use crate::token::token_in;

/// Both programs, as they are released; they end with this.
pub(super) struct Place {
    // Only held.
    _stack: Stack,
    events: Events,
    service: Service,
    client: Client,
    /// The server's process.
    pub(super) server: u32,
}

/// Somebody who has a row.
pub(super) struct Person {
    pub(super) subject: String,
    pub(super) token: String,
}

impl Place {
    /// Builds and starts everything. `toml` goes into the server's file.
    ///
    /// # Errors
    /// Something does not build or start.
    pub(super) fn start(toml: &str, screen: Screen) -> anyhow::Result<Self> {
        let programs = build::released(screen)?;
        let events = Events::listen()?;
        let mut stack = Stack::new(Scheme::Http)?.with_file(toml)?;
        let service = stack.start_service(&programs, &events).inspect_err(|_| stack.explain(screen))?;
        let server = super::process::child_of(stack.server().context("the server is not there")?)?;
        Ok(Self { _stack: stack, events, service, client: Client::new(), server })
    }

    /// Where the server listens.
    pub(super) fn address(&self) -> anyhow::Result<SocketAddr> {
        let address = self.service.api.strip_prefix("http://").and_then(|address| address.parse().ok());
        address.with_context(|| format!("no address: {}", self.service.api))
    }

    /// Lets some time pass.
    ///
    /// # Errors
    /// The server or its tenant has ended.
    pub(super) fn rest(&self, time: Duration) -> anyhow::Result<()> {
        self.events.pause(time)
    }

    /// The person of this number, known from now on.
    pub(super) fn person(&self, number: usize) -> anyhow::Result<Person> {
        let subject = format!("auth0|bench-{number}");
        let token = token_in(&self.client.ask(&Question {
            method: Method::POST,
            url: format!("{}/dev/token", self.service.tenant),
            bearer: None,
            body: Some(json!({ "sub": subject }).to_string()),
        })?)?;
        let person = Person { subject, token };
        self.sync(&person, "Somebody")?;
        Ok(person)
    }

    /// The person logs in under this name.
    pub(super) fn sync(&self, person: &Person, name: &str) -> anyhow::Result<()> {
        let Person { subject, token } = person;
        let email = format!("{}@example.com", subject.replace('|', "."));
        let body: Value = json!({ "auth0_id": subject, "email": email, "name": name });
        self.good(&Question {
            method: Method::POST,
            url: format!("{}/auth/sync", self.service.api),
            bearer: Some(token.clone()),
            body: Some(body.to_string()),
        })
        .map(|_| ())
    }

    /// The person's token is verified.
    pub(super) fn verify(&self, person: &Person) -> anyhow::Result<Answer> {
        self.good(&Question {
            method: Method::GET,
            url: format!("{}/auth/verify", self.service.api),
            bearer: Some(person.token.clone()),
            body: None,
        })
    }

    fn good(&self, question: &Question) -> anyhow::Result<Answer> {
        let answer = self.client.ask(question)?;
        if answer.status != StatusCode::OK {
            bail!("{} answered {}: {}", question.url, answer.status, answer.body);
        }
        Ok(answer)
    }
}
