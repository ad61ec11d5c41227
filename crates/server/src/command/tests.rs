//! The grammar, line by line.

use std::ffi::OsString;
use std::path::PathBuf;

use persistence::Newcomers;

use super::*;

fn parse(line: &str) -> Result<Command, UsageError> {
    Command::parse(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>())
}

fn url(text: &str) -> Option<DatabaseUrl> {
    Some(DatabaseUrl::parse(text).expect("a URL"))
}

fn migrate(action: MigrateAction, database_url: Option<DatabaseUrl>) -> Result<Command, UsageError> {
    Ok(Command::Migrate { action, database_url })
}

fn legacy(action: LegacyAction) -> Result<Command, UsageError> {
    Ok(Command::Legacy(LegacyCommand::Local { action, database_url: None }))
}

#[test]
fn every_command_is_understood() {
    assert_eq!(parse(""), Ok(Command::Serve));
    assert_eq!(parse("serve"), Ok(Command::Serve));
    assert_eq!(parse("check"), Ok(Command::Check { rehearse_rotation: false }));
    assert_eq!(parse("check --rehearse-rotation"), Ok(Command::Check { rehearse_rotation: true }));
    assert_eq!(parse("migrate up"), migrate(MigrateAction::Up, None));
    assert_eq!(parse("migrate down"), migrate(MigrateAction::Down, None));
    assert_eq!(parse("migrate status"), migrate(MigrateAction::Status, None));
    assert_eq!(parse("backfill"), Ok(Command::Backfill(BackfillOptions::default())));
    assert_eq!(parse("reconcile"), Ok(Command::Reconcile(ReconcileOptions::default())));
    assert_eq!(parse("events pull"), Ok(Command::Events(EventsAction::Pull)));
    assert_eq!(parse("--version"), Ok(Command::Version));
    assert_eq!(parse("-V"), Ok(Command::Version));
}

#[test]
fn every_option_of_backfill_and_reconcile_is_understood() {
    let options = BackfillOptions { connection: Some("con_0".to_owned()), restart: true };
    assert_eq!(parse("backfill --connection con_0 --restart"), Ok(Command::Backfill(options.clone())));
    assert_eq!(parse("backfill --restart --connection=con_0"), Ok(Command::Backfill(options)));
    let options = ReconcileOptions { dry_run: true, format: Format::Json };
    assert_eq!(parse("reconcile --dry-run --format json"), Ok(Command::Reconcile(options)));
    let options = ReconcileOptions { dry_run: false, format: Format::Table };
    assert_eq!(parse("reconcile --format=table"), Ok(Command::Reconcile(options)));
}

#[test]
fn dead_letters_are_listed_and_retried() {
    let list = |format, database_url| Ok(Command::Events(EventsAction::ListDeadLetters { format, database_url }));
    assert_eq!(parse("events dead-letters list"), list(Format::Table, None));
    let line = "events dead-letters list --database-url sqlite://a.db --format json";
    assert_eq!(parse(line), list(Format::Json, url("sqlite://a.db")));
    let retry = |database_url| Ok(Command::Events(EventsAction::RetryDeadLetters { database_url }));
    assert_eq!(parse("events dead-letters retry"), retry(None));
    assert_eq!(parse("events dead-letters retry --database-url=sqlite://a.db"), retry(url("sqlite://a.db")));
}

#[test]
fn every_step_of_the_legacy_migration_is_understood() {
    let column = || Some("pw".to_owned());
    assert_eq!(parse("legacy plan"), legacy(LegacyAction::Plan { password_column: None, format: Format::Table }));
    assert_eq!(
        parse("legacy plan --password-column pw --format json"),
        legacy(LegacyAction::Plan { password_column: column(), format: Format::Json })
    );
    assert_eq!(parse("legacy adopt --password-column=pw"), legacy(LegacyAction::Adopt { password_column: column() }));
    let (out, dir) = (PathBuf::from("a/b"), PathBuf::from("a/b"));
    assert_eq!(parse("legacy export --out a/b"), legacy(LegacyAction::Export { out, password_column: None }));
    assert_eq!(
        parse("legacy import --dir a/b --connection con_0"),
        Ok(Command::Legacy(LegacyCommand::Import { dir, connection: "con_0".to_owned() }))
    );
    assert_eq!(parse("legacy link"), legacy(LegacyAction::Link { uploaded: None }));
    let uploaded = Some(PathBuf::from("out"));
    assert_eq!(parse("legacy link --uploaded out"), legacy(LegacyAction::Link { uploaded }));
    let finish = |accept_unlinked, dump, password_column| {
        legacy(LegacyAction::Finish { accept_unlinked, dump, password_column })
    };
    assert_eq!(parse("legacy finish"), finish(0, None, None));
    assert_eq!(
        parse("legacy finish --accept-unlinked 7 --dump d.sql --password-column pw"),
        finish(7, Some(PathBuf::from("d.sql")), column())
    );
    for (words, newcomers) in [
        ("legacy rollback", Newcomers::Refuse),
        ("legacy rollback --newcomers keep", Newcomers::Keep),
        ("legacy rollback --newcomers drop", Newcomers::Drop),
    ] {
        assert_eq!(parse(words), legacy(LegacyAction::Rollback { newcomers }));
    }
    assert_eq!(parse("legacy status --format json"), legacy(LegacyAction::Status { format: Format::Json }));
    let link =
        LegacyCommand::Local { action: LegacyAction::Link { uploaded: None }, database_url: url("sqlite://a.db") };
    assert_eq!(parse("legacy link --database-url sqlite://a.db"), Ok(Command::Legacy(link)));
}

#[test]
fn a_database_may_be_named_before_or_after_the_direction() {
    let expected = migrate(MigrateAction::Up, url("sqlite://a.db"));
    assert_eq!(parse("migrate up --database-url sqlite://a.db"), expected);
    assert_eq!(parse("migrate --database-url sqlite://a.db up"), expected);
    assert_eq!(parse("migrate up --database-url=sqlite://a.db"), expected);
}

#[test]
fn help_is_given_wherever_it_is_asked_for() {
    for line in [
        "--help",
        "-h",
        "help",
        "help legacy",
        "serve --help",
        "migrate --help",
        "migrate up -h",
        "legacy export --help",
        "events dead-letters -h",
        "nonsense --help",
    ] {
        assert_eq!(parse(line), Ok(Command::Help), "{line}");
    }
}

#[test]
fn anything_else_is_refused() {
    for line in [
        "server",
        "serve now",
        "check --fast",
        "check now",
        "check --rehearse-rotation=yes",
        "--verbose",
        "up",
        "migrate",
        "migrate sideways",
        "migrate up down",
        "migrate up 3",
        "migrate --database-url sqlite://a.db",
        "migrate up --database-url",
        "migrate up --database-url mysql://a",
        "migrate up --database-urls sqlite://a.db",
        "migrate up --database-url sqlite://a.db --database-url sqlite://b.db",
        "backfill now",
        "backfill --restart=yes",
        "backfill --restart --restart",
        "backfill --connection",
        "backfill --connection=",
        "backfill --database-url sqlite://a.db",
        "reconcile --dry",
        "reconcile --format",
        "reconcile --format yaml",
        "reconcile -n",
        "events",
        "events push",
        "events pull now",
        "events dead-letters",
        "events dead-letters drop",
        "events dead-letters retry --format json",
        "legacy",
        "legacy begin",
        "legacy export",
        "legacy export --out=",
        "legacy import --dir a",
        "legacy import --connection con_0",
        "legacy import --dir a --connection con_0 --database-url sqlite://a.db",
        "legacy finish --accept-unlinked some",
        "legacy finish --accept-unlinked -1",
        "legacy status plan",
        "legacy rollback --newcomers some",
        "legacy link --uploaded",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn an_error_says_what_is_wrong_and_repeats_a_plain_word() {
    for (line, complaint) in [
        ("server", "unknown command `server`"),
        ("serve --fast", "unexpected argument `--fast` to serve"),
        ("migrate sideways", "migrate takes up, down or status"),
        ("backfill --restart=yes", "--restart takes no value"),
        ("reconcile --format yaml", "--format takes table or json"),
        ("reconcile --format table --format json", "--format is given twice"),
        ("legacy export", "legacy export needs --out: the directory to write to"),
        ("events dead-letters", "events dead-letters takes list or retry"),
    ] {
        assert_eq!(parse(line).expect_err(line).to_string(), complaint);
    }
}

#[test]
fn an_error_never_shows_what_may_hold_a_password() {
    for line in [
        "postgres://u:hunter2@host/db",
        "serve postgres://u:hunter2@host/db",
        "migrate up postgres://u:hunter2@host/db",
        "migrate --url=postgres://u:hunter2@host/db up",
        "migrate up --database-url mysql://u:hunter2@host/db",
        "backfill --restart=postgres://u:hunter2@host/db",
        "legacy plan --database-url mysql://u:hunter2@host/db",
        "reconcile --format postgres://u:hunter2@host/db",
    ] {
        let error = parse(line).expect_err("wrong arguments");
        assert!(!error.to_string().contains("hunter2") && !format!("{error:?}").contains("hunter2"), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_not_utf_8_is_refused_unless_it_is_a_path() {
    use std::os::unix::ffi::OsStringExt;
    let garbled = || OsString::from_vec(vec![0xff]);
    let parse = |arguments: &[OsString]| Command::parse(arguments);
    assert!(parse(&[garbled()]).is_err());
    assert!(parse(&["migrate".into(), garbled()]).is_err());
    assert!(parse(&["migrate".into(), "up".into(), "--database-url".into(), garbled()]).is_err());
    assert!(parse(&["backfill".into(), "--connection".into(), garbled()]).is_err());
    let export = parse(&["legacy".into(), "export".into(), "--out".into(), garbled()]);
    assert_eq!(export, legacy(LegacyAction::Export { out: garbled().into(), password_column: None }));
}
