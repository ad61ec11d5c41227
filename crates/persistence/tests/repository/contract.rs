//! The promises of `UserRepository`, written once and kept by memory, SQLite and PostgreSQL alike.

use domain::{RepositoryError, Saved, SchemaState, User};

use crate::bench::{
    Bench, Evidence, LoginRecord, SaveLogin as _, at_once, created_id, email, name, picture, record, subject,
};

macro_rules! on_every_repository {
    ($($case:ident,)+) => {
        mod in_memory { $(#[test] fn $case() { super::$case(&crate::bench::Bench::in_memory()); })+ }
        mod sqlite { $(#[test] fn $case() { super::$case(&crate::bench::Bench::sqlite()); })+ }
        mod postgres { $(#[test] fn $case() { super::$case(&crate::bench::Bench::postgres()); })+ }
        mod sqlite_in_batches { $(#[test] fn $case() { super::$case(&crate::bench::Bench::sqlite_in_batches()); })+ }
        mod postgres_in_batches { $(#[test] fn $case() { super::$case(&crate::bench::Bench::postgres_in_batches()); })+ }
    };
}

on_every_repository! {
    nobody_is_found_in_an_empty_table,
    a_first_save_creates_a_row_that_is_found_by_subject_and_by_email,
    a_save_that_changes_nothing_is_unchanged,
    a_changed_save_updates_the_row_and_keeps_its_id,
    an_absent_name_and_picture_keep_what_is_stored,
    verification_follows_the_evidence,
    verification_survives_a_silent_source_for_the_same_address_only,
    subjects_are_compared_byte_for_byte,
    an_address_of_another_user_is_refused_to_a_new_user_and_nothing_changes,
    an_address_of_another_user_is_refused_to_a_known_user_and_nothing_changes,
    an_address_that_was_given_up_may_be_taken,
    a_hundred_first_saves_at_once_leave_one_row_and_burn_no_id,
    a_hundred_users_who_claim_one_address_at_once_leave_one_row_and_burn_no_id,
    a_thousand_repeated_saves_burn_no_id,
    repeated_conflicts_burn_no_id,
    changes_at_once_are_all_made,
    two_hundred_and_fifty_five_characters_of_several_bytes_are_kept_whole,
    the_schema_is_current,
}

fn find(bench: &Bench, text: &str) -> Option<User> {
    bench.users.find_by_subject(&subject(text)).expect("an answer")
}

fn save(bench: &Bench, record: &LoginRecord) -> Saved {
    bench.users.save_login(record).expect("a saved user")
}

/// The id that a user gets who was never seen before.
fn next_id(bench: &Bench) -> i32 {
    created_id(bench.users.save_login(&record("auth0|the next one", "next@example.com")))
}

fn nobody_is_found_in_an_empty_table(bench: &Bench) {
    assert_eq!(find(bench, "auth0|1"), None);
    assert_eq!(bench.users.find_by_email(&email("ann@example.com")).expect("an answer"), None);
}

fn a_first_save_creates_a_row_that_is_found_by_subject_and_by_email(bench: &Bench) {
    let saved = save(bench, &record("auth0|1", "Ann@Example.com"));
    let Saved::Created(user) = saved else { panic!("expected a new row, got {saved:?}") };
    assert_eq!(user.subject, subject("auth0|1"));
    assert_eq!(user.email, email("ann@example.com"));
    assert_eq!(
        (user.name.clone(), user.picture.clone()),
        (name("Ann Example"), picture("https://example.com/ann.png"))
    );
    assert_eq!(find(bench, "auth0|1"), Some(user.clone()));
    assert_eq!(bench.users.find_by_email(&email("ANN@example.com")).expect("an answer"), Some(user));
    assert_eq!(bench.rows(), 1);
}

fn a_save_that_changes_nothing_is_unchanged(bench: &Bench) {
    let record = record("auth0|1", "ann@example.com");
    let created = save(bench, &record).into_user();
    assert_eq!(save(bench, &record), Saved::Unchanged(created));
}

fn a_changed_save_updates_the_row_and_keeps_its_id(bench: &Bench) {
    let first = save(bench, &record("auth0|1", "ann@example.com")).into_user();
    let changed = LoginRecord {
        email: email("ann@example.org"),
        name: name("Ann Other"),
        picture: picture("http://example.org/ann"),
        ..record("auth0|1", "ann@example.com")
    };
    let saved = save(bench, &changed);
    assert_eq!(saved, Saved::Updated(changed.row(first.id)));
    assert_eq!(saved.user().id, first.id);
    assert_eq!(find(bench, "auth0|1").as_ref(), Some(saved.user()));
    assert_eq!(bench.users.find_by_email(&email("ann@example.com")).expect("an answer"), None);
    assert_eq!(bench.rows(), 1);
}

fn an_absent_name_and_picture_keep_what_is_stored(bench: &Bench) {
    let full = record("auth0|1", "ann@example.com");
    let first = save(bench, &full).into_user();
    let bare = LoginRecord { name: None, picture: None, ..full };
    assert_eq!(save(bench, &bare), Saved::Unchanged(first.clone()));
    let moved = save(bench, &LoginRecord { email: email("ann@example.org"), ..bare }).into_user();
    assert_eq!((moved.name, moved.picture), (first.name, first.picture));
}

fn verification_follows_the_evidence(bench: &Bench) {
    let with = |evidence| LoginRecord { evidence, ..record("auth0|1", "ann@example.com") };
    assert!(!save(bench, &with(Evidence::Unverified)).user().email_verified);
    assert!(save(bench, &with(Evidence::Verified)).user().email_verified);
    assert!(find(bench, "auth0|1").expect("a user").email_verified);
    assert!(!save(bench, &with(Evidence::Unverified)).user().email_verified);
    assert!(!find(bench, "auth0|1").expect("a user").email_verified);
}

fn verification_survives_a_silent_source_for_the_same_address_only(bench: &Bench) {
    let silent = record("auth0|1", "ann@example.com");
    let verified = LoginRecord { evidence: Evidence::Verified, ..silent.clone() };
    let user = save(bench, &verified).into_user();
    assert_eq!(save(bench, &silent), Saved::Unchanged(user));
    let moved = save(bench, &LoginRecord { email: email("ann@example.org"), ..silent });
    assert!(matches!(moved, Saved::Updated(user) if !user.email_verified));
}

fn subjects_are_compared_byte_for_byte(bench: &Bench) {
    let lower = save(bench, &record("auth0|a", "ann@example.com")).into_user();
    let upper = save(bench, &record("auth0|A", "bob@example.com")).into_user();
    assert_ne!(lower.id, upper.id);
    assert_eq!(find(bench, "auth0|a"), Some(lower));
    assert_eq!(find(bench, "auth0|A"), Some(upper));
}

fn an_address_of_another_user_is_refused_to_a_new_user_and_nothing_changes(bench: &Bench) {
    let holder = save(bench, &record("auth0|1", "ann@example.com")).into_user();
    let refused = bench.users.save_login(&record("auth0|2", "ANN@example.com"));
    assert!(matches!(refused, Err(RepositoryError::EmailTaken)), "{refused:?}");
    assert_eq!(find(bench, "auth0|1"), Some(holder));
    assert_eq!(find(bench, "auth0|2"), None);
    assert_eq!(bench.rows(), 1);
}

fn an_address_of_another_user_is_refused_to_a_known_user_and_nothing_changes(bench: &Bench) {
    let holder = save(bench, &record("auth0|1", "ann@example.com")).into_user();
    let claimant = save(bench, &record("auth0|2", "bob@example.com")).into_user();
    let refused = bench.users.save_login(&LoginRecord { name: name("Bob"), ..record("auth0|2", "ann@example.com") });
    assert!(matches!(refused, Err(RepositoryError::EmailTaken)), "{refused:?}");
    assert_eq!(find(bench, "auth0|1"), Some(holder));
    assert_eq!(find(bench, "auth0|2"), Some(claimant));
}

fn an_address_that_was_given_up_may_be_taken(bench: &Bench) {
    save(bench, &record("auth0|1", "ann@example.com"));
    save(bench, &record("auth0|1", "ann@example.org"));
    assert!(matches!(save(bench, &record("auth0|2", "ann@example.com")), Saved::Created(_)));
}

fn a_hundred_first_saves_at_once_leave_one_row_and_burn_no_id(bench: &Bench) {
    let record = record("auth0|1", "ann@example.com");
    let saved = at_once(100, |_| bench.users.save_login(&record).expect("a saved user"));
    let first = saved[0].user().id;
    assert!(saved.iter().all(|saved| saved.user().id == first), "{saved:?}");
    assert_eq!(saved.iter().filter(|saved| matches!(saved, Saved::Created(_))).count(), 1);
    assert_eq!(bench.rows(), 1);
    assert_eq!(next_id(bench), first.get() + 1);
}

fn a_hundred_users_who_claim_one_address_at_once_leave_one_row_and_burn_no_id(bench: &Bench) {
    let outcomes =
        at_once(100, |number| bench.users.save_login(&record(&format!("auth0|{number}"), "ann@example.com")));
    let (created, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert!(refused.iter().all(|outcome| matches!(outcome, Err(RepositoryError::EmailTaken))), "{refused:?}");
    assert_eq!((created.len(), refused.len()), (1, 99));
    let winner = created.into_iter().map(created_id).next().expect("one");
    assert_eq!(bench.rows(), 1);
    assert_eq!(next_id(bench), winner + 1);
}

fn a_thousand_repeated_saves_burn_no_id(bench: &Bench) {
    let record = record("auth0|1", "ann@example.com");
    let user = save(bench, &record).into_user();
    for _ in 0..1_000 {
        assert_eq!(save(bench, &record), Saved::Unchanged(user.clone()));
    }
    assert_eq!(next_id(bench), user.id.get() + 1);
}

fn repeated_conflicts_burn_no_id(bench: &Bench) {
    let holder = save(bench, &record("auth0|1", "ann@example.com")).into_user();
    for _ in 0..50 {
        let refused = bench.users.save_login(&record("auth0|2", "ann@example.com"));
        assert!(matches!(refused, Err(RepositoryError::EmailTaken)), "{refused:?}");
    }
    assert_eq!(next_id(bench), holder.id.get() + 1);
}

fn changes_at_once_are_all_made(bench: &Bench) {
    let first = save(bench, &record("auth0|1", "ann@example.com")).into_user();
    let saved = at_once(40, |number| {
        let address = format!("ann{number}@example.com");
        bench.users.save_login(&record("auth0|1", &address)).expect("a saved user")
    });
    assert!(saved.iter().all(|saved| matches!(saved, Saved::Updated(user) if user.id == first.id)), "{saved:?}");
    let last = find(bench, "auth0|1").expect("a user");
    assert!(saved.iter().any(|saved| *saved.user() == last));
    assert_eq!(bench.rows(), 1);
}

fn two_hundred_and_fifty_five_characters_of_several_bytes_are_kept_whole(bench: &Bench) {
    let long = LoginRecord {
        subject: subject(&"ü".repeat(255)),
        email: email(&format!("{}@b.de", "ü".repeat(250))),
        name: name(&"名".repeat(255)),
        picture: picture(&format!("https://example.com/{}", "é".repeat(2_028))),
        evidence: Evidence::Verified,
    };
    let user = save(bench, &long).into_user();
    assert_eq!(bench.users.find_by_subject(&long.subject).expect("an answer"), Some(user.clone()));
    assert_eq!(user, long.row(user.id));
    assert_eq!(bench.users.find_by_email(&long.email).expect("an answer"), Some(user));
}

fn the_schema_is_current(bench: &Bench) {
    assert_eq!(bench.users.schema_state().expect("an answer"), SchemaState::Current);
}
