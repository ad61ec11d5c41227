//! Changes on PostgreSQL: a trigger notifies, a connection of our own listens.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use domain::{Subject, UserChange};

use super::feed::Source;
use crate::connection_failures::one_line;
use crate::postgres::session::connection_url;
use crate::postgres_url::PostgresUrl;

/// How often the server is asked for a sign of life. A connection that broke without a word is noticed by it.
const PROOF_PAUSE: Duration = Duration::from_secs(10);

/// Takes the place of a mere LISTEN, so that a server that hangs does not hold us for ever.
const LISTEN: &str = "SET statement_timeout = 5000; LISTEN authsync_users";

/// The channel of the migration `notify_user_changes`.
pub(crate) struct Channel {
    url: String,
    connection: Option<Listening>,
}

struct Listening {
    connection: PgConnection,
    proven: Instant,
}

impl Channel {
    pub(crate) fn new(url: &PostgresUrl) -> Self {
        Self { url: connection_url(url), connection: None }
    }
}

impl Source for Channel {
    /// libpq can only be asked whether something has come: a system call that does not wait.
    const PAUSE: Duration = Duration::from_millis(50);

    fn look(&mut self) -> Result<Vec<UserChange>, String> {
        let Some(listening) = &mut self.connection else {
            self.connection = Some(Listening::start(&self.url)?);
            // Whatever was notified before is lost.
            return Ok(vec![UserChange::Any]);
        };
        let changes = listening.changes();
        if changes.is_err() {
            self.connection = None;
        }
        changes
    }
}

impl Listening {
    fn start(url: &str) -> Result<Self, String> {
        let mut connection = PgConnection::establish(url).map_err(|error| one_line(&error.to_string()))?;
        connection.batch_execute(LISTEN).map_err(|error| one_line(&error.to_string()))?;
        Ok(Self { connection, proven: Instant::now() })
    }

    fn changes(&mut self) -> Result<Vec<UserChange>, String> {
        if self.proven.elapsed() >= PROOF_PAUSE {
            self.connection.batch_execute("SELECT 1").map_err(|error| one_line(&error.to_string()))?;
            self.proven = Instant::now();
        }
        self.connection
            .notifications_iter()
            .map(|notification| Ok(told_by(&notification.map_err(|error| one_line(&error.to_string()))?.payload)))
            .collect()
    }
}

/// The payload is an `auth0_id`. What is none comes from a row that breaks a rule, or from `TRUNCATE`.
fn told_by(payload: &str) -> UserChange {
    Subject::parse(payload).map_or(UserChange::Any, UserChange::Of)
}
