//! A socket sees what happens to its user, whoever does it and wherever.

use std::time::{Duration, Instant};

use scratch_database::OwnPostgres;

use crate::client::sync_body;
use crate::databases::{migrate_up, on_both_databases};
use crate::spawn::{Setup, TestServer};
use crate::waiting::eventually;

on_both_databases! {
    a_login_that_changes_the_row_shows_on_every_socket_of_the_user_and_on_no_other,
    a_change_by_another_program_shows,
    what_clients_are_not_told_of_is_no_news,
    a_deleted_user_s_sockets_are_closed,
    a_user_who_lives_again_gets_a_socket_again,
    every_socket_of_a_user_on_two_nodes_sees_a_change_on_either,
    every_socket_of_a_blocked_user_on_two_nodes_is_closed_within_a_second,
}

/// How late news may be: a second, and the rest for a busy machine.
const LATE: Duration = Duration::from_secs(3);

const UPDATE: &str = "UPDATE users SET name = 'Countess' WHERE auth0_id = 'auth0|ada'";
const DELETE: &str = "DELETE FROM users WHERE auth0_id = 'auth0|ada'";

/// Another server on the same database, for the same tenant.
fn another_node(of: &TestServer) -> TestServer {
    Setup::on_sqlite()
        .with("AUTH0_DOMAIN", of.tenant.domain())
        .with("AUTH0_API_IDENTIFIER", of.tenant.audience())
        .with("DATABASE_URL", of.database.url())
        .start()
}

fn a_login_that_changes_the_row_shows_on_every_socket_of_the_user_and_on_no_other(setup: Setup) {
    let server = setup.start();
    let (ada, eve) = (server.user("ada"), server.user("eve"));
    let (mut one, mut other, mut of_eve) = (server.socket(&ada), server.socket(&ada), server.socket(&eve));
    server.sync(&ada, &sync_body("countess@example.com", "auth0|ada", Some("Ada"))).id();
    for socket in [&mut one, &mut other] {
        assert_eq!(
            socket.next().to_string(),
            serde_json::json!({
                "type": "user.updated", "user": { "id": 1, "email": "countess@example.com", "name": "Ada" }
            })
            .to_string()
        );
    }
    server.sync(&eve, &sync_body("eve@example.com", "auth0|eve", Some("Eve"))).id();
    assert_eq!(of_eve.next()["user"]["name"], "Eve");
}

fn a_change_by_another_program_shows(setup: Setup) {
    let server = setup.start();
    let mut socket = server.socket(&server.user("ada"));
    server.database.execute(UPDATE);
    assert_eq!(socket.next()["user"]["name"], "Countess");
}

fn what_clients_are_not_told_of_is_no_news(setup: Setup) {
    let server = setup.start();
    let mut socket = server.socket(&server.user("ada"));
    server.database.execute("UPDATE users SET picture = 'https://example.com/ada.png'");
    server.database.execute("UPDATE users SET updated_at = '2001-01-01T00:00:00Z'");
    server.database.execute(UPDATE);
    assert_eq!(socket.next()["user"]["name"], "Countess");
}

fn a_deleted_user_s_sockets_are_closed(setup: Setup) {
    let server = setup.start();
    let (ada, eve) = (server.user("ada"), server.user("eve"));
    let (mut one, mut other, mut of_eve) = (server.socket(&ada), server.socket(&ada), server.socket(&eve));
    server.database.execute(DELETE);
    assert_eq!([one.close_code(), other.close_code()], [4403, 4403]);
    of_eve.assert_served();
}

fn a_user_who_lives_again_gets_a_socket_again(setup: Setup) {
    let server = setup.start();
    let ada = server.user("ada");
    let mut socket = server.socket(&ada);
    server.database.execute(DELETE);
    assert_eq!(socket.close_code(), 4403);
    assert_eq!(server.refused_socket(&[("authorization", &crate::client::bearer(&ada))]).status, 404);
    server.user("ada");
    server.socket(&ada).assert_served();
}

fn every_socket_of_a_user_on_two_nodes_sees_a_change_on_either(setup: Setup) {
    let here = setup.start();
    let there = another_node(&here);
    let ada = here.user("ada");
    let mut sockets = [here.socket(&ada), there.socket(&ada)];
    for (node, name) in [(&here, "Here"), (&there, "There")] {
        node.sync(&ada, &sync_body("ada@example.com", "auth0|ada", Some(name))).id();
        for socket in &mut sockets {
            assert_eq!(socket.next()["user"]["name"], name);
        }
    }
    here.database.execute(DELETE);
    assert_eq!(sockets.each_mut().map(|socket| socket.close_code()), [4403, 4403]);
}

fn every_socket_of_a_blocked_user_on_two_nodes_is_closed_within_a_second(setup: Setup) {
    let here = setup.start();
    let there = another_node(&here);
    let (ada, eve) = (here.user("ada"), here.user("eve"));
    let mut sockets = [here.socket(&ada), here.socket(&ada), there.socket(&ada), there.socket(&ada)];
    let mut others = [here.socket(&eve), there.socket(&eve)];
    let began = Instant::now();
    here.database.execute("UPDATE users SET blocked = TRUE WHERE auth0_id = 'auth0|ada'");
    assert_eq!(sockets.each_mut().map(|socket| socket.close_code()), [4403; 4]);
    assert!(began.elapsed() < LATE, "{:?}", began.elapsed());
    for socket in &mut others {
        socket.assert_undisturbed();
    }
}

#[test]
fn a_change_while_postgres_was_cut_off_shows_when_it_is_back() {
    let postgres = OwnPostgres::start();
    let database = postgres.database();
    migrate_up(&database);
    let server = Setup::on(database).start();
    let mut socket = server.socket(&server.user("ada"));
    postgres.stop();
    eventually("the outage is noticed", || (server.get("/readyz").status == 503).then_some(()));
    socket.assert_served();
    postgres.start_again();
    // Most likely before anybody listens again.
    server.database.execute(UPDATE);
    assert_eq!(socket.next()["user"]["name"], "Countess");
    server.database.execute(DELETE);
    assert_eq!(socket.close_code(), 4403);
}
