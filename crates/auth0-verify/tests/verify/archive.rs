//! Keys that outlive the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use auth0_verify::{CachePolicy, HttpKeyFetcher, Issuer, KeyArchive, KeyCache, TokenRules, TrustedIssuer};
use domain::in_memory::InMemoryKeySetStore;
use domain::{Clock, KeyReadiness, KeySetStore, ManualClock, RepositoryError, StoredKeySet, UnixTime};
use fake_auth0::{Endpoint, FakeAuth0};

use crate::Bench;

/// A verifier of the same tenant, at the same moment, that shares a store of keys with others: another node, or the
/// same one after a restart.
fn node(bench: &Bench, store: &Arc<impl KeySetStore + 'static>) -> (auth0_verify::Auth0Verifier, Arc<KeyCache>) {
    node_with(bench, store, bench.clock.clone(), CachePolicy::default())
}

fn node_with(
    bench: &Bench,
    store: &Arc<impl KeySetStore + 'static>,
    clock: Arc<dyn Clock>,
    policy: CachePolicy,
) -> (auth0_verify::Auth0Verifier, Arc<KeyCache>) {
    let issuer = Issuer::parse(bench.tenant.domain()).expect("a domain");
    let fetcher = Arc::new(HttpKeyFetcher::new(&issuer));
    let archive = KeyArchive::new(store.clone(), issuer.clone());
    let keys = Arc::new(KeyCache::new(fetcher, clock.clone(), policy).with_archive(archive));
    let audience = auth0_verify::Audience::parse(bench.tenant.audience()).expect("an audience");
    let trusted = TrustedIssuer { issuer, keys: Arc::clone(&keys) };
    (auth0_verify::Auth0Verifier::new(TokenRules::for_audience(audience), vec![trusted], clock), keys)
}

fn verifies(verifier: &auth0_verify::Auth0Verifier, token: &str) -> bool {
    use domain::TokenVerifier as _;
    verifier.verify(&crate::bearer(token)).is_ok()
}

#[test]
fn a_restart_during_an_outage_serves_at_once_up_to_the_stale_limit() {
    let (bench, store) = (Bench::new(), Arc::new(InMemoryKeySetStore::default()));
    let token = bench.tenant.token_for("auth0|ada").expires_in(10 * 86_400).mint();
    assert!(verifies(&node(&bench, &store).0, &token));
    bench.tenant.go_down();

    bench.clock.advance(Duration::from_secs(86_400));
    let (restarted, keys) = node(&bench, &store);
    assert!(verifies(&restarted, &token));
    assert_eq!(keys.report().readiness, KeyReadiness::Stale);
    assert_eq!(keys.report().age, Some(Duration::from_secs(86_400)));

    bench.clock.advance(Duration::from_secs(1));
    assert!(!verifies(&restarted, &token));
    assert!(!verifies(&node(&bench, &store).0, &token));
}

#[test]
fn a_known_kid_from_the_store_causes_no_fetch() {
    let (bench, store) = (Bench::new(), Arc::new(InMemoryKeySetStore::default()));
    let token = bench.tenant.token("auth0|ada");
    assert!(verifies(&node(&bench, &store).0, &token));
    assert!(verifies(&node(&bench, &store).0, &token));
    assert_eq!(bench.fetches(), 1);
}

#[test]
fn a_node_that_cannot_reach_the_issuer_takes_over_what_another_one_fetched() {
    let (bench, store) = (Bench::new(), Arc::new(InMemoryKeySetStore::default()));
    let (cut_off, cut_off_keys) = node(&bench, &store);
    assert!(verifies(&cut_off, &bench.tenant.token("auth0|ada")));

    bench.tenant.rotate_suddenly();
    let new = bench.tenant.token("auth0|ada");
    bench.clock.advance(Duration::from_secs(480));
    let (_, lucky_keys) = node(&bench, &store);
    lucky_keys.refresh_if_due();
    bench.tenant.fail(Endpoint::Jwks, 503);
    cut_off_keys.refresh_if_due();
    assert!(verifies(&cut_off, &new));
    assert_eq!(cut_off_keys.report().age, Some(Duration::ZERO));
}

/// A store that is out of reach, and counts who asks it.
#[derive(Debug, Default)]
struct BrokenStore(AtomicUsize);

impl KeySetStore for BrokenStore {
    fn load_key_set(&self, _: &str) -> Result<Option<StoredKeySet>, RepositoryError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Err(RepositoryError::Unavailable("down".into()))
    }

    fn store_key_set(&self, _: &str, _: &StoredKeySet) -> Result<(), RepositoryError> {
        Err(RepositoryError::Unavailable("down".into()))
    }
}

#[test]
fn a_store_that_is_out_of_reach_is_not_waited_for_once_there_are_keys() {
    let (bench, store) = (Bench::new(), Arc::new(BrokenStore::default()));
    let (verifier, _) = node(&bench, &store);
    let token = bench.tenant.token("auth0|ada");
    assert!(verifies(&verifier, &token));
    let asked = store.0.load(Ordering::SeqCst);
    for n in 0..10 {
        assert!(verifies(&verifier, &token));
        assert!(!verifies(&verifier, &bench.tenant.token_for("auth0|eve").kid(format!("made-up-{n}")).mint()));
    }
    assert_eq!((asked, store.0.load(Ordering::SeqCst)), (1, 1));
}

#[test]
fn what_a_304_says_anew_is_kept_with_its_time() {
    let (bench, store) = (Bench::new(), Arc::new(InMemoryKeySetStore::default()));
    let token = bench.tenant.token_for("auth0|ada").expires_in(10 * 86_400).mint();
    let (_, keys) = node(&bench, &store);
    keys.refresh_if_due();
    bench.clock.advance(Duration::from_secs(480));
    keys.refresh_if_due();
    assert_eq!(keys.report().not_modified, 1);
    bench.tenant.go_down();
    bench.clock.advance(Duration::from_secs(86_400));
    let (restarted, keys) = node(&bench, &store);
    assert!(verifies(&restarted, &token));
    assert_eq!(keys.report().age, Some(Duration::from_secs(86_400)));
}

#[test]
fn kept_keys_count_by_their_true_age_with_the_configured_greatest_one() {
    let (bench, store) = (Bench::new(), Arc::new(InMemoryKeySetStore::default()));
    bench.tenant.set_jwks_header("cache-control", &["max-age=100"]);
    node(&bench, &store).1.refresh_if_due();
    bench.tenant.go_down();
    for (passed, readiness) in [(600, KeyReadiness::Fresh), (1, KeyReadiness::Stale)] {
        bench.clock.advance(Duration::from_secs(passed));
        let (_, keys) = node(&bench, &store);
        keys.refresh_if_due();
        assert_eq!(keys.report().readiness, readiness, "{passed}");
    }
}

#[test]
fn kept_keys_of_a_time_to_come_are_as_old_as_the_clocks_are_apart() {
    let (bench, store) = (Bench::new(), Arc::new(InMemoryKeySetStore::default()));
    let document = String::from_utf8(bench.tenant.jwks()).expect("JSON");
    let token = bench.tenant.token("auth0|ada");
    bench.tenant.go_down();
    for (ahead, is_good) in [(5, true), (86_400, true), (86_401, false)] {
        let fetched_at = UnixTime::from_secs(bench.tenant.now() + ahead);
        let set = StoredKeySet { document: document.clone(), fetched_at };
        store.store_key_set(bench.tenant.issuer(), &set).expect("memory takes it");
        assert_eq!(verifies(&node(&bench, &store).0, &token), is_good, "{ahead}");
    }
    // The first fetch by a clock that is right takes their place.
    bench.tenant.come_back();
    node(&bench, &store).1.refresh_if_due();
    bench.tenant.go_down();
    let (restarted, keys) = node(&bench, &store);
    assert!(verifies(&restarted, &token));
    assert_eq!(keys.report().age, Some(Duration::ZERO));
}

/// The machine's clocks are finer than a stored time: half a millisecond of uptime is always missing there.
#[derive(Debug)]
struct FineClock(Arc<ManualClock>, AtomicU64);

impl Clock for FineClock {
    fn now(&self) -> UnixTime {
        self.0.now()
    }

    fn uptime(&self) -> Duration {
        self.0.uptime() + Duration::from_nanos(self.1.fetch_add(500, Ordering::SeqCst))
    }
}

#[test]
fn a_node_does_not_take_over_what_it_kept_itself_and_so_forgets_nothing_of_what_the_issuer_said() {
    let (bench, store) = (Bench::new(), Arc::new(InMemoryKeySetStore::default()));
    bench.tenant.set_jwks_header("cache-control", &["max-age=100"]);
    let policy = CachePolicy { stale_if_error: Duration::ZERO, ..CachePolicy::default() };
    let clock = Arc::new(FineClock(bench.clock.clone(), AtomicU64::new(0)));
    let (_node, keys) = node_with(&bench, &store, clock, policy);
    keys.refresh_if_due();
    bench.tenant.fail(Endpoint::Jwks, 503);
    for (passed, readiness) in [(80, KeyReadiness::Fresh), (19, KeyReadiness::Fresh), (2, KeyReadiness::Missing)] {
        bench.clock.advance(Duration::from_secs(passed));
        keys.refresh_if_due();
        assert_eq!(keys.report().readiness, readiness, "{passed}");
    }
    assert_eq!(keys.report().fetch_failures, 1);
}

#[test]
fn kept_keys_that_are_rubbish_or_of_another_issuer_are_not_used() {
    let (bench, store) = (Bench::new(), Arc::new(InMemoryKeySetStore::default()));
    let now = UnixTime::from_secs(bench.tenant.now());
    let keep = |issuer: &str, document: &str| {
        let set = StoredKeySet { document: document.to_owned(), fetched_at: now };
        store.store_key_set(issuer, &set).expect("memory takes it");
    };
    keep(bench.tenant.issuer(), "{}");
    let stranger = FakeAuth0::start();
    keep(stranger.issuer(), &String::from_utf8(stranger.jwks()).expect("JSON"));
    bench.tenant.go_down();
    assert!(!verifies(&node(&bench, &store).0, &bench.tenant.token("auth0|ada")));
}
