//! A standby of PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Nullable, Text};

use super::batch_lookup::Reader;
use super::link::Link;
use super::pool::PostgresPool;
use super::session::{Session, standby_url};
use crate::batched_users::{LookupLane, limits, or_say};
use crate::connection_failures::{ConnectionFailures, one_line};
use crate::lanes::{Lane, Limits, start};
use crate::pool::PoolSettings;
use crate::postgres_url::PostgresUrl;
use crate::replica::{Places, ReplicaState};

/// How long a lookup waits for the standby, and how long it may take there, before the primary is asked in its place.
const PATIENCE: Duration = Duration::from_millis(250);
const WORK_TIME: Duration = Duration::from_millis(500);

/// What makes two servers copies of one database.
const IDENTITY: &str = "(pg_control_system()).system_identifier::text || ' ' || current_database()";

/// The timeline of a primary's log, as the names of its files begin with it: a server that is promoted begins another one.
const TIMELINE: &str = "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)";
/// The timeline of the log that a standby replays. A role that may not read the receiver's statistics is told of a new one when the
/// standby has next written down how far it is, within its `checkpoint_timeout`.
const REPLAYED_TIMELINE: &str = "upper(lpad(to_hex(greatest((pg_control_checkpoint()).timeline_id, \
     (pg_control_recovery()).min_recovery_end_timeline, (SELECT max(received_tli) FROM pg_stat_wal_receiver))), 8, '0'))";

/// Lookups at a standby, whose connection comes up in the background.
pub(crate) fn open_standby(url: &PostgresUrl, settings: &PoolSettings) -> LookupLane {
    let session = Session { statement_timeout: WORK_TIME, ..Session::of(settings) };
    let (url, failures) = (Arc::<str>::from(standby_url(url)), Arc::<ConnectionFailures>::default());
    let link = move || Link::new(Arc::clone(&url), session, Arc::clone(&failures));
    let patience = PATIENCE.min(settings.checkout_timeout);
    let lane = Lane::new(Limits { patience, work_time: WORK_TIME, ..limits(settings) }, 1);
    or_say(start(&lane, "db-standby", move || Reader::over(link())));
    lane
}

/// The log of a primary and of its standby.
pub(crate) struct Servers {
    primary: PostgresPool,
    standby_url: Arc<str>,
    standby: Option<PgConnection>,
    identity: String,
    timeline: String,
}

#[derive(QueryableByName)]
struct Primary {
    #[diesel(sql_type = Text)]
    reached: String,
    #[diesel(sql_type = Text)]
    identity: String,
    #[diesel(sql_type = Text)]
    timeline: String,
}

#[derive(QueryableByName)]
struct Standby {
    #[diesel(sql_type = Bool)]
    follows: bool,
    #[diesel(sql_type = Nullable<Text>)]
    reached: Option<String>,
    #[diesel(sql_type = Text)]
    identity: String,
    #[diesel(sql_type = Text)]
    timeline: String,
}

impl Servers {
    /// Asks the primary over this pool, and the standby over a connection of its own.
    pub(crate) fn between(primary: PostgresPool, standby: &PostgresUrl) -> impl Fn() -> Self + Send + Sync + use<> {
        let standby_url: Arc<str> = standby_url(standby).into();
        move || {
            let (primary, standby_url) = (primary.clone(), Arc::clone(&standby_url));
            Self { primary, standby_url, standby: None, identity: String::new(), timeline: String::new() }
        }
    }

    fn standby_row(&mut self) -> Result<Standby, String> {
        let connection = match &mut self.standby {
            Some(connection) => connection,
            none => {
                let mut connection = PgConnection::establish(&self.standby_url).map_err(said)?;
                let limit = WORK_TIME.as_millis();
                connection.batch_execute(&format!("SET statement_timeout = {limit}")).map_err(said)?;
                none.insert(connection)
            }
        };
        let question = format!(
            "SELECT pg_is_in_recovery() AS follows, pg_last_wal_replay_lsn()::text AS reached, {IDENTITY} AS identity, \
             {REPLAYED_TIMELINE} AS timeline"
        );
        sql_query(question).get_result(connection).map_err(said)
    }
}

impl Places for Servers {
    fn primary(&mut self) -> Result<String, String> {
        let question = format!(
            "SELECT pg_current_wal_flush_lsn()::text AS reached, {IDENTITY} AS identity, {TIMELINE} AS timeline"
        );
        let mut connection = self.primary.get().map_err(said)?;
        let row: Primary = sql_query(question).get_result(&mut *connection).map_err(said)?;
        (self.identity, self.timeline) = (row.identity, row.timeline);
        Ok(row.reached)
    }

    fn standby(&mut self) -> Result<Result<String, ReplicaState>, String> {
        let row = self.standby_row().inspect_err(|_| self.standby = None)?;
        // Before the primary has said who it is, nothing is proven anyway.
        if !self.identity.is_empty() && row.identity != self.identity {
            return Ok(Err(ReplicaState::Stranger));
        }
        // One that was promoted, or never followed anybody: the address may lead elsewhere by now.
        let Some(reached) = row.reached.filter(|_| row.follows) else {
            self.standby = None;
            return Ok(Err(ReplicaState::NoStandby));
        };
        // Positions on two timelines are not to be compared: a standby that a failover left behind goes on with the old one.
        if !self.timeline.is_empty() && row.timeline != self.timeline {
            return Ok(Err(ReplicaState::Diverged));
        }
        Ok(Ok(reached))
    }
}

fn said(error: impl std::fmt::Display) -> String {
    one_line(&error.to_string())
}
