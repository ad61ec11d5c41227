//! The columns `created_at` and `updated_at` of adopted tables.

use domain::UnixTime;
use persistence::Newcomers;
use scratch_database::ScratchDatabase;

use crate::bench::{LoginRecord, SaveLogin, SqlBench, name, patient, record};
use crate::legacy_bench::{adopt, go_on, is_sqlite, legacy, on_both_databases, schema, value};

on_both_databases! {
    times_of_any_type_are_no_obstacle,
    newcomers_have_times_where_the_application_gave_them_by_itself,
}

/// A table with these columns beside the usual ones, and two users.
fn table(database: &ScratchDatabase, columns: &str, names: &str, values: &str) {
    let key = if is_sqlite(database) { "id INTEGER PRIMARY KEY AUTOINCREMENT" } else { "id SERIAL PRIMARY KEY" };
    database.execute(&format!(
        "CREATE TABLE users ({key}, email TEXT UNIQUE NOT NULL, hashed_password TEXT, {columns});
         INSERT INTO users (email, hashed_password, {names}) VALUES ('ann@example.com', 'x', {values});
         INSERT INTO users (email, hashed_password, {names}) VALUES ('bob@example.com', 'x', {values})"
    ));
}

fn times_of_any_type_are_no_obstacle(database: ScratchDatabase) {
    let updated = if is_sqlite(&database) { "TEXT" } else { "TIMESTAMP" };
    for created in ["TEXT", "DATE", "INTEGER", "VARCHAR(40)"] {
        let value = if created == "INTEGER" { "7" } else { "'2024-01-01'" };
        let columns = format!("created_at {created}, updated_at {updated}");
        let fresh = if is_sqlite(&database) { ScratchDatabase::sqlite() } else { ScratchDatabase::postgres() };
        table(&fresh, &columns, "created_at, updated_at", &format!("{value}, '2024-01-01'"));
        let before = (schema(&fresh), crate::legacy_bench::value(&fresh, "created_at", 1));
        adopt(&fresh);
        let bench = SqlBench::unmigrated(fresh, &patient());
        bench.users.save_login(&record("google-oauth2|1", "new@example.com")).expect("a saved user");
        let renamed = LoginRecord { name: name("Renamed"), ..record("google-oauth2|1", "new@example.com") };
        bench.users.save_login(&renamed).expect("a saved user");
        drop(bench.users);
        legacy(&bench.database).rollback(Newcomers::Drop, &mut go_on).expect("the way back");
        let after = (schema(&bench.database), crate::legacy_bench::value(&bench.database, "created_at", 1));
        assert_eq!(after, before, "{created}");
    }
}

fn newcomers_have_times_where_the_application_gave_them_by_itself(database: ScratchDatabase) {
    let time = if is_sqlite(&database) { "DATETIME" } else { "TIMESTAMP" };
    table(
        &database,
        &format!("created_at {time} NOT NULL, updated_at {time}"),
        "created_at, updated_at",
        "'2024-01-01 10:00:00.123456', '2024-01-01 10:00:00.123456'",
    );
    let before = (schema(&database), value(&database, "created_at", 1));
    adopt(&database);
    let bench = SqlBench::unmigrated(database, &patient());
    bench.users.save_login(&record("google-oauth2|1", "new@example.com")).expect("a saved user");
    let this_century =
        |column: &str| bench.column(column, "google-oauth2|1").is_some_and(|time| time.starts_with("20"));
    assert!(this_century("created_at") && this_century("updated_at"));
    assert_eq!(value(&bench.database, "created_at", 1), before.1);
    drop(bench.users);
    legacy(&bench.database).rollback(Newcomers::Keep, &mut go_on).expect("the way back");
    assert_eq!((schema(&bench.database), value(&bench.database, "created_at", 1)), before);
}

/// The form in which SQLAlchemy writes and reads times.
const ALCHEMY: &str = "____-__-__ __:__:__.______";

/// How many rows hold no time of this form.
fn of_other_forms(database: &ScratchDatabase, column: &str, form: &str) -> Option<String> {
    database.scalar(&format!("SELECT count(*) FROM users WHERE {column} IS NULL OR {column} NOT LIKE '{form}'"))
}

fn linked_and_synced(database: ScratchDatabase) -> SqlBench {
    adopt(&database);
    legacy(&database).mark_imported(&[1], UnixTime::from_secs(1)).expect("marks");
    legacy(&database).link(UnixTime::from_secs(1), &mut go_on).expect("links");
    let bench = SqlBench::unmigrated(database, &patient());
    for (subject, address) in [("auth0|1", "ann@example.com"), ("google-oauth2|1", "new@example.com")] {
        bench.users.save_login(&record(subject, address)).expect("a saved user");
        let renamed = LoginRecord { name: name("Renamed"), ..record(subject, address) };
        bench.users.save_login(&renamed).expect("a saved user");
    }
    bench
}

#[test]
fn the_old_application_can_read_the_times_that_are_written_on_sqlite() {
    let database = ScratchDatabase::sqlite();
    let old = "'2024-01-01 10:00:00.123456', '2024-01-01 10:00:00.123456'";
    table(&database, "created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL", "created_at, updated_at", old);
    let bench = linked_and_synced(database);
    for column in ["created_at", "updated_at"] {
        assert_eq!(of_other_forms(&bench.database, column, ALCHEMY).as_deref(), Some("0"));
    }
    assert_ne!(value(&bench.database, "updated_at", 1).as_deref(), Some("2024-01-01 10:00:00.123456"));
    // Nor does the end of the migration change what the application reads.
    let dump = format!("{}.jsonl", bench.database.url().strip_prefix("sqlite://").expect("a path"));
    legacy(&bench.database).finish(1, dump.as_ref(), &mut go_on).expect("an end");
    let again = LoginRecord { name: name("Renamed again"), ..record("auth0|1", "ann@example.com") };
    bench.users.save_login(&again).expect("a saved user");
    assert_eq!(of_other_forms(&bench.database, "updated_at", ALCHEMY).as_deref(), Some("0"));
}

#[test]
fn times_of_another_form_keep_it_on_sqlite() {
    for (old, form) in [
        ("2024-01-01T10:00:00.123456", "____-__-__T__:__:__.______"),
        ("2024-01-01T10:00:00.123456+00:00", "____-__-__T__:__:__.______+00:00"),
        ("2024-01-01T10:00:00.123Z", "____-__-__T__:__:__.%Z"),
    ] {
        let database = ScratchDatabase::sqlite();
        table(&database, "updated_at TEXT", "updated_at", &format!("'{old}'"));
        let bench = linked_and_synced(database);
        assert_eq!(of_other_forms(&bench.database, "updated_at", form).as_deref(), Some("0"), "{old}");
    }
}

#[test]
fn times_that_the_adoption_adds_are_of_a_form_that_old_applications_read_on_sqlite() {
    let database = ScratchDatabase::sqlite();
    table(&database, "note TEXT", "note", "NULL");
    let bench = linked_and_synced(database);
    for column in ["created_at", "updated_at"] {
        let found = bench.column(column, "google-oauth2|1").expect("a time");
        assert!(found.len() == 26 && found.as_bytes()[10] == b' ' && !found.ends_with('Z'), "{found}");
    }
}
