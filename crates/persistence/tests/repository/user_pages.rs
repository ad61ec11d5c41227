//! The promises of `UserPages`, and what a correction does, on memory, SQLite and PostgreSQL alike.

use domain::in_memory::InMemoryUserRepository;
use domain::{
    Auth0Fact, Auth0Profile, Change, ClaimedEmail, DisplayName, Profile, ProfileEmail, Saved, Standing, UnixTime, User,
    UserId, UserPages, UserRepository,
};
use persistence::Database;
use scratch_database::ScratchDatabase;

use crate::bench::{LoginRecord, SaveLogin as _, email, name, patient, record, subject, url};

macro_rules! on_every_table {
    ($($case:ident,)+) => {
        mod in_memory { $(#[test] fn $case() { super::in_memory(super::$case); })+ }
        mod sqlite { $(#[test] fn $case() { super::on(&scratch_database::ScratchDatabase::sqlite(), super::$case); })+ }
        mod postgres { $(#[test] fn $case() { super::on(&scratch_database::ScratchDatabase::postgres(), super::$case); })+ }
    };
}

on_every_table! {
    an_empty_table_has_one_empty_page,
    pages_hold_every_row_once_in_the_order_of_ids,
    a_full_last_page_has_nothing_behind_it,
    rows_of_every_kind_are_on_the_pages,
    a_correction_restores_what_another_hand_has_changed,
}

type Case = fn(&dyn UserRepository, &dyn UserPages);

fn in_memory(case: Case) {
    let users = InMemoryUserRepository::default();
    case(&users, &users);
}

fn on(scratch: &ScratchDatabase, case: Case) {
    let database = Database::open(&url(scratch), &patient()).expect("settings");
    database.migrator().up().expect("a schema");
    case(&*database.users(), &*database.user_pages());
}

fn add(users: &dyn UserRepository, number: usize) -> User {
    users.save_login(&record(&format!("auth0|{number}"), &format!("{number}@example.com"))).expect("a row").into_user()
}

/// All rows, page by page, and how many pages there were.
fn read_all(pages: &dyn UserPages, limit: usize) -> (Vec<User>, usize) {
    let (mut users, mut count, mut after) = (Vec::new(), 0, None);
    loop {
        let page = pages.page(after, limit).expect("a page");
        assert!(page.users.len() <= limit && page.unreadable.is_empty());
        users.extend(page.users);
        count += 1;
        match page.next {
            Some(next) => after = Some(next),
            None => return (users, count),
        }
    }
}

fn an_empty_table_has_one_empty_page(_: &dyn UserRepository, pages: &dyn UserPages) {
    assert_eq!(read_all(pages, 10), (Vec::new(), 1));
    assert_eq!(read_all(pages, 1), (Vec::new(), 1));
}

fn pages_hold_every_row_once_in_the_order_of_ids(users: &dyn UserRepository, pages: &dyn UserPages) {
    let added: Vec<User> = (0..7).map(|number| add(users, number)).collect();
    assert!(added.is_sorted_by_key(|user| user.id));
    for (limit, count) in [(1, 7), (3, 3), (6, 2), (100, 1)] {
        assert_eq!(read_all(pages, limit), (added.clone(), count), "{limit}");
    }
}

fn a_full_last_page_has_nothing_behind_it(users: &dyn UserRepository, pages: &dyn UserPages) {
    let added: Vec<User> = (0..6).map(|number| add(users, number)).collect();
    assert_eq!(read_all(pages, 3), (added.clone(), 2));
    let behind = pages.page(Some(added[5].id), 3).expect("a page");
    assert_eq!((behind.users, behind.next), (Vec::new(), None));
}

fn rows_of_every_kind_are_on_the_pages(users: &dyn UserRepository, pages: &dyn UserPages) {
    add(users, 1);
    let gone = Auth0Fact { subject: subject("auth0|1"), profile: None, deleted_at: Some(UnixTime::from_secs(9)) };
    users.save(Change::Fact(&gone)).expect("a tombstone");
    let blocked = Auth0Profile { blocked: true, ..Auth0Profile::of(Profile::default(), UnixTime::from_secs(9)) };
    users.save(Change::Fact(&Auth0Fact::alive(subject("auth0|2"), blocked))).expect("a row");
    let standings: Vec<Standing> = read_all(pages, 1).0.iter().map(|user| user.standing).collect();
    assert_eq!(standings, [Standing::Deleted { at: UnixTime::from_secs(9) }, Standing::Blocked]);
}

fn a_correction_restores_what_another_hand_has_changed(users: &dyn UserRepository, _: &dyn UserPages) {
    let (address, label) = (email("ada@example.com"), DisplayName::parse("Ada").expect("a name"));
    let profile = Profile {
        email: Some(ProfileEmail { address: address.clone(), verified: true }),
        name: Some(label.clone()),
        picture: None,
    };
    let fact = Auth0Fact::alive(subject("auth0|1"), Auth0Profile::of(profile, UnixTime::from_secs(7)));
    let ada = users.save(Change::Fact(&fact)).expect("a row").into_user();
    // A login without word from Auth0 stands in for the other hand.
    let other = LoginRecord { name: name("Eve"), ..record("auth0|1", "eve@example.com") };
    let mut login = other.login();
    login.issued_at = Some(UnixTime::from_secs(8));
    login.claims.email = Some(ClaimedEmail { address: other.email.clone(), verified: Some(false) });
    login.claims.name.clone_from(&other.name);
    let changed = users.save(Change::Login(&login)).expect("a changed row").into_user();
    assert_eq!((&changed.email, &changed.name), (&other.email, &other.name));

    assert_eq!(users.save(Change::Fact(&fact)).expect("no news"), Saved::Unchanged(changed));
    let corrected = users.save(Change::Correction(&fact)).expect("a corrected row");
    let User { id, email, email_verified, name, .. } = corrected.user().clone();
    assert_eq!((id, email, email_verified, name), (ada.id, address, true, Some(label)));
    assert_eq!(users.save(Change::Correction(&fact)).expect("the same row"), Saved::Unchanged(corrected.into_user()));
}

fn with_bad_rows(scratch: &ScratchDatabase) {
    let database = Database::open(&url(scratch), &patient()).expect("settings");
    database.migrator().up().expect("a schema");
    add(&*database.users(), 1);
    scratch.execute("INSERT INTO users (email, auth0_id) VALUES ('no address', 'auth0|2')");
    scratch.execute("INSERT INTO users (email, auth0_id) VALUES ('b@example.com', 'auth0|3')");
    let page = database.user_pages().page(Some(UserId::new(1)), 10).expect("a page");
    assert_eq!(page.users.iter().map(|user| user.subject.as_str()).collect::<Vec<_>>(), ["auth0|3"]);
    assert_eq!(page.unreadable.iter().map(|row| row.id).collect::<Vec<_>>(), [2]);
    assert!(!page.unreadable[0].reason.contains("no address") && page.unreadable[0].reason.contains("local@domain"));
}

#[test]
fn a_row_that_breaks_a_rule_does_not_keep_the_others_away() {
    with_bad_rows(&ScratchDatabase::sqlite());
    with_bad_rows(&ScratchDatabase::postgres());
}

#[test]
fn an_id_of_more_than_31_bits_ends_the_pages_and_is_named() {
    let scratch = ScratchDatabase::sqlite();
    let database = Database::open(&url(&scratch), &patient()).expect("settings");
    database.migrator().up().expect("a schema");
    for id in [4_294_967_297_i64, 4_294_967_298] {
        scratch.execute(&format!("INSERT INTO users (id, email, auth0_id) VALUES ({id}, '{id}@b', 'auth0|{id}')"));
    }
    let page = database.user_pages().page(None, 1).expect("a page");
    assert_eq!((page.users, page.next), (Vec::new(), None));
    assert_eq!(page.unreadable[0].id, 4_294_967_297);
}
