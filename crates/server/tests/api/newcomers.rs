//! First logins by the hundred: fewer questions to the database, and the same answers.

use crate::client::{CONFLICT, USER_BLOCKED, sync_body};
use crate::databases::on_both_databases;
use crate::spawn::{Setup, TestServer};
use crate::user_cache::{figure, warm};
use crate::waiting::eventually;

on_both_databases! {
    while_nearly_all_are_new_nobody_is_looked_up_first,
    whoever_is_taken_for_new_and_is_not_gets_the_answer_that_is_theirs,
    known_users_are_looked_up_again_once_there_are_more_of_them,
}

fn looked_up(server: &TestServer) -> u64 {
    figure(server, r#"authsync_database_batched_requests_total{queue="lookups"}"#)
}

/// The first logins of so many.
pub(crate) fn newcomers(server: &TestServer, crowd: &str, size: usize) {
    for number in 0..size {
        let subject = format!("auth0|{crowd}-{number}");
        server
            .sync(&server.tenant.token(&subject), &sync_body(&format!("{crowd}-{number}@example.com"), &subject, None))
            .id();
    }
}

fn while_nearly_all_are_new_nobody_is_looked_up_first(setup: Setup) {
    let server = setup.start();
    newcomers(&server, "first", 100);
    assert!(looked_up(&server) >= 80, "nobody knew that they were new");
    // Without the latest proof that no change is missed everybody is looked up, and on a busy machine one can come late.
    let mut crowds = 1;
    eventually("a crowd that is not looked up", || {
        let before = looked_up(&server);
        crowds += 1;
        newcomers(&server, &format!("crowd-{crowds}"), 100);
        (looked_up(&server) == before).then_some(())
    });
    assert_eq!(server.rows(), 100 * crowds);
}

fn whoever_is_taken_for_new_and_is_not_gets_the_answer_that_is_theirs(setup: Setup) {
    let server = setup.start();
    let sync = |name: &str, email: &str| {
        let subject = format!("auth0|{name}");
        server.sync(&server.tenant.token(&subject), &sync_body(email, &subject, None))
    };
    let ids = ["ada", "eve", "bob"].map(|name| sync(name, &format!("{name}@example.com")).id());
    server.age_rows();
    server.database.execute("UPDATE users SET blocked = TRUE WHERE auth0_id = 'auth0|eve'");
    server.database.execute("UPDATE users SET deleted_at = '2100-01-01T00:00:00Z' WHERE auth0_id = 'auth0|bob'");
    newcomers(&server, "crowd", 150);
    // Memory has proof that it misses no change, without which everybody is looked up.
    warm(&server, &server.tenant.token("auth0|crowd-0"));
    let (before, table) = (looked_up(&server), server.table());
    assert_eq!(sync("ada", "ada@example.com").id(), ids[0]);
    sync("eve", "eve@example.com").assert_error(USER_BLOCKED);
    sync("bob", "bob@example.com").assert_error(USER_BLOCKED);
    sync("mallory", "ada@example.com").assert_error(CONFLICT);
    assert_eq!(server.table(), table, "none of this is a change");
    assert_eq!(sync("ada", "countess@example.com").id(), ids[0]);
    assert_eq!(sync("carol", "carol@example.com").id(), 154, "the refused ones cost no id");
    assert_eq!(looked_up(&server), before, "all of them were taken for new");
    assert_eq!(server.column("email", "auth0|ada").as_deref(), Some("countess@example.com"));
}

fn known_users_are_looked_up_again_once_there_are_more_of_them(setup: Setup) {
    let server = setup.with("AUTHSYNC_USER_CACHE_ENTRIES", "0").start();
    newcomers(&server, "crowd", 150);
    let before = looked_up(&server);
    newcomers(&server, "crowd", 100);
    assert!((60..=95).contains(&(looked_up(&server) - before)), "{}", looked_up(&server) - before);
    assert_eq!(server.rows(), 150);
}
