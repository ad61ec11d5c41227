//! `GET /auth/verify`: who a token speaks for.

use crate::client::{INTERNAL, USER_NOT_FOUND, bearer, sync_body};
use crate::databases::on_both_databases;
use crate::raw_connection::head;
use crate::spawn::Setup;

on_both_databases! {
    a_known_user_gets_the_documented_answer,
    a_name_that_nobody_knows_is_null,
    a_good_token_of_nobody_s_is_not_found,
    machines_and_anonymous_sessions_are_not_found,
    verifying_writes_nothing,
    the_stored_row_is_told_and_not_the_token_s_profile,
    head_tells_the_same_without_the_body,
    a_row_that_breaks_a_rule_is_our_own_trouble_and_stays_unsaid,
}

const ADA: &str = "auth0|ada";

fn a_known_user_gets_the_documented_answer(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token("auth0|123456789");
    server.sync(&token, &sync_body("user@example.com", "auth0|123456789", Some("User Name"))).id();
    let answer = server.verify(&token);
    answer.assert_ok(r#"{"valid":true,"user":{"id":1,"email":"user@example.com","name":"User Name"}}"#);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

fn a_name_that_nobody_knows_is_null(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token(ADA);
    server.sync(&token, &sync_body("ada@example.com", ADA, None)).id();
    server.verify(&token).assert_ok(r#"{"valid":true,"user":{"id":1,"email":"ada@example.com","name":null}}"#);
}

fn a_good_token_of_nobody_s_is_not_found(setup: Setup) {
    let server = setup.start();
    server.verify(&server.tenant.token(ADA)).assert_error(USER_NOT_FOUND);
    server.sync(&server.tenant.token("auth0|eve"), &sync_body("eve@example.com", "auth0|eve", None)).id();
    // Subjects are compared byte for byte, whatever the collation of the database.
    for subject in [ADA, "auth0|Eve", "AUTH0|eve", "auth0|ev", "auth0|eve "] {
        server.verify(&server.tenant.token(subject)).assert_error(USER_NOT_FOUND);
    }
}

fn machines_and_anonymous_sessions_are_not_found(setup: Setup) {
    let server = setup.start();
    server.database.execute(
        "INSERT INTO users (email, auth0_id) VALUES ('a@example.com', 'reporting@clients'), ('b@example.com', 'anon@4f1')",
    );
    server.verify(&server.tenant.machine_token_for("reporting").mint()).assert_error(USER_NOT_FOUND);
    server.verify(&server.tenant.anonymous_token_for("4f1").mint()).assert_error(USER_NOT_FOUND);
}

fn verifying_writes_nothing(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token_for(ADA).email("new@example.com", true).name("New").mint();
    server.sync(&server.tenant.token(ADA), &sync_body("ada@example.com", ADA, None)).id();
    server.age_rows();
    let before = server.table();
    assert_eq!(server.verify(&token).status, 200);
    server.verify(&server.tenant.token("auth0|unknown")).assert_error(USER_NOT_FOUND);
    assert_eq!(server.table(), before);
}

fn the_stored_row_is_told_and_not_the_token_s_profile(setup: Setup) {
    let server = setup.start();
    server.sync(&server.tenant.token(ADA), &sync_body("ada@example.com", ADA, Some("Ada"))).id();
    let token = server.tenant.token_for(ADA).email("new@example.com", true).name("New").mint();
    server.verify(&token).assert_ok(r#"{"valid":true,"user":{"id":1,"email":"ada@example.com","name":"Ada"}}"#);
}

fn head_tells_the_same_without_the_body(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token(ADA);
    server.sync(&token, &sync_body("ada@example.com", ADA, None)).id();
    let length = server.verify(&token).body.len().to_string();
    let mut connection = server.raw();
    connection.send(head("HEAD", "/auth/verify", &[("authorization", &bearer(&token))]));
    let answer = connection.answer_without_body();
    assert_eq!((answer.status, answer.header("content-length")), (200, Some(length.as_str())));
    connection.send(head("HEAD", "/auth/verify", &[]));
    let refused = connection.answer_without_body();
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("www-authenticate"), Some(r#"Bearer realm="authsync""#));
}

fn a_row_that_breaks_a_rule_is_our_own_trouble_and_stays_unsaid(setup: Setup) {
    let server = setup.start();
    server.database.execute("INSERT INTO users (email, auth0_id) VALUES ('no address', 'auth0|ada')");
    let token = server.tenant.token(ADA);
    server.verify(&token).assert_error(INTERNAL);
    server.sync(&token, &sync_body("ada@example.com", ADA, None)).assert_error(INTERNAL);
    assert_eq!(server.column("email", ADA).as_deref(), Some("no address"));
}
