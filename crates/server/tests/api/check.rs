//! `authsync check`.

use scratch_database::ScratchDatabase;

use crate::databases::{migrate_up, on_both_databases};
use crate::program::Program;
use crate::spawn::Setup;

on_both_databases! {
    all_is_well,
}

fn all_is_well(setup: Setup) {
    migrate_up(&setup.database);
    let ended = Program::of(setup).run(&["check"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    for part in ["configuration", "keys", "database"] {
        let line = ended.stdout.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("{part}: {ended:?}"));
        assert!(line.starts_with("ok"), "{line}");
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
    let setup = Setup::on_sqlite();
    migrate_up(&setup.database);
    setup.tenant.go_down();
    let ended = Program::of(setup).run(&["check"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(failed_line(&ended.stdout, "keys").contains("/.well-known/jwks.json"), "{}", ended.stdout);
}

#[test]
fn a_postgres_that_is_not_migrated_is_told_with_what_to_do() {
    let ended = Program::of(Setup::on(ScratchDatabase::postgres())).run(&["check"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(failed_line(&ended.stdout, "database").contains("authsync migrate up"), "{}", ended.stdout);
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
