//! The promises of `KeySetStore`, kept by memory, SQLite and PostgreSQL alike.

use domain::{KeySetStore, RepositoryError, StoredKeySet, UnixTime};
use persistence::{Database, DatabaseUrl, PoolSettings};
use scratch_database::ScratchDatabase;

const ISSUER: &str = "https://acme.eu.auth0.com/";

macro_rules! on_every_store {
    ($($case:ident,)+) => {
        mod in_memory { $(#[test] fn $case() { super::$case(&domain::in_memory::InMemoryKeySetStore::default()); })+ }
        mod sqlite { $(#[test] fn $case() { super::on(&scratch_database::ScratchDatabase::sqlite(), super::$case); })+ }
        mod postgres { $(#[test] fn $case() { super::on(&scratch_database::ScratchDatabase::postgres(), super::$case); })+ }
    };
}

on_every_store! {
    nothing_is_kept_at_first,
    the_set_that_was_kept_last_is_loaded,
    an_older_set_does_not_take_the_place_of_a_newer_one,
    a_set_of_a_time_to_come_gives_way,
    each_issuer_has_its_own,
}

fn open(scratch: &ScratchDatabase) -> Database {
    let url = DatabaseUrl::parse(scratch.url()).expect("a URL");
    Database::open(&url, &PoolSettings::default()).expect("a pool")
}

fn on(scratch: &ScratchDatabase, case: fn(&dyn KeySetStore)) {
    let database = open(scratch);
    database.migrator().up().expect("a schema");
    case(&*database.key_sets());
}

fn set(document: &str, secs: i64) -> StoredKeySet {
    StoredKeySet { document: document.to_owned(), fetched_at: UnixTime::from_millis(secs * 1000 + 7) }
}

fn nothing_is_kept_at_first(store: &dyn KeySetStore) {
    assert_eq!(store.load_key_set(ISSUER).expect("an answer"), None);
}

fn the_set_that_was_kept_last_is_loaded(store: &dyn KeySetStore) {
    store.store_key_set(ISSUER, &set("one", 1)).expect("kept");
    store.store_key_set(ISSUER, &set("two", 2)).expect("kept");
    assert_eq!(store.load_key_set(ISSUER).expect("an answer"), Some(set("two", 2)));
}

fn an_older_set_does_not_take_the_place_of_a_newer_one(store: &dyn KeySetStore) {
    store.store_key_set(ISSUER, &set("two", 2)).expect("kept");
    store.store_key_set(ISSUER, &set("one", 1)).expect("passed over");
    assert_eq!(store.load_key_set(ISSUER).expect("an answer"), Some(set("two", 2)));
}

fn a_set_of_a_time_to_come_gives_way(store: &dyn KeySetStore) {
    let (now, two_days) = (1_800_000_000, 2 * 86_400);
    store.store_key_set(ISSUER, &set("by a clock that runs ahead", now + two_days)).expect("kept");
    store.store_key_set(ISSUER, &set("one", now)).expect("kept");
    assert_eq!(store.load_key_set(ISSUER).expect("an answer"), Some(set("one", now)));
    // So far apart clocks may be, and so slow a node.
    store.store_key_set(ISSUER, &set("two", now + 60)).expect("kept");
    store.store_key_set(ISSUER, &set("one", now)).expect("passed over");
    assert_eq!(store.load_key_set(ISSUER).expect("an answer"), Some(set("two", now + 60)));
    store.store_key_set(ISSUER, &set("one", now - 1)).expect("kept");
    assert_eq!(store.load_key_set(ISSUER).expect("an answer"), Some(set("one", now - 1)));
}

fn each_issuer_has_its_own(store: &dyn KeySetStore) {
    store.store_key_set(ISSUER, &set("one", 1)).expect("kept");
    assert_eq!(store.load_key_set("https://login.acme.com/").expect("an answer"), None);
}

#[test]
fn before_migration_the_store_is_unavailable_on_both_databases_postgres_and_sqlite() {
    for scratch in [ScratchDatabase::sqlite(), ScratchDatabase::postgres()] {
        let store = open(&scratch).key_sets();
        assert!(matches!(store.load_key_set(ISSUER), Err(RepositoryError::Unavailable(_))));
        assert!(matches!(store.store_key_set(ISSUER, &set("one", 1)), Err(RepositoryError::Unavailable(_))));
    }
}
