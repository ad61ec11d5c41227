//! Addresses as other programs write them: with white space around them, in another case, the same one twice.

use std::sync::Arc;
use std::time::Instant;

use domain::{Auth0Fact, Auth0Profile, Change, Profile, ProfileEmail, RepositoryError, Saved, Seen, UnixTime};
use persistence::Migrator;
use scratch_database::ScratchDatabase;

use crate::batched::settled;
use crate::bench::{LoginRecord, SaveLogin as _, SqlBench, created_id, email, name, patient, record, subject, url};

macro_rules! on_both_databases {
    ($($case:ident,)+) => {
        mod sqlite { $(#[test] fn $case() { super::$case(&crate::bench::SqlBench::sqlite()); })+ }
        mod postgres { $(#[test] fn $case() { super::$case(&crate::bench::SqlBench::postgres()); })+ }
    };
}

on_both_databases! {
    white_space_around_an_address_does_not_free_it,
    a_row_with_white_space_around_its_address_is_found_and_loses_it_with_the_next_change,
    a_statement_of_auth0s_moves_an_address_with_white_space_around_it,
    two_rows_that_hold_one_address_already_stay_until_auth0_tells_of_one_of_them,
}

/// Inserts as a program does that knows nothing of our rules.
fn insert(bench: &SqlBench, address: &str, subject: &str) {
    bench.database.execute(&format!(
        "INSERT INTO users (email, name, auth0_id) VALUES ('{address}', 'From Elsewhere', '{subject}')"
    ));
}

/// That nobody else gets the address, by whatever way they come.
fn is_held(bench: &SqlBench, address: &str) {
    let lanes = bench.batched_with(&patient()).lanes;
    let rows = bench.rows();
    let by_lanes =
        |who: &str, seen| settled(lanes.log_in(Arc::new(record(who, address).login()), seen, Instant::now()));
    let stranger = record("auth0|stranger", "stranger@example.com");
    bench.users.save_login(&stranger).expect("a saved user");
    for outcome in [
        bench.users.save_login(&record("auth0|new", address)),
        bench.users.save_login(&record("auth0|stranger", address)),
        by_lanes("auth0|new", Seen::NoRow),
        by_lanes("auth0|new", Seen::Row),
        by_lanes("auth0|stranger", Seen::Row),
    ] {
        assert!(matches!(outcome, Err(RepositoryError::EmailTaken)), "{address:?}: {outcome:?}");
    }
    bench.database.execute("DELETE FROM users WHERE auth0_id = 'auth0|stranger'");
    assert_eq!(bench.rows(), rows);
}

fn white_space_around_an_address_does_not_free_it(bench: &SqlBench) {
    for (number, space) in [" ", "  \t", "\n", "\r\n", "\u{b}", "\u{c}"].into_iter().enumerate() {
        let address = format!("{space}Ann{number}@Example.com{space}");
        insert(bench, &address, &format!("auth0|ann{number}"));
        insert(bench, &format!("Bob{number}@Example.com{space}"), &format!("auth0|bob{number}"));
        is_held(bench, &format!("ann{number}@example.com"));
        is_held(bench, &format!("bob{number}@example.com"));
    }
    let next = created_id(bench.users.save_login(&record("auth0|next", "next@example.com")));
    assert_eq!(usize::try_from(next).expect("an id"), 6 * 4 + 1, "a refusal burns no id");
}

fn a_row_with_white_space_around_its_address_is_found_and_loses_it_with_the_next_change(bench: &SqlBench) {
    insert(bench, " Ann@Example.com ", "auth0|ann");
    let found = bench.users.find_by_email(&email("ann@example.com")).expect("an answer").expect("a user");
    assert_eq!(found.subject, subject("auth0|ann"));
    let own = LoginRecord { name: None, picture: None, ..record("auth0|ann", "ann@example.com") };
    assert_eq!(bench.users.save_login(&own).expect("a saved user"), Saved::Unchanged(found));
    assert_eq!(bench.column("email", "auth0|ann").as_deref(), Some(" Ann@Example.com "));
    let renamed = LoginRecord { name: name("Ann Other"), ..own };
    assert!(matches!(bench.users.save_login(&renamed), Ok(Saved::Updated(_))));
    assert_eq!(bench.column("email", "auth0|ann").as_deref(), Some("ann@example.com"));
}

/// What Auth0 says of a user whose address it has verified.
fn verified(who: &str, address: &str) -> Auth0Fact {
    let email = Some(ProfileEmail { address: email(address), verified: true });
    Auth0Fact::alive(
        subject(who),
        Auth0Profile::of(Profile { email, ..Profile::default() }, UnixTime::from_secs(1_769_860_800)),
    )
}

fn a_statement_of_auth0s_moves_an_address_with_white_space_around_it(bench: &SqlBench) {
    insert(bench, " Ann@Example.com ", "auth0|squatter");
    bench.users.save(Change::Fact(&verified("auth0|ann", "ann@example.com"))).expect("a saved user");
    assert_eq!(bench.column("email", "auth0|ann").as_deref(), Some("ann@example.com"));
    assert_eq!(bench.column("email", "auth0|squatter").as_deref(), Some("user-1@displaced.invalid"));
}

fn two_rows_that_hold_one_address_already_stay_until_auth0_tells_of_one_of_them(bench: &SqlBench) {
    let migrator = Migrator::new(url(&bench.database));
    migrator.down().expect("the step of which they know nothing");
    insert(bench, "ann@example.com", "auth0|one");
    insert(bench, " Ann@Example.com", "auth0|two");
    migrator.up().expect("a step that such rows do not stop");
    assert_eq!(bench.column("email", "auth0|two").as_deref(), Some(" Ann@Example.com"));
    let lanes = bench.batched_with(&patient()).lanes;
    let known = |who| LoginRecord { name: None, picture: None, ..record(who, "ann@example.com") };
    for who in ["auth0|one", "auth0|two"] {
        assert!(matches!(bench.users.save_login(&known(who)), Ok(Saved::Unchanged(_))));
    }
    let renamed = |who, name_text| LoginRecord { name: name(name_text), ..known(who) };
    let saved = bench.users.save_login(&renamed("auth0|one", "Ann One"));
    assert!(matches!(saved, Ok(Saved::Updated(_))), "{saved:?}");
    let in_lanes = |record: LoginRecord| settled(lanes.log_in(Arc::new(record.login()), Seen::Row, Instant::now()));
    let saved = in_lanes(renamed("auth0|one", "Ann Two"));
    assert!(matches!(saved, Ok(Saved::Updated(_))), "{saved:?}");
    // To change the row is to trim its address, which the other one has.
    for outcome in [bench.users.save_login(&renamed("auth0|two", "Ann")), in_lanes(renamed("auth0|two", "Ann"))] {
        assert!(matches!(outcome, Err(RepositoryError::EmailTaken)), "{outcome:?}");
    }
    bench.users.save(Change::Fact(&verified("auth0|two", "ann@example.com"))).expect("a saved user");
    assert_eq!(bench.column("email", "auth0|one").as_deref(), Some("user-1@displaced.invalid"));
    is_held(bench, "ann@example.com");
}

#[test]
fn on_postgres_an_address_that_the_server_takes_for_the_same_is_held() {
    let bench = SqlBench::migrated(ScratchDatabase::postgres_in("C.UTF-8"));
    // In lower case ας to this program, ασ to the server.
    insert(&bench, "ΑΣ@example.com", "auth0|sigma");
    insert(&bench, " ΒΣ@example.com", "auth0|untrimmed");
    insert(&bench, "JÖRG@example.com", "auth0|joerg");
    for address in ["ασ@example.com", "βσ@example.com", "jörg@example.com"] {
        is_held(&bench, address);
    }
    bench.users.save(Change::Fact(&verified("auth0|new", "ασ@example.com"))).expect("a saved user");
    assert_eq!(bench.column("email", "auth0|new").as_deref(), Some("ασ@example.com"));
    assert_eq!(bench.column("email", "auth0|sigma").as_deref(), Some("user-1@displaced.invalid"));
}
