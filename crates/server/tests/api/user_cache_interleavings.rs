//! Two nodes, an outside writer, and readers that never stop: no node answers with a row that is older than what it has
//! been told.
//!
//! Said exactly: once a node has been told everything up to a moment ([`UserChange::ToldUntil`]), a look-up that begins
//! then never shows a row from before a change that was acknowledged before that moment.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use actix_web::rt::System;
use domain::{AsyncUserRepository as _, Subject, UserChange};
use persistence::{Database, DatabaseUrl, PoolSettings};
use scratch_database::ScratchDatabase;
use server::composition::Services;
use server::metrics::Metrics;
use server::settings::UserCacheSettings;
use server::user_cache::{KnownUsers, UserCache};

use crate::databases::migrate_up;
use crate::waiting::eventually;

const USERS: usize = 6;
const WRITES: u64 = 150;

/// A cache over a database, as a server has it, and how far it has been told.
struct Node {
    users: KnownUsers,
    told: Arc<Mutex<Option<Instant>>>,
    metrics: Metrics,
    _database: Database,
}

/// What was written, with the moment at which the writer knew.
#[derive(Default)]
struct Written(Mutex<Vec<Vec<(u64, Instant)>>>);

impl Node {
    fn on(scratch: &ScratchDatabase) -> Self {
        let url = DatabaseUrl::parse(scratch.url()).expect("a URL");
        let database = Database::open(&url, &PoolSettings::default()).expect("settings");
        let metrics = Metrics::new().expect("names that differ");
        let settings = UserCacheSettings { entries: 1_000, stale_for: Duration::ZERO };
        let cache = Arc::new(UserCache::new(settings, Services::system_clock(), metrics.users.clone()));
        let told: Arc<Mutex<Option<Instant>>> = Arc::default();
        let (memory, until) = (Arc::clone(&cache), Arc::clone(&told));
        let listener = move |change| {
            memory.tell(&change);
            if let UserChange::ToldUntil(moment) = change {
                *until.lock().expect("no panic") = Some(moment);
            }
        };
        database.user_changes().listen(Arc::new(listener)).expect("a thread");
        Self { users: KnownUsers::new(database.async_users(), cache), told, metrics, _database: database }
    }

    fn told(&self) -> Option<Instant> {
        *self.told.lock().expect("no panic")
    }

    /// Reads until the writer is done.
    fn read(&self, written: &Written, done: &AtomicBool, mut random: u64) {
        let system = System::new();
        while !done.load(Ordering::SeqCst) {
            let user = next(&mut random) as usize % USERS;
            let floor = written.floor(user, self.told());
            let found = system.block_on(self.users.find(&subject(user)).settled());
            // A listener may have been ended together with the connections of the pool.
            let Ok(found) = found else { continue };
            let name = found.expect("a user").user.name.clone().expect("a name");
            let version: u64 = name.as_str().parse().expect("a number");
            assert!(version >= floor, "user {user}: {version} was answered, and {floor} had been told");
        }
    }
}

impl Written {
    fn note(&self, user: usize, version: u64) {
        self.0.lock().expect("no panic")[user].push((version, Instant::now()));
    }

    /// The least version that a node may answer that has been told up to this moment.
    fn floor(&self, user: usize, told: Option<Instant>) -> u64 {
        let written = self.0.lock().expect("no panic");
        let known = written[user].iter().rev().find(|(_, acknowledged)| told.is_some_and(|told| *acknowledged < told));
        known.map_or(0, |(version, _)| *version)
    }
}

fn subject(user: usize) -> Subject {
    Subject::parse(&format!("auth0|{user}")).expect("a subject")
}

/// Numbers without a pattern (xorshift).
fn next(random: &mut u64) -> u64 {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    *random
}

fn seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock");
    now.as_nanos() as u64 | 1
}

/// `disturb` is called now and then, and may do what it likes to the listeners.
fn no_node_answers_older_than_it_was_told(scratch: &ScratchDatabase, disturb: impl Fn()) {
    migrate_up(scratch);
    for user in 0..USERS {
        scratch.execute(&format!(
            "INSERT INTO users (email, name, auth0_id) VALUES ('{user}@example.com', '0', 'auth0|{user}')"
        ));
    }
    let nodes = [Node::on(scratch), Node::on(scratch)];
    for node in &nodes {
        eventually("the node is told", || node.told());
    }
    let seed = seed();
    let (written, done) = (Written(Mutex::new(vec![Vec::new(); USERS])), AtomicBool::new(false));
    thread::scope(|scope| {
        let mut random = seed;
        for node in &nodes {
            for _ in 0..2 {
                let (written, done, random) = (&written, &done, next(&mut random));
                scope.spawn(move || node.read(written, done, random));
            }
        }
        for version in 1..=WRITES {
            let user = next(&mut random) as usize % USERS;
            match next(&mut random) % 20 {
                0 => disturb(),
                1 => {
                    scratch.execute(&format!("UPDATE users SET name = '{version}'"));
                    (0..USERS).for_each(|user| written.note(user, version));
                    continue;
                }
                // Time for memory to fill.
                2 => {
                    let (_never, nothing) = std::sync::mpsc::channel::<()>();
                    let _timed_out = nothing.recv_timeout(Duration::from_millis(next(&mut random) % 400));
                }
                _ => {}
            }
            scratch.execute(&format!("UPDATE users SET name = '{version}' WHERE auth0_id = 'auth0|{user}'"));
            written.note(user, version);
        }
        done.store(true, Ordering::SeqCst);
    });
    for node in &nodes {
        let text = node.metrics.render(&[]);
        let hits =
            text.lines().find_map(|line| line.strip_prefix(r#"authsync_user_cache_lookups_total{outcome="hit"} "#));
        let hits: u64 = hits.expect("a line").parse().expect("a number");
        assert!(hits > 100, "memory was hardly used: {hits} (seed {seed})");
    }
}

#[test]
fn on_postgres_no_node_answers_with_a_row_older_than_what_it_was_told() {
    no_node_answers_older_than_it_was_told(&ScratchDatabase::postgres(), || {});
}

#[test]
fn on_postgres_not_even_when_listeners_are_ended_at_any_moment() {
    let scratch = ScratchDatabase::postgres();
    no_node_answers_older_than_it_was_told(&scratch, || {
        scratch.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
             AND query LIKE '%pg_backend_pid() AS session%' AND pid <> pg_backend_pid()",
        );
    });
}

#[test]
fn on_sqlite_no_node_answers_with_a_row_older_than_what_it_was_told() {
    no_node_answers_older_than_it_was_told(&ScratchDatabase::sqlite(), || {});
}
