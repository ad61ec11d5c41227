//! Changes on PostgreSQL: triggers notify, a connection of our own listens.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::PgNotification;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Text};
use domain::{Subject, UserChange};

use super::feed::{Feed, Source};
use super::listeners::Listeners;
use crate::connection_failures::one_line;
use crate::postgres::session::connection_url;
use crate::postgres_url::PostgresUrl;

/// The channel of the triggers.
const CHANNEL: &str = "authsync_users";

/// How often it is proved that no change is missed. Each proof is a round trip and two look-ups in the catalogue.
const PROOF_PAUSE: Duration = Duration::from_millis(200);

/// How long the word that a new connection sends to itself may take.
const ECHO_PATIENCE: Duration = Duration::from_secs(2);

/// How long a proof may take, which a server that lives ends after five seconds: see `LISTEN`.
const PROOF_PATIENCE: Duration = Duration::from_secs(10);

/// How long it may take to connect, twice, where some of several hosts do not answer.
const CONNECT_PATIENCE: Duration = Duration::from_secs(30);

/// Takes the place of a mere LISTEN, so that a statement that waits for others does not hold us for ever.
const LISTEN: &str = "SET statement_timeout = 5000; LISTEN authsync_users";

/// Which session answers; how many of the triggers are there and fire whoever writes; and what changes when somebody touches
/// the triggers or rewrites a table, even for the length of one transaction: no trigger tells of rows that change by that.
const PROOF: &str = "WITH ours AS \
     (SELECT oid, xmin, relfilenode FROM pg_class WHERE oid IN (to_regclass('users'), to_regclass('auth0_records'))), \
     telling AS (SELECT t.oid, t.xmin, t.tgenabled FROM pg_trigger t JOIN ours ON t.tgrelid = ours.oid \
     WHERE NOT t.tgisinternal AND t.tgname LIKE 'authsync\\_%') \
     SELECT pg_backend_pid() AS session, (SELECT count(*) FROM telling WHERE tgenabled = 'A') AS triggers, \
     concat((SELECT string_agg(concat_ws(' ', oid, xmin, relfilenode), ',' ORDER BY oid) FROM ours), ';', \
     (SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid) FROM telling)) AS shape";

/// As many as the migrations make: three on each of the two tables.
const TRIGGERS: i64 = 6;

/// The channel, and a connection to it if there is one.
pub(crate) struct Channel {
    url: Arc<str>,
    connection: Option<Listening>,
}

struct Listening {
    connection: PgConnection,
    session: i32,
    proven: Option<Instant>,
    /// The schema does not tell of every change at present, which has been logged.
    is_mute: bool,
    /// The schema at the last proof.
    shape: String,
}

#[derive(QueryableByName)]
struct Proof {
    #[diesel(sql_type = Integer)]
    session: i32,
    #[diesel(sql_type = BigInt)]
    triggers: i64,
    #[diesel(sql_type = Text)]
    shape: String,
}

impl Channel {
    /// Tells of changes to these listeners, once there is one.
    pub(crate) fn feed(url: &PostgresUrl, listeners: Arc<Listeners>) -> Feed<Self> {
        let url: Arc<str> = connection_url(url).into();
        Feed::new(move || Self { url: Arc::clone(&url), connection: None }, listeners)
    }
}

impl Source for Channel {
    /// libpq can only be asked whether something has come: a system call that does not wait.
    const PAUSE: Duration = Duration::from_millis(20);

    fn patience(&self) -> Duration {
        if self.connection.is_some() { PROOF_PATIENCE } else { CONNECT_PATIENCE }
    }

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
        let Proof { session, shape, .. } = read_proof(&mut connection)?;
        let mut listening = Self { connection, session, proven: None, is_mute: false, shape };
        listening.hear_an_echo(url)?;
        Ok(listening)
    }

    /// A pooler in transaction mode takes a LISTEN and passes nothing on: the session behind it is anybody's between two
    /// statements. So somebody else calls, while this connection rests, and is to be heard.
    fn hear_an_echo(&mut self, url: &str) -> Result<(), String> {
        let echo = format!("authsync_echo_{}", self.session);
        let one_line = |error: diesel::result::Error| one_line(&error.to_string());
        self.connection.batch_execute(&format!("LISTEN {echo}")).map_err(one_line)?;
        let mut caller =
            PgConnection::establish(url).map_err(|error| crate::connection_failures::one_line(&error.to_string()))?;
        caller.batch_execute(&format!("NOTIFY {echo}")).map_err(one_line)?;
        drop(caller);
        let began = Instant::now();
        while began.elapsed() < ECHO_PATIENCE {
            if self.notifications()?.iter().any(|notification| notification.channel == echo) {
                return self.connection.batch_execute(&format!("UNLISTEN {echo}")).map_err(one_line);
            }
            #[expect(clippy::disallowed_methods, reason = "libpq can only be asked, and a new connection is rare")]
            std::thread::sleep(Duration::from_millis(5));
        }
        Err("notifications do not arrive: the service needs a session of its own, not one through a pooler in transaction mode"
            .to_owned())
    }

    fn changes(&mut self) -> Result<Vec<UserChange>, String> {
        let is_due = self.proven.is_none_or(|proven| proven.elapsed() >= PROOF_PAUSE);
        let proof = if is_due { self.prove()? } else { Vec::new() };
        // The server sends what was notified before it sends the end of a statement.
        let notifications = self.notifications()?;
        let of_users = notifications.iter().filter(|notification| notification.channel == CHANNEL);
        Ok(of_users.map(|notification| told_by(&notification.payload)).chain(proof).collect())
    }

    /// The moment up to which every change has been told together with the notifications that are here then. Nothing while
    /// some changes are not notified at all.
    fn prove(&mut self) -> Result<Vec<UserChange>, String> {
        let began = Instant::now();
        let Proof { session, triggers, shape } = read_proof(&mut self.connection)?;
        if session != self.session {
            return Err("another session answers than the one that listens".to_owned());
        }
        self.proven = Some(began);
        let is_mute = triggers < TRIGGERS;
        if is_mute && !self.is_mute {
            log::warn!(
                "the triggers that tell of changes of users are missing or disabled: nothing is answered from memory"
            );
        }
        self.is_mute = is_mute;
        let unseen = (std::mem::replace(&mut self.shape, shape.clone()) != shape).then_some(UserChange::Any);
        let proof = (!is_mute).then_some(UserChange::ToldUntil(began));
        Ok(unseen.into_iter().chain(proof).collect())
    }

    fn notifications(&mut self) -> Result<Vec<PgNotification>, String> {
        self.connection
            .notifications_iter()
            .map(|notification| notification.map_err(|error| one_line(&error.to_string())))
            .collect()
    }
}

fn read_proof(connection: &mut PgConnection) -> Result<Proof, String> {
    sql_query(PROOF).get_result(connection).map_err(|error| one_line(&error.to_string()))
}

/// The payload is an `auth0_id`. What is none comes from a row that breaks a rule, or from `TRUNCATE`.
fn told_by(payload: &str) -> UserChange {
    Subject::parse(payload).map_or(UserChange::Any, UserChange::Of)
}
