//! Whatever happens in whatever order, a verifier with a cache answers as one without.

use std::sync::atomic::{AtomicU64, Ordering};

use auth0_verify::Auth0Verifier;
use domain::{TokenVerifier as _, VerifyError};
use fake_auth0::BadToken;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::corpus::rows::Corpus;
use crate::corpus::verifier_of;
use crate::pair::{Outcome, Pair};
use crate::{bearer, properties};

fn answer(verifier: &Auth0Verifier, token: &str) -> String {
    match verifier.verify(&bearer(token)) {
        Ok(token) => format!("{token:?}"),
        Err(VerifyError::Rejected(rejection)) => rejection.code().to_owned(),
        Err(ours) => panic!("{ours}"),
    }
}

#[test]
fn every_row_of_the_corpus_is_judged_the_same_with_a_cache_however_often_it_comes() {
    let corpus = Corpus::mint();
    let (with_cache, without) = (verifier_of(&corpus).with_token_cache(10_000), verifier_of(&corpus));
    for row in corpus.hostile.iter().chain(&corpus.unusual) {
        // In a row, so that no other comes between its sightings.
        for _ in 0..3 {
            assert_eq!(answer(&with_cache, &row.token), answer(&without, &row.token), "{}", row.name);
        }
    }
    let cache = with_cache.token_cache_report().expect("a cache");
    let short = corpus.unusual.iter().filter(|row| row.token.len() <= 4 * 1024).count();
    assert!(short > 50);
    assert_eq!((cache.entries, cache.admissions, cache.hits), (short, short as u64, short as u64));
}

/// What may happen to a service and its issuer.
#[derive(Clone, Debug)]
enum Event {
    /// One of the tokens that there are comes once more.
    Comes(prop::sample::Index, Way),
    Minted(Kind),
    Passes(u32),
    ClockIsSet(i64),
    Rotated,
    RotatedSuddenly,
    Withdrawn,
    KeyBecomesAnother,
    Published,
    CutOff,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Bearer,
    AtOnce,
    GoodProof,
    OldProof,
    NoProof,
}

#[derive(Clone, Debug)]
enum Kind {
    Good(i64),
    From(i64),
    Issued(i64),
    Bound,
    Bad(prop::sample::Index),
}

fn event() -> impl Strategy<Value = Event> {
    let way = prop_oneof![
        4 => Just(Way::Bearer),
        3 => Just(Way::AtOnce),
        3 => Just(Way::GoodProof),
        1 => Just(Way::OldProof),
        1 => Just(Way::NoProof),
    ];
    let kind = prop_oneof![
        3 => prop::sample::select(vec![10, 100, 1_000, 200_000]).prop_map(Kind::Good),
        1 => (-40..60_i64).prop_map(Kind::From),
        1 => (-40..60_i64).prop_map(Kind::Issued),
        2 => Just(Kind::Bound),
        1 => any::<prop::sample::Index>().prop_map(Kind::Bad),
    ];
    prop_oneof![
        24 => (any::<prop::sample::Index>(), way).prop_map(|(which, way)| Event::Comes(which, way)),
        4 => kind.prop_map(Event::Minted),
        3 => prop::sample::select(vec![0, 1, 29, 31, 70, 480, 601, 3_600, 86_400, 86_401]).prop_map(Event::Passes),
        2 => (-90..90_i64).prop_map(Event::ClockIsSet),
        1 => Just(Event::Rotated),
        1 => Just(Event::RotatedSuddenly),
        1 => Just(Event::Withdrawn),
        1 => Just(Event::KeyBecomesAnother),
        2 => Just(Event::Published),
        1 => Just(Event::CutOff),
    ]
}

/// What comes of a sequence.
#[derive(Default)]
struct Seen {
    hits: AtomicU64,
    forgotten: AtomicU64,
    accepted: AtomicU64,
    refused: AtomicU64,
    troubles: AtomicU64,
}

fn play(events: &[Event], seen: &Seen) {
    let pair = Pair::new();
    let mut tokens = vec![pair.tenant.token("auth0|ada"), pair.bound()];
    for event in events {
        match event {
            Event::Comes(which, way) => {
                let token = which.get(&tokens);
                // Twice, for most of what comes comes again at once.
                for _ in 0..2 {
                    let counter = match present(&pair, token, *way) {
                        Outcome::Accepted(_) => &seen.accepted,
                        Outcome::Rejected(_) => &seen.refused,
                        Outcome::KeysUnavailable | Outcome::NeedsKeys => &seen.troubles,
                    };
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            }
            Event::Minted(kind) => tokens.push(mint(&pair, kind)),
            Event::Passes(secs) => pair.pass(*secs),
            Event::ClockIsSet(by) => pair.set_wall_clock(*by),
            Event::Rotated => drop(pair.tenant.rotate()),
            Event::RotatedSuddenly => drop(pair.tenant.rotate_suddenly()),
            Event::Withdrawn => {
                pair.tenant.withdraw_previous();
                pair.publish();
            }
            Event::KeyBecomesAnother => pair.publish_another_key_of_the_same_name(),
            Event::Published => pair.publish(),
            Event::CutOff => pair.cut_off(),
        }
    }
    let cache = pair.cache();
    seen.hits.fetch_add(cache.hits, Ordering::Relaxed);
    seen.forgotten.fetch_add(cache.admissions - cache.entries as u64, Ordering::Relaxed);
}

fn present(pair: &Pair, token: &str, way: Way) -> Outcome {
    match way {
        Way::Bearer => pair.judge(&bearer(token)),
        Way::AtOnce => pair.judge_at_once(&bearer(token)),
        Way::GoodProof => pair.judge(&Pair::with_proof(token, Some(&pair.proof(token).mint()))),
        Way::OldProof => {
            let proof = pair.proof(token).issued_at(crate::pair::START - 1_000).mint();
            pair.judge(&Pair::with_proof(token, Some(&proof)))
        }
        Way::NoProof => pair.judge(&Pair::with_proof(token, None)),
    }
}

fn mint(pair: &Pair, kind: &Kind) -> String {
    let (token, now) = (pair.tenant.token_for("auth0|ada"), pair.tenant.now());
    match kind {
        Kind::Good(secs) => token.expires_in(*secs).mint(),
        Kind::From(secs) => token.not_before(now + secs).mint(),
        Kind::Issued(secs) => token.issued_at(now + secs).mint(),
        Kind::Bound => pair.bound(),
        Kind::Bad(which) => which.get(BadToken::ALL).mint(&pair.tenant, "auth0|eve"),
    }
}

#[test]
fn in_any_order_of_events_the_answers_are_those_without_a_cache() {
    let seen = Seen::default();
    let outcome = TestRunner::new(properties::config(64)).run(&prop::collection::vec(event(), 1..120), |events| {
        play(&events, &seen);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    // The sequences go to where the two could disagree.
    for (what, count) in [
        ("hits", &seen.hits),
        ("forgotten", &seen.forgotten),
        ("accepted", &seen.accepted),
        ("refused", &seen.refused),
        ("troubles", &seen.troubles),
    ] {
        assert!(count.load(Ordering::Relaxed) > 10, "{what}");
    }
}
