//! What stands in a row for an address, where other programs have written what looks like it.

use domain::{Auth0Fact, Auth0Profile, Change, EmailAddress, Profile, ProfileEmail, Saved, Standing, UnixTime, User};

use crate::bench::{SaveLogin as _, SqlBench, at_once, email, record, subject};

macro_rules! on_both_databases {
    ($($case:ident,)+) => {
        mod sqlite { $(#[test] fn $case() { super::$case(&crate::bench::SqlBench::sqlite()); })+ }
        mod postgres { $(#[test] fn $case() { super::$case(&crate::bench::SqlBench::postgres()); })+ }
        mod sqlite_in_batches {
            $(#[test] fn $case() { super::$case(&crate::bench::SqlBench::sqlite().in_batches()); })+
        }
        mod postgres_in_batches {
            $(#[test] fn $case() { super::$case(&crate::bench::SqlBench::postgres().in_batches()); })+
        }
    };
}

on_both_databases! {
    a_user_who_loses_the_address_is_blocked_and_deleted_whoever_holds_the_placeholder,
    a_login_displaces_a_holder_whose_placeholder_is_held,
    users_without_an_address_come_in_at_once_whatever_is_in_the_table,
    a_record_under_a_placeholder_says_nothing_of_an_address,
}

/// Inserts as a program does that knows the columns of the requirements alone.
fn insert(bench: &SqlBench, address: &str, subject: &str) {
    bench.database.execute(&format!("INSERT INTO users (email, auth0_id) VALUES ('{address}', '{subject}')"));
}

fn said(address: Option<&str>, at: i64) -> Auth0Profile {
    let email = address.map(|address| ProfileEmail { address: email(address), verified: false });
    Auth0Profile::of(Profile { email, ..Profile::default() }, UnixTime::from_secs(at))
}

fn hear(bench: &SqlBench, fact: &Auth0Fact) -> Saved {
    bench.users.save(Change::Fact(fact)).expect("taken in")
}

fn row(bench: &SqlBench, text: &str) -> User {
    bench.users.find_by_subject(&subject(text)).expect("an answer").expect("a row")
}

fn a_user_who_loses_the_address_is_blocked_and_deleted_whoever_holds_the_placeholder(bench: &SqlBench) {
    let eve = bench.users.save_login(&record("auth0|eve", "eve@example.com")).expect("a row").into_user();
    bench.users.save_login(&record("auth0|ada", "ada@example.com")).expect("a row");
    insert(bench, &format!("User-{}@Displaced.invalid", eve.id), "auth0|joker");
    let blocked = Auth0Profile { blocked: true, ..said(Some("ada@example.com"), 1) };
    hear(bench, &Auth0Fact::alive(subject("auth0|eve"), blocked));
    assert_eq!(row(bench, "auth0|eve").standing, Standing::Blocked);
    assert_eq!(row(bench, "auth0|eve").email, email(&format!("user-{}-2@displaced.invalid", eve.id)));
    let at = UnixTime::from_secs(2);
    hear(bench, &Auth0Fact { subject: subject("auth0|eve"), profile: None, deleted_at: Some(at) });
    assert_eq!(row(bench, "auth0|eve").standing, Standing::Deleted { at });
    assert_eq!(row(bench, "auth0|joker").email, EmailAddress::placeholder(eve.id));
}

fn a_login_displaces_a_holder_whose_placeholder_is_held(bench: &SqlBench) {
    let eve = bench.users.save_login(&record("auth0|eve", "ada@example.com")).expect("a row").into_user();
    for stranger in ["", "-2", "-3"] {
        insert(bench, &format!("user-{}{stranger}@displaced.invalid", eve.id), &format!("auth0|joker{stranger}"));
    }
    let mut owner = record("auth0|ada", "ada@example.com").login();
    owner.gives_way = Some(subject("auth0|eve"));
    let saved = bench.users.save(Change::Login(&owner)).expect("a row");
    assert_eq!(saved.user().email, email("ada@example.com"));
    assert_eq!(row(bench, "auth0|eve").email, email(&format!("user-{}-4@displaced.invalid", eve.id)));
}

fn users_without_an_address_come_in_at_once_whatever_is_in_the_table(bench: &SqlBench) {
    insert(bench, "user-0@displaced.invalid", "auth0|joker");
    insert(bench, "user-4@displaced.invalid", "auth0|other joker");
    let saved = at_once(8, |number| hear(bench, &Auth0Fact::alive(subject(&format!("sms|{number}")), said(None, 1))));
    for saved in saved {
        let Saved::Created(user) = saved else { panic!("expected a new row, got {saved:?}") };
        let suffix = if user.id.get() == 4 { "-2" } else { "" };
        assert_eq!(user.email, email(&format!("user-{}{suffix}@displaced.invalid", user.id)));
        assert_eq!(row(bench, user.subject.as_str()), user);
    }
    assert_eq!(bench.rows(), 10);
}

fn a_record_under_a_placeholder_says_nothing_of_an_address(bench: &SqlBench) {
    bench.database.execute(
        "INSERT INTO auth0_records (auth0_id, email, record) VALUES ('auth0|joker', 'user-2@displaced.invalid', \
         '{\"email\": {\"value\": {\"address\": \"user-2@displaced.invalid\", \"verified\": true}, \
           \"updated_at\": 1, \"said_at\": 1}}')",
    );
    let saved = bench.users.save_login(&record("auth0|joker", "joker@example.com")).expect("a row");
    assert_eq!(saved.user().email, email("joker@example.com"));
}
