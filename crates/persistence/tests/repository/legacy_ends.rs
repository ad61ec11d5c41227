//! The end of the password era, and the way back from the middle of it.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use domain::{SchemaState, UnixTime};
use persistence::{LegacyError, MigrateError, Migrator, Newcomers, Phase};
use scratch_database::ScratchDatabase;

use crate::bench::{SaveLogin, SqlBench, patient, record, url};
use crate::legacy_bench::{
    COLUMNS, adopt, go_on, is_sqlite, legacy, on_both_databases, python_table, register, rows, schema, stopped_at,
    value,
};

on_both_databases! {
    the_password_columns_are_dumped_and_dropped,
    what_uses_the_password_columns_is_named_and_nothing_is_dropped,
    a_finish_that_stops_anywhere_is_taken_up_again,
    unlinked_rows_and_files_in_the_way_stop_the_end,
    a_rollback_leaves_schema_and_rows_as_they_were,
    a_rollback_that_stops_anywhere_changes_nothing,
    a_half_adopted_table_is_rolled_back_from_anywhere,
    newcomers_are_not_lost_in_silence,
    what_the_old_application_did_meanwhile_stays,
}

/// A place for dumps that goes away with the test.
struct Folder(ScratchDatabase);

impl Folder {
    fn new() -> Self {
        Self(ScratchDatabase::sqlite())
    }

    fn dump(&self) -> PathBuf {
        PathBuf::from(format!("{}.jsonl", self.0.url().strip_prefix("sqlite://").expect("a path")))
    }
}

fn linked(database: &ScratchDatabase, rows: u32) {
    python_table(database, rows);
    adopt(database);
    let everybody: Vec<i64> = (1..=i64::from(rows)).collect();
    let legacy = legacy(database);
    legacy.mark_imported(&everybody, UnixTime::from_secs(1)).expect("marks");
    legacy.link(UnixTime::from_secs(1), &mut go_on).expect("links");
}

fn the_password_columns_are_dumped_and_dropped(database: ScratchDatabase) {
    linked(&database, 1_100);
    let kept = "id, email, username, full_name, is_active, auth0_id";
    let before = rows(&database, kept);
    let folder = Folder::new();
    let finished = legacy(&database).finish(0, &folder.dump(), &mut go_on).expect("an end");
    assert_eq!((finished.dumped, finished.columns), (1_100, vec!["hashed_password".to_owned()]));
    let dump = std::fs::read_to_string(folder.dump()).expect("a dump");
    assert_eq!(dump.lines().count(), 1_100);
    assert_eq!(dump.lines().nth(6), Some(r#"{"id":7,"hashed_password":"$2b$12$secret7"}"#));
    let mode = std::fs::metadata(folder.dump()).expect("a dump").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!schema(&database).contains("hashed_password"));
    assert_eq!(rows(&database, kept), before);
    let status = legacy(&database).status().expect("an answer");
    assert_eq!((status.phase, status.counts.linked), (Phase::Finished, 1_100));
    let back = legacy(&database).rollback(Newcomers::Drop, &mut go_on);
    assert_eq!(back, Err(LegacyError::Finished));
    let migrator = Migrator::new(url(&database));
    for step in [
        "2026-12-01-000013_find_untrimmed_addresses",
        "2026-12-01-000012_harden_triggers",
        "2026-11-23-000011_insert_new_users_for_less",
        "2026-11-23-000010_insert_new_users",
        "2026-11-23-000009_notify_record_changes",
        "2026-11-23-000008_create_used_proofs",
    ] {
        assert_eq!(migrator.down().expect("a step reverted").as_deref(), Some(step));
    }
    assert_eq!(migrator.down(), Err(MigrateError::FormerlyLegacy));
    migrator.up().expect("the step applied again");
    // Once more is nothing more, and the dump stays.
    let again = legacy(&database).finish(0, &folder.dump(), &mut go_on).expect("an end");
    assert_eq!(again.dumped, 0);
    assert_eq!(std::fs::read_to_string(folder.dump()).expect("a dump"), dump);
    let bench = SqlBench::unmigrated(database, &patient());
    assert_eq!(bench.users.schema_state().expect("an answer"), SchemaState::Current);
    assert!(bench.users.save_login(&record("auth0|new", "new@example.com")).is_ok());
}

fn what_uses_the_password_columns_is_named_and_nothing_is_dropped(database: ScratchDatabase) {
    linked(&database, 3);
    let (made, named) = if is_sqlite(&database) {
        ("CREATE INDEX by_hash ON users (hashed_password)", vec!["index by_hash"])
    } else {
        (
            "ALTER TABLE users ALTER COLUMN hashed_password SET DEFAULT '!', \
                 ADD COLUMN has_password BOOLEAN GENERATED ALWAYS AS (hashed_password IS NOT NULL) STORED; \
             CREATE VIEW hashes AS SELECT id, hashed_password FROM users",
            vec!["has_password", "view hashes"],
        )
    };
    database.execute(made);
    let before = (schema(&database), rows(&database, COLUMNS));
    let found = legacy(&database).inspect(None).expect("an answer").password_column_users;
    assert_eq!(found.len(), named.len(), "{found:?}");
    assert!(named.iter().all(|name| found.iter().any(|found| found.contains(name))), "{found:?}");
    let folder = Folder::new();
    let refused = legacy(&database).finish(0, &folder.dump(), &mut go_on).expect_err("a refusal");
    assert!(matches!(refused, LegacyError::InUse { .. }), "{refused:?}");
    assert!(named.iter().all(|name| refused.to_string().contains(name)), "{refused}");
    assert!(!folder.dump().exists());
    assert_eq!((schema(&database), rows(&database, COLUMNS)), before);
}

fn a_finish_that_stops_anywhere_is_taken_up_again(database: ScratchDatabase) {
    linked(&database, 1_100);
    let folder = Folder::new();
    let mut stops = 0;
    while let Some(error) = stopped_at(stops, |listener| legacy(&database).finish(0, &folder.dump(), listener)) {
        assert!(matches!(error, LegacyError::Stopped { .. }), "{error:?}");
        assert!(schema(&database).contains("hashed_password"));
        stops += 1;
    }
    assert!(stops >= 5, "{stops}");
    assert_eq!(std::fs::read_to_string(folder.dump()).expect("a dump").lines().count(), 1_100);
    assert!(!schema(&database).contains("hashed_password"));
}

fn unlinked_rows_and_files_in_the_way_stop_the_end(database: ScratchDatabase) {
    python_table(&database, 20);
    let folder = Folder::new();
    let finish = |accepted| legacy(&database).finish(accepted, &folder.dump(), &mut go_on);
    assert_eq!(finish(20), Err(LegacyError::NotAdopted));
    adopt(&database);
    assert_eq!(finish(19), Err(LegacyError::StillUnlinked { unlinked: 20, accepted: 19 }));
    std::fs::write(folder.dump(), "somebody's").expect("a file");
    assert_eq!(finish(20), Err(LegacyError::DumpExists));
    assert_eq!(std::fs::read_to_string(folder.dump()).expect("a file"), "somebody's");
    let nowhere = folder.dump().join("missing/dump.jsonl");
    let outcome = legacy(&database).finish(20, &nowhere, &mut go_on);
    assert!(matches!(outcome, Err(LegacyError::Dump { .. })), "{outcome:?}");
    assert_eq!(value(&database, "hashed_password", 7).as_deref(), Some("$2b$12$secret7"));
    std::fs::remove_file(folder.dump()).expect("no file");
    assert_eq!(finish(20).expect("an end").dumped, 20);
}

fn a_rollback_leaves_schema_and_rows_as_they_were(database: ScratchDatabase) {
    python_table(&database, 1_100);
    let before = (schema(&database), rows(&database, COLUMNS));
    adopt(&database);
    let legacy = legacy(&database);
    legacy.mark_imported(&(1..500).collect::<Vec<_>>(), UnixTime::from_secs(1)).expect("marks");
    legacy.link(UnixTime::from_secs(1), &mut go_on).expect("links");
    let back = legacy.rollback(Newcomers::Refuse, &mut go_on).expect("the way back");
    assert_eq!((back.dropped, back.kept, back.left), (0, 0, vec![]));
    assert_eq!((schema(&database), rows(&database, COLUMNS)), before);
    assert_eq!(legacy.rollback(Newcomers::Refuse, &mut go_on), Err(LegacyError::NotAdopted));
    register(&database, "'late@example.com'", "late");
    assert_eq!(value(&database, "username", 1_101).as_deref(), Some("late"));
    // And forth again.
    assert_eq!(adopt(&database).rows, 1_101);
}

fn a_rollback_that_stops_anywhere_changes_nothing(database: ScratchDatabase) {
    python_table(&database, 200);
    let before = (schema(&database), rows(&database, COLUMNS));
    adopt(&database);
    let adopted = (schema(&database), rows(&database, COLUMNS));
    let mut stops = 0;
    while let Some(error) = stopped_at(stops, |listener| legacy(&database).rollback(Newcomers::Refuse, listener)) {
        assert!(matches!(error, LegacyError::Stopped { .. }), "{error:?}");
        assert_eq!((schema(&database), rows(&database, COLUMNS)), adopted, "after a stop at {stops}");
        stops += 1;
    }
    assert!(stops >= 5, "{stops}");
    assert_eq!((schema(&database), rows(&database, COLUMNS)), before);
}

fn a_half_adopted_table_is_rolled_back_from_anywhere(database: ScratchDatabase) {
    python_table(&database, 1_100);
    let before = (schema(&database), rows(&database, COLUMNS));
    for stops in 0.. {
        let stopped = stopped_at(stops, |listener| legacy(&database).adopt(listener));
        match legacy(&database).rollback(Newcomers::Refuse, &mut go_on) {
            Ok(back) => assert_eq!(back.left, [""; 0]),
            Err(error) => assert_eq!(error, LegacyError::NotAdopted),
        }
        assert_eq!((schema(&database), rows(&database, COLUMNS)), before, "after a stop at {stops}");
        if stopped.is_none() {
            assert!(stops >= 15, "{stops}");
            break;
        }
    }
}

fn newcomers_are_not_lost_in_silence(database: ScratchDatabase) {
    python_table(&database, 20);
    let before = (schema(&database), rows(&database, COLUMNS));
    adopt(&database);
    let bench = SqlBench::unmigrated(database, &patient());
    bench.users.save_login(&record("auth0|x", "new@example.com")).expect("a saved user");
    drop(bench.users);
    let database = bench.database;
    let back = |newcomers| legacy(&database).rollback(newcomers, &mut go_on);
    let order = "INSERT INTO orders (user_id) VALUES (21)";
    assert_eq!(back(Newcomers::Refuse), Err(LegacyError::Newcomers { count: 1 }));
    database.execute(order);
    assert_eq!(back(Newcomers::Drop), Err(LegacyError::NewcomersReferenced { table: "orders".to_owned() }));
    assert_eq!(value(&database, "email", 21).as_deref(), Some("new@example.com"));
    database.execute("DELETE FROM orders WHERE user_id = 21");
    assert_eq!(back(Newcomers::Drop).expect("the way back").dropped, 1);
    assert_eq!((schema(&database), rows(&database, COLUMNS)), before);

    adopt(&database);
    let bench = SqlBench::unmigrated(database, &patient());
    bench.users.save_login(&record("auth0|x", "new@example.com")).expect("a saved user");
    drop(bench.users);
    let database = bench.database;
    let kept = legacy(&database).rollback(Newcomers::Keep, &mut go_on).expect("the way back");
    assert_eq!((kept.kept, kept.left.len()), (1, 3));
    let newest = "SELECT email FROM users ORDER BY id DESC LIMIT 1";
    assert_eq!(database.scalar(newest).as_deref(), Some("new@example.com"));
}

fn what_the_old_application_did_meanwhile_stays(database: ScratchDatabase) {
    python_table(&database, 200);
    adopt(&database);
    register(&database, "NULL", "late");
    database.execute("UPDATE users SET email = 'mine@example.com' WHERE id = 100");
    database.execute("DELETE FROM users WHERE id = 199");
    legacy(&database).rollback(Newcomers::Refuse, &mut go_on).expect("the way back");
    assert_eq!(value(&database, "email", 100).as_deref(), Some("mine@example.com"));
    assert_eq!(value(&database, "email", 200).as_deref(), Some("USER150@EXAMPLE.com"));
    assert_eq!(value(&database, "email", 103).as_deref(), Some("  user103@example.com "));
    assert_eq!(value(&database, "email", 201), None);
    assert_eq!(value(&database, "username", 201).as_deref(), Some("late"));
    assert_eq!(value(&database, "id", 199), None);
    // An address that somebody else took meanwhile is nothing to guess about.
    if !is_sqlite(&database) {
        adopt(&database);
        database.execute(
            "UPDATE users SET email = 'x@y' WHERE id = 150; UPDATE users SET email = 'USER150@EXAMPLE.com' WHERE id = 5",
        );
        let refused = legacy(&database).rollback(Newcomers::Refuse, &mut go_on).expect_err("a refusal");
        assert!(matches!(refused, LegacyError::TableChanged { .. }), "{refused:?}");
    }
}
