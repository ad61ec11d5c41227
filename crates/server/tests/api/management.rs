//! With credentials for the Management API: profiles are Auth0's own, whatever the browser says.

use fake_auth0::{Endpoint, FakeAuth0, FakeUser};

use crate::client::{CONFLICT, USER_BLOCKED, sync_body};
use crate::databases::{migrate_up, on_both_databases};
use crate::program::{Program, ProgramSetup};
use crate::spawn::{Setup, TestServer};

on_both_databases! {
    a_body_that_names_somebody_else_s_address_gets_the_real_one,
    a_squatter_loses_the_address_to_its_verified_owner,
    a_squatter_who_has_another_address_at_auth0_gets_that_one,
    a_verified_holder_keeps_the_address,
    an_unverified_newcomer_gets_a_conflict_and_changes_nothing,
    a_user_without_an_address_at_auth0_gets_the_one_of_the_body,
    a_user_whom_auth0_no_longer_has_is_refused,
    logins_go_on_while_the_api_fails,
    logins_go_on_while_the_api_is_rate_limited,
    logins_go_on_while_the_api_stalls,
    logins_go_on_with_a_wrong_secret,
    a_user_is_read_once_however_often_they_log_in,
}

const ADA: &str = "auth0|ada";
const EVE: &str = "auth0|eve";
const ADDRESS: &str = "ada@example.com";

pub(crate) fn with_credentials(setup: Setup) -> Setup {
    let (id, secret) = (setup.tenant.client_id(), setup.tenant.client_secret());
    setup.with("AUTH0_CLIENT_ID", &id).with("AUTH0_CLIENT_SECRET", &secret)
}

fn with_ada(setup: Setup) -> TestServer {
    let server = with_credentials(setup).start();
    server.tenant.add_user(FakeUser::new(ADA).email(ADDRESS, true).name("Ada Lovelace"));
    server
}

fn is_verified(server: &TestServer, auth0_id: &str) -> bool {
    matches!(server.column("email_verified", auth0_id).as_deref(), Some("true" | "t" | "1"))
}

fn a_body_that_names_somebody_else_s_address_gets_the_real_one(setup: Setup) {
    let server = with_ada(setup);
    let answer = server.sync(&server.tenant.token(ADA), &sync_body("victim@example.com", ADA, Some("The Victim")));
    answer.assert_ok(r#"{"id":1,"email":"ada@example.com","name":"Ada Lovelace"}"#);
    assert!(is_verified(&server, ADA));
}

fn a_squatter_loses_the_address_to_its_verified_owner(setup: Setup) {
    let server = with_ada(setup);
    server.tenant.add_user(FakeUser::new(EVE).email(ADDRESS, false).name("Eve"));
    let squatter = server.sync(&server.tenant.token(EVE), &sync_body(ADDRESS, EVE, None));
    squatter.assert_ok(r#"{"id":1,"email":"ada@example.com","name":"Eve"}"#);
    let owner = server.sync(&server.tenant.token(ADA), &sync_body(ADDRESS, ADA, None));
    assert_eq!((owner.status, owner.json()["email"].as_str()), (200, Some(ADDRESS)), "{owner:?}");
    assert_eq!(server.column("email", EVE).as_deref(), Some("user-1@displaced.invalid"));
    assert_eq!(server.column("id", EVE).as_deref(), Some("1"));
    assert!(is_verified(&server, ADA) && !is_verified(&server, EVE));
}

fn a_squatter_who_has_another_address_at_auth0_gets_that_one(setup: Setup) {
    let server = with_ada(setup);
    server.tenant.add_user(FakeUser::new(EVE).email("eve@example.com", true));
    server.database.execute("INSERT INTO users (email, name, auth0_id) VALUES ('ada@example.com', 'Eve', 'auth0|eve')");
    server.sync(&server.tenant.token(ADA), &sync_body(ADDRESS, ADA, None)).id();
    assert_eq!(server.column("email", EVE).as_deref(), Some("eve@example.com"));
    assert_eq!(server.column("email", ADA).as_deref(), Some(ADDRESS));
}

fn a_verified_holder_keeps_the_address(setup: Setup) {
    let server = with_ada(setup);
    server.sync(&server.tenant.token(ADA), &sync_body(ADDRESS, ADA, None)).id();
    let twin = "google-oauth2|ada";
    server.tenant.add_user(FakeUser::new(twin).email(ADDRESS, true));
    let before = server.table();
    server.sync(&server.tenant.token(twin), &sync_body(ADDRESS, twin, None)).assert_error(CONFLICT);
    assert_eq!(server.table(), before);
}

fn an_unverified_newcomer_gets_a_conflict_and_changes_nothing(setup: Setup) {
    let server = with_ada(setup);
    server.sync(&server.tenant.token(ADA), &sync_body(ADDRESS, ADA, None)).id();
    server.tenant.add_user(FakeUser::new(EVE).email(ADDRESS, false));
    let before = server.table();
    let token = server.tenant.token(EVE);
    for address in [ADDRESS, "eve@example.com"] {
        server.sync(&token, &sync_body(address, EVE, None)).assert_error(CONFLICT);
    }
    assert_eq!(server.table(), before);
}

fn a_user_without_an_address_at_auth0_gets_the_one_of_the_body(setup: Setup) {
    let server = with_credentials(setup).start();
    server.tenant.add_user(FakeUser::new("sms|alan").name("Alan Turing"));
    let answer = server.sync(&server.tenant.token("sms|alan"), &sync_body("alan@example.com", "sms|alan", None));
    answer.assert_ok(r#"{"id":1,"email":"alan@example.com","name":"Alan Turing"}"#);
    assert!(!is_verified(&server, "sms|alan"));
}

fn a_user_whom_auth0_no_longer_has_is_refused(setup: Setup) {
    let server = with_credentials(setup).start();
    server.sync(&server.tenant.token(ADA), &sync_body(ADDRESS, ADA, None)).assert_error(USER_BLOCKED);
    assert_eq!(server.rows(), 0);
}

fn logins_go_on_while_the_api_fails(setup: Setup) {
    logins_go_on(setup, |tenant| tenant.fail(Endpoint::Users, 500));
}

fn logins_go_on_while_the_api_is_rate_limited(setup: Setup) {
    logins_go_on(setup, |tenant| tenant.rate_limit(Endpoint::Users, tenant.now() + 60));
}

fn logins_go_on_while_the_api_stalls(setup: Setup) {
    logins_go_on(setup, |tenant| tenant.stall(Endpoint::Users));
}

fn logins_go_on_with_a_wrong_secret(setup: Setup) {
    logins_go_on(setup, |tenant| tenant.set_client_secret("another-one"));
}

/// Whoever has a row gets it; whoever has none comes in on a verified address of the token, or is asked to wait.
fn logins_go_on(setup: Setup, trouble: impl FnOnce(&FakeAuth0)) {
    let server = with_ada(setup);
    trouble(&server.tenant);
    server.database.execute("INSERT INTO users (email, name, auth0_id) VALUES ('old@example.com', 'Ada', 'auth0|ada')");
    let before = server.table();
    let known = server.sync(&server.tenant.token(ADA), &sync_body("new@example.com", ADA, Some("New")));
    known.assert_ok(r#"{"id":1,"email":"old@example.com","name":"Ada"}"#);
    let unknown = server.tenant.token(EVE);
    server.sync(&unknown, &sync_body("eve@example.com", EVE, None)).assert_unavailable();
    let unverified = server.tenant.token_for(EVE).email("eve@example.com", false).mint();
    server.sync(&unverified, &sync_body("eve@example.com", EVE, None)).assert_unavailable();
    assert_eq!(server.table(), before);
    let verified = server.tenant.token_for(EVE).email("eve@example.com", true).mint();
    server.sync(&verified, &sync_body("other@example.com", EVE, None)).id();
    assert_eq!(server.column("email", EVE).as_deref(), Some("eve@example.com"));
    assert!(server.tenant.requests(Endpoint::Users) <= 2, "an outage is not asked about again and again");
}

fn a_user_is_read_once_however_often_they_log_in(setup: Setup) {
    let server = with_ada(setup);
    let token = server.tenant.token(ADA);
    for _ in 0..20 {
        server.sync(&token, &sync_body(ADDRESS, ADA, None)).id();
    }
    assert_eq!((server.tenant.requests(Endpoint::Users), server.tenant.requests(Endpoint::Token)), (1, 1));
}

/// `authsync check` after something was done to the tenant: the exit code, and the line about the Management API.
fn checked(trouble: impl FnOnce(&FakeAuth0)) -> (Option<i32>, String) {
    let setup = with_program_credentials(Setup::on_sqlite(), trouble);
    let ended = setup.run(&["check"]);
    let line = ended.stdout.lines().find(|line| line.contains("management api")).unwrap_or_else(|| panic!("{ended:?}"));
    assert!(!format!("{ended:?}").contains("machine-secret"), "{ended:?}");
    (ended.code, line.to_owned())
}

fn with_program_credentials(setup: Setup, trouble: impl FnOnce(&FakeAuth0)) -> ProgramSetup {
    migrate_up(&setup.database);
    let (id, secret) = (setup.tenant.client_id(), setup.tenant.client_secret());
    trouble(&setup.tenant);
    Program::of(setup).with("AUTH0_CLIENT_ID", &id).with("AUTH0_CLIENT_SECRET", &secret)
}

#[test]
fn a_check_reads_a_user_whom_nobody_has() {
    let (code, line) = checked(|_| ());
    assert_eq!(code, Some(0));
    assert!(line.starts_with("ok"), "{line}");
}

#[test]
fn a_check_tells_a_wrong_secret_a_missing_scope_and_an_outage_apart() {
    type Trouble = fn(&FakeAuth0);
    let rows: [(Trouble, &str); 4] = [
        (|tenant| tenant.set_client_secret("another-one"), "AUTH0_CLIENT_SECRET"),
        (|tenant| tenant.set_management_scope("read:clients"), "lacks the scope read:users"),
        (|tenant| tenant.fail(Endpoint::Token, 403), "authorize it for read:users"),
        (|tenant| tenant.fail(Endpoint::Users, 503), "auth0 answered 503"),
    ];
    for (trouble, told) in rows {
        let (code, line) = checked(trouble);
        assert_eq!(code, Some(1), "{line}");
        assert!(line.starts_with("failed") && line.contains(told), "{told}: {line}");
    }
}

#[test]
fn a_check_without_credentials_says_nothing_of_the_api() {
    let setup = Setup::on_sqlite();
    migrate_up(&setup.database);
    let ended = Program::of(setup).run(&["check"]);
    assert!(!ended.stdout.contains("management api"), "{ended:?}");
}
