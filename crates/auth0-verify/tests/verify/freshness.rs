//! What the issuer says about its answers: how long they are good, and that nothing has changed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use auth0_verify::{
    AnsweredKeys, CachePolicy, FetchError, HttpKeyFetcher, Issuer, KeyAnswer, KeyCache, KeyFetcher, KeySet, Validator,
};
use domain::{Clock as _, FetchOutcome, KeyReadiness, ManualClock, UnixTime};
use fake_auth0::{Endpoint, FakeAuth0};

use crate::Bench;

/// A tenant with these headers, and a verifier that has fetched once.
fn bench_with(headers: &[(&str, &[&str])]) -> Bench {
    let tenant = FakeAuth0::start();
    headers.iter().for_each(|(name, values)| tenant.set_jwks_header(name, values));
    let bench = Bench::of(tenant, CachePolicy::default(), |_| ());
    bench.pass(0);
    assert_eq!(bench.fetches(), 1);
    bench
}

/// After how many seconds the next scheduled fetch came.
fn next_fetch(bench: &Bench) -> u64 {
    let before = bench.fetches();
    (1..=601)
        .find(|_| {
            bench.pass(1);
            bench.fetches() > before
        })
        .expect("a fetch")
}

#[test]
fn a_set_that_has_not_changed_is_renewed_without_being_sent() {
    let bench = bench_with(&[("cache-control", &["max-age=600"])]);
    let token = bench.tenant.token("auth0|ada");
    let published = KeySet::parse(&bench.tenant.jwks()).expect("a set");
    let (id, _) = published.keys().next().expect("a key");
    let held = bench.keys.find(id).expect("the key");
    for round in 1..=3 {
        bench.pass(480);
        let report = bench.keys.report();
        assert_eq!((report.fetched, report.not_modified, report.fetch_failures), (1, round, 0));
        assert_eq!(report.last_fetch, Some(FetchOutcome::NotModified));
        assert_eq!((report.age, report.readiness, report.keys), (Some(Duration::ZERO), KeyReadiness::Fresh, 2));
        assert!(bench.accepts(&token));
        // The very same key, and not one that was read again.
        assert!(Arc::ptr_eq(&held, &bench.keys.find(id).expect("the key")));
    }
    assert_eq!(bench.fetches(), 4);
}

#[test]
fn a_set_that_has_changed_replaces_the_old_one_and_its_validator() {
    for etags in [None, Some(["\"one\"", "\"two\""]), Some(["W/\"one\"", "W/\"two\""])] {
        let bench = bench_with(&[("cache-control", &["max-age=600"])]);
        if let Some([one, _]) = etags {
            bench.tenant.set_jwks_header("etag", &[one]);
            bench.pass(480);
        }
        let old = bench.tenant.token("auth0|ada");
        assert!(bench.accepts(&old));
        bench.tenant.rotate();
        bench.tenant.withdraw_previous();
        if let Some([_, two]) = etags {
            bench.tenant.set_jwks_header("etag", &[two]);
        }
        bench.pass(480);
        assert_eq!(bench.keys.report().last_fetch, Some(FetchOutcome::Fetched), "{etags:?}");
        assert_eq!(bench.rejection(&old), domain::Rejection::UnknownKey);
        bench.pass(480);
        assert_eq!(bench.keys.report().last_fetch, Some(FetchOutcome::NotModified), "{etags:?}");
    }
}

#[test]
fn a_304_that_nobody_asked_for_is_a_failure_and_replaces_nothing() {
    let bench = Bench::new();
    bench.tenant.fail(Endpoint::Jwks, 304);
    assert!(bench.is_our_trouble(&bench.tenant.token("auth0|ada")));
    let report = bench.keys.report();
    assert_eq!((report.readiness, report.keys, report.not_modified), (KeyReadiness::Missing, 0, 0));
    assert_eq!(report.last_fetch, Some(FetchOutcome::Failed));

    // Without a validator to ask with, although there are keys.
    let bench = bench_with(&[("etag", &[]), ("cache-control", &[])]);
    let token = bench.tenant.token("auth0|ada");
    bench.tenant.fail(Endpoint::Jwks, 304);
    bench.pass(480);
    let report = bench.keys.report();
    assert_eq!((report.not_modified, report.fetch_failures, report.age), (0, 1, Some(Duration::from_secs(480))));
    assert!(bench.accepts(&token));
}

#[test]
fn a_304_about_another_set_is_a_failure() {
    for (header, is_word) in [("", true), ("ETag: W/\"one\"\r\n", true), ("ETag: \"two\"\r\n", false)] {
        let (issuer, answered) = answering_once(format!("HTTP/1.1 304 Not Modified\r\n{header}\r\n"));
        let known = Validator::parse(b"\"one\"").expect("a validator");
        let outcome = HttpKeyFetcher::new(&issuer).fetch(Some(&known));
        let request = answered.join().expect("no panic").to_ascii_lowercase();
        assert!(request.contains("\r\nif-none-match: \"one\"\r\n"), "{request}");
        match outcome {
            Ok(answer) => assert!(is_word && matches!(answer.keys, AnsweredKeys::NotModified), "{header}"),
            Err(error) => assert!(!is_word && matches!(error, FetchError::Status(_)), "{header}: {error}"),
        }
    }
}

#[test]
fn a_fetcher_that_breaks_its_promise_cannot_renew_what_is_not_there() {
    let not_modified = || KeyAnswer { keys: AnsweredKeys::NotModified, freshness: None, date: None };
    let (cache, _) = Scripted::answering(move |_| Ok(not_modified())).cache();
    cache.refresh_if_due();
    let report = cache.report();
    assert_eq!((report.readiness, report.not_modified, report.fetch_failures), (KeyReadiness::Missing, 0, 1));
}

#[test]
fn the_issuers_time_is_read_from_its_answer() {
    let tenant = FakeAuth0::builder().clock_at(784_111_777).start();
    let date = || {
        let issuer = Issuer::parse(tenant.domain()).expect("a domain");
        HttpKeyFetcher::new(&issuer).fetch(None).expect("keys").date
    };
    assert_eq!(date(), Some(UnixTime::from_secs(784_111_777)));
    for nonsense in [&["yesterday"][..], &[""], &["Sun, 06 Nov 1994 08:49:37 CET"], &["Sun, 31 Dec 1000 00:00:00 GMT"]]
    {
        tenant.set_jwks_header("date", nonsense);
        assert_eq!(date(), None, "{nonsense:?}");
    }
}

#[test]
fn after_a_failure_the_set_is_asked_for_whole() {
    let set = FakeAuth0::start().jwks();
    let turn = Mutex::new(0);
    let fetcher = Scripted::answering(move |_| {
        let mut turn = turn.lock().expect("no panic");
        *turn += 1;
        if *turn == 2 {
            return Err(FetchError::Status(500.try_into().expect("a status")));
        }
        let validator = Validator::parse(b"\"v\"");
        let keys = AnsweredKeys::Set(KeySet::parse(&set).expect("a set"), validator);
        Ok(KeyAnswer { keys, freshness: None, date: None })
    });
    let (cache, clock) = fetcher.cache();
    for pause in [0, 480, 30, 480] {
        clock.advance(Duration::from_secs(pause));
        cache.refresh_if_due();
    }
    let asked: Vec<bool> = fetcher.asked.lock().expect("no panic").iter().map(Option::is_some).collect();
    assert_eq!(asked, [false, true, false, true]);
}

#[test]
fn a_short_max_age_is_refreshed_no_more_often_than_a_minute_calls_for() {
    for value in ["max-age=1", "max-age=0", "public, max-age=15", "no-store", "max-age=-1", "max-age=soon", "no-cache"]
    {
        let bench = bench_with(&[("cache-control", &[value])]);
        for _ in 0..3 {
            // 80 % of a minute, or up to 8 % of it earlier.
            let after = next_fetch(&bench);
            assert!((44..=48).contains(&after), "{value}: {after} s");
        }
        assert_eq!(bench.keys.report().readiness, KeyReadiness::Fresh, "{value}");
    }
}

#[test]
fn a_max_age_within_bounds_is_followed_and_a_long_one_is_cut_to_the_configured_one() {
    for (values, expected) in [
        (&["max-age=300"][..], 216..=240),
        (&["max-age=86400"], 432..=480),
        (&["max-age=99999999999999999999"], 432..=480),
        (&[], 432..=480),
        (&["public"], 432..=480),
        (&["max-age=300, max-age=86400"], 216..=240),
        (&["max-age=86400", "max-age=300"], 216..=240),
    ] {
        let bench = bench_with(&[("cache-control", values)]);
        let after = next_fetch(&bench);
        assert!(expected.contains(&after), "{values:?}: {after} s");
    }
}

#[test]
fn a_304_may_say_anew_how_long_the_set_is_good_and_otherwise_what_was_said_stays() {
    let bench = bench_with(&[("cache-control", &["max-age=300"])]);
    bench.tenant.set_jwks_header("cache-control", &[]);
    assert!((216..=240).contains(&next_fetch(&bench)));
    assert!((216..=240).contains(&next_fetch(&bench)));
    bench.tenant.set_jwks_header("cache-control", &["max-age=100"]);
    assert!((216..=240).contains(&next_fetch(&bench)));
    assert!((72..=80).contains(&next_fetch(&bench)));
    assert_eq!((bench.keys.report().fetched, bench.keys.report().not_modified), (1, 4));
}

#[test]
fn a_configured_age_under_a_minute_stays_below_it() {
    let tenant = FakeAuth0::builder().jwks_cache_control("max-age=1").start();
    let policy = CachePolicy { max_age: Duration::from_secs(10), ..CachePolicy::default() };
    let bench = Bench::of(tenant, policy, |_| ());
    bench.pass(0);
    bench.pass(7);
    assert_eq!(bench.fetches(), 1);
    bench.pass(1);
    assert_eq!(bench.fetches(), 2);
}

#[test]
fn keys_are_stale_from_their_own_greatest_age_on() {
    let bench = bench_with(&[("cache-control", &["max-age=100"])]);
    let token = bench.tenant.token("auth0|ada");
    bench.tenant.go_down();
    bench.pass(100);
    assert_eq!(bench.keys.report().readiness, KeyReadiness::Fresh);
    assert!(bench.accepts(&token));
    assert_eq!(bench.keys.report().stale_uses, 0);
    bench.pass(1);
    assert_eq!(bench.keys.report().readiness, KeyReadiness::Stale);
    assert!(bench.accepts(&token));
    assert!(bench.keys.report().stale_uses > 0);
}

#[test]
fn with_a_stale_limit_of_zero_keys_end_at_their_own_greatest_age() {
    let tenant = FakeAuth0::builder().jwks_cache_control("max-age=100").start();
    let policy = CachePolicy { stale_if_error: Duration::ZERO, ..CachePolicy::default() };
    let bench = Bench::of(tenant, policy, |_| ());
    let token = bench.tenant.token("auth0|ada");
    assert!(bench.accepts(&token));
    bench.tenant.go_down();
    bench.pass(100);
    assert!(bench.accepts(&token));
    bench.pass(1);
    assert!(bench.is_our_trouble(&token));
}

#[test]
fn a_validator_that_is_absurd_or_doubled_is_not_sent_back() {
    let long = format!("\"{}\"", "x".repeat(300));
    for values in [&["unquoted"][..], &[&long], &["\"\u{fc}\""], &["\"one\"", "\"two\""], &[]] {
        let bench = bench_with(&[("etag", values), ("cache-control", &[])]);
        bench.pass(480);
        let report = bench.keys.report();
        assert_eq!((report.fetched, report.not_modified, report.fetch_failures), (2, 0, 0), "{values:?}");
    }
}

/// An issuer that gives one answer, to the byte. Brings the request.
fn answering_once(answer: String) -> (Issuer, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let issuer = Issuer::parse(&format!("http://{}", listener.local_addr().expect("an address"))).expect("a domain");
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let lines = BufReader::new(stream.try_clone().expect("a stream")).lines().map_while(Result::ok);
        let request: String = lines.take_while(|line| !line.is_empty()).map(|line| line + "\r\n").collect();
        stream.write_all(answer.as_bytes()).expect("a client that reads");
        request
    });
    (issuer, answering)
}

type Script = dyn Fn(Option<&Validator>) -> Result<KeyAnswer, FetchError> + Send + Sync;

/// A fetcher that does what it is told, and writes down what it was asked with.
struct Scripted {
    answer: Box<Script>,
    asked: Mutex<Vec<Option<Validator>>>,
}

impl Scripted {
    fn answering(
        answer: impl Fn(Option<&Validator>) -> Result<KeyAnswer, FetchError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { answer: Box::new(answer), asked: Mutex::default() })
    }

    fn cache(self: &Arc<Self>) -> (KeyCache, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(UnixTime::from_secs(1_800_000_000)));
        assert_eq!(clock.uptime(), Duration::ZERO);
        (KeyCache::new(self.clone(), clock.clone(), CachePolicy::default()), clock)
    }
}

impl KeyFetcher for Scripted {
    fn fetch(&self, known: Option<&Validator>) -> Result<KeyAnswer, FetchError> {
        self.asked.lock().expect("no panic").push(known.cloned());
        (self.answer)(known)
    }
}
