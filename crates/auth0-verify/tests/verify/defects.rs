//! What a service brings of its own may have defects: a fetcher, a store, a policy.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auth0_verify::{
    CachePolicy, FetchError, HttpKeyFetcher, Issuer, KeyAnswer, KeyArchive, KeyCache, KeyFetcher, Validator,
};
use domain::{KeyReadiness, KeySetStore, Rejection, RepositoryError, StoredKeySet};

use crate::Bench;

/// Panics at its first fetch.
struct PanicsOnce {
    fetcher: HttpKeyFetcher,
    has: AtomicBool,
}

impl KeyFetcher for PanicsOnce {
    fn fetch(&self, known: Option<&Validator>) -> Result<KeyAnswer, FetchError> {
        assert!(self.has.swap(true, Ordering::SeqCst), "a defect of the fetcher");
        self.fetcher.fetch(known)
    }
}

struct Panics;

impl KeySetStore for Panics {
    fn load_key_set(&self, _: &str) -> Result<Option<StoredKeySet>, RepositoryError> {
        panic!("a defect of the store");
    }

    fn store_key_set(&self, _: &str, _: &StoredKeySet) -> Result<(), RepositoryError> {
        panic!("a defect of the store");
    }
}

#[test]
fn a_fetcher_that_panics_has_failed_and_is_asked_again() {
    let bench = Bench::new();
    let fetcher = HttpKeyFetcher::new(&Issuer::parse(bench.tenant.domain()).expect("a domain"));
    let fetcher = Arc::new(PanicsOnce { fetcher, has: AtomicBool::new(false) });
    let keys = KeyCache::new(fetcher, bench.clock.clone(), CachePolicy::default());
    keys.refresh_if_due();
    assert_eq!((keys.report().fetched, keys.report().fetch_failures), (0, 1));
    bench.clock.advance(Duration::from_secs(1));
    keys.refresh_if_due();
    assert_eq!((keys.report().fetched, keys.report().fetch_failures), (1, 1));
}

#[test]
fn a_store_that_panics_is_one_out_of_reach() {
    let bench = Bench::new();
    let issuer = Issuer::parse(bench.tenant.domain()).expect("a domain");
    let fetcher = Arc::new(HttpKeyFetcher::new(&issuer));
    let keys = KeyCache::new(fetcher, bench.clock.clone(), CachePolicy::default())
        .with_archive(KeyArchive::new(Arc::new(Panics), issuer));
    bench.tenant.go_down();
    keys.refresh_if_due();
    assert_eq!((keys.report().fetched, keys.report().fetch_failures), (0, 1));
    bench.tenant.come_back();
    bench.clock.advance(Duration::from_secs(1));
    keys.refresh_if_due();
    assert_eq!((keys.report().fetched, keys.report().fetch_failures), (1, 1));
}

#[test]
fn a_policy_without_pauses_is_held_to_a_second_of_each() {
    let policy = CachePolicy { max_age: Duration::ZERO, cooldown: Duration::ZERO, ..CachePolicy::default() };
    let bench = Bench::with(policy, |_| ());
    for n in 0..50 {
        bench.keys.refresh_if_due();
        let token = bench.tenant.token_for("auth0|eve").kid(format!("made-up-{n}")).mint();
        assert_eq!(bench.rejection(&token), Rejection::UnknownKey);
    }
    // One at start, and two of the budget.
    assert_eq!(bench.fetches(), 3);
}

#[test]
fn a_policy_without_end_is_held_to_a_century() {
    let policy = CachePolicy { max_age: Duration::MAX, cooldown: Duration::MAX, stale_if_error: Duration::MAX };
    let bench = Bench::with(policy, |_| ());
    let token = bench.tenant.token("auth0|ada");
    assert!(bench.accepts(&token));
    bench.tenant.go_down();
    bench.clock.advance(Duration::from_secs(u64::from(u32::MAX)));
    bench.keys.refresh_if_due();
    assert_eq!(bench.keys.report().readiness, KeyReadiness::Missing);
}
