//! What holds on both databases and can only be seen, or brought about, from outside of the repository: other programs'
//! rows, timestamps, a table that is not there.

use domain::{RepositoryError, Saved, SchemaState};
use persistence::{Database, Migrator};
use scratch_database::ScratchDatabase;

use crate::bench::{
    Evidence, LoginRecord, SaveLogin as _, SqlBench, created_id, email, everything_said, is_unavailable, name, patient,
    record, subject, url,
};

macro_rules! on_both_databases {
    ($($case:ident,)+) => {
        mod sqlite { $(#[test] fn $case() { super::$case(&crate::bench::SqlBench::sqlite()); })+ }
        mod postgres { $(#[test] fn $case() { super::$case(&crate::bench::SqlBench::postgres()); })+ }
    };
}

on_both_databases! {
    a_thousand_repeated_saves_leave_updated_at_and_the_next_id_alone,
    a_change_moves_updated_at_and_leaves_created_at_alone,
    a_refused_change_leaves_updated_at_alone,
    a_row_that_another_program_inserts_without_our_columns_is_whole,
    a_mixed_case_row_of_another_program_is_found_and_counts_as_unchanged,
    a_mixed_case_row_of_another_program_holds_its_address,
    other_programs_cannot_insert_one_address_in_two_cases,
    other_programs_cannot_store_256_characters,
    a_row_that_breaks_a_rule_is_a_failure_and_its_value_is_not_said,
    a_constraint_that_somebody_added_is_a_failure_and_the_row_is_not_said,
    a_step_that_is_not_applied_is_pending,
    a_step_of_a_newer_version_is_fine,
}

const LONG_AGO: &str = "UPDATE users SET created_at = '2001-01-01T00:00:00Z', updated_at = '2001-01-01T00:00:00Z'";

fn timestamps(bench: &SqlBench) -> (Option<String>, Option<String>) {
    (bench.column("created_at", "auth0|1"), bench.column("updated_at", "auth0|1"))
}

/// Inserts as a program does that knows the columns of the requirements alone.
fn insert(bench: &SqlBench, address: &str, subject: &str) {
    bench.database.execute(&format!(
        "INSERT INTO users (email, name, auth0_id) VALUES ('{address}', 'From Elsewhere', '{subject}')"
    ));
}

fn a_thousand_repeated_saves_leave_updated_at_and_the_next_id_alone(bench: &SqlBench) {
    let record_of_ann = record("auth0|1", "ann@example.com");
    let id = created_id(bench.users.save_login(&record_of_ann));
    bench.database.execute(LONG_AGO);
    let before = timestamps(bench);
    for _ in 0..1_000 {
        assert!(matches!(bench.users.save_login(&record_of_ann), Ok(Saved::Unchanged(_))));
    }
    assert_eq!(timestamps(bench), before);
    assert_eq!(created_id(bench.users.save_login(&record("auth0|2", "bob@example.com"))), id + 1);
}

fn a_change_moves_updated_at_and_leaves_created_at_alone(bench: &SqlBench) {
    bench.users.save_login(&record("auth0|1", "ann@example.com")).expect("a saved user");
    let created = timestamps(bench);
    bench.database.execute(LONG_AGO);
    let before = timestamps(bench);
    bench.users.save_login(&record("auth0|1", "ann@example.org")).expect("a saved user");
    let after = timestamps(bench);
    assert_eq!(after.0, before.0);
    // Both are UTC in one form, so the texts sort as the moments do.
    assert!(after.1 >= created.1 && created.1 > before.1, "{before:?} {created:?} {after:?}");
    assert_eq!(after.1.map(|text| text.len() >= 20), Some(true));
}

fn a_refused_change_leaves_updated_at_alone(bench: &SqlBench) {
    bench.users.save_login(&record("auth0|1", "ann@example.com")).expect("a saved user");
    bench.users.save_login(&record("auth0|2", "bob@example.com")).expect("a saved user");
    bench.database.execute(LONG_AGO);
    let before = timestamps(bench);
    assert!(matches!(bench.users.save_login(&record("auth0|1", "bob@example.com")), Err(RepositoryError::EmailTaken)));
    assert_eq!(timestamps(bench), before);
}

fn a_row_that_another_program_inserts_without_our_columns_is_whole(bench: &SqlBench) {
    insert(bench, "eve@example.com", "auth0|1");
    let user = bench.users.find_by_subject(&subject("auth0|1")).expect("an answer").expect("a user");
    assert_eq!((user.email, user.name), (email("eve@example.com"), name("From Elsewhere")));
    assert_eq!((user.picture, user.email_verified), (None, false));
    let (created, updated) = timestamps(bench);
    assert!(created.is_some() && updated.is_some());
    assert_eq!(created_id(bench.users.save_login(&record("auth0|2", "bob@example.com"))), user.id.get() + 1);
}

fn a_mixed_case_row_of_another_program_is_found_and_counts_as_unchanged(bench: &SqlBench) {
    insert(bench, "Eve@Example.COM", "auth0|1");
    let user = bench.users.find_by_email(&email("eve@example.com")).expect("an answer").expect("a user");
    assert_eq!(user.subject, subject("auth0|1"));
    let same = LoginRecord { name: None, picture: None, ..record("auth0|1", "eve@example.com") };
    assert_eq!(bench.users.save_login(&same).expect("a saved user"), Saved::Unchanged(user));
    assert_eq!(bench.column("email", "auth0|1").as_deref(), Some("Eve@Example.COM"));
}

fn a_mixed_case_row_of_another_program_holds_its_address(bench: &SqlBench) {
    let id = created_id(bench.users.save_login(&record("auth0|2", "bob@example.com")));
    insert(bench, "Eve@Example.COM", "auth0|1");
    for subject in ["auth0|2", "auth0|3"] {
        let refused = bench.users.save_login(&record(subject, "eve@example.com"));
        assert!(matches!(refused, Err(RepositoryError::EmailTaken)), "{refused:?}");
    }
    assert_eq!(created_id(bench.users.save_login(&record("auth0|3", "carl@example.com"))), id + 2);
}

fn other_programs_cannot_insert_one_address_in_two_cases(bench: &SqlBench) {
    insert(bench, "Eve@Example.COM", "auth0|1");
    let second = std::panic::AssertUnwindSafe(|| insert(bench, "eve@example.com", "auth0|2"));
    assert!(std::panic::catch_unwind(second).is_err());
    assert_eq!(bench.rows(), 1);
}

fn other_programs_cannot_store_256_characters(bench: &SqlBench) {
    insert(bench, &format!("{}@b.de", "ü".repeat(250)), &"ü".repeat(255));
    for (address, subject) in
        [(format!("{}@b.de", "ü".repeat(251)), "auth0|1".to_owned()), ("a@b".to_owned(), "ü".repeat(256))]
    {
        let too_long = std::panic::AssertUnwindSafe(|| insert(bench, &address, &subject));
        assert!(std::panic::catch_unwind(too_long).is_err(), "{address} {subject}");
    }
    assert_eq!(bench.rows(), 1);
}

fn a_row_that_breaks_a_rule_is_a_failure_and_its_value_is_not_said(bench: &SqlBench) {
    insert(bench, "nonsense", "auth0|1");
    for error in [
        bench.users.find_by_subject(&subject("auth0|1")).expect_err("a broken row"),
        bench.users.save_login(&record("auth0|1", "eve@example.com")).expect_err("a broken row"),
    ] {
        assert!(matches!(error, RepositoryError::Failed(_)), "{error:?}");
        assert!(!everything_said(&error).contains("nonsense"), "{}", everything_said(&error));
    }
    assert_eq!(bench.column("email", "auth0|1").as_deref(), Some("nonsense"));
}

fn a_constraint_that_somebody_added_is_a_failure_and_the_row_is_not_said(bench: &SqlBench) {
    // One that both databases can be given afterwards.
    bench.database.execute("CREATE UNIQUE INDEX one_of_a_name ON users (name)");
    bench.users.save_login(&record("auth0|1", "ann@example.com")).expect("a saved user");
    let error = bench.users.save_login(&record("auth0|2", "bob@example.com")).expect_err("a violation");
    assert!(matches!(error, RepositoryError::Failed(_)), "{error:?}");
    for value in ["bob@example.com", "Ann Example"] {
        assert!(!everything_said(&error).contains(value), "{}", everything_said(&error));
    }
}

fn a_step_that_is_not_applied_is_pending(bench: &SqlBench) {
    let migrator = Migrator::new(url(&bench.database));
    for pending in 1..=9 {
        migrator.down().expect("the newest step reverted");
        assert_eq!(bench.users.schema_state().expect("an answer"), SchemaState::Behind { pending });
    }
    // The last of them took columns of the users table away.
    assert!(is_unavailable(bench.users.find_by_subject(&subject("auth0|1"))));
    migrator.up().expect("the steps applied again");
    assert_eq!(bench.users.schema_state().expect("an answer"), SchemaState::Current);
    assert!(bench.users.find_by_subject(&subject("auth0|1")).is_ok());
}

fn a_step_of_a_newer_version_is_fine(bench: &SqlBench) {
    bench.database.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000001')");
    assert_eq!(bench.users.schema_state().expect("an answer"), SchemaState::Current);
}

fn an_unmigrated_database_is_unavailable_until_it_is_migrated(database: ScratchDatabase) {
    let bench = SqlBench::unmigrated(database, &patient());
    assert_eq!(bench.users.schema_state().expect("an answer"), SchemaState::Behind { pending: 13 });
    assert!(is_unavailable(bench.users.find_by_subject(&subject("auth0|1"))));
    assert!(is_unavailable(bench.users.find_by_email(&email("ann@example.com"))));
    assert!(is_unavailable(bench.users.save_login(&record("auth0|1", "ann@example.com"))));
    Migrator::new(url(&bench.database)).up().expect("migrations");
    assert_eq!(bench.users.schema_state().expect("an answer"), SchemaState::Current);
    let verified = LoginRecord { evidence: Evidence::Verified, ..record("auth0|1", "ann@example.com") };
    assert!(bench.users.save_login(&verified).is_ok());
}

#[test]
fn an_unmigrated_sqlite_file_is_unavailable_until_it_is_migrated() {
    an_unmigrated_database_is_unavailable_until_it_is_migrated(ScratchDatabase::sqlite());
}

#[test]
fn an_unmigrated_postgres_database_is_unavailable_until_it_is_migrated() {
    an_unmigrated_database_is_unavailable_until_it_is_migrated(ScratchDatabase::postgres());
}

#[test]
fn settings_that_no_pool_can_work_with_are_refused() {
    let database = ScratchDatabase::sqlite();
    let open = |settings| Database::open(&url(&database), &settings).err();
    let zero = std::time::Duration::ZERO;
    assert!(open(persistence::PoolSettings { max_connections: 0, ..patient() }).is_some());
    assert!(open(persistence::PoolSettings { checkout_timeout: zero, ..patient() }).is_some());
    assert!(open(persistence::PoolSettings { statement_timeout: zero, ..patient() }).is_some());
    assert_eq!(open(persistence::PoolSettings { max_connections: 1, ..patient() }), None);
}
