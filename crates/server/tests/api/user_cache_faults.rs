//! Answers from memory while something is broken: none that is older than a second, and none that nobody asked for.

use std::time::{Duration, Instant};

use scratch_database::{OwnPostgres, ScratchDatabase, SilentProxy};

use crate::client::{Answer, sync_body};
use crate::databases::migrate_up;
use crate::newcomers::newcomers;
use crate::spawn::{Setup, TestServer};
use crate::user_cache::{another_node, assert_seen_in_time, figure, lookups, warm, warm_both};
use crate::waiting::{eventually, pause};

const UPDATE: &str = "UPDATE users SET name = 'Countess' WHERE auth0_id = 'auth0|ada'";

/// Ends the sessions that listen for changes, and no other.
const KILL_LISTENERS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
     WHERE datname = current_database() AND query LIKE '%pg_backend_pid() AS session%' AND pid <> pg_backend_pid()";

fn assert_countess(server: &TestServer, token: &str, changed: Instant) {
    assert_seen_in_time(server, token, changed, |answer| answer.json()["user"]["name"] == "Countess");
}

#[test]
fn a_change_while_nobody_listens_is_seen_in_time_and_memory_is_used_again_afterwards() {
    let here = Setup::on_postgres().start();
    let there = another_node(&here);
    let ada = here.user("ada");
    for _ in 0..3 {
        here.database.execute("UPDATE users SET name = NULL");
        for node in [&here, &there] {
            eventually("the row is as it was", || server_says_null(node, &ada).then_some(()));
        }
        warm_both(&here, &there, &ada);
        here.database.execute(KILL_LISTENERS);
        here.database.execute(UPDATE);
        let changed = Instant::now();
        for node in [&here, &there] {
            assert_countess(node, &ada, changed);
        }
        warm_both(&here, &there, &ada);
    }
}

fn server_says_null(server: &TestServer, token: &str) -> bool {
    server.verify(token).json()["user"]["name"].is_null()
}

#[test]
fn a_connection_that_falls_silent_without_a_word_costs_the_use_of_memory_and_nothing_else() {
    let postgres = OwnPostgres::plan().on_a_port().start().expect("a server");
    let port = postgres.port().expect("a port");
    let database = postgres.database();
    migrate_up(&database);
    let proxy = SilentProxy::before(port);
    let through = database.url().replace(&format!(":{port}/"), &format!(":{}/", proxy.port()));
    assert_ne!(through, database.url());
    let server = Setup::on(database).with("DATABASE_URL", &through).start();
    let ada = server.user("ada");
    warm(&server, &ada);
    proxy.silence_whoever_listens();
    server.database.execute(UPDATE);
    assert_countess(&server, &ada, Instant::now());
    let before = lookups(&server, "bypassed");
    for _ in 0..5 {
        assert_eq!(server.verify(&ada).status, 200);
    }
    assert_eq!(lookups(&server, "bypassed"), before + 5);
}

#[test]
fn writes_past_the_triggers_are_seen_in_time() {
    let server = Setup::on_postgres().start();
    let ada = server.user("ada");
    // As logical replication writes, and some tools that restore.
    warm(&server, &ada);
    server.database.execute(&format!("SET session_replication_role = replica; {UPDATE}"));
    assert_countess(&server, &ada, Instant::now());
    // Without a trigger nobody is told: memory is not used then.
    server.database.execute("UPDATE users SET name = NULL");
    eventually("the row is as it was", || server_says_null(&server, &ada).then_some(()));
    warm(&server, &ada);
    server.database.execute("ALTER TABLE users DISABLE TRIGGER authsync_user_changed");
    server.database.execute(UPDATE);
    assert_countess(&server, &ada, Instant::now());
    server.database.execute("ALTER TABLE users ENABLE ALWAYS TRIGGER authsync_user_changed");
    warm(&server, &ada);
}

fn postgres_with_ada(stale_secs: &str) -> (OwnPostgres, TestServer, String) {
    let postgres = OwnPostgres::start();
    let database: ScratchDatabase = postgres.database();
    migrate_up(&database);
    let server = Setup::on(database).with("AUTHSYNC_USER_CACHE_STALE_SECS", stale_secs).start();
    let ada = server.user("ada");
    warm(&server, &ada);
    (postgres, server, ada)
}

#[test]
fn during_an_outage_users_are_confirmed_as_last_known_where_that_is_configured() {
    let (postgres, server, ada) = postgres_with_ada("3600");
    let (eve, blocked) = (server.user("eve"), server.user("blocked"));
    let known = server.verify(&ada).body;
    warm(&server, &blocked);
    server.database.execute("UPDATE users SET blocked = TRUE WHERE auth0_id = 'auth0|blocked'");
    eventually("the block is seen", || (server.verify(&blocked).status == 403).then_some(()));
    postgres.stop();
    let stale = eventually("an answer that says what it is", || {
        Some(server.verify(&ada)).filter(|answer| answer.header("x-authsync-stale") == Some("true"))
    });
    assert_eq!((stale.status, stale.body), (200, known));
    assert!(figure(&server, "authsync_users_served_stale_total") >= 1);
    // Nobody else, and nothing else.
    server.verify(&blocked).assert_unavailable();
    server.verify(&server.tenant.token("auth0|nobody")).assert_unavailable();
    server.sync(&ada, &sync_body("ada@example.com", "auth0|ada", None)).assert_unavailable();
    postgres.start_again();
    eventually("answers from the table", || {
        Some(server.verify(&ada)).filter(|answer| answer.status == 200 && answer.header("x-authsync-stale").is_none())
    });
    assert_eq!(server.verify(&eve).status, 200);
    warm(&server, &ada);
}

#[test]
fn whoever_cannot_be_synced_in_an_outage_is_still_confirmed_as_last_known() {
    let (postgres, server, ada) = postgres_with_ada("3600");
    // Whoever is not in memory is taken for new by now, and made a row for unread.
    newcomers(&server, "crowd", 150);
    warm(&server, &ada);
    postgres.stop();
    let is_stale = |answer: &Answer| answer.status == 200 && answer.header("x-authsync-stale") == Some("true");
    eventually("an answer that says what it is", || Some(server.verify(&ada)).filter(is_stale));
    server.sync(&ada, &sync_body("countess@example.com", "auth0|ada", None)).assert_unavailable();
    assert!(is_stale(&server.verify(&ada)));
}

#[test]
fn during_an_outage_nobody_is_confirmed_otherwise() {
    let (postgres, server, ada) = postgres_with_ada("0");
    postgres.stop();
    let stopped = Instant::now();
    // Memory is as good as the table for as long as the last proof is.
    while server.verify(&ada).status == 200 {
        assert!(stopped.elapsed() < Duration::from_secs(5));
        pause();
    }
    server.verify(&ada).assert_unavailable();
    assert_eq!(figure(&server, "authsync_users_served_stale_total"), 0);
}
