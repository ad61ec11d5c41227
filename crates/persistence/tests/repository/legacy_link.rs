//! From export to link.

use std::sync::Arc;
use std::time::Instant;

use domain::{Seen, UnixTime};
use persistence::{LegacyError, Linked, Phase};
use scratch_database::ScratchDatabase;

use crate::batched::settled;
use crate::bench::{Evidence, LoginRecord, SaveLogin, SqlBench, patient, record};
use crate::legacy_bench::{adopt, go_on, is_sqlite, legacy, on_both_databases, python_table, stopped_at, value};

on_both_databases! {
    rows_are_marked_once_and_linked_once,
    a_row_whose_user_came_another_way_is_left_and_noted,
    a_link_that_stops_anywhere_is_taken_up_again,
    the_phase_says_what_comes_next,
    an_exported_user_who_logs_in_is_linked_at_once,
    an_exported_user_who_is_taken_for_new_is_linked_all_the_same,
}

fn at(seconds: i64) -> UnixTime {
    UnixTime::from_secs(seconds)
}

fn rows_are_marked_once_and_linked_once(database: ScratchDatabase) {
    python_table(&database, 2_500);
    adopt(&database);
    let legacy = legacy(&database);
    let everybody: Vec<i64> = (1..=2_600).collect();
    assert_eq!(legacy.mark_exported(&everybody, at(1)), Ok(2_500));
    assert_eq!(legacy.mark_exported(&everybody[..10], at(2)), Ok(10));
    let first = database.scalar("SELECT max(exported_at) FROM legacy_users");
    assert_eq!(first.as_deref(), Some("1000"));
    assert_eq!(legacy.link(at(3), &mut go_on), Ok(linked(0, 0, 0)));
    assert_eq!(legacy.mark_imported(&everybody[..2_400], at(3)), Ok(2_400));
    assert_eq!(legacy.link(at(1_700_000_000), &mut go_on), Ok(linked(2_400, 0, 0)));
    assert_eq!(legacy.link(at(4), &mut go_on), Ok(linked(0, 2_400, 0)));
    assert_eq!(value(&database, "auth0_id", 2_400).as_deref(), Some("auth0|2400"));
    assert_eq!(value(&database, "auth0_id", 2_401).as_deref(), Some("legacy|2401"));
    let updated = value(&database, "updated_at", 1).expect("a time");
    assert!(updated.starts_with("2023-11-14"), "{updated}");
    let counts = legacy.status().expect("an answer").counts;
    assert_eq!((counts.rows, counts.exported, counts.imported), (2_500, 2_500, 2_400));
    assert_eq!((counts.linked, counts.unlinked, counts.with_problems), (2_400, 100, 0));
}

fn linked(linked: u64, already: u64, taken: u64) -> Linked {
    let mut outcome = Linked::default();
    (outcome.linked, outcome.already, outcome.taken) = (linked, already, taken);
    outcome
}

fn a_row_whose_user_came_another_way_is_left_and_noted(database: ScratchDatabase) {
    python_table(&database, 20);
    adopt(&database);
    let legacy = legacy(&database);
    // Before the export nothing ties this login to row 7.
    let bench = SqlBench::unmigrated(database, &patient());
    bench.users.save_login(&record("auth0|7", "other@example.com")).expect("a saved user");
    legacy.mark_exported(&[6, 7], at(1)).expect("marks");
    legacy.mark_imported(&[6, 7], at(1)).expect("marks");
    assert_eq!(legacy.link(at(2), &mut go_on), Ok(linked(1, 0, 1)));
    assert_eq!(legacy.link(at(2), &mut go_on), Ok(linked(0, 1, 1)));
    assert_eq!(value(&bench.database, "auth0_id", 7).as_deref(), Some("legacy|7"));
    let row = legacy.rows().expect("rows").nth(6).expect("a row").expect("a row");
    assert!(row.problem.is_some_and(|problem| problem.contains("another row is linked")));
    assert_eq!(legacy.clear_problem(7), Ok(()));
    assert_eq!(legacy.note_problem(999, "is gone"), Ok(()));
    assert_eq!(legacy.status().expect("an answer").counts.with_problems, 0);
    // Whoever came since the adoption is nobody's export.
    assert_eq!(legacy.mark_exported(&[21], at(3)), Ok(0));
}

fn a_link_that_stops_anywhere_is_taken_up_again(database: ScratchDatabase) {
    python_table(&database, 2_500);
    adopt(&database);
    let legacy = legacy(&database);
    let everybody: Vec<i64> = (1..=2_500).collect();
    legacy.mark_imported(&everybody, at(1)).expect("marks");
    for stop in 0..3 {
        let stopped = stopped_at(1, |listener| legacy.link(at(2), listener));
        assert!(matches!(stopped, Some(LegacyError::Stopped { .. })), "{stop}: {stopped:?}");
    }
    assert_eq!(legacy.link(at(2), &mut go_on), Ok(linked(0, 2_500, 0)));
}

fn the_phase_says_what_comes_next(database: ScratchDatabase) {
    python_table(&database, 20);
    let legacy = legacy(&database);
    let phase = || legacy.status().expect("an answer").phase;
    assert_eq!(phase(), Phase::NotAdopted);
    assert!(
        stopped_at(if is_sqlite(&database) { 1_000 } else { 5 }, |listener| legacy.adopt(listener)).is_some()
            != is_sqlite(&database)
    );
    if !is_sqlite(&database) {
        assert_eq!(phase(), Phase::HalfAdopted);
        assert_eq!(legacy.link(at(1), &mut go_on), Err(LegacyError::HalfAdopted));
    }
    adopt(&database);
    assert_eq!(phase(), Phase::Adopted);
    legacy.mark_exported(&[1, 2], at(1)).expect("marks");
    assert_eq!(phase(), Phase::Exporting);
    let rest: Vec<i64> = (3..=20).collect();
    legacy.mark_exported(&rest[..17], at(1)).expect("marks");
    legacy.note_problem(20, "has no address").expect("a note");
    assert_eq!(phase(), Phase::Exported);
    legacy.mark_imported(&[1], at(1)).expect("marks");
    assert_eq!(phase(), Phase::Importing);
    legacy.mark_imported(&(2..20).collect::<Vec<_>>(), at(1)).expect("marks");
    assert_eq!(phase(), Phase::Imported);
    assert_eq!(legacy.link(at(1), &mut go_on), Ok(linked(19, 0, 0)));
    assert_eq!(phase(), Phase::Linked);
    assert!(legacy.next_step().expect("an answer").is_some_and(|step| step.contains("legacy finish")));
}

fn an_exported_user_who_logs_in_is_linked_at_once(database: ScratchDatabase) {
    python_table(&database, 20);
    adopt(&database);
    legacy(&database).mark_exported(&[7], at(1)).expect("marks");
    let bench = SqlBench::unmigrated(database, &patient());
    let login = LoginRecord { evidence: Evidence::Verified, ..record("auth0|7", "user7@example.com") };
    let saved = bench.users.save_login(&login).expect("a saved user");
    assert_eq!(saved.user().id.get(), 7);
    assert_eq!(bench.rows(), 20);
    let counts = legacy(&bench.database).status().expect("an answer").counts;
    assert_eq!((counts.linked, counts.newcomers, counts.unlinked), (1, 0, 19));
}

fn an_exported_user_who_is_taken_for_new_is_linked_all_the_same(database: ScratchDatabase) {
    python_table(&database, 20);
    adopt(&database);
    legacy(&database).mark_exported(&[7], at(1)).expect("marks");
    let bench = SqlBench::unmigrated(database, &patient());
    // An address that no row has tells nobody who this is.
    let login = LoginRecord { evidence: Evidence::Verified, ..record("auth0|7", "moved@example.com") };
    let saved =
        settled(bench.batched_with(&patient()).lanes.log_in(Arc::new(login.login()), Seen::NoRow, Instant::now()));
    assert_eq!(saved.expect("a saved user").user().id.get(), 7);
    assert_eq!((bench.rows(), value(&bench.database, "email", 7).as_deref()), (20, Some("moved@example.com")));
}
