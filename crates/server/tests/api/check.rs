//! `authsync check`.

use std::sync::Arc;

use fake_auth0::FakeAuth0;
use scratch_database::ScratchDatabase;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::databases::{migrate_up, on_both_databases};
use crate::program::{Ended, Program, ProgramSetup};
use crate::spawn::Setup;

on_both_databases! {
    all_is_well,
}

fn all_is_well(setup: Setup) {
    migrate_up(&setup.database);
    let database = if setup.database.url().starts_with("sqlite") { "SQLite 3." } else { "PostgreSQL 1" };
    let tenant = Arc::clone(&setup.tenant);
    let ended = Program::of(setup).run(&["check"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    assert_eq!(line(&ended, "configuration"), "ok complete");
    assert_eq!(line(&ended, "issuer"), format!("ok {}", tenant.issuer()));
    assert_eq!(line(&ended, "keys"), format!("ok 2 at {}.well-known/jwks.json", tenant.issuer()));
    let kids = tenant.keys().into_iter().map(|key| format!("ok {}  RS256, RSA 2048 bits", key.kid));
    assert_eq!(lines(&ended, "key"), kids.collect::<Vec<_>>());
    assert_eq!(line(&ended, "clock"), "ok within 5 s of the issuer's");
    assert_eq!(line(&ended, "audience"), format!("ok {}", tenant.audience()));
    assert_eq!(line(&ended, "events"), "ok POST /auth0/events is closed: AUTH0_EVENTS_TOKEN is not set");
    assert!(line(&ended, "database").starts_with(&format!("ok {database}")), "{ended:?}");
    assert_eq!(line(&ended, "schema"), "ok current");
}

/// Verdict and finding of each line about a part.
fn lines(ended: &Ended, part: &str) -> Vec<String> {
    let of_line = |line: &str| {
        let (verdict, rest) = line.split_once(' ')?;
        let finding = rest.trim_start().strip_prefix(part)?.strip_prefix("  ")?;
        Some(format!("{verdict} {}", finding.trim_start()))
    };
    ended.stdout.lines().filter_map(of_line).collect()
}

/// Of the only line about a part.
#[track_caller]
fn line(ended: &Ended, part: &str) -> String {
    let mut lines = lines(ended, part);
    assert_eq!(lines.len(), 1, "{part}: {ended:?}");
    lines.remove(0)
}

/// The program over a tenant and a migrated database, with a word to the tenant first.
fn program(tell: impl FnOnce(&FakeAuth0)) -> ProgramSetup {
    let setup = Setup::on_sqlite();
    migrate_up(&setup.database);
    tell(&setup.tenant);
    Program::of(setup)
}

#[test]
fn the_columns_are_aligned_and_without_colour_where_nobody_looks() {
    let ended = program(|_| ()).run(&["check"]);
    assert!(!ended.stdout.contains('\u{1b}'), "{ended:?}");
    for line in ended.stdout.lines() {
        let (before, finding) = line.split_at(23);
        assert!(before.ends_with("  ") && !finding.starts_with(' '), "{line:?}");
    }
}

#[test]
fn which_key_signs_and_what_the_client_may_do_is_told_with_credentials() {
    let setup = program(|tenant| tenant.set_management_scope("read:users read:events"));
    let signing = setup.tenant.signing_key().kid().to_owned();
    let (id, secret) = (setup.tenant.client_id(), setup.tenant.client_secret());
    let ended = setup.with("AUTH0_CLIENT_ID", &id).with("AUTH0_CLIENT_SECRET", &secret).run(&["check"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let keys = lines(&ended, "key");
    assert_eq!(keys.len(), 2);
    for key in keys {
        let role = if key.contains(&signing) { "signs at present" } else { "does not sign at present" };
        assert!(key.ends_with(&format!("bits, {role}")), "{key}");
    }
    assert_eq!(line(&ended, "management api"), "ok token obtained, users can be read");
    let lacking = "ok read:users read:events; not granted: create:users (authsync legacy import)";
    assert_eq!(line(&ended, "scopes"), lacking);
}

#[test]
fn a_clock_that_goes_wrong_is_told_by_how_much() {
    for (offset, code, verdict, told) in [
        (-12, 0, "note", "ahead of"),
        (20, 0, "note", "behind"),
        (-45, 1, "failed", "ahead of"),
        (3600, 1, "failed", "behind"),
    ] {
        let ended = program(|tenant| tenant.set_clock_offset(offset)).run(&["check"]);
        let clock = line(&ended, "clock");
        assert_eq!(ended.code, Some(code), "{offset}: {ended:?}");
        assert!(clock.starts_with(verdict) && clock.contains(told), "{offset}: {clock}");
    }
    let ended = program(|tenant| tenant.set_jwks_header("date", &["soon"])).run(&["check"]);
    assert_eq!((ended.code, line(&ended, "clock").starts_with("note")), (Some(0), true), "{ended:?}");
}

#[test]
fn keys_that_promise_trouble_are_told() {
    let only_one = |tenant: &FakeAuth0| {
        let set: Value = serde_json::from_slice(&tenant.jwks()).expect("JSON");
        tenant.publish_raw_jwks(json!({ "keys": [set["keys"][0]] }).to_string());
    };
    let ended = program(only_one).run(&["check"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(line(&ended, "keys").starts_with("note 1 at "), "{ended:?}");

    let ended = program(|_| ()).with("AUTHSYNC_ALGORITHMS", "ES256").run(&["check"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(line(&ended, "keys").ends_with("none is for ES256 (AUTHSYNC_ALGORITHMS)"), "{ended:?}");
    assert!(lines(&ended, "key").iter().all(|key| key.starts_with("note")), "{ended:?}");
}

#[test]
fn what_an_issuer_publishes_does_not_steer_the_terminal() {
    let odd = |tenant: &FakeAuth0| {
        let mut key = tenant.signing_key().jwk();
        key["kid"] = "\u{1b}[2J\nok      schema".into();
        tenant.publish_extra_jwk(key);
    };
    let ended = program(odd).run(&["check"]);
    assert!(!ended.stdout.contains('\u{1b}') && lines(&ended, "schema").len() == 1, "{ended:?}");
    assert_eq!(lines(&ended, "key").len(), 3);
}

#[test]
fn each_of_several_issuers_has_its_lines() {
    let (other, down) = (FakeAuth0::start(), FakeAuth0::start());
    down.go_down();
    let setup = program(|_| ());
    let domains = format!("{},{},{}", setup.tenant.domain(), other.domain(), down.domain());
    let ended = setup.with("AUTH0_DOMAIN", &domains).run(&["check"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!((lines(&ended, "issuer").len(), lines(&ended, "key").len(), lines(&ended, "clock").len()), (3, 4, 2));
    let keys = lines(&ended, "keys");
    assert!(keys[0].starts_with("ok") && keys[1].starts_with("ok") && keys[2].starts_with("failed"), "{ended:?}");
    assert!(keys[2].contains(down.issuer()), "{ended:?}");
}

#[test]
fn nothing_secret_is_told() {
    let setup = program(|_| ());
    let (id, secret) = (setup.tenant.client_id(), setup.tenant.client_secret());
    let setup = setup.with("AUTH0_CLIENT_ID", &id).with("AUTH0_CLIENT_SECRET", &secret);
    let nonces = "hush-a-secret-of-the-length-it-takes-to-be-one";
    let setup = setup.with("AUTHSYNC_DPOP", "allowed").with("AUTHSYNC_PUBLIC_URL", "https://api.example.com");
    let setup = setup.with("AUTHSYNC_DPOP_NONCE_SECRET", nonces);
    let ended = setup.with("AUTH0_EVENTS_TOKEN", "hush-hush,hush-later").run(&["check"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let dpop = "ok allowed, proofs for https://api.example.com, good for 60 s, nonces";
    assert_eq!(line(&ended, "dpop"), dpop);
    assert_eq!(line(&ended, "events"), "ok POST /auth0/events is open to 2 bearers");
    for secret in [secret.as_str(), "hush", "eyJ"] {
        assert!(!format!("{ended:?}").contains(secret), "{ended:?}");
    }
}

/// The line about a part that does not work; the others work.
#[track_caller]
fn failed_line(stdout: &str, part: &str) -> String {
    let (failed, well): (Vec<&str>, Vec<&str>) = stdout.lines().partition(|line| line.starts_with("failed"));
    assert_eq!(failed.len(), 1, "{stdout}");
    assert!(!well.is_empty() && well.iter().all(|line| line.starts_with("ok")), "{stdout}");
    assert!(failed[0].contains(part), "{stdout}");
    failed[0].to_owned()
}

#[test]
fn an_issuer_out_of_reach_is_told() {
    let ended = program(FakeAuth0::go_down).run(&["check"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(failed_line(&ended.stdout, "keys").contains("/.well-known/jwks.json"), "{}", ended.stdout);
}

#[test]
fn a_postgres_that_is_not_migrated_is_told_with_what_to_do() {
    let ended = Program::of(Setup::on(ScratchDatabase::postgres())).run(&["check"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(failed_line(&ended.stdout, "schema").contains("authsync migrate up"), "{}", ended.stdout);
    assert!(line(&ended, "database").starts_with("ok PostgreSQL"), "{ended:?}");
}

#[test]
fn a_sqlite_that_is_not_there_yet_is_a_note_and_still_not_there_afterwards() {
    let directory = TempDir::new().expect("a directory");
    let url = format!("sqlite://{}/authsync.db", directory.path().display());
    let ended = Program::on_sqlite().with("DATABASE_URL", &url).run(&["check"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(line(&ended, "database").starts_with("note SQLite 3."), "{ended:?}");
    assert!(line(&ended, "schema").starts_with("note "), "{ended:?}");
    assert!(line(&ended, "schema").ends_with("the server applies them when it starts"), "{ended:?}");
    assert_eq!(std::fs::read_dir(directory.path()).expect("a directory").count(), 0);
}

#[test]
fn a_sqlite_that_is_behind_is_a_note_and_stays_as_it_is() {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("authsync.db");
    std::fs::write(&file, "").expect("a file");
    let url = format!("sqlite://{}", file.display());
    let ended = Program::on_sqlite().with("DATABASE_URL", &url).run(&["check"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(line(&ended, "database").starts_with("ok SQLite 3."), "{ended:?}");
    assert!(line(&ended, "schema").starts_with("note "), "{ended:?}");
    assert_eq!(std::fs::read_dir(directory.path()).expect("a directory").count(), 1);
    assert_eq!(std::fs::read(&file).expect("a file"), b"");
}

#[test]
fn what_can_be_no_sqlite_is_told() {
    let directory = TempDir::new().expect("a directory");
    let text = directory.path().join("notes.txt");
    std::fs::write(&text, "no database at all, but longer than the head of one: ".repeat(20)).expect("a file");
    let nowhere = directory.path().join("no/such/folder/authsync.db");
    for path in [text.as_path(), nowhere.as_path(), directory.path()] {
        let url = format!("sqlite://{}", path.display());
        let ended = Program::on_sqlite().with("DATABASE_URL", &url).run(&["check"]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        failed_line(&ended.stdout, "database");
    }
}

#[test]
fn a_database_out_of_reach_is_told_without_its_password() {
    let url = "postgres://authsync:s3cret-passw0rd@/authsync?host=%2Fno%2Fsuch%2Fdirectory";
    let ended = Program::on_sqlite().with("DATABASE_URL", url).run(&["check"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    failed_line(&ended.stdout, "database");
    assert!(!format!("{ended:?}").contains("s3cret-passw0rd"), "{ended:?}");
}

#[test]
fn a_wrong_configuration_is_reported_as_it_is_at_start() {
    let ended = Program::on_sqlite().with("AUTHSYNC_ALGORITHMS", "none").run(&["check"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("AUTHSYNC_ALGORITHMS"), "{ended:?}");
}
