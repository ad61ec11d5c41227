//! The threads that work on PostgreSQL for many callers at once.

use std::sync::Arc;
use std::time::Duration;

use domain::{Change, Saved, UserRepository};

use super::batch_login::Writer;
use super::batch_lookup::Reader;
use super::link::Link;
use super::session::{Session, connection_url};
use crate::batched_users::{BatchedUsers, LoginLane, PendingLogin, limits, or_say};
use crate::connection_failures::ConnectionFailures;
use crate::lanes::{Batch, Lane, Limits, Worker, start};
use crate::pool::PoolSettings;
use crate::postgres_url::PostgresUrl;

/// How long a batch waits for a lock of another program. Whoever is in its way gets a transaction of their own then.
const LOCK_PATIENCE: Duration = Duration::from_millis(100);

/// Lookups and logins over connections of their own, which come up in the background. What is out of the ordinary goes to
/// `users`, one by one.
pub(crate) fn open_batches(url: &PostgresUrl, settings: &PoolSettings, users: Arc<dyn UserRepository>) -> BatchedUsers {
    let url: Arc<str> = connection_url(url).into();
    let failures: Arc<ConnectionFailures> = Arc::default();
    let links = |lock_timeout| {
        let session = Session { lock_timeout, ..Session::of(settings) };
        let (url, failures) = (Arc::clone(&url), Arc::clone(&failures));
        move || Link::new(Arc::clone(&url), session, Arc::clone(&failures))
    };
    let lookups = Lane::new(limits(settings), 1);
    let link = links(None);
    or_say(start(&lookups, "db-lookups", move || Reader::over(link())));

    // Half of the pool, so that those who wait for a row leave the other half to everybody else.
    let singles = usize::try_from(settings.max_connections / 2).unwrap_or(1).max(1);
    let single_logins = Arc::new(Lane::new(Limits { batch: 1, ..limits(settings) }, singles));
    or_say(start(&single_logins, "db-single", move || Single(Arc::clone(&users))));

    let logins = Lane::new(limits(settings), 1);
    let (link, singles) = (links(Some(LOCK_PATIENCE)), Arc::clone(&single_logins));
    or_say(start(&logins, "db-logins", move || Writer::over(link(), Arc::clone(&singles))));
    BatchedUsers::over(lookups, logins, Some(single_logins))
}

/// The threads that save one login at a time, and wait where they have to.
struct Single(Arc<dyn UserRepository>);

impl Worker for Single {
    type Question = PendingLogin;
    type Answer = Saved;

    fn connect(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn is_connected(&self) -> bool {
        true
    }

    fn disconnect(&mut self) {}

    fn work(&mut self, batch: Batch<Self>) -> Batch<Self> {
        for asked in batch {
            let outcome = self.0.save(Change::Login(&asked.question.login));
            asked.promise.keep(outcome);
        }
        Vec::new()
    }
}

/// Where logins go that cannot be written together with others.
pub(super) type SingleLane = Arc<LoginLane>;
