//! `user-<id>@displaced.invalid`, which stands in a row for an address: nobody can claim it, and nobody is kept out by a row
//! that has it.

use fake_auth0::FakeUser;
use serde_json::{Value, json};

use crate::client::{BAD_REQUEST, USER_BLOCKED, USER_NOT_FOUND, sync_body};
use crate::databases::on_both_databases;
use crate::events::{event, listening, user};
use crate::management::with_credentials;
use crate::spawn::{Setup, TestServer};

on_both_databases! {
    no_body_and_no_token_can_claim_one,
    auth0_s_word_of_one_is_no_address,
    whoever_loses_the_address_is_blocked_and_deleted_all_the_same,
    the_verified_owner_gets_the_address_all_the_same,
    new_users_without_an_address_come_in_all_the_same,
}

const ADA: &str = "auth0|ada";
const EVE: &str = "auth0|eve";
const JOKER: &str = "auth0|joker";
const NOON: &str = "2026-01-31T12:00:00.000Z";
const LATER: &str = "2026-01-31T13:00:00.000Z";
const LATE: &str = "2026-01-31T14:00:00.000Z";

/// Writes a row as another program does.
fn insert(server: &TestServer, address: &str, auth0_id: &str) {
    server.database.execute(&format!("INSERT INTO users (email, auth0_id) VALUES ('{address}', '{auth0_id}')"));
}

fn email(server: &TestServer, auth0_id: &str) -> String {
    server.column("email", auth0_id).expect("an address")
}

/// Addresses that Auth0 has not verified.
fn doubtful(id: &str, address: &str, updated_at: &str) -> Value {
    let mut user = user(id, address, updated_at);
    user["email_verified"] = json!(false);
    user
}

fn no_body_and_no_token_can_claim_one(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token(JOKER);
    for address in ["user-1@displaced.invalid", "user-0@displaced.invalid", " Joker@Displaced.Invalid "] {
        server.sync(&token, &sync_body(address, JOKER, None)).assert_error(BAD_REQUEST);
    }
    assert_eq!(server.rows(), 0);
    let claiming = server.tenant.token_for(JOKER).email("user-1@displaced.invalid", true).mint();
    server.sync(&claiming, &sync_body("joker@example.com", JOKER, None)).id();
    assert_eq!(email(&server, JOKER), "joker@example.com");
    assert!(matches!(server.column("email_verified", JOKER).as_deref(), Some("false" | "f" | "0")));
}

fn auth0_s_word_of_one_is_no_address(setup: Setup) {
    let server = listening(setup);
    server.hears(&event("evt_1", "user.created", NOON, &user(JOKER, "user-7@displaced.invalid", NOON)));
    assert_eq!((email(&server, JOKER).as_str(), server.letters()), ("user-1@displaced.invalid", 0));
    server.sync(&server.tenant.token(JOKER), &sync_body("joker@example.com", JOKER, None)).id();
    assert_eq!(email(&server, JOKER), "joker@example.com");
}

fn whoever_loses_the_address_is_blocked_and_deleted_all_the_same(setup: Setup) {
    let server = listening(setup);
    let eve = server.tenant.token(EVE);
    assert_eq!(server.sync(&eve, &sync_body("eve@example.com", EVE, None)).id(), 1);
    server.hears(&event("evt_1", "user.created", NOON, &user(ADA, "ada@example.com", NOON)));
    insert(&server, "user-1@displaced.invalid", JOKER);
    let mut blocked = doubtful(EVE, "ada@example.com", LATER);
    blocked["blocked"] = json!(true);
    server.hears(&event("evt_2", "user.updated", LATER, &blocked));
    server.verify(&eve).assert_error(USER_BLOCKED);
    server.hears(&event("evt_3", "user.deleted", LATE, &doubtful(EVE, "ada@example.com", LATER)));
    server.verify(&eve).assert_error(USER_NOT_FOUND);
    assert_eq!(
        [email(&server, EVE), email(&server, JOKER)],
        ["user-1-2@displaced.invalid", "user-1@displaced.invalid"]
    );
}

fn the_verified_owner_gets_the_address_all_the_same(setup: Setup) {
    let server = with_credentials(setup).start();
    server.tenant.add_user(FakeUser::new(EVE).email("ada@example.com", false));
    server.tenant.add_user(FakeUser::new(JOKER).email("user-1@displaced.invalid", false));
    server.tenant.add_user(FakeUser::new(ADA).email("ada@example.com", true));
    assert_eq!(server.sync(&server.tenant.token(EVE), &sync_body("ada@example.com", EVE, None)).id(), 1);
    server.sync(&server.tenant.token(JOKER), &sync_body("joker@example.com", JOKER, None)).id();
    server.sync(&server.tenant.token(ADA), &sync_body("ada@example.com", ADA, None)).id();
    let addresses = [EVE, JOKER, ADA].map(|auth0_id| email(&server, auth0_id));
    assert_eq!(addresses, ["user-1@displaced.invalid", "joker@example.com", "ada@example.com"]);
}

fn new_users_without_an_address_come_in_all_the_same(setup: Setup) {
    let server = listening(setup);
    insert(&server, "user-0@displaced.invalid", JOKER);
    insert(&server, "user-3@displaced.invalid", EVE);
    for (number, id) in ["sms|1", "sms|2"].into_iter().enumerate() {
        let phone = json!({ "user_id": id, "updated_at": NOON });
        server.hears(&event(&format!("evt_{number}"), "user.created", NOON, &phone));
    }
    assert_eq!(server.letters(), 0);
    assert_eq!(
        ["sms|1", "sms|2"].map(|id| email(&server, id)),
        ["user-3-2@displaced.invalid", "user-4@displaced.invalid"]
    );
}
