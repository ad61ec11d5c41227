//! Expanding a users table of the password era.

use std::sync::atomic::{AtomicBool, Ordering};

use domain::SchemaState;
use persistence::{Era, LegacyError, MigrateError, Migrator, Obstacle};
use scratch_database::ScratchDatabase;

use crate::bench::{SaveLogin, SqlBench, patient, record, url};
use crate::legacy_bench::{
    COLUMNS, adopt, is_sqlite, legacy, on_both_databases, python_table, register, rows, schema, stopped_at, value,
};

on_both_databases! {
    a_table_of_two_thousand_users_is_adopted_and_keeps_its_ids,
    an_adoption_that_stops_anywhere_is_taken_up_again,
    the_old_application_registers_users_during_and_after_the_adoption,
    authsync_saves_users_into_an_adopted_table,
    migrate_up_adopts_and_never_goes_down,
    a_table_that_cannot_be_adopted_is_named_and_left_alone,
    a_second_adoption_changes_nothing,
}

fn a_table_of_two_thousand_users_is_adopted_and_keeps_its_ids(database: ScratchDatabase) {
    python_table(&database, 2_000);
    let kept = "id, hashed_password, username, full_name, is_active, manager_id";
    let before = rows(&database, kept);
    let adopted = adopt(&database);
    assert_eq!((adopted.rows, adopted.displaced, adopted.applied.len()), (2_000, 80, 13));
    assert_eq!(rows(&database, kept), before);
    assert_eq!(value(&database, "auth0_id", 77).as_deref(), Some("legacy|77"));
    assert_eq!(value(&database, "name", 77).as_deref(), Some("Ann  No77"));
    assert_eq!(value(&database, "email", 77).as_deref(), Some("User77@Example.com"));
    for (id, old) in [(100, Some("USER50@EXAMPLE.com")), (101, None), (102, Some("nonsense 102"))] {
        assert_eq!(value(&database, "email", id), Some(format!("user-{id}@displaced.invalid")));
        let noted = database.scalar(&format!("SELECT email FROM legacy_users WHERE user_id = {id} AND displaced"));
        assert_eq!(noted.as_deref(), old);
    }
    assert_eq!(value(&database, "email", 103).as_deref(), Some("user103@example.com"));
    assert_eq!(value(&database, "email", 50).as_deref(), Some("User50@Example.com"));
    let open = "SELECT count(*) FROM users WHERE auth0_id IS NULL OR email IS NULL OR email_verified";
    assert_eq!(database.scalar(open).as_deref(), Some("0"));
    let bench = SqlBench::unmigrated(database, &patient());
    assert_eq!(bench.users.schema_state().expect("an answer"), SchemaState::Current);
    bench.database.execute("INSERT INTO orders (user_id) VALUES (2000)");
    let inspection = legacy(&bench.database).inspect(None).expect("an answer");
    assert_eq!((inspection.era, inspection.clashes.count, inspection.email_faults.count), (Era::Adopted, 0, 0));
}

fn an_adoption_that_stops_anywhere_is_taken_up_again(database: ScratchDatabase) {
    let columns = format!("{COLUMNS}, auth0_id, name, picture, email_verified");
    python_table(&database, 1_100);
    adopt(&database);
    let whole = (schema(&database), rows(&database, &columns));
    let mut stops = 0;
    loop {
        let fresh = if is_sqlite(&database) { ScratchDatabase::sqlite() } else { ScratchDatabase::postgres() };
        python_table(&fresh, 1_100);
        match stopped_at(stops, |listener| legacy(&fresh).adopt(listener)) {
            Some(error) => assert!(matches!(error, LegacyError::Stopped { .. }), "{error:?}"),
            None => break,
        }
        adopt(&fresh);
        assert_eq!((schema(&fresh), rows(&fresh, &columns)), whole, "after a stop at {stops}");
        stops += 1;
    }
    assert!(stops >= 15, "{stops}");
}

fn the_old_application_registers_users_during_and_after_the_adoption(database: ScratchDatabase) {
    python_table(&database, 1_100);
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // An end of its own, should the adoption fail; SQLite lets only one of them write at a time.
            (1_101..1_201)
                .inspect(|id| register(&database, &format!("'New{id}@example.com'"), &format!("n{id}")))
                .take_while(|_| !ended.load(Ordering::Relaxed))
                .for_each(drop);
        });
        adopt(&database);
        ended.store(true, Ordering::Relaxed);
    });
    let mut registered: u32 =
        database.scalar("SELECT max(id) FROM users").and_then(|id| id.parse().ok()).expect("a number");
    assert!(registered > 1_100);
    for email in ["'Late@example.com'", "NULL", "'no address'", "'a@b@c'"] {
        registered += 1;
        register(&database, email, &format!("n{registered}"));
    }
    let all = "SELECT count(*) FROM users WHERE auth0_id = 'legacy|' || id AND name IS NOT NULL";
    assert_eq!(database.scalar(all), Some(registered.to_string()));
    assert_eq!(value(&database, "email", registered - 3).as_deref(), Some("Late@example.com"));
    assert_eq!(value(&database, "email", registered - 2), Some(format!("user-{}@displaced.invalid", registered - 2)));
    assert_eq!(value(&database, "email", registered), Some(format!("user-{registered}@displaced.invalid")));
    let noted = format!("SELECT email FROM legacy_users WHERE user_id = {} AND displaced", registered - 1);
    assert_eq!(database.scalar(&noted).as_deref(), Some("no address"));
    let newcomers = "SELECT count(*) FROM legacy_users WHERE newcomer";
    assert_eq!(database.scalar(newcomers).as_deref(), Some("0"));
    database.execute("UPDATE users SET email = NULL WHERE id = 7");
    assert_eq!(value(&database, "email", 7).as_deref(), Some("user-7@displaced.invalid"));
}

fn authsync_saves_users_into_an_adopted_table(database: ScratchDatabase) {
    python_table(&database, 300);
    adopt(&database);
    let bench = SqlBench::unmigrated(database, &patient());
    let saved = bench.users.save_login(&record("google-oauth2|1", "new@example.com"));
    assert!(saved.is_ok(), "{saved:?}");
    assert_eq!(bench.column("id", "google-oauth2|1").as_deref(), Some("301"));
    let newcomers = "SELECT count(*) FROM legacy_users WHERE newcomer AND user_id = 301";
    assert_eq!(bench.database.scalar(newcomers).as_deref(), Some("1"));
    // Held by a row in mixed case.
    let taken = bench.users.save_login(&record("google-oauth2|2", "user77@example.com"));
    assert!(matches!(taken, Err(domain::RepositoryError::EmailTaken)), "{taken:?}");
}

fn migrate_up_adopts_and_never_goes_down(database: ScratchDatabase) {
    python_table(&database, 20);
    let migrator = Migrator::new(url(&database));
    assert_eq!(migrator.up().expect("an adoption").len(), 13);
    // What came after the adoption's own steps has nothing to do with it.
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
    let before = (schema(&database), rows(&database, COLUMNS));
    let refused = migrator.down().expect_err("a refusal");
    assert_eq!(refused, MigrateError::Adopted);
    assert!(refused.to_string().contains("authsync legacy rollback"), "{refused}");
    assert_eq!((schema(&database), rows(&database, COLUMNS)), before);
}

fn a_table_that_cannot_be_adopted_is_named_and_left_alone(database: ScratchDatabase) {
    let uuid = if is_sqlite(&database) { "CHAR(32)" } else { "uuid" };
    for (table, expected) in [
        (format!("id {uuid} PRIMARY KEY, email TEXT"), Obstacle::IdType { found: uuid.to_owned() }),
        ("id INTEGER PRIMARY KEY, login TEXT".to_owned(), Obstacle::NoEmail),
        ("number INTEGER PRIMARY KEY, email TEXT".to_owned(), Obstacle::NoId),
    ] {
        database.execute(&format!("DROP TABLE IF EXISTS users; CREATE TABLE users ({table})"));
        let before = schema(&database);
        let refused = legacy(&database).adopt(&mut crate::legacy_bench::go_on).expect_err("an obstacle");
        assert!(matches!(&refused, LegacyError::Obstacles(found) if found.contains(&expected)), "{refused:?}");
        assert_eq!(Migrator::new(url(&database)).up(), Err(MigrateError::NotAdopted(refused)));
        assert_eq!(legacy(&database).inspect(None).expect("an answer").era, Era::Password);
        assert_eq!(schema(&database), before);
    }
    // One of users, and in need of a hand.
    database.execute("DROP TABLE users");
    python_table(&database, 5);
    database.execute("ALTER TABLE users ADD COLUMN deleted_at TEXT");
    let before = (schema(&database), rows(&database, COLUMNS));
    let refused = Migrator::new(url(&database)).up().expect_err("an obstacle");
    assert!(refused.to_string().contains("deleted_at has a name that authsync needs"), "{refused}");
    assert_eq!((schema(&database), rows(&database, COLUMNS)), before);
}

fn a_second_adoption_changes_nothing(database: ScratchDatabase) {
    python_table(&database, 200);
    adopt(&database);
    let before = (schema(&database), rows(&database, &format!("{COLUMNS}, auth0_id")));
    let again = adopt(&database);
    assert_eq!((again.applied, again.rows), (vec![], 200));
    assert_eq!((schema(&database), rows(&database, &format!("{COLUMNS}, auth0_id"))), before);
}
