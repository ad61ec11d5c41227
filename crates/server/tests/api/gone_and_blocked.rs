//! What a login learns of Auth0's Management API about a user who is gone or barred, it writes down.

use fake_auth0::FakeUser;

use crate::client::{USER_BLOCKED, USER_NOT_FOUND, sync_body};
use crate::databases::on_both_databases;
use crate::management::with_credentials;
use crate::spawn::{Setup, TestServer};

on_both_databases! {
    a_user_whom_auth0_no_longer_has_is_out_from_the_next_login_on,
    a_new_identity_gets_the_address_of_one_that_auth0_no_longer_has,
    a_block_counts_whoever_has_the_address,
}

const ADA: &str = "auth0|ada";
const EVE: &str = "auth0|eve";
const ADDRESS: &str = "ada@example.com";

/// A row from before: Auth0 has not been asked about its user yet.
fn insert(server: &TestServer, address: &str, auth0_id: &str) {
    let values = format!("('{address}', '{auth0_id}', TRUE)");
    server.database.execute(&format!("INSERT INTO users (email, auth0_id, email_verified) VALUES {values}"));
}

fn a_user_whom_auth0_no_longer_has_is_out_from_the_next_login_on(setup: Setup) {
    let server = with_credentials(setup).start();
    insert(&server, ADDRESS, ADA);
    let token = server.tenant.token(ADA);
    let mut socket = server.socket(&token);
    server.sync(&token, &sync_body(ADDRESS, ADA, None)).assert_error(USER_BLOCKED);
    server.verify(&token).assert_error(USER_NOT_FOUND);
    assert_eq!(socket.close_code(), 4403);
    let tombstone = server.column("deleted_at", ADA);
    assert!(tombstone.is_some());
    let before = server.table();
    server.sync(&token, &sync_body(ADDRESS, ADA, None)).assert_error(USER_BLOCKED);
    assert_eq!((server.column("deleted_at", ADA), server.table()), (tombstone, before));
}

fn a_new_identity_gets_the_address_of_one_that_auth0_no_longer_has(setup: Setup) {
    let server = with_credentials(setup).start();
    insert(&server, ADDRESS, ADA);
    let old = server.tenant.token(ADA);
    assert_eq!(server.verify(&old).status, 200);
    let new = "google-oauth2|ada";
    server.tenant.add_user(FakeUser::new(new).email(ADDRESS, true));
    server.sync(&server.tenant.token(new), &sync_body(ADDRESS, new, None)).id();
    assert_eq!(server.column("email", new).as_deref(), Some(ADDRESS));
    assert_eq!(server.column("email", ADA).as_deref(), Some("user-1@displaced.invalid"));
    server.verify(&old).assert_error(USER_NOT_FOUND);
}

fn a_block_counts_whoever_has_the_address(setup: Setup) {
    let server = with_credentials(setup).start();
    insert(&server, "eve@example.com", EVE);
    insert(&server, ADDRESS, ADA);
    server.tenant.add_user(FakeUser::new(EVE).email(ADDRESS, false).blocked(true));
    let token = server.tenant.token(EVE);
    assert_eq!(server.verify(&token).status, 200);
    server.sync(&token, &sync_body(ADDRESS, EVE, None)).assert_error(USER_BLOCKED);
    server.verify(&token).assert_error(USER_BLOCKED);
    assert_eq!(server.column("email", ADA).as_deref(), Some(ADDRESS));
}
