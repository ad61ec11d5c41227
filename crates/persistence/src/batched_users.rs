//! The users table for callers that hold no thread while they wait, on either database.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use domain::{AsyncUserRepository, KnownUser, Login, Reply, Saved, Seen, Subject};

use crate::lanes::{Lane, Limits, Overseer, QueueReport};
use crate::pool::PoolSettings;

/// How many questions of a kind may wait.
const CAPACITY: usize = 1024;
/// The most of them that are answered together. More of them win nothing, and each waits for all.
const BATCH: usize = 64;

/// Lookups and logins, each in a lane of its own.
pub(crate) struct BatchedUsers {
    lookups: LookupLane,
    logins: LoginLane,
    single_logins: Option<Arc<LoginLane>>,
    _overseer: Option<Overseer>,
}

/// A login to be written.
pub(crate) struct PendingLogin {
    pub(crate) login: Arc<Login>,
    /// Where to begin.
    pub(crate) seen: Seen,
}

/// A lane of logins.
pub(crate) type LoginLane = Lane<PendingLogin, Saved>;
/// A lane of lookups.
pub(crate) type LookupLane = Lane<Subject, Option<Arc<KnownUser>>>;

/// What the lanes of a database take on.
pub(crate) fn limits(settings: &PoolSettings) -> Limits {
    Limits {
        capacity: CAPACITY,
        batch: BATCH,
        patience: settings.checkout_timeout,
        work_time: settings.statement_timeout,
    }
}

impl BatchedUsers {
    /// Puts the lanes together, and somebody who watches over them.
    pub(crate) fn over(lookups: LookupLane, logins: LoginLane, single_logins: Option<Arc<LoginLane>>) -> Self {
        let mut lanes = vec![lookups.overseen(), logins.overseen()];
        lanes.extend(single_logins.iter().map(|lane| lane.overseen()));
        let overseer = or_say(Overseer::start(lanes));
        Self { lookups, logins, single_logins, _overseer: overseer }
    }

    pub(crate) fn report(&self) -> QueueReport {
        QueueReport {
            lookups: self.lookups.report(),
            logins: self.logins.report(),
            single_logins: self.single_logins.as_ref().map(|lane| lane.report()).unwrap_or_default(),
        }
    }
}

impl AsyncUserRepository for BatchedUsers {
    fn find(&self, subject: &Subject) -> Reply<Option<Arc<KnownUser>>> {
        self.lookups.ask(subject.clone())
    }

    fn log_in(&self, login: Arc<Login>, seen: Seen, since: Instant) -> Reply<Saved> {
        self.logins.ask_since(since, PendingLogin { login, seen })
    }
}

/// A machine that gives no thread is said in the log; who asks then is refused in time.
pub(crate) fn or_say<T>(started: io::Result<T>) -> Option<T> {
    started.inspect_err(|error| log::error!("a thread for the database could not be started: {error}")).ok()
}
