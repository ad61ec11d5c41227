//! `POST /auth/sync`: what it answers and what it leaves in the table.

use crate::client::{CONFLICT, NOT_YOURS, sync_body};
use crate::databases::on_both_databases;
use crate::spawn::Setup;

on_both_databases! {
    the_documented_request_gets_the_documented_answer,
    a_name_that_nobody_knows_is_null,
    a_later_sync_brings_the_row_up_to_date,
    a_sync_that_changes_nothing_writes_nothing,
    a_change_moves_updated_at_and_nothing_else_of_the_row_s_history,
    absent_and_null_members_keep_what_is_stored,
    the_token_s_own_profile_wins_over_the_body,
    a_long_name_in_the_token_is_cut_where_one_in_the_body_is_refused,
    only_the_token_can_make_an_email_verified,
    the_case_of_an_email_makes_no_difference,
    members_that_nobody_asked_for_are_no_hindrance,
    somebody_else_s_auth0_id_is_refused,
    an_email_that_another_user_has_is_a_conflict,
    a_refused_sync_costs_no_id,
    machines_and_anonymous_sessions_are_no_users,
    a_row_that_another_program_inserted_is_the_user_s_own,
}

const ADA: &str = "auth0|ada";

fn the_documented_request_gets_the_documented_answer(setup: Setup) {
    let server = setup.start();
    let request = r#"{
  "email": "user@example.com",
  "auth0_id": "auth0|123456789",
  "name": "User Name"
}"#;
    let answer = server.sync(&server.tenant.token("auth0|123456789"), request);
    answer.assert_ok(r#"{"id":1,"email":"user@example.com","name":"User Name"}"#);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(server.rows(), 1);
    assert_eq!(server.column("email", "auth0|123456789").as_deref(), Some("user@example.com"));
}

fn a_name_that_nobody_knows_is_null(setup: Setup) {
    let server = setup.start();
    let answer = server.sync(&server.tenant.token(ADA), &sync_body("ada@example.com", ADA, None));
    answer.assert_ok(r#"{"id":1,"email":"ada@example.com","name":null}"#);
    assert_eq!(server.column("name", ADA), None);
}

fn a_later_sync_brings_the_row_up_to_date(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token(ADA);
    server
        .sync(&token, &sync_body("ada@example.com", ADA, Some("Ada")))
        .assert_ok(r#"{"id":1,"email":"ada@example.com","name":"Ada"}"#);
    let body = format!(
        r#"{{"email":"countess@example.org","auth0_id":"{ADA}","name":"Ada \"L\" Łovelace","picture":"https://example.org/a.png"}}"#
    );
    server.sync(&token, &body).assert_ok(r#"{"id":1,"email":"countess@example.org","name":"Ada \"L\" Łovelace"}"#);
    assert_eq!(server.rows(), 1);
    assert_eq!(server.column("picture", ADA).as_deref(), Some("https://example.org/a.png"));
}

fn a_sync_that_changes_nothing_writes_nothing(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token(ADA);
    let body = sync_body("ada@example.com", ADA, Some("Ada"));
    let first = server.sync(&token, &body);
    server.age_rows();
    let before = server.table();
    for _ in 0..5 {
        server.sync(&token, &body).assert_ok(&first.body);
    }
    assert_eq!(server.table(), before);
}

fn a_change_moves_updated_at_and_nothing_else_of_the_row_s_history(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token(ADA);
    server.sync(&token, &sync_body("ada@example.com", ADA, None)).id();
    server.age_rows();
    let (created, updated) = (server.column("created_at", ADA), server.column("updated_at", ADA));
    server.sync(&token, &sync_body("ada@example.org", ADA, None)).id();
    assert_eq!(server.column("created_at", ADA), created);
    assert!(server.column("updated_at", ADA) > updated, "{updated:?}");
}

fn absent_and_null_members_keep_what_is_stored(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token(ADA);
    let whole = format!(
        r#"{{"email":"ada@example.com","auth0_id":"{ADA}","name":"Ada","picture":"https://example.com/a.png"}}"#
    );
    let first = server.sync(&token, &whole);
    let before = server.table();
    let nulls = format!(r#"{{"email":"ada@example.com","auth0_id":"{ADA}","name":null,"picture":null}}"#);
    for body in [nulls, sync_body("ada@example.com", ADA, None)] {
        server.sync(&token, &body).assert_ok(&first.body);
        assert_eq!(server.table(), before);
    }
}

fn the_token_s_own_profile_wins_over_the_body(setup: Setup) {
    let server = setup.start();
    let token = server
        .tenant
        .token_for(ADA)
        .email("Claimed@Example.com", true)
        .name("Claimed Name")
        .picture("https://example.com/claimed.png")
        .mint();
    let body = format!(
        r#"{{"email":"body@example.com","auth0_id":"{ADA}","name":"Body","picture":"https://example.com/body.png"}}"#
    );
    server.sync(&token, &body).assert_ok(r#"{"id":1,"email":"claimed@example.com","name":"Claimed Name"}"#);
    assert_eq!(server.column("picture", ADA).as_deref(), Some("https://example.com/claimed.png"));
}

fn a_long_name_in_the_token_is_cut_where_one_in_the_body_is_refused(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token_for(ADA).name("ü".repeat(256)).mint();
    let answer = server.sync(&token, &sync_body("ada@example.com", ADA, None));
    answer.assert_ok(&format!(r#"{{"id":1,"email":"ada@example.com","name":"{}"}}"#, "ü".repeat(255)));
}

fn only_the_token_can_make_an_email_verified(setup: Setup) {
    let server = setup.start();
    let is_verified =
        |auth0_id: &str| matches!(server.column("email_verified", auth0_id).as_deref(), Some("true" | "1"));
    let body = r#"{"email":"ada@example.com","auth0_id":"auth0|ada","email_verified":true}"#;
    server.sync(&server.tenant.token(ADA), body).id();
    assert!(!is_verified(ADA));
    server.sync(&server.tenant.token_for(ADA).email("ada@example.com", true).mint(), body).id();
    assert!(is_verified(ADA));
}

fn the_case_of_an_email_makes_no_difference(setup: Setup) {
    let server = setup.start();
    let token = server.tenant.token(ADA);
    let first = server.sync(&token, &sync_body("Ada@Example.COM", ADA, Some("Ada")));
    first.assert_ok(r#"{"id":1,"email":"ada@example.com","name":"Ada"}"#);
    server.age_rows();
    let before = server.table();
    server.sync(&token, &sync_body("ADA@example.com", ADA, Some("Ada"))).assert_ok(&first.body);
    assert_eq!(server.table(), before);
    let second = server.sync(&server.tenant.token("auth0|eve"), &sync_body("aDa@eXample.com", "auth0|eve", None));
    second.assert_error(CONFLICT);
    assert_eq!(server.table(), before);
}

fn members_that_nobody_asked_for_are_no_hindrance(setup: Setup) {
    let server = setup.start();
    let body = format!(
        r#"{{"sub":"{ADA}","nickname":"ada","email":"ada@example.com","auth0_id":"{ADA}","identities":[{{"a":[1,null,{{}}]}}],"id":7}}"#
    );
    server.sync(&server.tenant.token(ADA), &body).assert_ok(r#"{"id":1,"email":"ada@example.com","name":null}"#);
}

fn somebody_else_s_auth0_id_is_refused(setup: Setup) {
    let server = setup.start();
    server.sync(&server.tenant.token("auth0|eve"), &sync_body("eve@example.com", "auth0|eve", None)).id();
    let before = server.table();
    let token = server.tenant.token(ADA);
    // Subjects are compared byte for byte (RFC 7519 §4.1.2).
    for auth0_id in ["auth0|eve", "auth0|nobody", "auth0|Ada", "auth0|ada ", " auth0|ada", "ada"] {
        server.sync(&token, &sync_body("ada@example.com", auth0_id, None)).assert_error(NOT_YOURS);
    }
    assert_eq!(server.table(), before);
}

fn an_email_that_another_user_has_is_a_conflict(setup: Setup) {
    let server = setup.start();
    server.sync(&server.tenant.token("auth0|eve"), &sync_body("eve@example.com", "auth0|eve", None)).id();
    let ada = server.tenant.token(ADA);
    let taken = sync_body("eve@example.com", ADA, Some("Not Eve"));
    let before = server.table();
    server.sync(&ada, &taken).assert_error(CONFLICT);
    assert_eq!(server.table(), before);
    server.sync(&ada, &sync_body("ada@example.com", ADA, None)).id();
    let before = server.table();
    server.sync(&ada, &taken).assert_error(CONFLICT);
    // Nor does a verified claimant get it while Auth0 cannot be asked about the holder.
    server.sync(&server.tenant.token_for(ADA).email("eve@example.com", true).mint(), &taken).assert_error(CONFLICT);
    assert_eq!(server.table(), before);
}

fn a_refused_sync_costs_no_id(setup: Setup) {
    let server = setup.start();
    let eve = server.tenant.token("auth0|eve");
    assert_eq!(server.sync(&eve, &sync_body("eve@example.com", "auth0|eve", None)).id(), 1);
    let ada = server.tenant.token(ADA);
    for _ in 0..5 {
        server.sync(&ada, &sync_body("eve@example.com", ADA, None)).assert_error(CONFLICT);
        server.sync(&ada, &sync_body("ada@example.com", "auth0|eve", None)).assert_error(NOT_YOURS);
    }
    assert_eq!(server.sync(&ada, &sync_body("ada@example.com", ADA, None)).id(), 2);
}

fn machines_and_anonymous_sessions_are_no_users(setup: Setup) {
    let server = setup.start();
    for (token, auth0_id) in [
        (server.tenant.machine_token_for("reporting").mint(), "reporting@clients"),
        (server.tenant.anonymous_token_for("4f1").mint(), "anon@4f1"),
    ] {
        server.sync(&token, &sync_body("robot@example.com", auth0_id, None)).assert_error(NOT_YOURS);
    }
    assert_eq!(server.rows(), 0);
}

fn a_row_that_another_program_inserted_is_the_user_s_own(setup: Setup) {
    let server = setup.start();
    server
        .database
        .execute("INSERT INTO users (email, name, auth0_id) VALUES ('Ada@Example.com', 'From Elsewhere', 'auth0|ada')");
    server.age_rows();
    let before = server.table();
    let answer = server.sync(&server.tenant.token(ADA), &sync_body("ada@example.com", ADA, None));
    answer.assert_ok(r#"{"id":1,"email":"ada@example.com","name":"From Elsewhere"}"#);
    assert_eq!(server.table(), before);
}
