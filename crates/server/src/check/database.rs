//! The database, and the schema in it.

use std::thread::park_timeout;
use std::time::{Duration, Instant};

use persistence::{Backend, Migrator, ReplicaState, server_version};

use super::{CheckReport, Verdict};
use crate::settings::{ReplicaSettings, Settings};

/// How long a standby has to show that it is one.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn check(settings: &Settings, report: &mut CheckReport) {
    let url = &settings.database.url;
    let steps = match Migrator::new(url.clone()).status() {
        Ok(steps) => steps,
        Err(error) => return report.add(Verdict::Failed, "database", format!("{url}: {error}")),
    };
    match server_version(url) {
        Ok(version) if url.is_yet_to_be_made() => {
            report.add(Verdict::Note, "database", format!("{version} at {url}: no such file yet, the server makes it"));
        }
        Ok(version) => report.add(Verdict::Ok, "database", format!("{version} at {url}")),
        Err(error) => report.add(Verdict::Note, "database", format!("{url}; its version is not known: {error}")),
    }
    if let Some(replica) = &settings.database.replica {
        check_replica(settings, replica, report);
    }
    let pending = steps.iter().filter(|step| !step.applied).count();
    match (pending, url.backend()) {
        (0, _) => report.add(Verdict::Ok, "schema", "current"),
        (_, Backend::Sqlite) => {
            let finding =
                format!("{pending} migrations of the database are pending: the server applies them when it starts");
            report.add(Verdict::Note, "schema", finding);
        }
        (_, Backend::Postgres) => {
            let finding = format!("{pending} migrations of the database are pending: run `authsync migrate up`");
            report.add(Verdict::Failed, "schema", finding);
        }
    }
}

/// Requests are served without it, so whatever is wrong with it is a note.
fn check_replica(settings: &Settings, replica: &ReplicaSettings, report: &mut CheckReport) {
    let url = &replica.url;
    let state = match proven_state(settings) {
        Ok(state) => state,
        Err(error) => return report.add(Verdict::Failed, "replica", format!("{url}: {error:#}")),
    };
    let limit = replica.greatest_lag.as_millis();
    let (verdict, finding) = match state {
        ReplicaState::Current => (Verdict::Ok, format!("{url} follows the database within {limit} ms")),
        ReplicaState::Behind => {
            (Verdict::Note, format!("{url} is more than {limit} ms behind: users are looked up at the primary"))
        }
        ReplicaState::OutOfReach => {
            (Verdict::Note, format!("{url} is out of reach: users are looked up at the primary"))
        }
        ReplicaState::Diverged => (
            Verdict::Note,
            format!("{url} does not follow the database, or does not show so yet: users are looked up at the primary"),
        ),
        ReplicaState::NoStandby => (Verdict::Failed, format!("{url} follows no other server")),
        ReplicaState::Stranger => (Verdict::Failed, format!("{url} is another database than DATABASE_URL")),
    };
    report.add(verdict, "replica", finding);
}

/// What a server would find out within a moment.
fn proven_state(settings: &Settings) -> anyhow::Result<ReplicaState> {
    let database = settings.database.open()?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let state = database.replica_report().map_or(ReplicaState::OutOfReach, |report| report.state);
        // Before the first proof it is behind or out of reach, whatever it is.
        let may_change = matches!(state, ReplicaState::Behind | ReplicaState::OutOfReach);
        if !may_change || Instant::now() >= deadline {
            return Ok(state);
        }
        park_timeout(Duration::from_millis(50));
    }
}
