//! The connections of all who may wait.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use diesel::PgConnection;
use diesel::r2d2::{ConnectionManager, Pool, PoolError, PooledConnection};

use super::session::{Session, connection_url};
use crate::pool::{self, PoolSettings};
use crate::postgres_url::PostgresUrl;

/// Whoever is busy with a connection for so many times as long as one statement may take hangs: libpq waits for ever where the
/// machine at the other end lives and its server does not answer.
const STATEMENTS: u32 = 4;
/// As many sets of connections may be given up whose users have not come back.
const MOST_GIVEN_UP: usize = 3;

/// Connections that come up in the background. Where somebody hangs on one of them, those who come later get others: of several
/// hosts another one may answer.
#[derive(Clone)]
pub(crate) struct PostgresPool(Arc<Shared>);

struct Shared {
    url: String,
    settings: PoolSettings,
    sets: Mutex<Sets>,
}

struct Sets {
    current: Arc<Set>,
    given_up: Vec<Weak<Set>>,
}

struct Set {
    pool: Pool<ConnectionManager<PgConnection>>,
    users: Mutex<Users>,
}

/// Since when each of them has been busy. Numbers count up, so the first one is the oldest.
#[derive(Default)]
struct Users {
    next: u64,
    since: BTreeMap<u64, Instant>,
}

/// A connection in use.
pub(crate) struct Borrowed {
    connection: PooledConnection<ConnectionManager<PgConnection>>,
    _user: User,
}

/// Somebody who waits for a connection, or has one.
struct User {
    of: Arc<Set>,
    number: u64,
}

impl PostgresPool {
    pub(crate) fn open(url: &PostgresUrl, settings: &PoolSettings) -> Self {
        let url = connection_url(url);
        let current = Set::open(&url, settings);
        let sets = Mutex::new(Sets { current, given_up: Vec::new() });
        Self(Arc::new(Shared { url, settings: *settings, sets }))
    }

    /// Waits for a connection, and for its server to say that it is there.
    ///
    /// # Errors
    /// There is none in time.
    pub(crate) fn get(&self) -> Result<Borrowed, PoolError> {
        let user = self.0.current(Instant::now()).user();
        let connection = user.of.pool.get()?;
        Ok(Borrowed { connection, _user: user })
    }
}

impl Shared {
    fn patience(&self) -> Duration {
        (self.settings.checkout_timeout + self.settings.statement_timeout) * STATEMENTS
    }

    fn current(&self, now: Instant) -> Arc<Set> {
        // Nothing below panics half-way.
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        if sets.current.is_hung(now, self.patience()) {
            sets.given_up.retain(|set| set.strong_count() > 0);
            if sets.given_up.len() < MOST_GIVEN_UP {
                log::warn!("the database does not answer: other connections are opened");
                let hung = std::mem::replace(&mut sets.current, Set::open(&self.url, &self.settings));
                sets.given_up.push(Arc::downgrade(&hung));
            }
        }
        Arc::clone(&sets.current)
    }
}

impl Set {
    fn open(url: &str, settings: &PoolSettings) -> Arc<Self> {
        let pool = pool::build(url.to_owned(), settings, Session::of(settings));
        Arc::new(Self { pool, users: Mutex::default() })
    }

    fn is_hung(&self, now: Instant, patience: Duration) -> bool {
        let users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        users.since.first_key_value().is_some_and(|(_, since)| now.saturating_duration_since(*since) >= patience)
    }

    fn user(self: Arc<Self>) -> User {
        let number = {
            let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
            users.next += 1;
            let number = users.next;
            users.since.insert(number, Instant::now());
            number
        };
        User { of: self, number }
    }
}

impl Drop for User {
    fn drop(&mut self) {
        self.of.users.lock().unwrap_or_else(PoisonError::into_inner).since.remove(&self.number);
    }
}

impl Deref for Borrowed {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Borrowed {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database_url::{DatabaseUrl, Target};

    #[test]
    fn those_who_come_after_one_that_hangs_get_other_connections_a_few_times() {
        let url = DatabaseUrl::parse("postgres://nobody@/nothing?host=%2Fnonexistent").expect("a URL");
        let Target::Postgres(url) = url.target() else { panic!("a PostgreSQL") };
        let pool = PostgresPool::open(url, &PoolSettings::default());
        let patience = pool.0.patience();
        let mut hung = vec![pool.0.current(Instant::now()).user()];
        assert!(Arc::ptr_eq(&pool.0.current(Instant::now()), &hung[0].of), "nobody hangs yet");
        for _ in 0..MOST_GIVEN_UP {
            let other = pool.0.current(Instant::now() + patience).user();
            assert!(hung.iter().all(|user| !Arc::ptr_eq(&user.of, &other.of)));
            hung.push(other);
        }
        let last = hung.last().expect("the last one").of.clone();
        let later = || pool.0.current(Instant::now() + patience);
        assert!(Arc::ptr_eq(&later(), &last), "each holds connections");
        // One that comes back makes room.
        hung.remove(0);
        assert!(!Arc::ptr_eq(&later(), &last));
    }
}
