//! A tenant that delivers its events: what happens to its users shows here at once.

use std::time::{Duration, Instant};

use fake_auth0::{FakeUser, UserEvent};

use crate::client::{PATIENCE, USER_BLOCKED, USER_NOT_FOUND, sync_body};
use crate::databases::on_both_databases;
use crate::events::{TOKEN, listening};
use crate::spawn::{Setup, TestServer};
use crate::waiting::eventually;

on_both_databases! {
    a_deleted_user_is_out_within_a_second_and_may_come_back,
    a_blocked_user_is_out_within_a_second,
    a_changed_profile_shows_on_the_open_sockets,
    deliveries_in_any_order_and_more_than_once_end_in_auth0_s_own_table,
    a_test_delivery_is_a_success,
}

const ADA: &str = "auth0|ada";
/// A second, as an operator is promised, and some for a loaded machine.
const AT_ONCE: Duration = Duration::from_secs(4);

/// A server that hears what its tenant's users do, of whom Ada is one.
fn hearing(setup: Setup) -> TestServer {
    let server = listening(setup);
    server.tenant.set_webhook(&format!("http://{}/auth0/events", server.address()), TOKEN);
    server.tenant.add_user(FakeUser::new(ADA).email("ada@example.com", true).name("Ada"));
    all_delivered(&server);
    server
}

#[track_caller]
fn all_delivered(server: &TestServer) {
    assert!(server.tenant.wait_until_delivered(PATIENCE), "not delivered");
    let failed: Vec<_> = server.tenant.deliveries().into_iter().filter(|delivery| !delivery.succeeded()).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

fn a_deleted_user_is_out_within_a_second_and_may_come_back(setup: Setup) {
    let server = hearing(setup);
    let token = server.tenant.token(ADA);
    assert_eq!(server.verify(&token).status, 200);
    let mut socket = server.socket(&token);
    let began = Instant::now();
    server.tenant.delete_user(ADA);
    assert_eq!(socket.close_code(), 4403);
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    server.verify(&token).assert_error(USER_NOT_FOUND);
    server.sync(&token, &sync_body("ada@example.com", ADA, None)).assert_error(USER_BLOCKED);
    assert_eq!(server.rows(), 1, "the row stays");
    all_delivered(&server);
    // Tokens are dated by the second: only one of a later second is surely from after the deletion.
    let later = server.tenant.token_for(ADA).issued_at(server.tenant.now() + 2).mint();
    assert_eq!(server.sync(&later, &sync_body("ada@example.com", ADA, None)).id(), 1);
}

fn a_blocked_user_is_out_within_a_second(setup: Setup) {
    let server = hearing(setup);
    let token = server.tenant.token(ADA);
    let mut socket = server.socket(&token);
    let began = Instant::now();
    assert!(server.tenant.update_user(ADA, |user| user.blocked = Some(true)));
    assert_eq!(socket.close_code(), 4403);
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    server.verify(&token).assert_error(USER_BLOCKED);
    server.sync(&token, &sync_body("ada@example.com", ADA, None)).assert_error(USER_BLOCKED);
    assert!(server.tenant.update_user(ADA, |user| user.blocked = Some(false)));
    eventually("the user may come in again", || (server.verify(&token).status == 200).then_some(()));
}

fn a_changed_profile_shows_on_the_open_sockets(setup: Setup) {
    let server = hearing(setup);
    let mut socket = server.socket(&server.tenant.token(ADA));
    assert!(server.tenant.update_user(ADA, |user| user.name = Some("Countess".to_owned())));
    assert_eq!(socket.next()["user"]["name"], "Countess");
}

fn deliveries_in_any_order_and_more_than_once_end_in_auth0_s_own_table(setup: Setup) {
    let server = hearing(setup);
    server.tenant.hold_deliveries();
    server.tenant.shuffle_deliveries(true);
    server.tenant.duplicate_deliveries(2);
    for number in 0..10 {
        let id = format!("auth0|{number}");
        server.tenant.add_user(FakeUser::new(&id).email(format!("first{number}@example.com"), true));
        server.tenant.update_user(&id, |user| user.name = Some(format!("Name {number}")));
        server.tenant.update_user(&id, |user| user.email = Some(format!("last{number}@example.com")));
        if number % 3 == 0 {
            server.tenant.delete_user(&id);
        }
    }
    server.tenant.release_deliveries();
    all_delivered(&server);
    assert_eq!((server.rows(), server.letters()), (11, 0));
    for number in 0..10 {
        let id = format!("auth0|{number}");
        assert_eq!(server.column("email", &id), Some(format!("last{number}@example.com")));
        assert_eq!(server.column("name", &id), Some(format!("Name {number}")));
        assert_eq!(server.column("deleted_at", &id).is_some(), number % 3 == 0, "{id}");
    }
}

fn a_test_delivery_is_a_success(setup: Setup) {
    let server = hearing(setup);
    let before = server.table();
    server.tenant.send_test_event(UserEvent::Deleted);
    all_delivered(&server);
    assert_eq!((server.table(), server.letters()), (before, 0));
}
