//! Who waits for a fetch of the keys, and who does not.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use domain::{Clock, KeySetStore, RepositoryError, StoredKeySet, UnixTime};
use serde_json::json;
use ureq::http::StatusCode;

use crate::{
    CachePolicy, CachedKey, FetchError, Issuer, KeyAnswer, KeyArchive, KeyCache, KeyFetcher, KeyId, KeyLookupError,
    KeySet, Validator,
};

#[test]
fn who_waited_for_a_fetch_that_failed_makes_no_other() {
    let clock = Arc::new(CountingClock::default());
    let (begin, begun) = channel();
    let (leave, may_fail) = channel();
    let fetcher = Arc::new(FailsOnLeave { begun: Mutex::new(begin), leave: Mutex::new(may_fail) });
    let keys = KeyCache::new(fetcher, clock.clone(), CachePolicy::default());
    let find = || keys.find(&KeyId::new("some")).expect_err("no keys");
    std::thread::scope(|scope| {
        let first = scope.spawn(find);
        begun.recv().expect("a fetch");
        let looks = clock.looks();
        let second = scope.spawn(find);
        // It looks twice whether the key is known, and waits then.
        clock.wait_for(looks + 2);
        leave.send(()).expect("a fetch");
        // Would be the end of a second fetch.
        drop(leave);
        for waited in [first, second] {
            assert!(matches!(waited.join().expect("no panic"), KeyLookupError::Unavailable(_)));
        }
    });
    assert_eq!(keys.report().fetch_failures, 1);
}

#[test]
fn kept_keys_never_take_the_place_of_those_that_were_fetched_meanwhile() {
    let clock = Arc::new(CountingClock::default());
    let (release, released) = channel();
    let (fetch, is_told) = channel();
    *TOLD.lock().expect("no panic") = Some((fetch, released));
    log::set_logger(&StopsAtTheTakeover).expect("the only logger");
    log::set_max_level(log::LevelFilter::Info);
    let store = Arc::new(ReleasesTheTakeover(Mutex::new(release)));
    let fetcher = Arc::new(AnswersOnceTold(Mutex::new(is_told)));
    let archive = KeyArchive::new(store, Issuer::parse("acme.eu.auth0.com").expect("a domain"));
    let keys = KeyCache::new(fetcher, clock, CachePolicy::default()).with_archive(archive);
    keys.refresh_if_due();
    assert_eq!(keys.report().age, Some(Duration::ZERO));
    assert!(matches!(keys.cached(&KeyId::new("fetched")), CachedKey::Known(_)));
    assert!(!matches!(keys.cached(&KeyId::new("withdrawn")), CachedKey::Known(_)));
}

#[test]
fn kept_keys_that_are_read_when_newer_ones_have_come_are_left() {
    let (ask, is_asked) = channel();
    let (store, is_stored) = channel();
    let store = AnswersOnceStored { asked: Mutex::new(ask), store: Mutex::new(store), stored: Mutex::new(is_stored) };
    let store = Arc::new(store);
    let fetcher = Arc::new(AnswersOnceTold(Mutex::new(is_asked)));
    let archive = KeyArchive::new(store, Issuer::parse("acme.eu.auth0.com").expect("a domain"));
    let clock = Arc::new(CountingClock::default());
    let keys = KeyCache::new(fetcher, clock, CachePolicy::default()).with_archive(archive);
    keys.refresh_if_due();
    assert_eq!(keys.report().age, Some(Duration::ZERO));
    assert!(!matches!(keys.cached(&KeyId::new("withdrawn")), CachedKey::Known(_)));
}

#[test]
fn a_fetch_that_ended_in_a_panic_is_no_fetch_under_way() {
    let fetcher = Arc::new(Answers("fetched"));
    let keys = KeyCache::new(fetcher, Arc::new(CountingClock::default()), CachePolicy::default());
    let defect = std::thread::scope(|scope| {
        let holds_the_flight = || {
            let _flight = keys.flight.lock();
            panic!("a defect during a fetch");
        };
        scope.spawn(holds_the_flight).join()
    });
    assert!(defect.is_err());
    keys.refresh_if_due();
    assert_eq!(keys.report().fetched, 1);
}

/// A set of one key.
fn set_of(kid: &str) -> String {
    let (x, y) = ("axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY", "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU");
    json!({"keys": [{"kty": "EC", "kid": kid, "crv": "P-256", "x": x, "y": y}]}).to_string()
}

fn answer_of(kid: &str) -> Result<KeyAnswer, FetchError> {
    Ok(KeyAnswer::of(KeySet::parse(set_of(kid).as_bytes())?))
}

struct Answers(&'static str);

impl KeyFetcher for Answers {
    fn fetch(&self, _: Option<&Validator>) -> Result<KeyAnswer, FetchError> {
        answer_of(self.0)
    }
}

/// An age that no other test has its keys taken over at.
const AGE_OF_THE_KEPT: Duration = Duration::from_secs(72_061);

static TOLD: Mutex<Option<(Sender<()>, Receiver<()>)>> = Mutex::new(None);

/// Stops whoever tells that such keys are taken over until it may go on.
struct StopsAtTheTakeover;

impl log::Log for StopsAtTheTakeover {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        if record.args().to_string().contains(&AGE_OF_THE_KEPT.as_secs().to_string()) {
            let (told, go_on) = TOLD.lock().expect("no panic").take().expect("one takeover");
            told.send(()).expect("a fetch under way");
            go_on.recv().expect("the end of that fetch");
        }
    }

    fn flush(&self) {}
}

/// Answers once it is told how far it is with the kept keys.
struct AnswersOnceTold(Mutex<Receiver<()>>);

impl KeyFetcher for AnswersOnceTold {
    fn fetch(&self, _: Option<&Validator>) -> Result<KeyAnswer, FetchError> {
        let told = self.0.lock().expect("no panic").recv_timeout(Duration::from_secs(20));
        told.expect("kept keys while the issuer is asked");
        answer_of("fetched")
    }
}

/// Has kept an old set, and lets the takeover go on once it is to keep what was fetched.
struct ReleasesTheTakeover(Mutex<Sender<()>>);

impl KeySetStore for ReleasesTheTakeover {
    fn load_key_set(&self, _: &str) -> Result<Option<StoredKeySet>, RepositoryError> {
        Ok(Some(kept_for(AGE_OF_THE_KEPT)))
    }

    fn store_key_set(&self, _: &str, _: &StoredKeySet) -> Result<(), RepositoryError> {
        self.0.lock().expect("no panic").send(()).expect("a takeover under way");
        Ok(())
    }
}

/// Has kept an old set, tells when it is asked for it, and gives it once it is to keep what was fetched.
struct AnswersOnceStored {
    asked: Mutex<Sender<()>>,
    store: Mutex<Sender<()>>,
    stored: Mutex<Receiver<()>>,
}

impl KeySetStore for AnswersOnceStored {
    fn load_key_set(&self, _: &str) -> Result<Option<StoredKeySet>, RepositoryError> {
        self.asked.lock().expect("no panic").send(()).expect("a fetch under way");
        let stored = self.stored.lock().expect("no panic").recv_timeout(Duration::from_secs(20));
        stored.expect("a fetch while the kept keys are read");
        Ok(Some(kept_for(Duration::from_secs(3_600))))
    }

    fn store_key_set(&self, _: &str, _: &StoredKeySet) -> Result<(), RepositoryError> {
        self.store.lock().expect("no panic").send(()).expect("kept keys that are asked for");
        Ok(())
    }
}

fn kept_for(age: Duration) -> StoredKeySet {
    let age = i64::try_from(age.as_secs()).expect("a short time");
    let fetched_at = UnixTime::from_secs(CountingClock::default().now().as_secs() - age);
    StoredKeySet { document: set_of("withdrawn"), fetched_at }
}

/// Says that a fetch has begun, and fails once it may.
struct FailsOnLeave {
    begun: Mutex<Sender<()>>,
    leave: Mutex<Receiver<()>>,
}

impl KeyFetcher for FailsOnLeave {
    fn fetch(&self, _: Option<&Validator>) -> Result<KeyAnswer, FetchError> {
        let _test_is_over = self.begun.lock().expect("no panic").send(());
        let _nobody_is_left = self.leave.lock().expect("no panic").recv();
        Err(FetchError::Status(StatusCode::GATEWAY_TIMEOUT))
    }
}

/// A clock that stands still and counts how often it is looked at.
#[derive(Debug, Default)]
struct CountingClock {
    looks: Mutex<usize>,
    looked: Condvar,
}

impl CountingClock {
    fn looks(&self) -> usize {
        *self.looks.lock().expect("no panic")
    }

    fn wait_for(&self, looks: usize) {
        let seen = self.looks.lock().expect("no panic");
        let few = |seen: &mut usize| *seen < looks;
        let (_seen, late) = self.looked.wait_timeout_while(seen, Duration::from_secs(20), few).expect("no panic");
        assert!(!late.timed_out());
    }
}

impl Clock for CountingClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(1_800_000_000)
    }

    fn uptime(&self) -> Duration {
        *self.looks.lock().expect("no panic") += 1;
        self.looked.notify_all();
        Duration::ZERO
    }
}
