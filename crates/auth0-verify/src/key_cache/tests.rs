//! Who waits for a fetch of the keys, and who does not.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use domain::{Clock, UnixTime};
use ureq::http::StatusCode;

use crate::{CachePolicy, FetchError, KeyAnswer, KeyCache, KeyFetcher, KeyId, KeyLookupError, Validator};

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
