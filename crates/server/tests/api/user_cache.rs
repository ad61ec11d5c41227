//! Answers from memory, over HTTP: what is seen when, with every cache on.

use std::process::Command;
use std::time::{Duration, Instant};

use scratch_database::ScratchDatabase;

use crate::client::{Answer, NOT_YOURS, sync_body};
use crate::databases::on_both_databases;
use crate::program::Program;
use crate::spawn::{Setup, TestServer};
use crate::waiting::{eventually, pause};

on_both_databases! {
    users_who_come_again_are_answered_from_memory,
    an_unchanged_sync_is_answered_from_memory_and_writes_nothing,
    a_row_that_another_program_changes_shows_on_both_nodes_within_a_second,
    a_user_who_is_blocked_or_deleted_is_out_on_both_nodes_within_a_second,
    whoever_syncs_sees_it_at_once,
    a_sync_that_comes_again_is_held_against_the_row_of_that_moment,
    what_a_node_in_a_process_of_its_own_writes_shows_within_a_second,
    without_entries_everything_is_asked_of_the_database,
}

/// How long after a change was committed an older row may be answered to a request that begins then.
const BOUND: Duration = Duration::from_secs(1);

const ADA: &str = "auth0|ada";

/// Another server on the same database, for the same tenant.
pub(crate) fn another_node(of: &TestServer) -> TestServer {
    Setup::on_sqlite()
        .with("AUTH0_DOMAIN", of.tenant.domain())
        .with("AUTH0_API_IDENTIFIER", of.tenant.audience())
        .with("DATABASE_URL", of.database.url())
        .start()
}

/// One figure of `/metrics`.
pub(crate) fn figure(server: &TestServer, series: &str) -> u64 {
    let text = server.get("/metrics").body;
    let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("no {series} in\n{text}")).parse().expect("a whole number")
}

pub(crate) fn lookups(server: &TestServer, outcome: &str) -> u64 {
    figure(server, &format!("authsync_user_cache_lookups_total{{outcome=\"{outcome}\"}}"))
}

/// Asks until an answer comes from memory.
pub(crate) fn warm(server: &TestServer, token: &str) {
    eventually("an answer from memory", || {
        let before = lookups(server, "hit");
        assert_eq!(server.verify(token).status, 200);
        (lookups(server, "hit") > before).then_some(())
    });
}

pub(crate) fn warm_both(here: &TestServer, there: &TestServer, token: &str) {
    warm(here, token);
    warm(there, token);
}

/// Asks until the answer is as it must be. One that is not must have been asked for within a second of the change.
#[track_caller]
pub(crate) fn assert_seen_in_time(
    server: &TestServer,
    token: &str,
    changed: Instant,
    is_new: impl Fn(&Answer) -> bool,
) {
    eventually("the change shows", || {
        let asked = Instant::now();
        let answer = server.verify(token);
        if is_new(&answer) {
            return Some(());
        }
        assert!(asked < changed + BOUND, "{:?} after the change: {answer:?}", asked - changed);
        pause();
        None
    });
    for _ in 0..20 {
        let answer = server.verify(token);
        assert!(is_new(&answer), "the older row came back: {answer:?}");
    }
}

fn users_who_come_again_are_answered_from_memory(setup: Setup) {
    let server = setup.start();
    let ada = server.user("ada");
    let from_the_table = server.verify(&ada);
    warm(&server, &ada);
    let from_memory = server.verify(&ada);
    assert_eq!(from_memory.body, from_the_table.body);
    for header in ["content-type", "cache-control", "content-length"] {
        assert_eq!(from_memory.header(header), from_the_table.header(header), "{header}");
    }
    assert_eq!(from_memory.header("x-authsync-stale"), None);
    assert!(figure(&server, "authsync_user_cache_entries") >= 1);
}

fn an_unchanged_sync_is_answered_from_memory_and_writes_nothing(setup: Setup) {
    let server = setup.start();
    let ada = server.user("ada");
    let body = sync_body("ada@example.com", ADA, None);
    server.age_rows();
    let table = server.table();
    // Word of the last write may be under way still.
    eventually("syncs are answered from memory", || {
        warm(&server, &ada);
        let before = lookups(&server, "hit");
        let bodies = [0, 1].map(|_| server.sync(&ada, &body).body);
        assert_eq!(bodies, [0, 1].map(|_| r#"{"id":1,"email":"ada@example.com","name":null}"#.to_owned()));
        (lookups(&server, "hit") == before + 2).then_some(())
    });
    assert_eq!(server.table(), table);
    // Whatever the body says differently is written.
    let changed = server.sync(&ada, &sync_body("ada@example.com", ADA, Some("Countess")));
    assert_eq!(changed.json()["name"], "Countess");
}

fn a_row_that_another_program_changes_shows_on_both_nodes_within_a_second(setup: Setup) {
    let here = setup.start();
    let there = another_node(&here);
    let ada = here.user("ada");
    for name in ["Countess", "Lovelace", "Byron"] {
        warm_both(&here, &there, &ada);
        write_from_outside(&here, &format!("UPDATE users SET name = '{name}' WHERE auth0_id = '{ADA}'"));
        let changed = Instant::now();
        for node in [&here, &there] {
            assert_seen_in_time(node, &ada, changed, |answer| answer.json()["user"]["name"] == name);
        }
    }
}

fn a_user_who_is_blocked_or_deleted_is_out_on_both_nodes_within_a_second(setup: Setup) {
    let here = setup.start();
    let there = another_node(&here);
    let now = if here.database.url().starts_with("sqlite") { "'2030-01-01T00:00:00Z'" } else { "now()" };
    let (ada, eve, bob) = (here.user("ada"), here.user("eve"), here.user("bob"));
    for (token, statement, status) in [
        (&ada, "UPDATE users SET blocked = TRUE WHERE auth0_id = 'auth0|ada'".to_owned(), 403),
        (&eve, format!("UPDATE users SET deleted_at = {now} WHERE auth0_id = 'auth0|eve'"), 404),
        (&bob, "DELETE FROM users WHERE auth0_id = 'auth0|bob'".to_owned(), 404),
    ] {
        warm_both(&here, &there, token);
        write_from_outside(&here, &statement);
        let changed = Instant::now();
        for node in [&here, &there] {
            assert_seen_in_time(node, token, changed, |answer| answer.status == status);
        }
    }
}

fn whoever_syncs_sees_it_at_once(setup: Setup) {
    let server = setup.start();
    let ada = server.user("ada");
    for number in 0..20 {
        warm(&server, &ada);
        let name = format!("Countess {number}");
        server.sync(&ada, &sync_body("ada@example.com", ADA, Some(&name))).id();
        assert_eq!(server.verify(&ada).json()["user"]["name"], *name);
    }
}

fn a_sync_that_comes_again_is_held_against_the_row_of_that_moment(setup: Setup) {
    let server = setup.start();
    let ada = server.user("ada");
    let claims = |name: &str| sync_body("ada@example.com", ADA, Some(name));
    let syncs_again = |name: &str| {
        // Often enough for all that is remembered of it.
        for _ in 0..10 {
            assert_eq!(server.sync(&ada, &claims(name)).json()["name"], name);
        }
        assert_eq!(server.verify(&ada).json()["user"]["name"], name);
    };
    for _ in 0..5 {
        warm(&server, &ada);
        syncs_again("Countess");
        syncs_again("Lovelace");
        let eve = server.sync(&ada, &sync_body("ada@example.com", "auth0|eve", Some("Lovelace")));
        eve.assert_error(NOT_YOURS);
        write_from_outside(&server, &format!("UPDATE users SET name = 'Byron' WHERE auth0_id = '{ADA}'"));
        assert_seen_in_time(&server, &ada, Instant::now(), |answer| answer.json()["user"]["name"] == "Byron");
        syncs_again("Lovelace");
    }
    let unchanged = figure(&server, "authsync_syncs_total{outcome=\"unchanged\"}");
    assert_eq!((unchanged, figure(&server, "authsync_syncs_total{outcome=\"updated\"}")), (5 * 27, 5 * 3));
}

fn what_a_node_in_a_process_of_its_own_writes_shows_within_a_second(setup: Setup) {
    let here = setup.start();
    let ada = here.user("ada");
    let other = Setup::on(ScratchDatabase::at(here.database.url()));
    let there = Program::of(other)
        .with("AUTH0_DOMAIN", here.tenant.domain())
        .with("AUTH0_API_IDENTIFIER", here.tenant.audience())
        .serve_ready();
    for name in ["Countess", "Lovelace", "Byron"] {
        warm(&here, &ada);
        there.client().sync(&ada, &sync_body("ada@example.com", ADA, Some(name))).id();
        assert_seen_in_time(&here, &ada, Instant::now(), |answer| answer.json()["user"]["name"] == name);
    }
}

fn without_entries_everything_is_asked_of_the_database(setup: Setup) {
    let server = setup.with("AUTHSYNC_USER_CACHE_ENTRIES", "0").start();
    let ada = server.user("ada");
    for number in 0..5 {
        server.database.execute(&format!("UPDATE users SET name = '{number}'"));
        assert_eq!(server.verify(&ada).json()["user"]["name"], number.to_string());
    }
    assert_eq!(["hit", "miss", "bypassed"].map(|outcome| lookups(&server, outcome)), [0; 3]);
}

/// By the program that people use for it on PostgreSQL, by another connection on SQLite.
fn write_from_outside(server: &TestServer, sql: &str) {
    let url = server.database.url();
    if url.starts_with("sqlite") {
        return server.database.execute(sql);
    }
    let psql = Command::new("psql").args([url, "--quiet", "--set=ON_ERROR_STOP=1", "--command", sql]).output();
    let psql = psql.expect("psql, which comes with PostgreSQL");
    assert!(psql.status.success(), "{}", String::from_utf8_lossy(&psql.stderr));
}
