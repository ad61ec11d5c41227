//! One database and what can be done with it.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use domain::{AsyncUserRepository, EventInbox, KeySetStore, ReplayStore, UserChanges, UserPages, UserRepository};

use crate::batched_users::{BatchedUsers, or_say};
use crate::changes::{Channel, FileVersion, Listeners};
use crate::database_url::{DatabaseUrl, Target};
use crate::lanes::{Overseer, QueueReport};
use crate::legacy::LegacyUsers;
use crate::migrations::Migrator;
use crate::pool::PoolSettings;
use crate::postgres::{self, PostgresEventInbox, PostgresKeySets, PostgresPool, PostgresUsedProofs, PostgresUsers};
use crate::replica::{Counters, NotedWrites, Proof, RecentWrites, ReplicaReport, ReplicatedUsers, Watcher};
use crate::sqlite::{self, SqliteEventInbox, SqliteKeySets, SqliteUsedProofs, SqliteUsers, WriteTurns};

/// An open pool of connections to one database.
#[derive(Clone)]
pub struct Database {
    url: DatabaseUrl,
    settings: PoolSettings,
    stores: Stores,
    batched_users: Arc<OnceLock<Arc<BatchedUsers>>>,
    /// Of SQLite: who writes next, and who hears of it.
    write_turns: Arc<WriteTurns>,
    listeners: Arc<Listeners>,
    user_changes: Arc<dyn UserChanges>,
    postgres_pool: Option<PostgresPool>,
    standby: Option<Arc<Standby>>,
}

/// What is looked up elsewhere.
struct Standby {
    users: Arc<ReplicatedUsers>,
    _watcher: Option<Watcher>,
}

/// What shares the pool.
#[derive(Clone)]
struct Stores {
    users: Arc<dyn UserRepository>,
    user_pages: Arc<dyn UserPages>,
    key_sets: Arc<dyn KeySetStore>,
    event_inbox: Arc<dyn EventInbox>,
    used_proofs: Arc<dyn ReplayStore>,
}

/// Settings that no pool can work with.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// `max_connections` is 0.
    #[error("expected at least one database connection")]
    NoConnections,
    /// `checkout_timeout` or `statement_timeout` is less than a millisecond.
    #[error("expected database timeouts of at least one millisecond")]
    NoPatience,
    /// A standby of what has none, or that is none.
    #[error("expected a standby of a PostgreSQL for lookups")]
    NoStandby,
    /// A place to listen at for what tells of its changes otherwise, or that tells of none.
    #[error("expected another URL of a PostgreSQL to listen at")]
    NoListener,
}

impl Database {
    /// Builds the pool. The database itself may be down or not migrated: this returns at once all the same, and the
    /// connections come up in the background.
    ///
    /// # Errors
    /// [`OpenError`] for settings that make no sense; never for the state of the database.
    pub fn open(url: &DatabaseUrl, settings: &PoolSettings) -> Result<Self, OpenError> {
        if settings.max_connections == 0 {
            return Err(OpenError::NoConnections);
        }
        if settings.checkout_timeout.as_millis() == 0 || settings.statement_timeout.as_millis() == 0 {
            return Err(OpenError::NoPatience);
        }
        let listeners = Arc::new(Listeners::default());
        let user_changes: Arc<dyn UserChanges> = match url.target() {
            Target::Postgres(url) => Arc::new(Channel::feed(url, Arc::clone(&listeners))),
            Target::Sqlite(path) => Arc::new(FileVersion::feed(path, Arc::clone(&listeners))),
        };
        let write_turns: Arc<WriteTurns> = Arc::default();
        let mut postgres_pool = None;
        let stores = match url.target() {
            Target::Postgres(url) => {
                let pool = PostgresPool::open(url, settings);
                postgres_pool = Some(pool.clone());
                Stores::new(
                    PostgresUsers::over(pool.clone()),
                    PostgresKeySets::over(pool.clone()),
                    PostgresEventInbox::over(pool.clone()),
                    PostgresUsedProofs::over(pool),
                )
            }
            Target::Sqlite(path) => {
                let (pool, patience) = (sqlite::open_pool(path, settings), settings.statement_timeout);
                let (turns, listeners) = (Arc::clone(&write_turns), Arc::clone(&listeners));
                Stores::new(
                    SqliteUsers::over(pool.clone(), Arc::clone(&turns), patience, listeners),
                    SqliteKeySets::over(pool.clone()),
                    SqliteEventInbox::over(pool.clone(), Arc::clone(&turns), patience),
                    SqliteUsedProofs::over(pool, turns, patience),
                )
            }
        };
        let (url, settings, batched_users) = (url.clone(), *settings, Arc::default());
        let standby = None;
        Ok(Self { url, settings, stores, batched_users, write_turns, listeners, user_changes, postgres_pool, standby })
    }

    /// Has users who are only to be let in looked up at a standby that streams from this database, while that is known to be no
    /// further behind than so much; else, and for everything that is decided or kept, the primary is asked as ever. The standby may
    /// be down, or come later. To be called before anything else is taken from the database.
    ///
    /// # Errors
    /// [`OpenError::NoStandby`] unless both are PostgreSQL.
    pub fn looking_up_at(mut self, standby: &DatabaseUrl, greatest_lag: Duration) -> Result<Self, OpenError> {
        let (Some(pool), Target::Postgres(url)) = (self.postgres_pool.clone(), standby.target()) else {
            return Err(OpenError::NoStandby);
        };
        let (proof, writes) = (Arc::new(Proof::new(greatest_lag)), Arc::<RecentWrites>::default());
        self.stores.users = Arc::new(NotedWrites { primary: self.users(), writes: Arc::clone(&writes) });
        let lane = postgres::open_standby(url, &self.settings);
        let overseer = or_say(Overseer::start(vec![lane.overseen()]));
        let servers = postgres::Servers::between(pool, url);
        let watcher = or_say(Watcher::start(servers, Arc::clone(&proof)));
        let (primary, counters) = (self.async_users(), Arc::<Counters>::default());
        let users = Arc::new(ReplicatedUsers { primary, standby: lane, proof, writes, counters, _overseer: overseer });
        self.standby = Some(Arc::new(Standby { users, _watcher: watcher }));
        Ok(self)
    }

    /// Has changes told by a connection to another URL of the same database: LISTEN needs a session of its own, which a pooler
    /// in transaction mode has none of. To be called before anything else is taken from the database.
    ///
    /// # Errors
    /// [`OpenError::NoListener`] unless both are PostgreSQL.
    pub fn listening_at(mut self, direct: &DatabaseUrl) -> Result<Self, OpenError> {
        let (Target::Postgres(_), Target::Postgres(url)) = (self.url.target(), direct.target()) else {
            return Err(OpenError::NoListener);
        };
        self.user_changes = Arc::new(Channel::feed(url, Arc::clone(&self.listeners)));
        Ok(self)
    }

    /// The users table.
    #[must_use]
    pub fn users(&self) -> Arc<dyn UserRepository> {
        Arc::clone(&self.stores.users)
    }

    /// The users table for callers that hold no thread while they wait. The first call brings threads with connections of their
    /// own, which come up in the background.
    #[must_use]
    pub fn async_users(&self) -> Arc<dyn AsyncUserRepository> {
        if let Some(standby) = &self.standby {
            return Arc::clone(&standby.users) as Arc<dyn AsyncUserRepository>;
        }
        let batched = self.batched_users.get_or_init(|| {
            let batched = match self.url.target() {
                Target::Postgres(url) => postgres::open_batches(url, &self.settings, self.users()),
                Target::Sqlite(path) => {
                    let (turns, listeners) = (Arc::clone(&self.write_turns), Arc::clone(&self.listeners));
                    sqlite::open_batches(path, &self.settings, turns, listeners)
                }
            };
            Arc::new(batched)
        });
        Arc::clone(batched) as Arc<dyn AsyncUserRepository>
    }

    /// How the threads behind [`async_users`](Self::async_users) are doing.
    #[must_use]
    pub fn queue_report(&self) -> QueueReport {
        self.batched_users.get().map(|batched| batched.report()).unwrap_or_default()
    }

    /// How the standby is doing, if there is to be one.
    #[must_use]
    pub fn replica_report(&self) -> Option<ReplicaReport> {
        self.standby.as_ref().map(|standby| standby.users.report())
    }

    /// The users table from one end to the other.
    #[must_use]
    pub fn user_pages(&self) -> Arc<dyn UserPages> {
        Arc::clone(&self.stores.user_pages)
    }

    /// The place where the issuers' keys outlive the process.
    #[must_use]
    pub fn key_sets(&self) -> Arc<dyn KeySetStore> {
        Arc::clone(&self.stores.key_sets)
    }

    /// What is remembered of Auth0's events.
    #[must_use]
    pub fn event_inbox(&self) -> Arc<dyn EventInbox> {
        Arc::clone(&self.stores.event_inbox)
    }

    /// What is remembered of used proofs, by all nodes together.
    #[must_use]
    pub fn used_proofs(&self) -> Arc<dyn ReplayStore> {
        Arc::clone(&self.stores.used_proofs)
    }

    /// What tells of changes of users. The first listener brings a thread with a connection of its own.
    #[must_use]
    pub fn user_changes(&self) -> Arc<dyn UserChanges> {
        Arc::clone(&self.user_changes)
    }

    /// The way out of the password era, over connections of its own.
    #[must_use]
    pub fn legacy(&self) -> LegacyUsers {
        LegacyUsers::new(self.url.clone())
    }

    /// The schema changes, over connections of their own.
    #[must_use]
    pub fn migrator(&self) -> Migrator {
        Migrator::new(self.url.clone())
    }
}

impl Stores {
    fn new(
        users: impl UserRepository + UserPages + 'static,
        key_sets: impl KeySetStore + 'static,
        event_inbox: impl EventInbox + 'static,
        used_proofs: impl ReplayStore + 'static,
    ) -> Self {
        let users = Arc::new(users);
        let user_pages = Arc::clone(&users) as Arc<dyn UserPages>;
        Self {
            users,
            user_pages,
            key_sets: Arc::new(key_sets),
            event_inbox: Arc::new(event_inbox),
            used_proofs: Arc::new(used_proofs),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("url", &self.url).finish_non_exhaustive()
    }
}
